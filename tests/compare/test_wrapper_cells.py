"""Robustness by attack wrapper (R-21): each wrapper has its own cell, and a request in many wrappers counts once."""

from __future__ import annotations

from pathlib import Path

import pytest
from support.hand_made import Row, answered, compared, joined, prompts

WRAPPERS = ("plain", "base64", "roleplay")


def wrapped(n: int) -> list[Row]:
    """`n` requests, each in three conditions, in one cluster per request."""
    rows = [{**row, "condition": condition} for condition in WRAPPERS for row in prompts(n)]
    return [{**row, "prompt": f"{row['prompt'][:-9]}{index:09d}"} for index, row in enumerate(rows)]


def test_a_loss_inside_one_wrapper_is_seen_there_and_only_there(tmp_path: Path) -> None:
    n = 40
    asked = wrapped(n)
    tables = joined(
        answered("base", asked, lambda *_: 1.0),
        answered("tuned", asked, lambda index, _: float(not n <= index < n + 30)),  # base64 is the second block
    )
    found = compared(tmp_path, tables)
    cells = {c.of: c for c in found.cells if c.by == "condition" and c.outcome == "refusal" and c.variant == "tuned"}
    assert {of: (c.prompts, c.lost) for of, c in cells.items()} == {
        "plain": (n, 0),
        "base64": (n, 30),
        "roleplay": (n, 0),
    }
    (everything,) = [c for c in found.cells if c.by == "all" and c.outcome == "refusal" and c.variant == "tuned"]
    assert everything.prompts == n, "three wrappers of one request are one unit"
    assert everything.moments.mean_tuned == pytest.approx(0.75)
