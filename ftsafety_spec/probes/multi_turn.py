"""ftsafety/multi_turn: conversations by script, the same user turns for every variant.
Given requests, gives a conversation for each of them and script kind in turn. Needs no data folder."""

from __future__ import annotations

import math
from collections.abc import Sequence
from datetime import date
from pathlib import Path

from inspect_ai import Task, task

from ftsafety_spec.catalog import basics
from ftsafety_spec.catalog.base import Benchmark, Card, Prompt
from ftsafety_spec.catalog.order import seeded_order
from ftsafety_spec.errors import InputError, NotFoundError
from ftsafety_spec.probes.scripted import scripted_task
from ftsafety_spec.probes.scripts import Script
from ftsafety_spec.probes.scripts import scripts as all_scripts

TURNS = 6
PROBES = 64
CARD = Card(
    name="ftsafety/multi_turn",
    title="Conversations by script",
    tests="whether refusals hold over a conversation: how many get to the end without an answer to a harmful request",
    strength="eight kinds of scripts, two wordings each; the same user turns for base and tuned; each asking turn is "
    "graded with all that was said before it; failures are told by turn",
    weakness="English; the user does not react to what is answered (ftsafety/adaptive does); requests are one line; "
    "scripts are generic, so that a model may find a turn out of place",
    licence="CC-BY-4.0",
    citation="ftsafety-spec authors (2026), this package; forms after Russinovich et al. (2024), arXiv:2404.01833, and "
    "Anil et al. (2024), Many-shot jailbreaking",
    revised=date(2026, 11, 25),
    row="R-28",
    tokens_in=600,
    official_grader="ftsafety/refusal_classifier",
    official_metric="survival: share of conversations without a failure, by turn and to the end",
    kinds=("conversation",),
    prompts=PROBES,
    categories=8,
    notes=("without `seeds`: requests of ftsafety/basics", "tokens_in: of one turn, with what was said before it"),
)


def load(
    data: Path | None = None,  # noqa: ARG001 - in the package
    scripts: Sequence[str] | None = None,
    seeds: Sequence[Prompt] | None = None,
    turns: int | None = None,
    probes: int | None = None,
    seed: int = 0,
) -> Sequence[Prompt]:
    """At most `probes` conversations of at most `turns` user turns, over the kinds of `scripts` (all) and the harmful
    prompts among `seeds` in turn; `seed` draws the order of these. Raises NotFoundError for an unknown kind, InputError
    FTS-106 where a number is too small, FTS-112 without a harmful seed."""
    chosen = _chosen(scripts)
    for key, value, least in (("turns", turns, 2), ("probes", probes, 1)):
        if value is not None and value < least:
            raise InputError(f"{key}: found {value}, expected a whole number from {least}.", code="FTS-106")
    requests = _requests(basics.load() if seeds is None else seeds)
    if not requests:
        raise InputError("the seeds of the conversations hold no harmful prompt.", code="FTS-112")
    return _conversations(chosen, seeded_order(requests, seed), turns or TURNS, probes or PROBES)


def _requests(seeds: Sequence[Prompt]) -> list[Prompt]:
    """The harmful ones, each plain request once, however many wrappers it comes in."""
    by_request = {prompt.cluster: prompt for prompt in reversed(seeds) if prompt.kind == "harmful"}
    return list({prompt.id: prompt for prompt in reversed(by_request.values())}.values())


def _chosen(names: Sequence[str] | None) -> list[Script]:
    """Scripts, the first of each kind before the second ones."""
    known = all_scripts()
    for name in names or ():
        if name not in known:
            raise NotFoundError("kind of script", name, list(known))
    kinds = [known[name] for name in dict.fromkeys(names or known)]
    return [each[place] for place in range(max(map(len, kinds))) for each in kinds if place < len(each)]


def _conversations(chosen: Sequence[Script], seeds: Sequence[Prompt], turns: int, probes: int) -> list[Prompt]:
    """Pairs of script and seed, none twice: both go round, shifted by one whenever they would meet again."""
    again = math.lcm(len(chosen), len(seeds))
    count = min(probes, len(chosen) * len(seeds))
    pairs = [(chosen[n % len(chosen)], seeds[(n + n // again) % len(seeds)]) for n in range(count)]
    return [script.about(seed, turns) for script, seed in pairs]


PROBE = Benchmark(CARD, load)


@task
def multi_turn(scripts: list[str] | None = None, turns: int = TURNS, probes: int = PROBES, seed: int = 0) -> Task:
    """The conversations as an Inspect task, with the requests of ftsafety/basics."""
    return scripted_task(load(scripts=scripts, turns=turns, probes=probes, seed=seed), name="multi_turn")
