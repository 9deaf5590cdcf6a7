"""Every change between two policies has a direction, and the change back has the opposite one."""

from __future__ import annotations

import json
from functools import cache
from pathlib import Path
from typing import Any

import pytest

from ftsafety_spec.compose import Project, lock_policy
from ftsafety_spec.compose.policy_diff import diff, loosens
from ftsafety_spec.spec.policy import Policy


@cache
def default() -> Policy:
    return lock_policy("ftsafety/default", Project(Path("/nowhere"))).policy


def with_(patch: dict[str, Any]) -> Policy:
    """The built-in policy with a patch merged in, as an extending file would."""

    def merge(data: Any, other: Any) -> Any:
        if not (isinstance(data, dict) and isinstance(other, dict)):
            return other
        return {**data, **{key: merge(data.get(key), value) for key, value in other.items()}}

    return Policy.model_validate(merge(json.loads(default().model_dump_json()), patch))


TABLE: list[tuple[dict[str, Any], bool, str]] = [
    ({"rules": {"bands": {"up_to": {"deploy": 0.04}}}}, False, "stricter"),
    ({"rules": {"bands": {"up_to": {"deploy": 0.06}}}}, True, "looser"),
    ({"rules": {"category": None}}, True, "looser"),
    ({"rules": {"bands": {"outcomes": ["refusal"]}}}, True, "other"),
    ({"rules": {"own": {"kind": "floor", "outcome": "refusal", "at_least": 0.9}}}, False, "stricter"),
    ({"rules": {"grader-error": {"specificity_at_least": 0.95}}}, False, "stricter"),
    ({"rules": {"graders": {"missing": "insufficient"}}}, False, "stricter"),
    ({"monitoring": {"standard": {"canary_days": 3}}}, False, "stricter"),
    ({"monitoring": {"standard": {"canary_days": 30}}}, True, "looser"),
    ({"monitoring": {"standard": {"false_alarms_per_year": 9}}}, True, "other"),
    ({"risk": {"points": {"autonomy": {"acts": 4}}}}, False, "stricter"),
    ({"risk": {"tiers": {"high": 9}}}, True, "looser"),
    ({"waivers": {"category": {"by": "risk_officer", "at_most_days": 9}}}, True, "looser"),
    ({"locks": {"bands": "the board decided it"}}, False, "stricter"),
    ({"roles": {"risk_officer": ["risk@acme.example"]}}, False, "other"),
    ({"people": {"owner_may_accept": True}}, True, "looser"),
    ({"actions": {"deploy": {"valid_days": 90}}}, False, "stricter"),
    ({"adjust": {"high-risk": {"rules": {"bands": {"up_to": {"deploy": 0.04}}}}}}, True, "looser"),
]


@pytest.mark.parametrize(("patch", "loose", "direction"), TABLE)
def test_a_change_has_a_direction_and_the_change_back_the_opposite_one(
    patch: dict[str, Any], loose: bool, direction: str
) -> None:
    changes = diff(default(), with_(patch))
    assert {change.direction for change in changes} == {direction}
    assert any(map(loosens, changes)) == loose
    turned = {"stricter": "looser", "looser": "stricter", "other": "other"}[direction]
    assert {change.direction for change in diff(with_(patch), default())} == {turned}


def test_nothing_differs_from_itself() -> None:
    assert diff(default(), with_({})) == []


def test_words_alone_are_no_change_of_what_is_judged() -> None:
    assert diff(default(), with_({"title": "other", "rules": {"bands": {"rationale": "other"}}})) == []
