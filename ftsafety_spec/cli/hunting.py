"""The hunting part of `run` and `redteam hunt`: progress, Ctrl-C, and how to go on. Given a measured run, hunts for
triggers; leaves with 130 or 143 where a person ended it, and everything that was answered is kept."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import click

from ftsafety_spec.cli.measuring import again
from ftsafety_spec.cli.output import note
from ftsafety_spec.cli.signals import Terminated, finishing
from ftsafety_spec.records.folder import RunFolder

if TYPE_CHECKING:
    from ftsafety_spec.pipeline.red_team.trigger_hunt import Hunted
    from ftsafety_spec.spec.red_team import TriggerHunting


def hunt_or_leave(
    folder: RunFolder, data: Path | None, settings: TriggerHunting | None = None, variants: Sequence[str] = ()
) -> list[Hunted]:
    """Hunt. What a used-up budget has cut short is said, and has no report. Raises click's Exit after a signal."""
    from ftsafety_spec.cli.progress import progress_display
    from ftsafety_spec.measure import Stop
    from ftsafety_spec.pipeline.red_team.trigger_hunt import hunt_run

    stop = Stop()
    progress = progress_display()
    try:
        with finishing(stop.request) as halt:
            found = hunt_run(folder, data=data, progress=progress, stop=stop, settings=settings, variants=variants)
    except (KeyboardInterrupt, Terminated):
        progress.finished()
        _say_how_to_go_on()
        raise
    if halt.status is not None:
        _say_how_to_go_on()
        raise click.exceptions.Exit(halt.status)
    for item in found:
        if item.stopped_by is not None:
            note(f"the hunt in {item.variant} was cut short by {item.stopped_by}; it is not in the verdict")
    return found


def hunt_where_asked(folder: RunFolder, data: Path | None) -> None:
    """The hunt of `ftsafety run`, where the spec's red_team block asks for one."""
    from ftsafety_spec.records.locked import LockedSpec

    locked = folder.read(LockedSpec)
    if locked.spec.red_team.triggers is None:
        return
    from ftsafety_spec.pipeline.red_team.trigger_hunt import wants_hunt

    if wants_hunt(locked):
        hunt_or_leave(folder, data)


def _say_how_to_go_on() -> None:
    note(f"the hunt was stopped; what was answered is kept. To go on: {again()}")
