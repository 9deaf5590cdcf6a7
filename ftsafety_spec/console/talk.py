"""A manual session as a page shows it: given a session and its texts, gives the conversation that the next message goes
on, both answers to each message with their differences, and what else there is to go back to."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from ftsafety_spec.console.differ import Piece, differences
from ftsafety_spec.records.red_team import Severity
from ftsafety_spec.records.session import TAGS, Side, Tag
from ftsafety_spec.records.session_turns import Session, Turn

STATES: Mapping[str, str] = {
    "filtered": "filtered by the provider",
    "truncated": "cut off at the most tokens",
    "error": "no answer",
    "not_run": "no answer",
}


@dataclass(frozen=True)
class Answer:
    """One model's answer. `text`: null where there is none, or where it was taken out; `keys`: tag to its key."""

    variant: str
    role: str
    text: str | None
    pieces: tuple[Piece, ...]
    note: str
    seconds: float
    tags: Mapping[Tag, Severity]
    can_tag: bool
    first_key: int


@dataclass(frozen=True)
class Said:
    """One message of the conversation. `others`: messages that go on from the same place, which one can go back to."""

    turn: int
    message: str | None
    category: str | None
    notes: tuple[str, ...]
    answers: tuple[Answer, ...]
    marked: bool
    others: tuple[int, ...]
    last: bool


def conversation(session: Session, texts: Mapping[str, str]) -> tuple[Said, ...]:
    """The messages up to the one that is gone on from."""
    path = session.path(session.current)
    return tuple(_said(session, turn, texts, turn is path[-1]) for turn in path)


def beginnings(session: Session, texts: Mapping[str, str], most: int = 60) -> list[tuple[int, int, str]]:
    """Every message that ends a conversation: its turn, how many messages lead to it, and its first words."""
    found = []
    for turn in session.turns.values():
        if not session.children(turn.id):
            words = " ".join(texts.get(turn.text, "text withheld").split())
            found.append(
                (turn.id, len(session.path(turn.id)), words if len(words) <= most else words[: most - 1] + "…")
            )
    return found


def _said(session: Session, turn: Turn, texts: Mapping[str, str], last: bool) -> Said:
    base, tuned = session.variants
    sides = turn.sides or {}
    bodies = {name: texts.get(side.text) if side.text is not None else None for name, side in sides.items()}
    left, right = bodies.get(base), bodies.get(tuned)
    marked = differences(left, right) if left is not None and right is not None else None
    answers: tuple[Answer, ...] = ()
    if turn.sides is not None:
        both = (Piece(left or ""),), (Piece(right or ""),)
        pieces = (marked.left, marked.right) if marked is not None else both
        answers = (
            _answer(turn, sides[base], "base", base, left, pieces[0], 5),
            _answer(turn, sides[tuned], "tuned", tuned, right, pieces[1], 1),
        )
    return Said(
        turn=turn.id,
        message=texts.get(turn.text),
        category=turn.category,
        notes=tuple(texts.get(note, "text withheld") for note in turn.notes),
        answers=answers,
        marked=marked is None or marked.marked or left == right,
        others=tuple(other.id for other in session.children(turn.parent) if other.id != turn.id),
        last=last,
    )


def _answer(
    turn: Turn, side: Side, role: str, variant: str, text: str | None, pieces: tuple[Piece, ...], first_key: int
) -> Answer:
    note = STATES.get(side.state, "")
    if side.reason and side.text is None:
        note = f"{note}: {side.reason}"
    tags = {tag: turn.tags[variant, tag] for tag in TAGS if (variant, tag) in turn.tags}
    return Answer(variant, role, text, pieces, note, side.seconds, tags, side.text is not None, first_key)
