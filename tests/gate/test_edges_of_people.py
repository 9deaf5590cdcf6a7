"""Who may clear what, at the edges: equal times, exactly the items that were rejected, roles that a policy names."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest
from support.every_rule import BASE, RULES
from support.gate_case import case_of

from ftsafety_spec.gate.case import Case
from ftsafety_spec.gate.people import counting, obligation, people_for, rejected_by, reviewer_role, unsettled
from ftsafety_spec.records.base import digest_text
from ftsafety_spec.records.evidence import By, Evidence
from ftsafety_spec.spec.policy import Need, Policy

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


def test_who_is_not_of_the_role_or_has_not_said_yes_is_passed_over() -> None:
    strangers = [(f"stranger{n}", "10", YES, []) for n in range(6)]
    silent = [(f"joel{'!' * n}", "10", "undecided", []) for n in range(6)]
    undecided = [("joel", f"1{n}", "undecided", []) for n in range(4)]
    case = with_reviews(*strangers, *silent, *undecided, ("ines", "10", YES, []))
    assert people_for("human_review", "reviewer", case, None) == ["ines"]
    assert people_for("human_review", "nobody_s_role", case, None) == []


def test_who_rejected_the_run_clears_no_item_of_it() -> None:
    case = with_reviews(("ines", "10", NO, []), ("ines", "11", YES, ["a"]), ("joel", "10", YES, ["a"]))
    assert people_for("flagged_item", "reviewer", case, "a") == ["joel"]


@pytest.mark.parametrize(
    ("word", "against"), [("reject", True), ("rejected", True), ("Rejected", True), ("rejecting", False)]
)
def test_a_rejection_is_said_in_either_form(word: str, against: bool) -> None:
    assert rejected_by(with_reviews(("ines", "10", word, []))) == (["ines"] if against else [])


@pytest.mark.parametrize(
    ("people", "given", "says"),
    [
        (1, ["ines"], "why: 1 of 1 given (ines)"),
        (2, ["ines"], "why: 1 of 2 given (ines)"),
        (2, ["ines", "joel"], "why: 2 of 2 given (ines, joel)"),
        (1, ["ines", "joel"], "why: 2 of 1 given (ines, joel)"),
        (1, [], "why: 0 of 1 given (nobody yet)"),
        (3, ["ines"], "why: 1 of 3 given (ines); the policy names 2 for reviewer"),
    ],
)
def test_an_obligation_says_who_has_given_what(people: int, given: list[str], says: str) -> None:
    case = with_reviews(*((name, "10", YES, []) for name in given))
    owed = obligation("human_review", Need(by="reviewer", people=people), case, "why")
    assert (owed.detail, owed.state) == (says, "met" if len(given) >= people else "open")
    assert (owed.kind, owed.by, owed.people, owed.due) == ("human_review", "reviewer", people, None)


def test_what_no_longer_counts_is_said_only_while_something_is_owed() -> None:
    void = Evidence(
        kind="review", subject=(digest_text("else"),), by=By(name="joel", role="reviewer"), at="2026-01-10T09:00:00Z",
        body={"verdict": "approve"},
    )  # fmt: skip
    bare = case_of(RULES["bands"])
    yes = void.model_copy(
        update={"subject": (bare.comparison.compute_digest(),), "by": By(name="ines", role="reviewer")}
    )
    told = "; the review of joel was for another comparison"
    need = Need(by="reviewer")
    assert obligation("human_review", need, case_of(RULES["bands"], evidence=[void]), "why").detail.endswith(told)
    assert told not in obligation("human_review", need, case_of(RULES["bands"], evidence=[void, yes]), "why").detail


def test_a_role_that_the_policy_does_not_know_names_nobody() -> None:
    owed = obligation("human_review", Need(by="unknown"), case_of(RULES["bands"]), "why")
    assert owed.detail == "why: 0 of 1 given (nobody yet); the policy names nobody for unknown"


def earlier(*reviews: tuple[str, str, str, str, bool]) -> list[str]:
    """Duties from rejections of an earlier comparison: kind, who, when, verdict, and whether of this comparison."""
    here = case_of(RULES["bands"]).comparison.compute_digest()
    given = [
        Evidence(
            kind=kind, subject=(here if now else digest_text("earlier"),), by=By(name=who, role="reviewer"),
            at=f"2026-01-{at}T09:00:00Z", body={"verdict": verdict},
        )
        for kind, who, at, verdict, now in reviews
    ]  # fmt: skip
    found = unsettled(case_of(RULES["bands"], evidence=given))
    assert all((row.kind, row.by, row.people, row.state) == ("human_review", "reviewer", 1, "open") for row in found)
    return sorted(row.detail.split()[0] for row in found)


def test_a_rejection_of_an_earlier_comparison_asks_its_author_whether_it_stands() -> None:
    ines, joel = ("review", "ines", "10", NO, False), ("review", "joel", "10", NO, False)
    assert earlier(ines) == ["ines"]
    assert earlier(("review", "ines", "10", YES, False)) == []
    assert earlier(("review", "ines", "10", NO, True)) == []
    assert earlier(("session", "ines", "10", NO, False)) == []
    assert earlier(ines, ("review", "ines", "11", YES, True)) == []
    assert earlier(ines, ("review", "ines", "11", NO, True)) == []
    assert earlier(ines, ("review", "ines", "10", YES, True)) == ["ines"]
    assert earlier(ines, ("review", "ines", "11", YES, False)) == ["ines"]
    assert earlier(ines, ("session", "ines", "11", YES, True)) == ["ines"]
    assert earlier(ines, ("review", "joel", "11", YES, True)) == ["ines"]
    assert earlier(ines, joel, ("review", "ines", "11", YES, True)) == ["joel"]
    assert earlier(ines, joel, ("review", "joel", "11", YES, True)) == ["ines"]
    assert earlier(("review", "eve", "10", YES, False), ines, ("session", "bob", "09", NO, False), joel) == [
        "ines",
        "joel",
    ]
