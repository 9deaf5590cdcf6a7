"""The Markdown report, word by word. FTSAFETY_WRITE_GOLD=1 rewrites the gold files: look at what differs."""

from __future__ import annotations

import json
import os
from collections.abc import Callable
from pathlib import Path

import pytest

from ftsafety_spec import __version__
from ftsafety_spec.report.json import RENDERER as JSON
from ftsafety_spec.report.markdown import RENDERER
from ftsafety_spec.report.view import ReportView

GOLD = Path(__file__).parent / "gold"


@pytest.mark.parametrize("name", ["block", "deploy"])
def test_the_markdown_report_reads_as_agreed(make_view: Callable[..., ReportView], name: str) -> None:
    text = RENDERER.render(make_view(blocked=name == "block")).replace(__version__, "VERSION")
    path = GOLD / f"{name}.md"
    if os.environ.get("FTSAFETY_WRITE_GOLD"):
        path.parent.mkdir(exist_ok=True)
        path.write_text(text, encoding="utf-8")
    assert text.splitlines() == path.read_text(encoding="utf-8").splitlines()


def test_json_names_its_schema_and_carries_verdict_and_comparison(make_view: Callable[..., ReportView]) -> None:
    view = make_view()
    data = json.loads(JSON.render(view))
    assert data["schema"] == "ftsafety/report@1"
    assert data["verdict"] == view.verdict.to_json()
    assert data["comparison"] == view.comparison.to_json()
    assert data["headline"]["decision"] == "no_go"
    assert "laceholder" not in JSON.render(view)
