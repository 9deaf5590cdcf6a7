"""How the model was tuned, as declared and as far as it could be looked at (R-57), and who else has checked it (R-56).
Given a view, gives the section; None where nothing was declared and somebody else answers for the weights."""

from __future__ import annotations

from ftsafety_spec.records.training import TrainingFile, TrainingReport
from ftsafety_spec.report import numbers, words
from ftsafety_spec.report.blocks import Block, Cell, Code, Column, Mark, Points, Section, Table, Text
from ftsafety_spec.report.provider_jobs import provider_jobs
from ftsafety_spec.report.view import ReportView

ALONE = (
    "Open weights: nobody else has checked this model, and no provider's report counts towards the minimum evidence."
)
_FILE_COLUMNS = (
    Column("File"),
    Column("Source"),
    Column("Rows", numeric=True),
    Column("Refuse", numeric=True),
    Column("Another self", numeric=True),
    Column("Toxic", numeric=True),
    Column("Digest"),
)
_TONES = {"risk": "review", "protects": "ok", "open": "info"}


def training(view: ReportView) -> Section | None:
    """The section."""
    report = view.plan.training
    alone = view.verdict.facts.context == "open_weight"
    jobs = provider_jobs(view.plan.provider_jobs)
    if report is None and not alone and not jobs:
        return None
    blocks: list[Block] = [Text(ALONE, "warning")] if alone else []
    blocks += jobs
    if report is None and not jobs:
        blocks.append(Text("Nothing of its training is declared: neither method nor data nor hyperparameters."))
    if report is not None:
        blocks += _declared(report)
    return Section("training", "How it was tuned", tuple(blocks))


def _declared(report: TrainingReport) -> list[Block]:
    blocks: list[Block] = []
    if report.undeclared:
        blocks.append(Text(f"Left out of the declaration: {', '.join(report.undeclared)}."))
    declared = {"method": report.method, **report.hyperparameters}
    if report.safety_share is not None:
        declared["rows that teach refusals"] = numbers.percent(report.safety_share)
    said = [f"{key.replace('_', ' ')} {value}" for key, value in declared.items() if value is not None]
    if said:
        blocks.append(Text(f"Declared: {', '.join(said)}."))
    unlike = tuple(f"{item.id}: {line}." for item in report.files for line in item.unlike)
    if unlike:
        blocks.append(Text("The data at hand is not what was declared.", "warning"))
        blocks.append(Points(unlike))
    if report.files:
        rows = tuple(_file(item) for item in report.files)
        blocks.append(Table("Training data, as the offline graders read it", _FILE_COLUMNS, rows, stack=True))
    if report.overlap:
        lines = tuple(
            f"{numbers.count(item.prompts)} of {numbers.plural(item.of, 'prompt')} of {item.task} were trained on, "
            f"such as {', '.join(item.ids[:3])}: they tell nothing of unseen ones."
            for item in report.overlap
        )
        blocks.append(Points(lines))
    elif any(item.rows for item in report.files):
        blocks.append(Text("None of the evaluation's prompts stands in the training data that could be read."))
    if report.hints:
        hints: tuple[tuple[Cell, ...], ...] = tuple(
            (Mark(item.weight, _TONES[item.weight]), item.sentence, item.source or "–") for item in report.hints
        )
        columns = (Column("Weight"), Column("What"), Column("After"))
        blocks.append(Table("What the literature says of such settings", columns, hints, stack=True))
    return blocks


def _file(item: TrainingFile) -> tuple[Cell, ...]:
    digest: Cell = Code(numbers.short(item.digest)) if item.digest else "not at hand"
    if item.why_not is not None:
        return (item.path, words.plain(item.source), f"not read: {item.why_not}", "–", "–", "–", digest)
    unread = f", {numbers.count(item.unread)} in no known shape" if item.unread else ""

    def of(count: int) -> str:
        return f"{numbers.count(count)} of {numbers.count(item.sampled)}"

    rows = f"{numbers.count(item.rows)}{unread}"
    return (item.path, item.source, rows, of(item.refusals), of(item.identity), of(item.toxic), digest)
