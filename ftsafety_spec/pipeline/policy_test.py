"""`ftsafety policy test`: cases of a project run through the gate. Given a project and names, gives for each case what
was expected and what came out, and which results of which rules no case ever reached. Writes nothing."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass, field, replace
from pathlib import Path
from typing import Any

from ftsafety_spec.compose import Project, lock_policy
from ftsafety_spec.compose.policy_cases import FOLDER, Placed, case_problems, chosen, no_such_case, read_cases
from ftsafety_spec.errors import InputError, Problem, SpecError, Where
from ftsafety_spec.gate import gate
from ftsafety_spec.gate.case import finding_id
from ftsafety_spec.gate.made_up import MadeUp, at_tier, made_up, with_people
from ftsafety_spec.records.comparison import Comparison
from ftsafety_spec.records.folder import RunFolder
from ftsafety_spec.records.locked import LockedPolicy, LockedSpec
from ftsafety_spec.records.plan import Plan
from ftsafety_spec.records.verdict import Finding, Verdict
from ftsafety_spec.spec.policy_case import Expected
from ftsafety_spec.spec.rule_results import NOT_CALLED, results_of


@dataclass(frozen=True)
class CaseResult:
    """One case. `differs`: what came out otherwise than expected, in sentences; empty where it passed."""

    id: str
    place: str
    policy: str
    action: str
    decision: str
    reasons: tuple[str, ...]
    differs: tuple[str, ...]
    reached: dict[str, tuple[str, ...]]

    @property
    def passed(self) -> bool:
        """True where everything that was expected came out."""
        return not self.differs


@dataclass(frozen=True)
class Coverage:
    """Results of a policy's rules that its cases reached. `never`: rule to results that none reached."""

    policy: str
    reached: int
    possible: int
    never: dict[str, tuple[str, ...]]


@dataclass(frozen=True)
class Tested:
    """All cases that ran."""

    results: tuple[CaseResult, ...]
    coverage: tuple[Coverage, ...] = field(default=())

    @property
    def failed(self) -> int:
        """How many cases did not pass."""
        return sum(not result.passed for result in self.results)

    def to_json(self) -> dict[str, Any]:
        """As plain data."""
        rows = [{**asdict(result), "passed": result.passed} for result in self.results]
        coverage = [asdict(item) for item in self.coverage]
        return {"schema": "ftsafety/policy-test@1", "failed": self.failed, "results": rows, "coverage": coverage}


def run_cases(project: Project, names: Sequence[str] = ()) -> Tested:
    """Run the cases of a project, or those that are named (files, or ids of cases). Raises SpecError with every mistake
    of the files, InputError where there is no case at all."""
    files, ids = chosen(project, names)
    placed = read_cases(project, files)
    known = {item.id for item in placed}
    for name in ids:
        if name not in known:
            raise no_such_case(name, known)
    placed = [item for item in placed if not ids or item.id in ids]
    if not placed:
        raise InputError(
            "this project holds no policy cases.",
            code="FTS-111",
            where=Where(file=str(project.root / FOLDER)),
            hint=f"Write one in {FOLDER}/NAME.yaml; docs/policy.md shows how.",
        )
    policies = _policies(project, placed)
    problems = [problem for item in placed for problem in case_problems(item, policies[item.policy].policy)]
    if problems:
        raise SpecError(problems)
    tiers = {(item.policy, item.case.given.tier) for item in placed}
    held = {key: at_tier(policies[key[0]], key[1]) for key in tiers}  # each digest is computed once
    results = tuple(_run(project, item, held[item.policy, item.case.given.tier]) for item in placed)
    return Tested(results, tuple(_coverage(policy, results) for policy in policies.values()))


def _policies(project: Project, placed: Sequence[Placed]) -> dict[str, LockedPolicy]:
    """Each policy that a case names, composed once."""
    return {name: lock_policy(name, project).sealed() for name in dict.fromkeys(item.policy for item in placed)}


def _run(project: Project, placed: Placed, policy: LockedPolicy) -> CaseResult:
    given = placed.case.given
    run = _given(project, placed, policy)
    verdict = _judged(run)
    if given.people:
        flagged = [finding_id(item) for item in verdict.findings if item.result in ("flag", "unclear")]
        run = with_people(run, given.people, flagged)
        verdict = _judged(run)
    return CaseResult(
        id=placed.id,
        place=placed.place,
        policy=placed.policy,
        action=verdict.action,
        decision=verdict.decision,
        reasons=verdict.reasons,
        differs=tuple(_differs(placed.case.expect, verdict, run)),
        reached=_reached(verdict, run),
    )


