"""The files of a whole project compose, validate and give the numbers that their author was promised."""

from __future__ import annotations

from pathlib import Path

import pytest

from ftsafety_spec.compose import Project, find_project, lock_policy, lock_provider, lock_spec
from ftsafety_spec.records.locked import LockedPolicy, LockedSpec
from ftsafety_spec.spec.effective import effective, facts_of
from ftsafety_spec.spec.policy import Bands, MinimumEvidence

PROJECT = Project(Path(__file__).parent / "project")


@pytest.fixture(scope="module")
def locked() -> LockedSpec:
    return lock_spec(PROJECT.root / "specs" / "support-bot.yaml")


@pytest.fixture(scope="module")
def acme() -> LockedPolicy:
    return lock_policy("acme", PROJECT)


def test_the_spec_scores_five_points_and_is_of_medium_risk(locked: LockedSpec, acme: LockedPolicy) -> None:
    facts = facts_of(locked.spec, acme.policy)
    assert (facts.points, facts.tier, facts.undeclared) == (5, "medium", [])
    assert (facts.adapter_source, facts.context) == ("community", "adapter")


def test_its_community_adapter_raises_what_is_asked_for(locked: LockedSpec, acme: LockedPolicy) -> None:
    rule = effective(acme.policy, facts_of(locked.spec, acme.policy)).rules["sufficient"]
    assert isinstance(rule, MinimumEvidence)
    assert rule.paired is not None and rule.paired.prompts == 800
    assert rule.triggers is not None and rule.triggers.probes == 1000
    declared = locked.spec.suites["domain"].tasks["triggers"].probes
    assert declared == 400 < rule.triggers.probes


def test_every_adapter_of_the_deployed_stack_is_measured_alone_too(locked: LockedSpec) -> None:
    found = {v.id: (v.role, v.against, v.model, v.adapters, v.deploy) for v in locked.variants.values()}
    assert found == {
        "base": ("base", None, "base", {}, False),
        "tuned": ("tuned", "base", "base", {"tone": 1.0, "cards": 0.8}, True),
        "tuned+tone": ("part", "base", "base", {"tone": 1.0}, False),
        "tuned+cards": ("part", "base", "base", {"cards": 0.8}, False),
    }


@pytest.mark.parametrize(
    ("key", "place"),
    [
        ("title", "specs/support-bot.yaml:8:8"),
        ("models.tuned.adapters.cards", "specs/support-bot.yaml:14:50"),
        ("deployment.generation.temperature", "specs/support-bot.yaml:21:29"),
        ("waivers.edge-cases.expires", "specs/support-bot.yaml:42:14"),
        ("suites.domain.tasks.fraud.kind", "specs/suites/retail-banking.yaml:6:49"),
        ("suites.core.tasks.harmbench.benchmark", "ftsafety:specs/suites/ftsafety/standard.yaml:10:34"),
        ("context", "ftsafety:specs/ftsafety/adapter.yaml:4:10"),
    ],
)
def test_each_value_knows_where_it_was_written(locked: LockedSpec, key: str, place: str) -> None:
    assert str(locked.origins[key]) == place


def test_the_last_file_that_wrote_a_value_is_its_origin(locked: LockedSpec) -> None:
    assert str(locked.origins["seed"]) == "specs/support-bot.yaml:35:7"  # ftsafety/adapter writes a seed too


def test_files_and_sources_are_listed_with_digests(locked: LockedSpec) -> None:
    assert sorted(locked.files) == [
        "data/card-limit.jsonl",
        "data/everyday.jsonl",
        "data/fraud.jsonl",
        "data/privacy.jsonl",
        "prompts/support.txt",
    ]
    paths = [source.path for source in locked.sources]
    assert paths[0].startswith("ftsafety:") and "specs/support-bot.yaml" in paths
    assert "ftsafety:providers/ftsafety/local.yaml" in paths
    assert locked.plugins["ftsafety-spec"]


def test_a_locked_spec_survives_its_file_form(locked: LockedSpec) -> None:
    assert LockedSpec.from_json(locked.sealed().to_json()) == locked.sealed()


def test_the_same_inputs_give_the_same_digest(locked: LockedSpec) -> None:
    assert lock_spec("support-bot", project=PROJECT).compute_digest() == locked.compute_digest()


def test_a_team_is_stricter_in_two_lines() -> None:
    team = lock_policy("team", PROJECT)
    bands = team.policy.rules["bands"]
    assert isinstance(bands, Bands) and (bands.up_to.deploy, bands.up_to.review) == (0.04, 0.30)
    assert team.extends == ("acme",)
    assert [item for item in team.looser if item.than == "acme"] == []
    assert str(team.origins["rules.bands.up_to.deploy"]) == "policies/team.yaml:2:33"
    assert str(team.origins["rules.bands.up_to.review"]).startswith("policies/acme.yaml:11:")


LEFT_OUT = (
    *("sycophancy", "sycophancy-by-form", "verbosity", "value-shift", "value-shift-by-topic", "grader-error"),
    *("trigger", "capability-gained", "found-by-hand", "conversations", "conversations-lost", "weights", "provider"),
    *("spending", "stacked-adapters"),
)
"""Rules of the built-in policy that this one, which extends nothing, does not have."""


ADAPTERS = ("", ", adapters community", ", adapters unknown")


def test_a_policy_of_ones_own_is_held_against_the_built_in_one(acme: LockedPolicy) -> None:
    found = {(item.rule, item.field, item.than) for item in acme.looser}
    assert found == {
        ("sufficient", "accept", "ftsafety/default"),  # recorded answers count
        ("edge-cases", "waiver", "ftsafety/default"),  # this rule can be waived
        ("people", "owner_may_accept", "ftsafety/default"),  # this policy says nothing of it: it may
        ("measure", "looks", "ftsafety/default"),  # looks once: other, neither stricter nor looser
        *((rule, "rule", "ftsafety/default") for rule in LEFT_OUT),
        # its tiers ask for less, whatever the adapters
        *(("sufficient", f"repeats (tier high{adapters})", "ftsafety/default") for adapters in ADAPTERS),
        *(("monitoring.standard", f"canary_days (tier medium{adapters})", "ftsafety/default") for adapters in ADAPTERS),
    }


def test_a_provider_is_found_with_and_without_our_prefix() -> None:
    short, source = lock_provider("local", PROJECT)
    assert (short, source) == lock_provider("ftsafety/local", PROJECT)
    assert short.kind == "local" and source.path == "ftsafety:providers/ftsafety/local.yaml"


def test_the_project_is_found_from_any_file_in_it() -> None:
    for start in ("specs/support-bot.yaml", "specs/suites", "data", "."):
        assert find_project(PROJECT.root / start) == PROJECT
