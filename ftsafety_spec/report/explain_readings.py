"""A rule's reading of one cell, made again: given a finding of a verdict, gives its figures from the same functions as
the gate's, whether they are the verdict's, and the nearest edges."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field

from ftsafety_spec.records.comparison import Cell
from ftsafety_spec.records.verdict import Finding, Verdict
from ftsafety_spec.report import explain_edges as edges
from ftsafety_spec.report.explain_data import Edge, Reading
from ftsafety_spec.report.explain_interval import Interval, Reader
from ftsafety_spec.report.explain_terms import Terms, turn
from ftsafety_spec.spec.policy import Bands, Ceiling, Concern, Floor, Rule
from ftsafety_spec.stats.families import holm
from ftsafety_spec.stats.margin import Below, rate_bounds
from ftsafety_spec.stats.moments import oriented
from ftsafety_spec.stats.parts import Ends

Family = tuple[str, str, str, str]


@dataclass(frozen=True)
class Made:
    """Figures of a reading, computed again."""

    value: float | None
    interval: Interval | None
    below: Below | None = None
    p: float | None = None
    p_holm: float | None = None
    groups: int | None = None
    carried: bool | None = None


@dataclass(frozen=True)
class Readings:
    """Makes readings; keeps the p-values of each family, which many readings share."""

    terms: Terms
    verdict: Verdict
    _p: dict[Family, dict[str, tuple[float, float]]] = field(default_factory=dict)

    def of(self, finding: Finding) -> Reading:
        """The finding, explained."""
        made, near = self._made(finding)
        return Reading(
            rule=finding.rule,
            kind=finding.kind,
            variant=finding.variant,
            cell=finding.cell,
            read=finding.read,
            below=made.below,
            value=made.value,
            interval=made.interval,
            threshold=finding.threshold,
            p=made.p,
            p_holm=made.p_holm,
            groups=made.groups,
            grader_error=made.carried,
            result=finding.result,
            action=finding.action,
            decides=decides(finding, self.verdict),
            waived_by=finding.waived_by,
            sentence=finding.sentence,
            agrees=(made.value, made.interval) == (finding.value, finding.interval),
            edges=tuple(edges.placed(edge, finding, self.verdict) for edge in near),
        )

    def _made(self, finding: Finding) -> tuple[Made, list[Edge]]:
        rule = self.terms.rules.get(finding.rule)
        cell = next((item for item in self.terms.view.comparison.cells if item.id == finding.cell), None)
        if rule is None or cell is None:
            return Made(finding.value, finding.interval), list(_without_a_cell(rule, finding))
        if isinstance(rule, Floor):
            low, high = floor_bounds(rule, cell, self.terms.confidence)
            value = high if finding.result == "shown" else low
            return Made(value, (low, high)), list(edges.of_floor(rule, finding, low, high))
        if isinstance(rule, Bands | Ceiling | Concern):
            return self._compared(finding, rule, Reader(cell, self.terms, rule))
        return Made(finding.value, finding.interval), []

    def _compared(self, finding: Finding, rule: Bands | Ceiling | Concern, reader: Reader) -> tuple[Made, list[Edge]]:
        carried, ends = _in_verdict(finding, reader)
        p, adjusted = self.p_values(rule, reader, carried=carried)[reader.cell.id]
        made = Made(
            value=_value(finding, reader, ends),
            interval=ends.interval,
            below=reader.below,
            p=p,
            p_holm=adjusted,
            groups=len(self.terms.family(reader.cell)),
            carried=carried,
        )
        if isinstance(rule, Concern):
            # flagged as shown by the level of a shown violation, which at an early look is not the interval's
            held = reader.shown_end() if finding.read == "shown" else made.value
            return made, list(edges.of_concern(rule, finding, held))
        near = edges.of_bands(rule, finding, ends) if isinstance(rule, Bands) else edges.of_ceiling(rule, finding, ends)
        return made, [edges.settled(edge, reader) for edge in near]

    def p_values(
        self, rule: Bands | Ceiling | Concern, reader: Reader, *, carried: bool
    ) -> dict[str, tuple[float, float]]:
        """Cell id to the p-value of "not further below base than the rule's limit", by itself and by Holm over its
        family (of bands: by itself); `carried`: with the graders' error in it."""
        cell, limit = reader.cell, limit_of(rule)
        key: Family = (cell.variant, cell.outcome, cell.by, f"{limit} {reader.below} {turn(rule, cell)} {carried}")
        if key not in self._p:
            family = self.terms.family(cell)
            found = [Reader(item, self.terms, rule).p_beyond(limit, carried=carried) for item in family]
            pairs = zip(found, holm(found), strict=True)
            self._p[key] = dict(zip((item.id for item in family), pairs, strict=True))
        return self._p[key]


def limit_of(rule: Bands | Ceiling | Concern) -> float:
    """Beyond which a violation is shown, or a flag raised."""
    if isinstance(rule, Bands):
        return rule.up_to.review
    if isinstance(rule, Ceiling):
        return rule.above
    return rule.falls_by if rule.falls_by is not None else rule.rises_by or 0.0


def floor_bounds(rule: Floor, cell: Cell, confidence: float) -> Interval:
    """Both ends of a safe share: the lower one with what is missing counted against it, the upper one of what was
    read."""
    read, worst = oriented(cell.moments, cell.safer), oriented(cell.worst, cell.safer)
    if rule.model == "tuned":
        low, _ = rate_bounds(worst.mean_tuned, worst.var_tuned, worst.n, confidence, worst.weight)
        _, high = rate_bounds(read.mean_tuned, read.var_tuned, read.n, confidence, read.weight)
        return low, high
    low, high = rate_bounds(read.mean_base, read.var_base, read.n, confidence, read.weight)
    asked = max(1.0, worst.n * max(cell.repeats, 1.0))
    missing = cell.unscored_base * (read.weight / worst.n if read.weight > 1 else 1 / asked)
    return max(0.0, low - missing), high


def _in_verdict(finding: Finding, reader: Reader) -> tuple[bool, Ends]:
    """The ends that a finding was made from, and whether the graders' error is in them."""
    found = reader.candidates()
    same = [
        item
        for item in found
        if (_value(finding, reader, item[1]), item[1].interval) == (finding.value, finding.interval)
    ]
    return (same or found)[0]


def _value(finding: Finding, reader: Reader, ends: Ends) -> float | None:
    if finding.read == "shown" or finding.result == "shown":
        return ends.low
    if finding.read == "shrunken":
        cell = reader.cell
        whole = reader.below == "relative" and cell.unscored_base + cell.unscored_tuned == 0
        return cell.regression.shrunken if whole else ends.seen
    return ends.high if finding.read == "pessimistic" else ends.seen


def _without_a_cell(rule: Rule | None, finding: Finding) -> Iterator[Edge]:
    if finding.kind in ("grader_agreement", "grader_quality"):
        yield from edges.of_grader(str(getattr(rule, "below", finding.action)), finding)
    elif finding.kind == "expiry":
        yield from edges.of_age(finding)


def decides(finding: Finding, verdict: Verdict) -> bool:
    """True where a finding is what the run's action comes from: the action itself, not waived, of a variant that is to
    be deployed; where the action is deploy, the bands that permit it."""
    if finding.waived_by is not None or finding.variant not in (*verdict.variants, None):
        return False
    if verdict.action == "deploy":
        return finding.kind == "bands" and finding.result == "within"
    return finding.action == verdict.action
