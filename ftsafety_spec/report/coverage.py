"""What was not covered: threats and methods, gaps that every evaluation leaves, what could not be or was not measured,
the strengths and weaknesses of the benchmarks beside their results. Always printed, whatever the verdict."""

from __future__ import annotations

from collections.abc import Sequence

from ftsafety_spec.records.comparison import Cell as Measured
from ftsafety_spec.records.plan import Dataset
from ftsafety_spec.records.verdict import Gap, ThreatRow
from ftsafety_spec.report import numbers, words
from ftsafety_spec.report.blocks import Block, Card, Cards, Cell, Column, Heading, Mark, Points, Section, Table, Text
from ftsafety_spec.report.claims import claims
from ftsafety_spec.report.domain import domain_blocks
from ftsafety_spec.report.results import change_words
from ftsafety_spec.report.view import ReportView


def gaps(view: ReportView) -> Section:
    """R-47 to R-51, and what no evaluation can show."""
    listed = [gap for gap in view.verdict.gaps if gap.id.startswith("R-")]
    others = [gap for gap in view.verdict.gaps if not gap.id.startswith("R-")]
    cannot = tuple(gap.sentence for gap in others) or words.CANNOT
    blocks: list[Block] = [Text(words.RISK_REDUCTION, "warning"), Points(cannot)]
    if view.verdict.facts.context == "open_weight":
        blocks.append(Text(words.ALL_YOURS, "warning"))
    if listed:
        columns = (Column("Gap"), Column("What it means here"))
        blocks.append(
            Table("Gaps that every evaluation leaves", columns, tuple(_gap(gap) for gap in listed), stack=True)
        )
    blocks += [*_absent(view), *claims(view)]
    return Section("gaps", "What this cannot tell you", tuple(blocks))


def _gap(gap: Gap) -> tuple[Cell, ...]:
    return (f"{gap.title} ({gap.id})", gap.sentence)


def _absent(view: ReportView) -> list[Block]:
    """Rows of what is not possible in this context, and of what was possible but not measured."""
    rows: list[tuple[Cell, ...]] = []
    possible = {**view.plan.not_possible, **view.verdict.not_possible}
    measured = {**view.comparison.not_measured, **view.verdict.not_measured}
    rows += [(words.plain(name), Mark("not possible here", "info"), why) for name, why in possible.items()]
    rows += [(words.outcome(name), Mark("not measured", "open"), why) for name, why in measured.items()]
    if not rows:
        return []
    columns = (Column("What"), Column("State"), Column("Why"))
    return [Table("Not possible here, or not measured", columns, tuple(rows), stack=True)]


def threats(view: ReportView) -> Section:
    """R-10 to R-13 against the methods, with R-63's sentence."""
    matrix = [row for row in view.verdict.threats if row.id != "R-63"]
    notes = [row for row in view.verdict.threats if row.id == "R-63"]
    columns = (Column("Threat"), Column("State"), Column("Expected detection"), Column("Ran"), Column("Did not run"))
    blocks: list[Block] = [Text(words.DIFFERENT_EVIDENCE, "note")]
    blocks += [Text(f"{row.title}: {row.expected}", "warning") for row in notes]
    blocks.append(Table("Threats and methods", columns, tuple(_threat(row) for row in matrix), stack=True))
    return Section("threats", "Threats: what was looked for", tuple(blocks))


def _threat(row: ThreatRow) -> tuple[Cell, ...]:
    if not row.ran:
        mark = Mark("not tested", "block")
    else:
        mark = Mark("in part", "open") if row.not_run else Mark("tested", "ok")
    return (
        f"{row.title} ({row.id})",
        mark,
        row.expected,
        ", ".join(row.ran) or "nothing",
        ", ".join(row.not_run) or "–",
    )


