"""The manual desk (R-29): one session that a person sits in. Given a run, its models and a name, sends each message to
base and tuned at once and writes everything down as it happens; whatever ends the process, nothing said is lost."""

from __future__ import annotations

import math
import threading
from collections.abc import Callable, Mapping
from concurrent.futures import Future
from dataclasses import dataclass
from typing import get_args

from ftsafety_spec.errors import FtsafetyError, InputError, NotFoundError
from ftsafety_spec.measure.asking import reason_of
from ftsafety_spec.pipeline.red_team.session_journal import SessionNotes, new_name, one_session
from ftsafety_spec.pipeline.red_team.session_models import History, Said, SessionModels
from ftsafety_spec.probes.built_in_domains import built_in
from ftsafety_spec.records.folder import RunFolder
from ftsafety_spec.records.locked import LockedSpec
from ftsafety_spec.records.plan import Plan
from ftsafety_spec.records.red_team import Severity
from ftsafety_spec.records.session import (
    OFF_DOMAIN,
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
    SessionFocus,
    Side,
    Source,
    Tag,
    Tagged,
    seconds_of,
    this_moment,
)
from ftsafety_spec.records.session_clock import Clock, read_clock
from ftsafety_spec.records.session_turns import Session, Turn, follow, read_session
from ftsafety_spec.spec.common import AREAS

MOST_CHARACTERS = 100_000
"""Of a message or a note."""
Now = Callable[[], str]


@dataclass(frozen=True)
class Sitter:
    """Who sits down, and about what. `tuned`: the variant that is probed; null takes the one to be deployed."""

    by: str
    source: Source
    tuned: str | None = None
    focus: SessionFocus = "domain"
    role: str = "red_teamer"


def pair_of(locked: LockedSpec, tuned: str | None = None) -> tuple[str, str]:
    """Base and the variant that is probed: the named one, else the one to be deployed, else the first with a base.
    Raises NotFoundError, or InputError FTS-110 where none stands against a base."""
    against = {name: variant.against for name, variant in locked.variants.items() if variant.against is not None}
    if tuned is not None and tuned not in against:
        raise NotFoundError("variant with a base", tuned, against)
    if not against:
        raise InputError("no model of this spec stands against a base.", code="FTS-110")
    deployed = [name for name in against if locked.variants[name].deploy]
    chosen = tuned or [*deployed, *against][0]
    return str(against[chosen]), chosen


def checklist_of(locked: LockedSpec, plan: Plan) -> tuple[str, ...]:
    """What a session on the domain is to touch: the categories that the spec names, else those of the built-in domain
    of that name, else the areas of the use case's own suites, else every area of harm."""
    domain = locked.spec.domain
    table = built_in(domain.name) if domain is not None else None
    if domain is not None and (domain.categories or table is not None):
        return tuple(domain.categories or (table.categories if table is not None else ()))
    own = {area for item in plan.datasets if item.use == "domain" for area in item.by_area if area != "none"}
    return tuple(sorted(own) or [area for area in AREAS if area != "none"])


