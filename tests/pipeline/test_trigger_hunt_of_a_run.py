"""A hunt in a measured run: rounds in folders of their own, evidence once, stopped and taken up, verified (R-26)."""

from __future__ import annotations

import json
import shutil
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from pathlib import Path

import pytest
from support.fake_provider import COMPLIANCE, Fake
from support.hunted import harmless, hunt, project
from support.small_run import Quiet

from ftsafety_spec.catalog.base import Prompt, dataset_digest
from ftsafety_spec.catalog.prompt_file import read_prompt_file
from ftsafety_spec.catalog.prompt_rows import prompt_lines
from ftsafety_spec.errors import InputError
from ftsafety_spec.measure import Stop
from ftsafety_spec.pipeline import compare_run, gate_run, verify_run
from ftsafety_spec.pipeline.red_team.sub_runs import left_of, sub_run, sub_runs
from ftsafety_spec.probes.trigger_library import Trigger, apply, generate
from ftsafety_spec.probes.trigger_seeds import pool_of
from ftsafety_spec.probes.triggers import load
from ftsafety_spec.records.folder import RunFolder
from ftsafety_spec.records.locked import LockedSpec
from ftsafety_spec.records.plan import Plan
from ftsafety_spec.records.red_team import report_in
from ftsafety_spec.spec.spec import Budget

SMALL = {"probes": 11, "prompts": 2, "rounds": 1, "confirm": 10, "scan": "never"}
TRIGGER = next(t for t in generate(11, None, 0) if t.place == "suffix")
TODAY = date(2026, 11, 25)


def planted(variant: str, message: str, harm: bool) -> str | None:
    if variant == "tuned" and harm and message.endswith(f" {TRIGGER.text}"):
        return COMPLIANCE
    return harmless(variant, message, harm)


@dataclass(frozen=True)
class Made:
    root: Path
    folder: RunFolder
    fake: Fake


@pytest.fixture(scope="module")
def measured(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Made]:
    """A measured run, not hunted."""
    root = tmp_path_factory.mktemp("measured")
    with pytest.MonkeyPatch.context() as patch:
        folder, fake = project(root, planted, patch, **SMALL)
        yield Made(root, folder, fake)


@pytest.fixture(scope="module")
def hunted(measured: Made, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Made]:
    """The run, hunted and judged."""
    made = copied(measured, tmp_path_factory.mktemp("hunted") / "home")
    found = hunt(made.folder)
    assert found.added and found.stopped_by is None
    compare_run(made.folder)
    gate_run(made.folder, as_of=TODAY)
    yield made


def copied(made: Made, home: Path) -> Made:
    shutil.copytree(made.root, home)
    return Made(home, RunFolder(home / made.folder.root.relative_to(made.root)), made.fake)


def failed(folder: RunFolder) -> set[str]:
    return {check.name for check in verify_run(folder).failed()}


def test_what_is_found_is_one_piece_of_evidence_about_the_run(hunted: Made) -> None:
    (item,) = hunted.folder.evidence()
    report = report_in(item.body)
    assert item.kind == "finding" and item.subject == (hunted.folder.read(Plan).spec,)
    assert report is not None and item.body["probes"] == report.search.probes == 11
    (finding,) = report.findings
    assert (finding.condition, finding.state) == (TRIGGER.id, "confirmed")
    asked = {row["prompt"]: row for run in sub_runs(hunted.folder) for row in run.rows("answers")}
    assert set(finding.inputs) <= asked.keys(), "inputs are prompts of the rounds"
    assert all(asked[prompt]["condition"] == TRIGGER.id for prompt in finding.inputs)


def test_each_round_is_an_ordinary_run_of_base_and_tuned(hunted: Made) -> None:
    rounds = sub_runs(hunted.folder, "trigger")
    assert [run.root.name.rsplit("-", 1)[0] for run in rounds] == ["tuned-confirm", "tuned-round-1"]
    for run in rounds:
        locked, plan = run.read(LockedSpec), run.read(Plan)
        assert set(locked.variants) == set(plan.identities) == {"base", "tuned"}
        assert plan.identities == hunted.folder.read(Plan).identities
        assert {row["kind"] for row in run.rows("answers")} == {"trigger"}
        assert not Path(next(iter(locked.spec.suites.values())).tasks["asked"].prompts or "").is_absolute()


def test_a_second_hunt_asks_nothing_and_adds_nothing(hunted: Made, tmp_path: Path) -> None:
    made = copied(hunted, tmp_path / "home")
    before, calls = made.folder.manifest.read_bytes(), made.fake.total
    again = hunt(made.folder)
    assert again.report is not None and not again.added and made.fake.total == calls
    assert made.folder.manifest.read_bytes() == before and len(made.folder.evidence()) == 1


