"""The page: one file, no script, no outside request, a policy that holds, references that lead somewhere, headings in
order, words beside every colour."""

from __future__ import annotations

import base64
import hashlib
import re
from collections.abc import Callable
from html.parser import HTMLParser
from itertools import pairwise

import pytest

from ftsafety_spec.report import RENDERERS, Renderer
from ftsafety_spec.report.html import RENDERER
from ftsafety_spec.report.view import ReportView

View = Callable[..., ReportView]
REFERENCES = {"href", "src", "srcset", "action", "formaction", "data", "poster", "xlink:href", "background", "ping"}
# fmt: off
ALLOWED = frozenset([
    "html", "head", "meta", "title", "style", "body", "a", "header", "p", "h1", "h2", "h3", "h4", "div",
    "main", "nav", "ol", "ul", "li", "section", "dl", "dt", "dd", "span", "code", "svg", "path", "circle",
    "rect", "line", "text", "figure", "figcaption", "table", "caption", "thead", "tbody", "tr", "th", "td",
    "details", "summary", "article", "pre", "footer",
])
# fmt: on
VOID = {"meta"}


class Page(HTMLParser):
    """Elements with attributes, the text of `style`, and whether tags are balanced."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.elements: list[tuple[str, dict[str, str | None]]] = []
        self.open: list[str] = []
        self.unbalanced: list[str] = []
        self.feed(page)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.elements.append((tag, dict(attrs)))
        if tag not in VOID:
            self.open.append(tag)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.elements.append((tag, dict(attrs)))

    def handle_endtag(self, tag: str) -> None:
        if not self.open or self.open.pop() != tag:
            self.unbalanced.append(tag)

    def values(self, name: str) -> list[str]:
        return [attrs[name] or "" for _, attrs in self.elements if name in attrs]

    def every(self, tag: str) -> list[dict[str, str | None]]:
        return [attrs for name, attrs in self.elements if name == tag]


@pytest.fixture(params=["block", "deploy", "open_weight", "withheld"])
def page(request: pytest.FixtureRequest, make_view: View) -> str:
    kinds = {
        "block": make_view(),
        "deploy": make_view(blocked=False),
        "open_weight": make_view(context="open_weight"),
        "withheld": make_view(texts=False),
    }
    return RENDERER.render(kinds[request.param])


def test_there_is_no_script_and_no_way_to_start_one(page: str) -> None:
    parsed = Page(page)
    assert {tag for tag, _ in parsed.elements} <= ALLOWED
    names = {name for _, attrs in parsed.elements for name in attrs}
    assert not {name for name in names if name.startswith("on")}
    assert "style" not in names  # the policy would refuse it


def test_nothing_leads_out_of_the_file(page: str) -> None:
    parsed = Page(page)
    found = [(name, value) for _, attrs in parsed.elements for name, value in attrs.items() if name in REFERENCES]
    assert found
    assert all(name == "href" and (value or "").startswith("#") for name, value in found)
    assert not re.search(r"@import|url\(|https?://", page)


def test_the_security_policy_is_there_before_anything_else_and_its_hash_holds(page: str) -> None:
    metas = Page(page).every("meta")
    policy = next(meta["content"] or "" for meta in metas if meta.get("http-equiv") == "Content-Security-Policy")
    style = re.search(r"<style>(.*?)</style>", page, re.S)
    assert style is not None
    digest = base64.b64encode(hashlib.sha256(style[1].encode()).digest()).decode()
    assert policy.startswith("default-src 'none'; ")
    assert f"style-src 'sha256-{digest}'" in policy
    assert "script-src" not in policy
    assert "unsafe" not in policy
    assert page.index("Content-Security-Policy") < page.index("<style>")


def test_every_reference_exists_and_no_id_twice(page: str) -> None:
    parsed = Page(page)
    ids = parsed.values("id")
    assert len(ids) == len(set(ids))
    wanted = {value[1:] for value in parsed.values("href")} | set(parsed.values("aria-labelledby"))
    assert wanted
    assert wanted <= set(ids)


def test_tags_are_balanced(page: str) -> None:
    parsed = Page(page)
    assert parsed.unbalanced == []
    assert parsed.open == []


def test_headings_never_skip_a_level(page: str) -> None:
    levels = [int(tag[1]) for tag, _ in Page(page).elements if re.fullmatch(r"h[1-6]", tag)]
    assert levels[0] == 1
    assert levels.count(1) == 1
    assert all(after - before <= 1 for before, after in pairwise(levels))


def test_every_drawing_speaks_or_is_hidden_from_readers(page: str) -> None:
    drawings = [
        attrs for attrs in Page(page).every("svg") if "viewbox" in attrs or "width" in attrs
    ]  # the rest are parts of one
    assert drawings
    axis = [attrs for attrs in drawings if attrs.get("height") == "18"]  # lies in an aria-hidden row
    assert all(attrs.get("aria-label") or attrs.get("aria-hidden") for attrs in drawings if attrs not in axis)


def test_tables_can_be_scrolled_by_keyboard_and_name_their_cells_when_narrow(page: str) -> None:
    parsed = Page(page)
    regions = [attrs for attrs in parsed.every("div") if attrs.get("class") == "scroll"]
    assert len(regions) == len(parsed.every("table")) > 5
    assert all(attrs.get("tabindex") == "0" and attrs.get("aria-label") for attrs in regions)
    assert all(attrs.get("data-label") for attrs in parsed.every("td") if "colspan" not in attrs)


def test_answers_are_folded(make_view: View) -> None:
    details = Page(RENDERER.render(make_view())).every("details")
    assert len(details) > 20
    assert all("open" not in attrs for attrs in details)


def test_a_decision_is_a_word_a_shape_and_only_then_a_colour(make_view: View) -> None:
    block, deploy = RENDERER.render(make_view()), RENDERER.render(make_view(blocked=False))
    assert "No-go: must not be deployed</h2>" in block
    assert "Go: cleared to deploy</h2>" in deploy
    sign = re.compile(r'<svg class="sign".*?</svg>', re.S)
    assert sign.findall(block) != sign.findall(deploy)


def test_equal_views_give_equal_bytes(make_view: View) -> None:
    assert RENDERER.render(make_view()) == RENDERER.render(make_view())


@pytest.mark.parametrize("name", ["html", "json", "markdown"])
def test_each_format_is_found_by_its_name(name: str) -> None:
    renderer = RENDERERS.get(name)
    assert isinstance(renderer, Renderer)
    assert renderer.name == name
