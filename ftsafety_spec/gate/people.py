"""What people owe and have given: obligations met by distinct people of the role that the policy names, rejections,
and waivers. Evidence counts only where its subject is this run; who judges results must have judged these very ones."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import date, timedelta

from ftsafety_spec.gate.case import Case
from ftsafety_spec.gate.dates import day_of
from ftsafety_spec.gate.void import about, barred, no_longer
from ftsafety_spec.records.evidence import OF_RESULTS, Evidence, EvidenceKind
from ftsafety_spec.records.verdict import Obligation
from ftsafety_spec.spec.policy import Need, Policy

GIVES: dict[str, EvidenceKind] = {
    "human_review": "review",
    "flagged_item": "review",
    "risk_acceptance": "risk_acceptance",
    "risk_assessment": "risk_assessment",
    "investigation": "investigation",
}
"""Which kind of evidence meets a kind of obligation."""
WHOLE = "run"
"""How a review that names items says that it is of the run as a whole as well."""


def counting(evidence: Iterable[Evidence], as_of: date) -> tuple[Evidence, ...]:
    """Evidence that counts on a date: given by then and not run out; in an order that does not depend on the file's."""
    return tuple(sorted((item for item in evidence if _counts(item, as_of)), key=lambda item: item.compute_digest()))


def _counts(item: Evidence, as_of: date) -> bool:
    given, until = day_of(item.at), day_of(item.valid_until)
    return given is not None and given <= as_of and (until is None or as_of <= until)


def qualified(item: Evidence, role: str, case: Case) -> bool:
    """True where the policy names this person for the role, who acted in it and may, and it is about this run."""
    named = item.by.name in case.policy.roles.get(role, [])
    return named and item.by.role == role and about(item, case) and not barred(item, case)


def rejected_by(case: Case) -> list[str]:
    """People with a rejection of this run, or of a flagged item in it, that they have not taken back. Approving another
    item takes nothing back; at equal times the rejection stands."""
    mine = [item for item in case.evidence if item.kind in GIVES.values() and about(item, case)]
    return sorted({item.by.name for item in mine if _rejects(item) and not _taken_back(item, mine)})


def _taken_back(rejection: Evidence, given: Iterable[Evidence]) -> bool:
    """True where the same person later approved the same items, or the run as a whole."""
    later = [item for item in given if item.by.name == rejection.by.name and item.at > rejection.at]
    approved = [item for item in later if not _rejects(item)]
    rejected = set(_items(rejection))
    covered = {name for item in approved for name in _items(item)}
    return any(not _items(item) for item in approved) or bool(rejected and rejected <= covered)


def unsettled(case: Case) -> list[Obligation]:
    """An open duty for each rejection of an earlier comparison of this run whose author has not spoken since: new
    labels or new answers void an approval, and never a rejection."""
    spoken = [item for item in case.evidence if item.kind in OF_RESULTS and about(item, case)]
    found = []
    for item in case.evidence:
        if item.kind not in OF_RESULTS or not _rejects(item) or about(item, case):
            continue
        if any(other.by.name == item.by.name and other.at > item.at for other in spoken):
            continue
        detail = f"{item.by.name} rejected an earlier comparison of this run and has not said whether that stands"
        found.append(Obligation(kind="human_review", by=item.by.role, people=1, state="open", detail=detail))
    return found


def obligation(kind: str, need: Need, case: Case, why: str, item: str | None = None) -> Obligation:
    """An obligation, met where enough distinct people of the role have given what it asks (for one flagged `item`)."""
    given = people_for(kind, need.by, case, item)
    named = case.policy.roles.get(need.by, [])
    state = f"{len(given)} of {need.people} given ({', '.join(given) or 'nobody yet'})"
    if len(given) < need.people:
        state = "; ".join([state, *no_longer(GIVES[kind], case)])
    if len(set(named)) < need.people:
        state += f"; the policy names {len(set(named)) or 'nobody'} for {need.by}"
    return Obligation(
        kind=kind,
        by=need.by,
        people=need.people,
        state="met" if len(given) >= need.people else "open",
        detail=f"{why}: {state}",
    )


def people_for(kind: str, role: str, case: Case, item: str | None) -> list[str]:
    """Distinct people of a role who gave what an obligation asks, and have not rejected since."""
    against = rejected_by(case)
    found = set()
    for entry in case.given(GIVES[kind]):
        if not qualified(entry, role, case) or entry.by.name in against or _rejects(entry):
            continue
        if GIVES[kind] == "review" and entry.body.get("verdict") != "approve":
            continue
        whole = not _items(entry) or WHOLE in _items(entry)
        if whole if item is None else item in _items(entry):
            found.add(entry.by.name)
    return sorted(found)


def reviewer_role(policy: Policy) -> str:
    """The role that looks at flagged items: the one that reviews under `review`, else of a `requires_review` rule."""
    duty = policy.actions.get("review")
    if duty is not None and "human_review" in duty.needs:
        return duty.needs["human_review"].by
    asked = [rule.by for rule in policy.rules.values() if rule is not None and rule.kind == "requires_review"]
    return asked[0] if asked else "safety_reviewer"


def waived(case: Case) -> dict[str, tuple[str, date]]:
    """Rule to who approved its waiver and the day on which it ends. A request that nobody approved is not in it."""
    found: dict[str, tuple[str, date]] = {}
    for rule, request in case.locked.spec.waivers.items():
        terms = case.policy.waivers.get(rule)
        if terms is None:
            continue
        for item in case.given("waiver_approval"):
            day = day_of(item.at)
            if day is None or item.body.get("rule") != rule or not qualified(item, terms.by, case) or _rejects(item):
                continue
            end = min(request.expires, day + timedelta(days=terms.at_most_days))
            if case.as_of <= end and end > found.get(rule, ("", date.min))[1]:
                found[rule] = (item.by.name, end)
    return found


def _rejects(item: Evidence) -> bool:
    return str(item.body.get("verdict", "")).lower() in ("reject", "rejected")


def _items(item: Evidence) -> Sequence[str]:
    """Ids of flagged items that a review names."""
    listed = item.body.get("items")
    named = [entry for entry in listed if isinstance(entry, str)] if isinstance(listed, list | tuple) else []
    return [*named, *item.satisfies]
