"""The report as Markdown: the same blocks as the page, for terminals, pull requests and step summaries.
Given a view, gives text in which no value of a record can become markup."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any

from ftsafety_spec.report import blocks, numbers, words
from ftsafety_spec.report.document import document
from ftsafety_spec.report.safe import fenced, one_line
from ftsafety_spec.report.safe import markdown as escaped
from ftsafety_spec.report.view import ReportView

SIGNS = {
    "deploy": "✓",
    "ok": "✓",
    "deploy_enhanced": "◎",
    "review": "▲",
    "insufficient": "◇",
    "open": "◇",
    "block": "✕",
    "go": "✓",
    "pending": "◇",
    "no_go": "✕",
}


@dataclass(frozen=True)
class MarkdownRenderer:
    """`report.md`."""

    name: str = "markdown"
    filename: str = "report.md"

    def render(self, view: ReportView) -> str:
        """The whole text."""
        report = document(view)
        parts = [headline_markdown(report.headline)]
        for section in report.sections:
            parts.append(f"## {escaped(section.title)}")
            parts += [_RENDER[block.kind](block) for block in section.blocks]
        parts += ["---", *(escaped(line) for line in report.footer)]
        return "\n\n".join(part for part in parts if part) + "\n"


def blocks_markdown(given: Iterable[blocks.Block]) -> str:
    """Blocks alone, without a run's headline: for summaries of other commands."""
    return "\n\n".join(_RENDER[block.kind](block) for block in given) + "\n"


def headline_markdown(head: blocks.Headline) -> str:
    """The first screen alone."""
    action = f"{SIGNS[head.action]} {head.action_word}"
    variants = ", ".join(f"{escaped(name)}: {_cell(mark)}" for name, mark in head.variants)
    parts = [
        f"# {escaped(head.title)}",
        f"## {SIGNS[head.decision]} {head.decision_word}: {head.decision_means}",
        f"**{action}.** {escaped(head.means)}",
        *([f"**{escaped(head.beside)}**"] if head.beside else []),
        *([escaped(head.looked)] if head.looked else []),
        "### Why",
        _bullets(head.reasons, "1.") or "No rule found anything outside of its limits.",
        "### What is owed",
        _bullets(head.owed) or "Nothing.",
        "### What was not tested",
        _bullets(head.not_tested) or "Every method that the threats call for ran.",
        f"Holds until {escaped(head.until)}. Judged as of {escaped(head.as_of)} by policy "
        f" {escaped(head.policy)} (`{head.policy_digest}`). To be deployed: {variants or escaped(head.model)}.",
    ]
    if head.looser:
        parts += ["### This policy is looser than what it extends", _bullets(head.looser)]
    return "\n\n".join(parts)


def _bullets(items: tuple[str, ...], sign: str = "-") -> str:
    return "\n".join(f"{sign} {escaped(item)}" for item in items)


def _cell(value: blocks.Cell) -> str:
    if isinstance(value, blocks.Mark):
        return f"{SIGNS.get(value.tone, '')} {escaped(value.text)}".strip()
    if isinstance(value, blocks.Code):
        return _code(value.text)
    if isinstance(value, str):
        return escaped(value)
    return " ".join(_cell(part) for part in value)


def _code(text: str) -> str:
    """Code for digests and names; what code could not hold is escaped instead."""
    line = one_line(text)
    return f"`{line}`" if line and not set(line) & set("`|\\<>&@") else escaped(text)


def _text(block: blocks.Text) -> str:
    line = escaped(block.text)
    return f"> **Note:** {line}" if block.tone == "warning" else line


def _points(block: blocks.Points) -> str:
    return _bullets(block.items)


def _heading(block: blocks.Heading) -> str:
    return f"### {escaped(block.text)}" + (f" {_cell(block.mark)}" if block.mark else "")


def _table(block: blocks.Table) -> str:
    head = "| " + " | ".join(escaped(column.title) for column in block.columns) + " |"
    rule = "|" + "|".join(" ---: " if column.numeric else " --- " for column in block.columns) + "|"
    rows = ["| " + " | ".join(_cell(value) for value in row) + " |" for row in block.rows]
    body = "\n".join([head, rule, *rows]) if rows else "none"
    if block.fold:
        return _folded(f"{block.caption} ({len(block.rows)})", body)
    return f"**{escaped(block.caption)}**\n\n{body}"


def _folded(title: str, body: str) -> str:
    return f"<details><summary>{escaped(title)}</summary>\n\n{body}\n\n</details>"


def _facts(block: blocks.Facts) -> str:
    return "\n".join(f"- {escaped(name)}: {_cell(value)}" for name, value in block.pairs)


def _plot(block: blocks.Plot) -> str:
    """A plot has no place in plain text; its figures are in the tables, its bands are named here."""
    bands = [f"{words.ACTION[zone.action].lower()} {zone.label}" for zone in block.zones]
    line = "; ".join([*bands, *([block.limit_label] if block.limit is not None else [])])
    return f"{escaped(block.title)} ({escaped(block.axis)}): {escaped(line)}." if line else ""


def _heat(block: blocks.Heat) -> str:
    rows = "\n".join(f"- {escaped(row.label)}: at most {escaped(row.most)}" for row in block.rows)
    return f"{escaped(block.title)} ({escaped(block.axis)}):\n\n{rows}"


def _examples(block: blocks.Examples) -> str:
    parts = [f"### {escaped(block.title)}", escaped(block.lead)]
    for item in block.items:
        sides = [
            _answer("Prompt", item.prompt),
            _answer(f"Base ({item.base_reads})", item.base),
            _answer(f"Tuned ({item.tuned_reads})", item.tuned),
        ]
        if item.left_out:
            sides.append(f"{numbers.count(item.left_out)} characters left out.")
        parts.append(_folded(f"{SIGNS[item.mark.tone]} {item.mark.text}: {item.title}", "\n\n".join(sides)))
    return "\n\n".join(parts)


def _answer(title: str, text: str | None) -> str:
    return f"{title}:\n\n{fenced(text)}" if text is not None else f"{title}: text withheld"


def _cards(block: blocks.Cards) -> str:
    parts = []
    for card in block.items:
        parts.append(f"### {escaped(card.title)}\n\n{escaped(card.lead)}")
        parts.append("\n".join(f"- {escaped(name)}: {escaped(value)}" for name, value in card.pairs))
    return "\n\n".join(parts)


_RENDER: dict[str, Callable[[Any], str]] = {
    "text": _text,
    "points": _points,
    "heading": _heading,
    "table": _table,
    "facts": _facts,
    "plot": _plot,
    "heat": _heat,
    "examples": _examples,
    "cards": _cards,
}
RENDERER = MarkdownRenderer()
