"""`ftsafety policy explain` and `diff`: what a policy says for a spec, and how one stands to another. Reads files and
records; writes nothing."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from ftsafety_spec.compose import lock_spec
from ftsafety_spec.compose.policy_diff import diff, loosens
from ftsafety_spec.compose.policy_explain import PolicyExplained, explain_policy
from ftsafety_spec.pipeline.policy_names import policy_named
from ftsafety_spec.records.locked import LockedPolicy
from ftsafety_spec.spec.effective import Change, facts_of


@dataclass(frozen=True)
class Compared:
    """Two policies and every change from the first to the second."""

    old: LockedPolicy
    new: LockedPolicy
    changes: tuple[Change, ...]

    @property
    def looser(self) -> tuple[Change, ...]:
        """Changes that are looser, or are not shown to be as strict."""
        return tuple(change for change in self.changes if loosens(change))

    def to_json(self) -> dict[str, Any]:
        """As plain data."""
        rows = [{**change.model_dump(mode="json"), "loosens": loosens(change)} for change in self.changes]
        return {
            "schema": "ftsafety/policy-diff@1",
            "old": {"name": self.old.name, "digest": self.old.compute_digest()},
            "new": {"name": self.new.name, "digest": self.new.compute_digest()},
            "looser": len(self.looser),
            "changes": rows,
        }


def explained(policy: str, spec: str | None = None) -> PolicyExplained:
    """Explain a policy; with a spec, as it holds for it. Raises InputError, SpecError."""
    locked = policy_named(policy)
    if spec is None:
        return explain_policy(locked)
    found = lock_spec(spec)
    return explain_policy(locked, found.name, facts_of(found.spec, locked.policy))


def compared(old: str, new: str) -> Compared:
    """Every change from policy `old` to policy `new`; each is a word that `policy_named` takes."""
    before, after = policy_named(old), policy_named(new)
    return Compared(before, after, tuple(diff(before.policy, after.policy)))
