"""How far a provider's claim carries (R-53): since when the same model has answered, which earlier answers may be taken
over, and what the provider called itself. Given what a model said to fixed prompts, each time.
Asks nobody."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta
from pathlib import Path

from ftsafety_spec.errors import VerificationError, Where
from ftsafety_spec.records.base import Moment, Part
from ftsafety_spec.records.canary import CanaryAnswers, another_model
from ftsafety_spec.records.identity import Identity
from ftsafety_spec.records.journal import read_journal

REUSE_DAYS = 90
"""How old an answer may be that is taken over, where no policy says."""
NEVER = "9999-12-31T23:59:59Z"
"""The moment from which on answers are taken over that were given without any check."""


class Claim(Part):
    """A variant whose model is a provider's claim, as planned. `reuse_days`: how old an answer may be that is taken
    over, once the fixed prompts were asked again; `since`, `last`: when the same model was first and last asked them,
    and what it was called then; null before the first time. `left`: answers on disk that are asked anew, because they
    are older than that, or of another model."""

    reuse_days: int = REUSE_DAYS
    since: Moment | None = None
    last: Moment | None = None
    models: tuple[str, ...] = ()
    fingerprints: tuple[str, ...] = ()
    left: int = 0


def canaries_of(journal: Path) -> list[CanaryAnswers]:
    """What a run's journal holds of its models' answers to fixed prompts. Raises VerificationError where a row was
    changed."""
    path = journal / "canaries.jsonl"
    try:
        return [CanaryAnswers.read(row) for row in read_journal(path)]
    except (ValueError, TypeError) as error:
        first = str(error).splitlines()[0]
        raise VerificationError(f"this journal cannot be trusted: {first}.", where=Where(file=str(path))) from error


def present(rows: Sequence[CanaryAnswers]) -> list[CanaryAnswers]:
    """Of all times, in order, those at which the model answered that answers now: what came before another model took
    its name over is left out."""
    kept: list[CanaryAnswers] = []
    for row in sorted(rows, key=lambda row: row.at):
        kept = [row] if another_model(kept, row) else [*kept, row]
    return kept


def reusable_from(rows: Sequence[CanaryAnswers], days: int, at: str) -> str:
    """The moment from which on a model's answers may be taken over at the moment `at`: not older than so many days, and
    not from before the present model was first asked the fixed prompts; `NEVER` where it was not."""
    same = present(rows)
    oldest = (datetime.fromisoformat(at) - timedelta(days=days)).strftime("%Y-%m-%dT%H:%M:%SZ")
    return max(same[0].at, oldest) if same else NEVER


def named(rows: Iterable[Sequence[str]]) -> tuple[str, ...]:
    """Names, each once, in the order of coming."""
    return tuple(dict.fromkeys(name for row in rows for name in row))


def as_seen(identity: Identity, rows: Sequence[CanaryAnswers]) -> Identity:
    """An identity with the fingerprint that its provider gave, and from when to when; its digest stays the same."""
    same = present([row for row in rows if row.identity == identity.digest()])
    if identity.provider is None or not same:
        return identity
    given = named(row.fingerprints for row in same)
    seen = {"fingerprint": ", ".join(given) or None, "seen_from": same[0].at, "seen_to": same[-1].at}
    return identity.model_copy(update={"provider": identity.provider.model_copy(update=seen)})
