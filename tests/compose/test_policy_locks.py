"""What an organisation locks, no policy that extends it may loosen: composition is refused, with both places."""

from __future__ import annotations

from pathlib import Path

import pytest

from ftsafety_spec.compose import Project, lock_policy
from ftsafety_spec.errors import SpecError

ACME = """title: Acme
owner: o@acme.example
locks:
  LOCK: the board decided it
people: {owner_may_accept: false}
roles: {safety_reviewer: [ines@acme.example], product_owner: [dana@acme.example]}
measure: {confidence: 0.95}
rules:
  bands: {kind: bands, up_to: {deploy: 0.05, deploy_enhanced: 0.15, review: 0.30}}
  category: {kind: ceiling, above: 0.5}
  sufficient: {kind: minimum_evidence, paired: {kinds: [harmful], prompts: 500}, session: {minutes: 30}}
risk: {points: {autonomy: {acts: 3, text: 0}}, tiers: {low: 0, high: 3}}
adjust: {high-risk: {when: {tier: [high]}, rules: {bands: {up_to: {deploy: 0.03}}}}}
actions: {review: {needs: {human_review: {by: safety_reviewer, people: 2}}}}
monitoring: {standard: {canary_days: 7, false_alarms_per_year: 2}}
"""


def lock(root: Path, held: str, body: str, extends: str = "acme") -> None:
    (root / "specs").mkdir(exist_ok=True)
    (root / "policies").mkdir(exist_ok=True)
    (root / "policies" / "acme.yaml").write_text(ACME.replace("LOCK", held), encoding="utf-8")
    head = f"defaults: [{extends}@_here_, _self_]\n"
    (root / "policies" / "team.yaml").write_text(head + body + "\n", encoding="utf-8")
    lock_policy("team", Project(root))


LOOSENED = [
    ("bands", "rules: {bands: {up_to: {deploy: 0.06}}}"),
    ("bands.up_to", "rules: {bands: {up_to: {deploy: 0.06}}}"),
    ("bands.up_to.deploy", "rules: {bands: {up_to: {deploy: 0.06}}}"),
    ("category.above", "rules: {category: null}"),
    ("bands", "rules: {bands: {outcomes: [refusal]}}"),
    ("category.above", "waivers: {category: {by: product_owner, at_most_days: 9}}"),
    ("waivers", "waivers: {category: {by: product_owner, at_most_days: 9}}"),
    ("sufficient.session", "rules: {sufficient: {session: null}}"),
    ("sufficient.session.minutes", "rules: {sufficient: {session: null}}"),
    ("bands", "adjust: {high-risk: {rules: {bands: {up_to: {deploy: 0.04}}}}}"),
    ("measure", "measure: {confidence: 0.9}"),
    ("actions.review", "actions: {review: {needs: {human_review: {people: 1}}}}"),
    ("monitoring.standard", "monitoring: {standard: {canary_days: 30}}"),
    ("risk", "risk: {tiers: {high: 9}}"),
    ("roles.safety_reviewer", "roles: {safety_reviewer: [ines@acme.example, me@acme.example]}"),
    ("roles", "roles: {safety_reviewer: [me@acme.example]}"),
    ("people", "people: {owner_may_accept: true}"),
]


@pytest.mark.parametrize(("held", "body"), LOOSENED)
def test_loosening_what_is_locked_is_refused_with_both_places(tmp_path: Path, held: str, body: str) -> None:
    with pytest.raises(SpecError) as caught:
        lock(tmp_path, held, body)
    problem = caught.value.problems[0]
    assert problem.code == "FTS-116"
    assert (problem.where.file or "").endswith("policies/team.yaml")
    assert problem.where.line == 2
    assert "acme.yaml:4: the board decided it" in (problem.hint or "")


@pytest.mark.parametrize(
    ("held", "body"),
    [
        ("bands", "rules: {bands: {up_to: {deploy: 0.04}}}"),
        ("bands", "rules: {category: {above: 0.60}}"),
        ("bands.up_to.deploy", "rules: {bands: {up_to: {review: 0.31}}}"),
        ("sufficient.session", "rules: {sufficient: {paired: {prompts: 400}}}"),
        ("waivers", "rules: {bands: {up_to: {deploy: 0.06}}}"),
        ("roles.safety_reviewer", "roles: {safety_reviewer: []}"),
        ("roles.safety_reviewer", "roles: {product_owner: [me@acme.example]}"),
    ],
)
def test_what_is_not_locked_may_change_and_what_is_may_be_tightened(tmp_path: Path, held: str, body: str) -> None:
    lock(tmp_path, held, body)


@pytest.mark.parametrize("body", ["locks: {bands: null}", "locks: null"])
def test_a_lock_cannot_be_taken_away(tmp_path: Path, body: str) -> None:
    with pytest.raises(SpecError):
        lock(tmp_path, "bands", body + "\nrules: {bands: {up_to: {deploy: 0.06}}}")


def test_locks_hold_through_a_policy_in_between(tmp_path: Path) -> None:
    (tmp_path / "policies").mkdir()
    (tmp_path / "policies" / "middle.yaml").write_text(
        "defaults: [acme@_here_, _self_]\nrules: {bands: {up_to: {deploy: 0.03}}}\n", encoding="utf-8"
    )
    lock(tmp_path, "bands", "rules: {category: {above: 0.6}}", extends="middle")
    with pytest.raises(SpecError, match="FTS-116"):
        lock(tmp_path, "bands", "rules: {bands: {up_to: {deploy: 0.06}}}", extends="middle")


@pytest.mark.parametrize(("held", "near"), [("bnads", "bands"), ("bands.up_to.deplyo", "bands.up_to.deploy")])
def test_a_lock_that_names_nothing_says_the_nearest_name(tmp_path: Path, held: str, near: str) -> None:
    with pytest.raises(SpecError) as caught:
        lock(tmp_path, held, "")
    assert caught.value.problems[0].code == "FTS-104"
    assert near in (caught.value.problems[0].hint or "")
    assert caught.value.problems[0].where.line == 4
