"""Progress: counts, rate and spend to stderr; quiet where nobody watches; never a text of a model."""

from __future__ import annotations

import sys
import time

import pytest

from ftsafety_spec.cli.progress import Bar, Lines, Tally, progress_display


def tally(done: int, total: int, usd: float | None = 0.01) -> Tally:
    made = Tally(total=total, begun=0.0)
    for _ in range(done):
        made.answered(10, usd)
    return made


def test_rate_time_left_and_spend() -> None:
    assert tally(20, 100).summary(now=10.0) == "2.0/s · 40 s left · 0.20 USD"


def test_nothing_is_left_when_all_is_done_and_nothing_guessed_before_the_first() -> None:
    assert tally(4, 4).summary(now=2.0) == "2.0/s · 0.04 USD"
    assert tally(0, 4).summary(now=2.0) == "0.00 USD"
    assert "left" not in tally(1, 1000).summary(now=60.0), "the first answer waits for the engine to load"


def test_an_unknown_price_is_unknown_and_not_nought() -> None:
    made = tally(1, 2, None)
    made.answered(10, 0.5)
    assert "spend unknown" in made.summary(now=1.0) and "USD" not in made.summary(now=1.0)


def test_a_pipe_gets_a_line_every_ten_seconds_only(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    clock = [100.0]
    monkeypatch.setattr(time, "monotonic", lambda: clock[0])
    shown = Lines()
    shown.started(1000, 7)
    for _ in range(600):
        clock[0] += 0.05
        shown.answered("tuned", "s.t", 5, 0.0, 0.1)
    shown.graded(600)
    shown.finished()
    shown.finished()
    lines = capsys.readouterr().err.splitlines()
    assert lines[0] == "1000 calls to make, 7 answered before"
    assert len(lines) in (4, 5), lines
    assert lines[-1].startswith("600 answered, 600 graded")


def test_notes_are_printed_without_control_characters(capsys: pytest.CaptureFixture[str]) -> None:
    Lines().note("a\x1b[31mb")
    bar = Bar()
    bar.note("c\x1b[31md")
    bar.started(2, 0)
    bar.note("e\x1b[2Jf [bold]g[/bold]")
    bar.answered("tuned", "s.t", 5, None, 0.1)
    bar.graded(1)
    bar.finished()
    bar.finished()
    shown = capsys.readouterr().err
    assert "a[31mb" in shown and "c[31md" in shown and "[bold]g[/bold]" in shown
    assert "\x1b[31m" not in shown and "\x1b[2J" not in shown


def test_the_display_fits_where_stderr_goes(monkeypatch: pytest.MonkeyPatch) -> None:
    assert isinstance(progress_display(), Lines)
    monkeypatch.setattr(sys.stderr, "isatty", lambda: True, raising=False)
    assert isinstance(progress_display(), Bar)
