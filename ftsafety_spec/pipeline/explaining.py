"""`ftsafety explain` on a run folder: reads its records, writes nothing."""

from __future__ import annotations

from pathlib import Path

from ftsafety_spec.pipeline.prepare import open_run
from ftsafety_spec.pipeline.stages import judged_by
from ftsafety_spec.report.explain import Explanation, explain, explain_view


def explain_run(run: Path, name: str | None = None, policy: str | None = None) -> Explanation:
    """How a run's verdict came about, or one of its rules, outcomes, groups of prompts or cells; under another
    `policy` than its own, where it was judged by that. Raises InputError FTS-130 where a stage is missing,
    NotFoundError for a name of nothing in this run."""
    folder = open_run(run)
    return explain(explain_view(folder, judged_by(folder, policy)), name)
