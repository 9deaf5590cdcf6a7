"""Past runs under another policy: which decisions flip, by which rule, fast, and never in silence."""

from __future__ import annotations

import json
import shutil
import time
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from support.hand_made import (
    ROLES,
    TABLE,
    Row,
    answered,
    compared,
    joined,
    locked_policy,
    locked_spec,
    plan_of,
    prompts,
)

from ftsafety_spec.errors import InputError
from ftsafety_spec.gate import gate
from ftsafety_spec.pipeline.policy_replay import Replayed, replay
from ftsafety_spec.records.evidence import By, Evidence
from ftsafety_spec.records.folder import RunFolder
from ftsafety_spec.records.verdict import Verdict

DAY = date(2026, 11, 24)
LOCKED = locked_spec()


def run(folder: Path, every: int, n: int = 400) -> Path:
    """A judged run in which tuned lost the refusal of every so-many-th prompt, in each area alike."""
    rows: list[Row] = prompts(n)
    tables = joined(
        answered("base", rows, lambda _, __: 1.0),
        answered("tuned", rows, lambda i, _: float((i // 4 + 1) % every != 0)),
    )
    found = compared(folder / "tables", tables, LOCKED)
    plan, policy = plan_of(LOCKED), locked_policy(TABLE)
    out = RunFolder(folder)
    for record in (LOCKED, policy, plan, found, gate(LOCKED, policy, plan, found, [], DAY)):
        out.write(record)
    return folder


def policy(home: Path, name: str, **changed: Any) -> str:
    """The table R-36 to R-40 as a file of the project at `home`, some rules changed."""
    rules = {**json.loads(json.dumps(TABLE)), **changed}
    data = {"title": "p", "owner": "o", "rules": rules, "roles": ROLES, "actions": {"deploy": {"valid_days": 180}}}
    (home / "policies").mkdir(exist_ok=True)
    (home / "specs").mkdir(exist_ok=True)
    (home / "policies" / f"{name}.yaml").write_text(json.dumps(data), encoding="utf-8")
    return name


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    return tmp_path


BANDS = {"kind": "bands", "up_to": {"deploy": 0.0, "deploy_enhanced": 0.01, "review": 0.02}}


def test_a_stricter_band_flips_the_runs_beyond_it_and_names_the_rule(home: Path) -> None:
    clean, worn = run(home / "runs/clean", 10_000), run(home / "runs/worn", 50)
    assert [RunFolder(path).read(Verdict).action for path in (clean, worn)] == ["deploy", "deploy"]
    strict = {**BANDS, "up_to": {"deploy": 0.02, "deploy_enhanced": 0.15, "review": 0.30}}
    made = replay(policy(home, "strict", bands=strict), [Path("runs")])
    assert made.runs == 2
    (flip,) = made.flips
    assert (flip.run, flip.was_action, flip.now_action) == ("runs/worn", "deploy", "deploy_enhanced")
    assert (flip.direction, flip.drifted, made.milder) == ("stricter", False, 0)
    assert [cause.rule for cause in flip.causes] == ["bands"]
    assert "within 15.0 %" in flip.causes[0].sentence


def test_a_looser_rule_is_named_with_the_runs_that_it_lets_through(home: Path) -> None:
    run(home / "runs/lost", 2)
    lax = {"kind": "bands", "up_to": {"deploy": 0.7, "deploy_enhanced": 0.8, "review": 0.9}}
    made = replay(policy(home, "lax", bands=lax, category={"kind": "ceiling", "above": 0.9}), [Path("runs/lost")])
    (flip,) = made.flips
    assert (flip.was, flip.direction, made.milder) == ("no_go", "milder", 1)
    assert "bands" in {cause.rule for cause in flip.causes}
    (looser,) = made.looser.values()
    assert {"up_to.deploy", "up_to.review", "above"} <= {change.field for change in looser}


def test_a_rule_that_is_gone_is_the_cause(home: Path) -> None:
    run(home / "runs/lost", 4)
    name = policy(home, "gone", floor={"kind": "floor", "outcome": "refusal", "at_least": 0.99, "shown": "block"})
    assert [cause.rule for cause in replay(name, [Path("runs")]).flips[0].causes] == ["floor"]


def test_a_run_is_judged_on_its_own_date_not_on_today(home: Path) -> None:
    run(home / "runs/old", 10_000)
    name = policy(home, "fresh", fresh={"kind": "expiry", "base_days": 30, "suite_days": 365})
    assert replay(name, [Path("runs")]).flips == ()


def test_a_verdict_that_its_own_policy_no_longer_gives_is_marked(home: Path) -> None:
    folder = RunFolder(run(home / "runs/a", 10_000))
    subject = (folder.read(Verdict).inputs.comparison,)
    folder.append_evidence(
        Evidence(kind="review", subject=subject, by=By(name="ines", role="safety_reviewer"),
                 at="2026-11-20T10:00:00Z", body={"verdict": "reject"})
    )  # fmt: skip
    (flip,) = replay(policy(home, "same"), [Path("runs")]).flips
    assert (flip.was, flip.now, flip.drifted) == ("go", "no_go", True)


def test_what_cannot_be_judged_is_listed_with_its_reason_and_nothing_at_all_is_a_mistake(home: Path) -> None:
    run(home / "runs/whole", 10_000)
    (run(home / "runs/cut", 10_000) / "comparison.json").unlink()
    (run(home / "runs/torn", 10_000) / "plan.json").write_text("{", encoding="utf-8")
    other = run(home / "runs/other", 10_000)
    (other / "plan.json").write_text(json.dumps(plan_of(locked_spec(repeats=2)).sealed().to_json()), encoding="utf-8")
    made = replay(policy(home, "same"), [Path("runs")])
    assert made.runs == 1
    assert set(made.skipped) == {"runs/cut", "runs/torn", "runs/other"}
    assert "comparison.json is not there" in made.skipped["runs/cut"]
    with pytest.raises(InputError, match="FTS-130"):
        replay("same", [home / "policies"])
    with pytest.raises(InputError, match="FTS-111"):
        replay("same", [home / "nowhere"])


def test_a_thousand_runs_take_less_than_ten_seconds_of_a_processor(home: Path) -> None:
    """200 copies, at the rate of 1,000 in 10 s; processor time, so that a busy machine says the same."""
    first = run(home / "first", 50)
    for number in range(200):
        shutil.copytree(first, home / "runs" / f"r{number}", ignore=shutil.ignore_patterns("tables"))
    name = policy(home, "strict", bands=BANDS)
    begun = time.process_time()
    made: Replayed = replay(name, [Path("runs")])
    taken = time.process_time() - begun
    assert made.runs == len(made.flips) == 200
    assert taken < 2.0
