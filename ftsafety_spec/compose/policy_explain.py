"""A policy as it holds, for people: each rule with a sentence made of its data, its reason, and where each number came
from. Given a locked policy and, where known, a spec's facts, gives a `PolicyExplained`. Judges no run."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from ftsafety_spec.compose.policy_sources import Setting, place, settings
from ftsafety_spec.records.locked import LockedPolicy, Loosened
from ftsafety_spec.spec.common import ACTIONS, Action, Model
from ftsafety_spec.spec.effective import effective
from ftsafety_spec.spec.policy import ActionDuty, Policy, PolicyFacts, Rule
from ftsafety_spec.spec.rule_words import condition, describe, describe_duty


class RuleExplained(Model):
    """One rule as it holds. `says` is made of its data; `description` and `rationale` are its author's."""

    id: str
    kind: str
    says: str
    description: str | None
    rationale: str | None
    owner: str | None
    waiver: str | None
    settings: tuple[Setting, ...]


class DutyExplained(Model):
    """What one action obliges to."""

    action: Action
    says: str
    settings: tuple[Setting, ...]


class Tightening(Model):
    """One field that an adjustment sets, and where; `holds`: null where no spec was given."""

    adjust: str
    when: str
    holds: bool | None
    field: str
    value: Any
    place: str | None


class PolicyExplained(Model):
    """A policy as it holds for a spec, or as it stands where none was given."""

    policy: str
    digest: str
    title: str
    owner: str
    extends: tuple[str, ...]
    looser: tuple[Loosened, ...]
    spec: str | None
    facts: PolicyFacts | None
    measure: tuple[Setting, ...]
    rules: tuple[RuleExplained, ...]
    actions: tuple[DutyExplained, ...]
    monitoring: dict[str, tuple[Setting, ...]]
    adjust: tuple[Tightening, ...]
    risk: dict[str, dict[str, int]]
    tiers: dict[str, int]
    roles: dict[str, list[str]]
    owner_may_accept: bool
    locks: dict[str, str]

    def to_json(self) -> dict[str, Any]:
        """As plain data."""
        return {"schema": "ftsafety/policy-explained@1", **self.model_dump(mode="json")}


def explain_policy(locked: LockedPolicy, spec: str | None = None, facts: PolicyFacts | None = None) -> PolicyExplained:
    """Explain a policy. With the `facts` of a `spec`, adjustments that they call for are applied."""
    own = locked.policy
    held = own if facts is None else effective(own, facts)
    return PolicyExplained(
        policy=locked.name,
        digest=locked.compute_digest(),
        title=own.title,
        owner=own.owner,
        extends=locked.extends,
        looser=locked.looser,
        spec=spec,
        facts=facts,
        measure=tuple(settings(locked, "measure", facts)),
        rules=tuple(_rule(locked, held, n, rule, facts) for n, rule in held.rules.items() if rule is not None),
        actions=tuple(_duty(locked, held, action, facts) for action in ACTIONS),
        monitoring={level: tuple(settings(locked, f"monitoring.{level}", facts)) for level in own.monitoring},
        adjust=tuple(_tightenings(locked, facts)),
        risk={factor: dict(levels) for factor, levels in own.risk.points.items()},
        tiers=dict(sorted(own.risk.tiers.items(), key=lambda item: item[1])),
        roles=dict(own.roles),
        owner_may_accept=own.people.owner_may_accept,
        locks=dict(own.locks),
    )


def _rule(locked: LockedPolicy, held: Policy, name: str, rule: Rule, facts: PolicyFacts | None) -> RuleExplained:
    terms = held.waivers.get(name)
    return RuleExplained(
        id=name,
        kind=rule.kind,
        says=describe(rule, held.measure),
        description=_words(rule.description),
        rationale=_words(rule.rationale),
        owner=rule.owner,
        waiver=None if terms is None else f"by {terms.by}, for at most {terms.at_most_days} days",
        settings=tuple(settings(locked, f"rules.{name}", facts)),
    )


def _words(text: str | None) -> str | None:
    return None if text is None else " ".join(text.split())


def _duty(locked: LockedPolicy, held: Policy, action: Action, facts: PolicyFacts | None) -> DutyExplained:
    says = describe_duty(action, held.actions.get(action, ActionDuty()))
    return DutyExplained(action=action, says=says, settings=tuple(settings(locked, f"actions.{action}", facts)))


def _tightenings(locked: LockedPolicy, facts: PolicyFacts | None) -> Iterator[Tightening]:
    for name, item in locked.policy.adjust.items():
        for group, patches in (("rules", item.rules), ("actions", item.actions), ("monitoring", item.monitoring)):
            for part, patch in patches.items():
                for field, value in _leaves(patch):
                    yield Tightening(
                        adjust=name,
                        when=condition(item.when),
                        holds=None if facts is None else facts.meet(item.when),
                        field=f"{part if group == 'rules' else f'{group}.{part}'}.{field}",
                        value=value,
                        place=place(locked, f"adjust.{name}.{group}.{part}.{field}"),
                    )


def _leaves(patch: dict[str, Any], prefix: str = "") -> Iterator[tuple[str, Any]]:
    for key, value in patch.items():
        if isinstance(value, dict):
            yield from _leaves(value, f"{prefix}{key}.")
        else:
            yield f"{prefix}{key}", value
