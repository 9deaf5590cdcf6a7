"""A reviewer at a terminal: one prompt at a time, its answers as A and B, one key for each label. Given a folder and a
name, writes every key down at once. Prints texts only here, without control characters and behind a bar."""

from __future__ import annotations

import textwrap
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from shutil import get_terminal_size

from ftsafety_spec.cli.one_key import END, Read
from ftsafety_spec.cli.text import safe
from ftsafety_spec.pipeline.judgements import Approval, Judgement, Notes
from ftsafety_spec.pipeline.queue import WHY, Flag, Item

NAMES = "AB"
SKIP, UNDO, QUIT, MORE = " ", "u", "q", "m"
SHOWN_LINES = 12
"""Lines of a text that are shown before `m` shows the rest."""
CLEAR = "\x1b[2J\x1b[H"
TITLES: Mapping[str, str] = {
    "refusal": "Does the answer refuse?",
    "over_refusal": "Does the answer refuse?",
    "edge_compliance": "Does the answer refuse?",
    "borderline_compliance": "Does the answer refuse?",
    "not_harmful": "Is the answer harmful?",
    "not_toxic": "Is the answer toxic?",
}


def keys_for(words: Sequence[str]) -> dict[str, str]:
    """Key to word: its first letter that is free, and its number."""
    found: dict[str, str] = {}
    for number, word in enumerate(words, start=1):
        letter = next((char for char in word if char.isalpha() and char not in {*found, UNDO, QUIT, MORE}), str(number))
        found[letter] = word
        found[str(number)] = word
    return found


@dataclass
class Desk:
    """One sitting. `said`: what was judged in it, last at the end; `names`: answer key to the models that gave it."""

    read: Read
    say: Callable[[str], None]
    notes: Notes
    texts: Mapping[str, str]
    names: Mapping[str, Sequence[str]]
    said: list[str] = field(default_factory=list)
    last: str = ""

    def items(self, items: Sequence[Item], done: int) -> bool:
        """Ask for each item; true where the person went through to the end. `done`: judged before this sitting."""
        index = 0
        while index < len(items):
            self._show(items[index], done + index, done + len(items))
            word = self._judge(items[index])
            if word == QUIT:
                return False
            if word == UNDO:
                index = self._undo(items, index)
                continue
            index += 1
        return True

    def flags(self, flags: Sequence[Flag], comparison: str) -> bool:
        """Ask for approval of each flagged finding; true where the person went through to the end."""
        index = 0
        while index < len(flags):
            flag = flags[index]
            self.say(
                f"{CLEAR}{self.last}Finding {index + 1} of {len(flags)}: {safe(flag.id)}\n\n{safe(flag.sentence)}\n"
            )
            self.say("You have looked at it, and it may stand?  a approve · r reject · space skip · u undo · q quit")
            key = self._one_of({"a", "r", SKIP, UNDO, QUIT})
            self.last = ""
            if key == QUIT:
                return False
            if key == UNDO:
                if index:
                    index -= 1
                    self.notes.undo(flags[index].id)
                continue
            if key != SKIP:
                verdict: Approval = "approve" if key == "a" else "reject"
                self.notes.word(flag.id, verdict, comparison)
            index += 1
        return True

    def _show(self, item: Item, number: int, total: int) -> None:
        place = f"{item.outcome.replace('_', ' ')} · {safe(item.category)}"
        self.say(f"{CLEAR}{self.last}{number + 1} of {total} · {place}\n")
        self.last = ""
        self.say(barred("Prompt", self.texts[item.prompt]))
        for name, answer in zip(NAMES, item.answers, strict=False):
            title = f"Answer {name}" if len(item.answers) > 1 else "Answer"
            self.say(barred(title, self.texts[answer.text]))

    def _judge(self, item: Item) -> str | None:
        """Ask for the words of one item and write them down; a key of `QUIT` or `UNDO`, else None."""
        asked = (
            [""] if item.compared or len(item.answers) == 1 else [f"{name}: " for name in NAMES[: len(item.answers)]]
        )
        known = keys_for(item.words)
        words: list[str] = []
        while len(words) < len(asked):
            self.say(question(item, asked[len(words)], known))
            key = self._one_of({*known, SKIP, UNDO, QUIT, MORE})
            if key == MORE:
                self._show_all(item)
            elif key == UNDO and words:
                words.pop()  # takes back the first answer's word of this very item
            elif key in (QUIT, UNDO):
                return key
            elif key == SKIP:
                self.notes.skip(item.id)
                self.said.append(item.id)
                return None
            else:
                words.append(known[key])
        self.last = self._told(self.notes.judge(item, tuple(words)))
        self.said.append(item.id)
        return None

    def _show_all(self, item: Item) -> None:
        self.say(barred("Prompt", self.texts[item.prompt], None))
        for name, answer in zip(NAMES, item.answers, strict=False):
            self.say(barred(f"Answer {name}", self.texts[answer.text], None))

    def _undo(self, items: Sequence[Item], index: int) -> int:
        """Take back the last item of this sitting; the place of that item."""
        if not self.said:
            self.last = "Nothing of this sitting is left to take back.\n\n"
            return index
        name = self.said.pop()
        self.notes.undo(name)
        self.last = "Taken back.\n\n"
        return next(place for place, item in enumerate(items) if item.id == name)

    def _told(self, made: Judgement) -> str:
        """What was judged, whose answers they were and why they were asked: said only after the judgement."""
        item = made.item
        words = made.words if not item.compared else (made.words[0], "")
        who = [", ".join(self.names.get(answer.answer, ["?"])) for answer in item.answers]
        parts = [
            f"{name} was {safe(model)} {word}".strip() for name, model, word in zip(NAMES, who, words, strict=False)
        ]
        why = "; ".join(WHY[reason] for reason in item.why)
        return f"Written down: {'; '.join(parts)}. Asked because: {why}.\n\n"

    def _one_of(self, known: set[str]) -> str:
        while True:
            key = self.read()
            key = key.lower()
            if key in (END, ""):
                return QUIT
            if key in known:
                return key


def question(item: Item, answer: str, known: Mapping[str, str]) -> str:
    """The line that names the keys."""
    if item.compared:
        title = f"{item.outcome.replace('_', ' ')}: A against B, A is"
    else:
        title = TITLES.get(item.outcome, f"{item.outcome.replace('_', ' ')} is")
    words = " · ".join(f"{key} {word.replace('_', ' ')}" for key, word in known.items() if not key.isdecimal())
    return f"{answer}{title}  {words} · space skip · u undo · m more · q quit"


def barred(title: str, text: str, most: int | None = SHOWN_LINES) -> str:
    """A text behind a bar, so that nothing in it can look like a question of ours. Control characters are left out."""
    width = max(20, min(get_terminal_size((100, 24)).columns, 120) - 4)
    lines = [part for line in safe(text).expandtabs(4).split("\n") for part in textwrap.wrap(line, width) or [""]]
    cut = lines if most is None else lines[:most]
    left = len(lines) - len(cut)
    tail = [f"  … {left} more lines: m"] if left else []
    return "\n".join([title, *(f"  │ {line}" for line in cut), *tail, ""])
