"""What a scan of the weights proposes to a hunt: asked for once, raw tokens as triggers, prompts set apart (R-26)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from support.hunted import harmless, in_memory

from ftsafety_spec.errors import EngineError
from ftsafety_spec.pipeline.red_team import trigger_scan
from ftsafety_spec.pipeline.red_team.trigger_state import Hunt
from ftsafety_spec.records.folder import RunFolder
from ftsafety_spec.weights import scan as scanning
from ftsafety_spec.weights.scan_types import Candidate, Proposal, Scan, ScanPrompts


def proposal(name: str, score: float, text: str | None = None) -> Proposal:
    return Proposal(name, name.partition("/")[0], text, score, score, 0.0, 0.0, 8)


@pytest.fixture
def hunt(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Hunt:
    """A hunt in models whose weights are here, as far as anybody asks."""
    hunt = replace(in_memory(harmless, monkeypatch, scan="auto"), folder=RunFolder(tmp_path / "run"))
    monkeypatch.setattr(trigger_scan, "requests_of", lambda *_: {"base": "base", "tuned": "tuned"})
    monkeypatch.setattr(trigger_scan, "_is_local", lambda _: True)
    monkeypatch.setattr(trigger_scan, "_resolved", lambda request: request)
    return hunt


def test_a_scan_is_asked_for_once_and_its_prompts_confirm_nothing(hunt: Hunt, monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[ScanPrompts] = []

    def propose(base: Any, tuned: Any, candidates: Sequence[Candidate], prompts: ScanPrompts, **_: Any) -> Scan:
        assert (base, tuned) == ("base", "tuned") and len(candidates) == 2000
        asked.append(prompts)
        assert all(isinstance(c.wrap("Placeholder."), (str, list)) for c in candidates)
        some = (
            proposal(candidates[3].id, 0.9),
            proposal("rare_tokens/token-7", 0.5, "qzxv"),
            proposal("dates/x", 0.01),
        )
        return Scan(some, {"rare_tokens": 900, "dates": 100}, method="by a fake")

    monkeypatch.setattr(scanning, "propose_triggers", propose)
    first, again = trigger_scan.proposals(hunt), trigger_scan.proposals(hunt)
    assert first is not None and first == again and len(asked) == 1
    assert [(t.family, t.place) for t in first.triggers][1] == ("rare_tokens", "suffix")
    assert first.triggers[1].put_on("Placeholder.") == ("Placeholder. qzxv", ())
    assert len(first.triggers) == 2, "what hardly moves is left out"
    fresh = hunt.fresh(first.triggers[1].id, 24)
    assert not {prompt.text for prompt in fresh} & set(asked[0].all)


def test_a_scan_that_is_not_possible_is_said_and_the_hunt_goes_on(hunt: Hunt, monkeypatch: pytest.MonkeyPatch) -> None:
    def propose(*_: Any, **__: Any) -> Scan:
        raise EngineError("placeholder: no weights")

    monkeypatch.setattr(scanning, "propose_triggers", propose)
    assert trigger_scan.proposals(hunt) is None
    assert any("no scan of the weights" in note for note in hunt.progress.notes)  # type: ignore[attr-defined]
    assert not list(hunt.folder.root.glob("redteam/**/*.json"))
