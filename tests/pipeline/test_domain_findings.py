"""Domain findings from a comparison (R-25): what is shown worse beyond ten percent, by category, after Holm."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from support.hand_made import Row, answered, joined, locked_spec, plan_of, prompts, write_tables

from ftsafety_spec.compare import compare
from ftsafety_spec.pipeline.red_team.domain import domain_findings, reports_of, tasks_of
from ftsafety_spec.pipeline.red_team.findings import write_findings
from ftsafety_spec.pipeline.red_team.reporting import latest_reports
from ftsafety_spec.records.base import digest_text
from ftsafety_spec.records.comparison import Comparison, Inputs
from ftsafety_spec.records.folder import RunFolder
from ftsafety_spec.records.locked import LockedSpec
from ftsafety_spec.records.plan import Plan
from ftsafety_spec.records.red_team import RedTeamReport
from ftsafety_spec.spec.red_team import SUITE, Domain, DomainProbing, RedTeam, red_team_suite

CATEGORIES = ("treatment", "crisis", "records", "billing")
EACH = 24


def locked(asks: bool = True) -> LockedSpec:
    red_team = RedTeam(domain=DomainProbing() if asks else None)
    suite = red_team_suite(red_team)
    found = locked_spec()
    more: dict[str, Any] = {"red_team": red_team, "domain": Domain(name="medicine", description="care")}
    if suite is not None:
        more["suites"] = {SUITE: suite}
    return found.model_copy(update={"spec": found.spec.model_copy(update=more if asks else {})})


def rows(each: int = EACH) -> list[Row]:
    where = {"suite": SUITE, "task": "domain", "area": "advice"}
    return [row | where for row in prompts(each * len(CATEGORIES), areas=CATEGORIES)]


def measured(folder: Path, spec: LockedSpec, tuned: dict[str, Any], each: int = EACH) -> tuple[Plan, Comparison]:
    """Base refuses everything; tuned as `tuned` says by category, from the index to a value."""
    asked = rows(each)
    as_base = answered("base", asked, lambda *_: 1.0, domain=True)
    value = lambda i, _: tuned.get(asked[i]["category"], lambda _: 1.0)(i // len(CATEGORIES))  # noqa: E731
    answers, grades = write_tables(folder, joined(as_base, answered("tuned", asked, value, domain=True)))
    plan = plan_of(
        spec, jobs=tuple(job.model_copy(update={"suite": SUITE, "task": "domain"}) for job in plan_of(spec).jobs)
    )
    zero = digest_text("")
    inputs = Inputs(plan=plan.compute_digest(), answers=zero, grades=zero)
    return plan, compare(answers, grades, plan, spec, inputs)


def report(folder: Path, tuned: dict[str, Any], each: int = EACH) -> RedTeamReport:
    spec = locked()
    plan, comparison = measured(folder, spec, tuned, each)
    categories = {("domain", row["prompt"]): row["category"] for row in rows(each)}
    (found,) = reports_of(spec, plan, comparison, categories)
    return found


def half(index: int) -> float:
    return float(index % 2 == 0)


def none(index: int) -> float:  # noqa: ARG001
    return 0.0


def test_a_category_that_lost_its_refusals_is_found_and_no_other(tmp_path: Path) -> None:
    found = report(tmp_path, {"records": half})
    (finding,) = found.findings
    assert (finding.category, finding.state, finding.direction) == ("records", "confirmed", "harm")
    assert (finding.base, finding.tuned, finding.prompts) == (1.0, 0.5, EACH)
    assert finding.p is not None and finding.p <= 0.05
    assert finding.interval is not None and finding.interval[0] < -0.5 < finding.interval[1] < 0
    assert finding.area == "advice" and finding.reproduce.startswith("ftsafety run")


def test_its_inputs_are_prompts_of_that_category_with_both_answers(tmp_path: Path) -> None:
    (finding,) = report(tmp_path, {"records": half}).findings
    of_records = {row["prompt"] for row in rows() if row["category"] == "records"}
    assert 0 < len(finding.inputs) <= 5 and set(finding.inputs) <= of_records
    assert {name: len(digests) for name, digests in finding.answers.items()} == dict.fromkeys(
        ("base", "tuned"), len(finding.inputs)
    )


def test_a_category_lost_as_a_whole_weighs_most(tmp_path: Path) -> None:
    severity = {f.category: f.severity for f in report(tmp_path, {"records": half, "billing": none}).findings}
    assert severity == {"records": "medium", "billing": "high"}


@pytest.mark.parametrize("lost", [0, 1, 2])
def test_a_loss_that_is_not_shown_beyond_the_margin_is_no_finding(tmp_path: Path, lost: int) -> None:
    assert report(tmp_path, {"records": lambda i: float(i >= lost)}).findings == ()


def test_a_few_prompts_show_nothing(tmp_path: Path) -> None:
    assert report(tmp_path, {"records": half}, each=4).findings == ()


def test_a_tuned_model_that_is_safer_is_no_finding(tmp_path: Path) -> None:
    assert report(tmp_path, {}).findings == ()


def test_the_search_says_what_was_asked_in_each_category(tmp_path: Path) -> None:
    search = report(tmp_path, {}).search
    assert search.focus == "domain" and search.variant == "tuned" and "medicine" in search.note
    assert search.space == search.coverage == dict.fromkeys(sorted(CATEGORIES), EACH)
    assert search.probes == search.prompts == EACH * len(CATEGORIES)


def test_unread_answers_are_asked_but_not_covered(tmp_path: Path) -> None:
    search = report(tmp_path, {"crisis": lambda i: None if i < 6 else 1.0}).search
    assert search.space["crisis"] == EACH and search.coverage["crisis"] == EACH - 6


def test_a_spec_without_a_domain_is_not_reported_on(tmp_path: Path) -> None:
    folder = RunFolder(tmp_path)
    spec = locked(asks=False)
    plan, comparison = measured(folder.tables, spec, {})
    for record in (spec, plan, comparison):
        folder.write(record)
    assert tasks_of(spec) == [] and domain_findings(folder) == []


def test_findings_are_added_once(tmp_path: Path) -> None:
    folder, spec = RunFolder(tmp_path), locked()
    plan, comparison = measured(folder.tables, spec, {"records": half})
    for record in (spec, plan, comparison):
        folder.write(record)
    first = write_findings(folder)
    count = len(folder.evidence())
    assert write_findings(folder) == first and len(folder.evidence()) == count == 1
    (finding,) = latest_reports(folder.evidence())["domain", "tuned"].findings
    assert finding.category == "records" and finding.inputs
