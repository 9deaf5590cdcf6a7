"""What build servers and the Hub are given: the decision is never green by accident, places lead to the user's own
lines, and each file is of the form that its reader knows (issue 7, 13)."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import jsonschema
import pytest
import yaml

from ftsafety_spec.records.locked import Origin
from ftsafety_spec.report.github import MOST, summary, workflow_commands
from ftsafety_spec.report.github import RENDERER as GITHUB
from ftsafety_spec.report.junit import RENDERER as JUNIT
from ftsafety_spec.report.lines import Line, line_of, verdict_line
from ftsafety_spec.report.modelcard import RENDERER as MODELCARD
from ftsafety_spec.report.outcomes import named, taken
from ftsafety_spec.report.sarif import RENDERER as SARIF
from ftsafety_spec.report.view import ReportView

View = Callable[..., ReportView]
SARIF_SCHEMA = json.loads((Path(__file__).parent / "schemas" / "sarif-subset.schema.json").read_text())

CHILDREN = {
    "testsuites": {"testsuite"},
    "testsuite": {"testcase"},
    "testcase": {"failure", "skipped", "system-out"},
    "failure": set(),
    "skipped": set(),
    "system-out": set(),
}
"""The part of the xUnit plugin's junit-10.xsd that is written: element → what may be in it."""
ATTRIBUTES = {
    "testsuites": (set(), {"name", "tests", "failures", "errors"}),
    "testsuite": ({"name", "tests", "failures", "errors"}, {"skipped", "timestamp"}),
    "testcase": ({"name"}, {"time", "classname"}),
    "failure": (set(), {"message", "type"}),
    "skipped": (set(), {"message", "type"}),
    "system-out": (set(), set()),
}
"""Of the same: required and optional attributes."""


def at(file: str, line: int, column: int = 1) -> Origin:
    return Origin(file=file, line=line, column=column)


def placed(view: ReportView, prefix: str = "") -> ReportView:
    """The view with the places of its files, as composition keeps them."""
    spec = {
        "title": at("specs/support-bot.yaml", 1, 8),
        "policy": at("specs/support-bot.yaml", 3, 9),
        "models.tuned": at("specs/support-bot.yaml", 6, 3),
        "suites.domain.tasks.fraud": at("specs/suites/domain.yaml", 9, 12),
        "waivers.refusal-by-area": at("specs/support-bot.yaml", 30, 3),
    }
    policy = {"rules.category": at("policies/acme.yaml", 12, 5), "rules.bands": at("ftsafety:policies/d.yaml", 29, 5)}
    return replace(
        view,
        locked=view.locked.model_copy(update={"origins": spec}),
        policy=view.policy.model_copy(update={"origins": policy}),
        prefix=prefix,
    )


def xunit_faults(element: ElementTree.Element) -> list[str]:
    """Where an element is not as the schema says."""
    required, optional = ATTRIBUTES[element.tag]
    given = set(element.keys())
    faults = [f"{element.tag}: {sorted(given)}"] if not required <= given <= required | optional else []
    faults += [f"{child.tag} in {element.tag}" for child in element if child.tag not in CHILDREN[element.tag]]
    return faults + [fault for child in element if child.tag in ATTRIBUTES for fault in xunit_faults(child)]


def junit(view: ReportView) -> ElementTree.Element:
    return ElementTree.fromstring(JUNIT.render(view))


def results(view: ReportView) -> list[dict[str, Any]]:
    return json.loads(SARIF.render(view))["runs"][0]["results"]  # type: ignore[no-any-return]


@pytest.mark.parametrize("blocked", [True, False])
def test_junit_is_as_its_schema_says_and_its_counts_are_right(make_view: View, blocked: bool) -> None:
    root = junit(make_view(blocked))
    assert xunit_faults(root) == []
    for suite in root:
        found = Counter(child.tag for case in suite for child in case)
        assert int(suite.get("tests", "")) == len(suite) > 0
        assert int(suite.get("failures", "")) == found["failure"]
        assert int(suite.get("skipped", "")) == found["skipped"]
    assert int(root.get("tests", "")) == len(root.findall("testsuite/testcase"))
    cases = [(case.get("classname"), case.get("name")) for case in root.iter("testcase")]
    assert len(set(cases)) == len(cases)


