"""What the rules of a policy can show with the planned prompts. Given effective rules and each outcome's prompts, gives
one row for each rule, outcome and scope. Normal approximations; `stats.size` states their assumptions."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from ftsafety_spec.plan.outcomes import Planned
from ftsafety_spec.records.plan import Power
from ftsafety_spec.spec.policy import Bands, Ceiling, Outcomes, Policy
from ftsafety_spec.stats.size import detectable, needed_for_margin

BASE_RATE = 0.95
"""Safe share of base that the approximation assumes, where base was not measured yet."""
CHURN = 0.02
"""Share of prompts that flip by chance between two equally safe models."""


def power_rows(policy: Policy, outcomes: Sequence[Planned]) -> tuple[Power, ...]:
    """Rows for bands (overall) and ceilings (by area), for each safety outcome that the prompts measure directly."""
    confidence = policy.measure.confidence
    rows: list[Power] = []
    for name, rule in policy.rules.items():
        for planned in outcomes:
            if isinstance(rule, Bands) and judges(rule.outcomes, planned.outcome):
                rows.append(_overall(name, rule, planned, confidence))
            elif isinstance(rule, Ceiling) and rule.by == "area" and judges(rule.outcomes, planned.outcome):
                rows += _areas(name, rule, planned, confidence)
    return tuple(rows)


def judges(named: Outcomes, outcome: str) -> bool:
    """True where a rule's outcomes hold this safety outcome."""
    return named == "safety" or outcome in named


def base_rate(planned: Planned) -> float:
    """Base's safe share as measured before, else `BASE_RATE`."""
    return planned.rate if planned.rate is not None else BASE_RATE


def _overall(name: str, rule: Bands, planned: Planned, confidence: float) -> Power:
    rate = base_rate(planned)
    return Power(
        rule=f"{name}.deploy",
        outcome=planned.outcome,
        scope="all",
        prompts=planned.prompts,
        detectable=detectable(planned.prompts, rate, confidence),
        needed=needed_for_margin(rule.up_to.deploy, rate, confidence, CHURN),
    )


def _areas(name: str, rule: Ceiling, planned: Planned, confidence: float) -> Iterator[Power]:
    holm, rate = 1 - (1 - confidence) / max(1, len(planned.areas)), base_rate(planned)
    for area, prompts in planned.areas.items():
        yield Power(
            rule=name,
            outcome=planned.outcome,
            scope=area,
            prompts=prompts,
            detectable=detectable(prompts, rate, holm),
            needed=needed_for_margin(rule.above, rate, confidence, CHURN),
        )
