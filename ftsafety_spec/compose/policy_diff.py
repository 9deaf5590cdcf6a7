"""How one policy stands to another, field by field: stricter, looser, or changed without a direction. Given two
policies, gives changes of rules, duties, monitoring, risk, waivers, roles, locks, and of what adjustments leave."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, Literal

from ftsafety_spec.compose.loosened import Row, other_parts, plain, under_facts
from ftsafety_spec.spec.effective import Change, compare_policies
from ftsafety_spec.spec.policy import Policy

Direction = Literal["stricter", "looser", "other"]


def diff(old: Policy, new: Policy) -> list[Change]:
    """Every change from `old` to `new`. A change without a direction is `other`: it is not shown to be as strict."""
    changes = [*compare_policies(old, new), *_parts(old, new), *_roles(old, new), *_locks(old, new)]
    said = {(change.rule, change.field) for change in changes}
    changes += [change for change in _adjusted(old, new) if (change.rule, change.field) not in said]
    return [change.model_copy(update={"old": plain(change.old), "new": plain(change.new)}) for change in changes]


def loosens(change: Change) -> bool:
    """True where a change is looser, or is not shown to be as strict. Who holds a role judges nothing by itself."""
    return change.direction == "looser" or (change.direction == "other" and not change.rule.startswith("roles."))


def _parts(old: Policy, new: Policy) -> Iterator[Change]:
    """Monitoring, risk table and waivers: what this side loses is looser, what the other would lose, stricter."""
    yield from _both(list(other_parts(old, new)), list(other_parts(new, old)))


def _adjusted(old: Policy, new: Policy) -> Iterator[Change]:
    yield from _both(list(under_facts(old, new)), list(under_facts(new, old)))


def _both(forward: list[Row], backward: list[Row]) -> Iterator[Change]:
    back = {row[:2]: row for row in backward}
    for rule, field, was, now in forward:
        direction: Direction = "other" if back.pop((rule, field), None) is not None else "looser"
        yield Change(rule=rule, field=field, old=was, new=now, direction=direction)
    for rule, field, now, was in back.values():
        yield Change(rule=rule, field=field, old=was, new=now, direction="stricter")


def _roles(old: Policy, new: Policy) -> Iterator[Change]:
    for role in sorted({*old.roles, *new.roles}):
        before, after = old.roles.get(role), new.roles.get(role)
        if before is None or after is None or set(before) != set(after):
            yield Change(rule=f"roles.{role}", field="people", old=before, new=after, direction="other")


def _locks(old: Policy, new: Policy) -> Iterator[Change]:
    for path in [*old.locks, *(name for name in new.locks if name not in old.locks)]:
        held: tuple[Any, Any] = (old.locks.get(path), new.locks.get(path))
        if (held[0] is None) != (held[1] is None):
            direction: Direction = "looser" if held[1] is None else "stricter"
            yield Change(rule="locks", field=path, old=held[0], new=held[1], direction=direction)
