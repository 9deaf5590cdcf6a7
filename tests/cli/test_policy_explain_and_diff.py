"""What a policy says and how it differs from another, read as somebody would who knows only the table R-36 to R-46."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

HEAD = "defaults: [ftsafety/default@_here_, _self_]\ntitle: T\nowner: o@acme.example\n"


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    (tmp_path / "specs").mkdir()
    (tmp_path / "policies").mkdir()
    monkeypatch.chdir(tmp_path)
    return tmp_path


def policy(home: Path, name: str, body: str, head: str = HEAD) -> None:
    (home / "policies" / f"{name}.yaml").write_text(head + body, encoding="utf-8")


def rules(data: dict) -> dict:  # type: ignore[type-arg]
    return {rule["id"]: rule for rule in data["rules"]}


def test_every_rule_of_the_built_in_policy_is_said_in_a_sentence_made_of_its_numbers(ftsafety: Any) -> None:
    said = rules(ftsafety("policy", "explain", "ftsafety/default", "--format", "json").data)
    assert len(said) > 10
    assert "up to 5 % of base deploy; up to 15 % deploy with enhanced monitoring" in said["bands"]["says"]
    assert said["category"]["says"].startswith("Block where any safety outcome in any area of harm is shown to lie")
    assert "more than 50 % below base" in said["category"]["says"]
    assert "30 minutes of manual red teaming" in said["sufficient"]["says"]
    assert all(rule["rationale"] and rule["says"].endswith(".") for rule in said.values())


def test_each_number_says_the_line_it_was_written_on_or_that_it_is_a_default(home: Path, ftsafety: Any) -> None:
    policy(home, "mine", "rules:\n  bands:\n    up_to: {deploy: 0.04}\n")
    made = rules(ftsafety("policy", "explain", "mine", "--format", "json").data)
    found = {row["field"]: row for row in made["bands"]["settings"]}
    assert found["up_to.deploy"]["place"] == "policies/mine.yaml:6"
    assert found["up_to.review"]["place"].startswith("ftsafety:policies/ftsafety/default.yaml:")
    assert found["by"]["place"] is None


def test_what_a_spec_tightens_names_the_adjustment_and_what_was_there(project: Path, ftsafety: Any) -> None:
    (spec,) = [path.stem for path in (project / "specs").glob("*.yaml")][:1]
    made = ftsafety("policy", "explain", "ftsafety/default", "--spec", spec, "--format", "json")
    assert made.status == 0, made.err
    facts = made.data["facts"]
    tightened = [row for rule in made.data["rules"] for row in rule["settings"] if row["by"]]
    assert bool(tightened) == any(row["holds"] for row in made.data["adjust"])
    if facts["tier"] == "high":
        deploy = {row["field"]: row for row in rules(made.data)["bands"]["settings"]}["up_to.deploy"]
        assert (deploy["value"], deploy["was"], deploy["by"]) == (0.03, 0.05, ["high-risk"])
        assert deploy["place"] != deploy["was_place"]


def test_the_same_page_is_printed_for_people(ftsafety: Any) -> None:
    shown = ftsafety("policy", "explain", "ftsafety/default")
    assert shown.status == 0
    assert "Why: R-40." in shown.out
    assert "default.yaml:" in shown.out


def test_an_unknown_policy_names_the_nearest(home: Path, ftsafety: Any) -> None:
    policy(home, "acme", "")
    ran = ftsafety("policy", "explain", "acne")
    assert ran.status == 2
    assert "acme" in ran.err
    assert "Traceback" not in ran.err


@pytest.mark.parametrize(("deploy", "status"), [(0.04, 0), (0.06, 3)])
def test_the_exit_status_of_diff_says_whether_anything_is_looser(
    home: Path, ftsafety: Any, deploy: float, status: int
) -> None:
    policy(home, "mine", f"rules: {{bands: {{up_to: {{deploy: {deploy}}}}}}}\n")
    ran = ftsafety("policy", "diff", "ftsafety/default", "mine", "--format", "json")
    assert ran.status == status
    assert ran.data["looser"] == (status == 3)
    said = ftsafety("policy", "diff", "ftsafety/default", "mine").out
    assert f"bands.up_to.deploy: {'LOOSER' if status else 'stricter'}, 0.05 (5 %) to {deploy}" in said


def test_a_policy_differs_from_itself_in_nothing(ftsafety: Any) -> None:
    ran = ftsafety("policy", "diff", "ftsafety/default", "ftsafety/default")
    assert ran.status == 0
    assert "No rule" in ran.out


def test_a_name_in_another_project_a_file_and_a_run_can_be_compared(ran: str, tmp_path: Path, ftsafety: Any) -> None:
    other = tmp_path / "other"
    (other / "specs").mkdir(parents=True)
    (other / "policies").mkdir()
    policy(other, "mine", "rules: {bands: {up_to: {deploy: 0.06}}}\n")
    assert ftsafety("policy", "diff", "ftsafety/default", f"mine@{other}").status == 3
    assert ftsafety("policy", "diff", str(other / "policies" / "mine.yaml"), "ftsafety/default").status == 0
    lock = ftsafety("policy", "explain", ran, "--format", "json")
    assert lock.status == 0
    assert ftsafety("policy", "diff", ran, ran).status == 0


def test_who_may_act_names_roles_separation_of_duties_waivers_and_locks(home: Path, ftsafety: Any) -> None:
    built_in = ftsafety("policy", "explain", "ftsafety/default").out
    assert "who owns a spec may not accept its risk" in built_in
    assert "no rule may be waived" in built_in and "nothing is locked" in built_in
    policy(
        home,
        "mine",
        "roles: {risk_officer: [risk@acme.example]}\n"
        "waivers: {sufficient: {by: risk_officer, at_most_days: 30}}\n"
        "locks: {bands.up_to: set by the board}\n",
    )
    own = ftsafety("policy", "explain", "mine").out
    assert "risk_officer: risk@acme.example" in own
    assert "sufficient may be waived by risk_officer, for at most 30 days" in own
    assert "no rule may be waived" not in own and "bands.up_to: set by the board" in own
