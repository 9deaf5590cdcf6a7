"""`ftsafety activations` says what is not possible here, and prints figures without texts (R-53, R-55)."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import jsonschema
import pytest

from ftsafety_spec.cli.result_schema import result_schema
from ftsafety_spec.pipeline import activations
from ftsafety_spec.pipeline.weighing import Weighed
from ftsafety_spec.records.activations import Asked, FirstToken
from ftsafety_spec.records.certificate import Figure
from ftsafety_spec.records.weights import WeightFinding, WeightReport

ASKED = Asked(harmful_fit=8, benign_fit=8, harmful=8, benign=8, sources={}, digest="sha256:" + "1" * 64)


def test_recorded_answers_have_no_activations_and_the_reason_is_a_row(ran: str, ftsafety: Any) -> None:
    done = ftsafety("activations", ran)
    assert done.status == 0, done.err
    assert "tuned: not possible here: " in done.out
    as_json = ftsafety("activations", ran, "--format", "json").data
    jsonschema.validate(as_json, result_schema("result:activations"))
    assert set(as_json["not_possible"]) == {"tuned"} and as_json["added"] == []


def test_figures_and_findings_are_printed(ran: str, ftsafety: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    fell = Figure(value=-3.5, se=0.2, interval=(-3.9, -3.1), n=8, prompts=8)
    first = FirstToken(prompts=ASKED, engine="torch", tokens=1, known=True, base_harmful=2.0, base_benign=-2.0,
                       harmful=fell, benign=Figure())  # fmt: skip
    finding = WeightFinding(
        id="margin", analysis="first_token", title="t", severity="medium", value=-3.5, sentence="The log-odds fell."
    )
    report = WeightReport(analyses={"first_token": first.model_dump(mode="json")}, findings=(finding,), variant="tuned")
    given: dict[str, Any] = {}

    def read(_folder: Any, **options: Any) -> Weighed:
        given.update(options)
        return Weighed({"tuned": report}, {"tuned": "layers: no torch"}, ("tuned",))

    monkeypatch.setattr(activations, "read_activations", read)
    done = ftsafety("activations", ran, "--prompts", "40")
    assert done.status == 0, done.err
    assert given["prompts"] == 40
    for part in ("-3.50 (-3.90 to -3.10)", "medium: The log-odds fell.", "layers: no torch"):
        assert part in done.out


def test_a_folder_that_is_no_run_is_refused(tmp_path: Path, ftsafety: Any) -> None:
    done = ftsafety("activations", str(tmp_path))
    assert done.status == 2 and "FTS-130" in done.err
