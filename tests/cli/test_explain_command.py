"""`ftsafety explain` as typed: in order, as JSON, with the nearest name, harmless whatever a file says."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from ftsafety_spec.cli.blocks_view import print_blocks
from ftsafety_spec.report.blocks import Code, Column, Facts, Heading, Mark, Points, Table, Text

HOSTILE = "x\x1b[2J\x9b31m\u202e[bold]y[/bold]\r\nz"


def test_the_whole_verdict_comes_in_order(ran: str, ftsafety: Any) -> None:
    done = ftsafety("explain", ran)
    assert done.status == 0, done.err
    assert done.out.startswith("NOT ENOUGH EVIDENCE  decision pending, exit status 3")
    titles = ("Decided by", "Rules", "Missing evidence", "Still owed by people", "What would change it")
    places = [done.out.index(f"\n{title}\n") for title in titles]
    assert places == sorted(places)
    policy = json.loads((Path(ran) / "policy.lock.json").read_text())["policy"]["rules"]
    table = done.out[places[1] : places[2]]
    assert [name for name in policy if f"\n{name} " not in table] == [], "one line a rule"


def test_json_holds_the_verdicts_own_figures(ran: str, ftsafety: Any) -> None:
    verdict = json.loads((Path(ran) / "verdict.json").read_text())
    data = ftsafety("explain", ran, "--format", "json").data
    assert data["schema"] == "ftsafety/explanation@1" and data["verdict"]["action"] == verdict["action"]
    told = {(x["rule"], x["cell"], x["sentence"]): x for rule in data["rules"] for x in rule["readings"]}
    assert len(told) == len(verdict["findings"])
    for finding in verdict["findings"]:
        reading = told[finding["rule"], finding["cell"], finding["sentence"]]
        assert (reading["value"], reading["interval"]) == (finding["value"], finding["interval"])


@pytest.mark.parametrize("name", ["bands", "refusal", "fraud", "sufficient", "support", "tuned/refusal/all/all"])
def test_a_rule_an_outcome_an_area_a_task_a_cell(ran: str, ftsafety: Any, name: str) -> None:
    done = ftsafety("explain", ran, name)
    assert done.status == 0 and done.out, done.err
    assert ftsafety("explain", ran, name, "--format", "json").data["about"][0]["name"].endswith(name)


def test_an_unknown_name_is_the_users_mistake(ran: str, ftsafety: Any) -> None:
    done = ftsafety("explain", ran, "fruad")
    assert done.status == 2 and "Did you mean fraud?" in done.err and "FTS-104" in done.err
    assert ftsafety("explain", ran, "fruad", "--format", "json").data["error"]["exit"] == 2


def test_a_run_that_is_not_judged_says_what_is_missing(ran: str, ftsafety: Any) -> None:
    (Path(ran) / "verdict.json").unlink()
    done = ftsafety("explain", ran)
    assert done.status == 2 and "FTS-130" in done.err and "`ftsafety gate` makes it" in done.err
    figure = ftsafety("explain", ran, "outcome:refusal")
    assert figure.status == 0 and "has not been judged" in figure.out
    (Path(ran) / "comparison.json").unlink()
    done = ftsafety("explain", ran, "fraud")
    assert done.status == 2 and "`ftsafety compare` makes it" in done.err


def test_no_prompt_and_no_answer_is_printed(ran: str, ftsafety: Any) -> None:
    rows = Path("data/domain.jsonl").read_text().splitlines()
    texts = [json.loads(line)["prompt"] for line in rows]
    shown = "".join(ftsafety("explain", ran, *name).out for name in ((), ("refusal",), ("fraud", "--format", "json")))
    assert [number for number, text in enumerate(texts) if text in shown] == []
    assert "fraud-1" in shown, "prompts are named by id"


def test_explaining_changes_nothing(ran: str, ftsafety: Any) -> None:
    before = {path: path.read_bytes() for path in sorted(Path(ran).rglob("*")) if path.is_file()}
    ftsafety("explain", ran, "refusal")
    assert before == {path: path.read_bytes() for path in sorted(Path(ran).rglob("*")) if path.is_file()}


def test_hostile_text_in_any_block_is_printed_harmless(capsys: pytest.CaptureFixture[str]) -> None:
    cells = (HOSTILE, Code(HOSTILE), (Mark(HOSTILE, "open"), HOSTILE))
    print_blocks(
        [
            Heading(HOSTILE, Mark(HOSTILE, "open")),
            Text(HOSTILE),
            Points((HOSTILE,)),
            Facts(((HOSTILE, Code(HOSTILE)),)),
            Table(HOSTILE, (Column("a"), Column("b"), Column("c")), (cells,)),
        ]
    )
    text = capsys.readouterr().out
    assert text.lower().count("[bold]y[/bold]") >= 8, "markup is text"
    assert not set(text) & {"\x1b", "\x9b", "\u202e", "\r"}
