"""A verdict and a plan on a terminal: what decides comes first, and nothing in them can move the cursor."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from ftsafety_spec.cli.plan_view import estimate_lines
from ftsafety_spec.cli.text import value_text
from ftsafety_spec.cli.verdict_view import next_commands, print_verdict
from ftsafety_spec.records.folder import RunFolder
from ftsafety_spec.records.plan import Estimate
from ftsafety_spec.records.verdict import Obligation, Verdict

HOSTILE = "x\x1b[2J\x9b31m\u202e[bold]y[/bold]\r\nz"


@pytest.fixture
def verdict(judged: Path) -> Verdict:
    (folder,) = (judged / "runs").iterdir()
    return Verdict.from_json(json.loads((folder / "verdict.json").read_text()))


def shown(verdict: Verdict, capsys: pytest.CaptureFixture[str], **changes: Any) -> str:
    capsys.readouterr()
    print_verdict(verdict.model_copy(update=changes), RunFolder(Path("runs/a")), [Path("runs/a/report.html")])
    return capsys.readouterr().out


@pytest.mark.parametrize(
    ("decision", "action", "first"),
    [
        ("go", "deploy", "GO  action deploy"),
        ("pending", "review", "PENDING  action review"),
        ("no_go", "block", "NO GO  action block"),
    ],
)
def test_decision_and_action_come_first(
    verdict: Verdict, capsys: pytest.CaptureFixture[str], decision: str, action: str, first: str
) -> None:
    assert shown(verdict, capsys, decision=decision, action=action).startswith(first)


def test_three_reasons_are_shown_and_the_rest_counted(verdict: Verdict, capsys: pytest.CaptureFixture[str]) -> None:
    text = shown(verdict, capsys, reasons=tuple(f"reason {n}" for n in range(5)))
    assert "  1. reason 0" in text and "  3. reason 2" in text and "reason 3" not in text
    assert "… and 2 more in the report" in text


def test_hostile_text_of_a_spec_or_policy_is_printed_harmless(
    verdict: Verdict, capsys: pytest.CaptureFixture[str]
) -> None:
    missing = verdict.missing[0].model_copy(update={"how": HOSTILE, "need": HOSTILE, "found": HOSTILE})
    owed = verdict.obligations[0].model_copy(update={"detail": HOSTILE, "by": HOSTILE})
    text = shown(
        verdict, capsys, title=HOSTILE, reasons=(HOSTILE,), missing=(missing,), obligations=(owed,),
        not_measured={HOSTILE: HOSTILE}, overrides=(HOSTILE,),
    )  # fmt: skip
    assert text.count("[bold]y[/bold]") >= 8, "markup is text"
    assert not set(text) & {"\x1b", "\x9b", "\u202e", "\r"}
    assert "\nz" not in text, "a value cannot begin a line"


def test_where_all_is_well_little_is_printed(verdict: Verdict, capsys: pytest.CaptureFixture[str]) -> None:
    text = shown(verdict, capsys, decision="go", reasons=("ok",), missing=(), obligations=(), not_measured={})
    assert "Owed" not in text and "Missing" not in text and "Not measured" not in text
    assert "runs/a/report.html" in text and "ftsafety verify runs/a" in text


def test_a_looser_policy_is_said_beside_its_name(verdict: Verdict, capsys: pytest.CaptureFixture[str]) -> None:
    from ftsafety_spec.records.locked import Loosened

    loose = Loosened(rule="sufficient", field="session", than="ftsafety/default", from_=30, to=None)
    policy = verdict.policy.model_copy(update={"looser": (loose,)})
    assert "looser than the built-in policy in 1 place" in shown(verdict, capsys, policy=policy)
    assert "looser" not in shown(verdict, capsys)


def test_what_to_type_next_follows_the_decision(verdict: Verdict) -> None:
    folder = RunFolder(Path("runs/a"))
    blocked = verdict.model_copy(update={"decision": "no_go"})
    assert next_commands(blocked, folder)[0] == "ftsafety compare runs/a"
    fine = verdict.model_copy(update={"decision": "go", "missing": (), "obligations": ()})
    assert next_commands(fine, folder) == ["ftsafety verify runs/a"]


@pytest.mark.parametrize(
    ("owed", "command"),
    [
        ("human_review", "ftsafety review runs/a --by NAME"),
        ("flagged_item", "ftsafety review runs/a --by NAME"),
        ("risk_assessment", "ftsafety assess runs/a --by NAME"),
        ("risk_acceptance", "ftsafety accept runs/a --by NAME"),
        ("investigation", "ftsafety evidence runs/a --help"),
        ("a kind of a later version", "ftsafety evidence runs/a --help"),
    ],
)
def test_each_open_obligation_names_the_command_that_meets_it(verdict: Verdict, owed: str, command: str) -> None:
    duty = Obligation(kind=owed, by="r", people=1, state="open", detail="d")
    still = verdict.model_copy(update={"decision": "pending", "missing": (), "obligations": (duty, duty)})
    assert next_commands(still, RunFolder(Path("runs/a"))) == [command, "ftsafety verify runs/a"]
    met = still.model_copy(update={"obligations": (duty.model_copy(update={"state": "met"}),)})
    assert next_commands(met, RunFolder(Path("runs/a"))) == ["ftsafety verify runs/a"]


def test_a_missing_session_names_the_red_team_desk_before_any_signature(verdict: Verdict) -> None:
    missing = verdict.missing[0].model_copy(update={"need": "session"})
    duty = Obligation(kind="risk_acceptance", by="r", people=1, state="open", detail="d")
    still = verdict.model_copy(update={"decision": "pending", "missing": (missing,), "obligations": (duty,)})
    named = next_commands(still, RunFolder(Path("runs/a")))
    assert named == ["ftsafety redteam runs/a", "ftsafety accept runs/a --by NAME", "ftsafety verify runs/a"]


def test_what_a_plan_does_not_know_is_unknown_and_not_nought() -> None:
    estimate = Estimate(calls=1200, cached=3, tokens_in=5, tokens_out=6, usd=None, seconds=None)
    assert estimate_lines(estimate) == [
        "1,200 calls (3 answered before), 5 tokens in, 6 tokens out",
        "time: unknown; cost: price unknown",
    ]


@pytest.mark.parametrize(
    ("value", "text"),
    [
        ({"fraud": 8, "cyber": 0}, "fraud 8, cyber 0"),
        (["a", "b"], "a, b"),
        ([], "none"),
        ({}, "none"),
        (None, "none"),
        ("", "none"),
        (0, "0"),
        (30.0, "30"),
        (False, "False"),
    ],
)
def test_values_of_records_in_words(value: object, text: str) -> None:
    assert value_text(value) == text
