"""A sample drawn after receipt finds what is hidden and lets an honest report through (R-09); the bench measures how
often."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from support.reports import BASE, TUNED, WEIGHTS, digest, plain, rate, rates_only, report, results, wanted

from ftsafety_spec.records.base import digest_text
from ftsafety_spec.records.evaluation_report import ModelClaim
from ftsafety_spec.records.identity import Identity, ProviderIdentity
from ftsafety_spec.records.provider_report import SpotCheck
from ftsafety_spec.stats.spot import LOSS, POWER, TOLERANCE
from ftsafety_spec.verify.reported.fresh import freshness
from ftsafety_spec.verify.reported.index import Results
from ftsafety_spec.verify.reported.model import same_model
from ftsafety_spec.verify.reported.sample import EVERYTHING, Sample, sample_of
from ftsafety_spec.verify.reported.spot import judge, suspicious, tolerance_of

Again = dict[tuple[str, str], dict[str, list[float]]]


def sample(found: Results, seed: str = "seed") -> Sample:
    keys = frozenset(prompt.key for prompt in found.wanted.prompts)
    return sample_of(found, seed, LOSS, POWER, TOLERANCE, keys)


def answers(unsafe: set[int], prompts: int = 400) -> Again:
    """What is measured again: unsafe at these prompts."""
    return {(digest(n), "plain"): {"refusal": [0.0 if n in unsafe else 1.0]} for n in range(prompts)}


def told(found: Results, truth: Again) -> tuple[SpotCheck, str]:
    """The record of a check, and its worst state, as the pipeline makes it."""
    made = sample(found)
    again = {key: truth[key] for key in made.first}
    again |= {key: truth[key] for key in made.more(suspicious(found, made, again))}
    check, looked = judge(found, made, again)
    return check, max((item.state for item in looked), key=["holds", "unclear", "fails"].index)


def big() -> Results:
    return results(report(400), wanted(400))


TRUTH = {n for n in range(400) if n % 10 == 0}


def test_an_honest_report_agrees() -> None:
    check, state = told(big(), answers(TRUTH))
    assert state == "holds" and check.agreed == check.asked
    assert check.power is not None and check.power >= POWER


def test_a_loss_that_was_hidden_in_one_area_is_found() -> None:
    hidden = {n for n in range(400) if n % 2 == 1 and n % 6 == 1}
    check, state = told(big(), answers(TRUTH | hidden))
    assert state == "fails"
    assert [group.area for group in check.groups if group.shown] == ["cyber"]


def test_answers_that_differ_both_ways_are_another_models() -> None:
    check, state = told(big(), answers({n for n in range(400) if n % 10 == 5}))
    assert state == "fails" and any(group.better for group in check.groups)


def test_one_answer_that_changed_by_chance_is_no_lie() -> None:
    assert told(big(), answers(TRUTH | {1}))[1] == "holds"


def test_what_was_left_out_is_asked_about() -> None:
    kept = [row for row in plain(400)["prompts"] if row["model"] == "base" or row["value"] == 1]
    found = results(report(400, prompts=kept), wanted(400))
    assert told(found, answers(TRUTH))[1] == "fails"


def test_what_was_left_out_by_chance_is_no_lie() -> None:
    kept = [row for row in plain(400)["prompts"] if row["prompt"] not in {digest(n) for n in range(40)}]
    found = results(report(400, prompts=kept), wanted(400))
    assert told(found, answers(TRUTH))[1] == "holds"


@pytest.mark.parametrize(("every", "state"), [(10, "holds"), (3, "fails")])
def test_rates_alone_are_held_against_the_samples_rate(every: int, state: str) -> None:
    unsafe = {n for n in range(400) if n % every == 0}
    found = results(rates_only(rate(prompts=400, count=360), size=400), wanted(400))
    check, said = told(found, answers(unsafe))
    assert (check.by, said) == ("rates", state)


def test_few_prompts_are_all_asked_and_then_nothing_is_hidden() -> None:
    small = results(report(12), wanted(12))
    check, state = told(small, answers({0, 10}))
    assert (check.power, state, [g.area for g in check.groups]) == (1.0, "holds", [EVERYTHING])
    check, state = told(small, answers({0, 10, 1}))
    assert state == "unclear", "one of twelve is no proof, and no agreement"


def test_the_sample_is_fixed_by_the_seed_and_unknown_before() -> None:
    one, same, other = sample(big()), sample(big()), sample(big(), "another")
    assert one.first == same.first and set(one.first) != set(other.first)


def test_the_order_of_a_report_does_not_steer_the_sample() -> None:
    rows = plain(400)["prompts"]
    turned = results(report(400, prompts=rows[::-1]), wanted(400))
    assert set(sample(turned).first) == set(sample(big()).first)


def test_prompts_that_cannot_be_asked_again_are_in_no_sample() -> None:
    found = big()
    some = frozenset(prompt.key for prompt in found.wanted.prompts[:100])
    made = sample_of(found, "seed", LOSS, POWER, TOLERANCE, some)
    assert made.first and set(made.first) <= some


def test_no_answer_that_can_be_read_shows_nothing() -> None:
    check, looked = judge(big(), sample(big()), {})
    assert [item.state for item in looked] == ["unclear"] and not check.power


def test_an_outcome_of_which_less_is_safer_is_read_that_way() -> None:
    rows = [{**row, "outcome": "over_refusal", "value": 1 - row["value"]} for row in plain(400)["prompts"]]
    task = wanted(400).tasks[0]
    wants = wanted(400, tasks=(type(task)(**{**task.__dict__, "outcomes": {"over_refusal": frozenset()}}),))
    found = results(report(400, prompts=rows), wants)
    refuses = {key: {"over_refusal": [1 - v["refusal"][0]]} for key, v in answers(TRUTH).items()}
    assert told(found, refuses)[1] == "holds"
    worse = {key: {"over_refusal": [1.0]} for key in refuses}
    assert told(found, worse)[1] == "fails"


def test_how_much_chance_changes_is_measured_by_asking_twice() -> None:
    steady = {(digest(n), "plain"): {"refusal": [1.0, 1.0]} for n in range(200)}
    moving = {(digest(n), "plain"): {"refusal": [1.0, float(n % 5 != 0)]} for n in range(200)}
    assert tolerance_of(steady, 0.03) == 0.03
    assert 0.1 < tolerance_of(moving, 0.03) < 0.13


@settings(max_examples=40, deadline=None)
@given(st.sets(st.integers(0, 399), max_size=60), st.sets(st.integers(0, 399), max_size=60))
def test_more_unsafe_answers_never_make_a_report_look_better(some: set[int], more: set[int]) -> None:
    order = ["holds", "unclear", "fails"]
    found, keys = big(), sample(big()).first

    def state(unsafe: set[int]) -> int:
        truth = answers(unsafe | TRUTH)
        looked = judge(found, sample(found), {key: truth[key] for key in keys})[1]
        return max(order.index(item.state) for item in looked)

    assert state(some | more) >= state(some)


PROVIDER = Identity(
    kind="provider", engine="e", provider=ProviderIdentity(name="openai", model="ft:m:1", job="ftjob-1", checkpoint="7")
)
LAST = Identity(kind="provider", engine="e", provider=ProviderIdentity(name="openai", model="ft:m:1", job="ftjob-1"))


@pytest.mark.parametrize(
    ("claim", "own", "same"),
    [
        ({"weights": WEIGHTS, "adapters": (digest_text("tone"),)}, TUNED, "same"),
        ({"adapters": (digest_text("tone"),)}, TUNED, "same"),
        ({"weights": WEIGHTS}, TUNED, "other"),
        ({"weights": WEIGHTS, "adapters": (digest_text("other"),)}, TUNED, "other"),
        ({"weights": digest_text("x"), "adapters": (digest_text("tone"),)}, TUNED, "other"),
        ({"weights": WEIGHTS}, BASE, "same"),
        ({"identity": TUNED.digest()}, TUNED, "same"),
        ({}, TUNED, "unknown"),
        ({"provider": "OpenAI", "job": "ftjob-1", "checkpoint": "7"}, PROVIDER, "same"),
        ({"provider": "openai", "job": "ftjob-1"}, PROVIDER, "other"),
        ({"provider": "openai", "job": "ftjob-1", "checkpoint": "last"}, LAST, "same"),
        ({"provider": "openai", "job": "ftjob-1"}, LAST, "same"),
        ({"job": "ftjob-1"}, LAST, "unknown"),
        ({"name": "ft:m:1"}, LAST, "unknown"),
        ({"provider": "openai", "job": "ftjob-2"}, PROVIDER, "other"),
        ({"provider": "openai", "job": "ftjob-1", "checkpoint": "3"}, PROVIDER, "other"),
        ({"provider": "other", "job": "ftjob-1", "checkpoint": "7"}, PROVIDER, "unknown"),
        ({"provider": "openai", "name": "ft:m:1"}, PROVIDER, "same"),
        ({"provider": "openai", "name": "ft:m:2"}, PROVIDER, "other"),
        ({}, PROVIDER, "unknown"),
        ({"weights": WEIGHTS}, PROVIDER, "unknown"),
    ],
)
def test_a_report_is_about_this_model_another_or_nobody_knows(claim: Any, own: Identity, same: str) -> None:
    assert same_model(ModelClaim(**{"name": "m", **claim}), own)[0] == same


@pytest.mark.parametrize(
    ("first", "last", "state"),
    [
        (None, "2026-11-20T00:00:00Z", "holds"),
        (None, "2026-08-20T00:00:00Z", "unclear"),
        (None, "2027-01-01T00:00:00Z", "fails"),
        ("2026-11-21T00:00:00Z", "2026-11-20T00:00:00Z", "fails"),
        (None, "2026-13-41T00:00:00Z", "fails"),
    ],
)
def test_dates_of_a_report(first: str | None, last: str, state: str) -> None:
    made = report(measured_from=first, measured_to=last)
    assert freshness(made, date(2026, 11, 25), 90).state == state
