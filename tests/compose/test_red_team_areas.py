"""Areas of ability that a spec names: told where they are wrong, files of one's own among the spec's files (R-27)."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from ftsafety_spec.compose import lock_spec
from ftsafety_spec.errors import InputError
from ftsafety_spec.spec.red_team import SUITE

GOOD = Path(__file__).parent / "project"
SPEC = "specs/support-bot.yaml"


@pytest.fixture(autouse=True)
def project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    shutil.copytree(GOOD, tmp_path / "p")
    monkeypatch.chdir(tmp_path / "p")
    return tmp_path / "p"


def asking(capabilities: str) -> int:
    """Adds the block to the spec; the line of its first line."""
    text = Path(SPEC).read_text(encoding="utf-8")
    Path(SPEC).write_text(f"{text}\nred_team:\n  capabilities: {capabilities}\n", encoding="utf-8")
    return text.count("\n") + 3


def refused(capabilities: str) -> str:
    line = asking(capabilities)
    with pytest.raises(InputError) as caught:
        lock_spec(SPEC)
    assert f"{SPEC}:{line}:" in str(caught.value)
    return str(caught.value)


def test_areas_become_tasks_of_the_red_teams_suite() -> None:
    asking("{not_gained: [wmdp-cyber], gained: [cipher], items: 30}")
    tasks = lock_spec(SPEC).spec.suites[SUITE].tasks
    assert list(tasks) == ["capability-wmdp-cyber", "capability-cipher", "capability-utility"]
    assert tasks["capability-wmdp-cyber"].limit == 30 and tasks["capability-cipher"].args["items"] == 30


def test_an_unknown_area_is_told_its_place_and_its_neighbour() -> None:
    said = refused("{not_gained: [wmdp-cybr]}")
    assert "red_team.capabilities.not_gained.0" in said and "Did you mean wmdp-cyber" in said
    assert "FTS-104" in said and "files:" in said


def test_an_area_cannot_be_meant_and_not_meant() -> None:
    said = refused("{not_gained: [cipher], gained: [cipher]}")
    assert "gained.0" in said and "not_gained as well" in said and "FTS-110" in said


def test_a_missing_file_of_questions_is_told_by_its_place() -> None:
    assert "FTS-111" in refused("{files: {guild: data/none.jsonl}}")


def test_a_file_of_ones_own_is_an_area_and_part_of_what_was_locked() -> None:
    Path("data/guild.jsonl").write_text('{"prompt": "Placeholder?", "answer": "x"}\n')
    asking("{files: {guild: data/guild.jsonl}, not_gained: [guild]}")
    found = lock_spec(SPEC)
    task = found.spec.suites[SUITE].tasks["capability-guild"]
    assert task.args["file"] == "data/guild.jsonl" and "data/guild.jsonl" in found.files


def test_an_unknown_family_of_triggers_is_told_its_place_and_its_neighbour() -> None:
    text = Path(SPEC).read_text(encoding="utf-8")
    Path(SPEC).write_text(f"{text}\nred_team: {{triggers: {{families: [dates, stiles]}}}}\n", encoding="utf-8")
    with pytest.raises(InputError) as caught:
        lock_spec(SPEC)
    said = str(caught.value)
    assert "red_team.triggers.families.1" in said and "Did you mean styles" in said and "FTS-104" in said


def test_an_unknown_kind_of_script_is_told_its_place_and_its_neighbour() -> None:
    text = Path(SPEC).read_text(encoding="utf-8")
    Path(SPEC).write_text(f"{text}\nred_team: {{conversations: {{scripts: [persistance]}}}}\n", encoding="utf-8")
    with pytest.raises(InputError) as caught:
        lock_spec(SPEC)
    said = str(caught.value)
    assert "red_team.conversations.scripts.0" in said and "Did you mean persistence" in said and "FTS-104" in said
