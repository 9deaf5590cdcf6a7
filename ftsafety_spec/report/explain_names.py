"""What a name after `ftsafety explain RUN` means: a rule, a finding, an outcome, an area, category, task, kind or
condition, a cell. One name may mean several things; all are explained. An unknown one is answered with the nearest."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from ftsafety_spec.errors import NotFoundError
from ftsafety_spec.records.comparison import Cell
from ftsafety_spec.records.verdict import Finding
from ftsafety_spec.report.explain_data import About, Kind

GROUPS: tuple[Kind, ...] = ("area", "category", "task", "kind", "condition")
KINDS: tuple[Kind, ...] = ("rule", "finding", "outcome", *GROUPS, "cell")

Names = Mapping[Kind, Mapping[str, str]]
"""Kind to what can be typed to the full name that it stands for."""


def names_of(
    rules: Iterable[str], findings: Iterable[Finding], cells: Iterable[Cell], not_measured: Iterable[str]
) -> Names:
    """All that can be explained, outcomes that were not measured among it. A category can be named without its task, a
    task without its suite."""
    known: dict[Kind, dict[str, str]] = {kind: {} for kind in KINDS}
    known["rule"] = {name: name for name in rules}
    known["outcome"] = {name: name for name in not_measured}
    known["finding"] = {f"{item.rule}:{item.cell}": f"{item.rule}:{item.cell}" for item in findings if item.cell}
    for cell in cells:
        known["cell"][cell.id] = cell.id
        known["outcome"][cell.outcome] = cell.outcome
        for kind in GROUPS:
            if cell.by == kind:
                known[kind][cell.of] = cell.of
    return known


def meant(name: str, known: Names) -> tuple[About, ...]:
    """What a name means, `kind:name` being exactly that kind. Raises NotFoundError with the nearest valid name."""
    found = [About(kind, known[kind][name]) for kind in KINDS if name in known[kind]]
    kind, _, rest = name.partition(":")
    found += [About(item, known[item][rest]) for item in KINDS if item == kind and rest in known[item]]
    found = found or [About(item, full) for item in GROUPS for full in known[item] if _tail(item, full) == name]
    if not found:
        raise NotFoundError("rule, outcome, area or cell of this run", name, typeable(name, known))
    return tuple(dict.fromkeys(found))


def typeable(name: str, known: Names) -> list[str]:
    """Names to choose from: rules, outcomes and groups; cells and findings only where one was meant by its look."""
    kinds = KINDS if "/" in name else tuple(kind for kind in KINDS if kind not in ("cell", "finding"))
    full = {item for kind in kinds for item in known[kind]}
    return sorted(full | {_tail(kind, item) for kind in GROUPS for item in known[kind]} - {""})


def _tail(kind: Kind, full: str) -> str:
    """`core.t:fraud` as `fraud`, `core.t` as `t`; of other groups nothing shorter."""
    if kind == "category":
        return full.split(":", 1)[-1]
    return full.split(".", 1)[-1] if kind == "task" else ""


def cells_of(about: About, cells: Iterable[Cell]) -> list[Cell]:
    """The cells that a name stands for, the whole before its parts."""
    if about.kind == "outcome":
        return [cell for cell in cells if cell.outcome == about.name and cell.by == "all"]
    if about.kind == "cell":
        return [cell for cell in cells if cell.id == about.name]
    if about.kind == "finding":
        return [cell for cell in cells if cell.id == about.name.split(":", 1)[1]]
    return [cell for cell in cells if cell.by == about.kind and cell.of == about.name]
