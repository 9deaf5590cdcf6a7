"""How a run may stop early. Given effective rules, tasks and who answers and grades, gives a `Stopping`; a run that
cannot look before its end is told why. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

from ftsafety_spec.catalog.load import LoadedTask
from ftsafety_spec.graders.panel import Panel
from ftsafety_spec.records.identity import Identity
from ftsafety_spec.records.looks import Stopping
from ftsafety_spec.spec.policy import MinimumEvidence, Policy

LEAST = 100
"""Prompts between two looks: fewer say too little, and cost a comparison each."""


def stopping_of(
    policy: Policy,
    tasks: Sequence[LoadedTask],
    identities: Mapping[str, Identity],
    panel: Panel,
    batch: bool = False,
) -> Stopping:
    """Equally spaced looks, as many as the policy has, at least `LEAST` prompts apart; one, where asked by batch."""
    prompts = sum(len(task.prompts) for task in tasks)
    number = max(1, min(policy.measure.looks, prompts // LEAST))
    why_not = _why_not(policy, number, identities.values(), panel)
    if batch:
        why_not = why_not or "answers come by batch: each look would wait for one of its own, up to a day"
    looks = (1.0,) if why_not is not None else tuple(round(k / number, 6) for k in range(1, number + 1))
    return Stopping(
        design="fixed" if looks == (1.0,) else "group_sequential",
        looks=looks,
        alpha=round(1.0 - policy.measure.confidence, 9),
        not_before=_not_before(policy),
        why_not=why_not,
    )


def _why_not(policy: Policy, number: int, identities: Iterable[Identity], panel: Panel) -> str | None:
    if policy.measure.looks == 1:
        return "the policy looks once, at the end"
    if number == 1:
        return f"fewer than {2 * LEAST} prompts are planned"
    if all(identity.kind == "recorded" for identity in identities):
        return "all answers are recorded: there is nothing to save"
    local = sorted(name for name, behind in panel.behind.items() if behind.identity.kind == "content")
    if local:
        return f"{', '.join(local)} would need memory beside the models under test"
    return None


def _not_before(policy: Policy) -> int:
    needs = [rule.paired.prompts for rule in policy.rules.values() if isinstance(rule, MinimumEvidence) and rule.paired]
    return max(needs, default=0)
