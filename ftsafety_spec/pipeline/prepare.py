"""From a spec's name to a run folder that is ready to be measured: compose, plan, lock.
The folder's name is made of what will be asked of whom, so that the same inputs find the same folder again and
changed inputs never mix with old answers."""

from __future__ import annotations

import json
from dataclasses import dataclass
from functools import partial
from pathlib import Path

from ftsafety_spec.compose import Project, find_project, lock_policy, lock_spec
from ftsafety_spec.errors import InputError, SpecError, Where
from ftsafety_spec.pipeline.grader_models import panel_of
from ftsafety_spec.plan import make_plan, make_prospects
from ftsafety_spec.records.base import Meta, digest_of
from ftsafety_spec.records.folder import RunFolder, write_atomically
from ftsafety_spec.records.locked import LockedPolicy, LockedSpec
from ftsafety_spec.records.plan import Plan, Prospect
from ftsafety_spec.records.store import Store


@dataclass(frozen=True)
class Options:
    """What the command line adds to a spec. `forget`: what providers' models answered before is put aside."""

    overrides: tuple[str, ...] = ()
    out: Path | None = None
    data: Path | None = None
    locked: bool = False
    require_policy: str | None = None
    rehash: bool = False
    forget: bool = False


@dataclass(frozen=True)
class Prepared:
    """A composed and planned run. `changed`: in words, what differs from this spec's last run."""

    project: Project
    locked: LockedSpec
    policy: LockedPolicy
    plan: Plan
    folder: RunFolder
    changed: tuple[str, ...]


def prepare(spec: str, options: Options, write: bool = True, keep: bool = False) -> Prepared:
    """Compose, plan and (where `write`) lock a run; `keep`: one that was locked before stays as it is. Raises SpecError
    and InputError."""
    locked = _locked(spec, options).sealed(Meta.now())
    project = _project_of(spec)
    policy = lock_policy(locked.spec.policy, project).sealed(Meta.now())
    require(policy, options.require_policy)
    store = Store(project.root)
    panel = panel_of(locked, project.root, rehash=options.rehash)
    make = partial(make_plan, locked, policy, project.root, options.data, store=store, panel=panel)
    plan = make(rehash=options.rehash)
    if options.forget and _forget(store, plan):
        plan = make()
    plan = plan.sealed(Meta.now())
    folder = RunFolder(options.out or project.root / "runs" / folder_name(locked, plan))
    changed = what_changed(project.root, locked, plan, folder)
    if write and not (keep and folder.has(Plan)):
        lock_folder(folder, locked, policy, plan)
        folder.write_certificates(panel.certificates.by_digest(plan.graders).values())
        _remember(project.root, locked, folder)
    return Prepared(project, locked, policy, plan, folder, changed)


def prospects(prepared: Prepared, options: Options) -> tuple[Prospect, ...]:
    """What the plan can lead to: chances of each action by the true regression, and what would better them."""
    root = prepared.project.root
    panel = panel_of(prepared.locked, root, rehash=options.rehash)
    return make_prospects(
        prepared.locked, prepared.policy, prepared.plan, root, options.data, store=Store(root), panel=panel
    )


def _forget(store: Store, plan: Plan) -> int:
    """Put aside what models answered whose identity is a provider's claim; how many files there were."""
    count = 0
    for name, item in plan.identities.items():
        keys = {job.generation_key for job in plan.jobs if job.variant == name and job.generation_key is not None}
        count += store.forget(item.digest(), sorted(keys)) if item.kind == "provider" else 0
    return count


def _project_of(spec: str) -> Project:
    return find_project(Path(spec) if Path(spec).exists() else Path.cwd())


def _locked(spec: str, options: Options) -> LockedSpec:
    """The composed spec. An Inspect task that lacks a meaning is looked at here, where running its code is meant."""
    try:
        return lock_spec(spec, options.overrides, locked=options.locked)
    except SpecError as error:
        if not any(problem.code == "FTS-126" for problem in error.problems):
            raise
        from ftsafety_spec.catalog.meanings import with_meanings

        raise with_meanings(error, _project_of(spec).root) from None


def open_run(path: Path) -> RunFolder:
    """A folder that holds at least a locked spec. Raises InputError FTS-130."""
    folder = RunFolder(path)
    if not folder.has(LockedSpec):
        raise InputError(
            "this is not a run folder: it has no spec.lock.json.",
            code="FTS-130",
            where=Where(file=str(path)),
            hint="`ftsafety run SPEC` makes one and prints its name.",
        )
    return folder


