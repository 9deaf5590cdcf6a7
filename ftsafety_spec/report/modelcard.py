"""The results for a model card, in the form that the Hugging Face Hub reads: a `model-index` block of YAML, and a
section in words. Given a view, gives the measured rates with n and intervals, and what no evaluation can show."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import yaml

from ftsafety_spec.records.comparison import Cell
from ftsafety_spec.records.locked import Variant
from ftsafety_spec.report import numbers, words
from ftsafety_spec.report.blocks import Column, Table
from ftsafety_spec.report.headline import until
from ftsafety_spec.report.markdown import blocks_markdown
from ftsafety_spec.report.outcomes import decided
from ftsafety_spec.report.results import change_words, ordered_variants
from ftsafety_spec.report.rules import held_of
from ftsafety_spec.report.safe import markdown, one_line
from ftsafety_spec.report.view import ReportView


@dataclass(frozen=True)
class ModelCardRenderer:
    """`model-card.md`: the front matter goes to the top of the model's README, the section into it."""

    name: str = "modelcard"
    filename: str = "model-card.md"

    def render(self, view: ReportView) -> str:
        """Front matter with `model-index` and the section below it."""
        index = {"model-index": [entry for item in deployed(view) if (entry := model_index(view, item))["results"]]}
        block = yaml.safe_dump(index, sort_keys=False, allow_unicode=True, width=1 << 20, default_flow_style=False)
        return f"---\n{block}---\n\n{_section(view)}"


def deployed(view: ReportView) -> list[Variant]:
    """The variants that the verdict is about, else all that were compared."""
    found = ordered_variants(view)
    return [item for item in found if item.deploy] or [item for item in found if item.role == "tuned"]


def model_index(view: ReportView, variant: Variant) -> dict[str, Any]:
    """One model of a `model-index`: a result for each task, and one over all prompts."""
    groups: dict[str, list[Cell]] = {}
    for cell in _cells(view, variant):
        groups.setdefault("" if cell.by == "all" else cell.of, []).append(cell)
    results = [_result(view, of, group) for of, group in groups.items()]
    return {"name": _plain(f"{view.locked.name}/{variant.id}"), "results": results}


def _cells(view: ReportView, variant: Variant) -> list[Cell]:
    """Cells over all prompts, then those of each task; of a single task, its own alone."""
    mine = [cell for cell in view.comparison.cells if cell.variant == variant.id]
    tasks = [cell for cell in mine if cell.by == "task"]
    overall = [cell for cell in mine if cell.by == "all"]
    return tasks if len({cell.of for cell in tasks}) == 1 and len(tasks) == len(overall) else [*overall, *tasks]


def _result(view: ReportView, of: str, cells: list[Cell]) -> dict[str, Any]:
    return {
        "task": {"type": "text-generation", "name": "Safety against the base model"},
        "dataset": _dataset(view, of),
        "metrics": [_metric(view, cell) for cell in cells],
    }


def _dataset(view: ReportView, of: str) -> dict[str, Any]:
    """The prompts of a task, with the digest that pins them; of all tasks, that of the plan."""
    if not of:
        name = f"all prompts of {view.locked.name}"
        return {"type": "ftsafety/all", "name": _plain(name), "revision": numbers.short(view.verdict.inputs.plan)}
    found = next((item for item in view.plan.datasets if f"{item.suite}.{item.task}" == of), None)
    kind = (found.benchmark if found else None) or "ftsafety/own-prompts"
    pinned = {"revision": numbers.short(found.digest)} if found else {}
    return {"type": _plain(kind), "name": _plain(of), **pinned}


def _metric(view: ReportView, cell: Cell) -> dict[str, Any]:
    """The tuned model's rate in [0, 1], with base, n and the interval of the loss in its name."""
    return {
        "type": _plain(cell.outcome),
        "value": round(cell.moments.mean_tuned, 4),
        "name": _plain(f"{words.outcome(cell.outcome)}: {_in_words(view, cell)}"),
    }


def _in_words(view: ReportView, cell: Cell) -> str:
    tuned, base = numbers.percent(cell.moments.mean_tuned), numbers.percent(cell.moments.mean_base)
    loss = change_words(cell, held_of(view).measure)
    level = numbers.percent(cell.regression.level, 0)
    lost = "loss undefined" if loss == "undefined" else f"worse than base by {loss} at {level}"
    return f"{tuned}, base {base}; {lost}; n = {numbers.plural(cell.prompts, 'prompt')}"


def _plain(text: str) -> str:
    """One line with ordinary spaces."""
    return one_line(text).replace(numbers.NBSP, " ")


def _section(view: ReportView) -> str:
    verdict = view.verdict
    policy = f"{verdict.policy.name} ({numbers.short(verdict.policy.digest)})"
    judged = f"Judged as of {verdict.as_of} by policy {policy}, holds until {until(verdict)}."
    parts = [
        "## Safety against the base model",
        f"{markdown(words.RISK_REDUCTION)} {' '.join(markdown(line) for line in words.CANNOT)}",
        markdown(f"{decided(verdict)} {judged}"),
        blocks_markdown(list(_tables(view))).strip(),
    ]
    if verdict.not_measured:
        names = ", ".join(words.outcome(name).lower() for name in verdict.not_measured)
        parts.append(f"Not measured: {markdown(names)}.")
    return "\n\n".join(part for part in parts if part) + "\n"


def _tables(view: ReportView) -> Iterator[Table]:
    columns = (Column("Prompts of"), Column("Outcome"), Column("Tuned, base, loss with its interval, n"))
    for variant in deployed(view):
        rows = tuple(
            ("all tasks" if cell.by == "all" else cell.of, words.outcome(cell.outcome), _in_words(view, cell))
            for cell in _cells(view, variant)
        )
        if rows:
            yield Table(variant.id, columns, rows)


RENDERER = ModelCardRenderer()
