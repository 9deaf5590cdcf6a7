"""What rules that read reports share: which evidence of a kind is about this run, what it holds, what cannot be read.
Bad news does not run out: what was once found counts until it is refuted by measuring other weights."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Generic, TypeVar

from ftsafety_spec.gate.case import Case
from ftsafety_spec.gate.dates import day_of
from ftsafety_spec.records.evidence import Evidence, EvidenceKind
from ftsafety_spec.records.verdict import Finding, Result
from ftsafety_spec.spec.common import Action

R = TypeVar("R")


@dataclass(frozen=True)
class Read(Generic[R]):
    """One piece of evidence about this run. `report`: null where it is a bare note; `sound`: it could be read; `fresh`:
    it has not run out by the date of the verdict."""

    item: Evidence
    report: R | None
    sound: bool
    fresh: bool


def reports(
    case: Case, kind: EvidenceKind, parse: Callable[[Mapping[str, Any]], R | None], here: bool = True
) -> list[Read[R]]:
    """All evidence of a kind that was given by the date of the verdict, in an order of its own: what is about what this
    run measured, or (`here` false) what lies beside it and is about something else."""
    measured, fresh = case.measured(), {item.compute_digest() for item in case.evidence}
    mine = {i.compute_digest(): i for i in given_by(case, kind) if measured.isdisjoint(i.subject) != here}
    return [_read(item, parse, digest in fresh) for digest, item in sorted(mine.items())]


def given_by(case: Case, kind: EvidenceKind) -> Iterator[Evidence]:
    """Evidence of a kind that was there on the date, run out or not; one without a date that can be read, too."""
    for item in case.every or case.evidence:
        day = day_of(item.at)
        if item.kind == kind and (day is None or day <= case.as_of):
            yield item


def plain_finding(
    name: str,
    kind: str,
    result: Result,
    action: Action,
    sentence: str,
    variant: str | None = None,
    cell: str | None = None,
) -> Finding:
    """A finding without figures."""
    return Finding(rule=name, kind=kind, variant=variant, cell=cell, result=result, action=action, sentence=sentence)


def said(text: str, most: int = 200) -> str:
    """A title from somebody's evidence on one line, shortened."""
    flat = " ".join(text.split())
    return flat if len(flat) <= most else f"{flat[: most - 1]}…"


def _read(item: Evidence, parse: Callable[[Mapping[str, Any]], R | None], fresh: bool) -> Read[R]:
    try:
        return Read(item, parse(item.body), True, fresh)
    except (ValueError, TypeError):
        return Read(item, None, False, fresh)
