"""A run folder of our own as a report, for handing on: digests, labels and readings of its tables, without texts.
Given a folder that verifies, gives the report and whoever signed the run's verdict."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from datetime import date
from pathlib import Path
from typing import Any

from ftsafety_spec import __version__
from ftsafety_spec.attest.bundle import read_bundle, voices
from ftsafety_spec.attest.envelope import FILE_NAME
from ftsafety_spec.attest.evaluation import Signer
from ftsafety_spec.attest.trust import Trust
from ftsafety_spec.errors import InputError, VerificationError, Where
from ftsafety_spec.pipeline.cohort import label_of
from ftsafety_spec.pipeline.prepare import open_run
from ftsafety_spec.pipeline.stages import verify_run
from ftsafety_spec.pipeline.verification.outside import line
from ftsafety_spec.records.claims import as_seen, canaries_of
from ftsafety_spec.records.comparison import Comparison
from ftsafety_spec.records.evaluation_report import (
    EvaluationReport,
    GraderClaim,
    Maker,
    ModelClaim,
    PromptResult,
    ReportSource,
    SuiteClaim,
    Which,
)
from ftsafety_spec.records.folder import RunFolder
from ftsafety_spec.records.identity import Identity
from ftsafety_spec.records.locked import LockedSpec, Variant
from ftsafety_spec.records.plan import Plan
from ftsafety_spec.verify import Asked
from ftsafety_spec.verify.signatures import SIGNATURES

ROLES = ("primary", "adjudication")


def from_run(path: Path, trust: Trust, on: date, variant: str | None = None) -> tuple[EvaluationReport, list[Signer]]:
    """The report of a judged run. Raises InputError FTS-130 where a stage has not run, VerificationError FTS-150 where
    the folder does not verify, FTS-152 where a trusted signature does not hold."""
    folder = open_run(path)
    folder.read(Comparison)
    broken = verify_run(folder, Asked(trust, on)).failed()
    if broken:
        raise VerificationError(
            f"this run does not verify: {broken[0].name}: {broken[0].detail}.",
            code="FTS-152" if broken[0].name.startswith(SIGNATURES) else "FTS-150",
            where=Where(file=str(path)),
            hint=f"`ftsafety verify {path}` names everything.",
        )
    return report_of(folder, variant), _signers(folder, trust, on)


def report_of(folder: RunFolder, variant: str | None = None) -> EvaluationReport:
    """What a run measured of one tuned variant and its base. Raises InputError where it has none such."""
    locked, plan, comparison = folder.read(LockedSpec), folder.read(Plan), folder.read(Comparison)
    chosen = tuned_variant(locked, variant)
    assert chosen.against is not None
    left: Counter[str] = Counter()
    seen = canaries_of(folder.journal)
    rows = tuple(_results(folder, plan, {chosen.id: "tuned", chosen.against: "base"}, left))
    generation = locked.spec.deployment.generation
    return EvaluationReport(
        made_by=Maker(name=line(locked.spec.owner), relation="owner", tool=f"ftsafety-spec {__version__}"),
        measured_from=comparison.measured_from,
        measured_to=comparison.measured_to or folder_moment(folder),
        model=claim_of(as_seen(plan.identities[chosen.id], seen)),
        base=claim_of(as_seen(plan.identities[chosen.against], seen)),
        temperature=generation.temperature,
        max_tokens=generation.max_tokens,
        system_prompt=plan.identities[chosen.id].system_prompt,
        suites=tuple(_suites(plan, chosen.id)),
        graders=tuple(_graders(plan)),
        prompts=rows,
        source=ReportSource(form="run", left_out=dict(left)),
    ).sealed()


def tuned_variant(locked: LockedSpec, named: str | None = None) -> Variant:
    """The variant that a report is about: the named one, else the only one that is to be deployed, or tuned."""
    from ftsafety_spec.errors import NotFoundError

    able = {name: item for name, item in locked.variants.items() if item.against is not None}
    if named is not None:
        if named not in able:
            raise NotFoundError("compared variant", named, able)
        return able[named]
    found = [item for item in able.values() if item.deploy] or [v for v in able.values() if v.role == "tuned"]
    if len(found) != 1:
        raise InputError(
            f"this spec has {len(found)} models that a report can be about: {', '.join(sorted(able))}.",
            code="FTS-115",
            hint="Name one by --variant.",
        )
    return found[0]


def claim_of(identity: Identity) -> ModelClaim:
    """A model as a report names it."""
    provider = identity.provider
    return ModelClaim(
        name=line(label_of(identity)),
        provider=line(provider.name) if provider else None,
        job=line(provider.job) if provider and provider.job else None,
        checkpoint=line(provider.checkpoint) if provider and provider.checkpoint else None,
        fingerprint=line(provider.fingerprint) if provider and provider.fingerprint else None,
        weights=identity.weights,
        adapters=tuple(adapter.digest for adapter in identity.adapters),
        identity=identity.digest(),
    )


def folder_moment(folder: RunFolder) -> str:
    """When the last answer of a run was given. Raises InputError where no row says."""
    found = [str(row["at"]) for row in folder.rows("answers") if row["at"] is not None]
    if not found:
        raise InputError("no answer of this run says when it was given.", code="FTS-139", where=Where(str(folder.root)))
    return max(found)


def readings(folder: RunFolder, plan: Plan) -> dict[str, list[dict[str, Any]]]:
    """Answer key to its deciding grades."""
    found: dict[str, list[dict[str, Any]]] = {}
    wanted = {use.identity for use in plan.graders}
    for row in folder.rows("grades"):
        if row["role"] in ROLES and row["person"] is None and row["grader_identity"] in wanted:
            found.setdefault(row["answer"], []).append(row)
    return found


def deciding(grades: list[dict[str, Any]], plan: Plan, suite: str, task: str) -> dict[str, tuple[float | None, str]]:
    """Outcome to the value that counts and its grader's identity, of one answer in one task: an adjudication where
    there is one, else the primary's."""
    uses = {
        (use.outcome, use.identity, use.role)
        for use in plan.graders
        if use.suite == suite and use.task in (None, task) and use.role in ROLES
    }
    found: dict[str, tuple[float | None, str]] = {}
    for row in sorted(grades, key=lambda item: ROLES.index(item["role"])):
        if (row["outcome"], row["grader_identity"], row["role"]) not in uses:
            continue
        if row["state"] == "scored" or row["outcome"] not in found:
            value = row["value"] if row["state"] == "scored" else None
            found[row["outcome"]] = (value, row["grader_identity"])
    return found