def require(policy: LockedPolicy, wanted: str | None) -> None:
    """Hold a policy against `NAME` or `NAME@DIGEST` (a prefix of at least 12 hex digits will do)."""
    if wanted is None:
        return
    name, _, digest = wanted.partition("@")
    found = policy.compute_digest()
    plain = digest.removeprefix("sha256:")
    if name != policy.name or (digest and (len(plain) < 12 or not found.removeprefix("sha256:").startswith(plain))):
        raise InputError(
            f"the policy is {policy.name}@{found}, but {wanted} is required.",
            code="FTS-114",
            hint="Name the required policy in the spec, or have the new policy's digest approved.",
        )


def measurement_digest(plan: Plan) -> str:
    """Digest of what is asked of whom: identities, prompts, repeats, graders. No policy is in it."""
    return digest_of(
        {
            "identities": {name: identity.digest() for name, identity in plan.identities.items()},
            "datasets": [[item.suite, item.task, item.digest] for item in plan.datasets],
            "jobs": sorted(f"{j.variant} {j.suite} {j.task} {j.generation_key} {j.repeats}" for j in plan.jobs),
            "graders": [use.model_dump(mode="json", exclude={"certificate"}) for use in plan.graders],
            "seed": plan.order_seed,
        }
    )


def folder_name(locked: LockedSpec, plan: Plan) -> str:
    """`<spec>-<8 hex digits>`: the same inputs always give the same name."""
    key = digest_of([locked.compute_digest(), measurement_digest(plan)])
    return f"{locked.name.replace('/', '-')}-{key.removeprefix('sha256:')[:8]}"


def lock_folder(folder: RunFolder, locked: LockedSpec, policy: LockedPolicy, plan: Plan) -> None:
    """Write the locked records. A folder given by `--out` that holds other measurements is refused (FTS-131)."""
    if folder.has(Plan):
        old = folder.read(Plan)
        if measurement_digest(old) != measurement_digest(plan):
            changes = "; ".join(differences(old, plan)) or "the plan differs"
            raise InputError(
                f"this folder holds measurements of something else: {changes}.",
                code="FTS-131",
                where=Where(file=str(folder.root)),
                hint="Give another --out, or leave it out: the right folder is then found by itself.",
            )
    folder.root.mkdir(parents=True, exist_ok=True)
    folder.write(locked)
    folder.write(policy)
    folder.write(plan)


def differences(old: Plan, new: Plan) -> list[str]:
    """In words, which measured inputs differ between two plans."""
    found = []
    for variant in sorted({*old.identities, *new.identities}):
        before, after = old.identities.get(variant), new.identities.get(variant)
        if before is None or after is None:
            found.append(f"variant {variant} {'added' if before is None else 'removed'}")
        elif before.digest() != after.digest():
            fields = [name for name in type(after).model_fields if getattr(before, name) != getattr(after, name)]
            found.append(f"{variant}: {', '.join(fields)} changed")
    before_sets = {(item.suite, item.task): item.digest for item in old.datasets}
    after_sets = {(item.suite, item.task): item.digest for item in new.datasets}
    for suite, task in sorted({*before_sets, *after_sets}):
        if before_sets.get((suite, task)) != after_sets.get((suite, task)):
            found.append(f"prompts of {suite}.{task} changed")
    if [use.identity for use in old.graders] != [use.identity for use in new.graders]:
        found.append("a grader changed")
    if not found and [job.generation_key for job in old.jobs] != [job.generation_key for job in new.jobs]:
        found.append("generation settings changed")
    if not found and [job.repeats for job in old.jobs] != [job.repeats for job in new.jobs]:
        found.append("repeats changed")
    return found


def what_changed(root: Path, locked: LockedSpec, plan: Plan, folder: RunFolder) -> tuple[str, ...]:
    """Differences from the last run of the same spec in this project; empty for a first or an equal run."""
    last = _last(root).get(locked.name)
    if last is None or Path(last) == folder.root or not RunFolder(Path(last)).has(Plan):
        return ()
    return tuple(differences(RunFolder(Path(last)).read(Plan), plan))


def _memory(root: Path) -> Path:
    return root / ".ftsafety" / "last.json"


def _last(root: Path) -> dict[str, str]:
    try:
        data = json.loads(_memory(root).read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return {}
    return data if isinstance(data, dict) else {}


def _remember(root: Path, locked: LockedSpec, folder: RunFolder) -> None:
    data = {**_last(root), locked.name: str(folder.root.resolve())}
    write_atomically(_memory(root), json.dumps(data, indent=1, sort_keys=True) + "\n")
