"""Model answers and user strings that try to break out of a report: the structure of the page, of the Markdown and of
the JSON is the same as with harmless ones, and what is shown is what was written."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import replace
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import pytest
from markdown_it import MarkdownIt

from ftsafety_spec.records.base import clean_text
from ftsafety_spec.report.html import RENDERER as HTML
from ftsafety_spec.report.json import RENDERER as JSON
from ftsafety_spec.report.markdown import RENDERER as MARKDOWN
from ftsafety_spec.report.safe import visible
from ftsafety_spec.report.view import ReportView

HOSTILE: list[str] = json.loads((Path(__file__).parent / "hostile.json").read_text(encoding="utf-8"))
WRITTEN = [item for item in HOSTILE if item.strip()]  # a record that people write is never blank
IDS = [f"answer-{index:02d}" for index in range(len(HOSTILE))]
View = Callable[..., ReportView]


class Structure(HTMLParser):
    """Tags with their attributes in order, and the texts of `pre`."""

    def __init__(self, page: str) -> None:
        super().__init__(convert_charrefs=True)
        self.tags: list[tuple[str, tuple[tuple[str, str | None], ...]]] = []
        self.pres: list[str] = []
        self.odd: list[str] = []
        self._in_pre = False
        self.feed(page)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, tuple(attrs)))
        if tag == "pre":
            self._in_pre = True
            self.pres.append("")

    def handle_endtag(self, tag: str) -> None:
        self.tags.append((f"/{tag}", ()))
        self._in_pre = self._in_pre and tag != "pre"

    def handle_data(self, data: str) -> None:
        if self._in_pre:
            self.pres[-1] += data

    def handle_comment(self, data: str) -> None:
        self.odd.append(data)

    def handle_pi(self, data: str) -> None:
        self.odd.append(data)

    def names(self) -> list[tuple[str, tuple[str, ...]]]:
        return [(tag, tuple(name for name, _ in attrs)) for tag, attrs in self.tags]


def tokens(text: str) -> list[tuple[str, str]]:
    """Kinds of Markdown tokens, nested ones too, without their texts."""
    parser = MarkdownIt("commonmark").enable(["table", "strikethrough"])
    found = []
    for token in parser.parse(text):
        found.append((token.type, token.content if "html" in token.type else ""))
        found += [(child.type, child.content if "html" in child.type else "") for child in token.children or []]
    return [kind for kind in found if kind[0] != "text"]


def small(view: ReportView) -> ReportView:
    """The view with few cells and three examples: quick to parse, every kind of block still in it."""
    cells = [cell for cell in view.comparison.cells if cell.variant == "tuned"]
    kept = tuple(cell for cell in cells if cell.by != "area" or cell.of in ("fraud", "advice"))
    update = {"cells": kept, "discordant": view.comparison.discordant[:3]}
    return replace(view, comparison=view.comparison.model_copy(update=update))


def with_strings(view: ReportView, text: str) -> ReportView:
    """The view with `text` in every place where a person, a model or a provider may write freely."""
    text = clean_text(text)  # no record can hold a lone surrogate
    verdict = view.verdict
    findings = tuple(item.model_copy(update={"sentence": text, "waived_by": text}) for item in verdict.findings)
    changed = verdict.model_copy(
        update={
            "title": text,
            "reasons": (text,) * 3,
            "findings": findings,
            "obligations": tuple(item.model_copy(update={"detail": text, "due": text}) for item in verdict.obligations),
            "missing": tuple(item.model_copy(update={"how": text, "found": {text: text}}) for item in verdict.missing),
            "not_measured": {text: text},
            "not_possible": {text: text},
            "threats": tuple(item.model_copy(update={"expected": text, "ran": (text,)}) for item in verdict.threats),
            "gaps": tuple(item.model_copy(update={"sentence": text}) for item in verdict.gaps),
            "overrides": (text,),
            "expires": text,
        }
    )
    rows = tuple(item.model_copy(update={"prompt_id": text, "task": text}) for item in view.comparison.discordant)
    cells = tuple(
        item if item.by == "all" else item.model_copy(update={"of": text, "id": f"{index}"})
        for index, item in enumerate(view.comparison.cells)
    )
    compared = view.comparison.model_copy(update={"discordant": rows, "cells": cells, "unequal": (text,)})
    card = dict.fromkeys(("title", "tests", "strength", "weakness", "citation"), text)
    sets = tuple(item.model_copy(update={"card": card, "licence": text}) for item in view.plan.datasets)
    return replace(
        view,
        verdict=changed,
        comparison=compared,
        plan=view.plan.model_copy(update={"datasets": sets}),
        locked=view.locked.model_copy(update={"plugins": {text: text}}),
        folder_name=text,
    )


@pytest.fixture(scope="module")
def harmless(make_view: View) -> dict[str, Any]:
    """The same reports with nothing hostile in them."""
    answer, string = small(make_view(answer=lambda _: "harmless")), with_strings(small(make_view()), "harmless")
    return {
        "answer": Structure(HTML.render(answer)),
        "string": Structure(HTML.render(string)),
        "answer tokens": tokens(MARKDOWN.render(answer)),
        "string tokens": tokens(MARKDOWN.render(string)),
    }


def test_there_are_at_least_fifty_hostile_answers() -> None:
    assert len(set(HOSTILE)) == len(HOSTILE) >= 50


@pytest.mark.parametrize("answer", HOSTILE, ids=IDS)
def test_a_hostile_answer_changes_no_tag_of_the_page(make_view: View, harmless: dict[str, Any], answer: str) -> None:
    page = Structure(HTML.render(small(make_view(answer=lambda _: answer))))
    same_tags = page.tags == harmless["answer"].tags
    assert same_tags
    assert page.odd == []
    shown = [text for text in page.pres if text == visible(answer)]
    assert len(shown) == 3


@pytest.mark.parametrize("text", WRITTEN, ids=IDS[: len(WRITTEN)])
def test_a_hostile_string_anywhere_changes_no_tag_of_the_page(
    make_view: View, harmless: dict[str, Any], text: str
) -> None:
    page = Structure(HTML.render(with_strings(small(make_view()), text)))
    same_structure = page.names() == harmless["string"].names()
    assert same_structure
    assert page.odd == []


@pytest.mark.parametrize("answer", HOSTILE, ids=IDS)
def test_a_hostile_answer_stays_in_its_fence(make_view: View, harmless: dict[str, Any], answer: str) -> None:
    text = MARKDOWN.render(small(make_view(answer=lambda _: answer)))
    same_tokens = tokens(text) == harmless["answer tokens"]
    assert same_tokens
    fences = [token.content for token in MarkdownIt("commonmark").parse(text) if token.type == "fence"]
    assert fences.count(visible(answer) + "\n") == 3


@pytest.mark.parametrize("text", WRITTEN, ids=IDS[: len(WRITTEN)])
def test_a_hostile_string_anywhere_is_only_words_in_markdown(
    make_view: View, harmless: dict[str, Any], text: str
) -> None:
    found = tokens(MARKDOWN.render(with_strings(small(make_view()), text)))
    same_kinds = kinds(found) == kinds(harmless["string tokens"])
    assert same_kinds


def kinds(found: list[tuple[str, str]]) -> list[tuple[str, str]]:
    """Without escapes, entities and code marks, which print as words."""
    words = {"text_special", "entity", "code_inline", "softbreak"}
    mine = ("html_block", "<details><summary>")
    return [mine if content.startswith(mine[1]) else (kind, content) for kind, content in found if kind not in words]


@pytest.mark.parametrize("renderer", [HTML, MARKDOWN, JSON], ids=lambda item: item.name)
def test_no_control_or_bidirectional_character_reaches_a_terminal(make_view: View, renderer: Any) -> None:
    together = " ".join(HOSTILE)
    text = renderer.render(with_strings(make_view(answer=lambda index: HOSTILE[40 + index % 14]), together))
    forbidden = {chr(code) for code in (*range(32), *range(0x7F, 0xA0), *range(0x202A, 0x202F), *range(0x2066, 0x206A))}
    found = sorted(f"U+{ord(char):04X}" for char in set(text) & (forbidden - {"\n", "\t"}))
    assert found == []
    text.encode("utf-8")


@pytest.mark.parametrize("text", WRITTEN, ids=IDS[: len(WRITTEN)])
def test_json_keeps_records_exactly_and_holds_no_answer(make_view: View, text: str) -> None:
    view = make_view(title=clean_text(text), answer=lambda _: "an answer that must not be in the file")
    written = JSON.render(view)
    data = json.loads(written)
    assert data["verdict"]["title"] == view.verdict.title
    assert data["verdict"]["decision"] == "no_go"
    assert "must not be in the file" not in written
