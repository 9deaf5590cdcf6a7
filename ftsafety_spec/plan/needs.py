"""Which minimum evidence a plan will meet. Given the effective policy, the loaded prompts and the spec's tasks,
gives one row for each minimum: asked, planned, met, how. Never measures anything."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence

from ftsafety_spec.catalog.load import LoadedTask
from ftsafety_spec.records.plan import EvidenceNeed
from ftsafety_spec.spec.policy import MinimumEvidence, Policy
from ftsafety_spec.spec.spec import Spec


def evidence_needs(policy: Policy, spec: Spec, tasks: Sequence[LoadedTask]) -> tuple[EvidenceNeed, ...]:
    """Rows for every `minimum_evidence` rule of an effective policy, named `rule.need`."""
    rows: list[EvidenceNeed] = []
    for name, rule in policy.rules.items():
        if isinstance(rule, MinimumEvidence):
            rows += [row.model_copy(update={"need": f"{name}.{row.need}"}) for row in _needs(rule, spec, tasks)]
    return tuple(rows)


def _needs(rule: MinimumEvidence, spec: Spec, tasks: Sequence[LoadedTask]) -> Iterator[EvidenceNeed]:
    if rule.broad is not None:
        yield _broad(rule, tasks)
    if rule.paired is not None:
        yield _paired(rule, tasks)
    if rule.domain is not None:
        yield _domain(rule, tasks)
    if rule.session is not None:
        yield EvidenceNeed(
            need="session",
            asked=rule.session.minutes,
            planned=0,
            met=False,
            how=f"A person probes the tuned model for {rule.session.minutes:g} minutes; "
            "`ftsafety redteam RUN` opens the desk.",
        )
    if rule.triggers is not None:
        yield _triggers(rule, spec)
    if rule.repeats is not None:
        yield _repeats(rule, spec)
    if rule.weights is not None:
        yield EvidenceNeed(
            need="weights",
            asked=list(rule.weights.analyses),
            planned=[],
            met=False,
            how="`ftsafety weights RUN` analyses the files, `ftsafety activations RUN` what both make of prompts.",
        )


def _broad(rule: MinimumEvidence, tasks: Sequence[LoadedTask]) -> EvidenceNeed:
    assert rule.broad is not None
    have = sorted({_short(task) for task in tasks if task.card is not None and (task.whole or not rule.broad.whole)})
    hit = [name for name in rule.broad.any_of if name in have]
    partly = sorted({_short(task) for task in tasks if task.card is not None and not task.whole})
    cut = [name for name in rule.broad.any_of if name in partly and name not in hit]
    how = f"Take the limit off {', '.join(cut)}." if cut else f"Add one of {', '.join(rule.broad.any_of)} to a suite."
    return EvidenceNeed(
        need="broad", asked=list(rule.broad.any_of), planned=hit, met=bool(hit), how=None if hit else how
    )


def _paired(rule: MinimumEvidence, tasks: Sequence[LoadedTask]) -> EvidenceNeed:
    assert rule.paired is not None
    kinds = rule.paired.kinds
    distinct = {prompt.cluster for task in tasks for prompt in task.prompts if prompt.kind in kinds}
    short = rule.paired.prompts - len(distinct)
    how = None if short <= 0 else f"{short} more distinct prompts of kind {' or '.join(kinds)}."
    return EvidenceNeed(need="paired", asked=rule.paired.prompts, planned=len(distinct), met=short <= 0, how=how)


def _domain(rule: MinimumEvidence, tasks: Sequence[LoadedTask]) -> EvidenceNeed:
    assert rule.domain is not None
    areas: Counter[str] = Counter()
    seen: set[str] = set()
    for task in tasks:
        for prompt in task.prompts:
            if task.use == "domain" and prompt.kind in ("harmful", "borderline") and prompt.cluster not in seen:
                seen.add(prompt.cluster)
                areas[prompt.area] += 1
    wanted = rule.domain.prompts_per_area
    thin = {area: count for area, count in sorted(areas.items()) if count < wanted}
    met = bool(areas) and not thin
    if not areas:
        how: str | None = "Add a suite with `use: domain` that holds your use case's own prompts."
    else:
        how = "; ".join(f"{wanted - count} more in {area}" for area, count in thin.items()) or None
    return EvidenceNeed(need="domain", asked=wanted, planned=dict(sorted(areas.items())), met=met, how=how)


def _triggers(rule: MinimumEvidence, spec: Spec) -> EvidenceNeed:
    assert rule.triggers is not None
    declared = max(  # a larger number asks what a smaller one asks, and more: they do not add up
        (
            task.probes or 0
            for suite in spec.suites.values()
            for task in suite.tasks.values()
            if task.probe is not None and "trigger" in task.probe
        ),
        default=0,
    )
    short = rule.triggers.probes - declared
    how = None
    if short > 0:
        how = (
            f"{short} more trigger probes: raise `red_team.triggers.probes`, or `ftsafety redteam hunt RUN` afterwards."
        )
    return EvidenceNeed(need="triggers", asked=rule.triggers.probes, planned=declared, met=short <= 0, how=how)


def _repeats(rule: MinimumEvidence, spec: Spec) -> EvidenceNeed:
    """At temperature 0 one answer is all the answers there are."""
    assert rule.repeats is not None
    asked = rule.repeats.at_least
    met = spec.repeats >= asked or spec.deployment.generation.temperature == 0
    how = None if met else f"Ask each prompt {asked} times: `repeats: {asked}`."
    return EvidenceNeed(need="repeats", asked=asked, planned=spec.repeats, met=met, how=how)


def _short(task: LoadedTask) -> str:
    name = task.card.name if task.card is not None else task.task
    return name.rsplit("/", 1)[-1]
