"""Text of others is printed without anything that a terminal obeys."""

from __future__ import annotations

import json
import unicodedata

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ftsafety_spec.cli.output import console, print_json, table
from ftsafety_spec.cli.text import duration, interval, one_line, percent, safe


@settings(deadline=None)
@given(st.text())
def test_safe_text_holds_no_control_character_but_newline_and_tab(text: str) -> None:
    kinds = {unicodedata.category(char) for char in safe(text) if char not in "\n\t"}
    assert not kinds & {"Cc", "Cs"}


@settings(deadline=None)
@given(st.text(alphabet=st.characters(categories=["L", "N", "P", "S", "Zs"])))
def test_ordinary_text_of_any_language_stays_as_it_is(text: str) -> None:
    assert safe(text) == text


@pytest.mark.parametrize(
    "char", ["\u202a", "\u202e", "\u2066", "\u2069", "\u200f", "\x1b", "\x07", "\x9b", "\r", "\x7f"]
)
def test_what_moves_the_cursor_or_turns_the_line_round_is_taken_out(char: str) -> None:
    assert safe(f"a{char}b") == "ab"


@settings(deadline=None)
@given(st.text())
def test_one_line_is_one_line(text: str) -> None:
    assert len(one_line(text).splitlines()) <= 1


def test_one_line_is_cut_to_length() -> None:
    assert one_line("a b\nc", 4) == "a b…"
    assert one_line("a b\nc") == "a b c"


def test_a_table_prints_markup_as_text(capsys: pytest.CaptureFixture[str]) -> None:
    console().print(table(("name",), [("[bold red]x[/] [link=https://example.org]y[/link] :smile:",), (None,)]))
    shown = capsys.readouterr().out
    assert "[bold red]x[/]" in shown and "[link=https://example.org]y[/link]" in shown and ":smile:" in shown
    assert "–" in shown and "\x1b" not in shown


def test_json_is_ascii_where_a_terminal_would_obey(capsys: pytest.CaptureFixture[str]) -> None:
    data = {"text": "grün \x1b[2J \x9b2J \u202e \u2028"}
    print_json(data)
    shown = capsys.readouterr().out
    assert json.loads(shown) == data
    assert "grün" in shown and not set(shown) & {"\x1b", "\x9b", "\u202e", "\u2028"}


def test_json_refuses_what_is_no_number() -> None:
    with pytest.raises(ValueError, match="JSON"):
        print_json({"rate": float("nan")})


def test_numbers_for_people() -> None:
    assert percent(0.947) == "94.7 %" and percent(None) == "–"
    assert interval((0.1, 0.25)) == "10.0 to 25.0 %" and interval(None) == "–"
    assert (duration(12), duration(120), duration(9000)) == ("12 s", "2 min", "2.5 h")
