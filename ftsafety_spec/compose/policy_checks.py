"""What a policy's own model cannot see with places: roles that nobody defines, adjustments that would loosen.
Given a composed and validated policy, gives Problems."""

from __future__ import annotations

import re
from collections.abc import Iterator

from ftsafety_spec.compose.mix import Mix
from ftsafety_spec.compose.places import Path
from ftsafety_spec.errors import InputError, Problem, suggest
from ftsafety_spec.spec.effective import effective
from ftsafety_spec.spec.policy import Adjustment, Policy, PolicyFacts, RequiresReview


def policy_problems(made: Mix, policy: Policy) -> list[Problem]:
    """Every mistake (FTS-104 an unknown role, FTS-106 an adjustment that loosens or does not fit its rule)."""
    found = [problem for name in policy.adjust if (problem := _adjustment(made, policy, name)) is not None]
    for path, role in _roles(policy):
        if role not in policy.roles:
            hint = suggest(role, policy.roles) if policy.roles else f"Add `roles: {{{role}: [a person]}}`."
            found.append(made.problem("FTS-104", f"no such role: {role!r}.", path, hint))
    return found


def _adjustment(made: Mix, policy: Policy, name: str) -> Problem | None:
    alone = policy.model_copy(update={"adjust": {name: policy.adjust[name]}})
    try:
        effective(alone, _facts(policy, policy.adjust[name]))
    except InputError as error:
        match = re.match(r"^([^\s:]+): (.*)$", error.problems[0].message, re.DOTALL)
        key, message = (match[1], match[2]) if match else (f"adjust.{name}", error.problems[0].message)
        return made.problem("FTS-106", message, tuple(key.split(".")))
    return None


def _facts(policy: Policy, adjustment: Adjustment) -> PolicyFacts:
    """Facts under which an adjustment holds."""
    when = adjustment.when
    return PolicyFacts(
        tier=(when.tier or list(policy.risk.tiers))[0],
        points=0,
        context=(when.context or ["api"])[0],
        adapter_source=when.adapter_source[0] if when.adapter_source else None,
    )


def _roles(policy: Policy) -> Iterator[tuple[Path, str]]:
    """Every role that is named, with its key path."""
    for name, rule in policy.rules.items():
        if isinstance(rule, RequiresReview):
            yield ("rules", name, "by"), rule.by
    for action, duty in policy.actions.items():
        for need, terms in duty.needs.items():
            yield ("actions", action, "needs", need, "by"), terms.by
    for name, waiver in policy.waivers.items():
        yield ("waivers", name, "by"), waiver.by