def test_each_finding_is_one_test_case(make_view: View) -> None:
    view = make_view()
    names = [case.get("name") for case in junit(view).iter("testcase")]
    for name, _ in named(view.verdict.findings):
        assert names.count(name) == 1


@pytest.mark.parametrize(("decision", "failures"), [("go", 0), ("pending", 1), ("no_go", 1)])
def test_a_verdict_that_is_not_go_fails_even_where_every_rule_is_within(
    make_view: View, decision: Any, failures: int
) -> None:
    view = make_view(blocked=False)
    view = replace(view, verdict=view.verdict.model_copy(update={"decision": decision}))
    assert len(junit(view).findall("testsuite/testcase/failure")) == failures


def test_what_was_not_measured_is_skipped_and_never_passes(make_view: View) -> None:
    view = make_view(blocked=False)
    cases = {case.get("name"): case for case in junit(view).iter("testcase")}
    for name in (*view.verdict.not_measured, *view.verdict.not_possible):
        assert [child.tag for child in cases[name]] == ["skipped"]
    item = view.verdict.findings[0].model_copy(update={"result": "unclear", "action": "deploy"})
    assert taken(item) == "skipped"
    assert taken(item.model_copy(update={"action": "insufficient"})) == "failed"
    assert taken(item.model_copy(update={"action": "block", "waived_by": "dana"})) == "flagged"


@pytest.mark.parametrize("blocked", [True, False])
def test_sarif_is_as_its_schema_says(make_view: View, blocked: bool) -> None:
    log = json.loads(SARIF.render(placed(make_view(blocked))))
    jsonschema.validate(log, SARIF_SCHEMA)
    (run,) = log["runs"]
    rules = [rule["id"] for rule in run["tool"]["driver"]["rules"]]
    assert len(set(rules)) == len(rules)
    assert all(rules[row["ruleIndex"]] == row["ruleId"] for row in run["results"])
    prints = [row["partialFingerprints"]["ftsafetyFinding/v1"] for row in run["results"]]
    assert len(set(prints)) == len(prints)
    assert bool(run["results"]) == blocked


def test_an_alert_keeps_its_fingerprint_when_only_figures_change(make_view: View) -> None:
    view = placed(make_view())
    findings = tuple(
        item.model_copy(update={"sentence": "Other figures."}) if item.cell else item for item in view.verdict.findings
    )
    other = replace(view, verdict=view.verdict.model_copy(update={"findings": findings}))
    prints = [[row["partialFingerprints"] for row in results(item)] for item in (view, other)]
    assert prints[0] == prints[1]


def test_the_severest_level_is_that_of_the_decision(make_view: View) -> None:
    levels = Counter(row["level"] for row in results(placed(make_view())))
    assert levels["error"] >= 2 and levels["warning"] >= 1 and levels["note"] >= 1
    pending = make_view()
    pending = replace(pending, verdict=pending.verdict.model_copy(update={"decision": "pending"}))
    assert results(pending)[0]["level"] == "warning"


def test_findings_lead_to_the_most_specific_line_of_the_users_files(make_view: View) -> None:
    view = placed(make_view())
    finding = {item.rule: item for item in view.verdict.findings}
    assert line_of(view, finding["category"]) == Line("policies/acme.yaml", 12, 5)
    assert line_of(view, finding["bands"]) == Line("specs/support-bot.yaml", 6, 3), "a built-in line is nobody's"
    assert line_of(view, finding["sufficient"]) == verdict_line(view) == Line("specs/support-bot.yaml", 3, 9)
    waived = finding["refusal-by-area"].model_copy(update={"waived_by": "dana"})
    assert line_of(view, waived) == Line("specs/support-bot.yaml", 30, 3)
    task = next(cell.id for cell in view.comparison.cells if cell.by == "task" and cell.of == "domain.fraud")
    assert line_of(view, finding["category"].model_copy(update={"cell": task})) == Line(
        "specs/suites/domain.yaml", 9, 12
    )


def test_lines_are_those_of_the_repository_where_the_project_is_a_folder_of_it(make_view: View) -> None:
    view = placed(make_view(), prefix="evals/bot")
    assert verdict_line(view) == Line("evals/bot/specs/support-bot.yaml", 3, 9)
    assert all(" file=" not in line or "file=evals/bot/" in line for line in workflow_commands(view))


