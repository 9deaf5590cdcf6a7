"""One YAML file, read and looked over before anything is composed of it.
Given a path, gives its node tree with marks, its digest, and every structural mistake. Never constructs objects."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from functools import cache, lru_cache
from pathlib import Path
from typing import Any

import yaml

from ftsafety_spec.compose.scan import scan, shape_problem
from ftsafety_spec.errors import Problem, Where
from ftsafety_spec.records.base import digest_bytes

MOST_BYTES = 256 * 1024
"""Larger YAML is refused: it is data in the wrong place, and parsing it would take seconds."""
MOST_NESTING = 200
_SECRET_KEY = r"(?:[\w-]*[_-])?(?:key|token|secret|password|credentials?)(?:_env)?"
_SECRET_LINE = re.compile(rf"(?<![\w-])({_SECRET_KEY}[\"']?\s*:\s*)\S.*")
_BRACKET = re.compile(r"[][{}]")


@dataclass(frozen=True)
class SourceFile:
    """A file: `label` names it in records, `shown` in messages. `node` is None where nothing could be made of it."""

    path: Path
    label: str
    shown: str
    text: str = ""
    digest: str = ""
    node: yaml.MappingNode | None = None
    problems: tuple[Problem, ...] = ()


@cache
def loader_class() -> Any:
    """OmegaConf's own YAML loader, so that we see the very values that it will see."""
    from omegaconf._utils import get_yaml_loader

    return get_yaml_loader()


@cache
def _shipped_loader() -> Any:
    """The same by libyaml, where PyYAML has it, for the files that are shipped: a sixteenth of the time. The two differ
    in what they take for YAML at the edges; tests hold that they read these files alike."""
    own = loader_class()
    if not getattr(yaml, "__with_libyaml__", False):
        return own
    return type("ShippedLoader", (yaml.CSafeLoader,), {"yaml_implicit_resolvers": own.yaml_implicit_resolvers})


def read_source(path: Path, label: str, shown: str) -> SourceFile:
    """Read a file. Mistakes are handed back in `problems`, never raised."""
    try:
        stat = path.stat()
    except OSError as error:
        return _broken(path, label, shown, "FTS-100", f"cannot be read: {error.strerror or error}.")
    return _read(path, label, shown, (stat.st_size, stat.st_mtime_ns, stat.st_ino))


@lru_cache(maxsize=64)
def _read(path: Path, label: str, shown: str, _version: tuple[int, int, int]) -> SourceFile:
    try:
        data = path.read_bytes() if path.stat().st_size <= MOST_BYTES else None
    except OSError as error:
        return _broken(path, label, shown, "FTS-100", f"cannot be read: {error.strerror or error}.")
    if data is None:
        return _broken(
            path, label, shown, "FTS-103", f"is larger than {MOST_BYTES // 1024} KiB.", "Keep prompts in data files."
        )
    try:
        text = data.decode("utf-8")
    except UnicodeDecodeError as error:
        line = data[: error.start].count(b"\n") + 1
        column = error.start - (data.rfind(b"\n", 0, error.start) + 1) + 1
        return _broken(
            path, label, shown, "FTS-100", f"byte 0x{data[error.start]:02x} is not UTF-8.",
            "Save the file as UTF-8.", line, column,
        )  # fmt: skip
    return _parsed(SourceFile(path, label, shown, text, digest_bytes(data)))


def is_secret(key: str) -> bool:
    """True for a key that could hold a secret by mistake: what stands there is never printed."""
    return bool(re.fullmatch(_SECRET_KEY, key))


def snippet(text: str, line: int, column: int | None) -> str:
    """Three lines of source around a place, with a caret under the column; what could be a secret is left out."""
    lines = text.splitlines()
    shown = []
    for number in range(max(1, line - 1), min(len(lines), line + 1) + 1):
        body = _SECRET_LINE.sub(r"\1…", lines[number - 1].replace("\t", " "))[:160]
        shown.append(f"{'>' if number == line else ' '} {number:>4} | {body}")
        if number == line and column is not None and column <= 160:
            shown.append(f"       | {' ' * (column - 1)}^")
    return "\n".join(shown)


