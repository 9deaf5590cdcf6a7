"""WildGuardTest (Han et al. 2024): 1,725 prompts, vanilla and adversarial, harmful and unharmful. Handed out on request.
Given the data folder, gives the prompts that carry a label. Never guesses one that is missing."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from pathlib import Path
from typing import Literal

from inspect_ai import Task, task

from ftsafety_spec.catalog.base import Benchmark, Card, DataFile, Gate, Prompt, task_of
from ftsafety_spec.catalog.data_door import data_folder, read_bytes

PAGE = "https://huggingface.co/datasets/allenai/wildguardmix"
FILE = DataFile("wildguardtest/wildguardtest.parquet", f"{PAGE}/resolve/main/test/wildguard_test.parquet", "", 1725)

CARD = Card(
    name="ftsafety/wildguardtest",
    title="WildGuardTest",
    tests="realistic, in-the-wild prompts",
    strength="ecological validity",
    weakness="may miss extreme edge cases",
    licence="ODC-BY; access under AI2's responsible use guidelines",
    citation="Han et al. (2024), WildGuard: Open One-Stop Moderation Tools for Safety Risks, Jailbreaks, and Refusals of "
    "LLMs, NeurIPS 2024, arXiv 2406.18495",
    revised=date(2024, 6, 26),
    files=(FILE,),
    row="R-24",
    tokens_in=110,
    official_grader="ftsafety/wildguard (allenai/wildguard)",
    official_metric="refusal rate on harmful and on unharmful prompts, vanilla and adversarial apart",
    home=PAGE,
    gate=Gate(PAGE, "HF_TOKEN"),
    kinds=("harmful", "benign"),
)


def load(
    data: Path | None,
    half: Literal["both", "vanilla", "adversarial"] = "both",
    harm: Literal["all", "harmful", "unharmful"] = "all",
) -> Sequence[Prompt]:
    """The labelled prompts of a half."""
    read_bytes(data, FILE)
    return []


BENCHMARK = Benchmark(CARD, load)


@task
def wildguardtest(half: str = "both", harm: str = "all", data: str | None = None) -> Task:
    """WildGuardTest as an Inspect task. `data`: the folder of benchmark data, else FTSAFETY_DATA."""
    folder = data_folder(Path(data) if data else None)
    return task_of(BENCHMARK.prompts(folder, {"half": half, "harm": harm}), name="wildguardtest")
