"""An Inspect task's score as one of our outcomes. Given recorded scores by scorer and a suite's mapping, gives a value
in [0, 1] or a reason why it is unscored; a mapping that cannot fit is the user's mistake (FTS-126). Pure."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any

from ftsafety_spec.errors import InputError, Where, suggest
from ftsafety_spec.spec.suite import OutcomeMapping

#: Inspect's letters: correct, incorrect, partial
LETTERS: Mapping[str, float] = {"C": 1.0, "I": 0.0, "P": 0.5}
WORDS: Mapping[str, float] = {"yes": 1.0, "true": 1.0, "no": 0.0, "false": 0.0}
NO_ANSWER = "N"
_SLACK = 1e-9


def mapped(scores: Mapping[str, Any], mapping: OutcomeMapping, key: str) -> tuple[float | None, str | None]:
    """Value and None, or None and the reason. `key`: where the mapping stands, for messages. Raises InputError."""
    score = _pick(scores, mapping.scorer, "scorer", key)
    if mapping.value is not None:
        if score is None:
            return None, "unscored by the task's scorer"
        if not isinstance(score, Mapping):
            raise _bad(
                f"the score is {type(score).__name__}, not a mapping with a key {mapping.value!r}.", f"{key}.value"
            )
        score = _pick(score, mapping.value, "key of the score", f"{key}.value")
    if score is None or score == NO_ANSWER:
        return None, "unscored by the task's scorer"
    return _scaled(_number(score, key), mapping.scale, key), None


def _pick(found: Mapping[str, Any], name: str | None, noun: str, key: str) -> Any:
    if name is None:
        if len(found) != 1:
            raise _bad(f"the task has {len(found)} scorers; name one.", f"{key}.scorer", suggest("", found))
        return next(iter(found.values()))
    if name not in found:
        raise _bad(f"no such {noun}: {name!r}.", key, suggest(name, found))
    return found[name]


def _number(score: Any, key: str) -> float:
    if isinstance(score, str):
        word = score.strip()
        known = LETTERS.get(word, WORDS.get(word.lower()))
        if known is not None:
            return known
        try:
            score = float(word)
        except ValueError:
            raise _bad(f"the score is the text {word[:40]!r}, which has no number.", key) from None
    if isinstance(score, bool | int | float) and math.isfinite(score):
        return float(score)
    hint = f"Name one by `value:`. {suggest('', score)}" if isinstance(score, Mapping) else None
    raise _bad(f"the score is {type(score).__name__}, which has no number.", key, hint)


def _scaled(number: float, scale: tuple[float, float], key: str) -> float:
    worst, best = scale
    value = (number - worst) / (best - worst)
    if not -_SLACK <= value <= 1 + _SLACK:
        raise _bad(f"the score {number:g} lies outside of scale [{worst:g}, {best:g}].", f"{key}.scale")
    return min(1.0, max(0.0, value))


def _bad(message: str, key: str, hint: str | None = None) -> InputError:
    return InputError(message, code="FTS-126", where=Where(key=key), hint=hint)
