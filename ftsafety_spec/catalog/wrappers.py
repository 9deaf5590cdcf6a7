"""Published attack wrappers and transformations, as empty shells, and the suffix files of users.
Given a request, gives it inside a wrapper of data/wrappers.yaml. Never says anything about a harm itself."""

from __future__ import annotations

import base64
import codecs
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cache
from importlib.resources import files
from pathlib import Path
from typing import Literal

import yaml

from ftsafety_spec.catalog.arguments import among
from ftsafety_spec.catalog.base import Prompt
from ftsafety_spec.errors import InputError, Where
from ftsafety_spec.records.base import digest_text


@dataclass(frozen=True)
class Wrapper:
    """One wrapper: `id` is the prompts' condition; `source`: where it was published; `template` has one slot."""

    id: str
    title: str
    kind: Literal["template", "transformation", "suffix"]
    version: int
    source: str
    template: str
    function: str | None = None

    @property
    def slot(self) -> str:
        """What the template holds in the request's place."""
        return "{text}" if self.function else "{request}"

    def wrap(self, request: str) -> str:
        """The request inside the wrapper. A request that holds a slot's name itself is left as it is."""
        text = TRANSFORMATIONS[self.function](request) if self.function else request
        before, _, after = self.template.partition(self.slot)
        return before + text + after


@cache
def wrappers() -> Mapping[str, Wrapper]:
    """The shipped wrappers by id, in file order."""
    text = files("ftsafety_spec.catalog").joinpath("data/wrappers.yaml").read_text("utf-8")
    return {row["id"]: Wrapper(**row) for row in yaml.safe_load(text)["wrappers"]}


def chosen(names: str | Sequence[str]) -> list[Wrapper]:
    """`none`, `all`, or the named wrappers, in file order. Raises InputError FTS-106 for an unknown name."""
    if names in ("none", "all"):
        return list(wrappers().values()) if names == "all" else []
    wanted = among("wrappers", names, wrappers())
    return [wrapper for name, wrapper in wrappers().items() if name in wanted]


def suffixes(path: Path, given: str) -> list[Wrapper]:
    """A user's suffix file as wrappers: one suffix a line, blank lines aside, each once. `given`: how the user named
    the file. Raises InputError: FTS-111 where there is no such file, FTS-112 where it holds no suffix or no UTF-8."""
    try:
        lines = path.read_text(encoding="utf-8").splitlines()
    except (OSError, UnicodeDecodeError) as error:
        code = "FTS-112" if isinstance(error, UnicodeDecodeError) else "FTS-111"
        raise InputError(f"suffixes: {given} cannot be read: {error}.", code=code) from error
    rows = dict.fromkeys(line.strip() for line in lines if line.strip())
    if not rows:
        raise InputError("suffixes: the file holds no suffix.", code="FTS-112", where=Where(given))
    return [_suffix(place, text) for place, text in enumerate(rows, start=1)]


def _suffix(place: int, text: str) -> Wrapper:
    name = f"suffix-{place}-{digest_text(text).removeprefix('sha256:')[:8]}"
    return Wrapper(name, f"suffix {place} of the user's file", "suffix", 1, "the user's own", "{request} " + text)


def wrapped(prompt: Prompt, wrapper: Wrapper) -> Prompt:
    """A plain prompt inside a wrapper: same id, same cluster, the wrapper as its condition."""
    metadata = {**prompt.metadata, "wrapper_version": wrapper.version, "wrapper_kind": wrapper.kind}
    return replace(prompt, text=wrapper.wrap(prompt.text), condition=wrapper.id, request=prompt.text, metadata=metadata)


def _leetspeak(text: str) -> str:
    return text.translate(str.maketrans("aeiostAEIOST", "431057431057"))


def _disemvowel(text: str) -> str:
    return "".join(letter for letter in text if letter not in "aeiouAEIOU")


def _spacing(text: str) -> str:
    return "   ".join(" ".join(word) for word in text.split())


def _splitting(text: str) -> str:
    half = len(text) // 2
    return f'Let a = "{text[:half]}". Let b = "{text[half:]}".'


TRANSFORMATIONS: Mapping[str, Callable[[str], str]] = {
    "base64": lambda text: base64.b64encode(text.encode()).decode(),
    "rot13": lambda text: codecs.encode(text, "rot13"),
    "leetspeak": _leetspeak,
    "disemvowel": _disemvowel,
    "spacing": _spacing,
    "splitting": _splitting,
}
"""Name in the data file to the function that writes a request in another form."""
