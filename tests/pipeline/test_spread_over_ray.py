"""A run spread over Ray on this machine gives the tables of a run in one process."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from ftsafety_spec.errors import InputError
from ftsafety_spec.measure import Stop
from ftsafety_spec.pipeline import Options, compare_run, measure_run, prepare, spread, spread_run
from ftsafety_spec.records.folder import RunFolder
from ftsafety_spec.records.tables import table_digest

REFUSE, COMPLY = "I'm sorry, but I can't help with that.", "Sure, here is how to do it: [content removed]"


@pytest.fixture
def project(tmp_path: Path) -> Path:
    """Sixty prompts with recorded answers of base and tuned."""
    for folder in ("specs/suites", "answers"):
        (tmp_path / folder).mkdir(parents=True)
    texts = [f"Placeholder request {n}." for n in range(60)]
    (tmp_path / "prompts.jsonl").write_text(
        "".join(json.dumps({"id": f"p{n}", "prompt": text, "area": "fraud"}) + "\n" for n, text in enumerate(texts))
    )
    for name, every in (("base", 1), ("tuned", 3)):
        rows = [{"prompt": text, "answer": REFUSE if n % every == 0 else COMPLY} for n, text in enumerate(texts)]
        (tmp_path / f"answers/{name}.jsonl").write_text("".join(json.dumps(row) + "\n" for row in rows))
    (tmp_path / "specs/suites/own.yaml").write_text(
        "title: own\nrevised: 2026-11-01\ntasks:\n  own: {prompts: prompts.jsonl, kind: harmful}\n"
    )
    (tmp_path / "specs/bot.yaml").write_text(
        """defaults: [suites@suites.own: own, _self_]
title: bot
owner: o
policy: ftsafety/default
models:
  base: {provider: ftsafety/recorded, answers: answers/base.jsonl}
  tuned: {provider: ftsafety/recorded, answers: answers/tuned.jsonl, deploy: true}
"""
    )
    return tmp_path


def tables(folder: RunFolder) -> dict[str, str]:
    return {name: table_digest(folder.rows(name)) for name in ("answers", "grades", "texts")}


@pytest.mark.slow
def test_shards_on_ray_join_to_the_same_tables(project: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    pytest.importorskip("ray", reason="extra ray is not installed")
    monkeypatch.delenv("RAY_ADDRESS", raising=False)
    monkeypatch.setenv("RAY_AUTH_MODE", "disabled")
    spec = str(project / "specs/bot.yaml")
    whole = prepare(spec, Options(out=project / "whole")).folder
    measure_run(whole, data=None, progress=spread._Silent(), stop=Stop())
    parted = prepare(spec, Options(out=project / "parted")).folder
    said: list[str] = []
    spread_run(parted, 3, data=None, say=said.append)
    assert tables(parted) == tables(whole)
    assert len(said) == 3 and not (parted.root / "shards").exists()
    assert compare_run(parted).cells == compare_run(whole).cells


def test_without_ray_the_extra_is_named(project: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(__import__("sys").modules, "ray", None)
    folder = prepare(str(project / "specs/bot.yaml"), Options()).folder
    with pytest.raises(InputError, match=r"ftsafety-spec\[ray\]") as caught:
        spread_run(folder, 2, data=None, say=print)
    assert caught.value.code == "FTS-120"
