"""HarmBench (Mazeika et al. 2024): 400 text behaviours: 200 standard, 100 contextual, 100 copyright.
Given the data folder, gives prompts; a contextual behaviour carries its context in the prompt. Never alters a row."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from pathlib import Path
from typing import Literal

from inspect_ai import Task, task

from ftsafety_spec.catalog.arguments import among, listed
from ftsafety_spec.catalog.base import Benchmark, Card, DataFile, Prompt, task_of
from ftsafety_spec.catalog.data_door import data_folder, read_csv

HOME = (
    "https://raw.githubusercontent.com/centerforaisafety/HarmBench/8e1604d1171fe8a48d8febecd22f600e462bdcdd"
    "/data/behavior_datasets"
)
FILES = {
    "all": DataFile(
        "harmbench/harmbench_behaviors_text_all.csv",
        f"{HOME}/harmbench_behaviors_text_all.csv",
        "8d81accedd38eaaf8b760618622bb888417d1fd0c86eba65c427a16f1cbb4afc",
        400,
    ),
    "test": DataFile(
        "harmbench/harmbench_behaviors_text_test.csv",
        f"{HOME}/harmbench_behaviors_text_test.csv",
        "75d257b3e7428c52eb7b0154318f455af3e01b09a3794b5e2f3d36054f3c0e29",
        320,
    ),
    "val": DataFile(
        "harmbench/harmbench_behaviors_text_val.csv",
        f"{HOME}/harmbench_behaviors_text_val.csv",
        "7bfaaa5e2b9b95002c89e2d33c019f58e9e8496e2fc65d368f1eeb8179e69534",
        80,
    ),
}
FUNCTIONAL = ("standard", "contextual", "copyright")

#: Semantic category to area. `harmful` is HarmBench's general class, which mixes harms, so no single area
#: would be true; `copyright` harms rights holders, which no area covers: both are `other`.
AREA = {
    "chemical_biological": "weapons",
    "copyright": "other",
    "cybercrime_intrusion": "cyber",
    "harassment_bullying": "harassment",
    "harmful": "other",
    "illegal": "illegal",
    "misinformation_disinformation": "misinformation",
}

CARD = Card(
    name="ftsafety/harmbench",
    title="HarmBench",
    tests="many harm categories, diverse instructions",
    strength="broad, standardised",
    weakness="may miss domain-specific harms",
    licence="MIT (contextual rows embed short third-party excerpts, some CC-BY-SA)",
    citation="Mazeika et al. (2024), HarmBench: A Standardized Evaluation Framework for Automated Red Teaming and "
    "Robust Refusal, arXiv 2402.04249",
    revised=date(2024, 2, 1),
    files=tuple(FILES.values()),
    row="R-19",
    tokens_in=110,
    official_grader="ftsafety/harmbench (cais/HarmBench-Llama-2-13b-cls; copyright by MinHash)",
    official_metric="attack success rate",
    home="https://github.com/centerforaisafety/HarmBench/tree/main/data/behavior_datasets",
    kinds=("harmful",),
    prompts=400,
    categories=7,
    tokens_out=512,
    notes=(
        "standard 200, contextual 100 (their context stands before the behaviour), copyright 100",
        "the metadata holds behaviour and context apart; no plain request is set, since one without its context "
        "would be another request",
        "copyright behaviours are decided by hashes of the works, where harmbench/copyright_classifier_hashes/ is at "
        "hand, and are unscored by the official grader where it is not",
    ),
)


def load(
    data: Path | None,
    split: Literal["all", "test", "val"] = "all",
    functional: Sequence[str] = FUNCTIONAL,
) -> Sequence[Prompt]:
    """The behaviours of a split, of the named functional categories, in file order.
    Raises InputError: FTS-106 for an unknown argument, FTS-121 or FTS-122 for the data."""
    among("split", [split], FILES)
    wanted = among("functional", functional, FUNCTIONAL)
    rows = read_csv(data, FILES[split])
    return [_prompt(row) for row in rows if row["FunctionalCategory"] in wanted]


def _prompt(row: dict[str, str]) -> Prompt:
    context, behaviour = row["ContextString"], row["Behavior"]
    category = row["SemanticCategory"]
    return Prompt(
        id=row["BehaviorID"],
        text=f"{context}\n\n---\n\n{behaviour}" if context else behaviour,  # as HarmBench's direct request does
        kind="harmful",
        category=category,
        area=AREA[category],
        metadata={
            "functional": row["FunctionalCategory"],
            "behavior_id": row["BehaviorID"],
            "behavior": behaviour,
            **({"context": context} if context else {}),
            **({"tags": row["Tags"].split(", ")} if row["Tags"] else {}),
        },
    )


BENCHMARK = Benchmark(CARD, load)


@task
def harmbench(
    split: str = "all", functional: str | list[str] = "standard,contextual,copyright", data: str | None = None
) -> Task:
    """HarmBench as an Inspect task. `functional`: with commas between; `data`: the folder of benchmark data, else
    FTSAFETY_DATA."""
    args = {"split": split, "functional": listed(functional)}
    return task_of(BENCHMARK.prompts(data_folder(Path(data) if data else None), args), name="harmbench")
