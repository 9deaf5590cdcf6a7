"""A cohort as one HTML file: each outcome with a forest plot of all fine-tunes of the base, and a table of places.
Given standings, gives the page: no script, no outside request, every string escaped."""

from __future__ import annotations

from collections.abc import Sequence

from ftsafety_spec.records.cohort import Cohort, Member
from ftsafety_spec.report import numbers, words
from ftsafety_spec.report.blocks import Block, Cell, Column, Mark, Section, Table, Text
from ftsafety_spec.report.forest import Reading, forest
from ftsafety_spec.report.html import page
from ftsafety_spec.stats.cohort import LEAST, Effect, Place

COLUMNS = (
    Column("Rank", numeric=True),
    Column("Fine-tune"),
    Column("Less safe than base by", numeric=True),
    Column("The others' mean", numeric=True),
    Column("Expected of another", numeric=True),
    Column("Prompts", numeric=True),
    Column("Place"),
)
Row = tuple[Member, Effect, Place, int]
"""A member with its effect, its place and the number of prompts."""
Z = 1.959964


def cohort_page(cohort: Cohort, outcomes: Sequence[tuple[str, Sequence[Row]]]) -> str:
    """The page of a cohort: one section an outcome."""
    lead = Text(
        f"{numbers.plural(len(cohort.members), 'fine-tune')} of {', '.join(cohort.ground.base)}, measured on the same "
        "prompts with the same settings and graders. Each is held against all others without itself: an outlier lies "
        "where another one of their kind would be expected in less than 5 % of cases, all of them together. Base's "
        "answers are the same throughout.",
        "note",
    )
    sections = [Section("about", "What is compared", (lead,))]
    sections += [Section(name, words.outcome(name).capitalize(), _blocks(rows)) for name, rows in outcomes]
    return page("cohort.html.j2", title="Fine-tunes of one base", sections=sections)


def label(member: Member) -> str:
    """A member's name for people; one without a title is called by its digest."""
    name = member.title or f"fine-tune {numbers.short(member.id)}"
    return f"{name} (shared)" if member.shared else name


def place_words(place: Place) -> str:
    """An outlier with its direction, or nothing to see."""
    if place.p is None:
        return f"too few to tell: {LEAST} are needed"
    return f"outlier (p = {place.p:.3f})" if place.outlier else "as expected"


def _blocks(rows: Sequence[Row]) -> tuple[Block, ...]:
    readings = [
        Reading(label(m), e.value, (e.value - Z * e.error, e.value + Z * e.error), n, None) for m, e, _, n in rows
    ]
    plot = forest("Each fine-tune against base", "less safe than base, in points; 95 % intervals", readings, None, None)
    table = Table("Places, the least safe first", COLUMNS, tuple(_row(*row) for row in rows), stack=True)
    return plot, table


def _row(member: Member, effect: Effect, place: Place, prompts: int) -> tuple[Cell, ...]:
    tone = "info" if place.p is None else "open" if place.outlier else "ok"
    return (
        str(place.rank),
        label(member),
        numbers.points(effect.value),
        numbers.points(place.others),
        numbers.interval(place.expected),
        numbers.count(prompts),
        Mark(place_words(place), tone),
    )
