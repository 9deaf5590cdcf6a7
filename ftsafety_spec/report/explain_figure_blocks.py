"""One figure of an explanation for people: rates and interval, its parts, what was read from it and what would have
changed that, how and from what it was computed, and the prompts on which base and tuned differ, by id."""

from __future__ import annotations

from ftsafety_spec.report import numbers, words
from ftsafety_spec.report.blocks import Block, Cell, Code, Column, Facts, Heading, Points, Table, Text
from ftsafety_spec.report.explain_data import Discordance, Figure, GraderInput, Reading, Stage
from ftsafety_spec.report.explain_words import amount, edge_words, figure_title, interval

MOST = 20
"""Discordant prompts that are shown; the JSON holds all that the comparison lists."""


def figure_blocks(figure: Figure) -> list[Block]:
    """A figure, whole."""
    blocks: list[Block] = [Heading(figure_title(figure)), Facts(_facts(figure)), _stages(figure)]
    blocks += _readings(figure)
    sources = [f"{item.what} ({item.source})" if item.source else item.what for item in figure.methods]
    blocks += [Heading("How it was computed"), Points(tuple(sources)), Heading("From what"), _inputs(figure)]
    blocks += _discordant(figure.discordant)
    return blocks


def _facts(figure: Figure) -> tuple[tuple[str, Cell], ...]:
    low, high = (f"{100 * level:.4g} %" for level in (figure.confidence_low, figure.confidence_high))
    sides = f"one-sided {low}" if low == high else f"one-sided, {low} at the low end, {high} at the high one"
    seen = f"{amount(figure.estimate, figure.below)}{_as_read(figure)}"
    less = f"{seen} [{interval(figure.interval, figure.below)}] ({sides})"
    under = "the adapters added up" if figure.by == "interaction" else "base"
    against = under if figure.by == "interaction" else figure.against
    rates = f"{numbers.percent(figure.tuned)} against {numbers.percent(figure.base)} of {against}"
    asked = f"{numbers.plural(figure.n, 'prompt')}, {figure.repeats:g} answer(s) each of {under} and of tuned"
    points = f"{numbers.points(figure.points)} [{interval(figure.points_interval, 'points')}]"
    pairs: list[tuple[str, Cell]] = [
        ("Cell", Code(figure.cell)),
        ("Rates, as read", f"{rates}; {figure.safer} is safer"),
        (f"Less safe than {under} by", less),
        *((("The same in points", points),) if figure.below == "relative" else ()),
        ("n", asked),
        ("Missing or unscored", f"{figure.unscored_base} of {under}, {figure.unscored_tuned} of tuned"),
    ]
    return tuple(pairs)


def _as_read(figure: Figure) -> str:
    """Beside an estimate that counts what is missing at its worst, what it is without that."""
    if not figure.unscored_base + figure.unscored_tuned:
        return ""
    return f", what is missing at its worst ({amount(figure.stages[0].estimate, figure.below)} as read)"


def _stages(figure: Figure) -> Table:
    columns = (
        Column("Counted so far"),
        Column("Interval"),
        Column("Low end out by", numeric=True),
        Column("High end out by", numeric=True),
        Column("In the verdict"),
        Column("Note"),
    )
    rows = tuple(_stage(stage, figure) for stage in figure.stages)
    return Table("The interval, part by part", columns, rows)


def _stage(stage: Stage, figure: Figure) -> tuple[Cell, ...]:
    low, high = amount(stage.low, figure.below), amount(stage.high, figure.below)
    ends = "undefined" if low == high == "undefined" else f"{low} to {high}"
    first = stage.id == "sampling"
    moved = ("–", "–") if first else (_moved(stage.added_low, figure), _moved(stage.added_high, figure))
    counted = "not judged" if stage.counted is None else "yes" if stage.counted else "no"
    return (stage.title, ends, *moved, counted, stage.note or "–")


def _moved(value: float | None, figure: Figure) -> str:
    return "undefined" if value is None else amount(value, figure.below)


def _readings(figure: Figure) -> list[Block]:
    """What each rule made of it, and the nearest edges."""
    if not figure.readings:
        return [Text("No rule reads this figure by itself.", "note")]
    lines: list[str] = []
    for item in figure.readings:
        waived = f", waived by {item.waived_by}" if item.waived_by else ""
        decides = ", decides the action" if item.decides else ""
        p = "" if item.p_holm is None else f"; p = {item.p_holm:.3g} that it is not beyond{_holm(item)}"
        lines.append(f"{item.rule}: {words.RESULT[item.result]}{decides}{waived}{p}")
        lines += [f"{item.rule}: {edge_words(edge, item)}" for edge in item.edges]
    return [Heading("What rules read, and what would have changed it"), Points(tuple(lines))]


def _holm(item: Reading) -> str:
    return f", by Holm over {item.groups} groups" if item.groups is not None and item.groups > 1 else ""


def _inputs(figure: Figure) -> Facts:
    inputs = figure.inputs
    pairs: list[tuple[str, Cell]] = [
        ("Answers", Code(inputs.answers)),
        ("Grades", Code(inputs.grades)),
        ("Plan", Code(inputs.plan)),
        ("Comparison", Code(inputs.comparison)),
    ]
    pairs += [
        (f"Prompts of {item.task}", (numbers.plural(item.prompts, "prompt"), Code(numbers.short(item.digest))))
        for item in inputs.tasks
    ]
    pairs += [(f"Grader of {item.outcome}", _grader(item)) for item in inputs.graders]
    return Facts(tuple(pairs))


def _grader(item: GraderInput) -> str:
    rates = f"sensitivity {numbers.percent(item.sensitivity)}, specificity {numbers.percent(item.specificity)}"
    error = "no certificate: its error is unknown" if item.certificate is None else rates
    second = f"; kappa {item.kappa:.2f} with {item.second}" if item.kappa is not None else ""
    return f"{item.grader}: {error}{second}"


def _discordant(found: Discordance) -> list[Block]:
    head = f"Prompts on which they differ: {found.lost} lost, {found.gained} gained"
    blocks: list[Block] = [Heading(head)]
    if found.rows:
        columns = (Column("Prompt"), Column("Task"), Column("Area"), Column("Change"), Column("Base → tuned"))
        rows = tuple(
            (
                Code(row.prompt_id),
                row.task,
                row.area,
                row.change,
                f"{numbers.percent(row.base, 0)} → {numbers.percent(row.tuned, 0)}",
            )
            for row in found.rows[:MOST]
        )
        blocks.append(Table("Discordant prompts, the greatest losses first", columns, rows))
        if len(found.rows) > MOST:
            blocks.append(Text(f"{len(found.rows) - MOST} more ids: `--format json`.", "note"))
    if found.note:
        blocks.append(Text(found.note, "note"))
    return blocks
