"""The rows of the project's own probes: JSONL files beside this package, held to a digest.
Given a file's name and digest, gives `Prompt`s. Never reads a row whose file is not the one that was described."""

from __future__ import annotations

import json
from collections.abc import Sequence
from functools import cache
from importlib.resources import files

from ftsafety_spec.catalog.base import Prompt
from ftsafety_spec.errors import InputError
from ftsafety_spec.records.base import digest_bytes


def probe_prompts(name: str, digest: str) -> Sequence[Prompt]:
    """All prompts of `data/probes/NAME.jsonl`, in file order. Raises InputError FTS-122 where the file has changed:
    its page and the figures made with it describe another one."""
    return _prompts(name, digest)


@cache
def _prompts(name: str, digest: str) -> tuple[Prompt, ...]:
    content = files("ftsafety_spec.catalog").joinpath(f"data/probes/{name}.jsonl").read_bytes()
    if digest_bytes(content) != digest:
        raise InputError(
            f"probes/{name}.jsonl is not the file that this version describes.",
            code="FTS-122",
            hint="Install ftsafety-spec again; to change a probe, make it anew with `python bench/make_probes.py`.",
        )
    return tuple(_prompt(json.loads(line)) for line in content.decode("utf-8").splitlines() if line)


def _prompt(row: dict[str, object]) -> Prompt:
    fields = {**row, "before": tuple((role, text) for role, text in row.get("before", ()))}  # type: ignore[attr-defined]
    return Prompt(**fields)  # type: ignore[arg-type]
