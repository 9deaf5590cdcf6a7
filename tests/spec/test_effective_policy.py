"""From a policy and facts to the rules that hold: tighten only, the strictest wins, undeclared counts highest."""

from __future__ import annotations

import copy
from typing import Any

import pytest
from pydantic import ValidationError

from ftsafety_spec.compose.loosened import loosened
from ftsafety_spec.errors import InputError
from ftsafety_spec.spec.effective import compare_policies, context_of, effective, facts_of, loosening
from ftsafety_spec.spec.policy import Bands, MinimumEvidence, Policy
from ftsafety_spec.spec.spec import Spec

POLICY: dict[str, Any] = {
    "title": "t",
    "owner": "o",
    "rules": {
        "bands": {"kind": "bands", "up_to": {"deploy": 0.05, "deploy_enhanced": 0.15, "review": 0.30}},
        "sufficient": {"kind": "minimum_evidence", "paired": {"kinds": ["harmful"], "prompts": 500}},
    },
    "risk": {
        "points": {"exposure": {"public": 2, "partner": 1, "internal": 0}, "autonomy": {"acts": 3, "text": 0}},
        "tiers": {"low": 0, "medium": 3, "high": 5},
    },
    "adjust": {
        "medium": {"when": {"tier": ["medium", "high"]}, "rules": {"sufficient": {"paired": {"prompts": 800}}}},
        "high": {"when": {"tier": ["high"]}, "rules": {"bands": {"up_to": {"deploy": 0.03}}}},
        "stranger": {
            "when": {"adapter_source": ["community", "unknown"]},
            "rules": {"sufficient": {"paired": {"prompts": 600}, "triggers": {"probes": 100}}},
            "actions": {"deploy": {"valid_days": 30}},
        },
    },
    "actions": {"deploy": {"monitoring": "standard", "valid_days": 180}},
}
SUITE = {"title": "s", "revised": "2026-01-01", "tasks": {"a": {"prompts": "a.jsonl"}}}


def policy(**changes: Any) -> Policy:
    return Policy.model_validate({**copy.deepcopy(POLICY), **changes})


def spec(source: str = "internal", **risk: str) -> Spec:
    return Spec.model_validate(
        {
            "title": "t",
            "owner": "o",
            "policy": "p",
            "models": {"base": {"provider": "local", "path": "w"}, "tuned": {"of": "base", "adapters": {"a": 1.0}}},
            "adapters": {"a": {"path": "a", "source": source}},
            "suites": {"core": SUITE},
            "risk": risk,
        }
    )


def test_declared_factors_are_counted() -> None:
    facts = facts_of(spec(exposure="partner", autonomy="text"), policy())
    assert (facts.points, facts.tier, facts.undeclared) == (1, "low", [])


def test_a_factor_left_out_counts_at_its_highest() -> None:
    facts = facts_of(spec(exposure="internal"), policy())
    assert (facts.points, facts.tier, facts.undeclared) == (3, "medium", ["autonomy"])
    assert facts_of(spec(), policy()).tier == "high"


def test_adapters_that_nobody_vouches_for_count_as_unknown() -> None:
    assert facts_of(spec("unknown"), policy()).adapter_source == "unknown"
    assert facts_of(spec("organisation"), policy()).adapter_source == "organisation"


def test_context_follows_from_the_models_unless_declared() -> None:
    assert context_of(spec()) == "adapter"
    assert context_of(spec().model_copy(update={"context": "api"})) == "api"


def test_a_low_tier_leaves_the_policy_as_it_is() -> None:
    facts = facts_of(spec(exposure="internal", autonomy="text"), policy())
    assert effective(policy(), facts).rules == policy().rules


def test_of_several_adjustments_the_strictest_wins_whatever_their_order() -> None:
    facts = facts_of(spec("community"), policy())
    for adjust in (POLICY["adjust"], dict(reversed(POLICY["adjust"].items()))):
        rules = effective(policy(adjust=adjust), facts).rules
        sufficient, bands = rules["sufficient"], rules["bands"]
        assert isinstance(sufficient, MinimumEvidence) and isinstance(bands, Bands)
        assert sufficient.paired is not None and sufficient.paired.prompts == 800
        assert sufficient.triggers is not None and sufficient.triggers.probes == 100
        assert bands.up_to.deploy == 0.03


def test_duties_are_tightened_too() -> None:
    facts = facts_of(spec("community", exposure="internal", autonomy="text"), policy())
    duty = effective(policy(), facts).actions["deploy"]
    assert (duty.valid_days, duty.monitoring) == (30, "standard")


WATCHED = {"monitoring": {"standard": {"canary_days": 7, "false_alarms_per_year": 2}}}


def watched(days: int, **when: Any) -> Policy:
    adjust = {"x": {"when": when, "monitoring": {"standard": {"canary_days": days}}}}
    return policy(adjust=adjust, **WATCHED)


def test_a_tier_asks_for_closer_monitoring_and_never_for_less() -> None:
    """R-46."""
    for days, held, named in ((2, 2, []), (30, 7, ["looser"])):
        made = watched(days, tier=["high"])
        assert effective(made, facts_of(spec(), made)).monitoring["standard"].canary_days == held
        assert [change.direction for change in loosening(made, "x")] == named
        low = facts_of(spec(exposure="internal", autonomy="text"), made)
        assert effective(made, low).monitoring["standard"].canary_days == 7


def test_an_adjustment_of_a_level_that_is_not_there_is_refused() -> None:
    with pytest.raises(ValidationError, match=r"adjust\.x\.monitoring\.standard: no such level"):
        policy(adjust={"x": {"when": {}, "monitoring": {"standard": {"canary_days": 2}}}})


