"""The plan: who is asked what, what of it is cached, what it costs, which minimum evidence it meets.
Given locked records and the project's root, gives a `Plan`. Reads weights only to digest them; asks no model."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from itertools import islice
from pathlib import Path

from ftsafety_spec.catalog.load import LoadedTask, load_suites
from ftsafety_spec.graders.panel import Panel
from ftsafety_spec.graders.uses import grader_uses
from ftsafety_spec.plan.claims import claims_of, reuse_days, taken_from
from ftsafety_spec.plan.cost import History, job_row, tokens_of, totals
from ftsafety_spec.plan.domain import domain_coverage
from ftsafety_spec.plan.grading import grading_rows
from ftsafety_spec.plan.needs import evidence_needs
from ftsafety_spec.plan.outcomes import planned_outcomes
from ftsafety_spec.plan.own_judges import own_judges
from ftsafety_spec.plan.possible import not_as_pinned, not_possible, warnings
from ftsafety_spec.plan.power import power_rows
from ftsafety_spec.plan.provider_jobs import job_warnings, provider_jobs
from ftsafety_spec.plan.stopping import stopping_of
from ftsafety_spec.plan.training import training_report, training_warnings
from ftsafety_spec.providers.base import PROVIDERS, Request
from ftsafety_spec.providers.by_batch import HOURS, check_batches, halved
from ftsafety_spec.providers.requests import generation_key_of, requests_of
from ftsafety_spec.providers.resolve import resolve_all
from ftsafety_spec.records.base import now
from ftsafety_spec.records.claims import REUSE_DAYS
from ftsafety_spec.records.identity import Identity, answer_key
from ftsafety_spec.records.locked import LockedPolicy, LockedSpec
from ftsafety_spec.records.plan import Dataset, Estimate, Grading, Job, Plan
from ftsafety_spec.records.store import Store
from ftsafety_spec.spec.effective import effective, facts_of


def make_plan(
    locked: LockedSpec,
    policy: LockedPolicy,
    root: Path,
    data: Path | None,
    *,
    store: Store,
    rehash: bool = False,
    panel: Panel | None = None,
) -> Plan:
    """Plan a run. Raises InputError where weights, data or a plugin that the spec names are not usable."""
    panel = panel or Panel()
    facts = facts_of(locked.spec, policy.policy)
    rules = effective(policy.policy, facts)
    tasks, unavailable = load_suites(locked, root, data)
    requests, identities = _models(locked, root, rehash)
    own = own_judges(panel, identities)
    days, at = reuse_days(rules), now()
    jobs, histories = _jobs(locked, tasks, requests, identities, store, days, at)
    graders = tuple(grader_uses(locked, tasks, panel))
    grading = grading_rows(locked, tasks, panel, jobs, store) if panel.behind else []
    told = provider_jobs(requests, rehash)
    training = training_report(locked.spec, tasks, root)
    return Plan(
        spec=locked.compute_digest(),
        policy=policy.compute_digest(),
        facts=facts,
        identities=identities,
        graders=graders,
        datasets=tuple(_dataset(task) for task in tasks),
        jobs=tuple(jobs),
        grading=tuple(grading),
        order_seed=locked.spec.seed,
        stopping=stopping_of(rules, tasks, identities, panel, batch=locked.spec.batch),
        power=power_rows(rules, planned_outcomes(locked, tasks, panel, jobs, store)),
        evidence=evidence_needs(rules, locked.spec, tasks),
        not_possible=not_possible(locked, requests, unavailable, tasks),
        domain=domain_coverage(rules, locked.spec, tasks),
        training=training,
        provider_jobs=told,
        claims=claims_of(identities, jobs, store, days, at),
        warnings=(
            *own,
            *warnings(locked, policy, facts, unavailable, panel),
            *not_as_pinned(tasks),
            *training_warnings(training),
            *job_warnings(locked.spec, told),
        ),
        estimate=_estimate(locked, tasks, [*jobs, *grading], histories),
    )


def jobs_of(
    locked: LockedSpec, tasks: Sequence[LoadedTask], root: Path, store: Store, rehash: bool = False
) -> tuple[list[Job], Estimate]:
    """What these tasks cost with the models of a spec, answers that the store holds aside."""
    requests, identities = _models(locked, root, rehash)
    jobs, histories = _jobs(locked, tasks, requests, identities, store, REUSE_DAYS, now())
    return jobs, _estimate(locked, tasks, jobs, histories)


def _models(locked: LockedSpec, root: Path, rehash: bool) -> tuple[dict[str, Request], dict[str, Identity]]:
    against = {v.id: v.against for v in locked.variants.values() if v.against is not None}
    requests = resolve_all(requests_of(locked, root), against)
    if locked.spec.batch:
        check_batches(requests)
    identities = {name: PROVIDERS.get(r.definition.kind).identify(r, rehash) for name, r in requests.items()}
    return requests, identities


def _estimate(
    locked: LockedSpec, tasks: Sequence[LoadedTask], jobs: Sequence[Job | Grading], histories: Sequence[History]
) -> Estimate:
    expected = sum(h.tokens_out for h in histories) / len(histories) if histories else 0.0
    most = locked.spec.deployment.generation.max_tokens / expected if expected > 0 else 2.0
    asked = locked.spec.batch and any(isinstance(job, Job) and job.calls for job in jobs)
    waits = max((len(prompt.turn_numbers) for task in tasks for prompt in task.prompts), default=0) if asked else 0
    return totals(jobs, locked.spec.budget, known=bool(histories), most=most, waiting=waits * HOURS * 3600)


def _jobs(
    locked: LockedSpec,
    tasks: Sequence[LoadedTask],
    requests: Mapping[str, Request],
    identities: Mapping[str, Identity],
    store: Store,
    days: int,
    at: str,
) -> tuple[list[Job], list[History]]:
    jobs, histories = [], []
    for variant, request in requests.items():
        adapter = PROVIDERS.get(request.definition.kind)
        prices = halved(adapter.price(request)) if locked.spec.batch else adapter.price(request)
        system = tokens_of(request.system_prompt) if request.system_prompt else 0
        since = taken_from(identities[variant], store, days, at)
        for task in tasks:
            key = generation_key_of(identities[variant], locked, task)
            answered = store.answered(key, since)
            history = History.of(list(islice(answered.values(), 500)))
            histories += [history] if history is not None else []
            jobs.append(
                job_row(
                    variant,
                    task,
                    locked.spec.repeats,
                    _cached(task, key, locked.spec.repeats, answered),
                    key,
                    system_tokens=system,
                    generation=locked.spec.deployment.generation,
                    prices=prices,
                    provider=request.definition,
                    history=history,
                )
            )
    return jobs, histories


def _cached(task: LoadedTask, key: str, repeats: int, answered: Mapping[str, object]) -> int:
    if not answered:
        return 0
    return sum(
        answer_key(key, prompt.digest, prompt.condition, repeat, turn) in answered
        for prompt in task.prompts
        for repeat in range(repeats)
        for turn in prompt.turn_numbers
    )


def _dataset(task: LoadedTask) -> Dataset:
    card = task.card
    shown = ("title", "tests", "strength", "weakness", "citation", "home", "official_metric", "official_grader")
    return Dataset(
        suite=task.suite,
        task=task.task,
        benchmark=card.name if card is not None else None,
        digest=task.digest,
        licence=task.licence,
        prompts=len(task.prompts),
        whole=task.whole,
        by_area=dict(sorted(Counter(prompt.area for prompt in task.prompts).items())),
        by_kind=dict(sorted(Counter(prompt.kind for prompt in task.prompts).items())),
        revised=task.revised,
        use=task.use,
        card={name: str(getattr(card, name)) for name in shown if getattr(card, name)} if card is not None else {},
        accepted=dict(task.accepted),
    )
