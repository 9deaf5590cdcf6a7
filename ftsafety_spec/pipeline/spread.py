"""A run spread over a Ray cluster: each shard of the plan is measured by one Ray task in a folder of its own, then they
are joined. Given a locked run folder on storage that every node sees, gives whole tables. Needs the extra `ray`."""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

from ftsafety_spec.errors import EngineError, InputError
from ftsafety_spec.measure import Stop
from ftsafety_spec.pipeline.stages import join_into, measure_run, project_of
from ftsafety_spec.records.folder import RunFolder
from ftsafety_spec.records.locked import LockedPolicy, LockedSpec
from ftsafety_spec.records.plan import Plan


def spread_run(
    folder: RunFolder, shards: int, *, data: Path | None, say: Callable[[str], None], root: Path | None = None
) -> None:
    """Measure `shards` shards side by side. RAY_ADDRESS names the cluster; without it, one is started on this machine
    and stopped again. Interrupted, the shards that are done are kept. Raises InputError FTS-120 without Ray,
    EngineError where a shard fails."""
    ray = _ray()
    root = root or project_of(folder).root
    parts = [_part(folder, number, shards) for number in range(1, shards + 1)]
    own = "RAY_ADDRESS" not in os.environ
    if not ray.is_initialized():
        ray.init(**({"include_dashboard": False} if own else {}), log_to_driver=False, logging_level="error")
    try:
        remote = ray.remote(num_cpus=1, max_retries=2)(_measure_part)
        waiting = {
            remote.remote(str(part.root), str(data) if data else None, str(root), (number, shards)): number
            for number, part in enumerate(parts, start=1)
        }
        while waiting:
            done, _ = ray.wait(list(waiting), num_returns=1)
            number = waiting.pop(done[0])
            say(f"shard {number}/{shards}: {_result(ray, done[0], number)} answers")
    finally:
        if own:
            ray.shutdown()
    join_into(parts, folder)
    for part in parts:
        shutil.rmtree(part.root)
    (folder.root / "shards").rmdir()


def _ray() -> Any:
    try:
        import ray
    except ImportError as error:
        raise InputError(
            "spreading a run needs Ray.", code="FTS-120", hint="pip install 'ftsafety-spec[ray]'"
        ) from error
    return ray


def _part(folder: RunFolder, number: int, shards: int) -> RunFolder:
    """The folder of one shard, with the same locked records."""
    part = RunFolder(folder.root / "shards" / f"{number}-of-{shards}")
    part.root.mkdir(parents=True, exist_ok=True)
    part.write(folder.read(LockedSpec))
    part.write(folder.read(LockedPolicy))
    part.write(folder.read(Plan))
    part.write_certificates(folder.certificates().values())
    return part


def _measure_part(folder: str, data: str | None, root: str, shard: tuple[int, int]) -> int:
    """What a Ray task does: measure one shard; how many answers are missing nothing. Runs in a process of its own."""
    result = measure_run(
        RunFolder(Path(folder)),
        data=Path(data) if data else None,
        progress=_Silent(),
        stop=Stop(),
        shard=shard,
        root=Path(root),
    )
    if not result.complete:
        raise RuntimeError(result.how_to_go_on or "the shard is not complete")
    return result.answered + result.reused


def _result(ray: Any, reference: Any, number: int) -> int:
    try:
        count: int = ray.get(reference)
    except ray.exceptions.RayError as error:
        last = str(error).strip().splitlines()[-1]
        raise EngineError(f"shard {number} failed: {last}", hint="The other shards are kept; run it again.") from error
    return count


class _Silent:
    """Nobody watches a shard; its count comes back when it is done."""

    def started(self, total_calls: int, cached: int) -> None:
        """Nothing."""

    def answered(self, variant: str, task: str, tokens: int, usd: float | None, seconds: float) -> None:
        """Nothing."""

    def graded(self, n: int) -> None:
        """Nothing."""

    def note(self, message: str) -> None:
        """Nothing."""

    def finished(self) -> None:
        """Nothing."""
