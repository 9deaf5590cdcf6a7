"""JBB-Behaviors of JailbreakBench (Chao et al. 2024): 100 harmful and 100 benign behaviours on the same topics.
Given the data folder, gives their goals as prompts. Never alters a row."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from pathlib import Path
from typing import Literal

from inspect_ai import Task, task

from ftsafety_spec.catalog.arguments import among
from ftsafety_spec.catalog.base import Benchmark, Card, DataFile, Prompt, task_of
from ftsafety_spec.catalog.data_door import data_folder, read_csv
from ftsafety_spec.spec.common import PromptKind

#: The dataset has no release tag: what pins it is the sha256 below.
HOME = "https://huggingface.co/datasets/JailbreakBench/JBB-Behaviors/resolve/main/data"
FILES: dict[PromptKind, DataFile] = {
    "harmful": DataFile(
        "jailbreakbench/harmful-behaviors.csv",
        f"{HOME}/harmful-behaviors.csv",
        "4a8ec6832056b631eb092dccc60d37a61c3d441268268888b3d006288afeffa1",
        100,
    ),
    "benign": DataFile(
        "jailbreakbench/benign-behaviors.csv",
        f"{HOME}/benign-behaviors.csv",
        "3cda234d21a991fa309bbfea4b6d9dae31ccdf8e9d452424b6a983e4fdc33468",
        100,
    ),
}

#: Category to area; benign behaviours have none. "Economic harm" is schemes that cost others money, hence `fraud`;
#: "Government decision-making" is forging, evading and subverting what the state decides, hence `illegal`; "Physical
#: harm" is violence and self-injury in one category, taken whole as `violence`. The benign half mirrors
#: the harmful half row by row, but rows carry no `pair`: a harmful text that AdvBench or HarmBench has too must keep
#: the text's own cluster, or it would count twice.
AREA = {
    "Harassment/Discrimination": "harassment",
    "Malware/Hacking": "cyber",
    "Physical harm": "violence",
    "Economic harm": "fraud",
    "Fraud/Deception": "fraud",
    "Disinformation": "misinformation",
    "Sexual/Adult content": "sexual",
    "Privacy": "privacy",
    "Expert advice": "advice",
    "Government decision-making": "illegal",
}

CARD = Card(
    name="ftsafety/jailbreakbench",
    title="JailbreakBench behaviours",
    tests="refusal of 100 behaviours in ten categories of misuse, and of 100 benign ones on the same topics",
    strength="balanced, curated against usage policies, widely used: published answers exist",
    weakness="small: ten prompts a category; plain requests only, without the attacks",
    licence="MIT",
    citation="Chao et al. (2024), JailbreakBench: An Open Robustness Benchmark for Jailbreaking Large Language Models, "
    "NeurIPS 2024, arXiv 2404.01318",
    revised=date(2024, 4, 1),
    files=tuple(FILES.values()),
    tokens_in=20,
    official_grader="Llama-3-70B judge prompt",
    official_metric="attack success rate",
    home="https://github.com/JailbreakBench/jailbreakbench",
    kinds=("harmful", "benign"),
    prompts=200,
    categories=10,
    tokens_out=250,
    notes=(
        "Ten behaviours in each of ten categories, a harmful and a benign half on the same topics; `half` asks one.",
        "`source`: the rows are original or from AdvBench or HarmBench; where those are asked too, an equal text is "
        "one cluster.",
        "Its attacks (artifacts of PAIR, GCG and others) are not part of it here.",
    ),
)


def load(data: Path | None, half: Literal["both", "harmful", "benign"] = "both") -> Sequence[Prompt]:
    """Both halves, or one, in file order.
    Raises InputError: FTS-106 for an unknown half, FTS-121 or FTS-122 for the data."""
    among("half", [half], ("both", *FILES))
    return [prompt for kind, file in FILES.items() if half in ("both", kind) for prompt in _half(data, kind, file)]


def _half(data: Path | None, kind: PromptKind, file: DataFile) -> list[Prompt]:
    return [
        Prompt(
            id=f"{kind}-{row['Index']}",
            text=row["Goal"],
            kind=kind,
            category=row["Category"],
            area=AREA[row["Category"]] if kind == "harmful" else "none",
            metadata={"behaviour": row["Behavior"], "source": row["Source"]},
        )
        for row in read_csv(data, file)
    ]


BENCHMARK = Benchmark(CARD, load)


@task
def jailbreakbench(half: str = "both", data: str | None = None) -> Task:
    """JailbreakBench's behaviours as an Inspect task. `data`: the folder of benchmark data, else FTSAFETY_DATA."""
    folder = data_folder(Path(data) if data else None)
    return task_of(BENCHMARK.prompts(folder, {"half": half}), name="jailbreakbench")