class SessionDesk:
    """One open session. Calls may come from several threads."""

    def __init__(self, models: SessionModels, notes: SessionNotes, session: Session, now: Now = this_moment) -> None:
        self.models = models
        self._notes, self._session, self._now = notes, session, now
        self._lock = threading.RLock()
        self._done = threading.Event()
        self._done.set()
        self._closed = False
        self.fault: FtsafetyError | None = None

    @classmethod
    def begin(cls, folder: RunFolder, models: SessionModels, sitter: Sitter, now: Now = this_moment) -> SessionDesk:
        """Sit down. Raises as `pair_of` does."""
        locked, plan = folder.read(LockedSpec), folder.read(Plan)
        base, tuned = pair_of(locked, sitter.tuned)
        begun = Begun(
            session=new_name(),
            by=sitter.by,
            role=sitter.role,
            source=sitter.source,
            domain=locked.spec.domain.name if locked.spec.domain is not None else None,
            focus=sitter.focus,
            base=base,
            tuned=tuned,
            checklist=checklist_of(locked, plan),
            spec=plan.spec,
            at=now(),
        )
        notes = SessionNotes(folder, begun.session)
        notes.append(begun)
        return cls(models, notes, read_session([begun]), now)

    @classmethod
    def take_up(
        cls, folder: RunFolder, models: SessionModels, name: str, source: Source, now: Now = this_moment
    ) -> SessionDesk:
        """Go on with a session that was interrupted or paused; a message without answers is asked again. Raises
        InputError FTS-115 where it is over, FTS-132 where it is open elsewhere."""
        notes = SessionNotes(folder, name)
        try:
            session = one_session(folder, name)
            if session.ended is not None:
                raise InputError(f"session {name} is over.", code="FTS-115", hint="Begin another one.")
            desk = cls(models, notes, session, now)
            desk._write(Resumed(source=source, at=now()))
        except BaseException:
            notes.close()
            raise
        waiting = session.waiting
        if waiting is not None:
            desk._ask(waiting.id)
        return desk

    @property
    def session(self) -> Session:
        """The session as it stands."""
        with self._lock:
            return self._session

    @property
    def texts(self) -> Mapping[str, str]:
        """Digest to text of everything in it."""
        with self._lock:
            return dict(self._notes.texts)

    def say(self, text: str, category: str | None = None) -> int:
        """Send a message to both; its turn. Raises InputError FTS-115 for an empty or too long one, and while an answer
        is awaited; NotFoundError for a category that is not on the list."""
        body = _text(text)
        with self._lock:
            self._going()
            if self._session.waiting is not None:
                raise InputError("an answer is still awaited.", code="FTS-115")
            self._category(category)
            turn = max(self._session.turns, default=0) + 1
            digest, parent = self._notes.text(body), self._session.current
            event = Asked(turn=turn, parent=parent, text=digest, chars=len(body), category=category, at=self._now())
            self._write(*self._awake(), event)
            self._ask(turn)
        return turn

    def tag(self, turn: int, variant: str, tag: str, severity: str = "medium", on: bool = True) -> None:
        """Set a tag on an answer, or take it away. Raises NotFoundError."""
        _named("tag", tag, get_args(Tag))
        _named("severity", severity, get_args(Severity))
        with self._lock:
            _named("model of this session", variant, self._session.variants)
            side = (self._turn(turn).sides or {}).get(variant)
            if side is None or side.text is None:
                raise InputError(f"{variant} has not answered message {turn}.", code="FTS-115")
            made = {"turn": turn, "variant": variant, "tag": tag, "severity": severity, "on": on, "at": self._now()}
            self._write(*self._awake(), Tagged.model_validate(made))

    def note(self, turn: int, text: str) -> None:
        """Write a note on a turn."""
        body = _text(text)
        with self._lock:
            self._turn(turn)
            self._write(*self._awake(), Noted(turn=turn, text=self._notes.text(body), at=self._now()))

    def categorise(self, turn: int, category: str | None) -> None:
        """Put a message under another category."""
        with self._lock:
            self._category(category)
            self._turn(turn)
            self._write(*self._awake(), Categorised(turn=turn, category=category, at=self._now()))

    def move(self, turn: int | None) -> None:
        """Let the next message go on from a turn; from none: begin a conversation."""
        with self._lock:
            if turn is not None:
                self._turn(turn)
            self._write(*self._awake(), Moved(turn=turn, at=self._now()))

    def pause(self) -> None:
        """Stop the clock."""
        with self._lock:
            self._going()
            if not self._session.paused:
                self._write(Paused(at=self._now()))

    def end(self) -> None:
        """The session is over; a message that is not answered stays without answers."""
        with self._lock:
            self._going()
            self._write(Ended(at=self._now()))
        self.close()

    def clock(self) -> Clock:
        """Active time so far."""
        with self._lock:
            return read_clock(self._session.events, until=None if self._session.ended else seconds_of(self._now()))

    def wait(self, seconds: float | None = None) -> bool:
        """Wait for both answers; False where they did not come in time."""
        return self._done.wait(seconds)

    def close(self) -> None:
        """Let go of the journal; the session may be taken up again."""
        with self._lock:
            self._notes.close()
            self._closed = True

    def _ask(self, turn: int) -> None:
        path = self._session.path(turn)
        texts = self._notes.texts
        histories = {name: history_of(path, name, texts) for name in self._session.variants}
        self.fault = None
        self._done.clear()
        self.models.ask(histories, turn).add_done_callback(lambda done: self._answered(turn, done))

    def _answered(self, turn: int, done: Future[dict[str, Said]]) -> None:
        """Write both answers down; called where they were made. What came after the end is let go."""
        with self._lock:
            try:
                if not self._closed and not done.cancelled():
                    self._write(Answered(turn=turn, sides=self._sides(done), at=self._now()))
            finally:
                self._done.set()

    def _sides(self, done: Future[dict[str, Said]]) -> dict[str, Side]:
        error = done.exception()
        if error is None:
            return {name: self._side(said) for name, said in done.result().items()}
        self.fault = error if isinstance(error, FtsafetyError) else None
        return dict.fromkeys(self._session.variants, Side(state="error", reason=reason_of(error)))

    def _side(self, said: Said) -> Side:
        reply = said.reply
        return Side(
            state=reply.state,
            text=self._notes.text(reply.text) if reply.text is not None else None,
            reason=reply.reason,
            tokens_in=reply.tokens_in,
            tokens_out=reply.tokens_out,
            usd=said.usd,
            seconds=max(0.0, reply.seconds),
        )

    def _write(self, *events: Event) -> None:
        session = self._session
        for event in events:
            session = follow(session, event)
        self._notes.append(*events)
        self._session = session

    def _awake(self) -> list[Event]:
        """What takes the clock up again, where it stands."""
        self._going()
        return [Resumed(source=self._session.begun.source, at=self._now())] if self._session.paused else []

    def _going(self) -> None:
        if self._session.ended is not None or self._closed:
            raise InputError(f"session {self._session.id} is over.", code="FTS-115", hint="Begin another one.")

    def _turn(self, turn: int) -> Turn:
        found = self._session.turns.get(turn)
        if found is None:
            raise NotFoundError("turn", str(turn), map(str, self._session.turns))
        return found

    def _category(self, category: str | None) -> None:
        if category is not None:
            _named("category", category, [*self._session.begun.checklist, OFF_DOMAIN])


