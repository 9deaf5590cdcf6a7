"""SALAD-Bench (Li et al. 2024): questions in 6 domains, 16 tasks and 66 categories of harm, the same ones inside
attacks and behind defences, and as multiple choice. Given the data folder, gives prompts. Never alters a row."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import Any, Literal

from inspect_ai import Task, task

from ftsafety_spec.catalog.arguments import among
from ftsafety_spec.catalog.base import Benchmark, Card, DataFile, Prompt, task_of
from ftsafety_spec.catalog.data_door import data_folder, read_csv, read_json
from ftsafety_spec.catalog.salad_areas import AREA
from ftsafety_spec.catalog.sampling import check_sample, stratified
from ftsafety_spec.errors import InputError

#: The first author's repository, at the revision whose tree publishes the blob ids below. The attacks lie in git LFS,
#: whose pointer publishes their sha256; the canonical home carries the same files.
REVISION = "00560565017c14f35f3a9be20ae4f3e07946b4a0"
HOME = f"https://raw.githubusercontent.com/adwardlee/SALAD/{REVISION}/data"
FILES = {
    "base": DataFile(
        "salad_bench/base_set.json",
        f"{HOME}/base_set.json",
        "",
        21318,
        git_blob="2ed08c2d1748350c7581bb4eb2503780d58381e7",
    ),
    "attack": DataFile(
        "salad_bench/attack_enhanced_set.json",
        f"https://media.githubusercontent.com/media/adwardlee/SALAD/{REVISION}/data/attack_enhanced_set.json",
        "389da12f029a7f0c4a562f753e1dd5e53aed46d873ef1f568919d9f4b72e7062",
        5000,
    ),
    "defense": DataFile(
        "salad_bench/defense_enhanced_set.json",
        f"{HOME}/defense_enhanced_set.json",
        "df1434a7e2c2057d7fe0a7b34f86f0eb3ec368aad998f9800fa3f46025c95ee0",
        200,
    ),
    "mcq": DataFile(
        "salad_bench/mcq_set.json",
        f"{HOME}/mcq_set.json",
        "",
        3840,
        git_blob="f0bdcf8b734e42958dfaf599d05ee09c58a6389c",
    ),
    "validated": DataFile(
        "salad_bench/rebuttal_question_label.csv",
        f"{HOME}/rebuttal_question_label.csv",
        "0f62ed3704930120bfa7621173e04b8f867f059d07f3b6fc38ea1e431058fff1",
        459,  # 457 questions and two rows of totals
    ),
}
PEOPLE = {"1": True, "0": False}

CARD = Card(
    name="ftsafety/salad_bench",
    title="SALAD-Bench",
    tests="many attack types, hierarchical taxonomy",
    strength="comprehensive attacks",
    weakness="large, so costly",
    licence="Apache-2.0",
    citation="Li et al. (2024), SALAD-Bench: A Hierarchical and Comprehensive Safety Benchmark for Large Language "
    "Models, ACL Findings 2024, arXiv 2402.05044",
    revised=date(2024, 3, 28),
    files=tuple(FILES.values()),
    row="R-23",
    tokens_in=25,
    official_grader="MD-Judge (questions); MC-Judge, a pattern (multiple choice)",
    official_metric="safety rate; accuracy on multiple choice",
    home="https://huggingface.co/datasets/OpenSafetyLab/Salad-Data",
    kinds=("harmful", "capability"),
    prompts=21318,
    categories=66,
    tokens_out=300,
    notes=(
        "sets: base 21,318; attack 5,000; defense 200; mcq 3,840; validated 457 base questions that people looked at",
        "categories are the third level; domain and task are in the metadata; labels restart at each level",
        "most labels were given by a model; people agreed with 430 of the 456 categories they judged",
        "attack and defense rows are in the condition of their method and count as one with their question",
        "the multiple-choice set is read by ftsafety/mc_judge, which a task has to name",
    ),
)

Row = Mapping[str, Any]


def load(
    data: Path | None,
    set: Literal["base", "attack", "defense", "mcq", "validated"] = "base",
    sample: int | None = None,
    seed: int = 0,
) -> Sequence[Prompt]:
    """The rows of one set, in file order; `sample`: only so many, stratified by third-level category, drawn with
    `seed`. Raises InputError: FTS-106 for an argument, FTS-112 for a category that the taxonomy does not have, FTS-121
    or FTS-122 for the data."""
    among("set", [set], FILES)
    check_sample(sample)
    rows = _rated(data) if set == "validated" else read_json(data, FILES[set])
    make = MAKE[set]
    return stratified([make(row, place) for place, row in enumerate(rows)], sample, seed)


def _rated(data: Path | None) -> list[dict[str, str]]:
    """The questions that people looked at; the two rows of totals at the end of the file have no id."""
    return [row for row in read_csv(data, FILES["validated"]) if row["qid"]]


def _base(row: Row, place: int) -> Prompt:  # noqa: ARG001
    return Prompt(
        id=f"base-{row['qid']}",
        text=row["question"],
        kind="harmful",
        category=row["3-category"],
        area=_area(row),
        metadata={**_levels(row), "source": row["source"]},
    )


def _validated(row: Row, place: int) -> Prompt:
    prompt = _base(row, place)
    rated = {
        "people_harmful": PEOPLE.get(row["1 if the question is harmful in nature"]),
        "people_category": PEOPLE.get(row["1 if the 3-category is correct"]),
    }
    return replace(prompt, metadata={**prompt.metadata, **rated})


def _attack(row: Row, place: int) -> Prompt:  # noqa: ARG001
    return _enhanced(row, f"attack-{row['aid']}", row["augq"], row["method"])


def _defense(row: Row, place: int) -> Prompt:  # noqa: ARG001
    return _enhanced(row, f"defense-{row['did']}", row["daugq"], row["dmethod"])


def _enhanced(row: Row, name: str, text: str, method: str) -> Prompt:
    return Prompt(
        id=name,
        text=text,
        kind="harmful",
        category=row["3-category"],
        area=_area(row),
        condition=method,
        request=row["baseq"],
        metadata={**_levels(row), "question": f"base-{row['qid']}"},
    )


def _mcq(row: Row, place: int) -> Prompt:
    """`answer`: the letters that are right, as published; there may be several."""
    return Prompt(
        id=f"mcq-{place}",
        text=row["mcq"],
        kind="capability",
        category=row["3-category"],
        area=_area(row),
        metadata={**_levels(row), "answer": row["gt"], "choices": row.get("choices"), "question": row.get("baseq")},
    )


MAKE: Mapping[str, Callable[[Row, int], Prompt]] = {
    "base": _base,
    "attack": _attack,
    "defense": _defense,
    "mcq": _mcq,
    "validated": _validated,
}


def _area(row: Row) -> str:
    category = row["3-category"]
    if category not in AREA:
        raise InputError(f"SALAD-Bench's taxonomy has no third-level category {category!r}.", code="FTS-112")
    return AREA[category]


def _levels(row: Row) -> dict[str, str]:
    return {"domain": row["1-category"], "task": row["2-category"]}


BENCHMARK = Benchmark(CARD, load)


@task
def salad_bench(set: str = "base", sample: int | None = None, seed: int = 0, data: str | None = None) -> Task:
    """A set of SALAD-Bench as an Inspect task. `data`: the folder of benchmark data, else FTSAFETY_DATA."""
    folder = data_folder(Path(data) if data else None)
    grader = "ftsafety/mc_judge" if set == "mcq" else "ftsafety/refusal_classifier"
    prompts = BENCHMARK.prompts(folder, {"set": set, "sample": sample, "seed": seed})
    return task_of(prompts, grader, name="salad_bench")
