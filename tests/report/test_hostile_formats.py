"""The same hostile strings in the formats for build servers and the Hub: they end no element, begin no workflow
command, become no key, anchor or document of YAML, and no link of a message (issue 7, "Hostile content")."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import jsonschema
import pytest
import yaml
from markdown_it import MarkdownIt

from ftsafety_spec.records.base import clean_text
from ftsafety_spec.records.locked import Origin
from ftsafety_spec.report.github import RENDERER as GITHUB
from ftsafety_spec.report.github import summary
from ftsafety_spec.report.junit import RENDERER as JUNIT
from ftsafety_spec.report.modelcard import RENDERER as MODELCARD
from ftsafety_spec.report.safe import one_line
from ftsafety_spec.report.sarif import RENDERER as SARIF
from ftsafety_spec.report.view import ReportView

View = Callable[..., ReportView]
HERE = Path(__file__).parent
ANSWERS: list[str] = json.loads((HERE / "hostile.json").read_text(encoding="utf-8"))
COMMANDS = [
    "\n::error file=README.md,line=1::owned",
    "\r::add-mask::a",
    "%0A::set-output name=x::owned",
    "::stop-commands::x",
    "##[add-mask]x",
    "a,file=evil.py,line=2::b",
    "]]><failure/>",
    "<![CDATA[x]]>",
    "&owned; &#0; &#x1b;",
    "<!DOCTYPE x [<!ENTITY e SYSTEM 'file:///etc/passwd'>]>",
    "noncharacters \ufffe \uffff \U0001ffff end",
    "&anchor *alias !!python/object:os.system",
    "\n---\nmodel-index: []\n---\n",
    "'\n: {owned: true} # \"",
    "- item\n  key: value",
    "{0} {1} [link](https://evil.example)",
    '=HYPERLINK("https://evil.example")',
]
HOSTILE = [*(item for item in ANSWERS if item.strip()), *COMMANDS]
IDS = [f"string-{index:02d}" for index in range(len(HOSTILE))]
SARIF_SCHEMA = json.loads((HERE / "schemas" / "sarif-subset.schema.json").read_text())
HIDDEN = {chr(code) for code in (*range(32), *range(0x7F, 0xA0), *range(0x202A, 0x202F), *range(0x2066, 0x206A))}


def written_by(view: ReportView, text: str) -> ReportView:
    """The view with `text` in every place of a verdict, a spec and a comparison that one of these formats prints."""
    text = clean_text(text)
    verdict = view.verdict
    update = {"rule": text, "variant": text, "cell": text, "sentence": text, "waived_by": text}
    findings = [
        verdict.findings[0].model_copy(update=update),
        verdict.findings[0].model_copy(update={"sentence": text}),
    ]
    changed = verdict.model_copy(
        update={
            "title": text,
            "reasons": (text, text),
            "findings": (*findings, *(item.model_copy(update={"sentence": text}) for item in verdict.findings)),
            "missing": tuple(item.model_copy(update={"how": text, "need": text}) for item in verdict.missing),
            "obligations": tuple(
                item.model_copy(update={"by": text, "detail": text, "due": text}) for item in verdict.obligations
            ),
            "not_measured": {text: text},
            "not_possible": {text: text},
            "policy": verdict.policy.model_copy(update={"name": text}),
            "expires": text,
        }
    )
    cells = tuple(item.model_copy(update={"of": text}) if item.by == "task" else item for item in view.comparison.cells)
    sets = tuple(item.model_copy(update={"suite": "s", "task": text, "benchmark": text}) for item in view.plan.datasets)
    place = Origin(file=f"specs/{text}.yaml", line=3, column=9)
    return replace(
        view,
        verdict=changed,
        comparison=view.comparison.model_copy(update={"cells": cells}),
        plan=view.plan.model_copy(update={"datasets": sets}),
        locked=view.locked.model_copy(update={"name": text, "origins": {"policy": place}}),
        policy=view.policy.model_copy(update={"name": text}),
    )


def tags(element: ElementTree.Element) -> list[tuple[str, tuple[str, ...]]]:
    return [(item.tag, tuple(item.keys())) for item in element.iter()]


def shape(value: Any) -> Any:
    """Keys and types of plain data."""
    if isinstance(value, dict):
        return {key: shape(item) for key, item in value.items()}
    if isinstance(value, list):
        return [shape(item) for item in value]
    return type(value).__name__


@pytest.fixture(scope="module")
def plain(make_view: View) -> ReportView:
    return written_by(make_view(), "harmless")


@pytest.mark.parametrize("text", HOSTILE, ids=IDS)
def test_no_string_changes_an_element_of_junit(make_view: View, plain: ReportView, text: str) -> None:
    root = ElementTree.fromstring(JUNIT.render(written_by(make_view(), text)))
    assert tags(root) == tags(ElementTree.fromstring(JUNIT.render(plain)))


@pytest.mark.parametrize("text", HOSTILE, ids=IDS)
def test_no_string_changes_the_shape_of_sarif_or_makes_a_link(make_view: View, plain: ReportView, text: str) -> None:
    log = json.loads(SARIF.render(written_by(make_view(), text)))
    jsonschema.validate(log, SARIF_SCHEMA)
    assert shape(log) == shape(json.loads(SARIF.render(plain)))
    for row in log["runs"][0]["results"]:
        assert not re.search(r"(?<!\\)(\\\\)*[\[\]]", row["message"]["text"])
        assert not re.search(r"(?<!\{)\{(\{\{)*\d", row["message"]["text"])


@pytest.mark.parametrize("text", HOSTILE, ids=IDS)
def test_no_string_begins_a_workflow_command_of_its_own(make_view: View, plain: ReportView, text: str) -> None:
    lines, expected = (GITHUB.render(view).splitlines() for view in (written_by(make_view(), text), plain))
    assert [line.split(" ")[0] for line in lines] == [line.split(" ")[0] for line in expected]
    for line in lines:
        properties, _, data = line.split(" ", 1)[1].partition("::")
        names = [item.split("=")[0] for item in properties.split(",")]
        assert names == ["file", "line", "col", "title"]
        assert "%" not in re.sub("%(25|0A|0D|3A|2C)", "", properties + data)


@pytest.mark.parametrize("text", HOSTILE, ids=IDS)
def test_no_string_becomes_yaml_or_markup_on_a_model_card(make_view: View, plain: ReportView, text: str) -> None:
    card = MODELCARD.render(written_by(make_view(), text))
    assert [line for line in card.split("\n") if line == "---"] == ["---"] * 2
    front, body = card.removeprefix("---\n").split("\n---\n", 1)
    expected, harmless = MODELCARD.render(plain).removeprefix("---\n").split("\n---\n", 1)
    data = yaml.safe_load(front)
    assert shape(data) == shape(yaml.safe_load(expected))
    assert data["model-index"][0]["name"].replace(" ", "") == f"{one_line(clean_text(text))}/tuned".replace(" ", "")
    assert kinds(body) == kinds(harmless)


@pytest.mark.parametrize("text", HOSTILE, ids=IDS)
def test_no_string_becomes_markup_in_a_step_summary(make_view: View, plain: ReportView, text: str) -> None:
    assert kinds(summary(written_by(make_view(), text))) == kinds(summary(plain))


def kinds(text: str) -> list[tuple[str, str]]:
    """Kinds of Markdown tokens but words, with the texts of HTML."""
    words = {"text", "text_special", "entity", "code_inline", "softbreak"}
    found = []
    for token in MarkdownIt("commonmark").enable(["table", "strikethrough"]).parse(text):
        for item in (token, *(token.children or [])):
            if item.type not in words:
                found.append((item.type, item.content if "html" in item.type else ""))
    return found


@pytest.mark.parametrize("renderer", [JUNIT, SARIF, GITHUB, MODELCARD], ids=lambda item: str(item.name))
def test_no_control_or_bidirectional_character_is_in_any_of_them(make_view: View, renderer: Any) -> None:
    text = renderer.render(written_by(make_view(), " ".join(HOSTILE)))
    assert sorted(f"U+{ord(char):04X}" for char in set(text) & (HIDDEN - {"\n", "\t"})) == []
    text.encode("utf-8")
