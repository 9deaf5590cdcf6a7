"""One function a stage on a run folder: read the file before it, do the work, write the file after it, and bring
the manifest up to date. Never prints."""

from __future__ import annotations

import shutil
from collections.abc import Sequence
from datetime import UTC, date, datetime
from pathlib import Path

from ftsafety_spec.compose import Project, find_project, lock_policy
from ftsafety_spec.errors import InputError, VerificationError, Where
from ftsafety_spec.gate import gate
from ftsafety_spec.measure import Measured, Progress, Stop, Watch, measure
from ftsafety_spec.pipeline.early import EarlyLooks
from ftsafety_spec.pipeline.grader_models import panel_of
from ftsafety_spec.pipeline.prepare import measurement_digest, open_run, require
from ftsafety_spec.records.base import Meta
from ftsafety_spec.records.comparison import Comparison, GraderReading, Inputs
from ftsafety_spec.records.evidence import Evidence
from ftsafety_spec.records.folder import RunFolder
from ftsafety_spec.records.locked import LockedPolicy, LockedSpec
from ftsafety_spec.records.looks import Looks
from ftsafety_spec.records.plan import Plan
from ftsafety_spec.records.verdict import Verdict
from ftsafety_spec.verify import Asked, VerifyReport, check, manifest_of, verify


def measure_run(
    folder: RunFolder,
    *,
    data: Path | None,
    progress: Progress,
    stop: Stop,
    shard: tuple[int, int] | None = None,
    root: Path | None = None,
    everything: bool = False,
) -> Measured:
    """Ask and grade what is missing; write the tables. `everything`: also what an early decision left out."""
    root = root or project_of(folder).root
    locked, plan = folder.read(LockedSpec), folder.read(Plan)
    panel = panel_of(locked, root)
    watch = None if everything else watch_of(folder, locked, plan)
    result = measure(
        folder, locked, plan, root, data, progress=progress, stop=stop, shard=shard, panel=panel, watch=watch
    )
    folder.write_manifest(manifest_of(folder))
    return result


def watch_of(folder: RunFolder, locked: LockedSpec, plan: Plan) -> Watch | None:
    """The stop rule of a planned run; None where it looks only at its end."""
    if plan.stopping is None or plan.stopping.design == "fixed":
        return None
    return EarlyLooks(folder, locked, folder.read(LockedPolicy), plan, datetime.now(UTC).date())


def compare_run(folder: RunFolder) -> Comparison:
    """Compare tuned with base from the tables."""
    comparison = _compared(folder).sealed(Meta.now())
    folder.write(comparison)
    folder.write_manifest(manifest_of(folder))
    return comparison


def agree_run(folder: RunFolder) -> list[GraderReading]:
    """How the graders of a measured run agree, with every answer named on which two differ. Writes nothing."""
    from ftsafety_spec.compare import agreement_of

    for name in ("answers", "grades"):
        folder.rows(name)  # says which stage has not run
    return agreement_of(folder.table("answers"), folder.table("grades"), folder.read(Plan))


def gate_run(
    folder: RunFolder,
    *,
    as_of: date,
    policy: str | None = None,
    require_policy: str | None = None,
    write: bool = True,
) -> Verdict:
    """Judge a compared run. Under another policy than its own, the verdict is written to
    `policies/<name>/` of the folder and the own one stays as it is. Without `write`, nothing is written."""
    own = folder.read(LockedPolicy)
    chosen = own
    if policy is not None and policy != own.name:
        chosen = lock_policy(policy, project_of(folder)).sealed(Meta.now())
    require(chosen, require_policy)
    verdict = _judged(folder, chosen, as_of).sealed(Meta.now())
    if not write:
        return verdict
    target = folder if chosen is own else beside(folder, chosen)
    if not _is_there(target, verdict):  # a signature on this very verdict stays good
        target.write(verdict)
    folder.write_manifest(manifest_of(folder))
    return verdict


def _is_there(folder: RunFolder, verdict: Verdict) -> bool:
    try:
        return folder.has(Verdict) and folder.read(Verdict).digest == verdict.digest
    except VerificationError:
        return False


def beside(folder: RunFolder, policy: LockedPolicy) -> RunFolder:
    """The sub-folder for a verdict under another policy; the policy is written there as well."""
    other = RunFolder(folder.root / "policies" / policy.name.replace("/", "-"))
    other.root.mkdir(parents=True, exist_ok=True)
    other.write(policy)
    return other


def judged_by(folder: RunFolder, policy: str | None) -> RunFolder:
    """Where the verdict under a policy lies: the run folder itself for None and for its own policy, else the folder
    below it. Raises InputError FTS-130 where the run has not been judged by that policy."""
    if policy is None or policy == folder.read(LockedPolicy).name:
        return folder
    below = [RunFolder(path) for path in sorted((folder.root / "policies").glob("*"))]
    judged = {other.read(LockedPolicy).name: other for other in below if other.has(LockedPolicy) and other.has(Verdict)}
    if policy not in judged:
        raise InputError(
            f"this run has no verdict under {policy!r}; it has one under {', '.join(judged) or 'its own policy only'}.",
            code="FTS-130",
            where=Where(file=str(folder.root)),
            hint=f"`ftsafety gate {folder.root} --policy {policy}` makes it, beside the own one.",
        )
    return judged[policy]


