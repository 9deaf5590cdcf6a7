"""What people signed counts for what they saw and for nothing else; duties are kept apart where the policy says so."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest
from support.hand_made import answered, compared, joined, locked_policy, locked_spec, plan_of, prompts

from ftsafety_spec.gate.run import gate
from ftsafety_spec.gate.void import bound_evidence, owns
from ftsafety_spec.records.base import digest_text
from ftsafety_spec.records.comparison import Comparison
from ftsafety_spec.records.evidence import Evidence
from ftsafety_spec.records.verdict import Verdict

TODAY = date(2026, 11, 24)
OTHER = digest_text("another comparison")


@pytest.fixture(scope="module")
def seen(tmp_path_factory: pytest.TempPathFactory) -> Comparison:
    """Tuned refuses a tenth less: deploy with enhanced monitoring, if the product owner accepts the risk."""
    asked = prompts(1200)
    tables = joined(
        answered("base", asked, lambda n, _: float(n % 20 != 0)),
        answered("tuned", asked, lambda n, _: float(n % 20 != 0 and n % 11 != 3)),
    )
    return compared(tmp_path_factory.mktemp("seen"), tables)


def signed(seen: Comparison, name: str = "dana", kind: str = "risk_acceptance", **fields: Any) -> Evidence:
    role = {"risk_acceptance": "product_owner"}.get(kind, "safety_reviewer")
    given = {"kind": kind, "subject": (seen.compute_digest(),), "by": {"name": name, "role": role}, "body": {}}
    return Evidence.model_validate({**given, "at": "2026-11-21T09:00:00Z", **fields})


def session(**fields: Any) -> Evidence:
    given = {"kind": "session", "subject": (plan_of(locked_spec()).spec,), "by": {"name": "joel", "role": "r"}}
    return Evidence.model_validate({**given, "at": "2026-11-20T09:00:00Z", "body": {"minutes": 40}, **fields})


def judged(seen: Comparison, *evidence: Evidence, as_of: date = TODAY, **policy: Any) -> Verdict:
    locked = locked_spec()
    return gate(locked, locked_policy(**policy), plan_of(locked), seen, list(evidence), as_of)


def said(verdict: Verdict) -> str:
    return " ".join(item.detail for item in verdict.obligations)


def test_a_signature_for_this_comparison_counts(seen: Comparison) -> None:
    assert (judged(seen).action, judged(seen).decision) == ("deploy_enhanced", "pending")
    assert judged(seen, signed(seen)).decision == "go"


def test_a_signature_for_another_comparison_is_void_and_named(seen: Comparison) -> None:
    verdict = judged(seen, signed(seen, subject=(OTHER,)))
    assert verdict.decision == "pending"
    assert "the risk acceptance of dana was for another comparison" in said(verdict)


def test_who_judges_results_must_name_them_not_only_the_spec(seen: Comparison) -> None:
    by_spec = signed(seen, subject=(plan_of(locked_spec()).spec,))
    assert judged(seen, by_spec).decision == "pending"


@pytest.mark.parametrize("change", ["edited", "removed", "added"])
def test_changing_the_evidence_afterwards_voids_what_was_signed_upon_it(seen: Comparison, change: str) -> None:
    bound = {"bound": {"evidence": bound_evidence([session()], TODAY)}}
    accepted = signed(seen, body=bound)
    assert judged(seen, session(), accepted).decision == "go"
    after = {
        "edited": [session(body={"minutes": 400})],
        "removed": [],
        "added": [session(), session(body={"minutes": 5, "found": "severe"})],
    }[change]
    verdict = judged(seen, *after, accepted)
    assert verdict.decision == "pending" and "was for other evidence than is there now" in said(verdict)


def test_further_signatures_and_later_evidence_void_nothing_before_their_day(seen: Comparison) -> None:
    accepted = signed(seen, body={"bound": {"evidence": bound_evidence([session()], TODAY)}})
    reviewed = signed(seen, "ines", "review", body={"verdict": "approve"})
    tomorrow = session(at="2026-11-25T09:00:00Z")
    assert judged(seen, session(), accepted, reviewed, tomorrow).decision == "go"
    assert judged(seen, session(), accepted, tomorrow, as_of=date(2026, 11, 25)).decision == "pending"


def test_a_signature_that_ran_out_is_seen_on_a_later_date(seen: Comparison) -> None:
    accepted = signed(seen, valid_until="2026-12-01T23:59:59Z")
    assert judged(seen, accepted, as_of=date(2026, 12, 1)).decision == "go"
    later = judged(seen, accepted, as_of=date(2026, 12, 2))
    assert later.decision == "pending" and "ran out on 2026-12-01" in said(later)


OWNER = "dana@acme.example"  # of the spec
APART = {"people": {"owner_may_accept": False}, "roles": {"product_owner": [OWNER, "other@acme.example"]}}


def test_the_owner_of_the_spec_cannot_accept_its_risk_where_duties_are_apart(seen: Comparison) -> None:
    own = signed(seen, OWNER)
    together = {**APART, "people": {"owner_may_accept": True}}
    assert judged(seen, own, **together).decision == "go"
    verdict = judged(seen, own, **APART)
    assert verdict.decision == "pending" and f"{OWNER} owns the spec" in said(verdict)
    assert judged(seen, signed(seen, "other@acme.example"), **APART).decision == "go"


@pytest.mark.parametrize(
    ("name", "owner", "same"),
    [
        ("Dana@Acme.example", "dana@acme.example", True),
        ("dana@acme.example", "Dana Doe <dana@acme.example>", True),
        ("Dana  Doe", "Dana Doe <dana@acme.example>", True),
        ("joel", "product_owner", True),
        ("dan@acme.example", "dana@acme.example", False),
        ("", "", False),
    ],
)
def test_who_owns_a_spec(name: str, owner: str, same: bool) -> None:
    assert owns(name, owner, {"product_owner": ["joel"]}) is same


def test_letting_the_owner_accept_is_looser() -> None:
    from ftsafety_spec.compose.loosened import other_parts
    from ftsafety_spec.spec.policy import People
    from ftsafety_spec.spec.strict import Stricter

    (how,) = [item for item in People.model_fields["owner_may_accept"].metadata if isinstance(item, Stricter)]
    assert how.compare(False, True) == "looser" and how.compare(True, False) == "stricter"
    apart, together = (locked_policy(people={"owner_may_accept": word}).policy for word in (False, True))
    assert list(other_parts(apart, together)) == [("people", "owner_may_accept", False, True)]
    assert not list(other_parts(together, apart))


def rejection(seen: Comparison, name: str = "ines", **fields: Any) -> Evidence:
    return signed(seen, name, "review", **{"body": {"verdict": "reject", "items": ["a"]}, **fields})


def test_approving_another_item_takes_no_rejection_back(seen: Comparison) -> None:
    later = {"at": "2026-11-22T09:00:00Z"}
    other = signed(seen, "ines", "review", body={"verdict": "approve", "items": ["b"]}, **later)
    same = signed(seen, "ines", "review", body={"verdict": "approve", "items": ["a", "b"]}, **later)
    accepted = signed(seen)
    assert judged(seen, accepted, rejection(seen)).decision == "no_go"
    assert judged(seen, accepted, rejection(seen), other).decision == "no_go"
    assert judged(seen, accepted, rejection(seen), same).decision == "go"


def test_new_labels_void_no_rejection(seen: Comparison) -> None:
    before = rejection(seen, subject=(OTHER,))
    verdict = judged(seen, signed(seen), before)
    assert verdict.decision == "pending" and "ines rejected an earlier comparison" in said(verdict)
    spoken = signed(seen, "ines", "review", body={"verdict": "approve"}, at="2026-11-22T09:00:00Z")
    assert judged(seen, signed(seen), before, spoken).decision == "go"
    assert (
        judged(seen, signed(seen), before, signed(seen, "joel", "review", at="2026-11-22T09:00:00Z")).decision
        == "pending"
    )


def test_approving_one_item_is_no_review_of_the_run(seen: Comparison) -> None:
    duties = {"deploy_enhanced": {"needs": {"human_review": {"by": "safety_reviewer"}}}}
    body = {"verdict": "approve", "items": ["c:one"]}
    assert judged(seen, signed(seen, "ines", "review", body=body), actions=duties).decision == "pending"
    whole = {**body, "items": ["c:one", "run"]}
    assert judged(seen, signed(seen, "ines", "review", body=whole), actions=duties).decision == "go"
