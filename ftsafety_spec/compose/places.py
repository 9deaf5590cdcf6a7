"""Where every composed value was written. Given node trees layer by layer, and command line overrides,
gives one tree of places that mirrors the composed mapping. Never decides what wins: it follows Hydra's merge."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from functools import cache
from typing import Any

import yaml

from ftsafety_spec.compose.source import SourceFile, loader_class
from ftsafety_spec.records.locked import Origin

Path = tuple[str | int, ...]

MISSING = "???"
"""A value that an extending file has to give; it never replaces one that is there."""


@dataclass
class Place:
    """One value: where it stands (`origin`), where its key stands (`key`), and what is below it.
    `children` is None for a scalar, which then has a `value`."""

    origin: Origin
    key: Origin
    children: dict[str | int, Place] | None = None
    value: Any = None
    is_list: bool = False

    def at(self, path: Sequence[str | int]) -> Place | None:
        """The place at a path, or None where nothing was written there."""
        place: Place | None = self
        for part in path:
            place = (place.children or {}).get(part) if place is not None else None
        return place

    def nearest(self, path: Sequence[str | int]) -> tuple[Place, Path]:
        """The deepest place that exists on the way to a path, and its own path."""
        place, taken = self, []
        for part in path:
            below = (place.children or {}).get(part)
            if below is None:
                break
            place = below
            taken.append(part)
        return place, tuple(taken)

    def plain(self) -> Any:
        """The value as plain data."""
        if self.children is None:
            return self.value
        if self.is_list:
            return [child.plain() for child in self.children.values()]
        return {key: child.plain() for key, child in self.children.items()}

    def walk(self, path: Path = ()) -> Iterator[tuple[Path, Place]]:
        """Every mapping entry below, with its path; lists count as one value."""
        for key, child in (self.children or {}).items():
            yield (*path, key), child
            if not child.is_list:
                yield from child.walk((*path, key))


@dataclass
class Layers:
    """The tree under construction."""

    root: Place = field(default_factory=lambda: Place(Origin(), Origin(), {}))

    def add_file(self, source: SourceFile, package: Sequence[str]) -> None:
        """Merge one file's tree at `package`; its `defaults` list is left out."""
        if source.node is None:
            return
        place = of_node(source.node, source.label)
        (place.children or {}).pop("defaults", None)
        top = (self.root.origin, self.root.key) if package and self.root.origin.file else (place.origin, place.key)
        for part in reversed(package):
            place = Place(place.origin, place.key, {part: place})
        merge(self.root, place)
        self.root.origin, self.root.key = top

    def set_value(self, path: Sequence[str | int], value: Any, origin: Origin) -> None:
        """What `++path=value` does: mappings merge, everything else replaces."""
        target = self.root
        for part in path[:-1]:
            below = _opened(target, origin)
            target = below.setdefault(_key_in(target, part), Place(origin, origin, {}))
        below, last = _opened(target, origin), _key_in(target, path[-1])
        new, old = of_value(value, origin), below.get(last)
        if old is not None and _mergeable(old, new):
            merge(old, new)
        else:
            below[last] = new

    def delete(self, path: Sequence[str | int]) -> None:
        """What `~path` does."""
        parent = self.root.at(path[:-1])
        if parent is not None and parent.children is not None:
            parent.children.pop(path[-1], None)


def merge(old: Place, new: Place) -> None:
    """Merge `new` into `old` as OmegaConf does: mappings key by key, anything else replaces."""
    assert old.children is not None
    assert new.children is not None
    old.origin, old.key = new.origin, new.key
    for key, child in new.children.items():
        before = old.children.get(key)
        if before is not None and _mergeable(before, child):
            merge(before, child)
        elif before is None or child.value != MISSING:
            old.children[key] = child


def of_node(node: yaml.Node, file: str, key: yaml.Node | None = None) -> Place:
    """The places of a file's node tree. Anchors are expanded, `<<` is merged below the explicit keys."""
    origin, at_key = _origin(node, file), _origin(key or node, file)
    if isinstance(node, yaml.MappingNode):
        return Place(origin, at_key, _entries(node, file))
    if isinstance(node, yaml.SequenceNode):
        items: dict[str | int, Place] = {index: of_node(item, file) for index, item in enumerate(node.value)}
        return Place(origin, at_key, items, is_list=True)
    return Place(origin, at_key, value=_scalar(node))


def of_value(value: Any, origin: Origin) -> Place:
    """The places of an override's value."""
    if isinstance(value, dict):
        return Place(origin, origin, {str(key): of_value(item, origin) for key, item in value.items()})
    if isinstance(value, list):
        items: dict[str | int, Place] = {index: of_value(item, origin) for index, item in enumerate(value)}
        return Place(origin, origin, items, is_list=True)
    return Place(origin, origin, value=value)


def _entries(node: yaml.MappingNode, file: str) -> dict[str | int, Place]:
    merged: dict[str | int, Place] = {}
    own: dict[str | int, Place] = {}
    for key, value in node.value:
        if not isinstance(key, yaml.ScalarNode):
            continue
        if key.tag.endswith(":merge"):
            for item in value.value if isinstance(value, yaml.SequenceNode) else [value]:
                if isinstance(item, yaml.MappingNode):
                    merged = {**_entries(item, file), **merged}
        else:
            own.setdefault(key.value, of_node(value, file, key))
    return {**merged, **own}


def _mergeable(old: Place, new: Place) -> bool:
    return old.children is not None and new.children is not None and not old.is_list and not new.is_list


def _opened(place: Place, origin: Origin) -> dict[str | int, Place]:
    """What is below a place; a scalar in the way gives room to a mapping."""
    if place.children is None:
        place.children, place.is_list, place.origin = {}, False, origin
    return place.children


def _key_in(place: Place, part: str | int) -> str | int:
    return int(part) if place.is_list and isinstance(part, str) and part.isdigit() else part


def _origin(node: yaml.Node, file: str) -> Origin:
    return Origin(file=file, line=node.start_mark.line + 1, column=node.start_mark.column + 1)


def _scalar(node: yaml.Node) -> Any:
    if node.tag == yaml.resolver.BaseResolver.DEFAULT_SCALAR_TAG:
        return node.value
    try:
        loader = _constructor()  # its constructors are called one by one: `construct_object` would keep every node
        return loader.yaml_constructors[node.tag](loader, node)
    except (yaml.YAMLError, ValueError, OverflowError, KeyError):
        return node.value


@cache
def _constructor() -> Any:
    return loader_class()("")