def _results(folder: RunFolder, plan: Plan, which: dict[str, Which], left: Counter[str]) -> Iterator[PromptResult]:
    grades = readings(folder, plan)
    for row in folder.rows("answers"):
        if row["variant"] not in which or row["channel"] != "automated":
            continue
        found = deciding(grades.get(row["answer"], []), plan, row["suite"], row["task"])
        if not found:
            left["answers that no deciding grader has read"] += 1
        for outcome, (value, _) in sorted(found.items()):
            yield PromptResult(
                suite=f"{row['suite']}.{row['task']}",
                prompt=row["prompt"],
                id=line(row["prompt_id"]),
                kind=row["kind"],
                area=line(row["area"]),
                category=line(row["category"]),
                condition=line(row["condition"]),
                model=which[row["variant"]],
                repeat=row["repeat"],
                turn=row.get("turn"),
                outcome=outcome,
                value=None if row["state"] in ("error", "not_run") else value,
                state=row["state"],
                answer=row["text"],
            )


def _suites(plan: Plan, variant: str) -> Iterator[SuiteClaim]:
    repeats = {(job.suite, job.task): job.repeats for job in plan.jobs if job.variant == variant}
    for item in plan.datasets:
        if item.prompts:
            yield SuiteClaim(
                id=f"{item.suite}.{item.task}",
                version=item.revised,
                digest=item.digest,
                prompts=item.prompts,
                repeats=max(1, repeats.get((item.suite, item.task), 1)),
            )


def _graders(plan: Plan) -> Iterator[GraderClaim]:
    seen = dict.fromkeys(
        (use.outcome, use.grader, use.identity, use.certificate) for use in plan.graders if use.role in ROLES
    )
    for outcome, grader, identity, certificate in seen:
        yield GraderClaim(outcome=outcome, grader=grader, identity=identity, certificate=certificate)


def _signers(folder: RunFolder, trust: Trust, on: date) -> list[Signer]:
    path = folder.root / FILE_NAME
    if not path.exists():
        return []
    return [
        Signer("valid" if voice.state == "valid" else "untrusted", voice.keyid, voice.key, voice.why)
        for voice in voices(read_bundle(path), trust, on)
    ]
