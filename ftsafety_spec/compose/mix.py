"""From a name to composed plain data with the place of every value. Given a project, a group, a name and overrides,
gives a `Mix`; mistakes of files and overrides are in its `problems`. Never validates against a model."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from ftsafety_spec.compose.defaults import Choice, Walk, sources_of, walk
from ftsafety_spec.compose.hydra_compose import merged
from ftsafety_spec.compose.overrides import Change, place_of
from ftsafety_spec.compose.places import MISSING, Layers, Path, Place
from ftsafety_spec.compose.project import Group, Project
from ftsafety_spec.compose.scan import REFERENCE
from ftsafety_spec.compose.source import SourceFile, snippet
from ftsafety_spec.errors import Problem, SpecError, Where, suggest
from ftsafety_spec.records.locked import Origin, Source


@dataclass
class Mix:
    """A composition. `data` is our account of what wins, which finds mistakes fast; after `settle` it is Hydra's."""

    main: SourceFile
    data: dict[str, Any]
    root: Place
    sources: tuple[SourceFile, ...]
    extends: tuple[str, ...] = ()
    changes: tuple[Change, ...] = ()
    problems: list[Problem] = field(default_factory=list)
    single: bool = False

    def problem(self, code: str, message: str, path: Path, hint: str | None = None, *, at_key: bool = False) -> Problem:
        """A mistake at a key path; where nothing was written there, at the nearest mapping around it."""
        place, taken = self.root.nearest(path)
        origin = place.key if at_key or (len(taken) < len(path) and taken) else place.origin
        key = ".".join(map(str, path)) or None
        if origin.override is not None:
            text = next((change.text for change in self.changes if change.number == origin.override), "")
            return Problem(code, message, place_of(origin.override, text, key), hint)
        source = next((source for source in self.sources if source.label == origin.file), self.main)
        line = origin.line or 1
        cut = snippet(source.text, line, origin.column or 1)
        return Problem(code, message, Where(source.shown, line, origin.column or 1, key), hint, cut)

    def origins(self) -> dict[str, Origin]:
        """Dotted key path to the place of every value that was written."""
        return {".".join(map(str, path)): place.origin for path, place in self.root.walk()}

    def records(self) -> tuple[Source, ...]:
        """The files that took part, with their digests."""
        return tuple(Source(path=source.label, digest=source.digest) for source in self.sources)


def mix(project: Project, group: Group, name: str, changes: Sequence[Change] = ()) -> Mix:
    """Compose one name. The caller has made sure that it exists. Raises SpecError where nothing at all can be made."""
    state = walk(project, group, name, *_choices(changes))
    main = next(iter(state.files.values()))
    if main.node is None:
        raise SpecError(state.problems)
    layers = _layers(state, changes)
    made = Mix(main, {}, layers.root, tuple(sources_of(state)) or (main,), tuple(state.extends), tuple(changes))
    made.problems = _with_snippets(state)
    made.single = len(state.layers) == 1 and not changes
    take(made, made.root.plain())
    return made


def settle(made: Mix, project: Project, group: Group, name: str) -> bool:
    """Let Hydra have the last word on a composition without mistakes: true where its data differ from our account.
    A single file without overrides composes to itself. Raises SpecError (FTS-108, FTS-109)."""
    before = json.dumps(made.data)  # the order of keys counts: adapters stack in order
    if not made.single:
        take(made, merged(project, group, name, made.changes, made.main.shown))
    return before != json.dumps(made.data)


def take(made: Mix, data: Any) -> None:
    """Make plain data a composition's own; references are followed, what must still be given is named."""
    made.data = dict(data) if isinstance(data, dict) else {}
    _resolve_references(made)
    _find_missing(made, made.data, ())


def _choices(changes: Sequence[Change]) -> tuple[dict[str, Choice], dict[str, Choice]]:
    """What the command line says of suites: which one an id takes (None drops it), and which are added."""
    chosen: dict[str, Choice] = {}
    added: dict[str, Choice] = {}
    for change in changes:
        choice = Choice(change.name or None, place_of(change.number, change.text), override=True)
        if change.kind in ("choose", "drop"):
            chosen[change.suite] = choice
        elif change.kind == "add":
            added[change.suite] = choice
    return chosen, added


def _layers(state: Walk, changes: Sequence[Change]) -> Layers:
    layers = Layers()
    for layer in state.layers:
        layers.add_file(layer.source, layer.package)
    for change in changes:
        if change.kind == "set":
            layers.set_value(change.path, change.value, Origin(override=change.number))
        elif change.kind == "delete":
            layers.delete(change.path)
    return layers


def _with_snippets(state: Walk) -> list[Problem]:
    """The walk's problems, each once, with three lines of source."""
    texts = {source.shown: source.text for source in state.files.values()}
    found: dict[Problem, Problem] = {}
    for problem in state.problems:
        where = problem.where
        if problem.snippet is None and where.file in texts and where.line is not None:
            cut = snippet(texts[where.file], where.line, where.column)
            problem = Problem(problem.code, problem.message, where, problem.hint, cut)
        found.setdefault(problem, problem)
    return list(found)


def _resolve_references(made: Mix) -> None:
    """Put values in the place of `${key.path}`; only scalars can be repeated, so nothing can grow."""

    def visit(value: Any, path: Path) -> Any:
        if isinstance(value, dict):
            return {key: visit(item, (*path, key)) for key, item in value.items()}
        if isinstance(value, list):
            return [visit(item, (*path, index)) for index, item in enumerate(value)]
        return follow(value, path) if isinstance(value, str) and REFERENCE.match(value) else value

    def follow(value: str, path: Path) -> Any:
        seen: list[str] = []
        found: Any = value
        while isinstance(found, str) and (match := REFERENCE.match(found)):
            key = match[1]
            if key in seen:
                made.problems.append(made.problem("FTS-103", f"the reference {value} goes in a circle.", path))
                return None
            seen.append(key)
            exists, found = _lookup(made.data, key)
            if not exists:
                known = [".".join(map(str, known_path)) for known_path, _ in made.root.walk()]
                hint = suggest(key, known)
                made.problems.append(made.problem("FTS-104", f"the reference {value} leads nowhere.", path, hint))
                return None
            if isinstance(found, (dict, list)):
                message = f"the reference {value} leads to a {'mapping' if isinstance(found, dict) else 'list'}."
                made.problems.append(made.problem("FTS-103", message, path, "Only single values can be repeated."))
                return None
        return found

    made.data = visit(made.data, ())


def _lookup(data: Any, key: str) -> tuple[bool, Any]:
    for part in key.split("."):
        if not isinstance(data, dict) or part not in data:
            return False, None
        data = data[part]
    return True, data


def _find_missing(made: Mix, value: Any, path: Path) -> None:
    if isinstance(value, dict):
        for key, item in value.items():
            _find_missing(made, item, (*path, key))
    elif isinstance(value, list):
        for index, item in enumerate(value):
            _find_missing(made, item, (*path, index))
    elif isinstance(value, str) and value == MISSING:
        made.problems.append(made.problem("FTS-107", "??? marks a value that must be given.", path))
