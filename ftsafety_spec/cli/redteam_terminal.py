"""The desk at a terminal: a line is a message to base and tuned, a line that begins with `/` a command. Given a run and
a person, writes the same journal as the console. Prints texts only behind a bar, without control characters."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING

from ftsafety_spec.cli.output import note
from ftsafety_spec.cli.review_desk import barred
from ftsafety_spec.cli.text import duration, one_line, safe
from ftsafety_spec.errors import InputError, suggest
from ftsafety_spec.pipeline.red_team.desk import SessionDesk, Sitter, pair_of, spent
from ftsafety_spec.records.session import OFF_DOMAIN, TAGS

if TYPE_CHECKING:
    from ftsafety_spec.attest.library import CryptoSigner
    from ftsafety_spec.pipeline.red_team.session_evidence import ClosedSession
    from ftsafety_spec.records.folder import RunFolder

HELP = """A line without / is a message to both models. Else:
  /tag TAG [base|tuned] [low|medium|high]   tag the last answer (tuned, medium): {tags}
  /untag TAG [base|tuned]                   take a tag away
  /note TEXT                                a note on the last message
  /category [NAME]                          what the next messages are about; alone: the checklist with counts
  /branch [N]                               go on from message N; alone: a new conversation
  /turns                                    the messages so far
  /clock                                    active minutes, what did not count, cost
  /pause                                    stop the clock until the next thing you do
  /end                                      end the session: it becomes evidence
  /quit                                     leave it open, to go on later (so does Ctrl-C)"""
KEPT = "Session {name} is kept open; the same command goes on with it."
_TAKES_ARGUMENT = ("tag", "untag", "note")


def sit_down(folder: RunFolder, sitter: Sitter, signer: CryptoSigner | None, new: bool) -> None:
    """Hold or go on with a session until it is ended or left."""
    from ftsafety_spec.pipeline.red_team.session_models import SessionModels
    from ftsafety_spec.pipeline.stages import project_of
    from ftsafety_spec.records.locked import LockedSpec

    earlier = None if new else _open_session(folder, sitter)
    pair = pair_of(folder.read(LockedSpec), sitter.tuned if earlier is None else earlier[1])
    models = SessionModels(folder, project_of(folder).root, pair)
    try:
        if earlier is None:
            desk = SessionDesk.begin(folder, models, sitter)
        else:
            desk = SessionDesk.take_up(folder, models, earlier[0], "terminal")
            note(f"Session {earlier[0]} is taken up again; --new begins another one.")
        try:
            ended = _Sitting(desk, _say).run()
        except KeyboardInterrupt:
            note(f"\n{KEPT.format(name=desk.session.id)}")
            raise
        finally:
            desk.close()
    finally:
        models.close()
    if not ended:
        _say(KEPT.format(name=desk.session.id))
        return
    from ftsafety_spec.pipeline.red_team.session_evidence import close_session

    _say(closed_words(close_session(folder, desk.session.id, signer), folder))


def _open_session(folder: RunFolder, sitter: Sitter) -> tuple[str, str] | None:
    """Name and probed variant of the last session of this person that is not over."""
    from ftsafety_spec.pipeline.red_team.session_journal import sessions_of

    mine = [session for session in sessions_of(folder) if session.begun.by == sitter.by and session.ended is None]
    fits = [item for item in mine if sitter.tuned in (None, item.begun.tuned) and item.begun.focus == sitter.focus]
    return (fits[-1].id, fits[-1].begun.tuned) if fits else None


def closed_words(made: ClosedSession, folder: RunFolder) -> str:
    """What a session became, and how far the policy's minimum is."""
    body = made.body
    lines = [f"Session {body.session}: {body.minutes:g} active minutes, {body.prompts} messages answered, evidence."]
    if body.not_counted:
        lines.append("Did not count: " + ", ".join(f"{why} {m:g} min" for why, m in body.not_counted.items()) + ".")
    lines.append(f"Findings: {len(body.findings)}.")
    lines.append(
        f"Signed by key {made.signed[:12]}." if made.signed else "Not signed: no key (`ftsafety keys new NAME`)."
    )
    if made.asked is not None:
        left = made.asked - made.given
        state = "met" if left <= 0 else f"not met, {left:g} more minutes"
        lines.append(f"The policy asks for {made.asked:g} minutes; {made.given:g} are there: {state}.")
    return "\n".join([*lines, f"Next: ftsafety gate {folder.root}"])