def benchmarks(view: ReportView) -> Section:
    """Each task's prompts with the benchmark's card, beside its result."""
    cards = tuple(_card(view, item) for item in view.plan.datasets)
    blocks: list[Block] = [*_not_as_pinned(view), Cards(cards), *domain_blocks(view)]
    if view.plan.power:
        blocks += [Heading("What these prompts could have shown"), _power(view)]
    return Section("benchmarks", "What was asked, and how good the questions are", tuple(blocks))


def _not_as_pinned(view: ReportView) -> list[Block]:
    """A warning where a benchmark was asked from another content than the one that its name stands for."""
    names = sorted({name for item in view.plan.datasets for name in item.accepted})
    if not names:
        return []
    files = "this data file is" if len(names) == 1 else "these data files are"
    text = f"Contents were accepted on purpose although {files} not as the card pins it: {', '.join(names)}. "
    return [Text(f"{text}Results on them are not comparable with those of the pinned content.", "warning")]


def _card(view: ReportView, item: Dataset) -> Card:
    areas = len([area for area in item.by_area if area != "none"])
    size = f"{numbers.plural(item.prompts, 'prompt')}, {'whole' if item.whole else 'a sample'}; "
    kinds = ", ".join(f"{numbers.count(count)} {kind}" for kind, count in sorted(item.by_kind.items()))
    pairs = [("Prompts", f"{size}{kinds}; {numbers.plural(areas, 'area')} of harm")]
    pairs += [(title, item.card[key]) for title, key in CARD_FIELDS if item.card.get(key)]
    if item.benchmark is None and not item.card.get("weakness"):
        pairs.append(("Weakness", "own prompts: nobody else has looked at their quality"))
    pairs.append(("Result", "; ".join(_task_results(view, item)) or "not measured"))
    for name, digest in sorted(item.accepted.items()):
        pairs.append(("Not as pinned", f"{name}: another content than its card pins was accepted: {digest}"))
    pairs.append(("Licence", item.licence or "unknown"))
    pairs.append(("Revised", item.revised or "unknown"))
    title = item.card.get("title") or item.benchmark or f"{item.suite}.{item.task}"
    return Card(title, f"{item.suite}.{item.task}{', own domain' if item.use == 'domain' else ''}", tuple(pairs))


CARD_FIELDS = (
    ("Tests", "tests"),
    ("Strength", "strength"),
    ("Weakness", "weakness"),
    ("Official metric", "official_metric"),
    ("Official grader", "official_grader"),
    ("Source", "citation"),
)


def task_cells(view: ReportView, item: Dataset) -> list[Measured]:
    """What was measured on the prompts of one task."""
    names = {item.task, f"{item.suite}.{item.task}", f"{item.suite}/{item.task}"}
    return [cell for cell in view.comparison.cells if cell.by == "task" and cell.of in names]


def _task_results(view: ReportView, item: Dataset) -> Sequence[str]:
    return [_result(view, cell) for cell in task_cells(view, item)]


def _result(view: ReportView, cell: Measured) -> str:
    several = len({item.variant for item in view.comparison.cells}) > 1
    who = f" ({cell.variant})" if several else ""
    rates = f"{numbers.percent(cell.moments.mean_base)} → {numbers.percent(cell.moments.mean_tuned)}"
    return f"{words.outcome(cell.outcome)}{who}: {rates}, worse than base by {change_words(cell, 'relative')}"


def _power(view: ReportView) -> Table:
    columns = (
        Column("Rule"),
        Column("Outcome"),
        Column("Over"),
        Column("Prompts", numeric=True),
        Column("Smallest loss found in 80 % of runs", numeric=True),
        Column("Prompts needed", numeric=True),
    )
    rows = tuple(
        (
            item.rule,
            words.outcome(item.outcome),
            item.scope,
            numbers.count(item.prompts),
            numbers.percent(item.detectable),
            "–" if item.needed is None else numbers.count(item.needed),
        )
        for item in view.plan.power
    )
    return Table("Detectable losses", columns, rows, fold=True, stack=True)
