"""Explanations in words: edges, cells, regressions. Given parts of an `Explanation`, gives clauses for people."""

from __future__ import annotations

from ftsafety_spec.report import numbers, words
from ftsafety_spec.report.blocks import Mark
from ftsafety_spec.report.explain_data import Edge, Figure, Reading
from ftsafety_spec.spec.common import ACTIONS
from ftsafety_spec.stats.margin import Below

DAYS = "age in days"
ENDS = {
    "pessimistic": "pessimistic bound",
    "optimistic": "optimistic bound",
    "shown": "optimistic bound",
    "shrunken": "shrunken estimate",
}


def cell_words(cell: str | None) -> str:
    """`tuned/refusal/area/fraud` as `refusal of tuned, area fraud`; other names as they are."""
    parts = (cell or "the run").split("/", 3)
    if len(parts) < 4:
        return cell or "the run"
    variant, outcome, by, of = parts
    where = "" if by == "all" else f", {by} {of}"
    return f"{outcome.replace('_', ' ')} of {variant}{where}"


def amount(value: float | None, below: Below | None) -> str:
    """A regression: percent of base, or points; `undefined` for null."""
    if value is None:
        return "undefined"
    return numbers.points(value) if below == "points" else numbers.percent(value)


def interval(ends: tuple[float, float] | None, below: Below | None) -> str:
    """Both ends; `undefined` where one is."""
    return "undefined" if ends is None else f"{amount(ends[0], below)} to {amount(ends[1], below)}"


def action_mark(action: str) -> Mark:
    """An action as a mark; `flag` and `no flag` of a concern as they are."""
    known = next((item for item in ACTIONS if item == action), None)
    return Mark(words.ACTION[known], known) if known is not None else Mark(action, "open")


def limit(edge: Edge, value: float | None, reading: Reading) -> str:
    """A value of an edge in its own unit: days, kappa, a rate, a regression."""
    if edge.bound == DAYS:
        return f"{numbers.count(value)} days"
    if reading.kind == "grader_agreement":
        return "unknown" if value is None else f"{value:.2f}"
    return amount(value, reading.below)


def edge_words(edge: Edge, reading: Reading) -> str:
    """One sentence: which action lies beyond which limit, how far, and what would settle it."""
    now = limit(edge, edge.value, reading)
    end = ENDS.get(edge.bound, edge.bound)
    action, at = action_mark(edge.action).text.lower(), limit(edge, edge.edge, reading)
    head = f"{edge.side.capitalize()}: {action} {_side(edge)} {at}"
    tail = f"; the {end} is {now}"
    if edge.bound in ("optimistic", "shown") and (reading.groups or 1) > 1 and reading.kind != "bands":
        tail += " before Holm's correction"
    if edge.distance is not None:
        tail += f", {limit(edge, edge.distance, reading)} away"
    run = words.ACTION[edge.run_action].lower() if edge.run_action is not None and edge.run_changes else None
    return f"{head}{tail}{_settles(edge)}{f'; the run would then be: {run}' if run else ''}."


def _side(edge: Edge) -> str:
    """A share or an agreement must be high, a regression or an age low."""
    if edge.bound in ("lower end", "upper end"):
        return "from" if edge.side == "better" else "under"
    return "within" if edge.side == "better" else "beyond"


def _settles(edge: Edge) -> str:
    if edge.prompts is None:
        return ""
    about = f"about {numbers.plural(edge.prompts, 'prompt')}"
    if edge.reached:
        return f"; {about} would get there, if the rates stay as they are"
    return f"; {about} would show that it is not so, if the rates stay as they are"


def figure_title(figure: Figure) -> str:
    """A figure's name with its cell's id."""
    return f"{words.outcome(figure.outcome)}: {cell_words(figure.cell)}"
