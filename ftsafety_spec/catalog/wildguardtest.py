"""WildGuardTest (Han et al. 2024): 1,725 vanilla and adversarial prompts, harmful and unharmful; access on request.
Given the data folder, gives the prompts that carry a label. Never guesses a missing one, never drops a row silently."""

from __future__ import annotations

import csv
import io
import json
import tempfile
import warnings
from collections.abc import Iterable, Mapping, Sequence
from datetime import date
from pathlib import Path
from typing import Any, Literal

from inspect_ai import Task, task

from ftsafety_spec.catalog.arguments import among
from ftsafety_spec.catalog.base import Benchmark, Card, DataFile, Gate, Prompt, task_of
from ftsafety_spec.catalog.data_door import data_folder, read_bytes
from ftsafety_spec.errors import InputError, Where, suggest
from ftsafety_spec.spec.common import PromptKind

Row = Mapping[str, Any]

PAGE = "https://huggingface.co/datasets/allenai/wildguardmix"
#: Only who was granted access can read the file, so no digest of it is published that could be pinned here.
FILE = DataFile("wildguardtest/wildguardtest.parquet", f"{PAGE}/resolve/main/test/wildguard_test.parquet", "", 1725)
COLUMNS = ("prompt", "adversarial", "prompt_harm_label", "subcategory")
KIND: Mapping[str, PromptKind] = {"harmful": "harmful", "unharmful": "benign"}
CONDITION = {False: "plain", True: "adversarial"}
HALVES = ("both", "vanilla", "adversarial")
HARMS = ("all", "harmful", "unharmful")

#: Subcategory to area, for harmful prompts; unharmful ones have none. Both kinds of leak are `privacy`, which covers
#: personal and confidential data. "Fraud and assisting illegal activities" is named for its fraud. "Defamation and
#: encouraging unethical or unsafe actions" mixes harm to a name with dares, and copyright harms rights holders: no area
#: covers either, hence `other`. A mental-health crisis and material harm by misinformation (medicine, law) are advice
#: that only professionals should give. A harmful prompt in "benign" is one on which the labellers and the generator of
#: the prompt differ: `other`.
AREA = {
    "benign": "other",
    "causing_material_harm_by_disseminating_misinformation": "advice",
    "copyright_violations": "other",
    "cyberattack": "cyber",
    "defamation_encouraging_unethical_or_unsafe_actions": "other",
    "disseminating_false_or_misleading_information_encouraging_disinformation_campaigns": "misinformation",
    "fraud_assisting_illegal_activities": "fraud",
    "mental_health_over-reliance_crisis": "advice",
    "others": "other",
    "private_information_individual": "privacy",
    "sensitive_information_organization_government": "privacy",
    "sexual_content": "sexual",
    "social_stereotypes_and_unfair_discrimination": "hate",
    "toxic_language_hate_speech": "hate",
    "violence_and_physical_harm": "violence",
}

CARD = Card(
    name="ftsafety/wildguardtest",
    title="WildGuardTest",
    tests="realistic, in-the-wild prompts",
    strength="ecological validity",
    weakness="may miss extreme edge cases",
    licence="ODC-BY; access under AI2's responsible use guidelines",
    citation="Han et al. (2024), WildGuard: Open One-Stop Moderation Tools for Safety Risks, Jailbreaks, and Refusals "
    "of LLMs, NeurIPS 2024, arXiv 2406.18495",
    revised=date(2024, 6, 26),
    files=(FILE,),
    row="R-24",
    tokens_in=110,
    official_grader="ftsafety/wildguard (allenai/wildguard)",
    official_metric="refusal rate on harmful and on unharmful prompts, vanilla and adversarial apart",
    home=PAGE,
    gate=Gate(PAGE, "HF_TOKEN"),
    kinds=("harmful", "benign"),
    categories=15,
    tokens_out=250,
    notes=(
        "Handed out on request: accept the terms on its page, put your token into HF_TOKEN, fetch. No digest of it is "
        "published that could be pinned: its content is accepted on purpose and then stands in the report.",
        "Vanilla prompts have the condition `plain`, adversarial ones `adversarial`: their results stay apart.",
        "Of its 1,725 rows some have no prompt_harm_label (people did not agree): they are left out, and a load says "
        "how many. Exact counts are known only with the data.",
        "Under its one name the file may be parquet, as on the hub, or CSV or JSONL of the same columns.",
    ),
)


