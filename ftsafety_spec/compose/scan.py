"""What is never allowed in any file, and what YAML lets pass in silence: looked for on the node tree.
Given a root node, gives Problems with places. Knows nothing of specs or policies."""

from __future__ import annotations

import math
import re
from collections.abc import Iterator

import yaml

from ftsafety_spec.errors import Problem, Where

MOST_NODES = 20_000
"""After aliases are expanded: more is an alias bomb."""
MOST_DEPTH = 40
MOST_INTEGER = 2**53 - 1
"""Larger integers change when JSON is read elsewhere (RFC 8785)."""
REFERENCE = re.compile(r"^\$\{([A-Za-z0-9_-]+(?:\.[A-Za-z0-9_-]+)*)\}$")
"""The one form of interpolation that is allowed: a whole value that repeats another key's value."""
_DIRECTIVES = {"_target_", "_partial_", "_args_", "_recursive_", "_convert_", "_mode_"}
_PLAIN = {f"tag:yaml.org,2002:{name}" for name in ("str", "int", "float", "bool", "null", "map", "seq", "merge")}
_PACKAGE = re.compile(r"^\s*#\s*@package\b", re.MULTILINE)
_CONTROL = re.compile(r"[\x00-\x08\x0b-\x1f\x7f]")


def scan(root: yaml.MappingNode, shown: str, text: str) -> Iterator[Problem]:
    """Every structural mistake of a file whose shape is sound, in the order of its lines."""
    header = _PACKAGE.search(text)
    if header:
        line = text[: header.start()].count("\n") + 1
        yield Problem(
            "FTS-103", "`# @package` is not allowed: it would move the file's content.", Where(shown, line, 1)
        )
    seen: set[int] = set()
    yield from _walk(root, (), shown, seen)


def text_problem(text: str) -> tuple[str, str, str | None] | None:
    """Code, message and hint where a text holds an interpolation, a control character or half a character."""
    if "${" in text and not REFERENCE.match(text):
        what = "a resolver such as ${oc.env:…}" if ":" in text[text.index("${") :] else "an interpolation inside text"
        hint = "Secrets are named (api_key_env: OPENAI_API_KEY), never read into a record." if "env" in text else None
        return "FTS-103", f"{what} is not allowed: found {clip(text)}.", hint
    if _CONTROL.search(text):
        return "FTS-106", f"a control character is not allowed in text: {clip(text)}.", None
    if any("\ud800" <= char <= "\udfff" for char in text):
        return "FTS-106", "half of a surrogate pair is not a character.", None
    return None


def number_problem(value: float) -> str | None:
    """Why a number cannot be kept exactly, or None."""
    if isinstance(value, float) and not math.isfinite(value):
        return "not a finite number"
    if isinstance(value, int) and abs(value) > MOST_INTEGER:
        return "a whole number beyond 2^53 cannot be kept exactly"
    return None


def clip(value: object, most: int = 60) -> str:
    """A short, one-line form of a value for a message."""
    text = repr(value)
    return text if len(text) <= most else text[: most - 1] + "…"


def where(node: yaml.Node, shown: str, path: tuple[str, ...]) -> Where:
    """A node's place."""
    return Where(shown, node.start_mark.line + 1, node.start_mark.column + 1, ".".join(path) or None)


def shape_problem(root: yaml.Node, shown: str) -> Problem | None:
    """A loop, an alias bomb or too deep a nesting, found without expanding anything: such a tree must not be walked."""
    sizes: dict[int, int] = {}
    state: dict[int, bool] = {}

    def measure(node: yaml.Node, depth: int) -> int:
        if state.get(id(node)):
            raise _Shape(node, "an anchor holds itself")
        if id(node) in sizes:
            return sizes[id(node)]
        if depth > MOST_DEPTH:
            raise _Shape(node, f"more than {MOST_DEPTH} levels")
        state[id(node)] = True
        size = 1 + sum(measure(child, depth + 1) for child in children(node))
        if size > MOST_NODES:
            raise _Shape(node, f"more than {MOST_NODES:,} values once its aliases are expanded")
        state[id(node)] = False
        sizes[id(node)] = size
        return size

    try:
        measure(root, 0)
    except _Shape as error:
        return Problem("FTS-103", f"{error}.", where(error.node, shown, ()))
    return None


