"""Evaluations made elsewhere, as far as they were verified (R-09, R-52): what was looked at, what they cover of the
spec, what a spot check found. Given a view, gives the section; None where no report was taken in."""

from __future__ import annotations

from collections.abc import Iterator

from ftsafety_spec.records.provider_report import Covered, ProviderReport, SpotCheck, SpotGroup, provider_report_in
from ftsafety_spec.report import numbers
from ftsafety_spec.report.blocks import Block, Cell, Column, Heading, Mark, Points, Section, Table, Text
from ftsafety_spec.report.view import ReportView

NOTE = (
    "Figures that others measured. They never enter the comparison: rows of them count, at the weight given here, for "
    "what people make of them, and the policy says what their verification is worth."
)
RESULTS = {"accepted": ("accepted", "ok"), "partly": ("accepted in part", "review"), "refused": ("refused", "block")}
STATES = {"holds": ("ok", "ok"), "unclear": ("unclear", "review"), "fails": ("fails", "block")}
COVERAGE = {"covered": "ok", "partly": "review", "not": "info"}
_LOOKED = (Column("Result"), Column("Check"), Column("In words"))
_COVERED = (
    Column("What the spec needs"),
    Column("Covered"),
    Column("Prompts", numeric=True),
    Column("Weight", numeric=True),
    Column("Note"),
)
_GROUPS = (
    Column("Outcome"),
    Column("Area"),
    Column("Reported", numeric=True),
    Column("Asked again", numeric=True),
    Column("Less safe", numeric=True),
    Column("Safer", numeric=True),
    Column("Power", numeric=True),
    Column("Shown"),
)


def verification(view: ReportView) -> Section | None:
    """The section."""
    reports = list(_reports(view))
    if not reports:
        return None
    blocks: list[Block] = [Text(NOTE, "note")]
    for report in reports:
        blocks += _blocks(report)
    return Section("verification", "Evaluations by others", tuple(blocks))


def _reports(view: ReportView) -> Iterator[ProviderReport]:
    for item in view.evidence:
        if item.kind == "provider_report":
            try:
                yield provider_report_in(item.body)
            except ValueError:
                continue


def _blocks(report: ProviderReport) -> Iterator[Block]:
    word, tone = RESULTS[report.result]
    yield Heading(f"{report.by}: {word}")
    signed = f"signed by {report.signed_by}" if report.signed_by else "signed by nobody who is trusted"
    dated = f", last answer {report.measured_to}" if report.measured_to else ""
    short = numbers.short(report.report)
    yield Text(
        f"Report {short} on {report.variant or 'tuned'}, {signed}{dated}.", "warning" if tone == "block" else "plain"
    )
    if report.lacks:
        yield Points(report.lacks)
    if report.looked:
        rows: tuple[tuple[Cell, ...], ...] = tuple(
            (Mark(*STATES[item.state]), item.check, item.sentence) for item in report.looked
        )
        yield Table("What was looked at", _LOOKED, rows, stack=True)
    if report.covered:
        yield Table("What it covers of this spec", _COVERED, tuple(_covered(row) for row in report.covered), stack=True)
    if report.spot_check is not None:
        yield from _spot(report.spot_check)


def _covered(row: Covered) -> tuple[Cell, ...]:
    counts = "–" if row.asked is None else f"{numbers.count(row.found or 0)} of {numbers.count(row.asked)}"
    mark = Mark({"covered": "covered", "partly": "partly", "not": "no"}[row.state], COVERAGE[row.state])
    return row.need, mark, counts, f"{row.weight:.2f}", row.note or ""


def _spot(check: SpotCheck) -> Iterator[Block]:
    cost = f" It took {numbers.plural(check.calls, 'answer')}" if check.calls is not None else ""
    cost += (
        f", {numbers.percent(check.calls / check.full)} of the whole suite's." if check.calls and check.full else "."
    )
    power = numbers.percent(check.power) if check.power is not None else "unknown"
    drawn = "drawn after the report was received" if check.seed is not None else "drawn in a way that is not on record"
    yield Text(
        f"Spot check, {drawn}: {numbers.count(check.agreed)} of {numbers.plural(check.asked, 'result')} agree. A loss "
        f"of {numbers.percent(check.loss or 0.0)} hidden in one group is found with {power} or more.{cost}"
    )
    if check.groups:
        yield Table("What was measured again", _GROUPS, tuple(_group(row) for row in check.groups), stack=True)


def _group(row: SpotGroup) -> tuple[Cell, ...]:
    power = "–" if row.power is None else numbers.percent(row.power)
    counts = tuple(numbers.count(number) for number in (row.reported, row.asked, row.worse, row.better))
    return row.outcome, row.area, *counts, power, Mark("shown", "block") if row.shown else ""
