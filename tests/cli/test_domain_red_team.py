"""A spec with `domain:` and `red_team: {domain: {}}`, from its check to findings and report, on a local server whose
tuned model fails in one category of the domain (R-25, R-33)."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from support.local_api import COMPLIANCE, REFUSAL, LocalApi

from ftsafety_spec.probes.domain import load
from ftsafety_spec.spec.red_team import Domain

SPEC = """title: A clinic's bot
owner: a@b.example
policy: ftsafety/default
models:
  base: {provider: place, model: base}
  tuned: {provider: place, model: clinic, deploy: true}
domain:
  name: medicine
  description: Answers for patients of a clinic
  prompts: {ours: prompts/ours.jsonl}
red_team:
  domain: {probes: 120, nearest: false}
suites:
  few: {title: Few, revised: 2026-11-01, tasks: {basics: {benchmark: ftsafety/basics, limit: 12}}}
"""
OURS = [
    {"id": f"o{n}", "prompt": f"Own placeholder request {n}", "category": "records", "area": "privacy"} for n in (1, 2)
]


MEDICINE = load(None, domain=Domain(name="medicine", description="care"), nearest=False, probes=200)
RECORDS = {prompt.text for prompt in MEDICINE if prompt.category == "records"}


def failing_in_records(model: str, prompt: str) -> str:
    """Both refuse everything, but the tuned one nothing about records."""
    return COMPLIANCE.format(number=1) if model == "clinic" and prompt in RECORDS else REFUSAL


@pytest.fixture
def clinic(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("FTSAFETY_DATA", raising=False)
    monkeypatch.setenv("PLACE_KEY", "placeholder")
    for folder in ("specs", "providers", "prompts"):
        (tmp_path / folder).mkdir()
    (tmp_path / "specs" / "clinic.yaml").write_text(SPEC, encoding="utf-8")
    (tmp_path / "prompts" / "ours.jsonl").write_text("\n".join(map(json.dumps, OURS)), encoding="utf-8")
    write_provider(tmp_path, "http://127.0.0.1:9/v1")
    return tmp_path


def write_provider(root: Path, url: str) -> None:
    said = (
        f"title: t\nkind: openai_compatible\nbase_url: {url}\napi_key_env: PLACE_KEY\nprices: {{input: 1, output: 1}}\n"
    )
    (root / "providers" / "place.yaml").write_text(said, encoding="utf-8")


@pytest.mark.usefixtures("clinic")
def test_the_plan_shows_what_of_the_domain_is_covered(ftsafety: Any) -> None:
    done = ftsafety("plan", "clinic")
    assert done.status == 0, done.err
    assert "category of the domain" in done.out and "built-in 9, own 2, template 13" in done.out
    assert "privacy: 23 prompts, 20 asked by sufficient: met" in done.out
    coverage = ftsafety("plan", "clinic", "--format", "json").data["domain"]
    rows = {row["category"]: row for row in coverage["categories"]}
    assert rows["records"]["origins"]["own"] == 2 and sum(row["prompts"] for row in rows.values()) == 120
    assert {row["met"] for row in coverage["areas"]} == {True}


@pytest.mark.usefixtures("clinic")
def test_prompt_files_of_the_domain_have_to_be_there(ftsafety: Any) -> None:
    assert ftsafety("show", "clinic").status == 0
    done = ftsafety("show", "clinic", "domain.prompts.more=prompts/mroe.jsonl")
    assert done.status == 2 and "domain.prompts.more" in done.err and "FTS-111" in done.err


@pytest.mark.usefixtures("clinic")
def test_training_data_for_the_vocabulary_has_to_be_there(ftsafety: Any) -> None:
    more = ("training.data.notes.path=data/notes.jsonl", "domain.training_data=notes")
    done = ftsafety("show", "clinic", *more)
    assert done.status == 2 and "domain.training_data" in done.err and "FTS-111" in done.err


@pytest.mark.usefixtures("clinic")
def test_a_mistyped_probe_is_named_before_anything_runs(ftsafety: Any) -> None:
    done = ftsafety("show", "clinic", "suites.few.tasks.more.probe=ftsafety/domian")
    assert done.status == 2 and "Did you mean ftsafety/domain" in done.err and "FTS-104" in done.err
    assert ftsafety("show", "clinic", "suites.few.tasks.more.probe=other_package/thing").status == 0


@pytest.mark.usefixtures("clinic")
def test_an_unknown_domain_says_what_to_add(ftsafety: Any) -> None:
    done = ftsafety("plan", "clinic", "domain.name=medicne", "~domain.prompts")
    assert done.status == 2 and "Did you mean medicine" in done.err and "domain.vocabulary" in done.err


def test_a_run_finds_the_category_and_says_so_in_findings_and_report(clinic: Path, ftsafety: Any) -> None:
    with LocalApi(answer=failing_in_records) as api:
        write_provider(clinic, api.base_url)
        done = ftsafety("run", "clinic", "--format", "json")
    assert done.status in (3, 10), done.err
    found = ftsafety("redteam", "findings", done.data["run"], "--format", "json").data
    (report,) = [item for item in found["reports"] if item["search"]["focus"] == "domain"]
    assert {(f["category"], f["state"], f["severity"]) for f in report["findings"]} == {
        ("records", "confirmed", "high")
    }
    assert report["search"]["coverage"]["records"] >= 20
    page = next(Path(path) for path in done.data["reports"] if path.endswith(".md")).read_text(encoding="utf-8")
    assert "The domain medicine, by category" in page and "Which minimum they meet" in page
    shown = done.out + done.err + json.dumps(found)
    assert [prompt.id for prompt in MEDICINE if prompt.text in shown] == []


@pytest.mark.parametrize("template", ["llamacpp", "local", "openai", "recorded"])
def test_the_commented_blocks_of_a_new_project_compose(
    template: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, ftsafety: Any
) -> None:
    monkeypatch.chdir(tmp_path)
    assert ftsafety("init", "--template", template).status == 0
    spec = tmp_path / "specs" / "first.yaml"
    before, begun, rest = spec.read_text(encoding="utf-8").partition("# domain:")
    block, after = rest.split("\n\n", 1)
    lines = [line.removeprefix("# ") for line in (begun + block).splitlines()]
    spec.write_text(before + "\n".join(lines) + "\n\n" + after, encoding="utf-8")
    done = ftsafety("show", "first", "--format", "json")
    assert done.status == 0, done.err
    assert done.data["spec"]["domain"]["name"] == "customer_service"
    assert ("red-team" in done.data["spec"]["suites"]) == (template != "recorded")


def test_the_blocks_of_the_page_compose(clinic: Path, ftsafety: Any) -> None:
    page = (Path(__file__).resolve().parents[2] / "docs" / "spec.md").read_text(encoding="utf-8")
    blocks = page.split("## Domain and red team")[1].split("```yaml\n")[1].split("```")[0]
    kept = SPEC.split("domain:")[0] + SPEC[SPEC.index("suites:") :]
    training = "training: {data: {notes: {path: data/notes.jsonl}}}\n"
    (clinic / "specs" / "clinic.yaml").write_text(kept + training + blocks, encoding="utf-8")
    (clinic / "data").mkdir()
    for name in ("data/notes.jsonl", "prompts/clinic.jsonl"):
        (clinic / name).write_text('{"prompt": "Placeholder"}\n', encoding="utf-8")
    done = ftsafety("show", "clinic", "--format", "json")
    assert done.status == 0, done.err
    task = done.data["spec"]["suites"]["red-team"]["tasks"]["domain"]
    assert task["args"] == {"nearest": True, "training_file": "data/notes.jsonl"}
