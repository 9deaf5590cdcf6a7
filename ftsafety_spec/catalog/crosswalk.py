"""Writes docs/areas.md out of the catalog, so that the page cannot differ from what the loaders do: each benchmark's
official categories, the area of each, and the reasons, which stand as comments above the tables in the code.

python -m ftsafety_spec.catalog.crosswalk docs/areas.md
"""

from __future__ import annotations

import ast
import re
import sys
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from importlib import import_module
from importlib.metadata import entry_points
from itertools import groupby
from pathlib import Path
from types import ModuleType

from ftsafety_spec.catalog.base import Benchmark, Card
from ftsafety_spec.catalog.registry import BENCHMARKS, PROBES
from ftsafety_spec.registry import Registry
from ftsafety_spec.spec.common import AREAS

OWN = "ftsafety_spec."
TABLE = "AREA"

INTRODUCTION = """# Areas of harm

<!-- Written by `make docs` from the catalog; changes are made there. -->

Every benchmark has its own taxonomy, so that "refusal in one category" means something else in each. Policies
therefore speak of areas: one list over all benchmarks. Every prompt carries its official category, which reports show
too, and one area, which the gate reads.

| area | means |
|---|---|
{areas}

How a category gets its area:

- One category, one area, unless the makers label single prompts more finely: nobody here relabels prompts one by one.
  Where they published no categories at all, the labels are ours, in a data file with the script that made them.
- The area is what all prompts of a category have in common. Where only crime joins them, it is `illegal`; where nothing
  does, it is `other`: a wrong area would move a rule's reading, `other` only keeps it out of one.
- Benign and capability prompts have the area `none`; so do the benign halves of contrast sets.
- A prompt that several benchmarks share (case and spacing aside), a contrast pair, and one request in several
  wrappers are one cluster each. Clusters, not prompts, are what minima count and intervals take as independent.
"""


def page() -> str:
    """The whole page."""
    areas = "\n".join(f"| `{name}` | {text} |" for name, text in AREAS.items())
    return "\n".join([INTRODUCTION.format(areas=areas), *_sections()])


def main(arguments: Sequence[str]) -> int:
    """Write the page to the named file."""
    if len(arguments) != 1:
        print("usage: python -m ftsafety_spec.catalog.crosswalk FILE", file=sys.stderr)
        return 2
    Path(arguments[0]).write_text(page(), encoding="utf-8")
    return 0


def tables() -> dict[str, tuple[ModuleType, Mapping[str, str]]]:
    """Name of each own benchmark to the module that states its table, and the table: category to area."""
    found = {}
    for name, module in _own(BENCHMARKS):
        table = getattr(module, TABLE, None)
        if isinstance(table, Mapping):
            found[name] = (_home(module), table)
    return found


def reasons(module: ModuleType) -> str:
    """The `#:` comment above a module's table as one paragraph, else the module's docstring; then the comments inside
    the table, each as a point."""
    source = Path(str(module.__file__)).read_text(encoding="utf-8")
    lines = source.splitlines()
    table = next(node for node in ast.parse(source).body if _states_table(node))
    above = lines[: table.lineno - 1]
    comment: list[str] = []
    while above and above[-1].startswith("#:"):
        comment.insert(0, above.pop().removeprefix("#:").strip())
    text = " ".join(comment) or " ".join((module.__doc__ or "").split())
    points = list(_points(lines[table.lineno : table.end_lineno]))
    return "\n\n".join([text, *(["\n".join(points)] if points else [])])


def _points(lines: Sequence[str]) -> Iterator[str]:
    for commented, block in groupby(lines, key=lambda line: line.lstrip().startswith("#")):
        if commented:
            yield "- " + " ".join(line.strip().removeprefix("#").strip() for line in block)


def _own(registry: Registry[Benchmark]) -> Iterator[tuple[str, ModuleType]]:
    for point in sorted(entry_points(group=registry.group), key=lambda point: point.name):
        if point.module.startswith(OWN):
            yield point.name, import_module(point.module)


def _home(module: ModuleType) -> ModuleType:
    """The module that defines the table: this one, or the one that it imports it from."""
    source = Path(str(module.__file__)).read_text(encoding="utf-8")
    body = ast.parse(source).body
    if any(_states_table(node) for node in body):
        return module
    for node in body:
        if isinstance(node, ast.ImportFrom) and node.module and any(item.name == TABLE for item in node.names):
            return import_module(node.module)
    raise LookupError(f"{module.__name__} does not state {TABLE}")


def _states_table(node: ast.stmt) -> bool:
    if isinstance(node, ast.AnnAssign):
        return isinstance(node.target, ast.Name) and node.target.id == TABLE
    return isinstance(node, ast.Assign) and any(isinstance(to, ast.Name) and to.id == TABLE for to in node.targets)


def _sections() -> Iterator[str]:
    stated = tables()
    for registry in (BENCHMARKS, PROBES):
        for name, _ in _own(registry):
            card = registry.get(name).card
            yield f"## {card.title} (`{name}`)\n"
            if name in stated:
                home, table = stated[name]
                yield f"{reasons(home)}\n"
                yield from _rows(table)
            else:
                yield f"{_own_areas(card)}\n"


def _rows(table: Mapping[str, str]) -> Iterator[str]:
    by_area: defaultdict[str, list[str]] = defaultdict(list)
    for category, area in table.items():
        by_area[area].append(category)
    yield "| area | official categories |\n|---|---|"
    for area in sorted(by_area, key=list(AREAS).index):
        yield f"| `{area}` | {'; '.join(_cell(category) for category in by_area[area])} |"
    yield ""


def _own_areas(card: Card) -> str:
    """For a benchmark whose rows carry their areas themselves: what its card notes about them."""
    noted = [note for note in card.notes if re.search(r"\bareas?\b", note)]
    return _sentences(noted) if noted else "Its rows carry category and area themselves, as its data file states them."


def _sentences(notes: Sequence[str]) -> str:
    return " ".join(f"{note[0].upper()}{note[1:].rstrip('.')}." for note in notes)


def _cell(text: str) -> str:
    return re.sub(r"([|<>&*_`])", r"\\\1", text)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
