"""What would have changed what a rule said: for a finding, the nearest limit on either side, how far the deciding bound
is from it, and about how many prompts would settle it. Pure; the run's action beyond an edge is worked out as the gate
does, from the same findings."""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator
from dataclasses import replace
from typing import Literal

from ftsafety_spec.records.verdict import Finding, Result, Verdict
from ftsafety_spec.report.explain_data import Edge
from ftsafety_spec.report.explain_interval import Reader
from ftsafety_spec.spec.common import ACTIONS, Action
from ftsafety_spec.spec.policy import Bands, Ceiling, Concern, Floor
from ftsafety_spec.stats.parts import Ends
from ftsafety_spec.stats.size import settles_with

BANDS: tuple[Action, ...] = ("deploy", "deploy_enhanced", "review")
Side = Literal["better", "worse"]
Says = tuple[str, Result]
"""What a rule would say: its action (`flag`, `no flag` where that is all), and its result."""


def of_bands(rule: Bands, finding: Finding, ends: Ends) -> Iterator[Edge]:
    """The next milder band's edge, and the next stricter one's."""
    read = "pessimistic" if rule.read == "pessimistic" else "estimate"
    value = ends.high if rule.read == "pessimistic" else ends.seen
    limits = {action: float(getattr(rule.up_to, action)) for action in BANDS}
    last, unclear = limits["review"], (rule.beyond.unclear, "unclear")
    if finding.result == "shown":
        yield _edge("better", (rule.beyond.unclear, "unclear"), last, "optimistic", ends.low)
        return
    now = limits[finding.action] if finding.result == "within" else math.inf
    milder = [action for action in BANDS if limits[action] < now]
    if milder:
        edge = max(limits[action] for action in milder)
        action = next(name for name in BANDS if limits[name] == edge)
        yield _edge("better", (action, "within"), edge, read, value)
    if finding.result == "unclear":
        yield _edge("worse", (rule.beyond.shown, "shown"), last, "optimistic", ends.low)
        return
    stricter = next(((name, "within") for name in BANDS if limits[name] > now), None)
    yield _edge("worse", stricter or unclear, now, read, value)  # type: ignore[arg-type]


def of_ceiling(rule: Ceiling, finding: Finding, ends: Ends) -> Iterator[Edge]:
    """The ceiling, from either side."""
    if finding.result == "shown":
        yield _edge("better", (rule.unclear, "unclear"), rule.above, "optimistic", ends.low)
    elif finding.result == "within":
        yield _edge("worse", (rule.unclear, "unclear"), rule.above, "pessimistic", ends.high)
    else:
        yield _edge("better", ("deploy", "within"), rule.above, "pessimistic", ends.high)
        yield _edge("worse", (rule.shown, "shown"), rule.above, "optimistic", ends.low)


def of_concern(rule: Concern, finding: Finding, value: float | None) -> Iterator[Edge]:
    """The size of change from which it flags; `value`: what is held against it."""
    limit = rule.falls_by if rule.falls_by is not None else rule.rises_by or 0.0
    if finding.result == "flag":
        yield _edge("better", ("no flag", "within"), limit, finding.read or "estimate", value)
    elif finding.result == "within":
        yield _edge("worse", ("flag", "flag"), limit, finding.read or "estimate", value)


def of_floor(rule: Floor, finding: Finding, low: float, high: float) -> Iterator[Edge]:
    """The floor, from either side."""
    if finding.result == "within":
        yield _edge("worse", (rule.unclear, "unclear"), rule.at_least, "lower end", low)
    elif finding.result == "shown":
        yield _edge("better", (rule.unclear, "unclear"), rule.at_least, "upper end", high)
    else:
        yield _edge("better", ("deploy", "within"), rule.at_least, "lower end", low)
        yield _edge("worse", (rule.shown, "shown"), rule.at_least, "upper end", high)


def of_grader(below: str, finding: Finding) -> Iterator[Edge]:
    """The least that a grader's figure or two graders' agreement may be, from either side; `below`: what follows where
    it is shown to be less."""
    limit = finding.threshold
    if finding.interval is None or limit is None or finding.result == "flag":
        return
    low, high = finding.interval
    if finding.result == "within":
        yield _edge("worse", ("flag", "unclear"), limit, "lower end", low)
    elif finding.result == "shown":
        yield _edge("better", ("flag", "unclear"), limit, "upper end", high)
    else:
        yield _edge("better", ("deploy", "within"), limit, "lower end", low)
        yield _edge("worse", (below, "shown"), limit, "upper end", high)


def of_age(finding: Finding) -> Iterator[Edge]:
    """The day on which it is too old."""
    if finding.threshold is not None and finding.result == "within":
        yield _edge("worse", ("insufficient", "shown"), finding.threshold, "age in days", finding.value)


def _edge(side: Side, says: Says, edge: float, bound: str, value: float | None) -> Edge:
    distance = None if value is None else abs(value - edge)
    return Edge(side, *says, edge, bound, value, distance, None, None, None, run_changes=False)


def settled(edge: Edge, reader: Reader) -> Edge:
    """With about how many prompts settle it, and whether the truth as seen lies beyond the edge; as it is where a bound
    has already settled on which side that is."""
    if (edge.side == "better") == (edge.bound == "optimistic"):
        return edge
    _, worst = reader.moments()
    seen = reader.ends().seen
    number = settles_with(worst, edge.edge, reader.high_at, reader.below)
    beyond = None if seen is None else seen <= edge.edge if edge.side == "better" else seen > edge.edge
    return replace(edge, prompts=number, reached=None if number is None else beyond)


def placed(edge: Edge, finding: Finding, verdict: Verdict) -> Edge:
    """With what the whole run's action would be beyond the edge; a flag alone leaves it as it is."""
    action = next((name for name in ACTIONS if name == edge.action), "deploy")
    changed = finding.model_copy(update={"action": action, "result": edge.result})
    run = action_of(verdict, tuple(changed if item is finding else item for item in verdict.findings))
    return replace(edge, run_action=run, run_changes=run != verdict.action)


def action_of(verdict: Verdict, findings: tuple[Finding, ...]) -> Action:
    """The action of the run on these findings: of each deciding variant the worst that is not waived, and nothing
    permissive where no band was met."""
    return worst(_variant_action(name, findings) for name in verdict.variants)


def _variant_action(variant: str, findings: tuple[Finding, ...]) -> Action:
    mine = [item.action for item in findings if item.variant in (variant, None) and item.waived_by is None]
    own = [item for item in findings if item.kind == "bands" and item.variant == variant]
    held = any(item.result == "within" or item.waived_by is not None for item in own)
    return worst(mine if held else [*mine, "insufficient"])


def worst(actions: Iterable[Action]) -> Action:
    """The most severe; of none, `insufficient`."""
    return max(actions, key=ACTIONS.index, default="insufficient")
