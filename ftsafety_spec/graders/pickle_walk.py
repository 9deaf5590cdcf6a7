"""What a pickle describes, without unpickling it: plain values, names, and objects that are only noted.
Given bytes and the names that may occur, gives the value. Imports and calls nothing; refuses what it does not know."""

from __future__ import annotations

import pickletools
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass
from typing import Any


class Refused(Exception):
    """The bytes hold something that was not expected; the text says what."""


@dataclass(frozen=True)
class Name:
    """A global that the pickle names, as text."""

    full: str


@dataclass
class Noted:
    """An object that the pickle would make: by which name, from which arguments, with which state."""

    made_by: str
    args: tuple[Any, ...]
    state: Any = None


class _Mark:
    pass


class _Walk:
    def __init__(self, allowed: Collection[str]) -> None:
        self.allowed = allowed
        self.stack: list[Any] = []
        self.memo: dict[int, Any] = {}

    def push(self, value: Any) -> None:
        self.stack.append(value)

    def since_mark(self) -> list[Any]:
        place = max(i for i, item in enumerate(self.stack) if isinstance(item, _Mark))
        items = self.stack[place + 1 :]
        del self.stack[place:]
        return items

    def name(self, full: str) -> None:
        if full not in self.allowed:
            raise Refused(f"the name {full!r}, which has no place in it")
        self.push(Name(full))

    def stacked_name(self) -> None:
        name, module = self.stack.pop(), self.stack.pop()
        self.name(f"{module}.{name}")

    def make(self) -> None:
        args, maker = self.stack.pop(), self.stack.pop()
        if not isinstance(maker, Name) or not isinstance(args, tuple):
            raise Refused("an object made by something without a name")
        self.push(Noted(maker.full, args))

    def build(self) -> None:
        state = self.stack.pop()
        if not isinstance(self.stack[-1], Noted):
            raise Refused("a state for something that is no object")
        self.stack[-1].state = state

    def keep(self, place: int) -> None:
        self.memo[place] = self.stack[-1]

    def append(self, items: list[Any]) -> None:
        if not isinstance(self.stack[-1], list):
            raise Refused("items for something that is no list")
        self.stack[-1].extend(items)

    def assign(self, items: list[Any]) -> None:
        if not isinstance(self.stack[-1], dict) or not all(isinstance(key, str) for key in items[::2]):
            raise Refused("keys for something that is no mapping")
        self.stack[-1].update(zip(items[::2], items[1::2], strict=True))

    def taken(self, n: int) -> list[Any]:
        if len(self.stack) < n:
            raise IndexError(n)
        items = self.stack[-n:]
        del self.stack[-n:]
        return items


IGNORED = frozenset({"PROTO", "FRAME", "STOP"})
WITH_ARGUMENT: Mapping[str, Callable[[_Walk, Any], None]] = {
    **dict.fromkeys(("BININT", "BININT1", "BININT2", "LONG1"), _Walk.push),
    **dict.fromkeys(("SHORT_BINUNICODE", "BINUNICODE", "SHORT_BINBYTES", "BINBYTES"), _Walk.push),
    **dict.fromkeys(("BINPUT", "LONG_BINPUT"), _Walk.keep),
    **dict.fromkeys(("BINGET", "LONG_BINGET"), lambda walk, place: walk.push(walk.memo[place])),
    "GLOBAL": lambda walk, name: walk.name(name.replace(" ", ".")),
}
ALONE: Mapping[str, Callable[[_Walk], None]] = {
    "NONE": lambda walk: walk.push(None),
    "NEWTRUE": lambda walk: walk.push(True),
    "NEWFALSE": lambda walk: walk.push(False),
    "MARK": lambda walk: walk.push(_Mark()),
    "EMPTY_LIST": lambda walk: walk.push([]),
    "EMPTY_DICT": lambda walk: walk.push({}),
    "EMPTY_TUPLE": lambda walk: walk.push(()),
    "TUPLE": lambda walk: walk.push(tuple(walk.since_mark())),
    "TUPLE1": lambda walk: walk.push(tuple(walk.taken(1))),
    "TUPLE2": lambda walk: walk.push(tuple(walk.taken(2))),
    "TUPLE3": lambda walk: walk.push(tuple(walk.taken(3))),
    "APPEND": lambda walk: walk.append(walk.taken(1)),
    "APPENDS": lambda walk: walk.append(walk.since_mark()),
    "SETITEM": lambda walk: walk.assign(walk.taken(2)),
    "SETITEMS": lambda walk: walk.assign(walk.since_mark()),
    "MEMOIZE": lambda walk: walk.keep(len(walk.memo)),
    "STACK_GLOBAL": _Walk.stacked_name,
    "NEWOBJ": _Walk.make,
    "REDUCE": _Walk.make,
    "BUILD": _Walk.build,
}
"""The opcodes that are followed, and what each does to the walk; every other one is refused."""


def described(content: bytes, allowed: Collection[str]) -> Any:
    """The one value that a pickle describes; globals outside `allowed` are refused. Raises Refused."""
    walk = _Walk(allowed)
    try:
        for opcode, argument, _ in pickletools.genops(content):
            _step(walk, opcode.name, argument)
    except (ValueError, IndexError, KeyError, TypeError) as error:
        raise Refused(f"bytes that are no pickle of this kind ({type(error).__name__})") from error
    if len(walk.stack) != 1:
        raise Refused("more or less than one value")
    return walk.stack[0]


def _step(walk: _Walk, opcode: str, argument: Any) -> None:
    if opcode in WITH_ARGUMENT:
        WITH_ARGUMENT[opcode](walk, argument)
    elif opcode in ALONE:
        ALONE[opcode](walk)
    elif opcode not in IGNORED:
        raise Refused(f"the opcode {opcode}, which has no place in it")