@dataclass
class _Sitting:
    """One sitting. `category`: of the next messages."""

    desk: SessionDesk
    say: Callable[[str], None]
    category: str | None = None

    def run(self) -> bool:
        """Read lines until the session ends (True) or is left (False)."""
        base, tuned = self.desk.session.variants
        self.say(f"{safe(base)} and {safe(tuned)} answer each message. /help names the commands.")
        if self.desk.session.waiting is not None:
            self._answers(self.desk.session.waiting.id)
        while True:
            try:
                line = input(f"{self._minutes()} > ").strip()
            except EOFError:
                return False
            if line in ("/quit", "/end"):
                if line == "/end":
                    self.desk.end()
                return line == "/end"
            try:
                self._line(line)
            except InputError as error:
                self.say(str(error))

    def _line(self, line: str) -> None:
        if not line:
            return
        if not line.startswith("/"):
            self._answers(self.desk.say(line, self.category))
            return
        word, _, rest = line[1:].partition(" ")
        commands: dict[str, Callable[[str], None]] = {
            "help": lambda _: self.say(HELP.format(tags=", ".join(TAGS))),
            "tag": lambda text: self._tag(text, True),
            "untag": lambda text: self._tag(text, False),
            "note": self._note,
            "category": self._category,
            "branch": self._branch,
            "turns": lambda _: self._turns(),
            "clock": lambda _: self._clock(),
            "pause": lambda _: self._pause(),
        }
        if word not in commands:
            raise InputError(f"no such command: /{safe(word)}.", code="FTS-115", hint=suggest(word, commands))
        if word in _TAKES_ARGUMENT and not rest.strip():
            raise InputError(f"/{word} needs more words; see /help.", code="FTS-115")
        commands[word](rest.strip())

    def _answers(self, turn: int) -> None:
        waited = 0
        while not self.desk.wait(5):
            waited += 5
            opening = "" if self.desk.models.opened else "opening the models, "
            note(f"… {opening}{duration(waited)}")
        if self.desk.fault is not None:
            raise self.desk.fault
        session, texts = self.desk.session, self.desk.texts
        for name in session.variants:
            side = (session.turns[turn].sides or {})[name]
            shown = (
                texts.get(side.text, "") if side.text is not None else f"(no answer: {safe(side.reason or side.state)})"
            )
            self.say(barred(f"{turn} · {safe(name)}{' · cut off' if side.state == 'truncated' else ''}", shown, None))

    def _tag(self, text: str, on: bool) -> None:
        words = text.split()
        session = self.desk.session
        variant = {"base": session.begun.base, "tuned": session.begun.tuned}
        named = [word for word in words[1:] if word in (*variant, *session.variants)]
        levels = [word for word in words[1:] if word not in named]
        chosen = variant.get(named[0], named[0]) if named else session.begun.tuned
        self.desk.tag(self._last(), chosen, words[0], levels[0] if levels else "medium", on)

    def _note(self, text: str) -> None:
        self.desk.note(self._last(), text)

    def _category(self, text: str) -> None:
        if text:
            known = [*self.desk.session.begun.checklist, OFF_DOMAIN]
            if text not in known:
                raise InputError(f"no such category: {safe(text)}.", code="FTS-104", hint=suggest(text, known))
            self.category = text
            return
        for name, count in self.desk.session.by_category().items():
            self.say(f"  [{'x' if count else ' '}] {count:3d}  {safe(name)}")
        self.say(f"           {OFF_DOMAIN} (does not count)")

    def _branch(self, text: str) -> None:
        if text and not text.isdecimal():
            raise InputError("/branch takes the number of a message; see /turns.", code="FTS-115")
        self.desk.move(int(text) if text else None)

    def _turns(self) -> None:
        session, texts = self.desk.session, self.desk.texts
        for turn in session.turns.values():
            here = "→" if turn.id == session.current else " "
            after = f"after {turn.parent}" if turn.parent is not None else "new"
            marks = ", ".join(f"{variant} {tag}" for variant, tag in turn.tags)
            words = one_line(texts.get(turn.text, "text withheld"), 60)
            self.say(f"{here} {turn.id:3d} ({after})  {words}{f'  [{marks}]' if marks else ''}")

    def _clock(self) -> None:
        clock, (usd, tokens) = self.desk.clock(), spent(self.desk.session)
        left = ", ".join(f"{why} {duration(seconds)}" for why, seconds in clock.left_out.items() if seconds >= 1)
        cost = "cost not known" if usd is None else f"{usd:.4f} USD"
        self.say(f"{clock.minutes:g} active minutes{f' ({left} left out)' if left else ''}; {tokens} tokens, {cost}")

    def _pause(self) -> None:
        self.desk.pause()
        self.say("The clock stands; the next thing that you do starts it.")

    def _minutes(self) -> str:
        whole, seconds = divmod(int(self.desk.clock().seconds), 60)
        return f"{whole}:{seconds:02d}{f' · {safe(self.category)}' if self.category else ''}"

    def _last(self) -> int:
        current = self.desk.session.current
        if current is None:
            raise InputError("there is no message yet.", code="FTS-115")
        return current


def _say(text: str) -> None:
    print(text, flush=True)
