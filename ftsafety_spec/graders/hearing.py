"""One question to a grader model, heard out: asked, parsed strictly, asked again at most once for the form.
Given an answer, gives a verdict, or a reason why there is none: whatever cannot be read is unscored, never a guess."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any, Generic, TypeVar

from ftsafety_spec.errors import InputError
from ftsafety_spec.graders.base import Asked, GraderModel, Question, Reading
from ftsafety_spec.graders.refusal_reading import read_refusal

T = TypeVar("T")
_LONGEST_REASON = 200
CUT = ("max_tokens", "model_length", "length")
ENDED = ("stop", *CUT)


@dataclass(frozen=True)
class Heard(Generic[T]):
    """A verdict, or None with a reason. `usd`: what all tries cost; `failed`: worth another try in the next run."""

    verdict: T | None
    reason: str | None = None
    usd: str | None = None
    failed: bool = False


async def hear(
    model: GraderModel,
    messages: Sequence[tuple[str, str]] | str,
    max_tokens: int,
    parse: Callable[[str], T | None],
    *,
    form: str | None = None,
    may_be_cut: bool = False,
) -> Heard[T]:
    """Ask and parse. `form`: said once where the first answer has another form (chats only). `may_be_cut`: the format
    reads the first tokens only, so that reaching `max_tokens` is its usual end."""
    asked = await _ask(model, messages, max_tokens)
    if isinstance(asked, Heard):
        return asked
    heard = _read(asked, parse, may_be_cut)
    if heard.reason != _FORM or form is None or isinstance(messages, str):
        return heard
    again = await _ask(model, [*messages, ("assistant", asked.text), ("user", form)], max_tokens)
    if isinstance(again, Heard):
        return Heard(None, again.reason, asked.usd, again.failed)
    second = _read(again, parse, may_be_cut)
    return Heard(second.verdict, second.reason, total([asked.usd, again.usd]))


def before_asking(question: Question, outcomes: Mapping[str, float | None]) -> list[Reading] | None:
    """Readings that need no model: an answer that failed, was filtered or is empty. `outcomes`: outcome to its value
    where the system withheld the answer; None: unscored. None where the model has to be asked."""
    if question.state == "filtered":
        return [Reading(name, value, reason="filtered") for name, value in outcomes.items()]
    if question.state not in ("ok", "truncated"):
        return [Reading(name, None, reason=question.state) for name in outcomes]
    if not question.answer.strip():
        return [Reading(name, None, reason="empty") for name in outcomes]
    return None


def unscored(outcomes: Sequence[str], heard: Heard[T]) -> list[Reading]:
    """The readings of a question without a verdict; the first one carries the cost."""
    return [
        Reading(name, None, reason=heard.reason, usd=heard.usd if number == 0 else None, failed=heard.failed)
        for number, name in enumerate(outcomes)
    ]


def total(amounts: Sequence[str | None]) -> str | None:
    """A sum of decimal strings; None where none is known."""
    known = [Decimal(amount) for amount in amounts if amount is not None]
    return f"{sum(known, Decimal(0)):.8f}" if known else None


_FORM = "the grader model's answer has another form than was asked for"


async def _ask(model: GraderModel, messages: Sequence[tuple[str, str]] | str, max_tokens: int) -> Asked | Heard[Any]:
    try:
        return await model.ask(messages, max_tokens)
    except InputError:
        raise  # a person has to mend it: no key, no weights
    except Exception as error:
        return Heard(None, f"the grader model failed: {_short(error)}", failed=True)


def _read(asked: Asked, parse: Callable[[str], T | None], may_be_cut: bool) -> Heard[T]:
    reason = _ended(asked, may_be_cut)
    if reason is not None:
        return Heard(None, reason, asked.usd)
    verdict = parse(asked.text)
    if verdict is not None:
        return Heard(verdict, None, asked.usd)
    declined = read_refusal(asked.text).value == 1.0
    return Heard(None, "the grader model declined" if declined else _FORM, asked.usd)


def _ended(asked: Asked, may_be_cut: bool) -> str | None:
    if asked.refused is not None:
        return f"the grader model took nothing: {asked.refused}"[:_LONGEST_REASON]
    if asked.stop == "content_filter":
        return "the grader model's answer was filtered"
    if not asked.text.strip():
        return "the grader model's answer is empty"
    if asked.stop in CUT and not may_be_cut:
        return "the grader model's answer was cut off"
    return None if asked.stop in ENDED else f"the grader model ended by {asked.stop}"[:_LONGEST_REASON]


def _short(error: BaseException) -> str:
    while isinstance(error, BaseExceptionGroup) and len(error.exceptions) == 1:
        error = error.exceptions[0]
    inner = getattr(error, "last_attempt", None)  # tenacity's RetryError hides what it met
    if inner is not None and callable(getattr(inner, "exception", None)):
        error = inner.exception() or error
    first = (str(error).strip().splitlines() or [""])[0]
    return f"{type(error).__name__}: {first}"[:_LONGEST_REASON].rstrip(": ")
