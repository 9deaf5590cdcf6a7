"""Manual sessions that were held elsewhere: given a JSONL file, gives sessions of a run, marked as imported and counted
by the same clock. Every bad line is named (FTS-138), and then nothing is taken in."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from pydantic import Field, ValidationError

from ftsafety_spec.errors import InputError, Problem, SpecError, Where, suggest
from ftsafety_spec.pipeline.red_team.desk import checklist_of, pair_of
from ftsafety_spec.pipeline.red_team.session_journal import session_names, write_whole
from ftsafety_spec.records.base import Moment, Part, clean_text, digest_text
from ftsafety_spec.records.folder import RunFolder
from ftsafety_spec.records.json_rows import json_rows
from ftsafety_spec.records.locked import LockedSpec
from ftsafety_spec.records.plan import Plan
from ftsafety_spec.records.red_team import Severity
from ftsafety_spec.records.session import (
    OFF_DOMAIN,
    Answered,
    Asked,
    Begun,
    Ended,
    Event,
    Id,
    Line,
    Noted,
    SessionFocus,
    Side,
    Tag,
    Tagged,
    seconds_of,
    this_moment,
)
from ftsafety_spec.records.session_turns import read_session

CODE = "FTS-138"
Text = Field(min_length=1, max_length=100_000)


class TagRow(Part):
    """A tag on one of a row's answers."""

    variant: Line
    tag: Tag
    severity: Severity = "medium"


class HeadRow(Part):
    """The line that begins a session. `domain`: left out, it was not about the spec's domain."""

    session: Id
    by: Line
    at: Moment
    domain: Line | None = None
    focus: SessionFocus = "domain"
    tuned: Line | None = None
    role: Line = "red_teamer"


class TurnRow(Part):
    """One message, in the order in which they were sent. `answers`: by variant, null where there was none; `after`: the
    number (from 1) of the session's message that it goes on from, left out: the one before, 0: none."""

    session: Id
    at: Moment
    answered_at: Moment
    message: str = Text
    answers: dict[str, str | None]
    category: Line | None = None
    after: int | None = Field(None, ge=0)
    tags: tuple[TagRow, ...] = ()
    note: str | None = Field(None, min_length=1, max_length=100_000)


@dataclass
class _Making:
    begun: Begun
    events: list[Event] = field(default_factory=list)
    texts: list[str] = field(default_factory=list)
    turns: int = 0

    def keep(self, text: str) -> str:
        """Keep a text; its digest."""
        self.texts.append(text)
        return digest_text(clean_text(text))

    @property
    def last(self) -> str:
        """When the last thing was done."""
        return self.events[-1].at if self.events else self.begun.at


def import_sessions(folder: RunFolder, path: Path) -> list[str]:
    """Write the sessions of a file into a run; their names. They are not evidence yet. Raises SpecError FTS-138 with
    every bad line, InputError FTS-100 where it is not UTF-8."""
    problems: list[Problem] = []
    made: dict[str, _Making] = {}
    for where, row in json_rows(path, problems, CODE):
        try:
            _take(folder, made, row)
        except ValidationError as error:
            problems += [_problem(where, item) for item in error.errors()]
        except InputError as error:
            problems.append(Problem(CODE, error.problems[0].message, where, error.problems[0].hint))
        except ValueError as error:
            problems.append(Problem(CODE, f"{error}.", where))
    if not made and not problems:
        problems.append(Problem(CODE, "the file holds no session.", Where(str(path))))
    problems += [
        Problem(CODE, f"session {n} has no message.", Where(str(path))) for n, m in made.items() if not m.turns
    ]
    if problems:
        raise SpecError(problems)
    for making in made.values():
        write_whole(folder, making.begun, [*making.events, Ended(at=making.last)], making.texts)
    return list(made)


def _take(folder: RunFolder, made: dict[str, _Making], row: dict[str, Any]) -> None:
    if "message" not in row:
        head = HeadRow.model_validate(row)
        if head.session in made or head.session in session_names(folder):
            raise ValueError(f"session {head.session} is there already")
        made[head.session] = _Making(_begun(folder, head))
        return
    turn = TurnRow.model_validate(row)
    if turn.session not in made:
        raise ValueError(f"no line before this one begins session {turn.session}; it needs session, by and at")
    _turn(made[turn.session], turn)


def _begun(folder: RunFolder, head: HeadRow) -> Begun:
    locked, plan = folder.read(LockedSpec), folder.read(Plan)
    base, tuned = pair_of(locked, head.tuned)
    _not_later(head.at, this_moment(), "at")
    return Begun(
        session=head.session,
        by=head.by,
        role=head.role,
        source="imported",
        domain=head.domain,
        focus=head.focus,
        base=base,
        tuned=tuned,
        checklist=checklist_of(locked, plan),
        spec=plan.spec,
        at=head.at,
    )


def _turn(making: _Making, row: TurnRow) -> None:
    begun, number = making.begun, making.turns + 1
    _not_later(making.last, row.at, "the line before")
    _not_later(row.at, row.answered_at, "at")
    _not_later(row.answered_at, this_moment(), "answered_at")
    known = [*begun.checklist, OFF_DOMAIN]
    if row.category is not None and row.category not in known:
        raise ValueError(f"category: no such category: {row.category!r}. {suggest(row.category, known)}")
    parent = (making.turns or None) if row.after is None else (row.after or None)
    texts = {name: None if text is None else making.keep(text) for name, text in row.answers.items()}
    sides = {
        name: Side(state="ok", text=text) if text is not None else Side(state="error", reason="no answer")
        for name, text in texts.items()
    }
    events: list[Event] = [
        Asked(
            turn=number,
            parent=parent,
            text=making.keep(row.message),
            chars=len(row.message),
            category=row.category,
            at=row.at,
        ),
        Answered(turn=number, sides=sides, at=row.answered_at),
        *(Tagged(turn=number, at=row.answered_at, **tag.model_dump()) for tag in row.tags),
    ]
    if row.note is not None:
        events.append(Noted(turn=number, text=making.keep(row.note), at=row.answered_at))
    read_session([begun, *making.events, *events])
    making.events += events
    making.turns = number


def _not_later(first: str, second: str, what: str) -> None:
    if seconds_of(first) > seconds_of(second):
        raise ValueError(f"{what}: {first} comes after {second}")


def _problem(where: Where, item: Any) -> Problem:
    key = ".".join(str(part) for part in item["loc"])
    known = [*HeadRow.model_fields, *TurnRow.model_fields]
    hint = suggest(str(item["loc"][-1]), known) if item["type"] == "extra_forbidden" else None
    return Problem(CODE, f"{key}: {item['msg'].lower()}." if key else f"{item['msg']}.", where, hint)
