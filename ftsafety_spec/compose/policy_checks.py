"""What a policy's own model cannot see with places: roles that nobody defines, adjustments that would loosen.
Given a composed and validated policy, gives Problems."""

from __future__ import annotations

import re
from collections.abc import Iterator

from ftsafety_spec.compose.mix import Mix
from ftsafety_spec.compose.places import Path
from ftsafety_spec.errors import InputError, Problem, suggest
from ftsafety_spec.spec.effective import loosening
from ftsafety_spec.spec.policy import Policy, RequiresReview


def policy_problems(made: Mix, policy: Policy) -> list[Problem]:
    """Every mistake (FTS-104 an unknown role, FTS-106 an adjustment that loosens or does not fit its rule)."""
    found = [problem for name in policy.adjust for problem in _adjustment(made, policy, name)]
    for path, role in _roles(policy):
        if role not in policy.roles:
            hint = suggest(role, policy.roles) if policy.roles else f"Add `roles: {{{role}: [a person]}}`."
            found.append(made.problem("FTS-104", f"no such role: {role!r}.", path, hint))
    return found


def _adjustment(made: Mix, policy: Policy, name: str) -> list[Problem]:
    """What does not fit its rule, or would loosen it. A rule that an extending policy made stricter than an inherited
    adjustment is no mistake: the strictest wins."""
    try:
        changes = loosening(policy, name)
    except InputError as error:
        match = re.match(r"^([^\s:]+): (.*)$", error.problems[0].message, re.DOTALL)
        key, message = (match[1], match[2]) if match else (f"adjust.{name}", error.problems[0].message)
        return [made.problem("FTS-106", message, tuple(key.split(".")))]
    found = []
    for change in changes:
        message = f"{change.new!r} is not stricter than the policy's own {change.old!r}; adjust may only tighten."
        problem = made.problem("FTS-106", message, tuple(change.field.split(".")))
        own = made.problem("FTS-106", message, tuple(change.rule.split(".")))
        if problem.where.file == own.where.file or change.direction == "other":
            found.append(problem)
    return found


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
