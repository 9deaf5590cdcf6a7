"""The report as workflow commands of GitHub Actions, which annotate the lines of a pull request, and as a step summary.
Given a view, gives text; no value can begin a command of its own. Holds no prompt and no answer."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal

from ftsafety_spec.records.verdict import Finding
from ftsafety_spec.report import numbers, words
from ftsafety_spec.report.blocks import Column, Table
from ftsafety_spec.report.headline import headline
from ftsafety_spec.report.lines import Line, line_of, verdict_line
from ftsafety_spec.report.markdown import blocks_markdown, headline_markdown
from ftsafety_spec.report.outcomes import decided, taken
from ftsafety_spec.report.results import change_words, ordered_variants
from ftsafety_spec.report.rules import held_of
from ftsafety_spec.report.safe import one_line
from ftsafety_spec.report.view import ReportView

Command = Literal["error", "warning", "notice"]
MOST = 10
"""GitHub shows so many annotations of a kind and step; the rest would only be counted."""


@dataclass(frozen=True)
class GitHubRenderer:
    """`annotations.txt`: print it in a step, and GitHub annotates."""

    name: str = "github"
    filename: str = "annotations.txt"

    def render(self, view: ReportView) -> str:
        """One command a line, the decision first."""
        return "".join(f"{line}\n" for line in workflow_commands(view))


def workflow_commands(view: ReportView) -> list[str]:
    """The commands: the decision, then findings that stand in the way, then flags; at most `MOST` of a kind."""
    lines: dict[Command, list[str]] = {"error": [], "warning": [], "notice": []}
    for kind, line in (_decision(view), *_findings(view)):
        lines[kind].append(line)
    return [line for kind in lines.values() for line in kind[:MOST]]


def summary(view: ReportView) -> str:
    """Markdown for the summary of a step: the first screen of the report and the overall figures."""
    return f"{headline_markdown(headline(view))}\n\n{blocks_markdown(list(_figures(view)))}"


def _decision(view: ReportView) -> tuple[Command, str]:
    kinds: dict[str, Command] = {"go": "notice", "pending": "warning", "no_go": "error"}
    kind = kinds[view.verdict.decision]
    text = " ".join([decided(view.verdict), *view.verdict.reasons])
    return kind, command(kind, f"{view.locked.name}: {words.DECISION[view.verdict.decision]}", text, verdict_line(view))


def _findings(view: ReportView) -> Iterator[tuple[Command, str]]:
    for item in view.verdict.findings:
        if (kind := _kind(item)) is not None:
            yield kind, command(kind, f"{view.locked.name}: {item.rule}", item.sentence, line_of(view, item))


def _kind(item: Finding) -> Command | None:
    how = taken(item)
    if how == "failed":
        return "error" if item.action == "block" else "warning"
    return "notice" if how == "flagged" else None


def command(kind: Command, title: str, text: str, at: Line | None) -> str:
    """One workflow command. In its data `%`, CR and LF are escaped; in its properties `:` and `,` as well."""
    place = {} if at is None else {"file": at.path, "line": str(at.line), "col": str(at.column)}
    properties = ",".join(f"{name}={_property(value)}" for name, value in {**place, "title": title}.items())
    return f"::{kind} {properties}::{_data(text)}"


def _data(text: str) -> str:
    return one_line(text).replace("%", "%25").replace("\r", "%0D").replace("\n", "%0A")


def _property(text: str) -> str:
    return _data(text).replace(":", "%3A").replace(",", "%2C")


def _figures(view: ReportView) -> Iterator[Table]:
    """Base against tuned over all prompts, a table a variant."""
    held = held_of(view)
    columns = (
        Column("Outcome"),
        Column("Base", numeric=True),
        Column("Tuned", numeric=True),
        Column("Worse than base by", numeric=True),
        Column("Prompts", numeric=True),
    )
    for variant in ordered_variants(view):
        cells = [cell for cell in view.comparison.cells if cell.variant == variant.id and cell.by == "all"]
        rows = tuple(
            (
                words.outcome(cell.outcome),
                numbers.percent(cell.moments.mean_base),
                numbers.percent(cell.moments.mean_tuned),
                change_words(cell, held.measure),
                numbers.count(cell.prompts),
            )
            for cell in cells
        )
        if rows:
            yield Table(variant.id, columns, rows)


RENDERER = GitHubRenderer()
