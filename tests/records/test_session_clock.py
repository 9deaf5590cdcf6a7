"""The clock of manual sessions counts a person at work, and nothing else (R-34)."""

from __future__ import annotations

import random
from pathlib import Path

import pytest

from ftsafety_spec.records.session import (
    OFF_DOMAIN,
    Answered,
    Asked,
    Begun,
    Ended,
    Event,
    Moved,
    Paused,
    Resumed,
    Side,
    Tagged,
    moment_of,
    seconds_of,
)
from ftsafety_spec.records.session_clock import RULES, joined, read_clock, scripted_turns, total, without

T0 = 1_795_000_000.0
DIGEST = "sha256:" + "0" * 64
SIDES = {name: Side(state="ok", text=DIGEST) for name in ("base", "tuned")}


def begun(focus: str = "domain") -> Begun:
    return Begun.model_validate(
        {
            "session": "s1",
            "by": "ines",
            "source": "desk",
            "focus": focus,
            "base": "base",
            "tuned": "tuned",
            "spec": DIGEST,
            "at": moment_of(T0),
        }
    )


def talk(times: list[float], chars: int = 30, answer: float = 1.0, category: str | None = None) -> list[Event]:
    """Messages so many seconds after the beginning, each answered after `answer` seconds."""
    found: list[Event] = [begun()]
    for turn, at in enumerate(times, start=1):
        asked = moment_of(T0 + at)
        found.append(Asked(turn=turn, text=DIGEST, chars=chars, category=category, at=asked))
        found.append(Answered(turn=turn, sides=SIDES, at=moment_of(T0 + at + answer)))
    return found


def test_time_between_a_persons_actions_counts() -> None:
    clock = read_clock(talk([40, 95, 160]))
    assert clock.seconds == pytest.approx(160)
    assert clock.minutes == 2.66  # rounded down, never up
    assert clock.left_out == {}


def test_idle_time_counts_up_to_the_limit_only() -> None:
    clock = read_clock(talk([40, 40 + 3600]))
    assert clock.seconds == pytest.approx(40 + RULES.idle)
    assert clock.left_out["idle"] == pytest.approx(3600 - RULES.idle)


def test_an_open_window_overnight_is_no_half_hour() -> None:
    events = talk([30])
    clock = read_clock(events, until=T0 + 12 * 3600)
    assert clock.minutes < 3


def test_a_pause_and_an_interruption_do_not_count() -> None:
    events = talk([30])
    paused = [*events, Paused(at=moment_of(T0 + 60)), Resumed(source="desk", at=moment_of(T0 + 100))]
    later = [*paused, Tagged(turn=1, variant="tuned", tag="odd", at=moment_of(T0 + 110))]
    assert read_clock(later).seconds == pytest.approx(30 + 30 + 10)
    assert read_clock(later).left_out == {"away": pytest.approx(40)}
    killed = [*events, Resumed(source="desk", at=moment_of(T0 + 90)), Moved(turn=1, at=moment_of(T0 + 95))]
    assert read_clock(killed).seconds == pytest.approx(30 + 5)


def test_a_session_that_somebody_closes_a_day_later_does_not_grow() -> None:
    events = talk([30, 70])
    closed = [*events, Ended(closed=True, at=moment_of(T0 + 86_400))]
    assert read_clock(closed).seconds == read_clock(events).seconds == pytest.approx(70)
    by_hand = [*events, Ended(at=moment_of(T0 + 100))]
    assert read_clock(by_hand).seconds == pytest.approx(100)


def test_a_script_that_fires_messages_has_no_minutes() -> None:
    events = talk([5 + 0.2 * number for number in range(300)], answer=0.05)
    assert read_clock(events).minutes == 0.08  # the five seconds before the first one
    assert len(scripted_turns(events)) == 299


def test_a_pasted_list_does_not_count_and_one_pasted_message_does() -> None:
    listed = talk([20, 40, 43, 46, 49, 90], chars=200)
    assert scripted_turns(listed) == frozenset({3, 4, 5})
    assert read_clock(listed).left_out == {"scripted": pytest.approx(9)}
    alone = talk([20, 40, 43, 90], chars=200)
    assert scripted_turns(alone) == frozenset()


def test_a_script_that_waits_is_known_by_its_even_pace() -> None:
    slow = talk([40.0 * number + 0.1 * (number % 2) for number in range(1, 50)], answer=3)
    assert read_clock(slow).minutes < 0.7  # up to the first message, before there is a pace
    draw = random.Random(7)
    at, times = 0.0, list[float]()
    for _ in range(49):
        at += draw.uniform(15, 65)
        times.append(at)
    assert scripted_turns(talk(times, answer=3)) == frozenset()


def test_messages_about_another_domain_do_not_count_for_the_domain() -> None:
    events = talk([40, 95], category=OFF_DOMAIN)
    assert read_clock(events).minutes == 0
    assert read_clock(events).left_out == {OFF_DOMAIN: pytest.approx(95)}
    anything = [begun("any"), *events[1:]]
    assert read_clock(anything).seconds == pytest.approx(95)


def test_without_a_message_there_is_nothing_to_count() -> None:
    assert read_clock([begun(), Moved(turn=None, at=moment_of(T0 + 60))]).minutes == 0
    assert read_clock([begun()], until=T0 + 60).minutes == 0


def test_a_clock_that_is_set_back_counts_nothing() -> None:
    clock = read_clock(talk([40, -500, 30]))
    assert 0 <= clock.seconds <= 40 + RULES.idle
    assert clock.seconds == pytest.approx(total(clock.active))


def test_spans_are_counted_once() -> None:
    spans = joined([(0, 60), (30, 90), (200, 260)])
    assert spans == ((0, 90), (200, 260))
    assert without(spans, [(60, 220)]) == ((0, 60), (220, 260))
    assert without(spans, [(0, 300)]) == ()
    assert without(spans, []) == spans


def test_moments_keep_their_milliseconds() -> None:
    assert seconds_of(moment_of(T0 + 0.123)) == pytest.approx(T0 + 0.123, abs=1e-4)


def test_the_page_tells_the_rules_as_they_are() -> None:
    page = (Path(__file__).parents[2] / "docs" / "red-team.md").read_text(encoding="utf-8")
    words = {2: "two", 3: "three", 6: "six"}
    assert f"up to {words[int(RULES.idle / 60)]} minutes" in page
    assert f"less than {RULES.shortest:g} seconds" in page
    assert f"{words[RULES.pasted]} or more in a row, each faster than {RULES.fastest:g} characters" in page
    assert f"{words[RULES.steady]} or more in a row" in page and f"within {100 * RULES.jitter:g} %" in page