def load(
    data: Path | None,
    half: Literal["both", "vanilla", "adversarial"] = "both",
    harm: Literal["all", "harmful", "unharmful"] = "all",
) -> Sequence[Prompt]:
    """The labelled prompts of a half and a harm label, in file order; warns of how many rows have no label.
    Raises InputError: FTS-106 for an unknown argument, FTS-112 for rows of another shape, FTS-121 or FTS-122 for the
    data."""
    among("half", [half], HALVES)
    among("harm", [harm], HARMS)
    prompts = labelled(rows_of(read_bytes(data, FILE)))
    conditions = {"vanilla": ("plain",), "adversarial": ("adversarial",)}.get(half, ("plain", "adversarial"))
    kinds = tuple(KIND.values()) if harm == "all" else (KIND[harm],)
    return [prompt for prompt in prompts if prompt.condition in conditions and prompt.kind in kinds]


def rows_of(content: bytes) -> list[dict[str, Any]]:
    """The rows of a parquet, JSONL or CSV file, told apart by their first bytes. Raises InputError FTS-112."""
    try:
        if content.startswith(b"PAR1"):
            return _parquet_rows(content)
        text = content.decode("utf-8-sig")
        if text.lstrip().startswith("{"):
            return [dict(json.loads(line)) for line in text.split("\n") if line.strip()]
        return list(csv.DictReader(io.StringIO(text, newline="")))
    except (ValueError, TypeError, csv.Error) as error:
        raise _strange(f"neither parquet nor JSONL nor CSV can be read ({type(error).__name__})") from error


def _parquet_rows(content: bytes) -> list[dict[str, Any]]:
    import duckdb

    with tempfile.TemporaryDirectory() as folder, duckdb.connect() as db:
        path = Path(folder) / "rows.parquet"
        path.write_bytes(content)
        try:
            found = db.execute("SELECT * FROM read_parquet(?)", [str(path)])
            names = [column[0] for column in found.description]
            return [dict(zip(names, row, strict=True)) for row in found.fetchall()]
        except duckdb.Error as error:
            raise ValueError("no parquet") from error


def labelled(rows: Sequence[Row]) -> list[Prompt]:
    """The rows that have a prompt_harm_label, as prompts; warns of how many have none. Raises InputError FTS-112."""
    missing = [column for column in COLUMNS if rows and column not in rows[0]]
    if missing or not rows:
        raise _strange(f"it has no column {missing[0]}" if missing else "it has no rows")
    prompts = [_prompt(row, place) for place, row in enumerate(rows, start=1)]
    found = [prompt for prompt in prompts if prompt is not None]
    if len(found) < len(rows):
        _say_left_out(len(rows) - len(found), len(rows))
    return found


def _say_left_out(count: int, total: int) -> None:
    warnings.warn(
        f"WildGuardTest: {count} of {total} rows have no prompt_harm_label and are left out.", UserWarning, stacklevel=4
    )


def _prompt(row: Row, place: int) -> Prompt | None:
    label = _one_of(row, "prompt_harm_label", (*KIND, "", "none"), place)
    if label not in KIND:
        return None
    category = _one_of(row, "subcategory", AREA, place)
    adversarial = _one_of(row, "adversarial", ("true", "false"), place) == "true"
    text = row.get("prompt")
    if not isinstance(text, str) or not text.strip():
        raise _strange(f"row {place}: prompt is empty")
    return Prompt(
        id=f"wildguard-{place:04}",
        text=text,
        kind=KIND[label],
        category=category,
        area=AREA[category] if label == "harmful" else "none",
        condition=CONDITION[adversarial],
    )


def _one_of(row: Row, column: str, known: Iterable[str], place: int) -> str:
    """A cell as lower-case text, one of the known values."""
    found = row.get(column)
    text = "" if found is None or found != found else str(found).strip().lower()  # NaN is not itself
    if text not in known:
        raise _strange(f"row {place}: a value of {column} that is unknown", suggest(text, [k for k in known if k]))
    return text


def _strange(what: str, hint: str | None = None) -> InputError:
    return InputError(f"not of WildGuardTest's shape: {what}.", code="FTS-112", where=Where(FILE.name), hint=hint)


BENCHMARK = Benchmark(CARD, load)


@task
def wildguardtest(half: str = "both", harm: str = "all", data: str | None = None) -> Task:
    """WildGuardTest as an Inspect task. `data`: the folder of benchmark data, else FTSAFETY_DATA."""
    folder = data_folder(Path(data) if data else None)
    return task_of(BENCHMARK.prompts(folder, {"half": half, "harm": harm}), name="wildguardtest")