class _Shape(Exception):
    def __init__(self, node: yaml.Node, why: str) -> None:
        super().__init__(why)
        self.node = node


def children(node: yaml.Node) -> Iterator[yaml.Node]:
    """The nodes directly below: keys and values, or items."""
    if isinstance(node, yaml.MappingNode):
        for key, value in node.value:
            yield key
            yield value
    elif isinstance(node, yaml.SequenceNode):
        yield from node.value


def _walk(node: yaml.Node, path: tuple[str, ...], shown: str, seen: set[int]) -> Iterator[Problem]:
    if id(node) in seen:
        return
    seen.add(id(node))
    if node.tag not in _PLAIN:
        yield Problem("FTS-103", f"the tag {clip(node.tag)} is not allowed.", where(node, shown, path))
    elif isinstance(node, yaml.MappingNode):
        yield from _mapping(node, path, shown, seen)
    elif isinstance(node, yaml.SequenceNode):
        for index, item in enumerate(node.value):
            yield from _walk(item, (*path, str(index)), shown, seen)
    elif isinstance(node, yaml.ScalarNode):
        yield from _scalar(node, path, shown)


def _mapping(node: yaml.MappingNode, path: tuple[str, ...], shown: str, seen: set[int]) -> Iterator[Problem]:
    first: dict[str, yaml.Node] = {}
    for key, value in node.value:
        if not isinstance(key, yaml.ScalarNode):
            yield Problem("FTS-106", "a key must be plain text.", where(key, shown, path))
            continue
        here = (*path, key.value)
        yield from _key(key, value, here, shown)
        if key.value in first:
            line = first[key.value].start_mark.line + 1
            yield Problem("FTS-102", f"the key {key.value!r} is already given in line {line}.", where(key, shown, here))
        first.setdefault(key.value, key)
        yield from _walk(value, here, shown, seen)


def _key(key: yaml.ScalarNode, value: yaml.Node, here: tuple[str, ...], shown: str) -> Iterator[Problem]:
    place = where(key, shown, here)
    kind = key.tag.rsplit(":", 1)[-1]
    if kind == "merge":
        targets = value.value if isinstance(value, yaml.SequenceNode) else [value]
        if not all(isinstance(item, yaml.MappingNode) for item in targets):
            yield Problem("FTS-106", "`<<` takes the anchor of a mapping.", place)
    elif kind != "str":
        yield Problem(
            "FTS-106", f"YAML reads the key {key.value} as {_READS.get(kind, kind)}.", place, _quote(key.value)
        )
    elif key.value in _DIRECTIVES:
        yield Problem("FTS-103", f"{key.value} is not allowed: files hold data, never code.", place)
    elif here == ("hydra",):
        yield Problem("FTS-103", "a hydra: block is not allowed.", place)
    elif "${" in key.value or _CONTROL.search(key.value) or text_problem(key.value):
        yield Problem("FTS-103", f"{clip(key.value)} cannot be a key.", place)


def _scalar(node: yaml.ScalarNode, path: tuple[str, ...], shown: str) -> Iterator[Problem]:
    kind = node.tag.rsplit(":", 1)[-1]
    if kind == "str":
        found = text_problem(node.value)
        if found is not None and path != ("defaults",):
            yield Problem(found[0], found[1], where(node, shown, path), found[2])
    elif kind in ("int", "float"):
        why = _number(node.value, kind)
        if why is not None:
            yield Problem("FTS-106", f"found {clip(node.value)}: {why}.", where(node, shown, path))


def _number(text: str, kind: str) -> str | None:
    if len(text) > 400:
        return "a number of so many digits cannot be kept exactly"
    try:
        value = yaml.constructor.SafeConstructor()
        node = yaml.ScalarNode(f"tag:yaml.org,2002:{kind}", text)
        made = value.construct_yaml_int(node) if kind == "int" else value.construct_yaml_float(node)
    except (ValueError, OverflowError):
        return "not a number that can be read"
    return number_problem(made)


_READS = {"bool": "true or false", "int": "a number", "float": "a number", "null": "nothing"}


def _quote(text: str) -> str:
    return f'Quote it: "{text}".'
