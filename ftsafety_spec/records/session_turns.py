"""A manual session as it stands: its turns as a tree, with answers, tags, notes and categories. Given events, gives one
frozen picture; a broken order of events is a ValueError."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace

from ftsafety_spec.records.base import Digest
from ftsafety_spec.records.red_team import Severity
from ftsafety_spec.records.session import (
    Answered,
    Asked,
    Begun,
    Categorised,
    Ended,
    Event,
    Moved,
    Noted,
    Paused,
    Resumed,
    Side,
    Tag,
    Tagged,
)


@dataclass(frozen=True)
class Turn:
    """One message and what came of it. `sides`: null until both have answered; `tags`: of a variant's answer."""

    id: int
    parent: int | None
    text: Digest
    category: str | None
    sides: Mapping[str, Side] | None = None
    tags: Mapping[tuple[str, Tag], Severity] = field(default_factory=dict)
    notes: tuple[Digest, ...] = ()


@dataclass(frozen=True)
class Session:
    """A session. `current`: the turn that the next message goes on from; `paused`: the clock stands."""

    begun: Begun
    events: tuple[Event, ...]
    turns: Mapping[int, Turn]
    current: int | None
    paused: bool
    ended: Ended | None

    @property
    def id(self) -> str:
        """Its name."""
        return self.begun.session

    @property
    def variants(self) -> tuple[str, str]:
        """Base and tuned."""
        return self.begun.base, self.begun.tuned

    @property
    def waiting(self) -> Turn | None:
        """The turn that has no answers yet."""
        return next((turn for turn in self.turns.values() if turn.sides is None), None)

    def path(self, turn: int | None) -> list[Turn]:
        """The conversation that ends with a turn, from its first message."""
        found: list[Turn] = []
        while turn is not None:
            found.append(self.turns[turn])
            turn = self.turns[turn].parent
        return found[::-1]

    def children(self, turn: int | None) -> list[Turn]:
        """Turns that go on from a turn; those that begin a conversation for null."""
        return [item for item in self.turns.values() if item.parent == turn]

    def by_category(self) -> dict[str, int]:
        """Messages by category, of the checklist first; those without one are left out."""
        counted = Counter(turn.category for turn in self.turns.values() if turn.category is not None)
        return {name: counted[name] for name in dict.fromkeys([*self.begun.checklist, *sorted(counted)])}

    def tags(self) -> dict[str, int]:
        """ "variant tag" to how often."""
        every = (f"{variant} {tag}" for turn in self.turns.values() for variant, tag in turn.tags)
        return dict(sorted(Counter(every).items()))


def read_session(events: Iterable[Event]) -> Session:
    """The picture that events make. Raises ValueError where the first does not begin a session, or where one speaks of
    a turn or a variant that there is not."""
    given = tuple(events)
    if not given or not isinstance(given[0], Begun):
        raise ValueError("a session begins with `begun`")
    session = Session(given[0], given[:1], {}, None, False, None)
    for event in given[1:]:
        session = follow(session, event)
    return session


def follow(session: Session, event: Event) -> Session:
    """The session after one more event. Raises ValueError as `read_session` does."""
    return replace(_after(session, event), events=(*session.events, event))


def _after(session: Session, event: Event) -> Session:
    if session.ended is not None:
        raise ValueError("something comes after the end of the session")
    if isinstance(event, Begun):
        raise ValueError("a session begins once")
    if isinstance(event, Ended):
        return replace(session, ended=event)
    if isinstance(event, Paused | Resumed):
        return replace(session, paused=isinstance(event, Paused))
    if isinstance(event, Moved):
        _known(session, event.turn)
        return replace(session, current=event.turn)
    if isinstance(event, Asked):
        return _asked(session, event)
    _known(session, event.turn)
    turn = _told(session, session.turns[event.turn], event)
    return replace(session, turns={**session.turns, turn.id: turn})


def _asked(session: Session, event: Asked) -> Session:
    if event.turn in session.turns:
        raise ValueError(f"turn {event.turn} is asked twice")
    _known(session, event.parent)
    turn = Turn(event.turn, event.parent, event.text, event.category)
    return replace(session, turns={**session.turns, event.turn: turn}, current=event.turn)


def _told(session: Session, turn: Turn, event: Answered | Tagged | Noted | Categorised) -> Turn:
    if isinstance(event, Answered):
        strange = set(event.sides) ^ set(session.variants)
        if strange:
            raise ValueError(f"turn {turn.id}: answers of {', '.join(sorted(event.sides))}, not of both models")
        return replace(turn, sides=event.sides)
    if isinstance(event, Noted):
        return replace(turn, notes=(*turn.notes, event.text))
    if isinstance(event, Categorised):
        return replace(turn, category=event.category)
    if event.variant not in session.variants:
        raise ValueError(f"turn {turn.id}: {event.variant!r} is none of the session's models")
    rest = {key: value for key, value in turn.tags.items() if key != (event.variant, event.tag)}
    return replace(turn, tags={**rest, (event.variant, event.tag): event.severity} if event.on else rest)


def _known(session: Session, turn: int | None) -> None:
    if turn is not None and turn not in session.turns:
        raise ValueError(f"there is no turn {turn}")
