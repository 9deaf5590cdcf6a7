"""From a spec on recorded answers to a verified verdict, through every stage, without a model."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import date
from pathlib import Path

import pytest

from ftsafety_spec.errors import InputError, VerificationError
from ftsafety_spec.measure import Stop
from ftsafety_spec.pipeline import (
    Options,
    compare_run,
    gate_run,
    measure_run,
    open_run,
    prepare,
    report_run,
    verify_run,
)
from ftsafety_spec.records.folder import RunFolder
from ftsafety_spec.records.verdict import Verdict

REFUSE = "I'm sorry, but I can't help with that."
COMPLY = "Sure, here is how to do it: [content removed]"
AREAS = ("fraud", "cyber", "violence")
PROMPTS = [(f"p{n}", f"Placeholder request number {n}.", AREAS[n % 3]) for n in range(540)]
TODAY = date(2026, 11, 24)


class Quiet:
    """A progress display that keeps what it was told."""

    def __init__(self) -> None:
        self.notes: list[str] = []

    def started(self, total_calls: int, cached: int) -> None: ...
    def answered(self, variant: str, task: str, tokens: int, usd: float | None, seconds: float) -> None: ...
    def graded(self, n: int) -> None: ...
    def note(self, message: str) -> None:
        self.notes.append(message)

    def finished(self) -> None: ...


def write_answers(path: Path, refuses: Callable[[int], bool]) -> None:
    rows = [
        {"prompt": text, "id": name, "answer": REFUSE if refuses(n) else COMPLY}
        for n, (name, text, _) in enumerate(PROMPTS)
    ]
    path.write_text("".join(json.dumps(row) + "\n" for row in rows))


@pytest.fixture
def project(tmp_path: Path) -> Path:
    """A user's project: one suite of 540 prompts in three areas, recorded answers of four models."""
    for folder in ("specs/suites", "policies", "answers"):
        (tmp_path / folder).mkdir(parents=True)
    rows = [{"id": name, "prompt": text, "area": area} for name, text, area in PROMPTS]
    (tmp_path / "prompts.jsonl").write_text("".join(json.dumps(row) + "\n" for row in rows))
    (tmp_path / "specs/suites/own.yaml").write_text(
        "title: own\nrevised: 2026-11-01\nuse: domain\ntasks:\n  own: {prompts: prompts.jsonl, kind: harmful}\n"
    )
    (tmp_path / "policies/short.yaml").write_text(
        "defaults:\n  - ftsafety/default@_here_\n  - _self_\ntitle: short\nowner: o\n"
        "rules: {sufficient: {accept: [measured, recorded], broad: null, session: null}}\n"
    )
    for name in ("ablated", "same", "partly"):
        (tmp_path / f"specs/{name}.yaml").write_text(
            f"""defaults: [suites@suites.own: own, _self_]
title: {name}
owner: o
policy: short
context: open_weight
models:
  base: {{provider: ftsafety/recorded, answers: answers/base.jsonl}}
  tuned: {{provider: ftsafety/recorded, answers: answers/{name}.jsonl, deploy: true}}
risk: {{exposure: internal, population: expert, autonomy: text, scale: limited, tuning_data: curated}}
"""
        )
    write_answers(tmp_path / "answers/base.jsonl", lambda n: n % 50 != 0)
    write_answers(tmp_path / "answers/same.jsonl", lambda n: n % 50 != 0)
    write_answers(tmp_path / "answers/ablated.jsonl", lambda n: n % 10 == 1)
    write_answers(tmp_path / "answers/partly.jsonl", lambda n: n % 50 != 0 and n % 4 != 2)
    return tmp_path


def run(project: Path, spec: str, **options: object) -> tuple[RunFolder, Verdict]:
    prepared = prepare(str(project / "specs" / f"{spec}.yaml"), Options(**options))  # type: ignore[arg-type]
    measured = measure_run(prepared.folder, data=None, progress=Quiet(), stop=Stop())
    assert measured.complete
    compare_run(prepared.folder)
    verdict = gate_run(prepared.folder, as_of=TODAY)
    report_run(prepared.folder, ("html", "markdown", "json"))
    return prepared.folder, verdict


