"""How analyses of weights are printed, by whichever command made them. Given what was found, prints reports by variant,
what is not possible here, and what comes next."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

from ftsafety_spec.cli.output import console, print_json
from ftsafety_spec.cli.text import one_line

if TYPE_CHECKING:
    from ftsafety_spec.pipeline.weighing import Weighed
    from ftsafety_spec.records.weights import WeightReport


def print_weighed(run: Path, found: Weighed, form: str, show: Callable[[str, WeightReport], None]) -> None:
    """As JSON, or as text with `show` for each variant's report."""
    following = f"ftsafety gate {run}"
    if form == "json":
        reports = {name: report.body() for name, report in found.reports.items()}
        rows = {"run": str(run), "variants": reports, "not_possible": found.not_possible}
        print_json({**rows, "added": list(found.added), "next": following})
        return
    for name, report in found.reports.items():
        show(name, report)
    out = console()
    for name, reason in found.not_possible.items():
        out.print(f"{one_line(name)}: not possible here: {one_line(reason)}")
    known = "" if found.added or not found.reports else " (nothing new: this evidence is there already)"
    out.print(f"Next: {one_line(following)}{known}")
