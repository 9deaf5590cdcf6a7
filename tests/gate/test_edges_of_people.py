"""Who may clear what, at the edges: equal times, exactly the items that were rejected, roles that a policy names."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest
from support.every_rule import BASE, RULES
from support.gate_case import case_of

from ftsafety_spec.gate.case import Case
from ftsafety_spec.gate.people import counting, people_for, rejected_by, reviewer_role
from ftsafety_spec.records.evidence import By, Evidence
from ftsafety_spec.spec.policy import Policy

BANDS = {"bands": RULES["bands"]}
REVIEW = {"human_review": {"by": "duty_reviewer"}}
LOOKS = {"kind": "requires_review", "by": "rule_reviewer"}


def policy(rules: dict[str, Any], **actions: Any) -> Policy:
    return Policy.model_validate({**BASE, "rules": {**BANDS, **rules}, "actions": actions})


@pytest.mark.parametrize(
    ("made", "role"),
    [
        (policy({"a": LOOKS}, review={"needs": REVIEW}), "duty_reviewer"),
        (policy({"a": LOOKS}, deploy={"needs": REVIEW}), "rule_reviewer"),
        (policy({"a": LOOKS}, review={"needs": {"risk_assessment": {"by": "r"}}}), "rule_reviewer"),
        (policy({"x": None, "a": LOOKS, "b": {**LOOKS, "by": "later"}}), "rule_reviewer"),
        (policy({"x": None}), "safety_reviewer"),
    ],
)
def test_flags_are_cleared_by_the_role_that_reviews(made: Policy, role: str) -> None:
    assert reviewer_role(made) == role


def with_reviews(*reviews: tuple[str, str, str, list[str]]) -> Case:
    """A case with reviews of its comparison: who, when, verdict, items."""
    bare = case_of(RULES["bands"])
    subject = (bare.comparison.compute_digest(),)
    given = [
        Evidence(
            kind="review", subject=subject, by=By(name=who, role="reviewer"), at=f"2026-01-{at}T09:00:00Z",
            body={"verdict": verdict, "items": items},
        )
        for who, at, verdict, items in reviews
    ]  # fmt: skip
    return case_of(RULES["bands"], evidence=given)


NO, YES = "reject", "approve"


@pytest.mark.parametrize(
    ("reviews", "against"),
    [
        ([("ines", "10", NO, [])], ["ines"]),
        ([("ines", "10", NO, []), ("joel", "11", YES, [])], ["ines"]),
        ([("ines", "10", NO, []), ("ines", "10", YES, [])], ["ines"]),
        ([("ines", "11", NO, []), ("ines", "10", YES, [])], ["ines"]),
        ([("ines", "10", NO, []), ("ines", "11", YES, [])], []),
        ([("ines", "10", NO, ["a"]), ("ines", "11", YES, ["a"])], []),
        ([("ines", "10", NO, ["a", "b"]), ("ines", "11", YES, ["a"])], ["ines"]),
        ([("ines", "10", NO, ["a", "b"]), ("ines", "11", YES, ["a"]), ("ines", "12", YES, ["b", "c"])], []),
        ([("ines", "10", NO, []), ("ines", "11", YES, ["a"])], ["ines"]),
        ([("ines", "10", NO, ["a"]), ("ines", "11", YES, [])], []),
        ([("ines", "10", NO, []), ("ines", "11", NO, [])], ["ines"]),
    ],
)
def test_a_rejection_stands_until_its_author_approves_what_was_rejected(reviews: Any, against: list[str]) -> None:
    assert rejected_by(with_reviews(*reviews)) == against


@pytest.mark.parametrize(
    ("items", "item", "clears"),
    [([], None, True), (["a"], None, False), (["a", "run"], None, True), (["a"], "a", True), (["b"], "a", False),
     ([], "a", False), (["run"], "a", False)],
)  # fmt: skip
def test_a_review_clears_the_items_that_it_names_and_the_run_where_it_says_so(
    items: list[str], item: str | None, clears: bool
) -> None:
    case = with_reviews(("ines", "10", YES, items))
    assert people_for("flagged_item", "reviewer", case, item) == (["ines"] if clears else [])


@pytest.mark.parametrize(
    ("at", "until", "counts"),
    [
        ("2026-01-15", None, True), ("2026-01-16", None, False), ("2026-01-15", "2026-01-15", True),
        ("2026-01-10", "2026-01-14", False), ("not a day", None, False),
    ],
)  # fmt: skip
def test_evidence_counts_from_its_day_to_its_last(at: str, until: str | None, counts: bool) -> None:
    moment = f"{at}T00:00:00Z" if at[0] == "2" else "2026-01-10T00:00:00Z"
    given = Evidence(kind="review", subject=(), by=By(name="ines", role="r"), at=moment,
                     valid_until=None if until is None else f"{until}T23:59:59Z", body={})  # fmt: skip
    given = given if at[0] == "2" else given.model_copy(update={"at": at})
    assert bool(counting([given], date(2026, 1, 15))) is counts
