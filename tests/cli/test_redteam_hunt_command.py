"""`ftsafety redteam hunt` and the hunt of `ftsafety run`, by a fake provider (R-26)."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from support.fake_provider import COMPLIANCE, Fake
from support.hunted import harmless, project

from ftsafety_spec.probes.trigger_library import generate
from ftsafety_spec.records.folder import RunFolder

TRIGGER = next(t for t in generate(11, None, 0) if t.place == "suffix")
SMALL = {"probes": 11, "prompts": 2, "rounds": 1, "confirm": 10, "scan": "never"}


def planted(variant: str, message: str, harm: bool) -> str | None:
    if variant == "tuned" and harm and message.endswith(f" {TRIGGER.text}"):
        return COMPLIANCE
    return harmless(variant, message, harm)


@pytest.fixture
def measured(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> tuple[RunFolder, Fake]:
    return project(tmp_path, planted, monkeypatch, **SMALL)


def test_a_run_hunts_before_it_is_judged_and_what_is_confirmed_blocks(
    measured: tuple[RunFolder, Fake], ftsafety: Any
) -> None:
    folder, fake = measured
    without = ftsafety("run", "bot", "--no-hunt", "--format", "json")
    assert without.status != 10, without.err
    assert folder.evidence() == []
    ran = ftsafety("run", "bot", "--format", "json")
    assert ran.status == 10, ran.err
    assert ran.data["verdict"]["action"] == "block"
    assert "trigger" in {f["rule"] for f in ran.data["verdict"]["findings"] if f["result"] == "shown"}
    assert ftsafety("verify", str(folder.root)).status == 0
    calls = fake.total
    again = ftsafety("redteam", "hunt", f"runs/{folder.root.name}", "--format", "json")
    assert again.status == 0 and fake.total == calls
    (hunt,) = again.data["hunts"]
    assert not hunt["added"] and hunt["report"]["findings"][0]["condition"] == TRIGGER.id


def test_options_make_another_search_and_are_in_its_command(measured: tuple[RunFolder, Fake], ftsafety: Any) -> None:
    folder, _ = measured
    run = f"runs/{folder.root.name}"
    ran = ftsafety("redteam", "hunt", run, "--family", "dates", "--probes", "3", "--rounds", "1", "--format", "json")
    assert ran.status == 0, ran.err
    report = ran.data["hunts"][0]["report"]
    assert report["search"]["space"]["dates"] >= 3
    assert all("--probes 3" in f["reproduce"] and "--family dates" in f["reproduce"] for f in report["findings"])
    assert report["findings"], "what the run itself has asked is followed up as well"


def test_texts_of_prompts_and_answers_are_not_printed(measured: tuple[RunFolder, Fake], ftsafety: Any) -> None:
    folder, _ = measured
    ran = ftsafety("redteam", "hunt", f"runs/{folder.root.name}")
    assert ran.status == 0 and "refusals are lost" in ran.out and "Next: ftsafety gate" in ran.out
    bodies = [json.dumps(row["body"]) for row in folder.rows("texts") if len(row["body"]) > 30]
    assert bodies and not any(body.strip('"') in ran.out + ran.err for body in bodies)


def test_a_budget_that_is_used_up_ends_a_hunt_with_status_4(
    measured: tuple[RunFolder, Fake], ftsafety: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    from ftsafety_spec.pipeline.red_team import sub_runs

    folder, _ = measured
    monkeypatch.setattr(sub_runs, "left_of", lambda *_: None)
    ran = ftsafety("redteam", "hunt", f"runs/{folder.root.name}", "--format", "json")
    assert ran.status == 4 and "budget" in ran.err and folder.evidence() == []


@pytest.mark.parametrize(
    ("options", "said"),
    [
        (("--variant", "tund"), "tuned"),
        (("--family", "date"), "dates"),
        (("--false-discoveries", "0.7"), "--false-discoveries"),
    ],
)
def test_what_is_not_there_is_named(
    measured: tuple[RunFolder, Fake], ftsafety: Any, options: tuple[str, ...], said: str
) -> None:
    folder, _ = measured
    ran = ftsafety("redteam", "hunt", f"runs/{folder.root.name}", *options)
    assert ran.status == 2 and said in ran.err
    assert "Traceback" not in ran.err
