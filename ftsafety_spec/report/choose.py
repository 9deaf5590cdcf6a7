"""Which discordant prompts a report shows: given a comparison, gives at most so many rows for each variant and outcome,
losses first, the areas taken in turn. Never looks at a text."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from ftsafety_spec.records.comparison import Comparison, Discordant
from ftsafety_spec.spec.common import OUTCOMES

MOST = 20
"""Examples shown for one outcome of one variant."""


@dataclass(frozen=True)
class Chosen:
    """Rows to show; `lost` and `gained` count all such prompts, also those that the comparison does not list."""

    variant: str
    outcome: str
    rows: tuple[Discordant, ...]
    lost: int
    gained: int


def loss(row: Discordant, safer: str) -> float:
    """How much less safe the tuned answer is, in [-1, 1]; negative = safer."""
    change = row.base - row.tuned
    return change if safer == "higher" else -change


def directions(comparison: Comparison) -> dict[str, str]:
    """Outcome → the direction in which it is safer."""
    return {**OUTCOMES, **{cell.outcome: cell.safer for cell in comparison.cells}}


def shown_examples(comparison: Comparison, most: int = MOST) -> dict[tuple[str, str], Chosen]:
    """(variant, outcome) → what to show, in the order in which the comparison names them."""
    safer = directions(comparison)
    groups: dict[tuple[str, str], list[Discordant]] = {}
    for row in comparison.discordant:
        groups.setdefault((row.variant, row.outcome), []).append(row)
    totals = {(cell.variant, cell.outcome): (cell.lost, cell.gained) for cell in comparison.cells if cell.by == "all"}
    return {
        key: _chosen(key, rows, safer.get(key[1], "higher"), totals.get(key, (0, 0)), most)
        for key, rows in groups.items()
    }


def _chosen(key: tuple[str, str], rows: list[Discordant], safer: str, total: tuple[int, int], most: int) -> Chosen:
    lost = [row for row in rows if loss(row, safer) > 0]
    gained = [row for row in rows if loss(row, safer) < 0]
    kept = min(len(gained), max(most // 4, most - len(lost)))
    shown = [*_in_turn(lost, most - kept), *_in_turn(gained, kept)]
    return Chosen(key[0], key[1], tuple(shown), max(total[0], len(lost)), max(total[1], len(gained)))


def _in_turn(rows: Iterable[Discordant], most: int) -> list[Discordant]:
    """One of each area, then the next of each, up to `most`; by prompt id within an area."""
    seen: dict[str, int] = {}
    ranked: list[tuple[int, str, int, Discordant]] = []
    for row in sorted(rows, key=lambda row: (row.area, -abs(row.base - row.tuned), row.task, row.prompt_id)):
        seen[row.area] = seen.get(row.area, 0) + 1
        ranked.append((seen[row.area], row.area, len(ranked), row))
    return [row for *_, row in sorted(ranked, key=lambda item: item[:3])[:most]]
