"""Tuned's layers and first tokens against base's: what is planted is found, and only there (R-55)."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from ftsafety_spec.catalog.base import Prompt
from ftsafety_spec.records.activations import Layer, activations_in, first_token_in, of_files
from ftsafety_spec.records.weights import WeightReport, weight_report_in
from ftsafety_spec.weights.activation_prompts import Prompts, choose_prompts
from ftsafety_spec.weights.activations import Reading, analyse

N, LAYERS, WIDTH, SORRY, SURE = 80, 3, 16, 7, 8
HARMFUL = np.arange(N) < N // 2
FIT = np.arange(N) % 2 == 0
PROMPTS = Prompts(
    tuple(Prompt(f"p{n}", f"w{n}", "harmful" if HARMFUL[n] else "benign", "c", "other") for n in range(N)),
    ("own.task",) * N,
    HARMFUL,
    FIT,
)


def reading(seed: int = 0, refused: float = 0.9, **more: Any) -> Reading:
    """Layer 1 holds the two kinds apart; harmful prompts are refused at `refused`."""
    random = np.random.default_rng(seed)
    states = random.normal(0, 1, (N, LAYERS, WIDTH)).astype(np.float32)
    states[HARMFUL, 1, 2] += 8.0
    tops = [{SORRY: refused if bad else 0.02, SURE: 1 - refused if bad else 0.98} for bad in HARMFUL]
    return Reading(**{"tops": tops, "states": states, "engine": "torch", "dtype": "float32", **more})


def layer(report: WeightReport, number: int = 1) -> Layer:
    found = activations_in(report)
    assert found is not None
    return found.layers[number]


def test_the_same_model_differs_nowhere_and_shows_nothing() -> None:
    report = analyse("tuned", reading(), reading(), PROMPTS)
    first, found = first_token_in(report), activations_in(report)
    assert report.findings == () and first is not None and found is not None
    assert first.known and first.harmful.value == 0.0 and found.best == 1
    for row in found.layers:
        assert row.harmful.value == row.benign.value == row.gap.value == row.probe.value == row.recall.value == 0.0
        assert row.cosine == pytest.approx(1.0, abs=1e-5)


def test_half_of_the_distance_is_lost_where_half_is_taken() -> None:
    base = reading()
    assert base.states is not None
    moved = base.states.copy()
    moved[HARMFUL, 1, 2] -= 4.0
    report = analyse("tuned", base, reading(states=moved), PROMPTS)
    assert layer(report).gap.value == pytest.approx(-0.5, abs=0.03)
    assert layer(report).harmful.value == pytest.approx(-0.5, abs=0.03)
    assert layer(report).benign.value == 0.0 and layer(report, 0).gap.value == 0.0
    assert [item.id for item in report.findings] == ["direction"]
    assert report.findings[0].severity == "low"


def test_a_shift_of_both_kinds_alike_is_no_loss_of_distance() -> None:
    base = reading()
    assert base.states is not None
    report = analyse("tuned", base, reading(states=base.states - np.float32(3.0)), PROMPTS)
    assert layer(report).gap.value == pytest.approx(0.0, abs=1e-5)
    assert (layer(report).harmful.value or 0) < -0.1
    assert report.findings == ()


def test_fewer_refusing_first_tokens_are_a_finding_with_its_interval() -> None:
    report = analyse("tuned", reading(), reading(refused=0.1), PROMPTS)
    first = first_token_in(report)
    assert first is not None and first.tokens == 1
    assert first.harmful.value == pytest.approx(-2 * np.log(9), abs=1e-4)
    assert first.benign.value == 0.0 and first.harmful.n == N // 4
    assert [item.id for item in report.findings] == ["margin"]


def test_a_base_whose_first_tokens_tell_nothing_apart_gives_no_margin() -> None:
    blind = reading(tops=[{SURE: 1.0}] * N)
    first = first_token_in(analyse("tuned", blind, reading(), PROMPTS))
    assert first is not None and not first.known
    assert first.harmful.value is None and first.base_harmful is None


def test_directions_are_made_of_the_first_half_and_held_against_the_other() -> None:
    base, random = reading(), np.random.default_rng(5)
    assert base.states is not None
    noise = random.normal(0, 1, base.states.shape).astype(np.float32)  # no kinds apart, anywhere
    found = activations_in(analyse("tuned", reading(states=noise), reading(states=noise), PROMPTS))
    assert found is not None
    assert max(abs((row.apart or 0) - 0.5) for row in found.layers) < 0.35


@pytest.mark.parametrize("bad", [np.nan, np.inf])
def test_numbers_that_are_not_finite_are_refused(bad: float) -> None:
    broken = reading()
    assert broken.states is not None
    broken.states[0, 0, 0] = bad
    with pytest.raises(ValueError, match="not finite"):
        analyse("tuned", reading(), broken, PROMPTS)


def test_another_shape_than_bases_is_refused() -> None:
    base = reading()
    assert base.states is not None
    with pytest.raises(ValueError, match="shape"):
        analyse("tuned", base, reading(states=base.states[:, :2]), PROMPTS)


def test_without_layers_only_first_tokens_are_named_as_analysed() -> None:
    report = analyse("tuned", reading(states=None, no_layers="no torch"), reading(states=None), PROMPTS)
    assert set(report.analyses) == {"first_token"}
    first = first_token_in(report)
    assert first is not None and first.no_layers == "no torch"


def test_a_report_goes_through_evidence_unchanged_and_is_no_analysis_of_files() -> None:
    report = analyse("tuned", reading(), reading(refused=0.1), PROMPTS)
    assert weight_report_in(report.body()) == report
    assert not of_files(report)
    assert of_files(report.model_copy(update={"analyses": {**report.analyses, "delta": {}}}))


def test_prompts_are_filled_up_from_the_basics_and_split_by_kind() -> None:
    chosen = choose_prompts([], 40, seed=1)
    assert chosen.asked.model_dump(exclude={"digest"}) == {
        "harmful_fit": 20, "benign_fit": 20, "harmful": 20, "benign": 20, "sources": {"ftsafety/basics": 80},
    }  # fmt: skip
    assert len({prompt.cluster for prompt in chosen.prompts}) == 80
    assert chosen.chats("Be brief.")[0][0] == {"role": "system", "content": "Be brief."}
