"""Which categories of the domain have how many prompts, and which minimum that meets (R-33)."""

from __future__ import annotations

from datetime import date
from pathlib import Path
from typing import Any

from ftsafety_spec.catalog.load import LoadedTask, load_task
from ftsafety_spec.cli.domain_view import category_rows, coverage_lines
from ftsafety_spec.plan.domain import domain_coverage
from ftsafety_spec.records.plan import DomainCoverage
from ftsafety_spec.spec.policy import Policy
from ftsafety_spec.spec.red_team import Domain, DomainProbing, RedTeam, red_team_suite
from ftsafety_spec.spec.spec import Spec
from ftsafety_spec.spec.suite import Suite, Task

RULE = {"kind": "minimum_evidence", "domain": {"use": "domain", "prompts_per_area": 20}}
BASICS = Suite(title="b", revised=date(2026, 1, 1), tasks={"basics": Task(benchmark="ftsafety/basics")})


def policy(**rules: Any) -> Policy:
    said = {"description": "d", "rationale": "r", "owner": "o"}
    return Policy.model_validate({"title": "p", "owner": "o", "rules": {n: r | said for n, r in rules.items()}})


def spec_of(domain: Domain | None, **focus: Any) -> Spec:
    red_team = RedTeam(domain=DomainProbing(**focus) if domain is not None else None)
    suite = red_team_suite(red_team)
    models = {"base": {"provider": "local", "path": "b"}, "tuned": {"provider": "local", "path": "t"}}
    said = {"title": "s", "owner": "o", "policy": "p", "models": models, "domain": domain, "red_team": red_team}
    return Spec.model_validate(said | {"suites": {"core": BASICS} | ({"rt": suite} if suite is not None else {})})


def loaded(spec: Spec, root: Path) -> list[LoadedTask]:
    return [
        load_task(suite_id, task_id, suite, root, None, 0, spec.domain)
        for suite_id, suite in spec.suites.items()
        for task_id in suite.tasks
    ]


def covered(root: Path, name: str, said: dict[str, Any] | None = None, **focus: Any) -> DomainCoverage:
    spec = spec_of(Domain.model_validate({"name": name, "description": "d", **(said or {})}), **focus)
    found = domain_coverage(policy(sufficient=RULE), spec, loaded(spec, root))
    assert found is not None
    return found


def test_every_category_has_its_count_and_origins(tmp_path: Path) -> None:
    found = covered(tmp_path, "law", nearest=False)
    assert {row.category for row in found.categories} == {
        "advice", "evidence", "documents", "confidentiality", "intimidation"
    }  # fmt: skip
    for row in found.categories:
        assert row.prompts == sum(row.origins.values()) == 24 and row.origins["built-in"] == 9 and row.counted == 23
    assert found.rules == ("sufficient",) and found.notes == ()


def test_areas_are_held_against_the_minimum(tmp_path: Path) -> None:
    assert all(row.met and row.asked == 20 for row in covered(tmp_path, "law").areas)
    short = covered(tmp_path, "law", probes=50)
    assert not any(row.met for row in short.areas)
    assert all("NOT met" in line and "sufficient" in line for line in coverage_lines(short))


def test_prompts_of_general_suites_are_not_the_domains(tmp_path: Path) -> None:
    assert sum(row.prompts for row in covered(tmp_path, "law", probes=30, nearest=False).categories) == 30


def test_a_category_without_a_prompt_is_named(tmp_path: Path) -> None:
    (tmp_path / "own.jsonl").write_text('{"prompt": "One", "category": "wills"}\n', encoding="utf-8")
    found = covered(tmp_path, "estates", {"prompts": {"own": "own.jsonl"}, "categories": ["wills", "trusts"]}, probes=1)
    assert {row.category: row.prompts for row in found.categories} == {"wills": 1, "trusts": 0}
    assert any("trusts" in note for note in found.notes)


def test_a_writer_that_wrote_nothing_is_said(tmp_path: Path) -> None:
    found = covered(tmp_path, "law", writer="mockllm/model")
    assert any("ftsafety redteam write" in note for note in found.notes)


def test_a_spec_without_a_domain_has_no_coverage(tmp_path: Path) -> None:
    spec = spec_of(None)
    assert domain_coverage(policy(sufficient=RULE), spec, loaded(spec, tmp_path)) is None


def test_no_rule_asks_then_nothing_is_met_or_missed(tmp_path: Path) -> None:
    spec = spec_of(Domain(name="law", description="d"))
    found = domain_coverage(
        policy(c={"kind": "concern", "outcome": "refusal", "falls_by": 0.1}), spec, loaded(spec, tmp_path)
    )
    assert found is not None and {row.met for row in found.areas} == {None}


def test_origins_are_summed_by_kind_for_a_terminal(tmp_path: Path) -> None:
    rows = list(category_rows(covered(tmp_path, "children_education")))
    assert len(rows) == 5 and all("built-in 9" in str(row[3]) and "nearest:" not in str(row[3]) for row in rows)
