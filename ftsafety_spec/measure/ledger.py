"""The run's journal of answers: what was asked in this run, what was found in the project's store, what it cost.
Given replies as they come, gives rows on disk at once, text first, so that a kill loses only what was in flight."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from types import TracebackType
from typing import Any, Literal, Self

from ftsafety_spec.measure.progress import Progress
from ftsafety_spec.measure.talk import Talk, said_digest
from ftsafety_spec.measure.work import Item, Keys, Work, together
from ftsafety_spec.records.base import clean_text, digest_text, now
from ftsafety_spec.records.folder import RunFolder
from ftsafety_spec.records.journal import Journal, read_journal
from ftsafety_spec.records.store import REUSABLE, VOID, Store
from ftsafety_spec.spec.provider import Prices

State = Literal["ok", "filtered", "truncated", "error", "not_run"]
Rows = Mapping[str, Mapping[str, Any]]


@dataclass(frozen=True, slots=True)
class Reply:
    """How one call ended. `scores`: an Inspect task's own scores by scorer; `log`: the `.eval` file; `first`:
    log-probabilities of the likeliest first tokens, where they were asked for; `said`: of a conversation's turn, digest
    of its earlier answers (`said_digest`)."""

    state: State
    text: str | None = None
    reason: str | None = None
    tokens_in: int | None = None
    tokens_out: int | None = None
    seconds: float = 0.0
    log: str | None = None
    scores: Mapping[str, Any] | None = None
    first: Mapping[str, float] | None = None
    said: str | None = None


class Ledger:
    """Use as a context manager. `known` holds the keys that have an answer; errors are not among them. Of a
    conversation the known turns are its first ones, each an answer to those before it. `since`: generation key to the
    moment from which on its answers are taken over, where a model is a provider's claim; `taken`: when that was last
    done."""

    def __init__(
        self,
        folder: RunFolder,
        store: Store,
        prices: Mapping[str, Prices | None],
        progress: Progress,
        since: Mapping[str, str] | None = None,
    ) -> None:
        self.known = Keys()
        self.answered = 0
        self.reused = 0
        self.errors = 0
        self.usd = 0.0
        self.taken: dict[str, str] = {}
        self._since = since or {}
        self._store = store
        self._prices = prices
        self._progress = progress
        self._texts_seen = Keys()
        self._open = ExitStack()
        self._talk = Talk(folder)
        for row in read_journal(folder.journal / "answers.jsonl"):
            self._talk.remember(row)
            if row["state"] in REUSABLE:
                self.known.add(row["answer"])
                if "taken" in row:
                    self.taken[row["generation_key"]] = row["taken"]
            elif row["state"] == VOID:
                self.known.discard(row["answer"])
        for row in read_journal(folder.journal / "texts.jsonl"):
            self._texts_seen.add(row["digest"])
        self._texts = self._open.enter_context(Journal(folder.journal / "texts.jsonl"))
        self._answers = self._open.enter_context(Journal(folder.journal / "answers.jsonl"))

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._open.close()

    def reuse(self, work: Work) -> int:
        """Take over what the store has; returns how many different answers are still missing."""
        missing, here = Keys(), len(self.known)
        for task in work.tasks:
            for variant in work.variants:
                missing_here = self._reuse(work, variant, task)
                for key in missing_here:
                    missing.add(key)
        self.reused = len(self.known)
        if len(self.known) > here:
            self._progress.note(f"{len(self.known) - here} answers are known from earlier runs")
        return len(missing)

    def _reuse(self, work: Work, variant: str, task: Any) -> list[str]:
        generation_key = work.keys[variant, task.suite, task.task]
        stored = self._store.answered(generation_key, self._since.get(generation_key, ""))
        texts = self._store.texts(generation_key)
        missing = []
        for items in together(work.asked(variant, task, work.draws(task))):
            missing += self._missing(items, stored, texts)
        return missing

    def _missing(self, items: list[Item], stored: Rows, texts: Rows) -> list[str]:
        """Keys of what is still to be asked of one sample: of a conversation, all from the first missing turn on; the
        whole of it where an earlier answer's text is not at hand."""
        said: list[str | None] = []
        for item in items:
            if not self._has(item, stored, texts, said_digest(said) if item.turn else None):
                break
            said.append(self._talk.text(item.key))
        rest = items[len(said) :]
        if rest and said and not self._talk.resume(rest[0].key, said, texts):
            for item in items[: len(said)]:
                self._answers.append({"answer": item.key, "state": VOID})
                self.known.discard(item.key)
            rest = items
        return [item.key for item in rest]

    def _has(self, item: Item, stored: Rows, texts: Rows, said: str | None) -> bool:
        """True where an answer is known, or is taken over from the store now."""
        if item.key in self.known:
            return True
        row = stored.get(item.key)
        if row is None or row.get("said") != said or not self._take_text(row.get("text"), texts):
            return False
        self._answers.append({**{name: value for name, value in row.items() if name != "log"}, **self._mark(item)})
        self._talk.remember(row)
        self.known.add(item.key)
        return True

    def _mark(self, item: Item) -> dict[str, str]:
        """When an answer of a provider's model was taken over: its fixed prompts are to be asked after that."""
        if item.generation_key not in self._since:
            return {}
        self.taken[item.generation_key] = moment = now()
        return {"taken": moment}

    def said(self, item: Item) -> list[str]:
        """What the variant answered in this conversation so far, where the turn is the first missing one."""
        return self._talk.said(item.key) if item.turn else []

    def leave(self, item: Item, said: Sequence[str]) -> None:
        """Say at which turn a conversation was left, and what was answered until then."""
        self._talk.leave(item.key, said)

    def _take_text(self, digest: str | None, texts: Mapping[str, Mapping[str, Any]]) -> bool:
        if digest is None:
            return True
        row = texts.get(digest)
        if row is None:
            return False
        self.write_text(digest, row["body"])
        return True

    def write_text(self, digest: str, body: str) -> None:
        """Put a text into the run, once."""
        if digest not in self._texts_seen:
            self._texts.append({"digest": digest, "body": body})
            self._texts_seen.add(digest)

    def record(self, item: Item, reply: Reply) -> None:
        """Write one reply down: its text, then its row; a finished answer also into the store."""
        usd = self._price(item.variant, reply)
        row = self._row(item, reply, usd)
        if reply.text:
            body = clean_text(reply.text)
            self.write_text(row["text"], body)
            if reply.state in REUSABLE:
                self._store.put_text(item.generation_key, row["text"], body)
        self._answers.append(row)
        self._store.put_answer(item.generation_key, row)
        self._count(item, reply, usd)

    def _row(self, item: Item, reply: Reply, usd: float | None) -> dict[str, Any]:
        row = {
            "answer": item.key,
            "generation_key": item.generation_key,
            "state": reply.state,
            "reason": reply.reason,
            "text": digest_text(reply.text) if reply.text else None,
            "tokens_in": reply.tokens_in,
            "tokens_out": reply.tokens_out,
            "usd": None if usd is None else f"{usd:.8f}",
            "seconds": round(reply.seconds, 3),
            "at": now(),
            "log": reply.log,
            "scores": reply.scores,
            "first": reply.first,
            "turn": item.turn,
            "said": reply.said,
        }
        return {name: value for name, value in row.items() if value is not None}

    def pay(self, usd: float) -> None:
        """Count what a grader's model cost."""
        self.usd += usd

    def spend(self, variant: str, tokens_in: int, tokens_out: int) -> None:
        """Count what a call cost that gives no answer of the run."""
        self.usd += self._price(variant, Reply("ok", tokens_in=tokens_in, tokens_out=tokens_out)) or 0.0

    def _price(self, variant: str, reply: Reply) -> float | None:
        prices = self._prices.get(variant)
        if prices is None or reply.tokens_in is None or reply.tokens_out is None:
            return None
        return (reply.tokens_in * prices.input + reply.tokens_out * prices.output) / 1e6

    def _count(self, item: Item, reply: Reply, usd: float | None) -> None:
        self.usd += usd or 0.0
        if reply.state in REUSABLE:
            self.known.add(item.key)
            self.answered += 1
        elif reply.state == "error":
            self.errors += 1
        tokens = (reply.tokens_in or 0) + (reply.tokens_out or 0)
        self._progress.answered(item.variant, item.name, tokens, usd, reply.seconds)
