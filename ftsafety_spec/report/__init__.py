"""Reports of a judged run: given a run folder's records, writes one file a format.
A renderer is one file with one object; another package adds one by an entry point. Never judges anything."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Protocol, runtime_checkable

from ftsafety_spec.records.folder import RunFolder, write_atomically
from ftsafety_spec.registry import Registry
from ftsafety_spec.report.view import ReportView, view_of

__all__ = ["RENDERERS", "Renderer", "ReportView", "view_of", "write_reports"]


@runtime_checkable
class Renderer(Protocol):
    """One format: the name that picks it, the file it writes, and the text from a view."""

    @property
    def name(self) -> str:
        """The name that picks it."""

    @property
    def filename(self) -> str:
        """The file it writes into a run folder."""

    def render(self, view: ReportView) -> str:
        """The whole file. Hostile content in records and texts comes out harmless."""


RENDERERS: Registry[Renderer] = Registry("renderer", "ftsafety_spec.renderers")


def write_reports(
    folder: RunFolder,
    formats: Sequence[str] = ("html", "markdown", "json"),
    prefix: str = "",
    judged: RunFolder | None = None,
) -> list[Path]:
    """Write the reports of a judged run into its folder; the paths, in the order of `formats`. `prefix`: the
    project's folder within its repository, for formats that name lines. `judged`: where a verdict under another policy
    than the run's own lies; the reports are written there.
    Raises NotFoundError for an unknown format, InputError where the run has not been judged."""
    renderers = [RENDERERS.get(name) for name in formats]
    view = view_of(folder, prefix, judged)
    written = []
    for renderer in renderers:
        path = (judged or folder).root / renderer.filename
        write_atomically(path, renderer.render(view))
        written.append(path)
    return written
