"""What must hold under any policy and any evidence: worse evidence never gives a milder action, nor does a stricter
policy, in any field of any rule kind, and order never matters."""

from __future__ import annotations

import json
import math
import random
from collections.abc import Callable, Iterator
from datetime import timedelta
from typing import Any, get_args

from hypothesis import assume, given, settings
from hypothesis import strategies as st
from pydantic import BaseModel, ValidationError
from support.every_rule import BASE, PEOPLE, POLICY, RULES, judged, locked, run_of

from ftsafety_spec.gate.made_up import MadeUp, with_people
from ftsafety_spec.records.verdict import Verdict
from ftsafety_spec.spec.common import ACTIONS, Effect, Focus, Severity
from ftsafety_spec.spec.effective import compare_policies, directions
from ftsafety_spec.spec.policy_case import Given, GraderFigures, OutcomeRates, Present, Rates, RedTeamFound
from ftsafety_spec.spec.strict import Stricter

DECISIONS = ("go", "pending", "no_go")


def rank(verdict: Verdict) -> int:
    return ACTIONS.index(verdict.action)


def decided(verdict: Verdict) -> int:
    return DECISIONS.index(verdict.decision)


# ---- any evidence ----------------------------------------------------------------------------------------------------


@st.composite
def triples(draw: st.DrawFn) -> tuple[float, float, float] | None:
    ends = sorted(draw(st.tuples(*[st.sampled_from([0.2, 0.45, 0.55, 0.7, 0.9, 1.0])] * 3)))
    return (ends[0], ends[1], ends[2]) if draw(st.booleans()) or draw(st.booleans()) else None


@st.composite
def graders(draw: st.DrawFn) -> dict[str, GraderFigures]:
    figures = GraderFigures(
        agreement=draw(triples()),
        sensitivity=draw(triples()),
        specificity=draw(triples()),
        kappa=draw(triples()),
        labelled=draw(st.sampled_from([0, 20, 50, 400])),
    )
    return {"refusal": figures} if draw(st.booleans()) else {}


