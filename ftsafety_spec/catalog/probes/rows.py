"""The rows of the project's own probes: JSONL files beside this package, held to a digest.
Given a file's name and digest, gives `Prompt`s. Never reads a row whose file is not the one that was described."""

from __future__ import annotations

import json
from collections.abc import Sequence
from functools import cache
from importlib.resources import files
from itertools import islice, zip_longest

from ftsafety_spec.catalog.base import Prompt
from ftsafety_spec.errors import InputError
from ftsafety_spec.records.base import digest_bytes


def probe_prompts(name: str, digest: str, items: int | None = None) -> Sequence[Prompt]:
    """The prompts of `data/probes/NAME.jsonl`, in file order. `items`: at most so many clusters, taken from the
    categories in turn, each whole (a suite's `limit` would tear pairs apart). Raises InputError FTS-122 where the file
    has changed: its page and the figures made with it describe another one; FTS-106 where `items` is no number."""
    prompts = _prompts(name, digest)
    if items is None:
        return prompts
    if type(items) is not int or items < 1:
        raise InputError(f"items: found {items!r}, expected a whole number from 1.", code="FTS-106")
    kept = _some(prompts, items)
    return [prompt for prompt in prompts if prompt.cluster in kept]


def _some(prompts: Sequence[Prompt], items: int) -> set[str]:
    """Clusters from the categories in turn."""
    found: dict[str, dict[str, None]] = {}
    for prompt in prompts:
        found.setdefault(prompt.category, {})[prompt.cluster] = None
    rounds = zip_longest(*found.values())
    return set(islice((cluster for each in rounds for cluster in each if cluster is not None), items))


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
