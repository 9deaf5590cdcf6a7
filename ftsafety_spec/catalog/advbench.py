"""AdvBench (Zou et al. 2023): 520 harmful behaviours, plain and inside published attack wrappers or a user's suffixes.
Given the data folder, gives the goals as prompts. Never alters a row; the wrapped request stays beside the text."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping, Sequence
from datetime import date
from functools import cache
from importlib.resources import files
from pathlib import Path

from inspect_ai import Task, task

from ftsafety_spec.catalog import wrappers as shells
from ftsafety_spec.catalog.arguments import listed
from ftsafety_spec.catalog.base import Benchmark, Card, DataFile, Prompt, task_of
from ftsafety_spec.catalog.data_door import data_folder, read_csv
from ftsafety_spec.errors import InputError
from ftsafety_spec.records.base import digest_text

FILE = DataFile(
    "advbench/harmful_behaviors.csv",
    "https://raw.githubusercontent.com/andyrdt/refusal_direction/9d852fae1a9121c78b29142de733cb1340770cc3"
    "/dataset/raw/advbench.csv",  # byte for byte the makers' file, at a pinned revision
    "6cd1a5c63c07610d7eb67307772ee5606017ee950b5770ab288a2c487489d3e1",
    520,
)

CARD = Card(
    name="ftsafety/advbench",
    title="AdvBench",
    tests="robustness to adversarial jailbreak prompts: its requests plain and inside known, published attack wrappers",
    strength="tests known attacks",
    weakness="unknown attacks not tested",
    licence="MIT",
    citation="Zou et al. (2023), Universal and Transferable Adversarial Attacks on Aligned Language Models, "
    "arXiv 2307.15043; wrappers: each with its own source",
    revised=date(2023, 7, 27),
    files=(FILE,),
    row="R-21",
    tokens_in=20,
    official_grader="ftsafety/advbench_substrings (29 substrings of refusals)",
    official_metric="attack success rate: share of answers without any of the substrings",
    home="https://github.com/llm-attacks/llm-attacks/blob/main/data/advbench/harmful_behaviors.csv",
    kinds=("harmful",),
    prompts=520,
    categories=1,
    tokens_out=200,
    notes=(
        "no official categories; areas come from keyword rules (bench/advbench_areas.py), `other` where none fits",
        "many rows are near-duplicates of one another (the PAIR paper keeps 50 of them)",
        "wrappers: none, all, or a list of ids; suffixes: a text file in the project, one suffix a line",
        "limit_requests: so many requests, drawn with seed, each plain and in every wrapper",
        "everything around one request counts as one: rates by wrapper stand in the table by condition",
    ),
)


def load(
    data: Path | None,
    wrappers: str | Sequence[str] = "none",
    suffixes: str | None = None,
    limit_requests: int | None = None,
    seed: int = 0,
    root: Path | None = None,
) -> Sequence[Prompt]:
    """The goals in file order, plain, then inside each wrapper and with each suffix of the user's file (relative to
    `root`, the project). Raises InputError: FTS-106 for an argument, FTS-111 or FTS-112 for the suffix file, FTS-121 or
    FTS-122 for the data."""
    around = [*shells.chosen(wrappers), *(_user_suffixes(suffixes, root) if suffixes else [])]
    plain = _drawn(data, limit_requests, seed)
    return [*plain, *(shells.wrapped(prompt, wrapper) for wrapper in around for prompt in plain)]


def _user_suffixes(given: str, root: Path | None) -> list[shells.Wrapper]:
    return shells.suffixes((root or Path.cwd()) / given, given)


def _drawn(data: Path | None, n: int | None, seed: int) -> list[Prompt]:
    if n is not None and (isinstance(n, bool) or not isinstance(n, int) or n < 1):
        raise InputError(f"limit_requests: expected a whole number from 1, found {n!r}.", code="FTS-106")
    goals = [_prompt(place, row) for place, row in enumerate(read_csv(data, FILE), start=1)]
    keys = {goal.id: hashlib.sha256(f"{seed}\n{goal.digest}".encode()).hexdigest() for goal in goals}
    keep = set(sorted(keys, key=keys.__getitem__)[:n])
    return [goal for goal in goals if goal.id in keep]


def _prompt(place: int, row: Mapping[str, str]) -> Prompt:
    goal = row["goal"]
    return Prompt(
        id=f"goal-{place}",
        text=goal,
        kind="harmful",
        category="harmful_behaviors",
        area=areas().get(digest_text(goal), "other"),
        metadata={"target": row["target"]},
    )


@cache
def areas() -> Mapping[str, str]:
    """Digest of a goal to area, as `bench/advbench_areas.py` assigned them by keywords; reviewable, not official."""
    text = files("ftsafety_spec.catalog").joinpath("data/advbench_areas.json").read_text("utf-8")
    found: dict[str, str] = json.loads(text)["areas"]
    return found


BENCHMARK = Benchmark(CARD, load)


@task
def advbench(
    wrappers: str | list[str] = "none",
    suffixes: str | None = None,
    limit_requests: int | None = None,
    data: str | None = None,
) -> Task:
    """AdvBench as an Inspect task. `wrappers`: none, all, or ids with commas between; `data`: the folder of benchmark
    data, else FTSAFETY_DATA."""
    names = wrappers if wrappers in ("none", "all") else listed(wrappers)
    args = {"wrappers": names, "suffixes": suffixes, "limit_requests": limit_requests}
    return task_of(BENCHMARK.prompts(data_folder(Path(data) if data else None), args), name="advbench")
