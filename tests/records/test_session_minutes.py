"""Which sessions count for a policy's minimum, and for how long together (R-34)."""

from __future__ import annotations

from typing import Any

import pytest

from ftsafety_spec.records.evidence import By, Evidence
from ftsafety_spec.records.session_minutes import counted_minutes, session_counts
from ftsafety_spec.spec.policy import SessionNeed

NEED = SessionNeed(minutes=30)


def session(by: str = "ines", start: int = 0, minutes: float = 20, **more: Any) -> Evidence:
    fields = {
        "minutes": minutes,
        "focus": "domain",
        "prompts": 20,
        "source": "desk",
        "session": f"s{start}",
        "domain": "medicine",
        "base": "base",
        "tuned": "tuned",
        "begun": "2026-11-24T09:00:00Z",
        "ended": "2026-11-24T09:50:00Z",
        "active": [[start, start + int(minutes * 60)]],
    }
    return told({**fields, **more}, by)


def told(body: dict[str, Any], by: str = "ines") -> Evidence:
    who = By(name=by, role="red_teamer")
    return Evidence(kind="session", subject=(), by=who, at="2026-11-24T09:50:00Z", body=body)


def test_sessions_of_several_people_and_times_add_up() -> None:
    items = [session(), session("joel"), session(start=7200), told({"minutes": 5, "focus": "domain"})]
    assert counted_minutes(items) == pytest.approx(65)


def test_one_persons_time_counts_once_however_often_it_stands_there() -> None:
    assert counted_minutes([session(), session()]) == pytest.approx(20)
    assert counted_minutes([session(), session(start=600)]) == pytest.approx(30)


def test_minutes_without_a_time_at_which_they_were_are_none() -> None:
    assert counted_minutes([session(minutes=500, active=[[0, 60]])]) == pytest.approx(1)
    assert counted_minutes([session(minutes=500, active=[])]) == 0


@pytest.mark.parametrize("minutes", [None, "35", True, -5, float("nan"), float("inf")])
def test_what_is_no_number_of_minutes_counts_as_nothing(minutes: object) -> None:
    assert counted_minutes([told({"minutes": minutes, "focus": "domain"})]) == 0


def test_a_session_about_another_domain_does_not_count_for_the_domain() -> None:
    assert session_counts(session(), NEED, "medicine")
    assert not session_counts(session(), NEED, "law")
    assert not session_counts(session(domain=None), NEED, "medicine")
    assert session_counts(session(domain=None), NEED, None)
    assert not session_counts(session(focus="any"), NEED, "medicine")
    assert session_counts(session(focus="any"), SessionNeed(minutes=30, focus="any"), "medicine")


def test_a_policy_may_take_only_what_was_held_here() -> None:
    here = SessionNeed(minutes=30, accept=["desk", "terminal"])
    assert session_counts(session(source="terminal"), here, "medicine")
    assert not session_counts(session(source="imported"), here, "medicine")
    by_hand = told({"minutes": 35, "focus": "domain"})
    assert session_counts(by_hand, NEED, "medicine")
    assert not session_counts(by_hand, here, "medicine")


def test_a_record_that_is_not_sound_does_not_count() -> None:
    broken = told({"session": "s1", "minutes": 35, "focus": "domain"})
    assert not session_counts(broken, NEED, "medicine")
    assert counted_minutes([broken]) == 0
