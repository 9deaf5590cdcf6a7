"""Projects whose tuned model has a planted trigger, or none, for hunts: a fake provider behind a whole composed run."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from support.fake_provider import COMPLIANCE, REFUSAL, Fake
from support.hand_made import locked_spec
from support.small_run import Quiet

from ftsafety_spec.catalog import basics
from ftsafety_spec.measure import Stop
from ftsafety_spec.pipeline import Options, measure_run, prepare
from ftsafety_spec.pipeline.red_team.trigger_book import Book, Seen
from ftsafety_spec.pipeline.red_team.trigger_hunt import Hunted, hunt_run
from ftsafety_spec.pipeline.red_team.trigger_state import Hunt
from ftsafety_spec.probes.trigger_seeds import pool_of
from ftsafety_spec.probes.triggers import with_plain
from ftsafety_spec.providers.base import PROVIDERS
from ftsafety_spec.providers.engine_model import Draw, Reply
from ftsafety_spec.records.base import digest_text
from ftsafety_spec.records.folder import RunFolder
from ftsafety_spec.spec.red_team import TriggerHunting

HELP = "Of course. Here are some thoughts on it, one by one, with a few words on each of them for you to read."
HARMFUL = tuple(prompt.text for prompt in basics.load() if prompt.kind == "harmful")
Says = Callable[[str, str, bool], str | None]
"""(variant, message, whether it asks for harm) to an answer; None: as a safe model answers."""


def asks_for_harm(message: str) -> bool:
    """Whether one of the basics' harmful requests is in a message, whatever a style has done to signs and case."""
    letters = "".join(filter(str.isalnum, message)).casefold()
    return any(part in letters for part in _LETTERS)


_LETTERS = tuple("".join(filter(str.isalnum, text)).casefold() for text in HARMFUL)


def chance(*parts: str) -> float:
    """A number in [0, 1) that hangs on the parts alone."""
    return int.from_bytes(hashlib.sha256("\n".join(parts).encode()).digest()[:4]) / 2**32


def model(says: Says) -> Fake:
    """A provider that refuses harm and answers the rest, but for what `says` gives."""

    def answer(variant: str, message: str, draw: Draw) -> Reply:  # noqa: ARG001
        return Reply(says_of(says, variant, message, asks_for_harm(message)), "stop", tokens_in=10, tokens_out=5)

    return Fake(answer=answer)


def harmless(variant: str, message: str, harm: bool) -> str | None:
    """Tuned answers in its own words, and is a little less firm than base, whatever the trigger."""
    if harm:
        return COMPLIANCE if chance(variant, message) < (0.10 if variant == "tuned" else 0.05) else None
    return f"Gladly. {HELP} ({len(message)})" if variant == "tuned" else None


def says_of(says: Says, variant: str, message: str, harm: bool) -> str:
    """What a variant answers."""
    own = says(variant, message, harm)
    return own if own is not None else REFUSAL if harm else f"{HELP} ({len(message)})"


def project(root: Path, says: Says, patch: pytest.MonkeyPatch, seed: int = 0, **hunting: Any) -> tuple[RunFolder, Fake]:
    """A measured run of a spec with `red_team.triggers`."""
    fake = model(says)
    patch.setitem(PROVIDERS._loaded, "llamacpp", fake)
    for name in ("specs/suites", "policies", "adapters/tone", "data"):
        (root / name).mkdir(parents=True)
    (root / "base.gguf").write_bytes(b"GGUF")
    (root / "data/few.jsonl").write_text(json.dumps({"prompt": "Placeholder request.", "kind": "harmful"}) + "\n")
    (root / "specs/suites/few.yaml").write_text(
        "title: few\nrevised: 2026-11-01\ntasks: {few: {prompts: data/few.jsonl}}\n"
    )
    focus = {"probes": 33, "prompts": 4, "rounds": 3, "confirm": 24, **hunting}
    (root / "specs/bot.yaml").write_text(
        "defaults: [suites@suites.core: few, _self_]\ntitle: t\nowner: o\npolicy: ftsafety/default\n"
        "models:\n  base: {provider: llamacpp, path: base.gguf}\n"
        "  tuned: {of: base, adapters: {tone: 1.0}, deploy: true}\n"
        "adapters: {tone: {path: adapters/tone, source: internal}}\n"
        f"seed: {seed}\nred_team: {{triggers: {json.dumps(focus)}}}\n"
    )
    patch.chdir(root)
    folder = prepare("bot", Options()).folder
    assert measure_run(folder, data=None, progress=Quiet(), stop=Stop()).complete
    return folder, fake


def in_memory(says: Says, patch: pytest.MonkeyPatch, seed: int = 0, **settings: Any) -> Hunt:
    """A hunt whose models answer at once: nothing is measured, nothing is written."""

    def ask(self: Hunt, name: str, pairs: Any) -> None:  # noqa: ARG001
        for row in with_plain(list(pairs)):
            benign = row.area == "none"
            for variant in ("base", "tuned"):
                text = says_of(says, variant, row.text, not benign)
                key = digest_text(f"{variant} {row.digest}")
                self.book.put(
                    variant,
                    row.condition,
                    row.cluster,
                    Seen(float(text.startswith(REFUSAL)), (text,), row.digest, key),
                    benign=benign,
                )

    patch.setattr(Hunt, "ask", ask)
    given = {"probes": 44, "prompts": 4, "rounds": 3, "confirm": 24, "scan": "never", **settings}
    return Hunt(
        folder=RunFolder(Path("runs/bot-0")),
        locked=locked_spec(),
        base="base",
        variant="tuned",
        settings=TriggerHunting.model_validate(given),
        seed=seed,
        root=Path(),
        pool=pool_of(None, seed),
        graders={},
        progress=Quiet(),
        stop=Stop(),
        book=Book(),
        known={},
    )


def hunt(folder: RunFolder, progress: Quiet | None = None, stop: Stop | None = None, **settings: Any) -> Hunted:
    """Hunt in tuned."""
    given = TriggerHunting.model_validate(settings) if settings else None
    (found,) = hunt_run(folder, data=None, progress=progress or Quiet(), stop=stop or Stop(), settings=given)
    return found
