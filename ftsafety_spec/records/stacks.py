"""Which variants show what the adapters of a stack do alone (R-59). Given the variants of a spec, gives for each stack
of two adapters or more the variant of each adapter alone and the one without any. Never guesses: a stack of which one
of these is not measured has none."""

from __future__ import annotations

from collections.abc import Iterable

from ftsafety_spec.records.base import Part
from ftsafety_spec.records.locked import Variant


class Stack(Part):
    """A combination: `alone` maps each of its own adapters, in order, to the variant that holds it alone; `without` is
    the variant that holds none of them, on the same weights."""

    variant: str
    without: str
    alone: dict[str, str]

    @property
    def title(self) -> str:
        """The adapters that are put together: `tone + cards`."""
        return " + ".join(self.alone)


def stacks_of(variants: Iterable[Variant]) -> dict[str, Stack]:
    """Each compared variant that puts two adapters or more on what lies under them, by its id."""
    known = {item.id: item for item in variants}
    found = {name: _stack(item, known) for name, item in known.items() if item.against is not None}
    return {name: stack for name, stack in found.items() if stack is not None}


def _stack(variant: Variant, known: dict[str, Variant]) -> Stack | None:
    base = known.get(variant.against or "")
    under = base.adapters if base is not None and base.model == variant.model else {}
    own = [name for name, scale in variant.adapters.items() if under.get(name) != scale]
    without = _holding(variant.model, under, known)
    alone = {name: _holding(variant.model, {**under, name: variant.adapters[name]}, known) for name in own}
    parts = {name: part for name, part in alone.items() if part is not None}
    if len(own) < 2 or without is None or len(parts) < len(own):
        return None
    return Stack(variant=variant.id, without=without, alone=parts)


def _holding(model: str, adapters: dict[str, float], known: dict[str, Variant]) -> str | None:
    """The first variant of exactly these weights and adapters."""
    return next((v.id for v in known.values() if (v.model, v.adapters) == (model, adapters)), None)
