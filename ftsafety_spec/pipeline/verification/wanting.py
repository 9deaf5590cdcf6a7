"""What a planned run wants to know, as the checks of a report take it. Given locked records and the project, gives
plain parts; loads prompts, asks nobody."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from ftsafety_spec.catalog.base import Prompt
from ftsafety_spec.catalog.load import LoadedTask, load_suites
from ftsafety_spec.errors import InputError
from ftsafety_spec.plan.claims import reuse_days
from ftsafety_spec.records.locked import LockedPolicy, LockedSpec
from ftsafety_spec.records.plan import Plan
from ftsafety_spec.spec.common import OUTCOMES
from ftsafety_spec.spec.effective import effective
from ftsafety_spec.spec.policy import MinimumEvidence, Policy
from ftsafety_spec.spec.spec import Spec
from ftsafety_spec.verify.reported.wanted import PromptKey, Wanted, WantedPrompt, WantedTask, script_of


@dataclass(frozen=True)
class Asked:
    """What is wanted, and the prompts behind it."""

    wanted: Wanted
    tasks: tuple[LoadedTask, ...]

    def by_key(self) -> dict[PromptKey, Prompt]:
        """The wanted prompts with their texts."""
        return {(p.digest, p.condition): p for task in self.tasks for p in task.prompts}


def asked_of(
    locked: LockedSpec, policy: LockedPolicy, plan: Plan, root: Path, data: Path | None, variant: str
) -> Asked:
    """All that a report about `variant` can cover. Raises InputError as `load_suites` does, and where no prompt is
    left."""
    tasks, _ = load_suites(locked, root, data)
    if not tasks:
        raise InputError("this spec asks no prompt that could be loaded here.", code="FTS-112")
    rules = effective(policy.policy, plan.facts)
    against = locked.variants[variant].against
    assert against is not None
    wanted = Wanted(
        spec=plan.spec,
        variant=variant,
        tuned=plan.identities[variant],
        base=plan.identities[against],
        tasks=tuple(_task(task, plan) for task in tasks),
        prompts=tuple(prompt for task in tasks for prompt in _prompts(task)),
        repeats=locked.spec.repeats,
        temperature=locked.spec.deployment.generation.temperature,
        per_area=_per_area(rules),
        categories=_categories(plan),
        needs=plan.evidence,
        base_days=reuse_days(rules),
        directions=_directions(locked.spec),
    )
    return Asked(wanted, tuple(tasks))


def _task(task: LoadedTask, plan: Plan) -> WantedTask:
    outcomes: dict[str, set[str]] = {}
    for use in plan.graders:
        if use.suite == task.suite and use.task in (None, task.task) and use.role in ("primary", "adjudication"):
            outcomes.setdefault(use.outcome, set()).add(use.identity)
    names = [f"{task.suite}.{task.task}", *([task.card.name, task.card.name.rsplit("/", 1)[-1]] if task.card else [])]
    return WantedTask(
        suite=task.suite,
        task=task.task,
        names=tuple(name.casefold() for name in names),
        digest=task.digest,
        prompts=len(task.prompts),
        domain=task.use == "domain",
        outcomes={outcome: frozenset(found) for outcome, found in outcomes.items()},
    )


def _prompts(task: LoadedTask) -> Sequence[WantedPrompt]:
    return [
        WantedPrompt(
            suite=task.suite,
            task=task.task,
            digest=prompt.digest,
            condition=prompt.condition,
            kind=prompt.kind,
            area=prompt.area,
            category=prompt.category,
            script=script_of(prompt.text),
        )
        for prompt in task.prompts
    ]


def _per_area(rules: Policy) -> int | None:
    asked = [
        rule.domain.prompts_per_area
        for rule in rules.rules.values()
        if isinstance(rule, MinimumEvidence) and rule.domain is not None
    ]
    return max(asked, default=None)


def _categories(plan: Plan) -> tuple[str, ...]:
    return () if plan.domain is None else tuple(row.category for row in plan.domain.categories)


def _directions(spec: Spec) -> dict[str, str]:
    """Outcome to the direction in which it is safer, those that a suite declares included."""
    declared = {
        name: mapping.safer
        for suite in spec.suites.values()
        for task in suite.tasks.values()
        for name, mapping in task.outcomes.items()
    }
    return {**OUTCOMES, **declared}
