"""`ftsafety policy replay`: every past run under another policy, on its own date, from its records alone. Given a
policy and folders, gives the decisions that flip, each with the rules that did it, and where rules got looser."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass, field
from datetime import date
from pathlib import Path
from typing import Any, Literal

from ftsafety_spec.compose.policy_diff import diff, loosens
from ftsafety_spec.errors import FtsafetyError
from ftsafety_spec.gate import gate
from ftsafety_spec.pipeline.policy_names import policy_named
from ftsafety_spec.pipeline.policy_runs import PastRun, Reader, run_folders
from ftsafety_spec.records.locked import LockedPolicy
from ftsafety_spec.records.verdict import Finding, Verdict
from ftsafety_spec.spec.common import ACTIONS, Action, Decision
from ftsafety_spec.spec.effective import Change

DECISIONS: tuple[Decision, ...] = ("go", "pending", "no_go")


@dataclass(frozen=True)
class Cause:
    """A rule that made a decision flip, and what it says: under the new policy, else what it said under the old one."""

    rule: str
    was: Action | None
    now: Action | None
    sentence: str


@dataclass(frozen=True)
class Flip:
    """A run that is decided otherwise. `drifted`: its own policy does not give the recorded verdict either (evidence
    was added, or this program changed)."""

    run: str
    spec: str
    title: str
    as_of: str
    policy: str
    was_action: Action
    was: Decision
    now_action: Action
    now: Decision
    direction: Literal["milder", "stricter"]
    causes: tuple[Cause, ...]
    drifted: bool


@dataclass(frozen=True)
class Replayed:
    """What a policy would have decided. `looser`: policy that judged to the changes that loosen it."""

    policy: str
    digest: str
    runs: int
    decisions: dict[str, int]
    flips: tuple[Flip, ...]
    skipped: dict[str, str]
    looser: dict[str, tuple[Change, ...]] = field(default_factory=dict)

    @property
    def milder(self) -> int:
        """How many flips permit more than was permitted."""
        return sum(flip.direction == "milder" for flip in self.flips)

    def to_json(self) -> dict[str, Any]:
        """As plain data."""
        looser = {name: [change.model_dump(mode="json") for change in rows] for name, rows in self.looser.items()}
        return {"schema": "ftsafety/policy-replay@1", **asdict(self), "looser": looser, "milder": self.milder}


def replay(policy: str, runs: Sequence[Path]) -> Replayed:
    """Judge every run again by `policy`. Raises InputError where the policy or a folder is not there; a run that cannot
    be judged is in `skipped`."""
    return replay_locked(policy_named(policy), runs)


def replay_locked(named: LockedPolicy, runs: Sequence[Path]) -> Replayed:
    """The same for a policy that need not stand in a file."""
    new = named.sealed()
    reader = Reader()
    flips: list[Flip] = []
    skipped: dict[str, str] = {}
    moved: Counter[str] = Counter()
    for path in run_folders(runs):
        run = reader.read(path)
        found = run if isinstance(run, str) else _judged(run, new)
        if isinstance(found, str):
            skipped[str(path)] = found
            continue
        assert isinstance(run, PastRun)
        moved[f"{run.verdict.decision} to {found.decision}"] += 1
        if (found.action, found.decision) != (run.verdict.action, run.verdict.decision):
            flips.append(_flip(run, found))
    judged = sum(moved.values())
    return Replayed(
        new.name,
        new.compute_digest(),
        judged,
        dict(moved),
        tuple(flips),
        skipped,
        _looser(reader.policies.values(), new),
    )


def _judged(run: PastRun, policy: LockedPolicy) -> Verdict | str:
    try:
        day = date.fromisoformat(run.verdict.as_of[:10])
        return gate(run.locked, policy, run.plan, run.comparison, run.evidence, day)
    except (FtsafetyError, ValueError) as error:
        return f"cannot be judged: {str(error).splitlines()[0]}"


def _looser(policies: Iterable[LockedPolicy], new: LockedPolicy) -> dict[str, tuple[Change, ...]]:
    found = {}
    for old in policies:
        rows = tuple(change for change in diff(old.policy, new.policy) if loosens(change))
        if rows:
            found[f"{old.name}@{old.compute_digest()[:19]}"] = rows
    return found


def _flip(run: PastRun, new: Verdict) -> Flip:
    old = run.verdict
    again = _judged(run, run.policy)
    same = isinstance(again, Verdict) and (again.action, again.decision) == (old.action, old.decision)
    return Flip(
        run=str(run.path),
        spec=run.locked.name,
        title=old.title,
        as_of=old.as_of,
        policy=old.policy.name,
        was_action=old.action,
        was=old.decision,
        now_action=new.action,
        now=new.decision,
        direction="milder" if _rank(new) < _rank(old) else "stricter",
        causes=_causes(old, new),
        drifted=not same,
    )


def _rank(verdict: Verdict) -> tuple[int, int]:
    return DECISIONS.index(verdict.decision), ACTIONS.index(verdict.action)


def _causes(old: Verdict, new: Verdict) -> tuple[Cause, ...]:
    """Rules whose own action moved in the direction of the flip, up to where it decided; else what people owe now, or
    owed before, and nobody does any more."""
    before, after = _by_rule(old), _by_rule(new)
    moved = [_cause(name, before.get(name), after.get(name)) for name in dict.fromkeys([*after, *before])]
    stricter = _rank(new) > _rank(old)
    edge = new.action if stricter else old.action
    found = [item for item in moved if (item.now if stricter else item.was) == edge and item.was != item.now]
    return tuple(found) or tuple(_owed(old, new, stricter))


def _cause(rule: str, was: Finding | None, now: Finding | None) -> Cause:
    said = now or was
    assert said is not None
    sentence = said.sentence if now is not None else f"The policy has no such rule any more: {said.sentence}"
    return Cause(rule, None if was is None else was.action, None if now is None else now.action, sentence)


def _by_rule(verdict: Verdict) -> dict[str, Finding]:
    """The worst finding of each rule about what is to be deployed."""
    worst: dict[str, Finding] = {}
    for item in verdict.findings:
        if item.waived_by is None and item.variant in (*verdict.variants, None):
            kept = worst.get(item.rule)
            if kept is None or ACTIONS.index(item.action) > ACTIONS.index(kept.action):
                worst[item.rule] = item
    return worst


def _owed(old: Verdict, new: Verdict, stricter: bool) -> list[Cause]:
    def still(verdict: Verdict) -> dict[tuple[str, str], str]:
        return {(o.kind, o.detail.split(":")[0]): o.detail for o in verdict.obligations if o.state == "open"}

    more, fewer = (still(new), still(old)) if stricter else (still(old), still(new))
    word = "owed now" if stricter else "not owed any more"
    return [Cause(key[1], None, None, f"{key[0]} {word}: {text}") for key, text in more.items() if key not in fewer]
