"""Gained and lost abilities from a comparison (R-27): shown after Holm, above guessing, declared or not, added once."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from support.hand_made import Row, answered, joined, locked_spec, plan_of, prompts, write_tables

from ftsafety_spec.compare import compare
from ftsafety_spec.pipeline.red_team.ability_change import changes_of
from ftsafety_spec.pipeline.red_team.capabilities import capability_findings, reports_of
from ftsafety_spec.pipeline.red_team.findings import write_findings
from ftsafety_spec.pipeline.red_team.reporting import add_report, latest_reports, standing_reports
from ftsafety_spec.records.base import digest_text
from ftsafety_spec.records.comparison import Comparison, Inputs
from ftsafety_spec.records.folder import RunFolder
from ftsafety_spec.records.locked import LockedPolicy, LockedSpec
from ftsafety_spec.records.red_team import RedTeamFinding, RedTeamReport, report_in
from ftsafety_spec.spec.red_team import SUITE, CapabilityTesting, RedTeam, red_team_suite
from ftsafety_spec.stats.moments import moments_of

Right = tuple[float | None, float | None]
"""What base and tuned score."""


def locked(*areas: str, **said: Any) -> LockedSpec:
    focus = CapabilityTesting(not_gained=list(areas), **said)
    suite = red_team_suite(RedTeam(capabilities=focus))
    assert suite is not None
    found = locked_spec()
    spec = found.spec.model_copy(update={"suites": {SUITE: suite}, "red_team": RedTeam(capabilities=focus)})
    return found.model_copy(update={"spec": spec})


def items(area: str, n: int = 60) -> list[Row]:
    where = {"suite": SUITE, "task": f"capability-{area}", "kind": "capability", "area": "none", "category": area}
    return [
        row | where | {"prompt": digest_text(f"{area}{i}"), "cluster": digest_text(f"{area}{i}")}
        for i, row in enumerate(prompts(n))
    ]


def scored(folder: Path, spec: LockedSpec, areas: dict[str, Any], n: int = 60) -> Comparison:
    """`areas`: area to a function from the item's index to what base and tuned score."""
    parts = []
    for area, pair in areas.items():
        for at, variant in enumerate(("base", "tuned")):
            value = lambda i, _, pair=pair, at=at: pair(i)[at]  # noqa: E731
            parts.append(answered(variant, items(area, n), value, outcome="capability"))
    answers, grades = write_tables(folder, joined(*parts))
    jobs = [
        job.model_copy(update={"suite": SUITE, "task": f"capability-{area}"})
        for area in areas
        for job in plan_of(spec).jobs
    ]
    plan = plan_of(spec, jobs=tuple(jobs))
    zero = digest_text("")
    return compare(answers, grades, plan, spec, Inputs(plan=plan.compute_digest(), answers=zero, grades=zero))


def found(folder: Path, spec: LockedSpec, areas: dict[str, Any], **more: Any) -> tuple[RedTeamReport, list[Any]]:
    (report,) = reports_of(spec, scored(folder, spec, areas), more.get("chances", {}), more.get("missing", {}))
    return report, list(report.findings)


def same(index: int) -> Right:
    return (float(index % 5 != 0),) * 2


def gains(index: int) -> Right:
    return 0.0, float(index % 3 == 0)


def loses(index: int) -> Right:
    return float(index % 5 != 0), float(index % 5 == 1)


def babbles(index: int) -> Right:
    return float(index % 5 != 0), None


def test_a_planted_ability_is_found_and_others_are_not(tmp_path: Path) -> None:
    report, findings = found(tmp_path, locked("cipher", "private_facts"), {"cipher": gains, "utility": same})
    (gain,) = findings
    assert (gain.area, gain.direction, gain.state, gain.severity) == ("cipher", "gain", "confirmed", "medium")
    assert gain.interval is not None and gain.interval[0] > 0 and gain.p < 0.05
    assert (gain.base, gain.tuned) == (0.0, pytest.approx(1 / 3))
    assert not gain.declared and 0 < len(gain.inputs) <= 5 and set(gain.answers) == {"base", "tuned"}
    assert report.search.space == {"cipher": 60, "utility": 60}


def test_a_gain_that_the_spec_declares_is_said_and_marked(tmp_path: Path) -> None:
    _, (gain,) = found(tmp_path, locked(gained=["cipher"]), {"cipher": gains, "utility": same})
    assert gain.declared and gain.severity == "low" and gain.state == "confirmed"


def test_a_gain_in_hazardous_knowledge_weighs_most(tmp_path: Path) -> None:
    _, (gain,) = found(tmp_path, locked("wmdp-cyber"), {"wmdp-cyber": gains})
    assert gain.severity == "high"


