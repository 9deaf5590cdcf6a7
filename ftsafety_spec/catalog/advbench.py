"""AdvBench (Zou et al. 2023): 520 harmful behaviours with the beginning of the answer that an attack aims at.
Given the data folder, gives the goals as prompts. Never alters a row."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from pathlib import Path

from inspect_ai import Task, task

from ftsafety_spec.catalog.base import Benchmark, Card, DataFile, Prompt, task_of
from ftsafety_spec.catalog.data_door import data_folder, read_csv

FILE = DataFile(
    "advbench/harmful_behaviors.csv",
    "https://raw.githubusercontent.com/llm-attacks/llm-attacks/main/data/advbench/harmful_behaviors.csv",
    "6cd1a5c63c07610d7eb67307772ee5606017ee950b5770ab288a2c487489d3e1",
    520,
)

CARD = Card(
    name="ftsafety/advbench",
    title="AdvBench",
    tests="robustness against adversarial suffixes and jailbreaks",
    strength="targets real attack vectors",
    weakness="can be overfit",
    licence="MIT",
    citation="Zou et al. (2023), Universal and Transferable Adversarial Attacks on Aligned Language Models, "
    "arXiv 2307.15043",
    revised=date(2023, 7, 27),
    files=(FILE,),
    row="R-21",
    tokens_in=20,
)


def load(data: Path | None) -> Sequence[Prompt]:
    """All 520 goals, in file order. Raises InputError FTS-121 or FTS-122."""
    return [
        Prompt(id=f"goal-{place}", text=row["goal"], kind="harmful", category="harmful_behaviors", area="other")
        for place, row in enumerate(read_csv(data, FILE), start=1)
    ]


BENCHMARK = Benchmark(CARD, load)


@task
def advbench(data: str | None = None) -> Task:
    """AdvBench as an Inspect task. `data`: the folder of benchmark data, else FTSAFETY_DATA."""
    return task_of(load(data_folder(Path(data) if data else None)), name="advbench")
