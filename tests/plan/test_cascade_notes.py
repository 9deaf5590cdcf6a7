"""What a plan says of a cascade before the run, and how a threshold is taken from a certificate."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

import pytest

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))  # for tests/support

from support.hand_made import locked_spec

from ftsafety_spec.errors import InputError
from ftsafety_spec.graders.thresholds import certified, threshold_of
from ftsafety_spec.plan.cascades import cascade_notes
from ftsafety_spec.records.certificate import Figure, Threshold
from ftsafety_spec.spec.suite import Escalation


def notes(where: str = "suite", **escalate: Any) -> list[str]:
    choice = {"refusal": {"primary": "own/cheap", "escalate": {"to": "own/strong", "below": 0.9, **escalate}}}
    task = {"prompts": "a.jsonl", **({"graders": choice} if where == "task" else {})}
    suite = {"title": "s", "revised": "2026-01-01", "tasks": {"t": task}}
    return cascade_notes(locked_spec(suites={"core": {**suite, **({"graders": choice} if where == "suite" else {})}}))


def test_an_audit_of_nothing_is_said_to_correct_nothing() -> None:
    assert notes(audit=0.05) == []
    (said,) = notes(audit=0)
    assert said.startswith("suites.core.graders.refusal.escalate: audit is 0") and "not corrected" in said
    (said,) = notes("task", audit=0)
    assert said.startswith("suites.core.tasks.t.graders.refusal.escalate")


def test_that_people_are_waited_for_is_said() -> None:
    (said,) = notes(audit=0.1, to="people")
    assert "waits for people" in said and "worst" in said


def row(sure: float, high: float | None) -> Threshold:
    error = Figure(value=0.01, interval=None if high is None else (0.0, high), n=100, prompts=100)
    return Threshold(sure=sure, decided=Figure(), error=Figure(), error_binary=error)


def test_the_smallest_threshold_whose_error_is_shown_to_be_small_is_taken() -> None:
    rows = [row(0.0, 0.09), row(0.5, None), row(0.8, 0.02), row(0.9, 0.01), row(0.99, 0.2)]
    assert threshold_of(rows, 0.02) == 0.8
    assert threshold_of(rows, 0.015) == 0.9, "few answers at the top widen the interval there; that hides nothing below"
    assert threshold_of(rows, 0.001) is None and threshold_of([], 0.5) is None


def test_a_grader_without_a_certificate_gives_no_threshold() -> None:
    escalate = Escalation(to="people", below="certificate", audit=0.1)
    with pytest.raises(InputError, match="no certificate") as caught:
        certified("own/cheap", None, escalate, "suites.core.graders.refusal.escalate")
    assert caught.value.code == "FTS-127"
