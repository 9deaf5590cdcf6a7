"""Answers of recorded variants: looked up by their model without an Inspect eval, for nothing is run.
Given a desk, gives replies to the ledger."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

from ftsafety_spec.catalog.base import sample_input
from ftsafety_spec.measure.asking import ask
from ftsafety_spec.measure.conversing import converse
from ftsafety_spec.measure.desk import Desk
from ftsafety_spec.measure.work import Item

if TYPE_CHECKING:
    from inspect_ai.model import Model

TOGETHER = 32


async def play(desk: Desk, model: Model) -> None:
    """Look up everything that the desk wants."""
    items = desk.samples()
    for start in range(0, len(items), TOGETHER):
        if desk.halt.now():
            return
        await asyncio.gather(*(_one(desk, model, each) for each in items[start : start + TOGETHER]))


async def _one(desk: Desk, model: Model, items: list[Item]) -> None:
    item = items[0]
    if item.turn is not None:
        await converse(desk, model, items)
        return
    reply, _ = await ask(model, sample_input(item.prompt), item.repeat, desk.draws, desk.halt)
    desk.take(item, reply)
