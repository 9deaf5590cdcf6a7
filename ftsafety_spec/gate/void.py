"""What people signed that does not count, and why: another comparison, other evidence, out of date, or signed by the
one who owns the spec. Pure; says so by name."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date

from ftsafety_spec.gate.case import Case
from ftsafety_spec.gate.dates import day_of
from ftsafety_spec.records.evidence import OF_RESULTS, SIGNED, Evidence, EvidenceKind
from ftsafety_spec.records.folder import evidence_digest

OWNER_MAY_NOT: tuple[EvidenceKind, ...] = ("risk_acceptance", "waiver_approval")
MOST = 3


def about(item: Evidence, case: Case) -> bool:
    """True where evidence is about this run: its very comparison and the evidence beside it where it judges results,
    else its comparison or its spec."""
    if item.kind not in OF_RESULTS:
        return not case.subjects().isdisjoint(item.subject)
    return case.comparison.compute_digest() in item.subject and not _on_other_evidence(item, case)


def barred(item: Evidence, case: Case) -> bool:
    """True where the policy keeps duties apart, and the person who owns the spec has accepted its risk."""
    apart = not case.policy.people.owner_may_accept and item.kind in OWNER_MAY_NOT
    return apart and owns(item.by.name, case.locked.spec.owner, case.policy.roles)


def owns(name: str, owner: str, roles: dict[str, list[str]]) -> bool:
    """True where a spec's owner is this person: by name, by the address in `Name <address>`, or by a role that owns."""
    words = {_plain(owner), *(_plain(part) for part in owner.replace("<", ">").split(">"))}
    members = {_plain(member) for member in roles.get(owner.strip(), [])}
    return _plain(name) in (words | members) - {""}


def no_longer(kind: EvidenceKind, case: Case) -> list[str]:
    """Sentences on evidence of a kind that was given by this date and does not count."""
    found = {sentence for item in case.every if item.kind == kind and (sentence := _why(item, case)) is not None}
    return sorted(found)[:MOST]


def bound_evidence(evidence: Iterable[Evidence], by: date) -> str:
    """Digest of what a signature stands on: all evidence that is not itself a signature, given by a day."""
    return evidence_digest(
        [item for item in evidence if item.kind not in SIGNED and (day_of(item.at) or date.max) <= by]
    )


def _on_other_evidence(item: Evidence, case: Case) -> bool:
    bound = item.body.get("bound")
    if not isinstance(bound, dict) or "evidence" not in bound:
        return False
    return bool(bound["evidence"] != bound_evidence(case.every, case.as_of))


def _why(item: Evidence, case: Case) -> str | None:
    given, until = day_of(item.at), day_of(item.valid_until)
    if given is None or given > case.as_of:
        return None
    what = f"the {item.kind.replace('_', ' ')} of {item.by.name}"
    if case.comparison.compute_digest() not in item.subject:
        return f"{what} was for another comparison"
    if _on_other_evidence(item, case):
        return f"{what} was for other evidence than is there now"
    if until is not None and until < case.as_of:
        return f"{what} ran out on {until.isoformat()}"
    if barred(item, case):
        return f"{what} does not count: {item.by.name} owns the spec, and the policy says owner_may_accept: false"
    return None


def _plain(name: str) -> str:
    return " ".join(name.split()).casefold()
