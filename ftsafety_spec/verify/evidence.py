"""Signatures on single pieces of evidence, as manual sessions bear them. Given a folder and the trusted keys, gives a
check for each that is signed; one by a key that nobody here trusts shows nothing, and breaks nothing."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from ftsafety_spec.attest.evidence import check_evidence
from ftsafety_spec.attest.trust import Trust
from ftsafety_spec.records.folder import RunFolder
from ftsafety_spec.verify.report import Check, check


def evidence_checks(folder: RunFolder, trust: Trust) -> Iterator[Check]:
    """One check for each signed piece, by its place in the file."""
    for number, item in enumerate(folder.evidence(), start=1):
        state = check_evidence(item, trust.keys)
        name = f"evidence {number}: signature of {item.by.name} on a {item.kind}"
        if state == "unknown":
            detail = f"not trusted: nobody here trusts key {str(item.by.key)[:12]}"
            yield replace(check(name, True, detail), proves=False)
        elif state is not None:
            yield check(name, state == "valid", "valid" if state == "valid" else "is not over this evidence")
