"""A cell, explained: what it was computed from and how, its interval part by part, and the prompts on which base and
tuned differ, by id. Given a cell and its terms, gives a `Figure`; never a text."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace

from ftsafety_spec.records.comparison import Cell, Discordant, GraderReading
from ftsafety_spec.report.choose import loss
from ftsafety_spec.report.explain_data import (
    Differing,
    Discordance,
    Figure,
    GraderInput,
    Inputs,
    Method,
    Reading,
    TaskInput,
)
from ftsafety_spec.report.explain_interval import Reader, stages
from ftsafety_spec.report.explain_terms import Terms
from ftsafety_spec.report.explain_view import ExplainView, Place
from ftsafety_spec.spec.policy import Ceiling, Concern
from ftsafety_spec.stats.parts import Ends

RATIO = "one-sided bounds of the ratio of two correlated means (tuned's safe share over base's)"
DIFFERENCE = "one-sided bounds of a paired difference of means"
ROTHMAN = "Rothman, Greenland & Lash 2008, ch. 5"
PSEUDO = "one more prompt at the end that is read, lost at the pessimistic one and gained at the optimistic one"


def figure_of(cell: Cell, terms: Terms, readings: Sequence[Reading]) -> Figure:
    """The figure of a cell, as the rule reads it that can change the action. `readings`: of the verdict's findings."""
    rule = terms.rule_for(cell)
    reader = Reader(cell, terms, rule)
    mine = [item for item in readings if item.grader_error is not None and item.below == reader.below]
    first = min(mine, key=lambda item: item.kind == "concern", default=None)
    carried = None if first is None else bool(first.grader_error)
    ends, points = (_ends(item, carried) for item in (reader, replace(reader, measure="points")))
    return Figure(
        cell=cell.id,
        variant=cell.variant,
        against=cell.against,
        outcome=cell.outcome,
        safer=cell.safer,
        by=cell.by,
        of=cell.of,
        domain=cell.domain,
        n=cell.moments.n,
        repeats=cell.repeats,
        base=cell.moments.mean_base if cell.moments.n else None,
        tuned=cell.moments.mean_tuned if cell.moments.n else None,
        unscored_base=cell.unscored_base,
        unscored_tuned=cell.unscored_tuned,
        below=reader.below,
        estimate=ends.seen,
        interval=ends.interval,
        points=points.seen,
        points_interval=points.interval,
        confidence_low=reader.low_at,
        confidence_high=reader.high_at,
        stages=stages(reader, carried),
        looks=terms.view.comparison.looks,
        methods=tuple(methods(reader)),
        inputs=inputs_of(cell, terms),
        discordant=discordance(cell, terms.view),
        readings=tuple(readings),
    )


def _ends(reader: Reader, carried: bool | None) -> Ends:
    """The ends that the verdict holds, or would hold."""
    found = reader.candidates()
    return next((ends for with_error, ends in found if with_error == carried), found[0][1])


def methods(reader: Reader) -> Iterator[Method]:
    """What was done, in order, each with the paper that it is from."""
    cell, terms, rule = reader.cell, reader.terms, reader.rule
    yield Method("answers to one prompt are averaged: the unit is the prompt, paired, clustered over repeats", None)
    if reader.below == "relative":
        yield Method(RATIO, "Fieller 1954")
    else:
        yield Method(DIFFERENCE, "Student 1908")
    yield Method(PSEUDO, "Chan, Golub & LeVeque 1983, eq. 1.5 (the moments with one more pair)")
    yield Method("what is missing or unscored counts at its worst, at the pessimistic end", "Horowitz & Manski 2000")
    if len(terms.view.comparison.looks) > 1:
        yield Method("error spent over several looks", "Lan & DeMets 1983; Armitage, McPherson & Rowe 1969")
    if reader.with_error() is not None:
        yield Method("shares set right by the grader's sensitivity and specificity", "Rogan & Gladen 1978")
    if cell.by == "interaction":
        yield Method("held against the sum of what each adapter does alone: interaction contrast", ROTHMAN)
    if isinstance(rule, Ceiling | Concern) and len(terms.family(cell)) > 1:
        yield Method(f"a violation is shown by correction over {len(terms.family(cell))} groups", "Holm 1979")
    if isinstance(rule, Concern) and rule.read == "shrunken":
        yield Method("small groups drawn to the common mean", "Morris 1983; DerSimonian & Laird 1986")
    if cell.moments.weight > 1:
        yield Method(
            f"readings drawn for an audit: one, and so the one more, can stand for {cell.moments.weight:.3g} prompts",
            None,
        )


def inputs_of(cell: Cell, terms: Terms) -> Inputs:
    """Digests, prompt sets and graders behind a cell."""
    view = terms.view
    own = view.comparison.inputs
    only = cell.of.split(":", 1)[0] if cell.by in ("task", "category") else None
    tasks = [
        TaskInput(f"{item.suite}.{item.task}", item.benchmark, item.prompts, item.digest)
        for item in view.plan.datasets
        if only in (None, f"{item.suite}.{item.task}") and (cell.by != "area" or _has_area(item.by_area, cell.of))
    ]
    graders = tuple(_grader(row) for row in terms.graders(cell.outcome))
    return Inputs(own.plan, own.answers, own.grades, terms.comparison_digest, tuple(tasks), graders)


def _has_area(by_area: dict[str, int], area: str) -> bool:
    """True where a prompt set holds an area, or does not say what it holds."""
    return not by_area or area in by_area


def _grader(row: GraderReading) -> GraderInput:
    error = row.error
    return GraderInput(
        outcome=row.outcome,
        grader=row.primary,
        identity=row.identity,
        second=row.second,
        kappa=row.kappa,
        certificate=None if error is None else error.certificate,
        sensitivity=None if error is None else error.sensitivity.value,
        specificity=None if error is None else error.specificity.value,
    )


def discordance(cell: Cell, view: ExplainView) -> Discordance:
    """Prompts of a cell that were lost or gained; the comparison lists the greatest losses of each outcome first."""
    rows = [row for row in view.comparison.discordant if (row.variant, row.outcome) == (cell.variant, cell.outcome)]
    if cell.by == "interaction":
        note = "against what the adapters add up to alone: the prompts are those of the combination and of its parts"
        return Discordance(cell.lost, cell.gained, None, note)
    known = cell.by in ("all", "area") or all(_place(row, view) is not None for row in rows)
    if not known:
        note = "the tables of this run are not there: which prompts belong here is not known"
        return Discordance(cell.lost, cell.gained, None, note)
    mine = tuple(_differing(row, cell.safer) for row in rows if _belongs(row, cell, view))
    full = sum(item.change == "lost" for item in mine) < cell.lost
    return Discordance(cell.lost, cell.gained, mine, "the comparison lists only the greatest losses" if full else None)


def _place(row: Discordant, view: ExplainView) -> Place | None:
    return view.places.get(row.tuned_answer) or view.places.get(row.base_answer)


def _belongs(row: Discordant, cell: Cell, view: ExplainView) -> bool:
    if cell.by == "all":
        return True
    if cell.by == "area":
        return row.area == cell.of
    place = _place(row, view)
    return place is not None and getattr(place, cell.by) == cell.of


def _differing(row: Discordant, safer: str) -> Differing:
    change = loss(row, safer)
    return Differing(row.prompt_id, row.task, row.area, "lost" if change > 0 else "gained", row.base, row.tuned)
