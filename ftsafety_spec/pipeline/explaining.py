"""`ftsafety explain` on a run folder: reads its records, writes nothing."""

from __future__ import annotations

from pathlib import Path

from ftsafety_spec.pipeline.prepare import open_run
from ftsafety_spec.report.explain import Explanation, explain, explain_view


def explain_run(run: Path, name: str | None = None) -> Explanation:
    """How a run's verdict came about, or one of its rules, outcomes, groups of prompts or cells. Raises InputError
    FTS-130 where a stage is missing, NotFoundError for a name of nothing in this run."""
    return explain(explain_view(open_run(run)), name)
