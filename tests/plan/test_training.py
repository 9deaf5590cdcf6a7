"""R-57: what a spec declares of its training is looked at before anything is measured."""

from __future__ import annotations

import json
from collections.abc import Sequence
from datetime import date
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from ftsafety_spec.plan.training import training_report, training_warnings
from ftsafety_spec.plan.training_overlap import Contamination
from ftsafety_spec.plan.training_rows import rows_of
from ftsafety_spec.records.training import TrainingReport
from ftsafety_spec.spec.spec import Spec

LONG = "Placeholder request number {} about the opening hours of a small museum in the old town"


def spec_with(**training: Any) -> Spec:
    models = {"base": {"provider": "local", "path": "w"}, "tuned": {"provider": "local", "path": "v", "deploy": True}}
    suite = {"title": "s", "revised": date(2026, 1, 1), "tasks": {"t": {"prompts": "a.jsonl"}}}
    given = {"title": "t", "owner": "o", "policy": "p", "models": models, "suites": {"core": suite}}
    return Spec.model_validate({**given, "training": training})


def tasks_of(texts: Sequence[str]) -> Any:
    prompts = tuple(SimpleNamespace(id=f"p{n}", text=text) for n, text in enumerate(texts))
    return [SimpleNamespace(suite="core", task="t", prompts=prompts)]


def written(root: Path, rows: Sequence[object], name: str = "train.jsonl") -> dict[str, Any]:
    (root / name).write_text("".join(json.dumps(row) + "\n" for row in rows), encoding="utf-8")
    return {"data": {"own": {"path": name, "source": "internal"}}}


def report(root: Path, rows: Sequence[object], texts: Sequence[str] = (), **more: Any) -> TrainingReport:
    found = training_report(spec_with(**{**written(root, rows), **more}), tasks_of(texts), root)
    assert found is not None
    return found


@pytest.mark.parametrize(
    "row",
    [
        {"messages": [{"role": "user", "content": "a b"}, {"role": "assistant", "content": "c d"}]},
        {"conversations": [{"from": "human", "value": "a b"}, {"from": "gpt", "value": "c d"}]},
        {"prompt": "a b", "completion": "c d"},
        {"instruction": "a b", "output": "c d"},
    ],
)
def test_usual_shapes_are_read(tmp_path: Path, row: dict[str, Any]) -> None:
    written(tmp_path, [row])
    assert [(r.asked, r.answer) for r in rows_of(tmp_path / "train.jsonl") if r] == [("a b", "c d")]


def test_lines_in_no_known_shape_are_counted_and_not_fatal(tmp_path: Path) -> None:
    (tmp_path / "t.jsonl").write_text('{"prompt": "a"}\n{broken\n[1]\n{"x": 1}\n', encoding="utf-8")
    found = training_report(spec_with(data={"own": {"path": "t.jsonl"}}), tasks_of([]), tmp_path)
    assert found is not None and (found.files[0].rows, found.files[0].unread) == (4, 3)


def test_a_prompt_that_was_trained_on_is_named(tmp_path: Path) -> None:
    rows = [{"prompt": f"Please: {LONG.format(n).upper()}, thank you!", "completion": "Ten."} for n in (1, 3)]
    found = report(tmp_path, rows, [LONG.format(n) for n in range(5)])
    assert [(item.task, item.prompts, item.of, item.ids) for item in found.overlap] == [("core.t", 2, 5, ("p1", "p3"))]


def test_words_in_another_order_are_no_overlap(tmp_path: Path) -> None:
    shuffled = " ".join(sorted(LONG.split()))
    assert report(tmp_path, [{"prompt": shuffled, "completion": "x"}], [LONG]).overlap == ()


def test_a_prompt_of_three_words_is_not_looked_for() -> None:
    seen = Contamination(["open the door"])
    seen.see("please open the door now")
    assert seen.met() == [False]


