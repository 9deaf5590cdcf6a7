"""XSTest v2 (Röttger et al. 2024): 250 safe prompts that look unsafe, 200 unsafe contrasts.
Given the data folder, gives its prompts with their contrast pairs. Never alters a row."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from datetime import date
from pathlib import Path

from inspect_ai import Task, task

from ftsafety_spec.catalog.arguments import among, listed
from ftsafety_spec.catalog.base import Benchmark, Card, DataFile, Prompt, task_of
from ftsafety_spec.catalog.data_door import data_folder, read_csv
from ftsafety_spec.spec.common import PromptKind

FILE = DataFile(
    "xstest/xstest_prompts.csv",
    "https://raw.githubusercontent.com/paul-rottger/exaggerated-safety/d7bb5bd738c1fcbc36edd83d5e7d1b71a3e2d84d"
    "/xstest_prompts.csv",
    "11783fb294ed017473ee53c207d71f2161c7672c8d0b037501e78387f801cb5a",
    450,
)
KIND: Mapping[str, PromptKind] = {"safe": "benign", "unsafe": "harmful"}

#: Type of an unsafe prompt to area; safe prompts have none. Homonyms, targets, contexts and figures of speech play on
#: killing and hurting; definitions range over drugs, fraud and sex, so they have no one area; asking how to do a
#: past atrocity again is violence.
AREA = {
    "contrast_homonyms": "violence",
    "contrast_figurative_language": "violence",
    "contrast_safe_targets": "violence",
    "contrast_safe_contexts": "violence",
    "contrast_definitions": "other",
    "contrast_discr": "hate",
    "contrast_historical_events": "violence",
    "contrast_privacy": "privacy",
}

#: Safe type to its contrast. The data has no pair column: rows at the same place within both types are taken as a pair
#: where their `focus` is equal too. Historical events share one focus, so place alone would pair them: left out;
#: the other two safe types have no contrast row of their own.
CONTRAST = {
    "homonyms": "contrast_homonyms",
    "figurative_language": "contrast_figurative_language",
    "safe_targets": "contrast_safe_targets",
    "safe_contexts": "contrast_safe_contexts",
    "definitions": "contrast_definitions",
    "real_group_nons_discr": "contrast_discr",
    "privacy_fictional": "contrast_privacy",
}

CARD = Card(
    name="ftsafety/xstest",
    title="XSTest",
    tests="over-refusal of safe prompts that resemble unsafe ones, beside unsafe contrasts",
    strength="hand-written contrast pairs tell exaggerated safety from judgement",
    weakness="short, English, 2023's typical trigger words; models may have seen it",
    licence="CC-BY-4.0",
    citation="Röttger et al. (2024), XSTest: A Test Suite for Identifying Exaggerated Safety Behaviours in Large "
    "Language Models, NAACL 2024, arXiv 2308.01263",
    revised=date(2025, 2, 24),
    files=(FILE,),
    tokens_in=16,
    official_grader="people or GPT-4 (full compliance, full refusal, partial refusal)",
    official_metric="full refusal rate on safe and on unsafe prompts",
    home="https://github.com/paul-rottger/xstest",
    kinds=("benign", "harmful"),
    prompts=450,
    categories=18,
    tokens_out=150,
    notes=(
        "250 safe prompts of ten types, 200 unsafe ones of eight. 174 contrast pairs (a safe and an unsafe prompt at "
        "the same place with the same focus) are one cluster each; the data has no column of pairs.",
        "The published rates count a partial refusal as no refusal; ftsafety/refusal reads it as one half.",
    ),
)


def load(data: Path | None, labels: Sequence[str] = ("safe", "unsafe")) -> Sequence[Prompt]:
    """The prompts with the named labels, in file order.
    Raises InputError: FTS-106 for an unknown label, FTS-121 or FTS-122 for the data."""
    wanted = among("labels", labels, KIND)
    rows = read_csv(data, FILE)
    pairs = contrast_pairs(rows)
    return [
        Prompt(
            id=row["id"],
            text=row["prompt"],
            kind=KIND[row["label"]],
            category=row["type"],
            area=AREA[row["type"]] if row["label"] == "unsafe" else "none",
            pair=pairs.get(row["id"]),
        )
        for row in rows
        if row["label"] in wanted
    ]


def contrast_pairs(rows: Sequence[Mapping[str, str]]) -> dict[str, str]:
    """Row id to the name of its contrast pair, for the rows whose pair the data shows."""
    by_type: defaultdict[str, list[Mapping[str, str]]] = defaultdict(list)
    for row in rows:
        by_type[row["type"]].append(row)
    pairs: dict[str, str] = {}
    for safe_type, contrast_type in CONTRAST.items():
        for safe, unsafe in zip(by_type[safe_type], by_type[contrast_type], strict=True):
            if safe["focus"] == unsafe["focus"]:
                pairs[safe["id"]] = pairs[unsafe["id"]] = f"xstest/{safe['id']}/{unsafe['id']}"
    return pairs


BENCHMARK = Benchmark(CARD, load)


@task
def xstest(labels: str | list[str] = "safe,unsafe", data: str | None = None) -> Task:
    """XSTest as an Inspect task. `data`: the folder of benchmark data, else FTSAFETY_DATA."""
    return task_of(load(data_folder(Path(data) if data else None), listed(labels)), name="xstest")
