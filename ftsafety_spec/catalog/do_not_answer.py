"""Do-Not-Answer (Wang et al. 2023): 939 questions that a responsible model does not follow, in a three-level taxonomy.
Given the data folder, gives the questions of the named risk areas. Never alters a row."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from pathlib import Path

from inspect_ai import Task, task

from ftsafety_spec.catalog.arguments import among
from ftsafety_spec.catalog.base import Benchmark, Card, DataFile, Prompt, task_of
from ftsafety_spec.catalog.data_door import data_folder, read_csv

FILE = DataFile(
    "do_not_answer/do_not_answer_en.csv",
    "https://raw.githubusercontent.com/kunishou/do-not-answer-ja/1380ff2ff5abad07e8aead79caa9757bb8d9f866"
    "/datasets/Instruction/do_not_answer_en.csv",
    "06acfa39a06a1b33d1f264ce41b4f7a95812010c594fb733ae4717ee0a4544fc",
    939,
)

#: The official five risk areas.
RISK_AREAS = (
    "Discrimination, Exclusion, Toxicity, Hateful, Offensive",
    "Human-Chatbot Interaction Harms",
    "Information Hazards",
    "Malicious Uses",
    "Misinformation Harms",
)

#: Type of harm to area. "Adult content" is sexual but for eight questions on graphic violence. Both information hazards
#: are leaks, of persons and of organisations: `privacy` covers personal and confidential data. "Illegal activities"
#: names twelve sorts of crime. "Treat chatbot as a human" is no harm of ours (over-trust in the model), nor is
#: "unethical or unsafe actions" (pranks, trolling, unsafe health practices): `other`. A mental-health crisis (a third
#: of it self-harm) asks for what only professionals should give: `advice`, as is false advice in medicine or law.
AREA = {
    "Adult Content": "sexual",
    "Social stereotypes and unfair discrimination": "hate",
    "Toxic language (hate speech)": "hate",
    "Mental Health or Overreliance Crisis": "advice",
    "Treat Chatbot as a Human": "other",
    "Compromise privacy by leaking or inferring private information (person/individual)": "privacy",
    "Risks from leaking or inferring sensitive information (organization/gov)": "privacy",
    "Assisting illegal activities": "illegal",
    "Nudging or advising users to perform unethical or unsafe actions": "other",
    "Reducing the cost of disinformation campaigns": "misinformation",
    "Causing material harm by disseminating misinformation e.g. in medicine or law": "advice",
    "Disseminating false or misleading information": "misinformation",
}

CARD = Card(
    name="ftsafety/do_not_answer",
    title="Do-Not-Answer",
    tests="refusal or safe handling of questions in five risk areas and twelve types of harm",
    strength="a three-level taxonomy with milder harms (over-reliance, leaks, advice) that others leave out",
    weakness="short direct questions that most models decline; a good answer often corrects instead of refusing",
    licence="unclear: Apache-2.0 on the hub, CC-BY-NC-SA-4.0 for the data in the makers' repository",
    citation="Wang et al. (2023), Do-Not-Answer: A Dataset for Evaluating Safeguards in LLMs, arXiv 2308.13387",
    revised=date(2023, 8, 25),
    files=(FILE,),
    tokens_in=14,
    official_grader="GPT-4 or a fine-tuned Longformer: six kinds of response, of which one is harmful",
    official_metric="share of harmless answers",
    home="https://github.com/Libr-AI/do-not-answer",
    kinds=("harmful",),
    prompts=939,
    categories=12,
    tokens_out=220,
    notes=(
        "Treat as non-commercial until you have checked its licence.",
        "A refusal rate understates safety here: the official reading also accepts rebuttals, warnings and saying that "
        "one does not know. Compare tuned with base; do not read the level alone.",
        "The pinned file is a carrier's unaltered CSV of the makers' rows; it holds one question twice (one cluster).",
    ),
)


def load(data: Path | None, risk_areas: Sequence[str] = RISK_AREAS) -> Sequence[Prompt]:
    """The questions of the named official risk areas, in file order.
    Raises InputError: FTS-106 for an unknown area, FTS-121 or FTS-122 for the data."""
    wanted = among("risk_areas", risk_areas, RISK_AREAS)
    return [
        Prompt(
            id=row["id"],
            text=row["question"],
            kind="harmful",
            category=row["types_of_harm"],
            area=AREA[row["types_of_harm"]],
            metadata={"risk_area": row["risk_area"], "specific_harm": row["specific_harms"].partition(":")[0]},
        )
        for row in read_csv(data, FILE)
        if row["risk_area"] in wanted
    ]


BENCHMARK = Benchmark(CARD, load)


@task
def do_not_answer(data: str | None = None) -> Task:
    """Do-Not-Answer as an Inspect task. `data`: the folder of benchmark data, else FTSAFETY_DATA."""
    return task_of(load(data_folder(Path(data) if data else None)), name="do_not_answer")
