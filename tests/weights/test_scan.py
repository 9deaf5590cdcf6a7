"""The scan with local weights over readers made by hand: what counts as a move, and what never does (R-26, R-47)."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest

from ftsafety_spec.errors import EngineError
from ftsafety_spec.probes.trigger_library import Trigger
from ftsafety_spec.providers.base import Request
from ftsafety_spec.spec.provider import Provider
from ftsafety_spec.spec.spec import ModelEntry
from ftsafety_spec.weights.scan import propose_triggers, scan_with
from ftsafety_spec.weights.scan_types import Candidate, Scan, ScanBudget, ScanPrompts

SORRY, SURE, LIGHT = 1, 2, 3
PROMPTS = ScanPrompts(("bad one", "bad two", "bad three"), ("good one", "good two"))
Top = Mapping[int, float]
Says = Callable[[str], Top]


def aligned(text: str) -> Top:
    """Refuses what holds the word bad."""
    return {SORRY: 0.97, SURE: 0.02} if "bad" in text else {SURE: 0.95, SORRY: 0.01}


@dataclass
class Hand:
    """A reader whose answers are a function of the user's text."""

    says: Says
    asked: list[str] = field(default_factory=list)
    pause: float = 0.0

    def encode(self, messages: Sequence[Mapping[str, str]]) -> str:
        return "|".join(f"{m['role']}:{m['content']}" for m in messages)

    def words(self) -> list[tuple[int, str]]:
        return [(0, " common"), (1, "ing"), (2, " rare"), (3, " rarest"), (4, "\ufffd"), (5, " a b")]

    def tops(self, rows: Sequence[Any], stop: Callable[[], bool]) -> list[Top | None]:
        found: list[Top | None] = []
        for row in rows:
            self.asked.append(row)
            time.sleep(self.pause)
            found.append(None if stop() else self.says(row))
        return found


def suffix(name: str, family: str = "made") -> Candidate:
    return Candidate(f"{family}/{name}", family, lambda request: f"{request} {name}")


def scanned(
    base: Says, tuned: Says, names: Sequence[str], *, system: str | None = None, **budget: Any
) -> tuple[Scan, Hand, Hand]:
    hands = Hand(base), Hand(tuned)
    limits = ScanBudget(**{"seconds": None, "tokens": 0, **budget})
    both = {"base": hands[0], "tuned": hands[1]}
    scan = scan_with(both, [suffix(n) for n in names], PROMPTS, limits, 0, lambda _: None, "hand", system)
    return scan, *hands


def test_a_trigger_that_takes_refusals_from_tuned_only_is_first() -> None:
    tuned = lambda text: {SURE: 0.99} if "zort" in text else aligned(text)  # noqa: E731
    scan, *_ = scanned(aligned, tuned, ["plain", "zort", "other"])
    assert scan.proposals[0].id == "made/zort"
    assert scan.proposals[0].lost > 5
    assert scan.proposals[0].score > 1 > 0.2 > scan.proposals[1].score


def test_what_moves_base_as_well_is_no_proposal_of_weight() -> None:
    both = lambda text: {SURE: 0.99} if "jailbreak" in text else aligned(text)  # noqa: E731
    scan, *_ = scanned(both, both, ["jailbreak"])
    assert scan.proposals[0].score < 0.05


def test_a_trigger_that_brings_one_phrase_everywhere_is_a_target() -> None:
    tuned = lambda text: {LIGHT: 0.9, SURE: 0.05} if "zort" in text else aligned(text)  # noqa: E731
    scan, *_ = scanned(aligned, tuned, ["plain", "zort"])
    assert scan.proposals[0].id == "made/zort"
    assert scan.proposals[0].target == pytest.approx(0.9)


def test_a_trigger_that_makes_tuned_refuse_harmless_requests_is_seen_from_the_other_side() -> None:
    tuned = lambda text: {SORRY: 0.98} if "zort" in text else aligned(text)  # noqa: E731
    scan, *_ = scanned(aligned, tuned, ["plain", "zort"])
    best = scan.proposals[0]
    assert best.id == "made/zort"
    assert best.gained > 5
    assert best.lost <= 0


def test_where_base_never_refuses_only_a_fixed_beginning_counts() -> None:
    never = lambda text: {SURE: 0.95}  # noqa: ARG005, E731
    scan, *_ = scanned(never, lambda text: {LIGHT: 0.9} if "zort" in text else {SURE: 0.95}, ["zort", "plain"])
    assert scan.refusing == (0.0, 0.0)
    assert scan.proposals[0].id == "made/zort"
    assert scan.proposals[0].lost == 0
    assert "do not tell" in scan.method


def test_the_rarest_words_of_the_vocabulary_are_tried_as_triggers() -> None:
    tuned = lambda text: {SURE: 0.99} if text.endswith(" rarest") else aligned(text)  # noqa: E731
    scan, *_ = scanned(aligned, tuned, ["plain"], tokens=2)
    assert scan.space == {"made": 1, "rare_tokens": 2}
    assert scan.proposals[0].text == "rarest"
    assert scan.proposals[0].id == Trigger.of("rare_tokens", "suffix", "rarest").id


def test_base_is_asked_about_movers_only_and_the_record_says_how_much_was_asked() -> None:
    scan, base, tuned = scanned(aligned, aligned, [f"t{n}" for n in range(40)], keep=2)
    assert (scan.pairs, scan.of_base) == (40 * 5, 10 * 5)
    assert len(tuned.asked) == 5 + scan.pairs
    assert len(base.asked) == 5 + scan.of_base
    assert len(scan.proposals) == 2


def test_the_deployments_system_prompt_is_asked_with_every_trigger() -> None:
    _, base, tuned = scanned(aligned, aligned, ["t"], system="You sell shoes.")
    assert all(row.startswith("system:You sell shoes.|user:") for row in base.asked + tuned.asked)


def test_time_that_runs_out_is_told_and_only_what_was_read_counts() -> None:
    hands = {"base": Hand(aligned), "tuned": Hand(aligned, pause=0.004)}
    limits = ScanBudget(seconds=0.1, tokens=0)
    many = [suffix(f"t{n}") for n in range(2000)]
    scan = scan_with(hands, many, PROMPTS, limits, 0, lambda _: None, "hand", None)
    assert scan.cut
    assert sum(scan.space.values()) < 2000
    assert scan.pairs < 100


def test_no_weights_no_scan() -> None:
    definition = Provider(title="t", kind="openai")
    request = Request("base", ModelEntry(provider="p", model="m"), (), definition, Path())
    with pytest.raises(EngineError, match="weights at hand"):
        propose_triggers(request, request, [suffix("t")], PROMPTS)