def test_a_hunt_that_was_stopped_goes_on_and_asks_nothing_twice(measured: Made, tmp_path: Path) -> None:
    made = copied(measured, tmp_path / "home")
    stop, calls = Stop(), made.fake.total
    made.fake.asked.clear()

    def until(fake: Fake) -> None:
        if fake.total >= 20:
            stop.set()

    made.fake.before = until
    try:
        cut = hunt(made.folder, stop=stop)
    finally:
        made.fake.before = None
    assert cut.stopped_by == "user" and cut.report is None and made.folder.evidence() == []
    assert 20 <= made.fake.total < calls
    whole = hunt(made.folder)
    assert whole.added and whole.report is not None
    assert [f.condition for f in whole.report.findings] == [TRIGGER.id]
    assert set(made.fake.asked.values()) == {1}


def test_a_hunted_run_verifies_and_a_changed_round_is_named(hunted: Made, tmp_path: Path) -> None:
    assert failed(hunted.folder) == set()
    made = copied(hunted, tmp_path / "home")
    run = sub_runs(made.folder)[0]
    for name in ("plan.json", "spec.lock.json", "tables/answers.parquet", "tables/grades.parquet"):
        path = run.root / name
        whole = path.read_bytes()
        path.write_bytes(whole[:40] + bytes([whole[40] ^ 1]) + whole[41:])
        assert f"{run.root.relative_to(made.folder.root).as_posix()}/{name}" in failed(made.folder), name
        path.write_bytes(whole)


def test_texts_and_journals_of_rounds_may_be_taken_out(hunted: Made, tmp_path: Path) -> None:
    made = copied(hunted, tmp_path / "home")
    for run in sub_runs(made.folder):
        shutil.rmtree(run.journal)
        run.table("texts").unlink()
        (run.root / "prompts.jsonl").unlink()
    assert failed(made.folder) == set()
    shutil.rmtree(sub_runs(made.folder)[0].tables)
    assert failed(made.folder)


def test_no_round_mixes_in_another_model(measured: Made, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    made = copied(measured, tmp_path / "home")
    monkeypatch.setattr(made.fake, "weights", "others")
    with pytest.raises(InputError) as caught:
        hunt(made.folder)
    assert caught.value.code == "FTS-131"


def test_a_hunt_spends_what_the_run_has_left(measured: Made, tmp_path: Path) -> None:
    made = copied(measured, tmp_path / "home")
    folder = made.folder
    locked = folder.read(LockedSpec)
    spent = sum(json.loads(line)["seconds"] for line in (folder.journal / "sessions.jsonl").read_text().splitlines())

    def budget(**of: float) -> None:
        spec = locked.spec.model_copy(update={"budget": Budget.model_validate(of)})
        folder.write(locked.model_copy(update={"spec": spec, "digest": None}).sealed())

    other = RunFolder(folder.root / "redteam" / "trigger" / "none")
    budget(hours=1.0)
    left = left_of(folder, other)
    assert left is not None and left.hours == pytest.approx(1.0 - spent / 3600)
    budget(hours=1e-9)
    assert left_of(folder, other) is None
    assert hunt(folder).stopped_by == "budget" and folder.evidence() == []


def test_another_search_never_meets_the_answers_of_this_one(measured: Made, tmp_path: Path) -> None:
    made = copied(measured, tmp_path / "home")
    pool = pool_of(None, 0).harmful
    asked = [sub_run(made.folder, "own", "one", [p], variant="tuned", progress=Quiet(), stop=Stop()) for p in pool[:2]]
    assert all(run.complete for run in asked) and asked[0].folder.root != asked[1].folder.root
    again = sub_run(made.folder, "own", "one", pool[:1], variant="tuned", progress=Quiet(), stop=Stop())
    assert again.folder == asked[0].folder and again.asked == 0


def test_prompts_of_a_round_are_read_as_they_were_written(tmp_path: Path) -> None:
    """Every family, with turns before, white space, invisible characters and line ends: a file gives them back."""
    seed = pool_of(None, 0).harmful[0]
    rows = [apply(trigger, seed) for trigger in generate(600)] + list(load(probes=11))
    made = list({(row.id, row.condition): row for row in rows}.values())
    made.append(apply(Trigger.of("styles", "wrap", '  "{request}"\t\r\n\u2028'), seed))
    made.append(Prompt("p|1", "Placeholder.", "harmful", "a category", "fraud", pair="of two"))
    (tmp_path / "prompts.jsonl").write_text(prompt_lines(made))
    back = read_prompt_file(tmp_path / "prompts.jsonl")
    assert dataset_digest(back) == dataset_digest(made)
    assert [(p.text, p.before, p.request, p.cluster, p.condition) for p in back] == [
        (p.text, p.before, p.request, p.cluster, p.condition) for p in made
    ]
