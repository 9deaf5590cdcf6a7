"""The rules of a verdict, explained, and the verdict as a whole: action, what decided it, what is missing, what people
owe, and what would change it. Given readings, gives parts of an `Explanation`; judges nothing anew."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

from ftsafety_spec.records.verdict import Verdict
from ftsafety_spec.report.explain_data import (
    Blocker,
    Edge,
    Judgement,
    NearestEdge,
    Need,
    Owed,
    Reading,
    Rule,
    Way,
)
from ftsafety_spec.report.explain_edges import BANDS, action_of
from ftsafety_spec.report.explain_readings import Readings
from ftsafety_spec.report.explain_terms import Terms
from ftsafety_spec.spec.common import ACTIONS, Action
from ftsafety_spec.spec.policy import Rule as PolicyRule

NOT_SETTINGS = frozenset({"kind", "description", "rationale", "owner"})


def rule_names(terms: Terms, verdict: Verdict) -> list[str]:
    """Rules that hold, then what the gate adds of itself (unequal terms, a verdict that ran out)."""
    return list(dict.fromkeys([*terms.rules, *(item.rule for item in verdict.findings)]))


def rule_of(name: str, terms: Terms, readings: Readings, cell: str | None = None) -> Rule:
    """One rule with all its readings, the most severe first; with `cell`, the reading of that alone."""
    verdict = readings.verdict
    found = [item for item in verdict.findings if item.rule == name and cell in (None, item.cell)]
    made = sorted((readings.of(item) for item in found), key=_severity)
    rule = terms.rules.get(name)
    return Rule(
        rule=name,
        kind=rule.kind if rule is not None else found[0].kind,
        why=None if rule is None else rule.rationale or rule.description,
        settings=_settings(rule),
        action=made[0].action if made else None,
        decides=any(item.decides for item in made),
        line=_line(made),
        owed=tuple(item.detail for item in verdict.obligations if item.state == "open" and _is_of(item.detail, name)),
        readings=tuple(made),
    )


def _settings(rule: PolicyRule | None) -> dict[str, Any]:
    """What the rule says, with the adjustments that hold."""
    if rule is None:
        return {}
    return {
        name: value
        for name, value in rule.model_dump(mode="json", exclude_none=True).items()
        if name not in NOT_SETTINGS
    }


def _severity(item: Reading) -> tuple[bool, int, bool, float]:
    calm = item.result == "within"
    distance = min((edge.distance for edge in item.edges if edge.distance is not None), default=0.0)
    return (item.waived_by is not None, -ACTIONS.index(item.action), calm, distance)


def _line(readings: Sequence[Reading]) -> str:
    if not readings:
        return "it read nothing in this run"
    first, rest = readings[0], len(readings) - 1
    within = sum(item.result == "within" for item in readings)
    more = f" ({rest} more; {within} of {len(readings)} within)" if rest else ""
    return first.sentence[:1].upper() + first.sentence[1:] + more


def _is_of(detail: str, rule: str) -> bool:
    """True where an obligation names the rule that asks for it."""
    return detail.startswith((f"{rule}:", f"rule {rule}:"))


def judgement(verdict: Verdict, rules: Sequence[Rule]) -> Judgement:
    """The verdict as a whole."""
    deciding = tuple(rule.rule for rule in rules if rule.decides)
    return Judgement(
        action=verdict.action,
        decision=verdict.decision,
        exit=verdict.exit,
        as_of=verdict.as_of,
        policy=verdict.policy.name,
        policy_digest=verdict.policy.digest,
        variants=dict(verdict.variants),
        deciding=deciding,
        alone=deciding[0] if len(deciding) == 1 else None,
        without={name: _without(name, verdict) for name in deciding},
        reasons=verdict.reasons,
        missing=tuple(Need(item.rule, item.need, item.asked, item.found, item.how) for item in verdict.missing),
        owed=owed(verdict),
        not_measured=dict(verdict.not_measured),
        ways=tuple(_way(action, verdict) for action in BANDS if _milder(action, verdict.action)),
        nearest={side: _nearest(side, rules, verdict) for side in ("better", "worse")},
    )


def owed(verdict: Verdict) -> tuple[Owed, ...]:
    """Open obligations."""
    still = (item for item in verdict.obligations if item.state == "open")
    return tuple(Owed(item.kind, item.by, item.people, item.detail, item.due) for item in still)


def _milder(action: Action, than: Action) -> bool:
    return ACTIONS.index(action) < ACTIONS.index(than)


def _without(rule: str, verdict: Verdict) -> Action:
    """The run's action if this rule had nothing to object to; where it is what permits, if it were not there."""
    if verdict.action == "deploy":
        return action_of(verdict, tuple(item for item in verdict.findings if item.rule != rule))
    quiet: dict[str, Any] = {"action": "deploy", "result": "within"}
    findings = (item.model_copy(update=quiet) if item.rule == rule else item for item in verdict.findings)
    return action_of(verdict, tuple(findings))


def _way(action: Action, verdict: Verdict) -> Way:
    """All that keeps a milder action away."""
    found = [
        Blocker(item.rule, item.cell, item.action, item.sentence)
        for item in verdict.findings
        if item.waived_by is None and item.variant in (*verdict.variants, None) and _milder(action, item.action)
    ]
    return Way(action, tuple(found) or _no_band(verdict))


def _no_band(verdict: Verdict) -> tuple[Blocker, ...]:
    """Nothing held tuned against base: without a band that is met, nothing is permitted."""
    held = any(item.kind == "bands" and item.result == "within" for item in verdict.findings)
    return () if held else (Blocker("bands", None, "insufficient", "no band was read and met for every variant"),)


def _nearest(side: str, rules: Iterable[Rule], verdict: Verdict) -> NearestEdge | None:
    """The closest edge beyond which the run's own action would be another; concerns change none."""
    found = [
        NearestEdge(item.rule, item.cell, edge)
        for rule in rules
        for item in rule.readings
        for edge in item.edges
        if item.cell is not None and edge.side == side and edge.distance is not None and _changes(edge, verdict)
    ]
    return min(found, key=lambda item: item.edge.distance or 0.0, default=None)


def _changes(edge: Edge, verdict: Verdict) -> bool:
    if edge.run_action is None or not edge.run_changes:
        return False
    return _milder(edge.run_action, verdict.action) == (edge.side == "better")
