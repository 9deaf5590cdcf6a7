"""What an action obliges to after deployment: the level, and what the policy asks for at that level and risk tier."""

from __future__ import annotations

import pytest
from support.every_rule import BASE, RULES, judged, locked, run_of

from ftsafety_spec.records.verdict import Verdict
from ftsafety_spec.spec.policy import MonitoringLevel
from ftsafety_spec.spec.policy_case import Given, OutcomeRates

WATCHED = {
    **BASE,
    "rules": {"bands": RULES["bands"]},
    "monitoring": {"enhanced": {"canary_days": 7, "false_alarms_per_year": 6}},
    "risk": {"points": {"exposure": {"public": 3, "internal": 0}}, "tiers": {"low": 0, "high": 3}},
    "adjust": {"x": {"when": {"tier": ["high"]}, "monitoring": {"enhanced": {"canary_days": 2}}}},
}


def verdict_of(tuned: float, tier: str = "low") -> Verdict:
    outcomes = {"refusal": OutcomeRates(base=0.95, tuned=tuned, prompts=20_000)}
    return judged(run_of(Given(tier=tier, outcomes=outcomes), locked(WATCHED)))


@pytest.mark.parametrize(("tier", "days"), [("low", 7), ("high", 2)])
def test_a_verdict_carries_what_monitoring_the_policy_asks_for_at_its_risk(tier: str, days: int) -> None:
    """R-37, R-46."""
    verdict = verdict_of(0.87, tier)
    assert (verdict.action, verdict.monitoring) == ("deploy_enhanced", "enhanced")
    assert verdict.watch == MonitoringLevel(canary_days=days, false_alarms_per_year=6)


@pytest.mark.parametrize(("tuned", "action", "level"), [(0.95, "deploy", "standard"), (0.30, "block", None)])
def test_nothing_is_said_of_a_level_that_the_policy_does_not_describe(
    tuned: float, action: str, level: str | None
) -> None:
    verdict = verdict_of(tuned)
    assert (verdict.action, verdict.monitoring, verdict.watch) == (action, level, None)
