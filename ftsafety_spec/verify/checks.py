"""Checks of a run folder: every digest, the chain between records, the comparison and the verdict made again.
Removed texts are "withheld", not tampering. Never changes the folder."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass

from ftsafety_spec.errors import FtsafetyError
from ftsafety_spec.records.base import Record
from ftsafety_spec.records.comparison import Comparison
from ftsafety_spec.records.evidence import Evidence
from ftsafety_spec.records.folder import RunFolder, evidence_digest
from ftsafety_spec.records.locked import LockedPolicy, LockedSpec
from ftsafety_spec.records.plan import Plan
from ftsafety_spec.records.verdict import Verdict
from ftsafety_spec.verify.manifest import manifest_of

_MEANING = {
    "tables/": "answers or grades are not those that were measured",
    "logs/": "an Inspect log differs; the tables do not depend on it",
    "report": "a report differs from what was written; the records decide",
}


@dataclass(frozen=True)
class Check:
    """One check: what was looked at, whether it holds, what was found and what that means."""

    name: str
    ok: bool
    detail: str


@dataclass(frozen=True)
class VerifyReport:
    """All checks of a folder."""

    checks: tuple[Check, ...]

    @property
    def ok(self) -> bool:
        """True where every check holds."""
        return all(check.ok for check in self.checks)


def verify(
    folder: RunFolder, recompare: Callable[[RunFolder], Comparison], regate: Callable[[RunFolder], Verdict]
) -> VerifyReport:
    """Run all checks; none of them stops the others."""
    checks = [*_records(folder), *_manifest(folder)]
    if all(check.ok for check in checks if check.name.endswith(".lock.json") or check.name.endswith("n.json")):
        checks += _chain(folder)
    checks.append(_again("comparison again", folder, Comparison, recompare))
    checks.append(_again("verdict again", folder, Verdict, regate))
    return VerifyReport(tuple(checks))


def _records(folder: RunFolder) -> Iterator[Check]:
    for kind in (LockedSpec, LockedPolicy, Plan, Comparison, Verdict):
        name = folder.path_of(kind).name
        try:
            record = folder.read(kind)
        except FtsafetyError as error:
            yield Check(name, False, str(error))
            continue
        sealed = record.digest is not None
        yield Check(name, sealed, f"content has {record.compute_digest()}" if sealed else "the record has no digest")
    try:
        items: list[Evidence] = folder.evidence()
        yield Check("evidence.jsonl", True, f"{len(items)} pieces")
    except FtsafetyError as error:
        yield Check("evidence.jsonl", False, str(error))


def _manifest(folder: RunFolder) -> Iterator[Check]:
    try:
        wanted = folder.read_manifest()
    except ValueError as error:
        yield Check("manifest.json", False, f"cannot be read: {error}")
        return
    if not wanted:
        yield Check("manifest.json", False, "is not there or empty: nothing is pinned")
        return
    try:
        found = manifest_of(folder)
    except Exception as error:  # a broken table raises DuckDB's own errors
        yield Check("tables", False, f"cannot be read: {type(error).__name__}")
        return
    for name in sorted({*wanted, *found}):
        if wanted.get(name) == found.get(name):
            yield Check(name, True, str(found[name]))
        elif name not in found and "texts" in name:
            yield Check(name, True, "withheld: the texts were taken out; comparison and gate do not need them")
        else:
            yield Check(name, False, _difference(name, wanted.get(name), found.get(name)))


def _difference(name: str, wanted: str | None, found: str | None) -> str:
    meaning = next(
        (text for start, text in _MEANING.items() if name.startswith(start)), "this is not what was recorded"
    )
    if found is None:
        return f"is missing: {meaning}"
    if wanted is None:
        return "was added after the run was recorded"
    return f"is {found}, recorded was {wanted}: {meaning}"


def _chain(folder: RunFolder) -> Iterator[Check]:
    verdict, comparison, plan = folder.read(Verdict), folder.read(Comparison), folder.read(Plan)
    links = (
        ("verdict → spec", verdict.inputs.spec, folder.read(LockedSpec).compute_digest()),
        ("verdict → policy", verdict.policy.digest, folder.read(LockedPolicy).compute_digest()),
        ("verdict → plan", verdict.inputs.plan, plan.compute_digest()),
        ("verdict → comparison", verdict.inputs.comparison, comparison.compute_digest()),
        ("verdict → evidence", verdict.inputs.evidence, evidence_digest(folder.evidence())),
        ("comparison → plan", comparison.inputs.plan, plan.compute_digest()),
        ("plan → spec", plan.spec, folder.read(LockedSpec).compute_digest()),
    )
    for name, recorded, found in links:
        detail = "same digest" if recorded == found else f"refers to {recorded}, the folder holds {found}"
        yield Check(name, recorded == found, detail)


def _again(name: str, folder: RunFolder, kind: type[Record], make: Callable[[RunFolder], Record]) -> Check:
    try:
        old, new = folder.read(kind).compute_digest(), make(folder).compute_digest()
    except FtsafetyError as error:
        return Check(name, False, str(error))
    except Exception as error:  # whatever a broken table makes the stage raise
        return Check(name, False, f"cannot be recomputed: {type(error).__name__}")
    if old == new:
        return Check(name, True, "recomputed equal")
    return Check(name, False, f"recomputing gives {new}, recorded was {old}")
