"""The report as JSON, for other programs: the verdict in words and as records.
Never holds the text of a prompt or an answer."""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass
from typing import Any

from ftsafety_spec.records.plan import Dataset
from ftsafety_spec.report.coverage import task_cells
from ftsafety_spec.report.headline import headline
from ftsafety_spec.report.safe import visible
from ftsafety_spec.report.view import ReportView
from ftsafety_spec.report.widths import readers

SCHEMA = "ftsafety/report@1"


@dataclass(frozen=True)
class JsonRenderer:
    """`report.json`."""

    name: str = "json"
    filename: str = "report.json"

    def render(self, view: ReportView) -> str:
        """ASCII JSON: what a terminal could act upon is escaped by JSON itself."""
        text = json.dumps(report_of(view), indent=1, ensure_ascii=True, allow_nan=False)
        return text.replace("\x7f", "\\u007f") + "\n"


def report_of(view: ReportView) -> dict[str, Any]:
    """The report as plain data."""
    return {
        "schema": SCHEMA,
        "run": view.folder_name,
        "spec": {"name": view.locked.name, "digest": view.verdict.inputs.spec, "owner": view.locked.spec.owner},
        "headline": _shown(asdict(headline(view))),
        "verdict": view.verdict.to_json(),
        "comparison": view.comparison.to_json(),
        "parts": _parts(view),
        "identities": {name: item.model_dump(mode="json") for name, item in view.plan.identities.items()},
        "grading": [item.model_dump(mode="json") for item in view.plan.grading],
        "datasets": [_dataset(view, item) for item in view.plan.datasets],
    }


def _parts(view: ReportView) -> list[dict[str, Any]]:
    """Both ends of each figure that a band or a limit was held against, as each part is added to those before it."""
    return [
        {
            "rule": finding.rule,
            "cell": finding.cell,
            "below": reader.below,
            "parts": {name: {"low": ends.low, "high": ends.high} for name, ends in reader.parts()},
        }
        for variant in view.locked.variants
        for finding, reader in readers(view, variant)
    ]


def _dataset(view: ReportView, item: Dataset) -> dict[str, Any]:
    """A task's prompts with the benchmark's card, and the ids of the cells that hold its results."""
    return {**item.model_dump(mode="json"), "cells": [cell.id for cell in task_cells(view, item)]}


def _shown(value: Any) -> Any:
    """Hidden characters of the headline's sentences made visible; records keep their exact content."""
    if isinstance(value, dict):
        return {name: _shown(item) for name, item in value.items()}
    if isinstance(value, list | tuple):
        return [_shown(item) for item in value]
    return visible(value) if isinstance(value, str) else value


RENDERER = JsonRenderer()