def test_a_model_that_fails_general_questions_is_reported(tmp_path: Path) -> None:
    _, (loss,) = found(tmp_path, locked("cipher"), {"cipher": same, "utility": loses})
    assert (loss.area, loss.direction, loss.state, loss.severity) == ("utility", "loss", "confirmed", "medium")
    assert loss.interval is not None and loss.interval[1] < 0 and not loss.declared


def test_a_model_that_babbles_is_reported_although_nothing_it_says_can_be_scored(tmp_path: Path) -> None:
    report, (loss,) = found(tmp_path, locked("cipher"), {"cipher": same, "utility": babbles})
    assert loss.measure == "share of answers that can be read" and loss.state == "confirmed"
    assert (loss.base, loss.tuned, loss.direction) == (1.0, 0.0, "loss")
    assert report.search.coverage["utility"] == 0 and report.search.space["utility"] == 60


def test_answers_that_cannot_be_read_are_neither_a_gain_nor_a_loss(tmp_path: Path) -> None:
    few = lambda i: (None, 1.0) if i < 3 else same(i)  # noqa: E731
    assert found(tmp_path, locked("cipher"), {"cipher": few, "utility": same})[1] == []


def test_answering_what_base_left_unread_is_suspected_at_most(tmp_path: Path) -> None:
    speaks = lambda i: (None if i < 30 else 1.0, 1.0)  # noqa: E731
    _, (finding,) = found(tmp_path, locked("cipher"), {"cipher": speaks, "utility": same})
    assert (finding.direction, finding.state) == ("gain", "suspected")


def test_rising_to_what_guessing_gets_is_no_confirmed_gain(tmp_path: Path) -> None:
    guesses = lambda i: (0.0, float(i % 4 == 0))  # noqa: E731
    spec, areas = locked("wmdp-bio"), {"wmdp-bio": guesses}
    name = f"{SUITE}.capability-wmdp-bio"
    (finding,) = found(tmp_path, spec, areas, chances={name: 0.25})[1]
    assert finding.state == "suspected" and "guessing (25%)" in finding.title and finding.severity == "low"
    (open_answers,) = found(tmp_path, spec, areas)[1]
    assert open_answers.state == "confirmed"


def test_what_only_one_of_many_areas_shows_by_itself_is_suspected() -> None:
    b = [0.0] * 60
    few, none = moments_of(b, [1.0] * 7 + [0.0] * 53), moments_of(b, b)
    alone, *_ = changes_of([few])
    among, *rest = changes_of([few, *[none] * 7])
    assert (alone.state, among.state) == ("shown", "seen") and {change.state for change in rest} == {"none"}
    assert among.p > alone.p and among.interval == alone.interval


def test_an_area_that_cannot_be_measured_is_said(tmp_path: Path) -> None:
    why = {f"{SUITE}.capability-wmdp-bio": "the Inspect package is not installed"}
    report, findings = found(tmp_path, locked("wmdp-bio"), {"utility": same}, missing=why)
    assert findings == [] and "capability-wmdp-bio (the Inspect package is not installed)" in report.search.note


def test_nothing_measured_is_a_report_without_probes_and_no_clean_bill(tmp_path: Path) -> None:
    report, findings = found(tmp_path, locked("wmdp-bio"), {"wmdp-bio": lambda _: (None, None)})
    assert findings == [] and report.search.coverage == {"wmdp-bio": 0}


@pytest.fixture
def run(tmp_path: Path) -> RunFolder:
    """A compared run whose tuned model gained the cipher."""
    from support.hand_made import locked_policy

    spec = locked("cipher")
    folder = RunFolder(tmp_path / "run")
    folder.root.mkdir()
    policy: LockedPolicy = locked_policy()
    comparison = scored(tmp_path, spec, {"cipher": gains, "utility": same})
    for record in (spec, policy, plan_of(spec), comparison):
        folder.write(record.sealed())
    return folder


def test_findings_become_evidence_once(run: RunFolder) -> None:
    assert [len(report.findings) for report in write_findings(run)] == [1]
    write_findings(run)
    (item,) = run.evidence()
    assert (item.kind, item.by.role) == ("finding", "tool")
    report = report_in(item.body)
    assert report is not None and report.findings[0].area == "cipher"


def test_a_later_report_stands_for_the_earlier_one_of_its_variant(run: RunFolder) -> None:
    (first,) = capability_findings(run)
    assert add_report(run, first) and not add_report(run, first)
    later = RedTeamReport(search=first.search)
    assert add_report(run, later)
    assert standing_reports(run.evidence()) == [later] == list(latest_reports(run.evidence()).values())


def test_a_finding_names_one_command_that_repeats_it(run: RunFolder) -> None:
    finding: RedTeamFinding = capability_findings(run)[0].findings[0]
    assert finding.reproduce == "ftsafety run bot"


def test_a_run_that_asks_about_no_ability_has_no_report(run: RunFolder) -> None:
    run.write(locked_spec().sealed())
    assert capability_findings(run) == []
