"""Where a policy is looser than another one: rules, duties, monitoring, risk table, waivers, and what its adjustments
leave under every combination of facts (R-35). Given two policies, gives Loosened entries. Whatever is not shown to be
at least as strict counts: a change without a direction too."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import product
from typing import Any

from pydantic import BaseModel

from ftsafety_spec.records.locked import Loosened
from ftsafety_spec.spec.common import AdapterSource, Context
from ftsafety_spec.spec.effective import compare_policies, effective
from ftsafety_spec.spec.policy import Policy, PolicyFacts, RequiresReview


def loosened(strict: Policy, policy: Policy, than: str) -> list[Loosened]:
    """Every place where `policy` is looser than `strict`, which is named `than`; each once."""
    rows = [*_rules(strict, policy), *other_parts(strict, policy)]
    said = {(rule, field) for rule, field, _, _ in rows}
    rows += [row for row in under_facts(strict, policy) if row[:2] not in said]
    unique = {row[:2]: row for row in reversed(rows)}
    return [
        Loosened(rule=rule, field=field, than=than, from_=plain(old), to=plain(new))
        for (rule, field), (_, _, old, new) in reversed(unique.items())
    ]


Row = tuple[str, str, Any, Any]
_LEAST_FIRST: tuple[AdapterSource | None, ...] = (None, "internal", "organisation", "community", "unknown")
_CONTEXTS: tuple[Context, ...] = ("api", "open_weight", "adapter")


def facts_space(*policies: Policy) -> Iterator[PolicyFacts]:
    """Every combination of the facts that any adjustment or rule of these policies asks for, and one that none does."""
    whens = [adjustment.when for policy in policies for adjustment in policy.adjust.values()]
    rules = (rule for policy in policies for rule in policy.rules.values())
    whens += [rule.when for rule in rules if isinstance(rule, RequiresReview)]
    tiers = [tier for tier in policies[0].risk.tiers if all(tier in other.risk.tiers for other in policies)]
    asked = {source for when in whens for source in when.adapter_source or []}
    sources = [source for source in _LEAST_FIRST if source is None or source in asked]
    contexts = _CONTEXTS if any(when.context for when in whens) else _CONTEXTS[:1]
    for tier, source, context in product(tiers, sources, contexts):
        yield PolicyFacts(tier=tier, points=0, context=context, adapter_source=source)


def _rules(strict: Policy, policy: Policy) -> Iterator[Row]:
    for change in compare_policies(strict, policy):
        if change.direction != "stricter":
            yield change.rule, change.field, change.old, change.new


def other_parts(strict: Policy, policy: Policy) -> Iterator[Row]:
    """What is looser outside of rules and duties: monitoring, risk table, waivers, separation of duties."""
    yield from _monitoring(strict, policy)
    yield from _risk(strict, policy)
    yield from _waivers(strict, policy)
    if policy.people.owner_may_accept and not strict.people.owner_may_accept:
        yield "people", "owner_may_accept", False, True


def under_facts(strict: Policy, policy: Policy) -> Iterator[Row]:
    """What is looser only once adjustments have been applied: a dropped or weakened adjustment."""
    plain = {row[:2] for row in _adjustable(strict, policy)}
    for facts in facts_space(strict, policy):
        held = f" (tier {facts.tier}{', adapters ' + facts.adapter_source if facts.adapter_source else ''})"
        for rule, field, old, new in _adjustable(effective(strict, facts), effective(policy, facts)):
            if (rule, field) not in plain:
                yield rule, field + held, old, new


def _adjustable(strict: Policy, policy: Policy) -> Iterator[Row]:
    yield from _rules(strict, policy)
    yield from _monitoring(strict, policy)


def _monitoring(strict: Policy, policy: Policy) -> Iterator[Row]:
    for level, before in strict.monitoring.items():
        after = policy.monitoring.get(level)
        if after is None:
            yield f"monitoring.{level}", "level", before, None
            continue
        if after.canary_days > before.canary_days:
            yield f"monitoring.{level}", "canary_days", before.canary_days, after.canary_days
        if after.false_alarms_per_year != before.false_alarms_per_year:
            rates = before.false_alarms_per_year, after.false_alarms_per_year
            yield f"monitoring.{level}", "false_alarms_per_year", *rates


def _risk(strict: Policy, policy: Policy) -> Iterator[Row]:
    for factor, levels in strict.risk.points.items():
        after = policy.risk.points.get(factor, {})
        for level, points in levels.items():
            if after.get(level, 0) < points:
                yield "risk", f"points.{factor}.{level}", points, after.get(level)
    for tier, start in strict.risk.tiers.items():
        begins = policy.risk.tiers.get(tier)
        if begins is None or begins > start:
            yield "risk", f"tiers.{tier}", start, begins


def _waivers(strict: Policy, policy: Policy) -> Iterator[Row]:
    for rule, terms in policy.waivers.items():
        before = strict.waivers.get(rule)
        if before is None:
            yield rule, "waiver", None, terms
        elif terms.at_most_days > before.at_most_days or terms.by != before.by:
            yield rule, "waiver", before, terms


def plain(value: Any) -> Any:
    """A value of a policy as plain data."""
    return value.model_dump(mode="json") if isinstance(value, BaseModel) else value
