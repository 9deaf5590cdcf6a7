"""Explanations of examples/recorded: the figures of real runs are the verdict's, and the page shows what is printed."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from support.recorded_example import EXAMPLE, MODELS, NEEDS_DATA, judged, made_project

from ftsafety_spec.cli.blocks_view import print_blocks
from ftsafety_spec.pipeline.explaining import explain_run
from ftsafety_spec.records.verdict import Verdict
from ftsafety_spec.report.explain_blocks import explanation_blocks

pytestmark = NEEDS_DATA


@pytest.fixture(scope="module")
def project(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return made_project(tmp_path_factory.mktemp("recorded") / "project")


@pytest.mark.parametrize("model", MODELS)
@pytest.mark.parametrize("tuned", ["ablated", "base"])
def test_explained_figures_of_real_runs_are_the_verdicts(project: Path, model: str, tuned: str) -> None:
    folder = judged(project, model, f"models.tuned.answers=answers/{model}.{tuned}.jsonl")
    verdict, made = folder.read(Verdict), explain_run(folder.root)
    told = {(x.rule, x.cell, x.sentence): x for rule in made.rules for x in rule.readings}
    assert len(told) == len(verdict.findings) >= 20
    for finding in verdict.findings:
        reading = told[finding.rule, finding.cell, finding.sentence]
        assert reading.agrees and (reading.value, reading.interval) == (finding.value, finding.interval)
    assert made.verdict is not None and made.verdict.action == verdict.action
    lost = explain_run(folder.root, "outcome:refusal").figures[0].discordant
    assert lost.rows is not None and len(lost.rows) == lost.lost + lost.gained
    assert (lost.lost > 80) == (tuned == "ablated")


def test_the_example_of_the_page_is_what_the_command_prints(project: Path, capsys: pytest.CaptureFixture[str]) -> None:
    folder = judged(project, "gemma-2b-it")
    capsys.readouterr()
    print_blocks(explanation_blocks(explain_run(folder.root, "privacy")))
    printed = "\n".join(line.rstrip() for line in capsys.readouterr().out.splitlines())
    page = (EXAMPLE.parents[1] / "docs" / "explain.md").read_text(encoding="utf-8")
    example = re.search(r"```text\n(.*?)\n```", page, re.DOTALL)
    assert example is not None and len(example[1].splitlines()) > 15
    assert example[1] in printed, "print it again with the commands above it"
