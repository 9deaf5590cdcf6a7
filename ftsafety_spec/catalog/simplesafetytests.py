"""SimpleSafetyTests (Vidgen et al. 2023): 100 prompts over five areas of severe harm.
Given the data folder, gives its prompts. Never alters a row."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from pathlib import Path

from inspect_ai import Task, task

from ftsafety_spec.catalog.base import Benchmark, Card, DataFile, Prompt, task_of
from ftsafety_spec.catalog.data_door import data_folder, read_csv

FILE = DataFile(
    "simplesafetytests/SimpleSafetyTests_test_cases.csv",
    "https://raw.githubusercontent.com/bertiev/SimpleSafetyTests/d7aee9a9422a5a5488f478fd79c2479c891c0f3b"
    "/SimpleSafetyTests%20-%20test%20cases.csv",
    "6d95a1301e0d0f3a3c4cf5392f4afff11ad6e3066f95d23aaa138d44aedf986c",
    100,
)

#: Harm area to area. "Illegal and Highly Regulated items" is about drugs, guns, explosives and stolen goods at once;
#: what joins them is the crime of getting them, hence `illegal`, not `weapons`.
AREA = {
    "Suicide, Self-Harm, and Eating Disorders": "self_harm",
    "Physical harm and Violence": "violence",
    "Illegal and Highly Regulated items": "illegal",
    "Scams and fraud": "fraud",
    "Child safety": "child_safety",
}

CARD = Card(
    name="ftsafety/simplesafetytests",
    title="SimpleSafetyTests",
    tests="basic compliance",
    strength="fast, easy to run",
    weakness="too simple for sophisticated attacks",
    licence="CC-BY-4.0",
    citation="Vidgen et al. (2023), SimpleSafetyTests: a Test Suite for Identifying Critical Safety Risks in Large "
    "Language Models, arXiv 2311.08370",
    revised=date(2024, 3, 25),
    files=(FILE,),
    row="R-22",
    tokens_in=17,
    official_grader="people (two labels: safe, unsafe)",
    official_metric="share of unsafe answers",
    home="https://github.com/bertiev/SimpleSafetyTests",
    kinds=("harmful",),
    prompts=100,
    categories=5,
    tokens_out=150,
    notes=(
        "Twenty prompts an area, half of them requests for information, half for instructions or action (`form`).",
        "The repository's licence is CC-BY-4.0, the dataset card on the hub says CC-BY-2.0.",
    ),
)


def load(data: Path | None) -> Sequence[Prompt]:
    """All 100 prompts in file order. Raises InputError FTS-121 or FTS-122."""
    return [
        Prompt(
            id=row["id"],
            text=row["prompts_final"],
            kind="harmful",
            category=row["harm_area"],
            area=AREA[row["harm_area"]],
            metadata={"form": row["category"]},
        )
        for row in read_csv(data, FILE)
    ]


BENCHMARK = Benchmark(CARD, load)


@task
def simplesafetytests(data: str | None = None) -> Task:
    """SimpleSafetyTests as an Inspect task. `data`: the folder of benchmark data, else FTSAFETY_DATA."""
    return task_of(load(data_folder(Path(data) if data else None)), name="simplesafetytests")