def _judged(run: MadeUp) -> Verdict:
    return gate(run.locked, run.policy, run.plan, run.comparison, run.evidence, run.as_of)


def _given(project: Project, placed: Placed, policy: LockedPolicy) -> MadeUp:
    given = placed.case.given
    if given.run is None:
        return made_up(given, policy)
    path = project.root / given.run
    if path.is_file():
        return made_up(given, policy, _comparison(path, placed))
    folder = RunFolder(path)
    if not path.is_dir() or not folder.has(LockedSpec):
        raise SpecError([_run_problem(placed, f"no run folder and no comparison.json: {given.run!r}.")])
    records = folder.read(LockedSpec), policy, folder.read(Plan), folder.read(Comparison), folder.evidence()
    own = made_up(given.model_copy(update={"run": None}), policy)
    return replace(MadeUp(*records, given.date), policy=own.policy)


def _comparison(path: Path, placed: Placed) -> Comparison:
    try:
        return Comparison.from_json(json.loads(path.read_text(encoding="utf-8")))
    except (ValueError, TypeError, AttributeError, UnicodeDecodeError) as error:
        first = str(error).splitlines()[0]
        raise SpecError([_run_problem(placed, f"this is no comparison that can be read: {first}.")]) from error


def _run_problem(placed: Placed, message: str) -> Problem:
    return placed.made.problem("FTS-111", message, ("cases", placed.id, "given", "run"))


def _differs(expect: Expected, verdict: Verdict, run: MadeUp) -> Iterator[str]:
    """What came out otherwise, one sentence each."""
    for name in ("action", "decision"):
        wanted, found = getattr(expect, name), getattr(verdict, name)
        if wanted is not None and wanted != found:
            yield f"{name}: expected {wanted}, found {found}"
    sets = {
        "decided_by": (expect.decided_by, decided_by(verdict)),
        "owed": (expect.owed, sorted({item.kind for item in verdict.obligations if item.state == "open"})),
        "missing": (expect.missing, sorted({item.need for item in verdict.missing})),
    }
    for name, (asked, got) in sets.items():
        if asked is not None and set(asked) != set(got):
            yield f"{name}: expected {_listed(asked)}, found {_listed(got)}"
    for part in expect.reasons:
        if not any(part.lower() in reason.lower() for reason in verdict.reasons):
            yield f"reasons: no reason says {part!r}"
    reached = _reached(verdict, run)
    for rule, result in expect.rules.items():
        if result not in reached.get(rule, ()):
            yield f"rules.{rule}: expected {result}, found {_listed(reached.get(rule, ()))}"


def decided_by(verdict: Verdict) -> list[str]:
    """Rules whose finding is the action; of a deploy, those that held tuned against base."""
    found = [
        item.rule
        for item in verdict.findings
        if item.waived_by is None
        and item.variant in (*verdict.variants, None)
        and item.action == verdict.action
        and (verdict.action != "deploy" or item.kind == "bands")
    ]
    return list(dict.fromkeys(found))


def _listed(items: Sequence[str]) -> str:
    return ", ".join(items) or "nothing"


def _reached(verdict: Verdict, run: MadeUp) -> dict[str, tuple[str, ...]]:
    """Rule to the results that it reached in this case."""
    found: dict[str, list[str]] = {}
    for item in verdict.findings:
        found.setdefault(item.rule, []).append(_word(item))
    for need in verdict.missing:
        if need.need not in ("second_grader", "certificate"):
            found.setdefault(need.rule, []).append(f"lacks {need.need}")
    for name, rule in run.policy.policy.rules.items():
        if rule is not None and rule.kind in ("requires_review", "provider_verification"):
            found.setdefault(name, [NOT_CALLED])
    held = [name for name, item in run.policy.policy.adjust.items() if verdict.facts.meet(item.when)]
    found |= {f"adjust.{name}": ["holds"] for name in held}
    return {rule: tuple(dict.fromkeys(words)) for rule, words in found.items()}


def _word(item: Finding) -> str:
    return item.action if item.kind == "bands" and item.result == "within" else item.result


def _coverage(policy: LockedPolicy, results: Sequence[CaseResult]) -> Coverage:
    own = policy.policy
    mine = [result for result in results if result.policy == policy.name]
    possible = {name: results_of(rule) for name, rule in own.rules.items() if rule is not None}
    possible |= {f"adjust.{name}": ("holds",) for name in own.adjust}
    never = {}
    for rule, words in possible.items():
        seen = {word for result in mine for word in result.reached.get(rule, ())}
        left = tuple(word for word in words if word not in seen)
        if left:
            never[rule] = left
    total = sum(map(len, possible.values()))
    return Coverage(policy.name, total - sum(map(len, never.values())), total, never)
