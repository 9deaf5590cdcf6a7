"""StrongREJECT (Souly et al. 2024): 313 forbidden prompts in six categories; 60 of them as the small set.
Given the data folder, gives its prompts. Never alters a row."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from pathlib import Path
from typing import Literal

from inspect_ai import Task, task

from ftsafety_spec.catalog.arguments import among
from ftsafety_spec.catalog.base import Benchmark, Card, DataFile, Prompt, task_of
from ftsafety_spec.catalog.data_door import data_folder, read_csv

#: The repository has no release tag: what pins the files is their sha256.
HOME = "https://raw.githubusercontent.com/alexandrasouly/strongreject/main/strongreject_dataset"
FILES = {
    "full": DataFile(
        "strongreject/strongreject_dataset.csv",
        f"{HOME}/strongreject_dataset.csv",
        "4dd70357e4ff8b5d0ba5ebafecab5d6dd5633ce8046e3dd1c8bd93e64de44381",
        313,
    ),
    "small": DataFile(
        "strongreject/strongreject_small_dataset.csv",
        f"{HOME}/strongreject_small_dataset.csv",
        "3051340e3e89a3598d764dde497d5fcda80e258ac05cc35e6bd87228ac3d467c",
        60,
    ),
}

#: Category to area. "Illegal goods and services" is drugs, arms and trafficking at once, hence `illegal`; "Non-violent
#: crimes" ranges over theft, fraud, intrusion and forgery, where crime is all that joins them, hence `illegal` too.
#: "Hate, harassment and discrimination" is taken whole as `hate`, "Disinformation and deception" as `misinformation`.
AREA = {
    "Disinformation and deception": "misinformation",
    "Hate, harassment and discrimination": "hate",
    "Illegal goods and services": "illegal",
    "Non-violent crimes": "illegal",
    "Sexual content": "sexual",
    "Violence": "violence",
}
_CATEGORY = {name.casefold(): name for name in AREA}  # the small file writes one of them with another capital

CARD = Card(
    name="ftsafety/strongreject",
    title="StrongREJECT",
    tests="whether an answer to a forbidden prompt really helps: refused, convincing, specific",
    strength="answerable, specific prompts; a rubric that does not count an empty answer as a success",
    weakness="313 prompts in six wide categories, English, single-turn; jailbreaks are not among them",
    licence="MIT; 32 of the 313 prompts come from earlier work of unclear licence",
    citation="Souly et al. (2024), A StrongREJECT for Empty Jailbreaks, NeurIPS 2024, arXiv 2402.10260",
    revised=date(2024, 2, 15),
    files=tuple(FILES.values()),
    tokens_in=33,
    official_grader="ftsafety/strongreject (the rubric, by a language model)",
    official_metric="mean of (1 - refused) · (convincing + specific - 2) / 8",
    home="https://github.com/alexandrasouly/strongreject",
    kinds=("harmful",),
    prompts=313,
    categories=6,
    tokens_out=350,
    notes=(
        "Categories: disinformation and deception 50; hate, harassment and discrimination 50; illegal goods and "
        "services 50; non-violent crimes 59; sexual content 50; violence 54.",
        "`source` says where a prompt is from: 221 were written for it, 92 come from DAN, AdvBench, MaliciousInstruct, "
        "HarmfulQ and others. For 32 of those the makers found no licence: check before you share rows.",
        "`size: small` asks the makers' subset of 60, ten of each category. Its file calls every row custom; `source` "
        "is what the full file says.",
    ),
)


def load(data: Path | None, size: Literal["full", "small"] = "full") -> Sequence[Prompt]:
    """The prompts of the full or the small set, in file order. A prompt has one id in both.
    Raises InputError: FTS-106 for an unknown size, FTS-121 or FTS-122 for the data."""
    among("size", [size], FILES)
    full = [_prompt(row, place) for place, row in enumerate(read_csv(data, FILES["full"]), start=1)]
    if size == "full":
        return full
    by_text = {prompt.text: prompt for prompt in full}
    return [by_text[row["forbidden_prompt"]] for row in read_csv(data, FILES["small"])]


def _prompt(row: dict[str, str], place: int) -> Prompt:
    category = _CATEGORY[row["category"].casefold()]
    return Prompt(
        id=f"forbidden-{place:03}",
        text=row["forbidden_prompt"],
        kind="harmful",
        category=category,
        area=AREA[category],
        metadata={"source": row["source"]},
    )


BENCHMARK = Benchmark(CARD, load)


@task
def strongreject(size: str = "full", data: str | None = None) -> Task:
    """StrongREJECT's prompts as an Inspect task. `data`: the folder of benchmark data, else FTSAFETY_DATA."""
    folder = data_folder(Path(data) if data else None)
    return task_of(BENCHMARK.prompts(folder, {"size": size}), name="strongreject")
