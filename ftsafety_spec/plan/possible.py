"""What this plan cannot do, and what its reader should know before anything is spent.
Given locked records and provider capabilities, gives rows with reasons: nothing is skipped in silence (R-53)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from ftsafety_spec.catalog.load import LoadedTask
from ftsafety_spec.errors import suggest
from ftsafety_spec.graders.panel import Panel
from ftsafety_spec.graders.uses import missing_seconds
from ftsafety_spec.plan.cascades import cascade_notes
from ftsafety_spec.plan.limits import Wanted, limits
from ftsafety_spec.providers.base import Request
from ftsafety_spec.records.locked import LockedPolicy, LockedSpec
from ftsafety_spec.spec.policy import PolicyFacts, RequiresReview


def not_possible(
    locked: LockedSpec, requests: Mapping[str, Request], unavailable: Mapping[str, str], tasks: Sequence[LoadedTask]
) -> dict[str, str]:
    """Analysis or task to the reason why it cannot be done here."""
    rows = {f"task {name}": reason for name, reason in unavailable.items()}
    hunted = locked.spec.red_team.triggers is not None
    choices = any(prompt.metadata.get("choice") for task in tasks for prompt in task.prompts)
    sampled = locked.spec.deployment.generation.temperature > 0
    for variant, request in requests.items():
        rows |= limits(request, Wanted(locked.variants[variant].against is not None, hunted, choices, sampled))
    temperature, repeats = locked.spec.deployment.generation.temperature, locked.spec.repeats
    has = f"the spec has repeats {repeats} at temperature {temperature:g}"
    if repeats < 3 or temperature == 0:
        rows["consistency (R-17)"] = f"needs at least 3 sampled repeats; {has}"
    if repeats < 4 or temperature == 0:
        rows["edge cases (R-18)"] = f"needs at least 4 sampled repeats (half choose the prompts, half judge); {has}"
    return rows


def warnings(
    locked: LockedSpec, policy: LockedPolicy, facts: PolicyFacts, unavailable: Mapping[str, str], panel: Panel
) -> tuple[str, ...]:
    """Sentences that a person should read before the run."""
    rows = [f"{name} cannot be measured: {reason}" for name, reason in unavailable.items()]
    rows += [
        f"suites.{place}: the second grader {name!r} {_lacks(name, panel)}, so agreement is not measured."
        for place, name in missing_seconds(locked, panel).items()
    ]
    rows += cascade_notes(locked)
    if facts.undeclared:
        rows.append(f"risk factors left out count at their highest: {', '.join(facts.undeclared)}")
    rows += [
        f"rule {name} asks for a review by {rule.by}, whatever the figures say"
        for name, rule in policy.policy.rules.items()
        if isinstance(rule, RequiresReview) and facts.meet(rule.when)
    ]
    tightened = [name for name, adjustment in policy.policy.adjust.items() if facts.meet(adjustment.when)]
    if tightened:
        rows.append(f"tier {facts.tier} ({facts.points} points), adjustments that hold: {', '.join(tightened)}")
    rows += [
        f"policy {policy.name} is looser than {item.than} in {item.rule}.{item.field}: "
        f"{_short(item.from_)} became {_short(item.to)}"
        for item in policy.looser
    ]
    for name, waiver in locked.spec.waivers.items():
        terms = policy.policy.waivers.get(name)
        if name not in policy.policy.rules:
            rows.append(f"waiver {name}: the policy has no such rule")
        elif terms is None:
            rows.append(f"waiver {name}: the policy does not let this rule be waived")
        else:
            rows.append(f"waiver {name} is a request until {terms.by} approves it; it ends on {waiver.expires}")
    duties = {duty.by for action in policy.policy.actions.values() for duty in action.needs.values()}
    empty = sorted(role for role in duties if not policy.policy.roles.get(role))
    if empty:
        rows.append(f"policy {policy.name} names nobody for: {', '.join(empty)}")
    return tuple(rows)


def not_as_pinned(tasks: Sequence[LoadedTask]) -> list[str]:
    """A sentence for each data file whose content was accepted on purpose although its card pins another or none."""
    found = {(name, digest) for task in tasks for name, digest in task.accepted.items()}
    return [f"{name} is not the content that its card pins: {digest} was accepted" for name, digest in sorted(found)]


def _lacks(name: str, panel: Panel) -> str:
    if name in panel.names():
        return "needs a model, and the spec's grader_models give it none"
    return f"is not installed ({suggest(name, panel.names()).rstrip('.')})"


def _short(value: object) -> str:
    if isinstance(value, dict):
        return ", ".join(f"{key} {_short(item)}" for key, item in value.items())
    return "nothing" if value is None else str(value)
