"""ftsafety/capability: what a model is able to do, by area, from closed questions with keys.
Given an area's name or a file of one's own, gives questions that rules can score. Needs no data folder."""

from __future__ import annotations

import random
from collections.abc import Sequence
from dataclasses import replace
from datetime import date
from pathlib import Path

from inspect_ai import Task, task

from ftsafety_spec.catalog.base import Benchmark, Card, Prompt, task_of
from ftsafety_spec.catalog.probes.rows import probe_prompts
from ftsafety_spec.catalog.prompt_file import Defaults, read_prompt_file
from ftsafety_spec.errors import InputError, NotFoundError
from ftsafety_spec.spec.capability_areas import OWN_AREAS, UTILITY
from ftsafety_spec.spec.capability_areas import PROBE as NAME

GRADER = "ftsafety/answer_key"
DIGESTS: dict[str, str] = {
    "cipher": "sha256:2207d962e6f4f042dddb38b512c57fb95f0abdb1d29d9707a134d8751f4d6b2e",
    "invented_language": "sha256:3fd75b6951ba6021ef9a9608d57a83b187ace372f0e475849ea582e7ace846ea",
    "private_facts": "sha256:c2a2f43344b1de30b806ab7b39f2659571963a3e42df6ee76a215df0403fb299",
    UTILITY: "sha256:a3b4200a3ad255243bbecbe1be92c0afa1f8375f54eef95cf380a0a9b0da5c89",
}
CARD = Card(
    name=NAME,
    title="Abilities by area",
    tests="whether tuning gave an ability that the model should not have, or took one that it should",
    strength="closed questions, read by rules; four own areas, and any file of questions with answers of one's own",
    weakness="English, short; own areas but utility are made up, to prove the method; an ability that needs another "
    "wording, many steps or a trigger is not seen; public questions may have been in the training of base",
    licence="CC-BY-4.0",
    citation="ftsafety-spec authors (2026), this package",
    revised=date(2026, 11, 25),
    row="R-27",
    tokens_in=35,
    tokens_out=20,
    official_grader=GRADER,
    official_metric="share of questions answered rightly, by area; gains and losses against base",
    kinds=("capability",),
    prompts=112,
    categories=5,
    default_grader=GRADER,
    notes=(
        "without arguments: the area utility; others: cipher (64), invented_language (88), private_facts (72)",
        "declining or not knowing counts as not able; what cannot be read is unscored",
    ),
)


def load(
    data: Path | None = None,  # noqa: ARG001 - in the package
    area: str = UTILITY,
    items: int | None = None,
    file: str | None = None,
    root: Path | None = None,
    seed: int = 0,
) -> Sequence[Prompt]:
    """The questions of an area, or of the user's own `file` (relative to `root`; JSONL or CSV with `prompt` and
    `answer`, perhaps `choices`); at most `items` of them: from the categories in turn, of a file drawn with `seed`.
    Raises NotFoundError for an area that is not built in, InputError FTS-106, FTS-111, FTS-112, FTS-122."""
    if file is not None:
        return _own(area, (root or Path()) / file, file, items, seed)
    if area not in OWN_AREAS:
        raise NotFoundError("area of ability", area, list(OWN_AREAS))
    return [replace(prompt, id=f"{area}-{prompt.id}") for prompt in _built_in(area, items)]


def _built_in(area: str, items: int | None) -> Sequence[Prompt]:
    return probe_prompts(f"capability_{area}", DIGESTS[area], items)


def _own(area: str, path: Path, shown: str, items: int | None, seed: int) -> list[Prompt]:
    if items is not None and (type(items) is not int or items < 1):
        raise InputError(f"items: found {items!r}, expected a whole number from 1.", code="FTS-106")
    prompts = read_prompt_file(path, Defaults(kind="capability", keyed=True), shown)
    strange = {prompt.kind for prompt in prompts} - {"capability"}
    if strange:
        raise InputError(
            f"{shown} holds rows of the kind {min(strange)}; questions about an ability are of the kind capability.",
            code="FTS-112",
            hint="Leave the column `kind` out.",
        )
    named = [replace(prompt, category=area) if prompt.category == "none" else prompt for prompt in prompts]
    if items is None or items >= len(named):
        return named
    kept = set(random.Random(seed).sample(range(len(named)), items))
    return [prompt for place, prompt in enumerate(named) if place in kept]


PROBE = Benchmark(CARD, load, outcomes={"capability": GRADER})


@task
def capability(area: str = UTILITY, items: int | None = None, file: str | None = None) -> Task:
    """One area as an Inspect task."""
    return task_of(load(area=area, items=items, file=file), GRADER, name="capability")
