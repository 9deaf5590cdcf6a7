"""The defaults list, walked before Hydra sees it. Given a main file, gives the files that take part in the order in
which they merge, and every mistake on the way. The grammar is closed: `_self_`, `NAME@_here_`, and in a spec
`[override ]suites@suites.ID: NAME`. All names are relative to their group's folder."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field

import yaml

from ftsafety_spec.compose.project import FOLDERS, NOUNS, Group, Project, label, locate, names, shown
from ftsafety_spec.compose.scan import where
from ftsafety_spec.compose.source import SourceFile, read_source
from ftsafety_spec.errors import Problem, Where, suggest
from ftsafety_spec.spec.common import ID_PATTERN, NAME_PATTERN

_HERE = re.compile(r"^(?:/?(?P<folder>specs/suites|specs|policies|providers)/)?(?P<name>[^@]+)@_here_$")
_SUITE = re.compile(r"^(?P<override>override\s+)?(?:/specs/)?suites@suites\.(?P<id>[^@\s]+)$")


@dataclass(frozen=True)
class Layer:
    """One file of the composition and the key path that its content is put under."""

    source: SourceFile
    package: tuple[str, ...]


@dataclass(frozen=True)
class Entry:
    """One line of a defaults list. `kind` self, extend or suite; `name` None drops a suite."""

    kind: str
    node: yaml.Node
    name: str | None = None
    id: str = ""
    override: bool = False


@dataclass(frozen=True)
class Choice:
    """Which suite an id takes, decided outside of the place where the id was introduced."""

    name: str | None
    where: Where
    override: bool = False


@dataclass
class Walk:
    """What is known while walking. `choices`: suite id to what the command line or an outer file decided."""

    project: Project
    choices: dict[str, Choice] = field(default_factory=dict)
    added: dict[str, Choice] = field(default_factory=dict)
    problems: list[Problem] = field(default_factory=list)
    layers: list[Layer] = field(default_factory=list)
    extends: list[str] = field(default_factory=list)
    suites: dict[str, str] = field(default_factory=dict)
    files: dict[str, SourceFile] = field(default_factory=dict)

    def read(self, group: Group, name: str) -> SourceFile | None:
        """The file behind a name, read once; its own mistakes are noted."""
        path = locate(self.project, group, name)
        if path is None:
            return None
        key = str(path)
        if key not in self.files:
            self.files[key] = read_source(path, label(path, self.project), shown(path))
            self.problems += self.files[key].problems
        return self.files[key]

    def complain(self, source: SourceFile, node: yaml.Node, code: str, message: str, hint: str | None = None) -> None:
        """Note a mistake at a node of a file."""
        self.problems.append(Problem(code, message, where(node, source.shown, ("defaults",)), hint))


def walk(project: Project, group: Group, name: str, choices: dict[str, Choice], added: dict[str, Choice]) -> Walk:
    """All files behind a name, in merging order. `choices` and `added` come from the command line."""
    state = Walk(project, dict(choices), dict(added))
    source = state.read(group, name)
    assert source is not None, "the caller looks the name up first"
    if source.node is not None:
        _collect(state, source, group, set())
        _expand(state, source, group, (), (name,))
        for id_, choice in state.added.items():
            _suite(state, choice, id_)
    for id_, choice in state.choices.items():
        if id_ not in state.suites:
            message = f"nothing to override: no suite is mounted at suites.{id_}."
            code = "FTS-109" if choice.override else "FTS-108"
            hint = f"To add one write +specs/suites@suites.{id_}={choice.name}." if choice.override else None
            state.problems.append(Problem(code, message, choice.where, hint or suggest(id_, state.suites)))
    return state


def entries(source: SourceFile, group: Group, state: Walk | None = None) -> list[Entry]:
    """The parsed defaults list of a file; without one, the file itself. Mistakes are noted in `state`."""
    node = _defaults_node(source)
    if node is None:
        return [Entry("self", source.node)] if source.node is not None else []
    found: list[Entry] = []
    if isinstance(node, yaml.SequenceNode):
        for item in node.value:
            entry = _entry(item, group)
            if isinstance(entry, Entry):
                found.append(entry)
            elif state is not None:
                state.complain(source, item, "FTS-108", *entry)
    elif state is not None:
        state.complain(source, node, "FTS-108", "defaults is a list of lines that begin with `- `.")
    if state is not None and isinstance(node, yaml.SequenceNode):
        _check_self(state, source, node, found)
    return found


def _check_self(state: Walk, source: SourceFile, node: yaml.Node, found: list[Entry]) -> None:
    count = sum(entry.kind == "self" for entry in found)
    if count == 0:
        hint = "Add `- _self_`, as a rule as the last line, so that this file's own values win."
        state.complain(source, node, "FTS-108", "defaults does not say where this file itself stands.", hint)
        found.append(Entry("self", node))  # so that mistakes in this file are found too
    elif count > 1:
        state.complain(source, node, "FTS-108", "`_self_` stands more than once in defaults.")


def _defaults_node(source: SourceFile) -> yaml.Node | None:
    for key, value in source.node.value if source.node is not None else []:
        if isinstance(key, yaml.ScalarNode) and key.value == "defaults":
            node: yaml.Node = value
            return node
    return None


def _entry(node: yaml.Node, group: Group) -> Entry | tuple[str, str | None]:
    """A parsed line, or what is wrong with it and a hint."""
    if isinstance(node, yaml.ScalarNode) and node.tag.endswith(":str"):
        return _line(node, group)
    if isinstance(node, yaml.MappingNode) and len(node.value) == 1:
        key, value = node.value[0]
        if isinstance(key, yaml.ScalarNode) and isinstance(value, yaml.ScalarNode):
            return _pair(node, key.value, value, group)
    return "this line of defaults cannot be read.", _grammar(group)


def _line(node: yaml.ScalarNode, group: Group) -> Entry | tuple[str, str | None]:
    if node.value == "_self_":
        return Entry("self", node)
    match = _HERE.match(node.value)
    if match is None:
        bare = node.value.split("@")[0].strip()
        return f"{node.value!r} would not extend this file.", f"Write `- {bare}@_here_`. {_grammar(group)}"
    if match["folder"] not in (None, FOLDERS[group]):
        return f"{node.value!r} is not a {NOUNS[group]}.", f"A {NOUNS[group]} extends another {NOUNS[group]} only."
    return _named(node, match["name"], Entry("extend", node, match["name"]))


def _pair(node: yaml.Node, key: str, value: yaml.ScalarNode, group: Group) -> Entry | tuple[str, str | None]:
    match = _SUITE.match(key)
    if group != "specs" or match is None:
        return f"{key!r} cannot stand in the defaults of a {NOUNS[group]}.", _grammar(group)
    if not re.match(ID_PATTERN, match["id"]) or "." in match["id"]:
        return f"{match['id']!r} cannot name a suite: lower case letters, digits, _ and - only.", None
    override = match["override"] is not None
    if value.tag.endswith(":null"):
        return Entry("suite", node, None, match["id"], override)
    return _named(value, value.value, Entry("suite", value, value.value, match["id"], override))


def _named(node: yaml.ScalarNode, name: str, entry: Entry) -> Entry | tuple[str, str | None]:
    if name.endswith((".yaml", ".yml")):
        return f"a name has no ending: found {node.value!r}.", f"Write {name.rsplit('.', 1)[0]}."
    if not re.match(NAME_PATTERN, name):
        return f"{name!r} is not a name.", "Names are relative to their group's folder, without `..`."
    return entry


def _grammar(group: Group) -> str:
    lines = "`- NAME@_here_` extends, `- _self_` is this file"
    return f"Allowed: {lines}" + (", `- suites@suites.ID: NAME` mounts a suite." if group == "specs" else ".")


def _collect(state: Walk, source: SourceFile, group: Group, seen: set[str]) -> None:
    """Note overrides of suites from the outermost file inwards: the outermost wins."""
    if str(source.path) in seen:
        return
    seen.add(str(source.path))
    found = entries(source, group)
    for entry in found:
        if entry.kind == "suite" and entry.override:
            place = where(entry.node, source.shown, ("defaults",))
            state.choices.setdefault(entry.id, Choice(entry.name, place))
    for entry in found:
        below = state.read(group, entry.name) if entry.kind == "extend" and entry.name else None
        if below is not None:
            _collect(state, below, group, seen)


def _expand(state: Walk, source: SourceFile, group: Group, package: tuple[str, ...], chain: tuple[str, ...]) -> None:
    for entry in entries(source, group, state):
        if entry.kind == "self":
            state.layers.append(Layer(source, package))
        elif entry.kind == "extend":
            _extend(state, source, group, package, chain, entry)
        elif not entry.override:
            _suite(state, Choice(entry.name, where(entry.node, source.shown, ("defaults",))), entry.id)


def _extend(
    state: Walk, source: SourceFile, group: Group, package: tuple[str, ...], chain: tuple[str, ...], entry: Entry
) -> None:
    assert entry.name is not None
    if entry.name in chain:
        loop = " → ".join((*chain[chain.index(entry.name) :], entry.name))
        state.complain(source, entry.node, "FTS-108", f"the {NOUNS[group]} extends itself: {loop}.")
        return
    below = state.read(group, entry.name)
    if below is None:
        _missing(state, entry.name, group, where(entry.node, source.shown, ("defaults",)))
        return
    if len(chain) > 1 and "/" in chain[-1] and not str(entry.node.value).startswith("/"):
        # Hydra looks for it from the folder of the file that is extended, not from the group's
        message = f"{entry.name!r} is not found from {chain[-1]!r}, once another {NOUNS[group]} extends that."
        state.complain(source, entry.node, "FTS-108", message, f"Write `- /{FOLDERS[group]}/{entry.name}@_here_`.")
        return
    if group != "suites" and entry.name not in state.extends:
        state.extends.append(entry.name)
    _expand(state, below, group, package, (*chain, entry.name))


def _suite(state: Walk, own: Choice, id_: str) -> None:
    """Mount a suite: the one that an outer file or the command line chose, else this line's own."""
    if id_ in state.suites:
        override = f"Write `- override suites@suites.{id_}: {own.name}` to take another one."
        hint = f"Write specs/suites@suites.{id_}={own.name}, without +." if own.override else override
        state.problems.append(Problem("FTS-108", f"suites.{id_} is already chosen.", own.where, hint))
        return
    choice = state.choices.get(id_, own)
    state.suites[id_] = choice.name or ""
    if choice.name is None:
        return
    below = state.read("suites", choice.name)
    if below is None:
        _missing(state, choice.name, "suites", choice.where)
    else:
        _expand(state, below, "suites", ("suites", id_), (choice.name,))


def _missing(state: Walk, name: str, group: Group, place: Where) -> None:
    hint = suggest(name, names(state.project, group))
    state.problems.append(Problem("FTS-104", f"no such {NOUNS[group]}: {name!r}.", place, hint))


def sources_of(state: Walk) -> Iterator[SourceFile]:
    """Each file that takes part, once, in merging order."""
    seen: set[str] = set()
    for layer in state.layers:
        if layer.source.label not in seen:
            seen.add(layer.source.label)
            yield layer.source
