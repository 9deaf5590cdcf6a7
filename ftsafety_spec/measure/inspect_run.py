"""Runs Inspect: one `eval` of several tasks, silently, its logs in the run folder.
Given desks and their models, gives nothing back: replies are in the ledger, memory is let go of."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from ftsafety_spec.errors import EngineError
from ftsafety_spec.measure.asking import reason_of
from ftsafety_spec.measure.desk import Desk, own_task
from ftsafety_spec.measure.foreign import foreign_task, listening

if TYPE_CHECKING:
    from inspect_ai import Task
    from inspect_ai.model import Model

FOREIGN_RETRIES = 2
LOG_BUFFER = 64
"""Samples that are written to a log together; our journal has each one at once."""


async def run_desks(desks: Sequence[Desk], models: Mapping[str, Model], repeats: int, logs: Path) -> None:
    """Ask everything that the desks want, of their variants' models. Tasks of ours and Inspect's own ones go apart:
    only the latter are retried by Inspect, and not in batches; ours retry a call by themselves."""
    own = [desk for desk in desks if desk.task.inspect is None]
    foreign = [desk for desk in desks if desk.task.inspect is not None]
    if own:
        await _eval(own, [own_task(desk, models[desk.variant], repeats, logs) for desk in own], models, logs, 0)
    if foreign and not foreign[0].halt.now():
        with listening(foreign, logs):
            retries = 0 if models[foreign[0].variant].config.batch else FOREIGN_RETRIES
            await _eval(foreign, [foreign_task(desk, repeats) for desk in foreign], models, logs, retries)


async def _eval(
    desks: Sequence[Desk], tasks: list[Task], models: Mapping[str, Model], logs: Path, retries: int
) -> None:
    from inspect_ai import eval_async
    from inspect_ai.util._display import init_display_type

    init_display_type("none")
    for desk, task in zip(desks, tasks, strict=True):
        task.model = models[desk.variant]
    try:
        headers = await eval_async(
            tasks,
            model=models[desks[0].variant],
            log_dir=str(logs),
            log_format="eval",
            log_header_only=True,
            log_realtime=False,
            log_samples=True,
            log_level="critical",
            log_buffer=LOG_BUFFER,
            fail_on_error=False,
            continue_on_fail=True,
            retry_on_error=retries,
            max_tasks=len(tasks),
            ctl_server=False,
            tags=sorted({desk.variant for desk in desks}),
        )
    except Exception as error:
        desks[0].halt.give_up(EngineError(f"Inspect could not run {desks[0].name}: {reason_of(error)}"))
        return
    if len(headers) != len(tasks) or any(log.status == "cancelled" for log in headers):
        raise asyncio.CancelledError  # Inspect ends a cancelled eval as if it were done; the caller must not go on
    reasons = {log.eval.task: log.error.message for log in headers if log.error is not None}
    if not desks[0].halt.now():
        for desk, task in zip(desks, tasks, strict=True):
            desk.close(reasons.get(task.name, "Inspect did not ask this prompt"))
