"""Which direction of a policy field is stricter. One table, written beside each field, that drives
`policy diff`, the tighten-only check of `adjust`, and the joining of tiers. Pure; knows no rule by name."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Literal

Order = Literal["lower", "higher", "more", "fewer", "ranked", "fixed"]


@dataclass(frozen=True)
class Stricter:
    """Annotation metadata. `lower`/`higher`: numbers; `more`/`fewer`: lists as sets;
    `ranked`: words from laxest to strictest; `fixed`: a change has no direction. `none`: where null stands."""

    order: Order
    ranks: tuple[str, ...] = ()
    none: Literal["laxest", "strictest"] = "laxest"

    def compare(self, old: Any, new: Any) -> Literal["same", "stricter", "looser", "other"]:
        """How `new` stands to `old`."""
        if old == new:
            return "same"
        if self.order == "fixed":
            return "other"
        if old is None or new is None:
            return "stricter" if (old is None) == (self.none == "laxest") else "looser"
        if self.order in ("more", "fewer"):
            return self._sets(_as_list(old), _as_list(new))
        if self.order == "ranked":
            if old not in self.ranks or new not in self.ranks:
                return "other"
            return "stricter" if self.ranks.index(new) > self.ranks.index(old) else "looser"
        grew = new > old
        return "stricter" if grew == (self.order == "higher") else "looser"

    def _sets(self, old: Sequence[Any], new: Sequence[Any]) -> Literal["same", "stricter", "looser", "other"]:
        before, after = set(old), set(new)
        if before == after:
            return "same"
        if before < after:
            return "stricter" if self.order == "more" else "looser"
        if after < before:
            return "looser" if self.order == "more" else "stricter"
        return "other"


LOWER = Stricter("lower")
HIGHER = Stricter("higher")
MORE = Stricter("more")
MORE_OR_ALL = Stricter("more", none="strictest")
FEWER = Stricter("fewer")
FIXED = Stricter("fixed")
SEVERITY = Stricter("ranked", ("flag", "deploy", "deploy_enhanced", "review", "insufficient", "block"))
READING = Stricter("ranked", ("shown", "estimate", "shrunken", "pessimistic"))
CONCERN_READING = Stricter("ranked", ("shown", "shrunken", "estimate", "pessimistic"))
WATCH = Stricter("ranked", ("standard", "enhanced"))
FINDING_SEVERITY = Stricter("ranked", ("high", "medium", "low"))
CREDIT = Stricter("ranked", ("partly", "accepted"))


def _as_list(value: Any) -> list[Any]:
    return list(value) if isinstance(value, (list, tuple)) else [value]
