"""The measuring part of `run` and `measure`: progress, Ctrl-C, and how to go on. Given a run folder, measures what is
missing; leaves with 130, 143 or 4 where something is still missing afterwards."""

from __future__ import annotations

import shlex
from pathlib import Path

import click

from ftsafety_spec.cli.output import note
from ftsafety_spec.cli.signals import Terminated, finishing
from ftsafety_spec.records.folder import RunFolder


def measure_or_leave(
    folder: RunFolder,
    data: Path | None,
    shard: tuple[int, int] | None = None,
    everything: bool = False,
    judged: bool = False,
) -> None:
    """Measure; `everything`: never stop early; `judged`: what a used-up budget left is judged as it is, if it has whole
    tables. Raises click's Exit after a signal, IncompleteError where the run was cut short."""
    from ftsafety_spec.cli.progress import progress_display
    from ftsafety_spec.errors import IncompleteError
    from ftsafety_spec.measure import Stop
    from ftsafety_spec.pipeline import measure_run

    stop = Stop()
    progress = progress_display()
    try:
        with finishing(stop.request) as halt:
            measured = measure_run(folder, data=data, progress=progress, stop=stop, shard=shard, everything=everything)
            if halt.status is not None:
                _say_how_to_go_on()
    except (KeyboardInterrupt, Terminated):
        progress.finished()
        _say_how_to_go_on()
        raise
    if halt.status is not None:
        raise click.exceptions.Exit(halt.status)
    if measured.errors:
        note(f"{measured.errors} calls gave no answer: they count at their worst, and are asked again by {again()}")
    if judged and measured.stopped_by == "budget" and folder.table("grades").exists():
        note(f"the budget is used up: judged on what is there. {measured.how_to_go_on}")
        return
    if not measured.complete:
        why = stop.reason or (f"stopped by {measured.stopped_by}" if measured.stopped_by else "not all was measured")
        raise IncompleteError(f"{why}.", hint=f"What was measured is kept. {measured.how_to_go_on or again()}")


def again() -> str:
    """The present command line, to be typed again."""
    context = click.get_current_context(silent=True)
    arguments = context.find_root().obj if context is not None else None
    return shlex.join(["ftsafety", *(arguments or [])])


def _say_how_to_go_on() -> None:
    note(f"stopped; what was measured is kept. To go on: {again()}")
