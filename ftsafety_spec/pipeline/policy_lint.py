"""`ftsafety policy test --lint`: what a policy cannot do. Given a locked policy, judges runs that nobody made (all
lost, nothing there, everything old) under every combination of facts, and gives a Lint for all that never speaks."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import date
from typing import Any, Literal, get_args

from pydantic import BaseModel

from ftsafety_spec.compose.loosened import facts_space
from ftsafety_spec.errors import Problem, Where, suggest
from ftsafety_spec.gate import gate
from ftsafety_spec.gate.made_up import MadeUp, made_up
from ftsafety_spec.records.comparison import Cell
from ftsafety_spec.records.locked import LockedPolicy
from ftsafety_spec.records.verdict import Verdict
from ftsafety_spec.spec.common import OUTCOMES, SAFETY_OUTCOMES, Effect, Focus
from ftsafety_spec.spec.effective import directions, effective
from ftsafety_spec.spec.policy import ActionDuty, Policy, PolicyFacts, RequiresReview, Rule
from ftsafety_spec.spec.policy_case import Given, GraderFigures, OutcomeRates, Present, Rates, RedTeamFound

CODE = "FTS-117"
DAY = date(2026, 1, 15)
PROMPTS = 2000
_NOTHING = (0.0, 0.0, 0.0)
_SPEAKS = {
    "bands": "shown",
    "ceiling": "shown",
    "floor": "shown",
    "concern": "flag",
    "expiry": "shown",
    "requires_review": "flag",
    "grader_agreement": "shown",
    "grader_quality": "shown",
    "minimum_evidence": "unclear",
    "findings": "shown",
    "weight_findings": "shown",
    "provider_verification": "shown",
    "budget": "unclear",
}
"""The result with which a rule of each kind objects."""


@dataclass(frozen=True)
class Lint:
    """One finding. `refused`: the policy is not fit for use; else it is a warning."""

    level: Literal["refused", "warning"]
    problem: Problem


def lint(policy: LockedPolicy) -> list[Lint]:
    """Everything that a policy cannot do, what refuses it first."""
    kept = policy.sealed()
    facts = list(facts_space(kept.policy))
    found = [*_never_blocks(kept, facts), *_never_speaks(kept, facts)]
    found += [*_edges(kept), *_outcomes(kept), *_roles(kept, facts), *_tiers(kept)]
    return sorted(found, key=lambda item: item.level)


def _never_blocks(policy: LockedPolicy, facts: list[PolicyFacts]) -> Iterator[Lint]:
    """A model that lost every safe answer must be blocked, whatever the facts."""
    for fact in facts:
        verdict = _judged(made_up(_given(fact, _rates(1.0, 0.0, SAFETY_OUTCOMES)), policy))
        if verdict.action != "block":
            message = f"this policy never blocks: a model that lost every safe answer gets {verdict.action}"
            hint = "Give a rule of kind bands `beyond: {shown: block}`."
            yield _lint("refused", policy, "rules", f"{message} ({_under(fact)}).", hint)
            return


def _never_speaks(policy: LockedPolicy, facts: list[PolicyFacts]) -> Iterator[Lint]:
    left = {name: _SPEAKS[rule.kind] for name, rule in policy.policy.rules.items() if rule is not None}
    for fact in facts:
        for run in _worst(fact, policy):
            for item in _judged(run).findings:
                if left.get(item.rule) == item.result:
                    del left[item.rule]
        if not left:
            return
    for name in left:
        rule = policy.policy.rules[name]
        assert rule is not None
        message = "this rule can never object, not even where everything was lost, is missing, or is old."
        yield _lint("refused", policy, f"rules.{name}", message, "Loosen its condition or its limit, or remove it.")


def _worst(fact: PolicyFacts, policy: LockedPolicy) -> Iterator[MadeUp]:
    """Runs in which something is as bad as can be."""
    lost = _given(fact, _rates(1.0, 0.0, OUTCOMES)).model_copy(update=_FOUND)
    bad = Present(graders=dict.fromkeys(OUTCOMES, _BAD))
    for given in (
        lost,
        lost.model_copy(update={"outcomes": _rates(0.0, 0.0, OUTCOMES), "present": bad}),
        lost.model_copy(update={"measured": date(1990, 1, 1), "outcomes": {}, "present": Present()}),
    ):
        run = made_up(given, policy)
        cells = (*run.comparison.cells, *_groups(run.comparison.cells))
        yield replace(run, comparison=run.comparison.model_copy(update={"cells": cells}))


_BAD = GraderFigures(agreement=_NOTHING, sensitivity=_NOTHING, specificity=_NOTHING, kappa=_NOTHING, labelled=100_000)


_FOUND: dict[str, Any] = {
    "found": [
        RedTeamFound(focus=focus, direction=direction, state=state)
        for focus in get_args(Focus)
        for direction in get_args(Effect)
        for state in ("confirmed", "suspected")
    ],
    "weights_show": ["high"],
    "provider_report": "refused",
}
"""Everything that a red team, an analysis and a verification can object to."""


def _groups(cells: tuple[Cell, ...]) -> Iterator[Cell]:
    """The groupings that a compact case does not name."""
    for cell in cells:
        if cell.by == "all":
            for by in ("task", "kind", "category", "condition", "interaction"):
                yield cell.model_copy(update={"by": by, "of": "x", "id": f"{cell.id}/{by}"})


def _given(fact: PolicyFacts, outcomes: dict[str, OutcomeRates]) -> Given:
    return Given(tier=fact.tier, context=fact.context, adapters=fact.adapter_source, date=DAY, outcomes=outcomes)


def _rates(base: float, tuned: float, outcomes: Any) -> dict[str, OutcomeRates]:
    """Safe shares of both models in every outcome, each in its own direction."""
    found = {}
    for name in outcomes:
        turned = OUTCOMES[name] == "lower"
        rates = Rates(base=1 - base if turned else base, tuned=1 - tuned if turned else tuned, prompts=PROMPTS)
        found[name] = OutcomeRates(**rates.model_dump(), areas={"fraud": rates})
    return found


def _judged(run: MadeUp) -> Verdict:
    return gate(run.locked, run.policy, run.plan, run.comparison, run.evidence, run.as_of)


def _edges(policy: LockedPolicy) -> Iterator[Lint]:
    """Limits at 0 or 1: they ask for everything or for nothing."""
    for name, rule in policy.policy.rules.items():
        for field, value in () if rule is None else _limits(rule):
            if value in (0.0, 1.0) and not _meant(rule, field, value):
                message = f"the limit {value:g} asks for {'nothing' if _empty(field, value) else 'everything'}."
                yield _lint("warning", policy, f"rules.{name}.{field}", message, "Is that meant?")


def _limits(rule: BaseModel, prefix: str = "") -> Iterator[tuple[str, float]]:
    marks = directions(type(rule))
    for field, value in rule:
        if isinstance(value, BaseModel):
            yield from _limits(value, f"{prefix}{field}.")
        elif isinstance(value, float) and field in marks and field not in ("minutes",):
            yield f"{prefix}{field}", value


def _meant(rule: Rule | None, field: str, value: float) -> bool:
    """A concern about any change at all, where the change has to be shown."""
    return value == 0.0 and field in ("falls_by", "rises_by") and getattr(rule, "read", None) == "shown"


def _empty(field: str, value: float) -> bool:
    return (value == 0.0) == field.endswith("at_least")


def _outcomes(policy: LockedPolicy) -> Iterator[Lint]:
    for name, rule in policy.policy.rules.items():
        named = getattr(rule, "outcomes", None) or getattr(rule, "outcome", None)
        for outcome in [named] if isinstance(named, str) else named or []:
            if outcome != "safety" and outcome not in OUTCOMES:
                field = "outcome" if isinstance(named, str) else "outcomes"
                message = f"no built-in grader reads {outcome!r}."
                yield _lint("warning", policy, f"rules.{name}.{field}", message, suggest(outcome, OUTCOMES))


def _roles(policy: LockedPolicy, facts: list[PolicyFacts]) -> Iterator[Lint]:
    """Needs that fewer people than asked could ever meet."""
    said = set()
    for path, role, people in _needs(policy.policy, facts):
        named = len(set(policy.policy.roles.get(role, [])))
        if named < people and (path, role) not in said:
            said.add((path, role))
            message = (
                f"{people} of the role {role} {'is' if people == 1 else 'are'} needed, and the policy names {named}."
            )
            hint = f"`roles: {{{role}: [a person]}}` in a policy that extends this one."
            yield _lint("warning", policy, path, message, hint)


def _needs(policy: Policy, facts: list[PolicyFacts]) -> Iterator[tuple[str, str, int]]:
    for name, rule in policy.rules.items():
        if isinstance(rule, RequiresReview):
            yield f"rules.{name}.by", rule.by, 1
    for fact in facts:
        for action, duty in effective(policy, fact).actions.items():
            assert isinstance(duty, ActionDuty)
            for kind, need in duty.needs.items():
                yield f"actions.{action}.needs.{kind}.by", need.by, need.people
    for name, terms in policy.waivers.items():
        yield f"waivers.{name}.by", terms.by, 1


def _tiers(policy: LockedPolicy) -> Iterator[Lint]:
    most = sum(max(levels.values(), default=0) for levels in policy.policy.risk.points.values())
    for tier, start in policy.policy.risk.tiers.items():
        if start > most:
            message = f"no spec can reach {start} points: all factors at their highest give {most}."
            yield _lint("warning", policy, f"risk.tiers.{tier}", message, "Lower it, or give factors more points.")


def _under(fact: PolicyFacts) -> str:
    source = f", adapters from {fact.adapter_source}" if fact.adapter_source else ""
    return f"tier {fact.tier}{source}"


def _lint(level: Literal["refused", "warning"], policy: LockedPolicy, path: str, message: str, hint: str) -> Lint:
    origin = policy.origins.get(path)
    while origin is None and "." in path:
        path = path.rpartition(".")[0]
        origin = policy.origins.get(path)
    where = Where(policy.name, key=path) if origin is None else Where(origin.file, origin.line, origin.column, path)
    return Lint(level, Problem(CODE, message, where, hint))
