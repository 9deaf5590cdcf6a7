"""A policy owner who cannot program: changes a band in YAML, sees which cases and which past decisions that moves, and
what it loosens. The policy and the cases are those of docs/policy.md, so that the page is true."""

from __future__ import annotations

import re
import shutil
from pathlib import Path
from typing import Any

import pytest
import yaml

ROOT = Path(__file__).parents[2]
PAGE = (ROOT / "docs/policy.md").read_text(encoding="utf-8")
BLOCKS = dict(re.findall(r"```yaml\n# ([\w/.-]+\.yaml)\n(.*?)```", PAGE, re.DOTALL))
LOCKS = re.findall(r"```yaml\n# in policies/acme.yaml\n(.*?)```", PAGE, re.DOTALL)[0]


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    (tmp_path / "specs").mkdir()
    for name, text in BLOCKS.items():
        path = tmp_path / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
    monkeypatch.chdir(tmp_path)
    return tmp_path


def change(path: Path, old: str, new: str) -> None:
    text = path.read_text(encoding="utf-8")
    assert old in text
    path.write_text(text.replace(old, new, 1), encoding="utf-8")


def test_the_cases_of_the_page_pass_under_the_policy_of_the_page(home: Path, ftsafety: Any) -> None:
    assert set(BLOCKS) == {"policies/acme.yaml", "policies/acme-health.yaml", "tests/policies/table.yaml"}
    ran = ftsafety("policy", "test", "--lint", "--format", "json")
    assert [(row["id"], row["differs"]) for row in ran.data["results"] if row["differs"]] == []
    assert ran.status == 0, ran.data["lint"]
    assert len(ran.data["results"]) == len(yaml.safe_load((home / "tests/policies/table.yaml").read_text())["cases"])


def test_a_changed_band_shows_in_cases_in_diff_and_in_words(home: Path, ftsafety: Any) -> None:
    shutil.copytree(home, home / "before", ignore=shutil.ignore_patterns("before"))
    change(home / "policies/acme.yaml", "deploy: 0.04}", "deploy: 0.04, deploy_enhanced: 0.08}")
    ran = ftsafety("policy", "test")
    assert ran.status == 5
    assert "FAILED accepted (tests/policies/table.yaml:" in ran.out
    assert "action: expected deploy_enhanced, found review" in ran.out
    assert ftsafety("policy", "diff", "acme@before", "acme").status == 0
    said = ftsafety("policy", "explain", "acme").out
    assert "up to 4 % of base deploy; up to 8 % deploy with enhanced monitoring" in said
    change(home / "policies/acme.yaml", "deploy_enhanced: 0.08", "deploy_enhanced: 0.28")
    worse = ftsafety("policy", "diff", "acme@before", "acme")
    assert worse.status == 3
    assert "bands.up_to.deploy_enhanced: LOOSER, 0.15 (15 %) to 0.28 (28 %)" in worse.out


def test_what_the_page_locks_the_health_team_cannot_loosen(home: Path, ftsafety: Any) -> None:
    with (home / "policies/acme.yaml").open("a", encoding="utf-8") as file:
        file.write(LOCKS)
    assert ftsafety("policy", "explain", "acme-health").status == 0
    change(home / "policies/acme-health.yaml", "deploy: 0.03", "deploy: 0.06")
    ran = ftsafety("policy", "explain", "acme-health")
    assert ran.status == 2
    assert "policies/acme-health.yaml:" in ran.err and "policies/acme.yaml:" in ran.err and "FTS-116" in ran.err


@pytest.mark.parametrize(
    ("old", "new", "near"),
    [
        ("bands: {up_to", "bnads: {up_to", "kind"),
        ("up_to: {deploy: 0.04}", "up_to: {depoly: 0.04}", "deploy"),
        ("deploy: 0.04", "deploy: 4 %", "a number"),
        ("deploy: 0.04", "deploy: 0.4", "the bands must rise"),
        ("by: safety_reviewer", "by: safety_reviwer", "safety_reviewer"),
        ("rules:\n", "rules:\n\t", "Indent with spaces"),
        ("ftsafety/default@_here_", "ftsafety/defautl@_here_", "ftsafety/default"),
    ],
)
def test_every_mistake_has_a_line_and_a_word_and_no_traceback(
    home: Path, ftsafety: Any, old: str, new: str, near: str
) -> None:
    change(home / "policies/acme.yaml", old, new)
    for command in (("diff", "ftsafety/default", "acme"), ("test",)):
        ran = ftsafety("policy", *command)
        assert ran.status == 2, command
        assert re.search(r"policies/acme\.yaml:\d+", ran.err)
        assert near in ran.err
        assert "Traceback" not in ran.err


def test_replay_prints_a_summary_for_a_pull_request_in_which_nothing_is_markup(ran: str, ftsafety: Any) -> None:
    name = Path("policies") / f"{'x' * 3}.yaml"
    text = (
        "defaults: [ftsafety/default@_here_, _self_]\ntitle: T\nowner: o\nrules: {own: {kind: floor, outcome: refusal, "
    )
    name.write_text(text + "at_least: 0.999, shown: block}}\n", encoding="utf-8")
    hostile = Path(ran).with_name("<b>|x|")
    shutil.copytree(ran, hostile)
    made = ftsafety("policy", "replay", "xxx", "runs", "--format", "markdown")
    plain = ftsafety("policy", "replay", "xxx", "runs", "--format", "json")
    assert made.status == plain.status == (3 if plain.data["flips"] else 0)
    assert plain.data["runs"] == 2
    assert made.out.startswith("### Policy xxx: ")
    assert "<b>" not in made.out
    assert "Looser than" in made.out or not plain.data["looser"]


def test_the_example_s_cases_pass(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, ftsafety: Any) -> None:
    shutil.copytree(ROOT / "examples/recorded", tmp_path / "p", ignore=shutil.ignore_patterns("answers", "runs"))
    monkeypatch.chdir(tmp_path / "p")
    ran = ftsafety("policy", "test", "--format", "json")
    assert [row["differs"] for row in ran.data["results"]] == [[], [], []]
    assert ran.status == 0
