"""R-30: a run stops itself at its budget, is judged on what it has, and goes on where it was with a larger one."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from support.local_api import LocalApi, of_the_run

from ftsafety_spec.measure import canaries

PROMPTS = 40
SPEC = """defaults: [suites@suites.own: own, _self_]
title: Within a budget
owner: o
policy: ftsafety/default
budget: {usd: 0.01}
models:
  base:  {provider: paid, model: base-1}
  tuned: {provider: paid, model: tuned-1, deploy: true}
"""


@pytest.fixture
def api() -> Iterator[LocalApi]:
    with LocalApi(delay=0.01) as server:
        yield server


@pytest.fixture
def paid(tmp_path: Path, api: LocalApi, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A project whose answers cost money."""
    for folder in ("specs/suites", "providers"):
        (tmp_path / folder).mkdir(parents=True)
    (tmp_path / "specs/paid.yaml").write_text(SPEC)
    (tmp_path / "specs/suites/own.yaml").write_text(
        "title: own\nrevised: 2026-11-01\ngraders: {refusal: {primary: ftsafety/refusal}}\n"
        "tasks: {own: {prompts: own.jsonl, kind: harmful, area: fraud}}\n"
    )
    (tmp_path / "providers/paid.yaml").write_text(
        f"title: paid\nkind: openai_compatible\nbase_url: {api.base_url}\nconcurrency: 2\n"
        "prices: {input: 30, output: 60}\n"
    )
    rows = [{"id": f"p{n}", "prompt": f"Placeholder request number {n}."} for n in range(PROMPTS)]
    (tmp_path / "own.jsonl").write_text("".join(json.dumps(row) + "\n" for row in rows))
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("FTSAFETY_DATA", raising=False)
    monkeypatch.setattr(canaries, "PROMPTS", canaries.PROMPTS[:1])
    return tmp_path


def paired(folder: str) -> int:
    return int(json.loads((Path(folder) / "comparison.json").read_text())["pairing"][0]["paired"])


def spent(folder: str) -> float:
    rows = (Path(folder) / "journal/sessions.jsonl").read_text().splitlines()
    return sum(float(json.loads(row)["usd"]) for row in rows)


def test_a_run_cut_by_its_budget_is_judged_on_what_it_has_and_goes_on(paid: Path, api: LocalApi, ftsafety: Any) -> None:
    cut = ftsafety("run", "paid", "--format", "json")
    assert paid.exists() and cut.status == 3, cut.err
    assert "the budget is used up: judged on what is there" in cut.err
    verdict, folder = cut.data["verdict"], cut.data["run"]
    asked = of_the_run(api.answered)
    assert 4 < asked < 2 * PROMPTS and 0 < paired(folder) < PROMPTS
    assert 0.01 < spent(folder) < 0.02, "what was in flight is all that goes beyond"
    assert verdict["action"] == "insufficient" and verdict["decision"] == "pending"
    minimum = next(item for item in verdict["missing"] if item["need"] == "paired")
    assert minimum["found"] <= paired(folder) < minimum["asked"]
    assert ftsafety("verify", folder).status == 0

    again = ftsafety("run", "paid", "--format", "json")
    assert again.status == 3 and of_the_run(api.answered) == asked, "the budget counts all sessions"

    more = ftsafety("run", "paid", "budget.usd=5", "--format", "json")
    assert more.status == 3 and "judged on what is there" not in more.err
    assert paired(more.data["run"]) == PROMPTS
    assert of_the_run(api.answered) == 2 * PROMPTS, "nothing is asked twice"
