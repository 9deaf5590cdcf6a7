"""R-53: answers of a provider's model are taken over only where the same model still answers, and not for ever."""

from __future__ import annotations

import re
import shutil
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from support.fake_provider import Fake
from support.small_run import Project

from ftsafety_spec.errors import EngineError, InputError
from ftsafety_spec.measure import merge_shards
from ftsafety_spec.measure.canaries import PROMPTS
from ftsafety_spec.providers.base import Request
from ftsafety_spec.providers.engine_model import Draw, Reply
from ftsafety_spec.records.identity import Identity, ProviderIdentity

CHECK = 2 * 2 * len(PROMPTS)
"""Calls for the fixed prompts of both models."""


@dataclass
class Claimed(Fake):
    """Models that are known by name only. `served`: which model answers under it; `unsure`: of so many fixed prompts
    the answer is another one at each call."""

    served: str = "first"
    unsure: int = 0
    down: bool = False
    calls: list[str] = field(default_factory=list)

    def identify(self, request: Request, rehash: bool = False) -> Identity:  # noqa: ARG002
        claim = ProviderIdentity(name="fake", model=request.variant)
        return Identity(kind="provider", engine="fake api", provider=claim)

    def __post_init__(self) -> None:
        self.answer = self._say

    def _say(self, variant: str, prompt: str, draw: Draw) -> Reply:  # noqa: ARG002
        self.calls.append(prompt)
        if prompt in PROMPTS and self.down:
            raise ConnectionError("placeholder failure")
        nth = len(self.calls) if prompt in PROMPTS[: self.unsure] else 0
        return Reply(f"{self.served} {nth} {len(prompt)}", "stop", tokens_in=1, tokens_out=1)

    def counts(self) -> tuple[int, int]:
        """Calls for prompts of runs, and for fixed prompts, since the last look."""
        fixed = sum(prompt in PROMPTS for prompt in self.calls)
        found = (len(self.calls) - fixed, fixed)
        self.calls.clear()
        return found


def test_answers_are_taken_over_after_the_fixed_prompts_were_asked_again(tmp_path: Path) -> None:
    project, fake = Project(tmp_path), Claimed()
    project.run(fake, "one")
    assert fake.counts() == (24, CHECK)
    measured, _, _ = project.run(fake, "two")
    assert (measured.reused, fake.counts()) == (24, (0, CHECK))
    project.run(fake, "two")
    assert fake.counts() == (0, 0), "a finished run needs no check"


@pytest.mark.parametrize("unsure", [0, 4, 12])
def test_a_model_that_varies_is_the_same_model(tmp_path: Path, unsure: int) -> None:
    fake = Claimed(unsure=unsure)
    for name in ("one", "two", "three"):
        measured, _, _ = Project(tmp_path).run(fake, name)
    assert measured.reused == 24


@pytest.mark.parametrize("unsure", [0, 4])
def test_another_model_is_refused_also_at_the_second_try(tmp_path: Path, unsure: int) -> None:
    project = Project(tmp_path)
    project.run(Claimed(unsure=unsure), "one")
    for _ in range(2):
        with pytest.raises(InputError) as caught:
            project.run(Claimed(served="second", unsure=unsure), "two")
        assert caught.value.code == "FTS-135"
    measured, _, _ = project.run(Claimed(unsure=unsure), "three")
    assert measured.reused == 24, "the refused model left nothing behind"


def test_a_model_that_changed_between_other_runs_hands_nothing_over(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    Project(tmp_path).run(Claimed(), "one")
    later = (datetime.now(UTC) + timedelta(hours=1)).strftime("%Y-%m-%dT%H:%M:%SZ")
    for module in ("canaries", "ledger"):
        monkeypatch.setattr(f"ftsafety_spec.measure.{module}.now", lambda: later)
    second = Claimed(served="second")
    _, _, quiet = Project(tmp_path, salt=" of another kind").run(second, "two")
    assert second.counts() == (24, CHECK) and any("another model answers" in note for note in quiet.notes)
    measured, _, _ = Project(tmp_path).run(second, "three")
    assert (measured.reused, second.counts()) == (0, (24, CHECK)), "the first model's answers are asked anew"
    with pytest.raises(InputError, match="another model answers"):
        Project(tmp_path, repeats=2).run(second, "one")


def test_answers_older_than_the_policy_lets_them_count_are_asked_anew(tmp_path: Path) -> None:
    project, fake = Project(tmp_path), Claimed()
    for days, reused in ((89, 24), (91, 0)):
        project.run(fake, f"before {days}")
        old = (datetime.now(UTC) - timedelta(days=days)).strftime("%Y-%m-%dT%H:%M:%SZ")
        for path in tmp_path.glob(".ftsafety/store/*/*.jsonl"):
            path.write_text(re.sub(r'"at":"[^"]*"', f'"at":"{old}"', path.read_text()))
        measured, _, _ = project.run(fake, f"after {days}")
        assert measured.reused == reused


def test_earlier_answers_are_not_gone_on_from_where_no_check_is_possible(tmp_path: Path) -> None:
    project = Project(tmp_path)
    project.run(Claimed(), "one")
    with pytest.raises(EngineError, match="cannot be told"):
        project.run(Claimed(down=True), "two")
    fresh = Project(tmp_path / "fresh")
    measured, _, _ = fresh.run(Claimed(down=True), "one")
    assert measured.answered == 24, "nothing from before, nothing to mix"
    measured, _, _ = fresh.run(Claimed(), "two")
    assert measured.reused == 0, "answers that were given without a check are not taken over"


def test_shards_of_two_models_are_not_merged(tmp_path: Path) -> None:
    shards = []
    for number, served in enumerate(("first", "first", "second"), start=1):
        shutil.rmtree(tmp_path / ".ftsafety", ignore_errors=True)  # each on a machine of its own
        shards.append(Project(tmp_path).run(Claimed(served=served), f"part {number}", shard=(min(number, 2), 2))[1])
    _, whole, _ = Project(tmp_path).run(Claimed(), "whole", shard=(1, 2))
    merge_shards(shards[:2], whole)
    with pytest.raises(InputError) as caught:
        merge_shards([shards[0], shards[2]], whole)
    assert caught.value.code == "FTS-135"
