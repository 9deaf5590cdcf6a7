"""What nobody may loosen. Given a composed policy and the policies that it extends, gives a Problem with file:line for
every lock of theirs that it loosens, and for every lock that holds nothing."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from pydantic import BaseModel

from ftsafety_spec.compose.loosened import loosened, plain
from ftsafety_spec.compose.mix import Mix
from ftsafety_spec.compose.places import Path
from ftsafety_spec.errors import Problem, suggest
from ftsafety_spec.records.locked import Loosened
from ftsafety_spec.spec.policy import ActionDuty, Measure, Policy

CODE = "FTS-116"
WORDS = frozenset({"kind", "description", "rationale", "owner"})
_PARTS = ("measure", "monitoring", "actions", "risk", "roles", "people", "waivers")


def broken_locks(made: Mix, policy: Policy, strict: Policy, than: str, than_made: Mix) -> list[Problem]:
    """Problems (FTS-116) of a policy that loosens what `strict`, a policy named `than` that it extends, has locked."""
    found = []
    rows = [*loosened(strict, policy, than), *_roles(strict, policy, than)] if strict.locks else []
    for row in rows:
        path = path_of(row)
        lock = next((name for name in strict.locks if _touches(name, path) or _waives(name, row)), None)
        if lock is not None:
            found.append(_problem(made, row, lock, strict.locks[lock], than, than_made))
    return found


def unknown_locks(made: Mix, policy: Policy) -> list[Problem]:
    """Problems (FTS-104) of locks that name nothing of this policy, with the nearest name."""
    known = set(lockable(policy))
    return [
        made.problem("FTS-104", f"no such rule or field to lock: {name!r}.", ("locks", name), suggest(name, known),
                     at_key=True)
        for name in policy.locks
        if name not in known
    ]  # fmt: skip


def lockable(policy: Policy) -> Iterator[str]:
    """Every path that a lock may name."""
    yield from _PARTS
    for name, rule in policy.rules.items():
        if rule is not None:
            yield from (name, f"{name}.waiver", *(f"{name}.{field}" for field in _fields(rule)))
    yield from (f"measure.{field}" for field in Measure.model_fields)
    for action in policy.actions:
        yield from (f"actions.{action}", *(f"actions.{action}.{field}" for field in _fields(policy.actions[action])))
    for level in policy.monitoring:
        yield from (f"monitoring.{level}", *(f"monitoring.{level}.{field}" for field in ("canary_days",)))
    yield from (f"roles.{role}" for role in policy.roles)
    yield from ("risk.points", "risk.tiers", "people.owner_may_accept")


def path_of(row: Loosened) -> str:
    """The path of a loosened field, as a lock names it: a rule that is gone or of another kind is the rule itself."""
    field = row.field.split(" (")[0]
    return row.rule if field in ("rule", "kind", "level") else f"{row.rule}.{field}"


def _touches(lock: str, path: str) -> bool:
    return lock == path or path.startswith(f"{lock}.") or lock.startswith(f"{path}.")


def _waives(lock: str, row: Loosened) -> bool:
    """A waiver of a rule loosens every lock on it, and the lock on all waivers."""
    return row.field == "waiver" and (lock == "waivers" or lock == row.rule or lock.startswith(f"{row.rule}."))


def _roles(strict: Policy, policy: Policy, than: str) -> Iterator[Loosened]:
    """A person more who may sign is looser, where roles are locked."""
    for role, people in policy.roles.items():
        before = strict.roles.get(role, [])
        if not set(people) <= set(before):
            yield Loosened(rule=f"roles.{role}", field="people", than=than, from_=before, to=people)


def _problem(made: Mix, row: Loosened, lock: str, reason: str, than: str, than_made: Mix) -> Problem:
    where = than_made.problem(CODE, "", ("locks", lock), at_key=True).where
    what = f"{_said(row.from_)} to {_said(row.to)}" if row.to is not None else f"{_said(row.from_)} is gone"
    message = f"{path_of(row)} may not be loosened ({what}): {than} locks {lock}."
    hint = f"{where.file}:{where.line}: {reason}"
    return made.problem(CODE, message, _key_path(made, row), hint)


def _key_path(made: Mix, row: Loosened) -> Path:
    """Where the looser value was written: the rule's own field, else the adjustment that leaves it."""
    field = row.field.split(" (")[0]
    if row.field == "waiver":
        return ("waivers", row.rule)
    group, _, item = row.rule.partition(".")
    head: Path = (group, item) if group in _PARTS and item else (group,) if group in _PARTS else ("rules", row.rule)
    tail: Path = () if field in ("rule", "kind", "level", "people") else tuple(field.split("."))
    path = (*head, *tail)
    if " (" not in row.field:
        return path
    adjusts = (name for name in made.data.get("adjust", {}) if made.root.at(("adjust", name, *path)) is not None)
    name = next(adjusts, None)
    return ("adjust", name, *path) if name is not None else ("adjust",)


def _said(value: Any) -> str:
    value = plain(value)
    if isinstance(value, Mapping):
        return "{" + ", ".join(f"{key}: {_said(item)}" for key, item in value.items()) + "}"
    return "nothing" if value is None else str(value)


def _fields(model: BaseModel, prefix: str = "") -> Iterator[str]:
    for name, value in model:
        if name in WORDS:
            continue
        yield f"{prefix}{name}"
        if isinstance(value, BaseModel):
            yield from _fields(value, f"{prefix}{name}.")
        elif isinstance(value, dict) and isinstance(model, ActionDuty):
            for key, item in value.items():
                yield f"{prefix}{name}.{key}"
                yield from _fields(item, f"{prefix}{name}.{key}.")
