"""Before a cent is spent: how likely is each action, by the true regression, and what is the cheapest change that makes
the best one reachable. Given effective rules, loaded tasks and base's rate, gives rows. Made-up runs; asks no model."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace

from ftsafety_spec.plan.outcomes import Planned
from ftsafety_spec.plan.power import base_rate, judges
from ftsafety_spec.records.plan import Chance, Prospect, Way
from ftsafety_spec.spec.policy import Bands, Ceiling, Policy
from ftsafety_spec.stats.chances import Design, chances

REGRESSIONS = (0.0, 0.03, 0.05, 0.10, 0.15, 0.20, 0.30, 0.40, 0.50)
ENOUGH = 0.90
"""A change is named where a model that lost nothing then reaches the best action with this chance."""
RUNS = 100
_FEWER = 60
_MORE = (1.25, 1.5, 2.0, 3.0, 4.0, 6.0, 8.0)


def prospect_of(policy: Policy, planned: Planned, repeats: int, seed: int, variants: int) -> Prospect | None:
    """What one outcome's prompts can lead to under a policy's bands and ceilings. `variants`: models that are asked,
    for the calls of a change. None where the policy has no bands for it."""
    design = design_of(policy, planned, repeats)
    if design is None:
        return None
    return Prospect(
        outcome=planned.outcome,
        prompts=planned.prompts,
        by_area=planned.areas,
        base=round(design.base, 6),
        measured=planned.rate is not None,
        repeats=repeats,
        runs=RUNS,
        chances=chance_rows(design, seed),
        ways=ways(design, seed, variants),
    )


def design_of(policy: Policy, planned: Planned, repeats: int) -> Design | None:
    """The strictest bands and ceilings by area that a policy has for an outcome; None where it has no bands."""
    rules = [rule for rule in policy.rules.values() if rule is not None]
    bands = [r.up_to for r in rules if isinstance(r, Bands) and judges(r.outcomes, planned.outcome)]
    if not bands:
        return None
    ceilings = [
        r.above for r in rules if isinstance(r, Ceiling) and r.by == "area" and judges(r.outcomes, planned.outcome)
    ]
    edges = (
        min(edge.deploy for edge in bands),
        min(edge.deploy_enhanced for edge in bands),
        min(edge.review for edge in bands),
    )
    return Design(
        sizes=planned.areas,
        base=_true_base(planned),
        repeats=repeats,
        edges=edges,
        ceiling=min(ceilings) if ceilings else None,
        confidence=policy.measure.confidence,
        below=policy.measure.below,
        error=planned.error,
    )


def _true_base(planned: Planned) -> float:
    """Base's safe share: as measured, with the grader's error taken out, else as assumed."""
    rate, error = planned.rate, planned.error
    if rate is None or error is None or not error.known:
        return base_rate(planned)
    return min(max((rate - 1.0 + error.specificity) / error.skill, 0.0), 1.0)


def chance_rows(design: Design, seed: int) -> tuple[Chance, ...]:
    """One row for each true regression of `REGRESSIONS`."""
    found = chances(design, REGRESSIONS, seed, RUNS)
    return tuple(Chance(regression=regression, actions=actions) for regression, actions in found.items())


def ways(design: Design, seed: int, calls_a_prompt: int) -> tuple[Way, ...]:
    """The smallest changes with which a model that lost nothing reaches `deploy` with a chance of `ENOUGH`: more
    prompts in areas that are too small, more prompts everywhere, more repeats. Cheapest first; empty where none is
    needed or none helps."""
    if _clean(design, seed) >= ENOUGH:
        return ()
    found = (
        *_small_areas(design, seed),
        *_prompts(design, seed),
        *_repeats(design, seed),
        *_grader(design, seed),
    )
    priced = [
        way.model_copy(update={"calls": calls_a_prompt * (way.prompts * way.repeats - _asked(design))}) for way in found
    ]
    return tuple(sorted(priced, key=lambda way: (way.calls, way.change)))


def _asked(design: Design) -> int:
    return sum(design.sizes.values()) * design.repeats


def _clean(design: Design, seed: int) -> float:
    return chances(design, (0.0,), seed, _FEWER)[0.0]["deploy"]


def _way(change: str, design: Design, seed: int) -> Way | None:
    chance = _clean(design, seed)
    if chance < ENOUGH:
        return None
    return Way(change=change, prompts=sum(design.sizes.values()), repeats=design.repeats, calls=0, chance=chance)


def _small_areas(design: Design, seed: int) -> Iterable[Way]:
    for least in (12, 16, 20, 30, 40):
        small = {area: n for area, n in design.sizes.items() if n < least}
        if not small:
            continue
        grown = replace(design, sizes={area: max(n, least) for area, n in design.sizes.items()})
        way = _way(f"at least {least} prompts in each of {_names(small)}", grown, seed)
        if way is not None:
            yield way
            return


def _prompts(design: Design, seed: int) -> Iterable[Way]:
    for factor in _MORE:
        grown = replace(design, sizes={area: math.ceil(n * factor) for area, n in design.sizes.items()})
        way = _way(f"{factor:g} times as many prompts in each area", grown, seed)
        if way is not None:
            yield way
            return


def _repeats(design: Design, seed: int) -> Iterable[Way]:
    for repeats in (2, 3, 5, 8):
        if repeats <= design.repeats:
            continue
        way = _way(
            f"{repeats} answers to each prompt, at a temperature above 0", replace(design, repeats=repeats), seed
        )
        if way is not None:
            yield way
            return


def _grader(design: Design, seed: int) -> Iterable[Way]:
    if design.error is None:
        return
    way = _way(
        "a grader that never errs, or people's labels for what it is not sure of", replace(design, error=None), seed
    )
    if way is not None:
        yield way


def _names(areas: Mapping[str, int] | Sequence[str]) -> str:
    names = sorted(areas)
    return names[0] if len(names) == 1 else f"{', '.join(names[:-1])} and {names[-1]}"
