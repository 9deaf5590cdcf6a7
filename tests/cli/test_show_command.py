"""`ftsafety show`: what is composed, and where each value was written."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import yaml
from hypothesis import example, given, settings
from hypothesis import strategies as st

from ftsafety_spec.cli.show import scalar, yaml_lines

SCALARS = st.none() | st.booleans() | st.integers(-(2**53), 2**53) | st.floats(allow_nan=False) | st.text(max_size=40)
KEYS = st.from_regex(r"[a-z][a-z0-9._-]{0,8}", fullmatch=True)
LEAVES = SCALARS | st.lists(SCALARS, max_size=3)
NODES = st.recursive(LEAVES, lambda inner: st.dictionaries(KEYS, inner, max_size=3), max_leaves=8)
TREES = st.dictionaries(KEYS, NODES, min_size=1, max_size=4)


def line_of(text: str, start: str) -> str:
    return next(line.strip() for line in text.splitlines() if line.strip().startswith(start))


@pytest.mark.usefixtures("project")
def test_the_composed_spec_is_yaml_with_its_suites(ftsafety: Any) -> None:
    shown = yaml.safe_load(ftsafety("show", "first").out)
    assert shown["title"] == "First evaluation, on recorded answers"
    assert shown["suites"]["domain"]["tasks"]["support"]["prompts"] == "data/domain.jsonl"
    assert shown["repeats"] == 1


def test_origins_lead_to_file_line_and_column(project: Path, ftsafety: Any) -> None:
    text = ftsafety("show", "first", "--origins", "repeats=3").out
    lines = (project / "specs/first.yaml").read_text().splitlines()
    number = next(n for n, line in enumerate(lines, 1) if line.startswith("owner:"))
    assert line_of(text, "owner:").endswith(f"# specs/first.yaml:{number}:8")
    assert line_of(text, "repeats:").endswith("# override 1: repeats=3")
    assert line_of(text, "top_p" if "top_p" in text else "trust_remote_code").endswith("# default")
    assert line_of(text, "prompts:").split("# ")[1].startswith("specs/suites/domain.yaml:")


@pytest.mark.usefixtures("project")
def test_origins_do_not_change_what_is_shown(ftsafety: Any) -> None:
    plain, with_origins = ftsafety("show", "first").out, ftsafety("show", "first", "--origins").out
    assert yaml.safe_load(plain) == yaml.safe_load(with_origins)


@pytest.mark.usefixtures("project")
def test_json_is_the_whole_locked_record(ftsafety: Any) -> None:
    data = ftsafety("show", "first", "--format", "json").data
    assert data["schema"] == "ftsafety/locked-spec@1" and data["digest"].startswith("sha256:")
    assert data["origins"]["title"]["file"] == "specs/first.yaml"


@pytest.mark.usefixtures("project")
def test_an_override_of_the_policy_is_refused_under_locked(ftsafety: Any) -> None:
    ran = ftsafety("show", "first", "risk.exposure=public", "--locked")
    assert ran.status == 2 and "FTS-114" in ran.err


@pytest.mark.parametrize("override", ["reapeats=3", "models.base.adpaters.x=1", "repeats"])
@pytest.mark.usefixtures("project")
def test_a_mistaken_override_is_named_by_its_number(ftsafety: Any, override: str) -> None:
    ran = ftsafety("show", "first", "seed=4", override)
    assert ran.status == 2 and "override 2" in ran.err


@settings(deadline=None)
@given(SCALARS)
@example("\xa0")
@example("\n")
def test_a_scalar_reads_back_as_itself(value: Any) -> None:
    assert yaml.safe_load(scalar(value)) == value and "\n" not in scalar(value)


@settings(deadline=None)
@given(TREES)
@example({"a": ["\x85", "b\n"], "c": {"d": "\n"}})
def test_every_tree_reads_back_as_itself(data: dict[str, Any]) -> None:
    lines = [line for line, _ in yaml_lines(data)]
    assert yaml.safe_load("\n".join(lines)) == data and not any("\n" in line for line in lines)