def report_run(folder: RunFolder, formats: Sequence[str], policy: str | None = None) -> list[Path]:
    """Write the reports of a judged run; under another `policy` than its own, beside that verdict."""
    from ftsafety_spec.report import write_reports

    written = write_reports(folder, formats, within_repository(folder), judged_by(folder, policy))
    folder.write_manifest(manifest_of(folder))
    return written


def verify_run(folder: RunFolder, signatures: Asked | None = None) -> VerifyReport:
    """Recompute every digest, the comparison and the verdict; hold signatures against trusted keys, where asked, and
    files that were taken in as evidence against what was taken in, where they are at hand."""
    from ftsafety_spec.pipeline.signoff_files import signed_files

    def regate(again: RunFolder) -> Verdict:
        old = again.read(Verdict)
        return _judged(again, again.read(LockedPolicy), date.fromisoformat(old.as_of[:10]))

    made = verify(folder, _compared, regate, signatures)
    files = [
        check(f"taken in: {file.path}", file.same, "as it was taken in" if file.same else "edited since")
        for file in signed_files(folder)
    ]
    return VerifyReport((*made.checks, *files))


def merge_runs(folders: Sequence[Path], out: Path) -> RunFolder:
    """Join shards of one plan that were measured apart (`run --shard k/n`) into one folder with whole tables."""
    runs = [open_run(path) for path in folders]
    plans = {_asked(run.read(Plan)) for run in runs}
    if len(plans) != 1:
        raise InputError(
            f"the folders hold {len(plans)} different plans.",
            code="FTS-131",
            where=Where(file=str(folders[0])),
            hint="Shards of one run share spec, policy, prompts and weights.",
        )
    target = RunFolder(out)
    for kind in (LockedSpec, LockedPolicy, Plan):
        target.root.mkdir(parents=True, exist_ok=True)
        target.write(runs[0].read(kind))
    target.write_certificates(runs[0].certificates().values())
    join_into(runs, target)
    return target


def join_into(runs: Sequence[RunFolder], target: RunFolder) -> None:
    """Whole tables in `target` out of the shards' tables; raises InputError where a shard is missing."""
    from ftsafety_spec.measure import merge_shards

    merge_shards(runs, target)
    for run in runs:
        for log in run.logs.glob("*.eval"):
            target.logs.mkdir(parents=True, exist_ok=True)
            shutil.copy2(log, target.logs / log.name)
    target.write_manifest(manifest_of(target))


def _asked(plan: Plan) -> tuple[str, str, str]:
    """What shards of one run have in common; what was cached where they ran may differ."""
    return plan.spec, plan.policy, measurement_digest(plan)


def add_evidence(folder: RunFolder, evidence: Evidence) -> None:
    """Append evidence to a run."""
    folder.append_evidence(evidence.sealed(evidence.meta or Meta.now()))
    folder.write_manifest(manifest_of(folder))


def within_repository(folder: RunFolder) -> str:
    """The folder of a run's project within its git work tree, with `/`; empty where they are one, or there is none."""
    try:
        root = project_of(folder).root.resolve()
    except InputError:
        return ""
    tree = next((path for path in (root, *root.parents) if (path / ".git").exists()), root)
    return "" if tree == root else root.relative_to(tree).as_posix()


def project_of(folder: RunFolder) -> Project:
    """The project that a run folder lies in, else the one of the present folder."""
    try:
        return find_project(folder.root.resolve())
    except InputError:
        return find_project(Path.cwd())


def _compared(folder: RunFolder) -> Comparison:
    from ftsafety_spec.compare import compare
    from ftsafety_spec.records.tables import table_digest

    locked, plan = folder.read(LockedSpec), folder.read(Plan)
    inputs = Inputs(
        plan=plan.compute_digest(),
        answers=table_digest(folder.rows("answers")),
        grades=table_digest(folder.rows("grades")),
    )
    certificates = folder.certificates()
    made = compare(folder.table("answers"), folder.table("grades"), plan, locked, inputs, certificates=certificates)
    return _with_looks(folder, made)


def _with_looks(folder: RunFolder, made: Comparison) -> Comparison:
    """The comparison, knowing how often the results were looked at before it."""
    if not folder.has(Looks):
        return made
    looks = folder.read(Looks)
    design = "fixed" if looks.shares == (1.0,) else "group_sequential"
    return made.model_copy(update={"design": design, "looks": looks.shares, "stopped": looks.sentence})


def _judged(folder: RunFolder, policy: LockedPolicy, as_of: date) -> Verdict:
    return gate(folder.read(LockedSpec), policy, folder.read(Plan), folder.read(Comparison), folder.evidence(), as_of)
