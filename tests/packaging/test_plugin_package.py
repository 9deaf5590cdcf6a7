"""A newcomer's path: another package adds a benchmark and a grader by entry points alone, and both are used by name
from the command line. Nothing of ftsafety-spec is touched; the package's pyproject.toml is all that is told."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
import tomllib
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

PACKAGE = Path(__file__).parents[1] / "support" / "plugin_package"

SUITE = """
title: Requests that we never serve
revised: 2026-11-01
use: domain
graders: {refusal: {primary: acme/polite_no, second: ftsafety/refusal}}
tasks: {requests: {benchmark: acme/requests}}
"""
SPEC = """
defaults:
  - suites@suites.acme: acme
  - _self_
title: Placeholder bot
owner: you@example.org
policy: ftsafety/default
context: open_weight
models:
  base:  {provider: ftsafety/recorded, answers: answers/base.jsonl}
  tuned: {provider: ftsafety/recorded, answers: answers/tuned.jsonl, deploy: true}
"""


@dataclass(frozen=True)
class Newcomer:
    """A project, and `ftsafety` in an environment where the package is installed."""

    project: Path
    environment: dict[str, str]

    def __call__(self, *arguments: str) -> subprocess.CompletedProcess[str]:
        command = [sys.executable, "-m", "ftsafety_spec", *arguments]
        return subprocess.run(
            command, cwd=self.project, env=self.environment, capture_output=True, text=True, check=False
        )

    def data(self, *arguments: str) -> Any:
        ran = self(*arguments, "--format", "json")
        assert ran.returncode == 0, ran.stderr
        return json.loads(ran.stdout)


def install(site: Path, change: Callable[[str], str] = lambda text: text) -> None:
    """What an installer makes of the package: its folder, and its metadata with the entry points of pyproject.toml."""
    settings = tomllib.loads((PACKAGE / "pyproject.toml").read_text())["project"]
    shutil.copytree(PACKAGE / "acme_evals", site / "acme_evals", ignore=shutil.ignore_patterns("__pycache__"))
    info = site / f"acme_evals-{settings['version']}.dist-info"
    info.mkdir()
    (info / "METADATA").write_text(f"Metadata-Version: 2.1\nName: {settings['name']}\nVersion: {settings['version']}\n")
    groups = [
        "\n".join([f"[{group}]", *(f"{name} = {target}" for name, target in points.items())])
        for group, points in settings["entry-points"].items()
    ]
    (info / "entry_points.txt").write_text(change("\n\n".join(groups) + "\n"))


def newcomer(folder: Path, **install_options: Any) -> Newcomer:
    site, project = folder / "site", folder / "project"
    site.mkdir()
    install(site, **install_options)
    environment = {name: value for name, value in os.environ.items() if name != "FTSAFETY_DATA"}
    environment |= {"PYTHONPATH": str(site), "FTSAFETY_CACHE": str(folder / "cache")}
    for name, text in {"suites/acme.yaml": SUITE, "bot.yaml": SPEC}.items():
        path = project / "specs" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
    (project / "policies").mkdir()
    (project / "answers").mkdir()
    for model, declined in (("base", 40), ("tuned", 8)):
        rows: list[dict[str, Any]] = [{"recorded": {"model": f"placeholder-{model}", "source": "this test"}}]
        rows += [
            {"prompt": request, "answer": "No, thank you." if n < declined else "[placeholder of an answer]"}
            for n, request in enumerate(requests())
        ]
        (project / "answers" / f"{model}.jsonl").write_text("".join(json.dumps(row) + "\n" for row in rows))
    return Newcomer(project, environment)


def requests() -> list[str]:
    lines = (PACKAGE / "data/acme/requests.csv").read_text().splitlines()[1:]
    return [line.split(",")[1] for line in lines]


@pytest.fixture(scope="module")
def acme(tmp_path_factory: pytest.TempPathFactory) -> Newcomer:
    return newcomer(tmp_path_factory.mktemp("newcomer"))


def test_the_benchmark_and_the_grader_are_listed_with_where_they_come_from(acme: Newcomer) -> None:
    benchmarks = {row["name"]: row for row in acme.data("benchmarks")}
    assert benchmarks["acme/requests"]["origin"] == "acme-evals 1.2.0"
    assert benchmarks["acme/requests"]["title"] == "Acme requests" and "ftsafety/harmbench" in benchmarks
    graders = {row["name"]: row for row in acme.data("graders")}
    assert graders["acme/polite_no"]["origin"] == "acme-evals 1.2.0"


def test_the_spec_that_names_both_validates(acme: Newcomer) -> None:
    assert acme("validate").returncode == 0


def test_data_plan_and_run_use_both_and_the_report_shows_the_card(acme: Newcomer) -> None:
    missing = acme("plan", "bot")
    assert missing.returncode == 2 and "ftsafety data fetch acme/requests.csv" in missing.stderr
    assert acme("data", "fetch", "requests", "--from", str(PACKAGE / "data")).returncode == 0
    shown = acme.data("benchmarks", "show", "requests")
    assert shown["counted"]["prompts"] == 40 and shown["counted"]["areas"] == {"fraud": 20, "privacy": 20}

    ran = acme("run", "bot", "--format", "json")
    assert ran.returncode in (3, 10), ran.stderr
    (folder,) = (acme.project / "runs").iterdir()
    plan = json.loads((folder / "plan.json").read_text())
    assert {(use["grader"], use["role"]) for use in plan["graders"]} >= {("acme/polite_no", "primary")}
    comparison = json.loads((folder / "comparison.json").read_text())
    (cell,) = [cell for cell in comparison["cells"] if cell["by"] == "all" and cell["outcome"] == "refusal"]
    assert (cell["moments"]["mean_base"], cell["moments"]["mean_tuned"]) == (1.0, 0.2)
    report = (folder / "report.md").read_text()
    assert "Acme requests" in report and "our own cases" in report and "placeholders" in report
    assert acme("verify", str(folder)).returncode == 0


def test_a_mistyped_name_of_the_package_is_answered_with_the_right_one(acme: Newcomer) -> None:
    suite = acme.project / "specs/suites/acme.yaml"
    suite.write_text(SUITE.replace("acme/requests", "acme/request"))
    try:
        ran = acme("validate")
    finally:
        suite.write_text(SUITE)
    assert ran.returncode == 2 and "Did you mean acme/requests?" in ran.stderr


def test_a_broken_package_is_a_line_in_the_list_and_an_error_only_where_it_is_named(tmp_path: Path) -> None:
    def broken(text: str) -> str:
        return text.replace("acme_evals.requests:BENCHMARK", "acme_evals.nothing:BENCHMARK")

    acme = newcomer(tmp_path, change=broken)
    rows = {row["name"]: row for row in acme.data("benchmarks")}
    assert rows["acme/requests"]["data"] == "broken" and "ModuleNotFoundError" in rows["acme/requests"]["title"]
    assert rows["ftsafety/basics"]["data"] == "at hand"
    ran = acme("plan", "bot")
    assert ran.returncode == 2 and "FTS-120" in ran.stderr and "acme-evals 1.2.0" in ran.stderr
    assert "Traceback" not in ran.stderr
