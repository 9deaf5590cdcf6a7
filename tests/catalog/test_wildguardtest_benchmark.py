"""WildGuardTest on small files of its columns, with placeholders: halves apart, no row dropped in silence (R-24)."""

from __future__ import annotations

import csv
import io
import json
import warnings
from collections import Counter
from pathlib import Path
from typing import Any

import duckdb
import pytest

from ftsafety_spec.catalog.cache import Cache
from ftsafety_spec.catalog.data_door import noting_accepted
from ftsafety_spec.catalog.wildguardtest import AREA, BENCHMARK, CARD, COLUMNS, FILE, labelled, rows_of
from ftsafety_spec.errors import InputError
from ftsafety_spec.records.base import digest_bytes
from ftsafety_spec.spec.common import AREAS

SUBCATEGORIES = ("cyberattack", "private_information_individual", "benign")
OFFICIAL = (
    "prompt",
    "response",
    "adversarial",
    "prompt_harm_label",
    "response_refusal_agreement",
    "response_refusal_label",
    "response_harm_label",
    "subcategory",
    "prompt_harm_agreement",
    "response_harm_agreement",
)


def row(number: int, adversarial: bool, label: str | None) -> dict[str, Any]:
    given: dict[str, Any] = dict.fromkeys(OFFICIAL)
    said = {
        "prompt": f"placeholder {number}",
        "adversarial": adversarial,
        "prompt_harm_label": label,
        "subcategory": "benign" if label == "unharmful" else SUBCATEGORIES[number % 2],
    }
    return given | said


ROWS = [
    *(row(number, adversarial=number % 2 == 1, label="harmful") for number in range(6)),
    *(row(number, adversarial=number % 2 == 1, label="unharmful") for number in range(6, 10)),
    row(10, adversarial=False, label=None),
    row(11, adversarial=True, label=None),
]


def as_jsonl(rows: list[dict[str, Any]]) -> bytes:
    return "\n".join(json.dumps(item) for item in rows).encode()


def as_csv(rows: list[dict[str, Any]]) -> bytes:
    out = io.StringIO(newline="")
    writer = csv.DictWriter(out, OFFICIAL)
    writer.writeheader()
    writer.writerows(rows)
    return out.getvalue().encode()


def as_parquet(rows: list[dict[str, Any]]) -> bytes:
    import tempfile

    with tempfile.TemporaryDirectory() as folder, duckdb.connect() as db:
        source, target = Path(folder) / "rows.jsonl", Path(folder) / "rows.parquet"
        source.write_bytes(as_jsonl(rows))
        db.execute(f"COPY (SELECT * FROM read_json('{source}')) TO '{target}' (FORMAT parquet)")
        return target.read_bytes()


def folder_with(content: bytes, tmp_path: Path) -> Path:
    path = tmp_path / "data" / FILE.name
    path.parent.mkdir(parents=True)
    path.write_bytes(content)
    return tmp_path / "data"


