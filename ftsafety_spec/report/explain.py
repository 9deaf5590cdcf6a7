"""How a figure or a verdict came about. Given the records of a compared run and a name, gives an `Explanation`: plain
data with digests, counts and ids, never a text. Judges nothing: figures are made again by the gate's functions."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from ftsafety_spec.records.comparison import Cell
from ftsafety_spec.report.explain_data import About, Explanation, Figure, Judgement, Reading, Rule
from ftsafety_spec.report.explain_figure import figure_of
from ftsafety_spec.report.explain_names import cells_of, meant, names_of
from ftsafety_spec.report.explain_readings import Readings
from ftsafety_spec.report.explain_rules import judgement, rule_names, rule_of
from ftsafety_spec.report.explain_terms import Terms
from ftsafety_spec.report.explain_view import ExplainView, explain_view

__all__ = ["ExplainView", "Explanation", "explain", "explain_view"]

NOT_JUDGED = "This run has not been judged: no rule has read these figures yet (`ftsafety gate`)."
DIFFERS = "{rule} of {cell}: the figures computed again are not the verdict's; `ftsafety verify` looks into it."
UNKNOWN_ERROR = "{outcome}: no certificate says how often {graders} errs, so the interval holds nothing of it."
NOT_MEASURED = "{outcome} was not measured: {reason}."


def explain(view: ExplainView, name: str | None = None) -> Explanation:
    """The whole verdict, or what `name` means: a rule, an outcome, an area or other group, a cell or a finding. Raises
    NotFoundError for a name of nothing in this run, InputError FTS-130 where it takes a verdict and there is none."""
    terms = Terms(view)
    if name is None:
        return _whole(terms)
    verdict = view.verdict
    rules = rule_names(terms, verdict) if verdict is not None else list(terms.rules)
    findings = verdict.findings if verdict is not None else ()
    known = names_of(rules, findings, view.comparison.cells, view.comparison.not_measured)
    return _named(terms, meant(name, known))


def _whole(terms: Terms) -> Explanation:
    verdict = terms.view.judged()
    readings = Readings(terms, verdict)
    rules = tuple(rule_of(name, terms, readings) for name in rule_names(terms, verdict))
    return _explanation(terms, (About("verdict", verdict.title),), rules, (), judgement(verdict, rules))


def _named(terms: Terms, about: tuple[About, ...]) -> Explanation:
    view = terms.view
    only_rules = all(item.kind == "rule" for item in about)
    verdict = view.judged() if only_rules else view.verdict
    readings = None if verdict is None else Readings(terms, verdict)
    rules = () if readings is None else tuple(_rules(terms, about, readings))
    wanted = [cell for item in about for cell in cells_of(item, view.comparison.cells)]
    wanted += [cell for cell in _most_severe_first(rules, view.comparison.cells) if cell not in wanted]
    return _explanation(terms, about, rules, tuple(_figure(terms, cell, readings) for cell in wanted), None)


def _rules(terms: Terms, about: tuple[About, ...], readings: Readings) -> Iterator[Rule]:
    for item in about:
        if item.kind == "rule":
            yield rule_of(item.name, terms, readings)
        elif item.kind == "finding":
            rule, cell = item.name.split(":", 1)
            yield rule_of(rule, terms, readings, cell)


def _most_severe_first(rules: Sequence[Rule], cells: Sequence[Cell]) -> list[Cell]:
    """The cells that rules read, in the order of their readings."""
    by_id = {cell.id: cell for cell in cells}
    read = dict.fromkeys(reading.cell for rule in rules for reading in rule.readings if reading.cell in by_id)
    return [by_id[name] for name in read if name is not None]


def _figure(terms: Terms, cell: Cell, readings: Readings | None) -> Figure:
    found: list[Reading] = []
    if readings is not None:
        found = [readings.of(item) for item in readings.verdict.findings if item.cell == cell.id]
    return figure_of(cell, terms, found)


def _explanation(
    terms: Terms,
    about: tuple[About, ...],
    rules: tuple[Rule, ...],
    figures: tuple[Figure, ...],
    whole: Judgement | None,
) -> Explanation:
    notes = tuple(dict.fromkeys(_notes(terms, about, rules, figures)))
    return Explanation(terms.view.run, about, whole, rules, figures, notes)


def _notes(
    terms: Terms, about: tuple[About, ...], rules: tuple[Rule, ...], figures: tuple[Figure, ...]
) -> Iterator[str]:
    lacking = terms.view.comparison.not_measured
    for item in about:
        if item.kind == "outcome" and item.name in lacking:
            yield NOT_MEASURED.format(outcome=item.name, reason=lacking[item.name])
    if terms.view.verdict is None:
        yield NOT_JUDGED
    for reading in (*(item for rule in rules for item in rule.readings), *(x for f in figures for x in f.readings)):
        if not reading.agrees:
            yield DIFFERS.format(rule=reading.rule, cell=reading.cell or "the run")
    for outcome in dict.fromkeys(figure.outcome for figure in figures):
        unknown = [row.primary for row in terms.graders(outcome) if row.error is None]
        if unknown:
            yield UNKNOWN_ERROR.format(outcome=outcome, graders=", ".join(dict.fromkeys(unknown)))