def _parsed(source: SourceFile) -> SourceFile:
    if _nesting(source.text) > MOST_NESTING:
        return _with(source, "FTS-103", f"brackets nest deeper than {MOST_NESTING} levels.", None, 1, 1)
    try:
        shipped = source.label.startswith("ftsafety:")
        node = _single_node(source.text, _shipped_loader() if shipped else loader_class())
    except yaml.MarkedYAMLError as error:
        opened = _never_closed(error)
        mark = opened or error.problem_mark or error.context_mark
        line, column = (mark.line + 1, mark.column + 1) if mark else (None, None)
        message, hint = (
            ("not well-formed YAML: what is opened here is never closed.", None) if opened else _syntax_message(error)
        )
        return _with(source, "FTS-101", message, hint, line, column)
    except yaml.reader.ReaderError as error:
        before = source.text[: error.position]
        line, column = before.count("\n") + 1, len(before) - (before.rfind("\n") + 1) + 1
        return _with(source, "FTS-101", "a control character is not allowed in YAML.", None, line, column)
    except (yaml.YAMLError, ValueError, RecursionError) as error:
        why = "it nests too deep" if isinstance(error, RecursionError) else str(error)
        return _with(source, "FTS-101", f"not YAML that can be read: {why}.", None, 1, 1)
    if node is None or (isinstance(node, yaml.ScalarNode) and node.tag.endswith(":null")):
        return _with(source, "FTS-106", "the file is empty; expected a mapping of keys to values.", None, None, None)
    if not isinstance(node, yaml.MappingNode):
        found = "a list" if isinstance(node, yaml.SequenceNode) else "plain text"
        return _with(source, "FTS-106", f"the file holds {found}; expected a mapping of keys to values.", None, 1, 1)
    shape = shape_problem(node, source.shown)
    if shape is not None:
        return replace(source, problems=(shape,))
    problems = tuple(scan(node, source.shown, source.text))
    return replace(source, node=node, problems=problems)


def _nesting(text: str) -> int:
    """The deepest nesting of brackets, wherever they stand: PyYAML's time grows with its square."""
    depth = deepest = 0
    for match in _BRACKET.finditer(text):
        depth += 1 if match[0] in "[{" else -1
        deepest = max(deepest, depth)
    return deepest


def _single_node(text: str, how: Any) -> yaml.Node | None:
    loader = how(text)
    try:
        node: yaml.Node | None = loader.get_single_node()
        return node
    finally:
        loader.dispose()


def _never_closed(error: yaml.MarkedYAMLError) -> yaml.Mark | None:
    """Where the bracket or quotation mark stands that the file does not close; None where it is no such mistake."""
    ended = "stream end" in (error.problem or "") or "end of stream" in (error.problem or "")
    opens = ("while parsing a flow", "while scanning a quoted")
    return error.context_mark if ended and (error.context or "").startswith(opens) else None


def _syntax_message(error: yaml.MarkedYAMLError) -> tuple[str, str | None]:
    problem = error.problem or "not well formed"
    if "\\t" in problem or "'\t'" in problem:
        return "a tab cannot start a token in YAML.", "Indent with spaces."
    if "expected a single document" in str(error):
        return "the file holds more than one YAML document.", "Keep one, without `---` between."
    context = f" ({error.context})" if error.context else ""
    opened = error.context_mark if (error.context or "").startswith("while parsing a flow") else None
    hint = f"The bracket opens in line {opened.line + 1}, column {opened.column + 1}." if opened else None
    return f"not well-formed YAML: {problem}{context}.", hint


def _with(
    source: SourceFile, code: str, message: str, hint: str | None, line: int | None, column: int | None
) -> SourceFile:
    cut = snippet(source.text, line, column) if line is not None else None
    problem = Problem(code, message, Where(source.shown, line, column), hint, cut)
    return replace(source, problems=(problem,))


def _broken(
    path: Path,
    label: str,
    shown: str,
    code: str,
    message: str,
    hint: str | None = None,
    line: int | None = None,
    column: int | None = None,
) -> SourceFile:
    return SourceFile(path, label, shown, problems=(Problem(code, message, Where(shown, line, column), hint),))
