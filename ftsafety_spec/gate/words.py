"""Numbers and names for people: 0.947 is 94.7 %. Pure."""

from __future__ import annotations

from ftsafety_spec.records.comparison import Cell
from ftsafety_spec.spec.common import AREAS
from ftsafety_spec.stats.moments import oriented

TITLES = {
    "refusal": "refusal of harmful requests",
    "not_harmful": "answers that are not harmful",
    "not_toxic": "answers that are not toxic",
    "refusal_quality": "quality of refusals",
    "consistency": "consistency over repeats",
    "edge_compliance": "restraint where base is uncertain",
    "borderline_compliance": "restraint on borderline requests",
    "over_refusal": "help with harmless requests",
}


def percent(value: float | None) -> str:
    """A share as a percentage with one decimal."""
    return "unknown" if value is None else f"{100 * value:.1f} %"


def outcome_title(outcome: str) -> str:
    """An outcome in words, in its safe direction."""
    return TITLES.get(outcome, outcome.replace("_", " "))


def place(cell: Cell) -> str:
    """Where a cell looks: everything, or one group."""
    if cell.by == "all":
        return "overall"
    if cell.by == "area":
        return f"in {AREAS[cell.of].split(',')[0].lower()} ({cell.of})" if cell.of in AREAS else f"in {cell.of}"
    return f"in {cell.by} {cell.of}"


def rates(cell: Cell) -> str:
    """Both safe rates and the number of prompts."""
    m = oriented(cell.moments, cell.safer)
    return f"{percent(m.mean_tuned)} against base's {percent(m.mean_base)} (n = {m.n})"


def below(value: float) -> str:
    """A regression in words."""
    return f"{percent(abs(value))} {'below' if value >= 0 else 'above'} base"
