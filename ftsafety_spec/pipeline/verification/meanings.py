"""What somebody else's scores are here: a scorer's or metric's name to an outcome, a score to a value in [0, 1]. Given
names as a user typed them, gives outcomes; what has no meaning here is left out, counted with its reason."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from ftsafety_spec.spec.common import OUTCOMES

WORDS = {"C": 1.0, "I": 0.0, "yes": 1.0, "no": 0.0}
"""Inspect's words for correct and incorrect, and plain ones."""


@dataclass
class Meanings:
    """`typed`: name to outcome, `-outcome` where it counts the other way round; names that are outcomes mean them."""

    typed: Mapping[str, str]
    left_out: Counter[str] = field(default_factory=Counter)

    def outcome(self, *names: str | None) -> tuple[str, bool] | None:
        """Outcome of the first name that has one, and whether it is turned round."""
        for name in names:
            said = self.typed.get(name or "")
            if said is not None:
                return said.lstrip("-"), said.startswith("-")
        known = next((name for name in names if name in OUTCOMES), None)
        return None if known is None else (known, False)

    def value(self, found: Any, turned: bool) -> float | None:
        """A score as a value; null where nobody could read it, or where it lies outside of [0, 1]."""
        if isinstance(found, str):
            found = WORDS.get(found)
        if isinstance(found, bool):
            found = float(found)
        if not isinstance(found, int | float) or not math.isfinite(found):
            return None
        if not 0 <= found <= 1:
            self.left_out["scores outside of 0 to 1"] += 1
            return None
        return 1.0 - found if turned else float(found)

    def lacking(self, name: str) -> None:
        """Count a score without a meaning."""
        self.left_out[f"scores of {name[:60]}, which is no outcome here (--outcome says what it is)"] += 1
