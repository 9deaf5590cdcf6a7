"""`run` looks at weights once: a second run reads none again, and files that cannot be read do not end it (R-55)."""

from __future__ import annotations

from pathlib import Path

import pytest
from support.hand_made import locked_spec, plan_of

from ftsafety_spec.errors import InputError, Problem, Where
from ftsafety_spec.pipeline import weighing
from ftsafety_spec.records.folder import RunFolder
from ftsafety_spec.records.weights import WeightReport


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> RunFolder:
    locked = locked_spec()
    run = RunFolder(tmp_path / "run")
    run.write(locked)
    run.write(plan_of(locked))
    monkeypatch.setattr(weighing, "requests_of", lambda *_: {name: name for name in locked.variants})
    monkeypatch.setattr(weighing, "why_no_weights", lambda *_: None)
    return run


def test_a_second_look_reads_nothing_again(folder: RunFolder, monkeypatch: pytest.MonkeyPatch) -> None:
    read: list[str] = []
    figures = {"delta": {"tensors": 3, "changed": 1, "sizes": []}, "rank": {"least": 1, "most": 1}}

    def weigh(_: str, tuned: str) -> WeightReport:
        read.append(tuned)
        return WeightReport(analyses=figures, variant=tuned)

    monkeypatch.setattr(weighing, "weigh", weigh)
    assert weighing.weigh_once(folder, lambda _: None).added == ("tuned",)
    assert weighing.weigh_once(folder, lambda _: None).added == ()
    assert read == ["tuned"]
    assert [item.body["variant"] for item in folder.evidence() if item.kind == "weights"] == ["tuned"]


def test_files_that_cannot_be_read_are_said_and_are_no_evidence(
    folder: RunFolder, monkeypatch: pytest.MonkeyPatch
) -> None:
    def weigh(*_: str) -> WeightReport:
        raise InputError([Problem("FTS-124", "tensors overlap", Where("model.safetensors"))])

    monkeypatch.setattr(weighing, "weigh", weigh)
    said: list[str] = []
    found = weighing.weigh_once(folder, said.append)
    assert found.added == () and "tensors overlap" in found.not_possible["tuned"]
    assert any("tensors overlap" in line for line in said)
    assert not [item for item in folder.evidence() if item.kind == "weights"]