def history_of(path: list[Turn], variant: str, texts: Mapping[str, str]) -> History:
    """What one model is shown: its own answers between the messages. A turn that it did not answer is passed over, but
    for the last, which it is to answer."""
    found: list[tuple[str, str]] = []
    for turn in path[:-1]:
        side = (turn.sides or {}).get(variant)
        if side is not None and side.text is not None:
            found += [("user", texts[turn.text]), ("assistant", texts[side.text])]
    return [*found, ("user", texts[path[-1].text])]


def spent(session: Session) -> tuple[float | None, int]:
    """USD (null where a price is not known) and tokens of a session."""
    sides = [side for turn in session.turns.values() for side in (turn.sides or {}).values()]
    tokens = sum((side.tokens_in or 0) + (side.tokens_out or 0) for side in sides)
    answered = [side for side in sides if side.text is not None]
    if any(side.usd is None for side in answered):
        return None, tokens
    return math.fsum(float(side.usd or 0) for side in answered), tokens


def _text(text: str) -> str:
    body = text.replace("\r\n", "\n").strip()
    if not body or len(body) > MOST_CHARACTERS or "\0" in body:
        raise InputError(f"a message has 1 to {MOST_CHARACTERS} characters.", code="FTS-115")
    return body


def _named(noun: str, name: str, known: tuple[str, ...] | list[str]) -> None:
    if name not in known:
        raise NotFoundError(noun, name, known)
