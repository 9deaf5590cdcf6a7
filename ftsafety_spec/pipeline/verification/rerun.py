"""Asking a sample again: an ordinary run in RUN/verification/REPORT/STEP, with a locked spec, its plan and its tables.
Given a run and prompts by task, measures tuned alone on them, with the run's own settings, graders and store."""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from ftsafety_spec.catalog.base import Prompt
from ftsafety_spec.catalog.load import LoadedTask
from ftsafety_spec.catalog.prompt_rows import prompt_lines
from ftsafety_spec.errors import InputError, Where
from ftsafety_spec.measure import Progress, Stop, measure
from ftsafety_spec.pipeline.grader_models import panel_of
from ftsafety_spec.pipeline.red_team.sub_runs import is_finished
from ftsafety_spec.pipeline.verification.own_run import deciding, readings
from ftsafety_spec.pipeline.verification.suite_file import can_be_filed
from ftsafety_spec.plan import make_plan
from ftsafety_spec.records.base import Meta, digest_text
from ftsafety_spec.records.folder import RunFolder, write_atomically
from ftsafety_spec.records.locked import LockedPolicy, LockedSpec
from ftsafety_spec.records.plan import Plan
from ftsafety_spec.records.store import Store
from ftsafety_spec.spec.red_team import REVISED, RedTeam
from ftsafety_spec.spec.spec import Training
from ftsafety_spec.spec.suite import GraderChoice, Suite, Task
from ftsafety_spec.verify.reported.wanted import PromptKey

SUITE = "spot-check"


@dataclass(frozen=True)
class Step:
    """One step. `complete`: everything was tried; else `stopped_by`, and the same call goes on. `calls`: answers."""

    folder: RunFolder
    complete: bool
    calls: int
    stopped_by: str | None = None


def askable(tasks: Sequence[LoadedTask]) -> frozenset[PromptKey]:
    """Prompts that a step can ask again as the run would: single ones, that a prompt file can hold."""
    return frozenset(
        (prompt.digest, prompt.condition)
        for task in tasks
        if task.inspect is None
        for prompt in task.prompts
        if not prompt.turns and can_be_filed([prompt])
    )


def ask_again(
    folder: RunFolder,
    place: Path,
    tasks: Sequence[LoadedTask],
    keys: Sequence[PromptKey],
    variant: str,
    repeats: int,
    *,
    root: Path,
    progress: Progress,
    stop: Stop,
) -> Step:
    """Measure `variant` on the prompts of `keys`, or go on with it. Raises InputError (FTS-131 where the model is not
    the planned one), EngineError; what was answered stays."""
    chosen = _chosen(tasks, keys)
    calls = repeats * sum(len(prompts) for _, prompts in chosen.values())
    target = RunFolder(place)
    if is_finished(target):
        return Step(target, True, calls)
    locked = _locked(folder, target, chosen, variant, repeats, root)
    policy, store, panel = folder.read(LockedPolicy), Store(root), panel_of(locked, root)
    plan = make_plan(locked, policy, root, None, store=store, panel=panel).sealed(Meta.now())
    _same_model(folder, plan, variant)
    for record in (locked, policy, plan):
        target.write(record)
    target.write_certificates(panel.certificates.by_digest(plan.graders).values())
    done = measure(target, locked, plan, root, None, progress=progress, stop=stop, store=store, panel=panel)
    return Step(target, done.complete, calls, done.stopped_by)


def read_again(folder: RunFolder) -> dict[PromptKey, dict[str, list[float]]]:
    """Prompt to outcome to what was read of a step's answers, by repeat. What nobody could read is not there."""
    plan, found = folder.read(Plan), dict[PromptKey, dict[str, list[float]]]()
    grades = readings(folder, plan)
    for row in sorted(folder.rows("answers"), key=lambda item: int(item["repeat"])):
        if row["state"] in ("error", "not_run"):
            continue
        for outcome, (value, _) in deciding(grades.get(row["answer"], []), plan, row["suite"], row["task"]).items():
            if value is not None:
                found.setdefault((row["prompt"], row["condition"]), {}).setdefault(outcome, []).append(value)
    return found


def _chosen(tasks: Sequence[LoadedTask], keys: Sequence[PromptKey]) -> dict[str, tuple[LoadedTask, list[Prompt]]]:
    """Task to its prompts of the sample; a prompt of two tasks is asked in both, which the store makes one call."""
    wanted = frozenset(keys)
    found = {}
    for task in tasks:
        prompts = [prompt for prompt in task.prompts if (prompt.digest, prompt.condition) in wanted]
        if prompts:
            found[f"{task.suite}.{task.task}"] = (task, prompts)
    return found


def _locked(
    folder: RunFolder,
    target: RunFolder,
    chosen: Mapping[str, tuple[LoadedTask, list[Prompt]]],
    variant: str,
    repeats: int,
    root: Path,
) -> LockedSpec:
    """The run's spec with the sample as its one suite and tuned as its one model."""
    locked = folder.read(LockedSpec)
    files = dict(locked.files)
    made: dict[str, Task] = {}
    for name, (task, prompts) in chosen.items():
        path, text = target.root / "prompts" / f"{name}.jsonl", prompt_lines(prompts)
        write_atomically(path, text)
        shown = Path(os.path.relpath(path, root)).as_posix()
        files[shown] = digest_text(text)
        made[name] = Task(prompts=shown, graders=_graders(locked.spec.suites[task.suite], task.spec))
    suite = Suite(title="A sample of a report, asked again", revised=REVISED, tasks=made)
    changed = {
        "suites": {SUITE: suite},
        "red_team": RedTeam(),
        "domain": None,
        "training": Training(),
        "waivers": {},
        "repeats": repeats,
    }
    alone = {variant: locked.variants[variant].model_copy(update={"against": None})}
    spec = locked.spec.model_copy(update=changed)
    return locked.model_copy(update={"spec": spec, "variants": alone, "files": files, "digest": None}).sealed(
        Meta.now()
    )


def _graders(suite: Suite, task: Task) -> dict[str, GraderChoice | None]:
    return {**suite.graders, **task.graders}


def _same_model(folder: RunFolder, plan: Plan, variant: str) -> None:
    if plan.identities[variant].digest() != folder.read(Plan).identities[variant].digest():
        raise InputError(
            f"the weights or settings of {variant} changed since this run was planned.",
            code="FTS-131",
            where=Where(file=str(folder.root)),
            hint="Name the spec instead of the run: it is planned anew.",
        )
