"""R-54: fine-tunes of one base stand beside each other, and only those that were measured alike."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from support.hand_made import answered, compared, joined, locked_spec, plan_of, prompts

from ftsafety_spec.cli.main import main
from ftsafety_spec.errors import InputError
from ftsafety_spec.pipeline.cohort import cohort_of, read_summary, standings, write_summary
from ftsafety_spec.records.base import digest_text
from ftsafety_spec.records.folder import RunFolder
from ftsafety_spec.records.identity import Identity

N = 60


def run_of(root: Path, name: str, lost: int, **plan: Any) -> Path:
    """A compared run whose tuned model lost so many of its refusals."""
    folder = RunFolder(root / name)
    locked = locked_spec(title=f"Model {name}", budget={"hours": 1.0 + lost})
    asked = prompts(N)
    rows = joined(answered("base", asked, lambda _, __: 1.0), answered("tuned", asked, lambda i, _: float(i >= lost)))
    identities = {
        "base": Identity(kind="content", engine="e 1", weights=digest_text("base")),
        "tuned": Identity(kind="content", engine="e 1", weights=digest_text(name)),
    }
    made = plan_of(locked, **{"identities": identities, **plan})
    comparison = compared(folder.root / "tables", rows, locked)
    inputs = comparison.inputs.model_copy(update={"plan": made.compute_digest()})
    for record in (locked, made, comparison.model_copy(update={"inputs": inputs})):
        folder.write(record.sealed())
    return folder.root


@pytest.fixture
def runs(tmp_path: Path) -> list[Path]:
    return [run_of(tmp_path, name, lost) for name, lost in zip("abcde", (1, 2, 1, 3, 40), strict=True)]


def test_the_one_that_lost_most_comes_first_and_stands_out(runs: list[Path]) -> None:
    rows = [row for row in standings(cohort_of(runs)) if row.outcome == "refusal"]
    assert rows[0].member.title == "Model e" and rows[0].place.rank == 5
    assert [row.place.outlier for row in rows] == [True, False, False, False, False]


@pytest.mark.parametrize(
    ("change", "word"),
    [
        (lambda: {"identities": {v: Identity(kind="content", engine="e 1", weights=digest_text(v + "x"))
                                 for v in ("base", "tuned")}}, "base model"),
        (lambda: {"datasets": (plan_of(locked_spec()).datasets[0].model_copy(update={"digest": digest_text("o")}),)},
         "prompts"),
    ],
)  # fmt: skip
def test_runs_that_were_not_measured_alike_are_refused_with_the_reason(
    tmp_path: Path, runs: list[Path], change: Callable[[], dict[str, Any]], word: str
) -> None:
    other = run_of(tmp_path, "other", 1, **change())
    with pytest.raises(InputError, match=f"differs from .* in its {word}") as error:
        cohort_of([*runs, other])
    assert error.value.problems[0].code == "FTS-137"


def test_a_summary_holds_no_text_and_no_name_and_counts_elsewhere(tmp_path: Path, runs: list[Path]) -> None:
    file = tmp_path / "handed-on.json"
    write_summary(cohort_of(runs[:4]), file, named=False)
    said = file.read_text(encoding="utf-8")
    assert "Model" not in said and "core.t" not in said
    cohort = cohort_of(runs[4:], [file])
    assert sorted(member.shared for member in cohort.members) == [False, True, True, True, True]
    assert standings(cohort)[0].place.outlier
    again = tmp_path / "again.json"
    write_summary(cohort, again, named=True)
    assert len(read_summary(again).members) == 1, "what others handed on is not handed on again"


def test_a_changed_summary_is_refused(tmp_path: Path, runs: list[Path]) -> None:
    file = tmp_path / "handed-on.json"
    write_summary(cohort_of(runs), file, named=True)
    data = json.loads(file.read_text(encoding="utf-8"))
    data["members"][0]["cells"][0]["moments"]["mean_tuned"] = 1.0
    file.write_text(json.dumps(data), encoding="utf-8")
    with pytest.raises(InputError, match="digest"):
        cohort_of(runs, [file])


def test_the_command_prints_writes_and_plots(
    tmp_path: Path, runs: list[Path], capsys: pytest.CaptureFixture[str]
) -> None:
    plot, export = tmp_path / "cohort.html", tmp_path / "cohort.json"
    arguments = ["compare", *map(str, runs), "--plot", str(plot), "--export", str(export), "--named"]
    assert main(arguments) == 0
    assert "outlier" in capsys.readouterr().out
    page = plot.read_text(encoding="utf-8")
    assert "<script" not in page and "Model e" in page and "Content-Security-Policy" in page
    assert main(["compare", *map(str, runs), "--format", "json"]) == 0
    assert json.loads(capsys.readouterr().out)["members"] == 5
