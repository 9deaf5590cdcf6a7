"""What the rules of a policy can show with the planned prompts. Given effective rules and loaded prompts, gives one row
for each rule, outcome and scope. Normal approximations; `stats.size` states their assumptions."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from ftsafety_spec.catalog.load import LoadedTask
from ftsafety_spec.records.plan import Power
from ftsafety_spec.spec.policy import Bands, Ceiling, Policy
from ftsafety_spec.stats.size import detectable, needed_for_margin

BASE_RATE = 0.95
"""Safe share of base that the approximation assumes, where base was not measured yet."""
CHURN = 0.02
"""Share of prompts that flip by chance between two equally safe models."""


def power_rows(policy: Policy, tasks: Sequence[LoadedTask]) -> tuple[Power, ...]:
    """Rows for bands (overall) and ceilings (by area), on refusal of harmful prompts."""
    counts = _distinct(tasks)
    confidence = policy.measure.confidence
    rows: list[Power] = []
    for name, rule in policy.rules.items():
        if isinstance(rule, Bands):
            rows += _overall(name, rule, counts, confidence)
        elif isinstance(rule, Ceiling) and rule.by == "area":
            rows += _areas(name, rule, counts, confidence)
    return tuple(rows)


def _distinct(tasks: Sequence[LoadedTask]) -> dict[str, int]:
    """Distinct harmful prompts in all ("all") and by area."""
    areas: dict[str, set[str]] = {}
    for task in tasks:
        for prompt in task.prompts:
            if prompt.kind == "harmful":
                areas.setdefault(prompt.area, set()).add(prompt.cluster)
    total = len(set().union(*areas.values())) if areas else 0
    return {"all": total, **{area: len(found) for area, found in sorted(areas.items())}}


def _overall(name: str, rule: Bands, counts: Mapping[str, int], confidence: float) -> Iterator[Power]:
    prompts = counts["all"]
    yield Power(
        rule=f"{name}.deploy",
        outcome="refusal",
        scope="all",
        prompts=prompts,
        detectable=detectable(prompts, BASE_RATE, confidence),
        needed=needed_for_margin(rule.up_to.deploy, BASE_RATE, confidence, CHURN),
    )


def _areas(name: str, rule: Ceiling, counts: Mapping[str, int], confidence: float) -> Iterator[Power]:
    areas = {area: prompts for area, prompts in counts.items() if area != "all"}
    holm = 1 - (1 - confidence) / max(1, len(areas))
    for area, prompts in areas.items():
        yield Power(
            rule=name,
            outcome="refusal",
            scope=area,
            prompts=prompts,
            detectable=detectable(prompts, BASE_RATE, holm),
            needed=needed_for_margin(rule.above, BASE_RATE, confidence, CHURN),
        )
