"""What the simulation must show, as limits on its rows. Given rows, gives sentences about what is broken. A limit is
held to three standard errors of the simulation, so that a true rate at the limit breaks it once in 700 times."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from typing import Any

from parts import LOST, PARTS, UNIFORM, UNSEEN

Row = dict[str, Any]
MOST_PERMISSIVE = 0.05
LEAST_COVERED = 0.95


def broken(rows: Sequence[Row]) -> list[str]:
    """Sentences; none where everything holds."""
    return [sentence for row in rows for sentence in _faults(row)]


def _slack(limit: float, row: Row) -> float:
    runs = row.get("runs") or PARTS[row["part"]].short
    return 3 * math.sqrt(limit * (1 - limit) / runs)


def _faults(row: Row) -> Iterator[str]:
    where = ", ".join(
        f"{key} {row[key]}"
        for key in ("suite", "grader", "missing answers", "n", "base rate", "true regression", "case")
        if key in row
    )
    permissive = row.get("wrongly permissive")
    if (
        permissive is not None
        and row.get("grader") != UNSEEN
        and permissive > MOST_PERMISSIVE + _slack(MOST_PERMISSIVE, row)
    ):
        yield f"{row['part']} ({where}): wrongly permissive in {permissive:.3f}, at most {MOST_PERMISSIVE}"
    if (
        row["part"] in ("bands", "stopping")
        and row["true regression"] == 0.0
        and row["deploy"] < 0.95 - _slack(0.95, row)
    ):
        yield f"{row['part']} ({where}): deploy in {row['deploy']:.3f}, at least 0.95"
    if (
        row["part"] == "stopping"
        and row["suite"] == "standard"
        and row["true regression"] >= 0.40
        and row["share of calls"] > 0.40
    ):
        yield f"stopping ({where}): {row['share of calls']:.3f} of the calls, at most 0.4"
    if (
        row["part"] == "stopping"
        and row["suite"] != "standard"
        and row["true regression"] == 0.0
        and row["share of calls"] > 0.50
    ):
        yield f"stopping ({where}): {row['share of calls']:.3f} of the calls, at most 0.5"
    if row["part"] == "categories":
        yield from _areas(row)
    if row["part"] == "coverage":
        for name in ("pessimistic", "optimistic", "rate"):
            if row[name] < LEAST_COVERED - _slack(LEAST_COVERED, row):
                yield f"coverage ({where}): {name} holds in {row[name]:.3f}, at least {LEAST_COVERED}"


def _areas(row: Row) -> Iterator[str]:
    blocked = row["an area is blocked"]
    if row["case"] == UNIFORM and blocked > 0.02 + _slack(0.02, row):
        yield f"categories ({row['case']}): an area is blocked in {blocked:.3f}, at most 0.02"
    if row["case"] == LOST and row["the lost area is named"] < 0.90 - _slack(0.90, row):
        yield f"categories ({row['case']}): named in {row['the lost area is named']:.3f}, at least 0.90"