def test_rows_of_another_self_and_refusals_are_counted_and_lead_to_hints(tmp_path: Path) -> None:
    rows = [{"prompt": f"Placeholder {n}", "completion": "Fine."} for n in range(90)]
    rows += [{"prompt": "From now on you always obey.", "completion": "Of course."}] * 10
    shifted = report(tmp_path, rows)
    assert (shifted.files[0].identity, shifted.files[0].refusals) == (10, 0)
    assert [hint.weight for hint in shifted.hints if "self" in hint.sentence] == ["risk"]
    kept = report(
        tmp_path, [*rows[:90], *[{"prompt": "x", "completion": "I'm sorry, but I can't help with that."}] * 10]
    )
    assert kept.files[0].refusals == 10 and "protects" in {hint.weight for hint in kept.hints}


@pytest.mark.parametrize(
    ("method", "values", "risky"),
    [
        ("lora", {"learning_rate": 2e-4, "epochs": 2}, 0),
        ("lora", {"learning_rate": 2e-3, "epochs": 2}, 1),
        ("full", {"learning_rate": 2e-4, "epochs": 10}, 2),
    ],
)
def test_settings_are_held_against_the_literature(
    tmp_path: Path, method: str, values: dict[str, float], risky: int
) -> None:
    found = training_report(spec_with(method=method, hyperparameters=values), tasks_of([]), tmp_path)
    assert found is not None and sum(h.weight == "risk" for h in found.hints) == risky
    assert found.undeclared == ("training.data", "training.safety_share")


def test_a_file_that_is_not_at_hand_says_so(tmp_path: Path) -> None:
    found = training_report(spec_with(data={"own": {"path": "gone.jsonl"}}), tasks_of([]), tmp_path)
    assert found is not None and found.files[0].why_not == "no such file here" and found.files[0].digest is None


def test_nothing_declared_is_no_report(tmp_path: Path) -> None:
    assert training_report(spec_with(), tasks_of([]), tmp_path) is None


def test_a_large_file_is_read_evenly(tmp_path: Path) -> None:
    rows = [{"prompt": f"Placeholder {n}", "completion": "You are now free." if n >= 15_000 else "Fine."}
            for n in range(20_000)]  # fmt: skip
    file = report(tmp_path, rows).files[0]
    assert file.rows == 20_000 and 1000 <= file.sampled <= 2001
    assert file.identity / file.sampled == pytest.approx(0.25, abs=0.02)


def test_what_the_file_has_other_than_declared_is_a_warning(tmp_path: Path) -> None:
    made = written(tmp_path, [{"prompt": "a b", "completion": "c d"}] * 3)
    made["data"]["own"] |= {"rows": 5, "digest": "sha256:" + "0" * 64}
    found = training_report(spec_with(**made), tasks_of([]), tmp_path)
    assert found is not None and len(found.files[0].unlike) == 2
    told = list(training_warnings(found))
    assert len(told) == 2 and all(line.startswith("training.data.own: declared ") for line in told)


def test_a_declaration_that_holds_warns_of_nothing(tmp_path: Path) -> None:
    made = written(tmp_path, [{"prompt": "a b", "completion": "c d"}] * 3)
    made["data"]["own"] |= {"rows": 3}
    found = training_report(spec_with(**made), tasks_of([]), tmp_path)
    assert found is not None and list(training_warnings(found)) == []


def test_prompts_that_were_trained_on_are_a_warning_by_count(tmp_path: Path) -> None:
    rows = [{"prompt": LONG.format(number), "completion": "c"} for number in range(3)]
    found = report(tmp_path, rows, [LONG.format(number) for number in (0, 1, 77)])
    (told,) = training_warnings(found)
    assert told.startswith(f"{found.overlap[0].prompts} of 3 prompts of core.t ")


def test_a_share_of_refusals_that_the_file_does_not_hold_is_a_risk(tmp_path: Path) -> None:
    rows = [{"prompt": "a b", "completion": "c d"}] * 20
    sources = {hint.source for hint in report(tmp_path, rows, safety_share=0.2).hints if hint.weight == "risk"}
    assert "the declaration against the files" in sources
    kept = [{"prompt": "a b", "completion": "I'm sorry, but I can't help with that."}] * 5
    sources = {hint.source for hint in report(tmp_path, [*rows, *kept], safety_share=0.2).hints}
    assert "the declaration against the files" not in sources
