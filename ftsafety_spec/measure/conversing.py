"""A scripted conversation with one variant: the user's turns as written, each after the variant's own answer.
Given a desk and the turns that are missing, gives what was said; every answer goes to the desk as it comes."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

from ftsafety_spec.catalog.base import Prompt, sample_input
from ftsafety_spec.measure.asking import ask
from ftsafety_spec.measure.ledger import Reply
from ftsafety_spec.measure.talk import WITHHELD, said_digest
from ftsafety_spec.measure.work import Item
from ftsafety_spec.records.base import clean_text, digest_text
from ftsafety_spec.records.store import REUSABLE

if TYPE_CHECKING:
    from inspect_ai.model import ChatMessage, Model, ModelOutput

    from ftsafety_spec.measure.desk import Desk


async def converse(
    desk: Desk, model: Model, items: Sequence[Item], log: str | None = None
) -> tuple[list[ChatMessage], ModelOutput | None]:
    """Ask the missing turns in order. A turn that fails ends the conversation: the later ones fail with it. After a
    stop the rest is left to the next session. Gives all messages, and the last output where every turn was answered."""
    from inspect_ai.model import ChatMessageAssistant

    prompt, said = items[0].prompt, desk.said(items[0])
    messages = conversation(prompt, said)
    output = None
    for place, item in enumerate(items):
        if desk.halt.now():
            desk.leave(item, said)
            return messages, None
        reply, output = await ask(model, messages, item.repeat, desk.draws, desk.halt)
        desk.take(item, replace(reply, log=log, said=_said(item, said)))
        if reply.state not in REUSABLE:
            desk.leave(item, said)
            why = f"turn {(item.turn or 0) + 1} has no answer: {reply.reason or reply.state}"
            desk.drop(items[place + 1 :], Reply(reply.state, reason=why, log=log))
            return messages, None
        said.append(clean_text(reply.text) if reply.text else WITHHELD)
        messages += [ChatMessageAssistant(content=said[-1]), *_next(prompt, len(said))]
    return messages, output


def conversation(prompt: Prompt, said: Sequence[str]) -> list[ChatMessage]:
    """The messages up to the turn that follows these answers."""
    from inspect_ai.model import ChatMessageAssistant, ChatMessageUser

    opening = sample_input(prompt)
    messages: list[ChatMessage] = list(opening) if isinstance(opening, list) else [ChatMessageUser(content=opening)]
    for number, text in enumerate(said, start=1):
        messages += [ChatMessageAssistant(content=text), *_next(prompt, number)]
    return messages


def _next(prompt: Prompt, turn: int) -> list[ChatMessage]:
    from inspect_ai.model import ChatMessageUser

    return [ChatMessageUser(content=prompt.user_turn(turn).text)] if turn <= len(prompt.turns) else []


def _said(item: Item, said: Sequence[str]) -> str | None:
    return said_digest([digest_text(text) for text in said]) if item.turn else None