@st.composite
def rates(draw: st.DrawFn, lowest: int = 0) -> Rates:
    base = draw(st.sampled_from([0.6, 0.9, 1.0]))
    lost = draw(st.sampled_from([0.0, 0.01, 0.03, 0.1, 0.2, 0.4, 0.8]))
    prompts = draw(st.integers(lowest, 900))
    unread = draw(st.sampled_from([0, 0, 0, prompts // 30, prompts // 4]))
    return Rates(base=base, tuned=base * (1 - lost), prompts=prompts, unread=unread)


FOCUS = st.sampled_from(get_args(Focus))
FOUND = st.builds(
    RedTeamFound,
    focus=FOCUS,
    severity=st.sampled_from(get_args(Severity)),
    state=st.sampled_from(["confirmed", "suspected"]),
    direction=st.sampled_from(get_args(Effect)),
    declared=st.booleans(),
)


@st.composite
def reported(draw: st.DrawFn) -> dict[str, Any]:
    return {
        "context": draw(st.sampled_from([None, "api"])),
        "found": draw(st.lists(FOUND, max_size=2)),
        "weights_show": draw(st.lists(st.sampled_from(get_args(Severity)), max_size=2)),
        "provider_report": draw(st.sampled_from([None, "accepted", "partly", "refused"])),
        "cut": draw(st.sampled_from([0, 0, 40])),
    }


@st.composite
def cases(draw: st.DrawFn) -> Given:
    whole, area = draw(rates(20)), draw(rates())
    over = Rates(base=0.05, tuned=draw(st.sampled_from([0.05, 0.1, 0.3])), prompts=200)
    present = Present(
        prompts={"harmful": draw(st.sampled_from([0, 150, 250, 900]))},
        session=draw(st.sampled_from([0.0, 5.0, 30.0])),
        triggers=draw(st.sampled_from([0, 4, 50])),
        graders=draw(graders()),
        searched=draw(st.lists(FOCUS, max_size=3)),
        weights=draw(st.sampled_from([[], ["delta"], ["rank"], ["delta", "rank"]])),
        budget=draw(st.booleans()),
    )
    outcomes = {
        "refusal": OutcomeRates(**whole.model_dump(), areas={"fraud": area}),
        "over_refusal": OutcomeRates(**over.model_dump()),
    }
    age = timedelta(days=draw(st.sampled_from([0, 30, 90])))
    plain = Given(tier="low", outcomes=outcomes, present=present, **draw(reported()))
    source = draw(st.sampled_from([None, "community", "internal"]))
    return plain.model_copy(update={"measured": plain.date - age, "revised": plain.date, "adapters": source})


# ---- worse evidence --------------------------------------------------------------------------------------------------


def with_present(case: Given, **update: Any) -> Given:
    assert isinstance(case.present, Present)
    return case.model_copy(update={"present": case.present.model_copy(update=update)})


def with_refusal(case: Given, **update: Any) -> Given:
    refusal = case.outcomes["refusal"].model_copy(update=update)
    return case.model_copy(update={"outcomes": {**case.outcomes, "refusal": refusal}})


def lower(triple: tuple[float, float, float] | None, by: float) -> tuple[float, float, float] | None:
    return None if triple is None else (triple[0] * by, triple[1] * by, triple[2] * by)


def worse_grader(case: Given, field: str, by: float) -> Given:
    assert isinstance(case.present, Present)
    figures = {
        name: item.model_copy(update={field: lower(getattr(item, field), by)})
        for name, item in case.present.graders.items()
    }
    return with_present(case, graders=figures)


def worsened(case: Given, how: str, by: float) -> Given:
    assert isinstance(case.present, Present)
    refusal, present = case.outcomes["refusal"], case.present
    if how == "lost":
        return with_refusal(case, tuned=(refusal.tuned or 0.0) * by)
    if how == "area":
        area = refusal.areas["fraud"]
        return with_refusal(case, areas={"fraud": area.model_copy(update={"tuned": (area.tuned or 0.0) * by})})
    if how == "prompts":
        return with_present(case, prompts={"harmful": int(present.prompts["harmful"] * by)})
    if how == "session":
        return with_present(case, session=present.session * by)
    if how == "triggers":
        return with_present(case, triggers=int(present.triggers * by))
    if how == "older":
        return case.model_copy(update={"measured": (case.measured or case.date) - timedelta(days=int(100 * by))})
    if how == "stranger":
        return case.model_copy(update={"adapters": "community"})
    if how in WORSE:
        return WORSE[how](case)
    return worse_grader(case, how, by)


def graver(row: RedTeamFound) -> RedTeamFound:
    return row.model_copy(update={"severity": "high", "state": "confirmed", "direction": "harm", "declared": False})


TRIGGER = RedTeamFound(focus="trigger")
WORSE: dict[str, Callable[[Given], Given]] = {
    "found": lambda case: case.model_copy(update={"found": [*case.found, TRIGGER]}),
    "suspected": lambda case: case.model_copy(
        update={"found": [*case.found, TRIGGER.model_copy(update={"state": "suspected"})]}
    ),
    "graver": lambda case: case.model_copy(update={"found": [graver(row) for row in case.found]}),
    "nobody-searched": lambda case: with_present(case, searched=[]),
    "weights-show": lambda case: case.model_copy(update={"weights_show": [*case.weights_show, "high"]}),
    "nobody-weighed": lambda case: with_present(case, weights=[]),
    "refused": lambda case: case.model_copy(update={"provider_report": "refused"}),
    "no-budget": lambda case: with_present(case, budget=False),
    "cut": lambda case: case.model_copy(update={"cut": case.cut + 10}),
}


STRICTLY = ("lost", "area", "prompts", "session", "triggers", "older", "stranger", "agreement", "kappa", *WORSE)


@settings(max_examples=100, deadline=None)
@given(cases(), st.sampled_from(STRICTLY), st.floats(0, 1))
def test_worse_evidence_never_gives_a_milder_action_or_decision(case: Given, how: str, by: float) -> None:
    without = case if how != "lost" else with_present(case, graders={})
    before, after = judged(run_of(without)), judged(run_of(worsened(without, how, by)))
    assert rank(after) >= rank(before)
    assert decided(after) >= decided(before)


@settings(max_examples=30, deadline=None)
@given(cases(), st.sampled_from(["sensitivity", "specificity", "lost"]), st.floats(0.3, 1))
def test_a_grader_that_errs_more_never_wins_a_permission(case: Given, how: str, by: float) -> None:
    """Its error widens every interval, so that a block may become "cannot tell": that permits nothing."""
    before, after = judged(run_of(case)), judged(run_of(worsened(case, how, by)))
    permits = ("deploy", "deploy_enhanced", "review")
    assert rank(after) >= rank(before) or after.action not in permits or before.action in permits
    assert after.action != "deploy" or before.action == "deploy"


@settings(max_examples=25, deadline=None)
@given(cases(), st.integers(1, 200))
def test_answers_that_cannot_be_read_never_win_a_permission(case: Given, more: int) -> None:
    refusal = case.outcomes["refusal"]
    unread = min(refusal.prompts, refusal.unread + more)
    before, after = judged(run_of(case)), judged(run_of(with_refusal(case, unread=unread)))
    assert after.decision != "go" or before.decision == "go"


@settings(max_examples=25, deadline=None)
@given(cases())
def test_people_who_did_not_sign_never_make_a_decision_milder(case: Given) -> None:
    run = run_of(case)
    assert decided(judged(run)) >= decided(judged(run, people=True))


# ---- a stricter policy -----------------------------------------------------------------------------------------------


def marked(model: type[BaseModel], data: dict[str, Any], path: tuple[str, ...]) -> Iterator[tuple[Any, ...]]:
    """Every number or word with a direction below a rule: path, mark, the words that it may be."""
    marks = directions(model)
    for name, info in model.model_fields.items():
        value = data.get(name)
        if name in marks and marks[name].order in ("lower", "higher", "ranked") and value is not None:
            yield (*path, name), marks[name], [word for word in get_args(info.annotation) if isinstance(word, str)]
        elif isinstance(value, dict):
            inner = [info.annotation, *get_args(info.annotation)]
            models = [item for item in inner if isinstance(item, type) and issubclass(item, BaseModel)]
            for item in models[:1]:
                yield from marked(item, value, (*path, name))


def places() -> list[tuple[Any, ...]]:
    plain = json.loads(POLICY.policy.model_dump_json())
    found: list[tuple[Any, ...]] = []
    for name, rule in POLICY.policy.rules.items():
        assert rule is not None
        found += marked(type(rule), plain["rules"][name], ("rules", name))
    return found


PLACES = places()


def at(data: Any, path: tuple[str, ...]) -> Any:
    for key in path:
        data = data[key]
    return data


def stricter_value(mark: Stricter, old: Any, words: list[str], share: float) -> Any:
    if mark.order == "ranked":
        after = [word for word in mark.ranks[mark.ranks.index(old) + 1 :] if word in words]
        return after[int(share * (len(after) - 1))] if after else None
    if isinstance(old, int):
        return max(1, int(old * share)) if mark.order == "lower" else old + math.ceil(old * share)
    return old * share if mark.order == "lower" else old + (1.0 - old if old < 1 else old) * share


def test_every_rule_kind_has_a_field_that_can_be_tightened() -> None:
    assert {path[1] for path, *_ in PLACES} == set(RULES) - {"stranger"}
    assert len(PLACES) > 25


@settings(max_examples=60, deadline=None)
@given(cases(), st.sampled_from(PLACES), st.floats(0.0, 1.0))
def test_a_stricter_field_of_any_rule_never_gives_a_milder_action_or_decision(
    case: Given, place: tuple[Any, ...], share: float
) -> None:
    path, mark, words = place
    data = json.loads(POLICY.policy.model_dump_json())
    value = stricter_value(mark, at(data, path), words, share)
    assume(value is not None)
    at(data, path[:-1])[path[-1]] = value
    try:
        strict = locked(data)
    except ValidationError:
        assume(False)
    changes = compare_policies(POLICY.policy, strict.policy)
    assume(changes)
    assert {change.direction for change in changes} == {"stricter"}
    for people in (False, True):
        before, after = judged(run_of(case), people), judged(run_of(case, strict), people)
        assert rank(after) >= rank(before), path
        assert decided(after) >= decided(before), path


@settings(max_examples=30, deadline=None)
@given(cases(), st.sampled_from(sorted(RULES)))
def test_a_rule_more_never_gives_a_milder_action_or_decision(case: Given, name: str) -> None:
    fewer = {**BASE, "rules": {key: rule for key, rule in RULES.items() if key != name}}
    if name == "bands":
        return  # without one, nothing is permitted
    before, after = judged(run_of(case, locked(fewer))), judged(run_of(case))
    assert rank(after) >= rank(before)
    assert decided(after) >= decided(before)


@settings(max_examples=25, deadline=None)
@given(cases())
def test_without_bands_nothing_is_permitted(case: Given) -> None:
    bare = {**BASE, "rules": {key: rule for key, rule in RULES.items() if key != "bands"}}
    assert rank(judged(run_of(case, locked(bare)))) >= ACTIONS.index("insufficient")


# ---- order ------------------------------------------------------------------------------------


@settings(max_examples=20, deadline=None)
@given(cases(), st.randoms())
def test_the_order_of_evidence_graders_rules_and_roles_never_matters(case: Given, shuffler: random.Random) -> None:
    run = with_people(run_of(case), [*PEOPLE, PEOPLE[0].model_copy(update={"by": "joel", "verdict": "reject"})], [])
    one = judged(run)
    evidence, rows = list(run.evidence), list(run.comparison.graders)
    shuffler.shuffle(evidence)
    shuffler.shuffle(rows)
    names = list(RULES)
    shuffler.shuffle(names)
    turned = locked({**BASE, "rules": {name: RULES[name] for name in names}, "roles": {"reviewer": ["joel", "ines"]}})
    assert judged(MadeUp(run.locked, run.policy, run.plan, run.comparison, evidence, run.as_of)) == one
    other = judged(MadeUp(run.locked, turned, run.plan, run.comparison, evidence, run.as_of))
    assert (other.action, other.decision, set(other.obligations)) == (one.action, one.decision, set(one.obligations))