@pytest.fixture
def accepted(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder with a parquet file whose content was accepted on purpose."""
    monkeypatch.setenv("FTSAFETY_CACHE", str(tmp_path / "cache"))
    content = as_parquet(ROWS)
    Cache.own().accept(FILE, digest_bytes(content))
    return folder_with(content, tmp_path)


@pytest.mark.parametrize("written", [as_parquet, as_jsonl, as_csv])
def test_parquet_jsonl_and_csv_give_the_same_prompts(written: Any) -> None:
    with pytest.warns(UserWarning, match="2 of 12 rows"):
        prompts = labelled(rows_of(written(ROWS)))
    assert [prompt.id for prompt in prompts] == [f"wildguard-{place:04}" for place in range(1, 11)]
    assert [prompt.text for prompt in prompts] == [f"placeholder {number}" for number in range(10)]
    assert Counter((prompt.kind, prompt.condition) for prompt in prompts) == {
        ("harmful", "plain"): 3,
        ("harmful", "adversarial"): 3,
        ("benign", "plain"): 2,
        ("benign", "adversarial"): 2,
    }
    assert {(p.category, p.area) for p in prompts} == {
        ("cyberattack", "cyber"),
        ("private_information_individual", "privacy"),
        ("benign", "none"),
    }


@pytest.mark.filterwarnings("ignore:WildGuardTest")
@pytest.mark.parametrize(
    ("half", "harm", "count"),
    [
        ("both", "all", 10),
        ("vanilla", "all", 5),
        ("adversarial", "all", 5),
        ("vanilla", "harmful", 3),
        ("adversarial", "unharmful", 2),
        ("both", "harmful", 6),
    ],
)
def test_halves_and_labels_are_asked_apart(accepted: Path, half: str, harm: str, count: int) -> None:
    prompts = BENCHMARK.prompts(accepted, {"half": half, "harm": harm})
    assert len(prompts) == count
    if half != "both":
        assert {prompt.condition for prompt in prompts} == {"plain" if half == "vanilla" else "adversarial"}
    if harm != "all":
        assert {prompt.kind for prompt in prompts} == {"harmful" if harm == "harmful" else "benign"}


def test_a_load_says_how_many_rows_have_no_label(accepted: Path) -> None:
    with pytest.warns(UserWarning, match="WildGuardTest: 2 of 12 rows have no prompt_harm_label and are left out"):
        BENCHMARK.prompts(accepted)


def test_nothing_is_said_where_every_row_has_its_label() -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        assert len(labelled(ROWS[:10])) == 10


def test_content_that_nobody_accepted_is_refused(tmp_path: Path) -> None:
    with pytest.raises(InputError) as caught:
        BENCHMARK.prompts(folder_with(as_jsonl(ROWS), tmp_path))
    assert caught.value.code == "FTS-122" and "--accept" in str(caught.value)


@pytest.mark.filterwarnings("ignore:WildGuardTest")
def test_accepted_content_is_noted_for_plan_and_report(accepted: Path) -> None:
    with noting_accepted() as noted:
        BENCHMARK.prompts(accepted)
    assert noted == {FILE.name: digest_bytes((accepted / FILE.name).read_bytes())}


@pytest.mark.parametrize(
    "mistake",
    [
        {"prompt_harm_label": "maybe"},
        {"adversarial": "perhaps"},
        {"subcategory": "cyber attack"},
        {"prompt": ""},
        {"prompt": None},
    ],
)
def test_a_row_of_another_shape_is_named_and_never_guessed(mistake: dict[str, Any]) -> None:
    rows = [ROWS[0], ROWS[1] | mistake]
    with pytest.raises(InputError, match="row 2") as caught:
        labelled(rows)
    assert caught.value.code == "FTS-112"


@pytest.mark.parametrize("content", [b"PAR1 and no more", b"{broken", b"", b"\xff\xfe", b"a,b\n1,2\n", b"[1]\n"])
def test_a_file_of_another_shape_is_refused(content: bytes) -> None:
    with pytest.raises(InputError) as caught:
        labelled(rows_of(content))
    assert caught.value.code == "FTS-112" and FILE.name in str(caught.value)


@pytest.mark.parametrize("args", [{"half": "vanila"}, {"harm": "benign"}])
def test_a_wrong_argument_is_refused_before_any_data_is_read(args: dict[str, object]) -> None:
    with pytest.raises(InputError) as caught:
        BENCHMARK.prompts(None, args)
    assert caught.value.code == "FTS-106"


def test_the_card_names_the_page_the_token_and_the_published_rows() -> None:
    assert CARD.gate is not None and CARD.gate.token_env == "HF_TOKEN" and CARD.gate.page.startswith("https://")
    assert (FILE.rows, FILE.sha256, CARD.prompts) == (1725, "", 0)
    assert set(COLUMNS) <= set(OFFICIAL)
    assert len(AREA) == CARD.categories and set(AREA.values()) <= set(AREAS) - {"none"}
