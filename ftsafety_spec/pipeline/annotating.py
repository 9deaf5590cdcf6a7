"""What a verdict says to GitHub: annotations and a step summary. Given a run folder and the verdict that was just made,
which need not be the written one, gives text. Writes nothing."""

from __future__ import annotations

from dataclasses import dataclass, replace

from ftsafety_spec.pipeline.stages import within_repository
from ftsafety_spec.records.folder import RunFolder
from ftsafety_spec.records.verdict import Verdict


@dataclass(frozen=True)
class Annotated:
    """`commands`: one workflow command a line; `summary`: Markdown."""

    commands: tuple[str, ...]
    summary: str


def annotated(folder: RunFolder, verdict: Verdict) -> Annotated:
    """The commands and the summary. Raises InputError where the run has not been judged."""
    from ftsafety_spec.report.github import summary, workflow_commands
    from ftsafety_spec.report.view import view_of

    view = replace(view_of(folder, within_repository(folder)), verdict=verdict)
    return Annotated(tuple(workflow_commands(view)), summary(view))
