"""Inspect tasks with a solver and a scorer of their own. Given a desk, gives the task with only the missing samples;
a hook hands each finished sample, with its scores, to its desk."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ftsafety_spec.errors import InputError
from ftsafety_spec.measure.asking import reply_of
from ftsafety_spec.measure.desk import Desk, OnlyMissing
from ftsafety_spec.measure.ledger import Reply
from ftsafety_spec.measure.mapping import mapped

if TYPE_CHECKING:
    from inspect_ai import Task
    from inspect_ai.hooks import BeforeModelGenerate, SampleEnd, TaskStart
    from inspect_ai.log import EvalSample

_TOKEN = "ftsafety_desk"
_waiting: dict[str, tuple[Desk, Path]] = {}
_running: dict[str, tuple[Desk, Path, str]] = {}


def foreign_task(desk: Desk, repeats: int) -> Task:
    """The task, built anew, with the samples that are missing."""
    from inspect_ai import Epochs

    assert desk.task.inspect is not None
    task = desk.task.inspect.build([item.prompt.id for item in desk.prompts()])
    task.epochs, task.epochs_reducer = repeats, Epochs(repeats, []).reducer
    task.early_stopping = OnlyMissing(desk)
    task.metadata = {**(task.metadata or {}), _TOKEN: desk.token}
    return task


@contextmanager
def listening(desks: Sequence[Desk], logs: Path) -> Iterator[None]:
    """While open, finished samples of these desks are taken down."""
    _register()
    _waiting.update({desk.token: (desk, logs) for desk in desks})
    try:
        yield
    finally:
        _waiting.clear()
        _running.clear()


@cache
def _register() -> None:
    from inspect_ai.hooks import Hooks, hooks

    @hooks(name="ftsafety_measure", description="Takes down the answers of ftsafety runs")
    class Listener(Hooks):
        def enabled(self) -> bool:
            return bool(_waiting)

        async def on_task_start(self, data: TaskStart) -> None:
            found = _waiting.get(str((data.spec.metadata or {}).get(_TOKEN)))
            if found is not None:
                _running[data.eval_id] = (*found, data.spec.model)

        async def on_before_model_generate(self, data: BeforeModelGenerate) -> None:
            _seed(data)

        async def on_sample_end(self, data: SampleEnd) -> None:
            if data.eval_id in _running:
                desk, logs, model = _running[data.eval_id]
                _take(desk, logs, model, data.sample)


def _seed(data: BeforeModelGenerate) -> None:
    """Give each repeat its own seed. A grader's calls inside of a scorer keep theirs."""
    from inspect_ai.solver._task_state import sample_state

    state = sample_state()
    found = _running.get(data.eval_id or "")
    if state is None or found is None or data.config.seed is not None or data.model_name not in found[2]:
        return
    data.config.seed = found[0].draws.seed_of(state.epoch - 1)


def _take(desk: Desk, logs: Path, model: str, sample: EvalSample) -> None:
    from ftsafety_spec.measure.desk import present_log

    item = desk.wants(str(sample.id), sample.epoch - 1)
    if item is None:
        return
    reply = _reply(sample, model, present_log(logs))
    desk.take(item, reply)
    if reply.scores:
        for outcome, mapping in desk.task.spec.outcomes.items():
            try:
                mapped(reply.scores, mapping, f"suites.{desk.task.suite}.tasks.{desk.task.task}.outcomes.{outcome}")
            except InputError as error:
                desk.halt.give_up(error)


def _reply(sample: EvalSample, model: str, log: str | None) -> Reply:
    if sample.error is not None:
        first = (sample.error.message.strip().splitlines() or ["unknown"])[0]
        return Reply("error", reason=first[:200], seconds=sample.total_time or 0.0, log=log)
    reply = reply_of(sample.output, sample.working_time or 0.0)
    usage = sample.model_usage.get(model)
    return Reply(
        reply.state,
        text=reply.text,
        reason=reply.reason,
        tokens_in=usage.input_tokens if usage else reply.tokens_in,
        tokens_out=usage.output_tokens if usage else reply.tokens_out,
        seconds=sample.working_time or reply.seconds,
        log=log,
        scores={name: plain(score.value) for name, score in (sample.scores or {}).items()},
    )


def plain(value: Any) -> Any:
    """A score's value as JSON data; what is not a number is null."""
    if isinstance(value, float) and not math.isfinite(value):
        return None
    if isinstance(value, Mapping):
        return {str(key): plain(item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [plain(item) for item in value]
    return value
