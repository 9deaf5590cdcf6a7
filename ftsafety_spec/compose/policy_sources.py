"""Where each number of a policy that holds for a run came from. Given a locked policy and, where known, a spec's facts,
gives one `Setting` for every field of a rule or duty: its value, its place, and the adjustment that tightened it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from pydantic import BaseModel

from ftsafety_spec.records.locked import LockedPolicy
from ftsafety_spec.spec.common import Model
from ftsafety_spec.spec.effective import effective
from ftsafety_spec.spec.policy import ActionDuty, Policy, PolicyFacts

WORDS = frozenset({"kind", "description", "rationale", "owner"})


class Setting(Model):
    """One number or word that holds. `place`: file:line, null for a default of the kind. `by`: the adjustments that
    tightened it; `was`, `was_place`: what the policy itself says then. `lock`: why nobody may loosen it, where so."""

    field: str
    value: Any
    place: str | None = None
    by: tuple[str, ...] = ()
    was: Any = None
    was_place: str | None = None
    lock: str | None = None

    @property
    def source(self) -> str:
        """The whole of where it came from, in words."""
        here = self.place or "default of the kind"
        if not self.by:
            return here
        return f"{', '.join(self.by)} at {here}; else {self.was!r} at {self.was_place or 'default of the kind'}"


def settings(locked: LockedPolicy, part: str, facts: PolicyFacts | None) -> list[Setting]:
    """The settings of one part: `rules.ID`, `actions.NAME`, `monitoring.LEVEL` or `measure`.
    Without facts, no adjustment is applied."""
    own, held = locked.policy, locked.policy if facts is None else effective(locked.policy, facts)
    before, after = _flat(_part(own, part)), _flat(_part(held, part))
    adjusted = [] if facts is None else [n for n, item in own.adjust.items() if facts.meet(item.when)]
    return [_setting(locked, part, field, value, before.get(field), adjusted) for field, value in after.items()]


def place(locked: LockedPolicy, path: str) -> str | None:
    """file:line of a key path, of the nearest list or mapping around it where it is an item; None where not written."""
    origin = locked.origins.get(path)
    return None if origin is None else f"{origin.file}:{origin.line}"


def lock_of(policy: Policy, path: str) -> str | None:
    """The reason of the lock that holds a path such as `bands.up_to.deploy`, or of one around it."""
    found = (reason for name, reason in policy.locks.items() if path == name or path.startswith(f"{name}."))
    return next(found, None)


def _setting(locked: LockedPolicy, part: str, field: str, value: Any, before: Any, adjusted: list[str]) -> Setting:
    own = place(locked, f"{part}.{field}")
    lock = lock_of(locked.policy, f"{part.removeprefix('rules.')}.{field}")
    if value == before or not adjusted:
        return Setting(field=field, value=value, place=own, lock=lock)
    tightened = [name for name in adjusted if _sets(locked.policy, name, part, field, value)]
    places = [place(locked, f"adjust.{name}.{part}.{field}") for name in tightened]
    where = next((item for item in places if item is not None), None)
    return Setting(field=field, value=value, place=where, by=tuple(tightened), was=before, was_place=own, lock=lock)


def _sets(policy: Policy, name: str, part: str, field: str, value: Any) -> bool:
    """True where this adjustment gives the value; of lists that were joined, where it gives a part of it."""
    group, _, item = part.partition(".")
    patch: Any = getattr(policy.adjust[name], group, {}).get(item, {})
    for key in field.split("."):
        if not isinstance(patch, Mapping) or key not in patch:
            return False
        patch = patch[key]
    return bool(patch == value or isinstance(patch, list | Mapping))


def _part(policy: Policy, part: str) -> BaseModel | None:
    group, _, item = part.partition(".")
    if group == "rules":
        return policy.rules.get(item)
    if group == "actions":
        return policy.actions.get(item, ActionDuty())  # type: ignore[call-overload, no-any-return]
    if group == "monitoring":
        return policy.monitoring.get(item)  # type: ignore[call-overload, no-any-return]
    return policy.measure


def _flat(model: BaseModel | None) -> dict[str, Any]:
    if model is None:
        return {}
    data = model.model_dump(mode="json", exclude_none=True)
    return dict(_leaves({key: value for key, value in data.items() if key not in WORDS}))


def _leaves(data: Mapping[str, Any], prefix: str = "") -> Iterator[tuple[str, Any]]:
    for key, value in data.items():
        if isinstance(value, dict):
            yield from _leaves(value, f"{prefix}{key}.")
        else:
            yield f"{prefix}{key}", value
