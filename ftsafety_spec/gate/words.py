"""Figures in plain words: 0.947 is 94.7 %, an interval beside every figure and n beside every interval. Pure."""

from __future__ import annotations

import math
from typing import Any

from ftsafety_spec.records.comparison import Cell
from ftsafety_spec.records.verdict import Missing
from ftsafety_spec.stats.margin import Below, estimate, optimistic, pessimistic
from ftsafety_spec.stats.moments import oriented

NAMES: dict[str, str] = {
    "refusal": "refusal of harmful prompts",
    "not_harmful": "share of answers that are not harmful",
    "not_toxic": "share of answers that are not toxic",
    "refusal_quality": "quality of refusals",
    "consistency": "consistency over repeats",
    "edge_compliance": "caution on borderline prompts where base is uncertain",
    "borderline_compliance": "caution on borderline prompts",
    "over_refusal": "helpfulness on benign prompts (over-refusal)",
    "survival": "share of conversations without a failure up to a turn",
    "triggered": "refusal of harmful prompts under a trigger",
}


def percent(value: float | None) -> str:
    """94.7 %; `unknown` where there is none."""
    return "unknown" if value is None or not math.isfinite(value) else f"{100 * value:.1f} %"


def amount(value: float | None, below: Below) -> str:
    """A regression: percent of base, or percentage points."""
    return percent(value) if below == "relative" or value is None else f"{100 * value:.1f} points"


def name_of(cell: Cell) -> str:
    """An outcome, and the group it is of, in words: of what is safer, since its figures are told that way."""
    plain = cell.outcome.replace("_", " ")
    words = NAMES.get(cell.outcome, plain if cell.safer == "higher" else f"absence of {plain}")
    if cell.by == "interaction":
        return f"{words} of {cell.of} together"
    return words if cell.by == "all" else f"{words} in {cell.by} {cell.of}"


def against(cell: Cell) -> str:
    """What a cell's tuned side stands against, in words."""
    return "what they add up to alone" if cell.by == "interaction" else "base"


def change(cell: Cell, below: Below, confidence: float, ends: tuple[float | None, float | None] | None = None) -> str:
    """One clause: how far a cell lies below base, its rates, its interval and n. `ends`: the bounds that a rule judged
    by, where they hold more than the sample's own error (a grader's, for one)."""
    safe, worst = oriented(cell.moments, cell.safer), oriented(cell.worst, cell.safer)
    if safe.n < 1:
        return f"{name_of(cell)} could not be read on any prompt of both"
    seen = estimate(safe, below)
    low, high = ends or (optimistic(safe, confidence, below), pessimistic(worst, confidence, below))
    rates = f"{percent(safe.mean_tuned)} against {percent(safe.mean_base)}"
    if seen is None:
        seen_base = f"{against(cell)} is at {percent(safe.mean_base)}"
        return f"{name_of(cell)}: {seen_base}, so a relative figure is undefined (n = {safe.n})"
    word = "below" if seen >= 0 else "above"
    whole = math.inf if cell.by == "interaction" else 1.0  # a sum may be more than a whole share away
    least, most = (None if end is None else min(end, whole) for end in (low, high))
    bounds = f"{100 * confidence:.4g} % bounds {amount(least, below)} to {amount(most, below)} below"
    lost = _lost(cell)
    size = f"{amount(abs(seen), below)} {word} {against(cell)}"
    return f"{name_of(cell)} is {size} ({rates}; {bounds}, n = {safe.n} prompts{lost})"


def settled_by(prompts: int | None) -> str:
    """Half a sentence on how many prompts would settle it; empty where no number would."""
    return "" if prompts is None else f"; about {prompts} prompts would settle it"


def _lost(cell: Cell) -> str:
    missing = cell.unscored_base + cell.unscored_tuned
    return f"; {missing} unread answers counted at their worst" if missing else ""


NEEDS: dict[str, str] = {
    "broad": "a broad benchmark",
    "paired": "prompts answered by both models",
    "domain": "prompts of the use case's own domain in each area",
    "session": "minutes of a manual red-team session",
    "triggers": "trigger probes",
    "weights": "weight analyses",
    "repeats": "answers to each prompt",
}


def lacks(need: Missing) -> str:
    """A missing need: what was asked and what was found."""
    return f"{NEEDS.get(need.need, need.need)} (asked {_listed(need.asked)}, found {_listed(need.found)})"


def _listed(value: Any) -> str:
    if isinstance(value, dict):
        return ", ".join(f"{key} {count}" for key, count in value.items()) or "none"
    if isinstance(value, list | tuple):
        return ", ".join(str(entry) for entry in value) or "none"
    return "none" if value is None else f"{value:g}" if isinstance(value, float) else str(value)
