"""Checks of a run folder: every digest, the chain between records, the comparison and the verdict made again.
Removed texts and journals are "withheld", not tampering. Never changes the folder, never reads a text."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import date

from ftsafety_spec.attest.trust import Trust
from ftsafety_spec.errors import FtsafetyError
from ftsafety_spec.records.base import Meta, Record
from ftsafety_spec.records.comparison import Comparison
from ftsafety_spec.records.folder import RunFolder, evidence_digest, manifest_text
from ftsafety_spec.records.locked import LockedPolicy, LockedSpec
from ftsafety_spec.records.plan import Plan
from ftsafety_spec.records.verdict import Verdict
from ftsafety_spec.verify.evidence import evidence_checks
from ftsafety_spec.verify.manifest import BESIDE, everything, table_digests
from ftsafety_spec.verify.report import Check, VerifyReport, check
from ftsafety_spec.verify.reported.received import received_checks
from ftsafety_spec.verify.signatures import signature_checks

STAGES: tuple[type[Record], ...] = (LockedSpec, LockedPolicy, Plan, Comparison, Verdict)
WITHHELD = ("table:texts", "tables/texts.parquet", "journal/", "prompts.jsonl", "prompts/")
"""May be taken out of a folder without hurting anything else."""
SUB_RUNS = ("redteam", "verification")


@dataclass(frozen=True)
class Asked:
    """What signatures are held against. `required`: a run without a valid one by a trusted key does not verify."""

    trust: Trust
    at: date
    required: bool = False


def verify(
    folder: RunFolder,
    recompare: Callable[[RunFolder], Comparison],
    regate: Callable[[RunFolder], Verdict],
    signatures: Asked | None = None,
) -> VerifyReport:
    """Run all checks; none of them stops the others, and none raises. `signatures` None: they are not looked at."""
    checks = [*_records(folder), *_manifest(folder)]
    checks += _guarded("chain", lambda: list(_chain(folder)))
    checks += _guarded("policies", lambda: list(_beside(folder)))
    checks += _guarded("verification", lambda: list(received_checks(folder)))
    checks.append(_again("comparison again", folder, Comparison, recompare))
    checks.append(_again("verdict again", folder, Verdict, regate))
    if signatures is not None:
        asked = (signatures.trust, signatures.at, signatures.required)
        checks += _guarded("signature", lambda: signature_checks(folder, *asked))
        checks += _guarded("evidence", lambda: list(evidence_checks(folder, signatures.trust)))
    return VerifyReport(tuple(checks))


def _records(folder: RunFolder) -> Iterator[Check]:
    for kind in STAGES:
        yield _sealed(folder, kind, folder.path_of(kind).name)
    try:
        yield check("evidence.jsonl", True, f"{len(folder.evidence())} pieces")
    except FtsafetyError as error:
        yield check("evidence.jsonl", False, str(error))


def _sealed(folder: RunFolder, kind: type[Record], name: str) -> Check:
    try:
        record = folder.read(kind)
    except FtsafetyError as error:
        return check(name, False, str(error))
    if record.digest is None:
        return check(name, False, "the record carries no digest")
    return check(name, True, record.digest)


def _manifest(folder: RunFolder) -> Iterator[Check]:
    try:
        wanted = folder.read_manifest()
    except (ValueError, AttributeError) as error:
        yield check("manifest.json", False, f"cannot be read: {error}")
        return
    if not wanted or not all(isinstance(digest, str) for digest in wanted.values()):
        yield check("manifest.json", False, "is not there or is empty")
        return
    whole = folder.manifest.read_bytes() == manifest_text(wanted).encode("utf-8")
    yield check("manifest.json", whole, "as it was written" if whole else "is not as it was written")
    found = everything(folder)
    try:
        found |= table_digests(folder)
    except Exception:  # a broken table raises DuckDB's own errors
        yield check("tables/", False, "a table cannot be read as Parquet, so no row of any could be looked at")
        wanted = {name: digest for name, digest in wanted.items() if not name.startswith("table:")}
    for name in sorted({*wanted, *found}):
        yield _against(name, wanted.get(name), found.get(name))


def _against(name: str, wanted: str | None, found: str | None) -> Check:
    if wanted == found:
        return check(name, True, str(found))
    if found is None and _in_a_run(name).startswith(WITHHELD):
        return check(name, True, "withheld: taken out; comparison and gate do not need it")
    if found is None:
        return check(name, False, "is missing")
    if wanted is None:
        return check(name, False, "was added after the run was recorded")
    return check(name, False, f"is {found}, recorded was {wanted}")


def _in_a_run(name: str) -> str:
    """A file's name within its run: the rounds of a search are runs of their own, in redteam/FOCUS/ROUND/, and so are
    the steps of a spot check, in verification/REPORT/STEP/."""
    parts = name.split("/", 3)
    return parts[3] if parts[0] in SUB_RUNS and len(parts) == 4 else name


def _chain(folder: RunFolder) -> Iterator[Check]:
    verdict, comparison, plan = folder.read(Verdict), folder.read(Comparison), folder.read(Plan)
    spec, policy = folder.read(LockedSpec).compute_digest(), folder.read(LockedPolicy).compute_digest()
    pinned = folder.read_manifest()
    links = (
        ("verdict → spec", verdict.inputs.spec, spec),
        ("verdict → policy", verdict.policy.digest, policy),
        ("verdict → plan", verdict.inputs.plan, plan.compute_digest()),
        ("verdict → comparison", verdict.inputs.comparison, comparison.compute_digest()),
        ("verdict → evidence", verdict.inputs.evidence, evidence_digest(folder.evidence())),
        ("comparison → plan", comparison.inputs.plan, plan.compute_digest()),
        ("comparison → answers", comparison.inputs.answers, pinned.get("table:answers")),
        ("comparison → grades", comparison.inputs.grades, pinned.get("table:grades")),
        ("plan → spec", plan.spec, spec),
    )
    yield check("certificates", True, f"{len(folder.certificates())} that the plan names")
    for name, recorded, found in links:
        same = "same digest" if recorded == found else f"refers to {recorded}, the folder holds {found}"
        yield check(name, recorded == found, same)


def _beside(folder: RunFolder) -> Iterator[Check]:
    """Verdicts under other policies: sealed, by the policy beside them, on this comparison."""
    for path in sorted((folder.root / BESIDE).glob("*")) if (folder.root / BESIDE).is_dir() else ():
        other, name = RunFolder(path), f"{BESIDE}{path.name}"
        rows = [_sealed(other, kind, f"{name}/{other.path_of(kind).name}") for kind in (LockedPolicy, Verdict)]
        yield from rows
        if all(row.ok for row in rows):
            verdict, policy = other.read(Verdict), other.read(LockedPolicy)
            fits = verdict.policy.digest == policy.compute_digest()
            fits = fits and verdict.inputs.comparison == folder.read(Comparison).compute_digest()
            detail = "same digests" if fits else "refers to another policy or comparison than is there"
            yield check(f"{name}: verdict → policy, comparison", fits, detail)


def _again(name: str, folder: RunFolder, kind: type[Record], make: Callable[[RunFolder], Record]) -> Check:
    try:
        old, new = folder.read(kind), make(folder)
    except FtsafetyError as error:
        return check(name, False, str(error))
    except Exception:  # whatever a broken table makes the stage raise
        return check(name, False, "cannot be made again from the tables that are there")
    if old.plain() == new.plain():  # not by digest: an older record may lack fields that have a default now
        return check(name, True, "recomputed equal")
    return check(name, False, f"recomputing differs in {_differences(old, new)}{_elsewhere(old)}")


def _differences(old: Record, new: Record) -> str:
    """The fields that differ, by name."""
    before, after = old.plain(), new.plain()
    return ", ".join(key for key in after if before.get(key) != after[key])


def _elsewhere(old: Record) -> str:
    """By which version the record was made, where that is another one than this."""
    made = old.meta.tool if old.meta is not None else None
    here = Meta.now().tool
    return "" if made in (None, here) else f"; it was made by {made}, this is {here}"


def _guarded(name: str, run: Callable[[], list[Check]]) -> list[Check]:
    """The checks that `run` gives; one that failed where it cannot run, because a record is broken."""
    try:
        return run()
    except (FtsafetyError, ValueError, TypeError, AttributeError, OSError) as error:
        return [check(name, False, f"cannot be followed: {str(error).splitlines()[0]}")]
