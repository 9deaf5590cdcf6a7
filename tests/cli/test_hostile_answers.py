"""A run whose answers try to break out of whatever shows them: every command that prints, and every file that is
written for people, keeps them harmless (issue 7, "Hostile content"). The same answers as in the report's tests."""

from __future__ import annotations

import json
import re
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import pytest
import yaml

from ftsafety_spec.cli.main import main
from ftsafety_spec.cli.review_desk import barred
from ftsafety_spec.cli.text import safe
from ftsafety_spec.records.base import clean_text
from ftsafety_spec.records.safe_json import safe_json

HOSTILE: list[str] = json.loads((Path(__file__).parents[1] / "report" / "hostile.json").read_text(encoding="utf-8"))
IDS = [f"answer-{index:02d}" for index in range(len(HOSTILE))]
OBEYED = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\u200e\u200f\u2028-\u202e\u2066-\u2069]")
COMMANDS = [
    ("explain", "{run}"),
    ("explain", "{run}", "refusal"),
    ("gate", "{run}"),
    ("compare", "{run}"),
    ("verify", "{run}"),
    ("status",),
    ("review", "{run}", "--by", "ines"),
    ("review", "{run}", "--by", "ines", "--export", "review.jsonl"),
    ("label", "{run}", "--export", "labels.jsonl", "--what", "random:500"),
    ("report", "{run}", "--as", "html,markdown,json,junit,sarif,github,modelcard"),
]


@pytest.fixture(scope="module")
def judged_hostile(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A project whose tuned model answered with these texts, two copies of the prompts long, judged once."""
    home = tmp_path_factory.mktemp("hostile")
    with pytest.MonkeyPatch.context() as patch:
        patch.chdir(home)
        patch.delenv("FTSAFETY_DATA", raising=False)
        assert main(["init", "--template", "recorded"]) == 0
        rows = [json.loads(line) for line in (home / "data" / "domain.jsonl").read_text().splitlines()]
        asked = [{**rows[n % len(rows)], "id": f"h{n}", "prompt": f"Placeholder request {n}."} for n in range(60)]
        write(home / "data" / "domain.jsonl", asked)
        for name, texts in (("base", ["I can't help with that."]), ("tuned", [clean_text(text) for text in HOSTILE])):
            head = json.loads((home / "answers" / f"{name}.jsonl").read_text().splitlines()[0])
            answers = [
                {"id": row["id"], "prompt": row["prompt"], "answer": texts[n % len(texts)]}
                for n, row in enumerate(asked)
            ]
            write(home / "answers" / f"{name}.jsonl", [head, *answers])
        assert main(["run", "first"]) in (3, 10)
    return home


def write(path: Path, rows: list[dict[str, Any]]) -> None:
    path.write_text("".join(json.dumps(row) + "\n" for row in rows))


@pytest.fixture
def hostile(judged_hostile: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[str]:
    """The run folder of a copy, as seen from the working folder."""
    shutil.copytree(judged_hostile, tmp_path / "home")
    monkeypatch.chdir(tmp_path / "home")
    monkeypatch.delenv("FTSAFETY_DATA", raising=False)
    (folder,) = Path("runs").iterdir()
    yield str(folder)


def obeyed(text: str) -> list[str]:
    return sorted({f"U+{ord(char):04X}" for char in OBEYED.findall(text)})


@pytest.mark.parametrize("command", COMMANDS, ids=lambda command: " ".join(command).replace("{run}", "RUN"))
@pytest.mark.parametrize("form", ["text", "json"])
def test_nothing_that_a_terminal_obeys_is_printed_or_written(
    hostile: str, ftsafety: Any, command: tuple[str, ...], form: str
) -> None:
    done = ftsafety(*(part.format(run=hostile) for part in command), "--format", form)
    assert done.status in (0, 3, 10), done.status
    assert obeyed(done.out + done.err) == []
    if form == "json":
        json.loads(done.out)
    for path in (*Path().glob("*.jsonl"), *Path(hostile).glob("report.*"), *Path(hostile).glob("*.xml")):
        assert obeyed(path.read_text(encoding="utf-8")) == [], path.name


def test_the_hostile_answers_are_in_the_run_and_in_what_is_shown(hostile: str, ftsafety: Any) -> None:
    assert ftsafety("label", hostile, "--export", "labels.jsonl", "--what", "random:500").status == 0
    shown = {json.loads(line)["response"] for line in Path("labels.jsonl").read_text().splitlines()}
    kept = {clean_text(text) for text in HOSTILE if text.strip()}
    assert len(shown & kept) >= 50
    assert len(Path("labels.jsonl").read_bytes().split(b"\n")) - 1 == len(Path("labels.jsonl").read_text().splitlines())


def test_files_for_build_servers_hold_none_of_it(hostile: str, ftsafety: Any) -> None:
    assert ftsafety("report", hostile, "--as", "junit,sarif,github,modelcard").status == 0
    folder = Path(hostile)
    ElementTree.fromstring((folder / "junit.xml").read_text(encoding="utf-8"))
    json.loads((folder / "report.sarif").read_text())
    card = (folder / "model-card.md").read_text(encoding="utf-8").split("---\n")
    assert yaml.safe_load(card[1])["model-index"]
    lines = (folder / "annotations.txt").read_text(encoding="utf-8").splitlines()
    assert all(line.startswith(("::error ", "::warning ", "::notice ")) for line in lines)
    every = "".join((folder / name).read_text("utf-8") for name in ("junit.xml", "report.sarif", "annotations.txt"))
    assert "owned" not in every and "evil.example" not in every


@pytest.mark.parametrize("answer", HOSTILE, ids=IDS)
def test_an_answer_stays_behind_its_bar_at_the_review_desk(answer: str) -> None:
    shown = barred("Answer A", clean_text(answer), None)
    assert obeyed(shown) == []
    title, *lines = shown.split("\n")
    assert title == "Answer A"
    assert all(line.startswith("  │ ") for line in lines if line)


@pytest.mark.parametrize("answer", HOSTILE, ids=IDS)
def test_an_answer_as_json_is_the_same_answer_on_one_line(answer: str) -> None:
    text = safe_json({"response": answer})
    assert json.loads(text) == {"response": answer}
    assert obeyed(text) == [] and len(text.splitlines()) == 1
    text.encode("utf-8")


@pytest.mark.parametrize("text", ["::error::owned", "  ::add-mask::a", "a\n::stop-commands::x", "a ##[add-mask]b"])
def test_printed_text_is_no_workflow_command_in_github_actions(monkeypatch: pytest.MonkeyPatch, text: str) -> None:
    assert safe(text) == text
    monkeypatch.setenv("GITHUB_ACTIONS", "true")
    shown = safe(text)
    assert not any(line.lstrip().startswith("::") for line in shown.splitlines())
    assert "##[" not in shown and shown.replace("\u2060", "") == text
    assert "##[" not in safe_json(text) and json.loads(safe_json(text)) == text
