"""What the list of runs shows of each: given a folder of runs, gives one head a run. Of a verdict only what stands
before and after its long lists is read, and nothing again that has not changed. A broken file is told."""

from __future__ import annotations

import json
import re
from dataclasses import dataclass, field
from pathlib import Path
from threading import Lock
from typing import Any

LONG = ("findings", "threats", "gaps", "graders", "not_possible")
"""Lists of a verdict that no head shows."""
_LINE = re.compile(rb'^ "([a-z_]+)":', re.MULTILINE)
_NAME = re.compile(rb'^ "name": ("(?:[^"\\]|\\.)*"),?$', re.MULTILINE)
_START = 4096
Stamp = tuple[int, int, int]


@dataclass(frozen=True)
class Head:
    """One run. `action`, `decision`: null where it has not been judged; `owed`: open obligations and missing evidence;
    `broken`: why its verdict cannot be read."""

    run: str
    path: Path
    spec: str
    title: str = ""
    action: str | None = None
    decision: str | None = None
    as_of: str | None = None
    until: str | None = None
    policy: str = ""
    variants: dict[str, str] = field(default_factory=dict)
    reasons: tuple[str, ...] = ()
    owed: int = 0
    broken: str | None = None


class Heads:
    """The heads of all runs of a project, read again where a file has changed."""

    def __init__(self, root: Path) -> None:
        self.root = root
        self._known: dict[Path, tuple[Stamp, Head]] = {}
        self._lock = Lock()

    def all(self) -> list[Head]:
        """Every run below `runs/` of the project, by name."""
        with self._lock:
            found = [self._head(path) for path in self._folders()]
            self._known = {head.path: self._known[head.path] for head in found}
        return found

    def one(self, run: str) -> Head | None:
        """A run by the name of its folder; None where there is none. The name is held against the folders that are
        there: it never becomes a path."""
        path = next((path for path in self._folders() if path.name == run), None)
        if path is None:
            return None
        with self._lock:
            return self._head(path)

    def _folders(self) -> list[Path]:
        try:
            return sorted(path for path in (self.root / "runs").iterdir() if (path / "spec.lock.json").is_file())
        except OSError:
            return []

    def _head(self, path: Path) -> Head:
        stamp = _stamp(path / "verdict.json")
        known = self._known.get(path)
        if known is None or known[0] != stamp:
            known = (stamp, read_head(path))
            self._known[path] = known
        return known[1]


def _stamp(path: Path) -> Stamp:
    try:
        found = path.stat()
    except OSError:
        return (0, 0, 0)
    return found.st_mtime_ns, found.st_size, found.st_ino


def read_head(path: Path) -> Head:
    """The head of a run folder."""
    name = _spec_name(path)
    try:
        data = short_record((path / "verdict.json").read_bytes(), LONG)
    except FileNotFoundError:
        return Head(path.name, path, name)
    except (OSError, ValueError) as error:
        return Head(path.name, path, name, broken=str(error).splitlines()[0])
    try:
        return _of_verdict(path, name, data)
    except (KeyError, TypeError, AttributeError) as error:
        return Head(path.name, path, name, broken=f"the verdict has no usable {error}")


def _of_verdict(path: Path, name: str, data: dict[str, Any]) -> Head:
    open_items = [item for item in data["obligations"] if item["state"] == "open"]
    return Head(
        run=path.name,
        path=path,
        spec=name,
        title=str(data["title"]),
        action=str(data["action"]),
        decision=str(data["decision"]),
        as_of=str(data["as_of"]),
        until=data["expires"],
        policy=str(data["policy"]["name"]),
        variants={str(key): str(value) for key, value in data["variants"].items()},
        reasons=tuple(str(reason) for reason in data["reasons"][:1]),
        owed=len(open_items) + len(data["missing"]),
    )


def short_record(text: bytes, without: tuple[str, ...]) -> dict[str, Any]:
    """A record as this package writes it (one space of indent, a key a line) without some of its top-level keys, which
    are not even parsed. A line feed inside of a string is always escaped, so that a line can only begin with what the
    writer put there. Raises ValueError where it is no JSON object."""
    places = [(found.group(1).decode(), found.start()) for found in _LINE.finditer(text)]
    ends = [start for _, start in places[1:]] + [text.rfind(b"\n}")]
    kept = [text[start:end] for (name, start), end in zip(places, ends, strict=False) if name not in without]
    short = b"{" + b"".join(kept).rstrip().rstrip(b",") + b"}"
    data = json.loads(short if places else text)
    if not isinstance(data, dict):
        raise ValueError("the record is no JSON object")
    return data


def _spec_name(path: Path) -> str:
    """The spec's name from the beginning of its locked record; the folder's name where it is not there."""
    try:
        with (path / "spec.lock.json").open("rb") as handle:
            found = _NAME.search(handle.read(_START))
        return str(json.loads(found.group(1))) if found else path.name
    except (OSError, ValueError):
        return path.name
