"""The page on evaluations made elsewhere says what is so: its table keeps what is promised, its examples are read."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
import yaml

from ftsafety_spec.records.evaluation_report import EvaluationReport
from ftsafety_spec.spec.report_mapping import ReportMapping
from ftsafety_spec.stats.spot import ALPHA, LOSS, OTHER_GRADER, POWER, TOLERANCE
from ftsafety_spec.verify.reported.sample import LEAST

PAGE = (Path(__file__).parents[2] / "docs" / "verification.md").read_text(encoding="utf-8")
TABLE = PAGE.split("<!-- verification: from bench/verification.py -->")[1].split("<!-- /verification -->")[0]
ROWS = [[cell.strip() for cell in line.strip("|").split("|")] for line in TABLE.splitlines() if line.startswith("| ")][
    1:
]


def share(text: str) -> float:
    return float(re.findall(r"[\d.]+", text)[0]) / 100


def test_the_table_has_honest_reports_and_every_way_to_cheat() -> None:
    cases = {row[1] for row in ROWS}
    assert len(cases) == 5 and "honest" in cases
    assert len({row[0] for row in ROWS}) >= 4 and len(ROWS) > 20


@pytest.mark.parametrize("row", ROWS, ids=lambda row: f"{row[0]}: {row[1]}")
def test_dishonest_reports_are_caught_and_honest_ones_let_through_at_a_fifth_of_the_cost(row: list[str]) -> None:
    if row[1] == "honest":
        assert share(row[2]) <= 0.05
    else:
        assert share(row[2]) >= 0.90
    assert share(row[5]) <= 0.20


def test_the_mapping_of_the_page_is_read() -> None:
    (block,) = re.findall(r"```yaml\n(made_by:.*?)```", PAGE, re.DOTALL)
    data = yaml.load(block, yaml.BaseLoader)
    assert ReportMapping.model_validate(data).results == "prompts"


def test_the_fields_of_the_form_are_those_of_the_schema() -> None:
    table = PAGE.split("| field | holds |")[1].split("\n\n")[0]
    named = {
        name
        for line in table.splitlines()
        for name in re.findall(r"`(\w+)`", line.split("|")[1] if "|" in line else "")
    }
    assert named == set(EvaluationReport.model_fields) - {"digest", "meta"}


def test_numbers_of_the_page_are_those_of_the_code() -> None:
    for words, value in (
        (f"{100 * TOLERANCE:.0f} % at temperature 0", TOLERANCE),
        (f"another grader adds {100 * OTHER_GRADER:.0f} %", OTHER_GRADER),
        (f"(`--power` ({100 * POWER:.0f} %"[1:], POWER),
        (f"at most {100 * ALPHA:.0f} %", ALPHA),
        (f"areas below\n{LEAST} prompts", LEAST),
    ):
        assert words in PAGE, value
    assert LOSS == 0.10 and "ten points" in PAGE
