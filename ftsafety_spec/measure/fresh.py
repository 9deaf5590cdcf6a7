"""Does the plan still hold? Given a plan and what is found now, refuses to mix measurements of different things:
prompts, graders or weights that changed since the plan was made (FTS-131)."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace

from ftsafety_spec.catalog.load import LoadedTask
from ftsafety_spec.errors import InputError, Where
from ftsafety_spec.graders.panel import Panel
from ftsafety_spec.graders.uses import grader_uses
from ftsafety_spec.providers.base import Adapter, Request
from ftsafety_spec.records.folder import RunFolder
from ftsafety_spec.records.locked import LockedSpec
from ftsafety_spec.records.plan import GraderUse, Plan
from ftsafety_spec.registry import Registry


def check_fresh(folder: RunFolder, locked: LockedSpec, plan: Plan, tasks: Sequence[LoadedTask], panel: Panel) -> None:
    """Hold prompts and graders against the plan. Raises InputError FTS-131 naming what changed."""
    planned = {(item.suite, item.task): item.digest for item in plan.datasets}
    found = {(task.suite, task.task): task.digest for task in tasks}
    changed = [
        f"the prompts of {suite}.{task} changed"
        for suite, task in sorted({*planned, *found})
        if planned.get((suite, task)) != found.get((suite, task))
    ]
    if _readers(plan.graders) != _readers(grader_uses(locked, tasks, panel)):
        changed.append("a grader changed")
    if changed:
        raise _stale("; ".join(changed), Where(file=str(folder.root)))


def _readers(uses: Iterable[GraderUse]) -> set[GraderUse]:
    """Who reads what: a certificate that was made since changes no reading."""
    return {use.model_copy(update={"certificate": None}) for use in uses}


def resolved(requests: Mapping[str, Request], plan: Plan, providers: Registry[Adapter]) -> dict[str, Request]:
    """The requests resolved, with the identities that the plan has. Raises InputError FTS-131, and what a provider
    raises."""
    found = {}
    for name, request in requests.items():
        adapter = providers.get(request.definition.kind)
        found[name] = adapter.resolve(request)
        if adapter.identify(found[name]).digest() != plan.identities[name].digest():
            raise _stale(f"the weights or settings of {name} changed", Where(key=f"models.{name}"))
    return found


def named(requests: Mapping[str, Request], plan: Plan) -> dict[str, Request]:
    """The requests with the model ids that the plan found for their jobs, without asking the provider again."""
    found = {}
    for name, request in requests.items():
        claim = plan.identities[name].provider
        known = claim.model if claim is not None and request.entry.model is None else request.entry.model
        found[name] = replace(request, entry=request.entry.model_copy(update={"model": known}))
    return found


def _stale(what: str, where: Where) -> InputError:
    return InputError(
        f"{what} since this run was planned.",
        code="FTS-131",
        where=where,
        hint="`ftsafety run SPEC` plans again, in another folder; unchanged answers are reused.",
    )