def test_lines_of_another_policy_are_never_taken_for_those_of_the_one_that_judged(make_view: View) -> None:
    view = placed(make_view())
    used = view.verdict.policy.model_copy(update={"name": "other"})
    view = replace(view, verdict=view.verdict.model_copy(update={"policy": used}))
    finding = next(item for item in view.verdict.findings if item.rule == "category")
    assert line_of(view, finding) == Line("specs/support-bot.yaml", 6, 3)


def test_a_value_that_an_override_gave_has_no_line(make_view: View) -> None:
    view = placed(make_view())
    origins = {**view.locked.origins, "policy": Origin(override=1)}
    view = replace(view, locked=view.locked.model_copy(update={"origins": origins}))
    assert verdict_line(view) == Line("specs/support-bot.yaml", 1, 8)


def test_a_run_without_places_is_annotated_without_them(make_view: View) -> None:
    text = GITHUB.render(make_view())
    assert text.startswith("::error title=support-bot%3A No-go::No-go: must not be deployed.")
    assert "file=" not in text
    assert all("locations" not in row for row in results(make_view()))


def test_the_decision_comes_first_and_no_kind_is_more_than_github_shows(make_view: View) -> None:
    view = placed(make_view())
    many = view.verdict.model_copy(update={"findings": view.verdict.findings * 12})
    lines = workflow_commands(replace(view, verdict=many))
    kinds = Counter(line.split(" ")[0] for line in lines)
    assert kinds == {"::error": MOST, "::warning": MOST, "::notice": MOST}
    assert "No-go: must not be deployed" in lines[0]
    assert workflow_commands(make_view(blocked=False))[0].startswith("::notice ")


def test_the_step_summary_has_the_decision_the_figures_and_no_texts(make_view: View) -> None:
    text = summary(make_view(answer=lambda _: "an answer that must not be in it"))
    assert "No-go: must not be deployed" in text and "What was not tested" in text
    assert "94.1" in text and "78.1" in text
    assert "must not be in it" not in text and "Placeholder prompt" not in text


def test_the_model_card_has_measured_rates_n_intervals_and_what_no_evaluation_can_show(make_view: View) -> None:
    text = MODELCARD.render(make_view())
    _, front, body = text.split("---\n", 2)
    (entry,) = yaml.safe_load(front)["model-index"]
    assert entry["name"] == "support-bot/tuned"
    overall = entry["results"][0]
    assert overall["dataset"]["name"] == "all prompts of support-bot"
    refusal = next(item for item in overall["metrics"] if item["type"] == "refusal")
    assert refusal["value"] == pytest.approx(0.781)
    for part in ("78.1 %, base 94.1 %", "worse than base by 17.0 % [", " at 95 %; n = 365 prompts"):
        assert part in refusal["name"]
    names = {result["dataset"]["name"]: result["dataset"]["type"] for result in entry["results"]}
    assert names["core.basics"] == "ftsafety/basics" and names["domain.fraud"] == "ftsafety/own-prompts"
    assert "no evaluation can show that a tuned model is safe" in body
    assert "No-go: must not be deployed" in body and "Not measured" in body


def test_the_hub_reads_the_model_card(make_view: View) -> None:
    hub = pytest.importorskip("huggingface_hub", reason="comes with transformers")
    card = hub.ModelCard(MODELCARD.render(make_view()))
    found = [item for item in card.data.eval_results if item.metric_type == "refusal"]
    assert {item.dataset_type for item in found} == {"ftsafety/all", "ftsafety/basics", "ftsafety/own-prompts"}
    assert all(0 <= item.metric_value <= 1 for item in found)


def test_no_variant_of_a_stack_that_is_not_deployed_is_on_the_card(make_view: View) -> None:
    assert "support-bot/cards" not in MODELCARD.render(make_view())


@pytest.mark.parametrize("renderer", [JUNIT, SARIF, GITHUB, MODELCARD], ids=lambda item: str(item.name))
@pytest.mark.parametrize("blocked", [True, False])
def test_no_format_for_others_holds_a_prompt_or_an_answer(make_view: View, renderer: Any, blocked: bool) -> None:
    text = renderer.render(make_view(blocked, answer=lambda _: "an answer that must not be in the file"))
    assert "must not be in the file" not in text and "Placeholder" not in text