def test_a_dropped_tightening_of_monitoring_is_looser() -> None:
    rows = {(row.rule, row.field) for row in loosened(watched(2), watched(5), "other")}
    assert ("monitoring.standard", "canary_days (tier high)") in rows
    assert loosened(watched(5), watched(2), "other") == []


def test_a_rule_that_names_an_unknown_tier_is_refused_with_the_nearest() -> None:
    rules = {**POLICY["rules"], "look": {"kind": "requires_review", "by": "r", "when": {"tier": ["hihg"]}}}
    with pytest.raises(ValidationError, match=r"rules\.look\.when\.tier: no such tier 'hihg'. Did you mean high"):
        policy(rules=rules)


FOUND = {"kind": "findings", "focus": ["trigger", "domain"], "directions": ["harm"]}


@pytest.mark.parametrize(
    ("change", "direction"),
    [
        ({"focus": ["trigger"]}, "looser"),
        ({"directions": None}, "stricter"),
        ({"directions": ["gain"]}, "other"),
        ({"states": ["confirmed", "suspected"]}, "stricter"),
        ({"severity_at_least": "high"}, "looser"),
        ({"ignore_declared": True}, "looser"),
        ({"shown": "review"}, "looser"),
        ({"missing": "flag"}, "looser"),
    ],
)
def test_each_field_of_a_findings_rule_knows_what_is_stricter(change: dict[str, Any], direction: str) -> None:
    old, new = (policy(rules={**POLICY["rules"], "found": rule}) for rule in (FOUND, {**FOUND, **change}))
    assert [(c.rule, c.direction) for c in compare_policies(old, new)] == [("found", direction)]
    back = {"looser": "stricter", "stricter": "looser", "other": "other"}[direction]
    assert [c.direction for c in compare_policies(new, old)] == [back]


def test_a_findings_rule_that_leaves_out_what_is_confirmed_is_refused() -> None:
    with pytest.raises(ValidationError, match="what is confirmed always counts"):
        policy(rules={**POLICY["rules"], "found": {**FOUND, "states": ["suspected"]}})


@pytest.mark.parametrize(
    "rules",
    [
        {"bands": {"up_to": {"deploy": 0.10}}},
        {"bands": {"read": "estimate"}},
        {"sufficient": {"paired": {"prompts": 100}}},
        {"sufficient": {"accept": ["measured", "recorded"]}},
        {"bands": {"beyond": {"unclear": "flag"}}},
    ],
)
def test_an_adjustment_that_would_loosen_changes_nothing_and_is_named(rules: dict[str, Any]) -> None:
    vain = policy(adjust={"x": {"when": {}, "rules": rules}})
    assert effective(vain, facts_of(spec(), vain)).rules == vain.rules
    named = loosening(vain, "x")
    assert len(named) == 1 and named[0].field.startswith("adjust.x.rules.") and named[0].direction == "looser"


def test_an_adjustment_that_tightens_is_not_named() -> None:
    assert [change for name in POLICY["adjust"] for change in loosening(policy(), name)] == []


def test_an_adjustment_that_does_not_fit_its_rule_is_refused() -> None:
    wrong = policy(adjust={"x": {"when": {}, "rules": {"bands": {"up_to": {"deploy": "much"}}}}})
    with pytest.raises(InputError, match=r"adjust\.x\.rules\.bands\.up_to\.deploy"):
        effective(wrong, facts_of(spec(), wrong))


def test_two_adjustments_of_one_need_that_the_policy_lacks_join_to_the_stricter() -> None:
    both = policy(
        adjust={
            "a": {"when": {}, "rules": {"sufficient": {"triggers": {"probes": 900}}}},
            "b": {"when": {}, "rules": {"sufficient": {"triggers": {"probes": 50}}}},
        }
    )
    rule = effective(both, facts_of(spec(), both)).rules["sufficient"]
    assert isinstance(rule, MinimumEvidence) and rule.triggers is not None and rule.triggers.probes == 900


def test_comparison_names_each_field_with_its_direction() -> None:
    new = copy.deepcopy(POLICY)
    new["rules"]["bands"]["up_to"]["deploy"] = 0.08
    new["rules"]["sufficient"]["paired"]["prompts"] = 700
    new["actions"]["deploy"]["valid_days"] = 365
    found = {(c.rule, c.field): c.direction for c in compare_policies(policy(), Policy.model_validate(new))}
    assert found == {
        ("bands", "up_to.deploy"): "looser",
        ("sufficient", "paired.prompts"): "stricter",
        ("actions.deploy", "valid_days"): "looser",
    }


def test_a_removed_rule_and_a_removed_need_are_looser() -> None:
    new = copy.deepcopy(POLICY)
    new["rules"]["bands"] = None
    new["rules"]["sufficient"]["paired"] = None
    new["adjust"] = {}
    found = {(c.rule, c.field): c.direction for c in compare_policies(policy(), Policy.model_validate(new))}
    assert found == {("bands", "rule"): "looser", ("sufficient", "paired"): "looser"}


def test_a_rule_that_a_team_removes_needs_no_change_of_the_adjustments_that_it_inherits() -> None:
    """Removing is a loosening of its own; nothing is left to tighten."""
    made = policy(rules={**POLICY["rules"], "sufficient": None})
    held = effective(made, facts_of(spec("community"), made))
    assert held.rules["sufficient"] is None
    assert held.actions["deploy"].valid_days == 30
    assert loosening(made, "medium") == []


def test_an_equal_policy_has_no_differences() -> None:
    assert compare_policies(policy(), policy()) == []
