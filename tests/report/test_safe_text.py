"""Hidden characters become visible, Markdown stays words, fences hold."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ftsafety_spec.report.safe import cut, fenced, markdown, one_line, visible


@pytest.mark.parametrize(
    ("raw", "shown"),
    [
        ("a\x1b[31mb", "a␛[31mb"),
        ("nul\x00", "nul␀"),
        ("bell\x07 del\x7f", "bell␇ del␡"),
        ("c1 \x9b", "c1 ⟦U+009B⟧"),
        ("over\u202eride", "over⟦U+202E⟧ride"),
        ("iso\u2066late\u2069", "iso⟦U+2066⟧late⟦U+2069⟧"),
        ("zero\u200bwidth\ufeff", "zero⟦U+200B⟧width⟦U+FEFF⟧"),
        ("tag\U000e0041", "tag⟦U+E0041⟧"),
        ("lone \ud800", "lone ⟦U+D800⟧"),
        ("line\u2028separator", "line⟦U+2028⟧separator"),
        ("old\rmac", "old␍mac"),
        ("filler\u3164", "filler⟦U+3164⟧"),
    ],
)
def test_hidden_characters_are_shown(raw: str, shown: str) -> None:
    assert visible(raw) == shown


def test_lines_tabs_joiners_and_scripts_stay_as_they_are() -> None:
    text = "first\n\tsecond می\u200cخواهم 👩\u200d🔬 naïve ≥ 5\u00a0%"
    assert visible(text) == text
    assert visible("dos\r\nline") == "dos\nline"


@given(st.text())
def test_nothing_hidden_is_left(text: str) -> None:
    shown = visible(text)
    assert not any(ord(char) < 32 and char not in "\n\t" for char in shown)
    assert not set(shown) & set("\x7f\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069\u200e\u200f\u200b\ufeff")
    shown.encode("utf-8")  # no lone surrogate is left
    assert visible(shown) == shown


@pytest.mark.parametrize(
    ("raw", "escaped"),
    [
        ("# heading", r"\# heading"),
        ("- item", r"\- item"),
        ("1. item", r"1\. item"),
        ("2) item", r"2\) item"),
        ("94.1 %", "94.1 %"),
        ("[link](https://x.example)", r"\[link\](https\://x.example)"),
        ("![image](x)", r"\!\[image\](x)"),
        ("<b>&amp;", "&lt;b&gt;&amp;amp;"),
        ("a | b", r"a \| b"),
        ("`code` *bold* _it_ ~del~ $x$", r"\`code\` \*bold\* \_it\_ \~del\~ \$x\$"),
        ("www.example.org", r"www\.example.org"),
        ("line\nbreak", "line break"),
        ("back\\slash", "back\\\\slash"),
    ],
)
def test_markdown_prints_as_written(raw: str, escaped: str) -> None:
    assert markdown(raw) == escaped


def test_a_mention_notifies_nobody() -> None:
    assert "@team" not in markdown("ask @team")


@given(st.text(alphabet="`ab\n~", max_size=60))
def test_a_fence_cannot_be_closed_from_inside(text: str) -> None:
    first, *inside, last = fenced(text).split("\n")
    assert first == last + "text"
    assert set(last) == {"`"}
    assert not any(line.strip().startswith(last) for line in inside)


@given(st.text())
def test_one_line_is_one_line(text: str) -> None:
    assert len(one_line(text).splitlines()) <= 1


def test_long_texts_are_cut_and_counted() -> None:
    assert cut("abcdef", 4) == ("abcd", 2)
    assert cut("abc", 4) == ("abc", 0)
