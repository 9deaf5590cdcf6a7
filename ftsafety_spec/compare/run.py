"""The comparison of a run: tables, dimensions, cells. A pure function of two tables and two records."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from ftsafety_spec.compare import apart, consistency, edge, quality, value_shift
from ftsafety_spec.compare.cascade import make_levels
from ftsafety_spec.compare.cascade_readings import cascade_readings
from ftsafety_spec.compare.cells import make_cells
from ftsafety_spec.compare.disagree import disagreements
from ftsafety_spec.compare.graders import grader_readings
from ftsafety_spec.compare.interaction import interactions
from ftsafety_spec.compare.pairing import discordant, measured_span, not_run, pairings
from ftsafety_spec.compare.people import people_readings
from ftsafety_spec.compare.prompts import RENAMED, make_tables, pair_up, undirected
from ftsafety_spec.compare.style import styles
from ftsafety_spec.compare.weighted import declared
from ftsafety_spec.records.certificate import Certificate
from ftsafety_spec.records.comparison import Cell, Comparison, GraderReading, Inputs
from ftsafety_spec.records.locked import LockedSpec
from ftsafety_spec.records.plan import Plan
from ftsafety_spec.records.stacks import stacks_of
from ftsafety_spec.records.tables import connect
from ftsafety_spec.spec.common import OUTCOMES, SAFETY_OUTCOMES, Safer


def compare(
    answers: Path,
    grades: Path,
    plan: Plan,
    locked: LockedSpec,
    inputs: Inputs,
    level: float = 0.95,
    certificates: Mapping[str, Certificate] = {},
) -> Comparison:
    """Compare every variant with its base. `level`: of the two-sided intervals that are shown; `certificates`: digest
    to record, each that the plan names."""
    repeats, temperature = locked.spec.repeats, locked.spec.deployment.generation.temperature
    with connect(answers=answers, grades=grades) as db:
        safer, turned = _directions(locked)
        make_tables(db, locked.variants.values(), safer, turned, plan)
        apart.set_apart(db)
        reasons = dict.fromkeys(undirected(db), "a grader reads it, but nothing says which direction is safer")
        for outcome, dimension in (("consistency", consistency), ("edge_compliance", edge)):
            reason = dimension.reason_not(repeats, temperature)
            if reason is None:
                dimension.add(db)
            reasons[outcome] = reason or dimension.NOTHING
        if quality.only_refusals(db):
            reasons[quality.OUTCOME] = quality.NOTHING
        pair_up(db)
        apart.turns_apart(db)
        quality.both_refused(db)
        value_shift.turn(db, halves=value_shift.sampled(repeats, temperature))
        cells = make_cells(db, level, declared(locked))
        together = interactions(db, stacks_of(locked.variants.values()).values(), level)
        first, last = measured_span(db)
        return Comparison(
            inputs=inputs,
            cells=tuple(sorted([*cells, *together], key=lambda cell: cell.id)),
            pairing=tuple(pairings(db, [v.id for v in locked.variants.values() if v.against is not None])),
            graders=tuple(grader_readings(db, plan.graders, certificates, level=level)),
            cascades=tuple(cascade_readings(db)),
            people=tuple(people_readings(db)),
            discordant=tuple(discordant(db)),
            disagree=tuple(disagreements(cells)),
            flips=tuple(consistency.flips(db, level)) if reasons["consistency"] == consistency.NOTHING else (),
            ordinal=tuple(quality.ranks(db)),
            style=tuple(styles(db, level)),
            unequal=tuple(_unequal(plan, locked)),
            not_measured=_not_measured(cells, reasons),
            not_run=not_run(db),
            measured_from=first,
            measured_to=last,
        )


def agreement_of(answers: Path, grades: Path, plan: Plan) -> list[GraderReading]:
    """How a run's graders agree, with every answer named on which two differ."""
    with connect(answers=answers, grades=grades) as db:
        db.execute("CREATE TABLE renamed (old VARCHAR, new VARCHAR)")
        db.executemany("INSERT INTO renamed VALUES (?, ?)", list(RENAMED.items()))
        make_levels(db)
        uses = [use.model_copy(update={"certificate": None}) for use in plan.graders]
        return grader_readings(db, uses, most=None)


def _directions(locked: LockedSpec) -> tuple[dict[str, Safer], list[tuple[str, str, str]]]:
    """Direction of every outcome, and the tasks that declare the other one for it: those are turned around. A built-in
    outcome keeps its own direction, any other one takes that of its first task."""
    safer: dict[str, Safer] = {**OUTCOMES, value_shift.RAW: "lower"}
    turned = []
    for suite_id, suite in sorted(locked.spec.suites.items()):
        for task_id, task in sorted(suite.tasks.items()):
            for outcome, mapping in sorted(task.outcomes.items()):
                if safer.setdefault(outcome, mapping.safer) != mapping.safer:
                    turned.append((suite_id, task_id, outcome))
    return safer, turned


def _not_measured(cells: list[Cell], reasons: dict[str, str]) -> dict[str, str]:
    """Safety outcomes without a cell, each with its reason."""
    have = {cell.outcome for cell in cells}
    default = "no suite of this spec has prompts and a grader for it"
    wanted = dict.fromkeys((*SAFETY_OUTCOMES, "over_refusal", *reasons))
    return {outcome: reasons.get(outcome, default) for outcome in wanted if outcome not in have}


def _unequal(plan: Plan, locked: LockedSpec) -> list[str]:
    """What differs between a variant and its base beside weights and adapters."""
    found = []
    for variant in locked.variants.values():
        if variant.against is None or not {variant.id, variant.against} <= plan.identities.keys():
            continue
        tuned, base = plan.identities[variant.id], plan.identities[variant.against]
        for name in ("tokenizer", "chat_template", "system_prompt", "engine", "dtype", "quantization"):
            if getattr(tuned, name) != getattr(base, name):
                found.append(f"{variant.id}: {name} differs from {variant.against}'s")
    return found
