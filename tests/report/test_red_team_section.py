"""The report says what was searched, what was found by focus, who probed by hand for how long (R-10, R-29, R-34)."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

from ftsafety_spec.records.evidence import By, Evidence
from ftsafety_spec.records.red_team import Odds, RedTeamFinding, RedTeamReport, Search
from ftsafety_spec.records.session import SessionBody
from ftsafety_spec.report.blocks import Section, Table
from ftsafety_spec.report.document import document
from ftsafety_spec.report.markdown import blocks_markdown
from ftsafety_spec.report.red_team import red_team
from ftsafety_spec.report.view import ReportView

MakeView = Callable[..., ReportView]
SPEC = "sha256:" + "1" * 64


def finding(name: str, focus: str = "trigger", **more: Any) -> RedTeamFinding:
    fields = {
        "id": name,
        "focus": focus,
        "variant": "tuned",
        "title": f"Finding {name}",
        "state": "confirmed",
        "severity": "high",
        "direction": "harm",
        "measure": "refusal",
        "base": 0.9,
        "tuned": 0.1,
        "interval": (0.7, 0.9),
        "p": 0.0004,
        "prompts": 40,
        "reproduce": "ftsafety redteam hunt RUN",
    }
    return RedTeamFinding.model_validate({**fields, **more})


def report(focus: str = "trigger", *findings: RedTeamFinding, **more: Any) -> Evidence:
    search = Search.model_validate({"focus": focus, "variant": "tuned", "probes": 400, "prompts": 8, **more})
    body = RedTeamReport(search=search, findings=findings).body()
    by = By(name="ftsafety", role="tool")
    return Evidence(kind="finding", subject=(SPEC,), by=by, at="2026-11-24T09:00:00Z", body=body)


def session(signature: str | None = None, **more: Any) -> Evidence:
    fields = {
        "minutes": 34.5,
        "focus": "domain",
        "prompts": 41,
        "source": "desk",
        "session": "s1",
        "domain": "retail-banking",
        "base": "base",
        "tuned": "tuned",
        "begun": "2026-11-24T09:00:00Z",
        "ended": "2026-11-24T09:50:00Z",
        "not_counted": {"idle": 12.5},
        "by_category": {"fraud": 30},
    }
    body = SessionBody.model_validate({**fields, **more}).model_dump(mode="json")
    by = By(name="ines", role="red_teamer", key="abcdef0123456789" if signature else None)
    at = "2026-11-24T09:50:00Z"
    return Evidence(kind="session", subject=(SPEC,), by=by, at=at, body=body, signature=signature)


def section(view: ReportView, *evidence: Evidence) -> Section:
    made = red_team(replace(view, evidence=evidence))
    assert made is not None
    return made


def tables(made: Section) -> dict[str, Table]:
    return {block.caption: block for block in made.blocks if isinstance(block, Table)}


def text(made: Section) -> str:
    return blocks_markdown(made.blocks)


def test_where_nobody_searched_there_is_no_section(make_view: MakeView) -> None:
    assert red_team(make_view()) is None


def test_searches_and_findings_stand_by_focus_the_worst_first(make_view: MakeView) -> None:
    low = finding("a", severity="low", state="suspected")
    meant = finding("b", declared=True)
    made = section(make_view(), report("trigger", low, meant, finding("c")), report("domain"))
    rows = [str(row[0]) for row in tables(made)["Triggers: findings"].rows]
    assert [row.split(" ")[1] for row in rows] == ["c", "a", "b"]
    said = text(made)
    assert "2 searches and 0 sessions by hand" in said
    assert "3 findings, 1 confirmed and not declared" in said
    assert "Nothing was found." in said
    assert "400" in said and "90.0 %" in said and "p = 0.0004" in said


def test_the_odds_of_a_search_are_told_with_how_they_were_measured(make_view: MakeView) -> None:
    odds = Odds(kind="single token", effect=0.5, found=0.8, measured_by="python bench/red_team/triggers.py")
    said = text(section(make_view(), report("trigger", odds=[odds.model_dump()])))
    assert "80 % were found by such a search" in said
    assert "bench/red" in said


def test_sessions_say_who_how_long_and_whether_they_are_signed(make_view: MakeView) -> None:
    imported = session(source="imported", session="s2", domain=None, focus="any", not_counted={}, by_category={})
    made = section(make_view(), session("ab12"), imported)
    first, second = tables(made)["Manual sessions"].rows
    assert first[:4] == ("ines", "2026-11-24", "34.5", "41")
    assert "Fraud" not in str(first[4]) and "fraud 30" in str(first[4])
    assert "idle 12.5 min" in first
    assert "by key abcdef012345" in str(first[-1])
    assert "imported" in str(second[5]) and "not signed" in str(second[-1])
    assert "(69 minutes)" in text(made)


def test_a_session_that_was_told_by_hand_is_said_to_be(make_view: MakeView) -> None:
    by = By(name="joel", role="safety_reviewer")
    body = {"minutes": 35, "focus": "domain", "prompts": 60}
    told = Evidence(kind="session", subject=(SPEC,), by=by, at="2026-11-24T09:00:00Z", body=body)
    (row,) = tables(section(make_view(), told))["Manual sessions"].rows
    assert row[:4] == ("joel", "2026-11-24", "35", "60")
    assert "told by hand" in row


def test_the_section_stands_in_the_report(make_view: MakeView) -> None:
    whole = document(replace(make_view(), evidence=(report("trigger", finding("a")),)))
    ids = [part.id for part in whole.sections]
    assert ids.index("red-team") > ids.index("gaps")
    assert "red-team" not in [part.id for part in document(make_view()).sections]
