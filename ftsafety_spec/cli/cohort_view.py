"""A cohort for a terminal, as JSON, and as a page: where each fine-tune of one base stands in each outcome."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import groupby
from pathlib import Path
from typing import Any

from ftsafety_spec.cli.output import console, table
from ftsafety_spec.cli.text import interval, one_line, percent
from ftsafety_spec.pipeline.cohort import Standing
from ftsafety_spec.records.cohort import Cohort
from ftsafety_spec.records.folder import write_atomically
from ftsafety_spec.report.cohort import cohort_page, label, place_words

_COLUMNS = ("outcome", "rank", "fine-tune", "less safe, points", "the others", "expected", "prompts", "action", "place")


def print_cohort(cohort: Cohort, rows: Sequence[Standing], written: Sequence[Path]) -> None:
    """Print each outcome, the least safe first."""
    out = console()
    out.print(f"{len(cohort.members)} fine-tunes of {one_line(', '.join(cohort.ground.base))}, measured alike")
    out.print(table(_COLUMNS, map(_row, rows), right=(1, 3, 4, 5, 6)))
    shared = sum(member.shared for member in cohort.members)
    if shared:
        out.print(f"{shared} of them as others reported them: figures without texts, not measured here.")
    for path in written:
        out.print(f"wrote {one_line(str(path))}")


def cohort_json(cohort: Cohort, rows: Sequence[Standing], written: Sequence[Path]) -> dict[str, Any]:
    """Plain data of the same."""
    return {
        "ground": cohort.ground.model_dump(mode="json"),
        "members": len(cohort.members),
        "standings": [_plain(row) for row in rows],
        "written": [str(path) for path in written],
    }


def write_plot(cohort: Cohort, rows: Sequence[Standing], path: Path) -> None:
    """Write the page; an older one is replaced."""
    outcomes = [
        (outcome, [(row.member, row.effect, row.place, row.prompts) for row in group])
        for outcome, group in groupby(rows, key=lambda row: row.outcome)
    ]
    write_atomically(path, cohort_page(cohort, outcomes))


def _row(row: Standing) -> tuple[object, ...]:
    return (
        row.outcome,
        row.place.rank,
        label(row.member),
        percent(row.effect.value),
        percent(row.place.others),
        interval(row.place.expected),
        row.prompts,
        row.member.action,
        place_words(row.place),
    )


def _plain(row: Standing) -> dict[str, Any]:
    return {
        "member": row.member.id,
        "title": row.member.title,
        "tuned": row.member.tuned,
        "shared": row.member.shared,
        "action": row.member.action,
        "outcome": row.outcome,
        "prompts": row.prompts,
        "points": row.effect.value,
        "error": row.effect.error,
        "rank": row.place.rank,
        "others": row.place.others,
        "expected": row.place.expected,
        "p": row.place.p,
        "outlier": row.place.outlier,
    }
