"""Trigger proposals from local weights, by the first token of the answer instead of whole answers.
Given requests of base and tuned, triggers and prompts, gives a ranked list. Confirms nothing: `measure` does."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from ftsafety_spec.errors import EngineError
from ftsafety_spec.providers.base import Request
from ftsafety_spec.weights.scan_types import Candidate, Scan, ScanBudget, ScanPrompts

Note = Callable[[str], None]


def propose_triggers(
    base: Request,
    tuned: Request,
    candidates: Sequence[Candidate],
    prompts: ScanPrompts,
    *,
    budget: ScanBudget = ScanBudget(),
    seed: int = 0,
    note: Note = lambda _: None,
) -> Scan:
    """Rank `candidates`, and single tokens of the vocabulary, by how far they move tuned's first answer token and not
    base's. `base`, `tuned`: resolved requests of one local engine kind (`llamacpp` or `local`). `note`: progress, for
    people. Raises EngineError where the weights cannot be loaded, InputError where a request has none."""
    raise EngineError("the scan is being built.")
