"""Further rounds of a search, each an ordinary run in RUN/redteam/FOCUS/ROUND: a locked spec with one suite, its plan,
its tables. Given a run and prompts, measures base and a variant on them with the run's own models, store and budget."""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from ftsafety_spec.catalog.base import Prompt, dataset_digest
from ftsafety_spec.catalog.prompt_rows import prompt_lines
from ftsafety_spec.errors import InputError, Where
from ftsafety_spec.measure import Progress, Stop, measure
from ftsafety_spec.measure.sessions import earlier
from ftsafety_spec.pipeline.grader_models import panel_of
from ftsafety_spec.pipeline.stages import project_of
from ftsafety_spec.plan import make_plan
from ftsafety_spec.records.base import Meta, digest_text
from ftsafety_spec.records.folder import RunFolder, write_atomically
from ftsafety_spec.records.identity import Identity
from ftsafety_spec.records.locked import LockedPolicy, LockedSpec
from ftsafety_spec.records.looks import BUDGET_USED_UP
from ftsafety_spec.records.plan import Plan
from ftsafety_spec.records.store import Store
from ftsafety_spec.records.tables import read_parquet
from ftsafety_spec.spec.red_team import REVISED, RedTeam
from ftsafety_spec.spec.spec import Budget, Training
from ftsafety_spec.spec.suite import GraderChoice, Suite, Task

PLACE = "redteam"
"""The folder below a run that its sub-runs lie in."""
TASK = "asked"
UNFINISHED = ("not asked", BUDGET_USED_UP)
"""Reasons for which an answer that was not asked for is asked for the next time."""


@dataclass(frozen=True)
class SubRun:
    """One round. `complete`: every prompt was tried; else `stopped_by` says what ended it, and the same call goes
    on. `asked`: answers that models gave now."""

    folder: RunFolder
    complete: bool
    stopped_by: str | None = None
    asked: int = 0


def sub_run(
    folder: RunFolder,
    focus: str,
    round_: str,
    prompts: Sequence[Prompt],
    *,
    variant: str,
    progress: Progress,
    stop: Stop,
    root: Path | None = None,
    graders: Mapping[str, GraderChoice] | None = None,
) -> SubRun:
    """Measure `variant` and its base on `prompts`, or go on with it. `round_` and the prompts make the folder's name,
    so that a changed search never meets the answers of another one. `graders`: outcome to grader, where it is not the
    default one. What the run's budget has left over all sub-runs is the budget. Raises InputError (FTS-131 where the
    models are not those of the run), EngineError; what was answered stays."""
    root = root or project_of(folder).root
    digest = dataset_digest(prompts).removeprefix("sha256:")[:8]
    target = RunFolder(folder.root / PLACE / focus / f"{round_}-{digest}")
    if is_finished(target):
        return SubRun(target, complete=True)
    budget = left_of(folder, target)
    if budget is None:
        return SubRun(target, complete=False, stopped_by="budget")
    locked = _locked(folder, target, prompts, variant, root, graders or {}, budget)
    plan = _planned(folder, locked, root)
    for record in (locked, folder.read(LockedPolicy), plan):
        target.write(record)
    panel = panel_of(locked, root)
    target.write_certificates(panel.certificates.by_digest(plan.graders).values())
    done = measure(target, locked, plan, root, None, progress=progress, stop=stop, store=Store(root), panel=panel)
    return SubRun(target, done.complete, done.stopped_by, done.answered)


def sub_runs(folder: RunFolder, focus: str | None = None) -> list[RunFolder]:
    """The sub-runs of a run, of one focus or of all, by name."""
    return [RunFolder(path.parent) for path in sorted((folder.root / PLACE).glob(f"{focus or '*'}/*/spec.lock.json"))]


def is_finished(folder: RunFolder) -> bool:
    """Whether a sub-run's tables are there and nothing is left to be asked (again)."""
    if not all(folder.table(name).exists() for name in ("answers", "grades")):
        return False
    left = read_parquet(folder.table("answers"), "state IN ('not_run', 'error')")
    return not any(row["state"] == "error" or row["reason"] in UNFINISHED for row in left)


def left_of(folder: RunFolder, besides: RunFolder) -> Budget | None:
    """What is left of a run's budget, for the sub-run `besides`, which knows itself what it has spent; None where
    nothing is."""
    budget = folder.read(LockedSpec).spec.budget
    spent = [earlier(each) for each in (folder, *sub_runs(folder)) if each.root != besides.root]
    hours = sum(item.seconds for item in spent) / 3600
    usd = sum(item.usd for item in spent) + hours * budget.machine_usd_per_hour
    hours_left = None if budget.hours is None else budget.hours - hours
    usd_left = None if budget.usd is None else budget.usd - usd
    if (hours_left is not None and hours_left <= 0) or (usd_left is not None and usd_left < 0):
        return None
    return budget.model_copy(update={"hours": hours_left, "usd": usd_left})


def _locked(
    folder: RunFolder,
    target: RunFolder,
    prompts: Sequence[Prompt],
    variant: str,
    root: Path,
    graders: Mapping[str, GraderChoice],
    budget: Budget,
) -> LockedSpec:
    """The run's spec with one suite of one prompt file, and with base and the variant alone."""
    locked = folder.read(LockedSpec)
    path, text = target.root / "prompts.jsonl", prompt_lines(prompts)
    write_atomically(path, text)
    name = Path(os.path.relpath(path, root)).as_posix()
    suite = Suite(title=f"A round of {PLACE}", revised=REVISED, graders=dict(graders), tasks={TASK: Task(prompts=name)})
    changed = {
        "suites": {PLACE: suite},
        "red_team": RedTeam(),
        "domain": None,
        "training": Training(),
        "waivers": {},
        "budget": budget,
    }
    both = {name: item for name, item in locked.variants.items() if name in (variant, locked.variants[variant].against)}
    spec = locked.spec.model_copy(update=changed)
    files = {**locked.files, name: digest_text(text)}
    return locked.model_copy(update={"spec": spec, "variants": both, "files": files, "digest": None}).sealed(Meta.now())


def _planned(folder: RunFolder, locked: LockedSpec, root: Path) -> Plan:
    """The plan of a round. Raises InputError FTS-131 where a model is not the one that the run has measured."""
    plan = make_plan(locked, folder.read(LockedPolicy), root, None, store=Store(root), panel=panel_of(locked, root))
    of_run = folder.read(Plan).identities
    for name in _changed(plan, of_run):
        raise InputError(
            f"the weights or settings of {name} changed since this run was measured.",
            code="FTS-131",
            where=Where(file=str(folder.root)),
            hint="`ftsafety run SPEC` measures the changed model, in another folder.",
        )
    return plan.sealed(Meta.now())


def _changed(plan: Plan, of_run: Mapping[str, Identity]) -> Iterator[str]:
    for name, identity in plan.identities.items():
        known = of_run.get(name)
        if known is None or identity.digest() != known.digest():
            yield name
