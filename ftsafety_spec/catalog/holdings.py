"""Which benchmark data is at hand, and whether it is what the cards pin. Given names, a folder and the cache, gives one
row for each file. Reads contents only to hash them; never fetches."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from ftsafety_spec.catalog.base import Card, DataFile
from ftsafety_spec.catalog.cache import Cache, chunks_of, file_digest, git_blob_of
from ftsafety_spec.catalog.data_door import find, is_pinned
from ftsafety_spec.catalog.registry import BENCHMARKS, PROBES, cards, named
from ftsafety_spec.errors import NotFoundError

Place = Literal["folder", "cache", "missing"]
AtHand = Literal["at hand", "in part", "not here", "gated"]
Health = Literal["ok", "accepted", "differs"]


@dataclass(frozen=True)
class Holding:
    """One file of a benchmark. `accepted`: the digest that was accepted on purpose for it, if any."""

    card: Card
    file: DataFile
    place: Place
    path: Path | None
    accepted: str | None

    @property
    def pinned(self) -> bool:
        """Whether the card states which content it has to be."""
        return bool(self.file.sha256 or self.file.git_blob)


@dataclass(frozen=True)
class Checked:
    """A file that was hashed again. `name`: the data file's, or the digest under which the cache keeps it."""

    name: str
    path: Path
    sha256: str
    health: Health


def wanted_files(names: Sequence[str]) -> list[tuple[Card, DataFile]]:
    """The files of the named benchmarks and probes (short names will do), or single files by their own names; all files
    of all cards where no name is given. Raises InputError FTS-104 for a name that is none of these."""
    if not names:
        return [(card, file) for card in cards() for file in card.files]
    found: list[tuple[Card, DataFile]] = []
    for name in names:
        found += [pair for pair in _named(name) if pair not in found]
    return found


def holdings(names: Sequence[str], data: Path | None, cache: Cache) -> list[Holding]:
    """Where each file of the named benchmarks lies. Contents are not read."""
    return [_holding(card, file, data, cache) for card, file in wanted_files(names)]


def at_hand(card: Card, data: Path | None, cache: Cache) -> AtHand:
    """How much of a benchmark is in the folder or in the cache: everything, for one without files."""
    found = [find(data, file, cache) is not None for file in card.files]
    if all(found):
        return "at hand"
    return "in part" if any(found) else "gated" if card.gate is not None else "not here"


def check(names: Sequence[str], data: Path | None, cache: Cache) -> Iterator[Checked]:
    """Hash every file at hand again: the folder's copies, what the cache holds of them, and, where no name is given,
    everything else in the cache."""
    seen: set[Path] = set()
    for card, file in wanted_files(names):
        for item in (_holding(card, file, data, cache), _holding(card, file, None, cache)):
            if item.path is not None and item.path not in seen:
                seen.add(item.path)
                yield _checked(item)
    for path in sorted(cache.blobs.glob("[0-9a-f]*")) if not names else ():
        if path not in seen:
            digest = file_digest(path)
            yield Checked(f"sha256:{path.name}", path, digest, "ok" if digest == path.name else "differs")


def _named(name: str) -> list[tuple[Card, DataFile]]:
    try:
        card = named(name).card
    except NotFoundError:
        pairs = [(card, file) for card in cards() for file in card.files]
        hit = [pair for pair in pairs if name == pair[1].name]
        if hit:
            return hit
        known = {*BENCHMARKS.names(), *PROBES.names(), *(file.name for _, file in pairs)}
        raise NotFoundError("benchmark or data file", name, known) from None
    return [(card, file) for file in card.files]


def _holding(card: Card, file: DataFile, data: Path | None, cache: Cache) -> Holding:
    found = find(data, file, cache)
    place: Place = found.place if found is not None else "missing"
    return Holding(card, file, place, found.path if found is not None else None, cache.accepted(file.name))


def _checked(item: Holding) -> Checked:
    assert item.path is not None
    digest = file_digest(item.path)
    blob = git_blob_of(item.path.stat().st_size, chunks_of(item.path)) if item.file.git_blob else ""
    health: Health = "differs"
    if is_pinned(item.file, digest, blob):
        health = "ok"
    elif digest == item.accepted:
        health = "accepted"
    return Checked(item.file.name, item.path, digest, health)