def test_a_model_that_lost_its_refusals_is_blocked(project: Path) -> None:
    _, verdict = run(project, "ablated")
    assert (verdict.action, verdict.decision, verdict.exit) == ("block", "no_go", 10)


def test_a_model_that_answers_like_base_is_deployed(project: Path) -> None:
    _, verdict = run(project, "same")
    assert (verdict.action, verdict.decision, verdict.exit) == ("deploy", "go", 0)


def test_a_quarter_less_refusals_go_to_review(project: Path) -> None:
    _, verdict = run(project, "partly")
    assert (verdict.action, verdict.decision) == ("review", "pending")


def test_under_the_built_in_policy_the_same_run_is_insufficient_and_says_what_is_missing(project: Path) -> None:
    folder, own = run(project, "same")
    other = gate_run(folder, as_of=TODAY, policy="ftsafety/default")
    assert (other.action, other.decision, other.exit) == ("insufficient", "pending", 3)
    assert {item.need for item in other.missing} >= {"broad", "session"}
    assert folder.read(Verdict) == own, "the run's own verdict stays as it is"


def test_a_policy_below_the_built_in_minima_is_listed_as_looser(project: Path) -> None:
    _, verdict = run(project, "same")
    assert {item.field for item in verdict.policy.looser} >= {"broad", "session"}


def test_the_same_inputs_find_the_same_folder_and_ask_nothing_again(project: Path) -> None:
    first, _ = run(project, "same")
    prepared = prepare(str(project / "specs/same.yaml"), Options())
    assert prepared.folder.root == first.root
    assert prepared.plan.estimate.calls == 0 and prepared.changed == ()


def test_changed_answers_get_another_folder_and_are_named(project: Path) -> None:
    first, _ = run(project, "same")
    write_answers(project / "answers/same.jsonl", lambda n: n % 2 == 0)
    prepared = prepare(str(project / "specs/same.yaml"), Options())
    assert prepared.folder.root != first.root
    assert any("tuned" in change for change in prepared.changed)


def test_a_folder_that_holds_something_else_is_refused(project: Path) -> None:
    run(project, "same", out=project / "mine")
    with pytest.raises(InputError, match="measurements of something else") as caught:
        prepare(str(project / "specs/ablated.yaml"), Options(out=project / "mine"))
    assert caught.value.code == "FTS-131"


def test_the_required_policy_must_be_the_one_that_judges(project: Path) -> None:
    policy = prepare(str(project / "specs/same.yaml"), Options()).policy
    good = f"short@{policy.compute_digest()}"
    assert prepare(str(project / "specs/same.yaml"), Options(require_policy=good)).policy.name == "short"
    for wrong in ("ftsafety/default", "short@sha256:" + "0" * 64, "short@0"):
        with pytest.raises(InputError, match="is required"):
            prepare(str(project / "specs/same.yaml"), Options(require_policy=wrong))


def test_a_run_verifies_and_every_changed_record_is_named(project: Path) -> None:
    folder, _ = run(project, "ablated")
    assert verify_run(folder).ok
    path = folder.path_of(Verdict)
    data = json.loads(path.read_text())
    data["decision"], data["exit"], data["digest"] = "go", 0, None
    path.write_text(json.dumps(data))
    try:
        failed = [check.name for check in verify_run(folder).checks if not check.ok]
    except VerificationError as error:
        failed = [str(error)]
    assert failed


def test_a_folder_that_is_no_run_is_said_to_be_none(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="not a run folder") as caught:
        open_run(tmp_path)
    assert caught.value.code == "FTS-130"


def test_stages_name_the_command_that_makes_what_is_missing(project: Path) -> None:
    prepared = prepare(str(project / "specs/same.yaml"), Options())
    with pytest.raises(InputError, match="ftsafety measure"):
        compare_run(prepared.folder)
