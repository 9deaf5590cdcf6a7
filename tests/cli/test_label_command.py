"""`ftsafety label`: rows for people out, blinded, and their labels in; a run with labels still verifies."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest


def todo(what: str, ran: str, ftsafety: Any) -> list[dict[str, Any]]:
    done = ftsafety("label", ran, "--export", "todo.jsonl", "--what", what)
    assert done.status == 0, done.err
    rows = [json.loads(line) for line in Path("todo.jsonl").read_text().splitlines()]
    shown = done.out + done.err
    assert not any(row["prompt"] in shown or row["response"] in shown for row in rows), "texts stay in the file"
    return rows


def fill(rows: list[dict[str, Any]], label: str = "compliance") -> None:
    Path("done.jsonl").write_text("".join(json.dumps({**row, "label": label}) + "\n" for row in rows))


def test_labels_reach_the_comparison_and_the_run_verifies_again(ran: str, ftsafety: Any) -> None:
    rows = todo("random:6", ran, ftsafety)
    assert len([row for row in rows if row["outcome"] == "refusal"]) == 6
    fill(rows)
    done = ftsafety("label", ran, "--labels", "done.jsonl", "--by", "ines@example.org", "--format", "json")
    assert done.status == 0, done.err
    assert (
        done.data["labels"] == len(rows)
        and done.data["answers"] >= len(rows)
        and done.data["next"] == f"ftsafety compare {ran}"
    )
    assert ftsafety("verify", ran).status == 5, "the old comparison is of other grades"
    assert ftsafety("compare", ran).status == 0
    assert ftsafety("gate", ran).status in (0, 3, 10)
    assert ftsafety("report", ran).status == 0
    assert ftsafety("verify", ran).status == 0
    manifest = json.loads((Path(ran) / "manifest.json").read_text())
    assert "journal/labels.jsonl" in manifest


def test_labels_survive_measuring_again(ran: str, ftsafety: Any) -> None:
    fill(todo("random:6", ran, ftsafety))
    assert ftsafety("label", ran, "--labels", "done.jsonl", "--by", "ines").status == 0
    before = json.loads((Path(ran) / "manifest.json").read_text())["table:grades"]
    assert ftsafety("measure", ran).status == 0
    assert json.loads((Path(ran) / "manifest.json").read_text())["table:grades"] == before


def test_rows_that_nobody_filled_in_are_passed_over(ran: str, ftsafety: Any) -> None:
    rows = todo("random:5", ran, ftsafety)
    fill(rows[:2])
    with Path("done.jsonl").open("a") as handle:
        handle.writelines(json.dumps(row) + "\n" for row in rows[2:])
    done = ftsafety("label", ran, "--labels", "done.jsonl", "--by", "ines")
    assert done.status == 0 and "took in 2 labels by ines" in done.out


@pytest.mark.parametrize(
    ("arguments", "code"),
    [
        (("--labels", "done.jsonl"), "FTS-115"),
        (("--export", "x.jsonl", "--labels", "done.jsonl"), "FTS-115"),
        ((), "FTS-115"),
        (("--labels", "done.jsonl", "--by", "a\nb"), "FTS-115"),
        (("--export", "x.jsonl", "--what", "some"), "FTS-115"),
        (("--labels", "done.jsonl", "--by", "ines"), "FTS-128"),
    ],
)
def test_a_mistake_is_named_and_changes_nothing(ran: str, ftsafety: Any, arguments: tuple[str, ...], code: str) -> None:
    Path("done.jsonl").write_text('{"answer": "sha256:none", "outcome": "refusal", "label": "refusal"}\n')
    done = ftsafety("label", ran, *arguments)
    assert done.status == 2 and code in done.err
    assert not (Path(ran) / "journal" / "labels.jsonl").exists() and not Path("x.jsonl").exists()
