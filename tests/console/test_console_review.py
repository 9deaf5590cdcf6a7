"""The review queue: blind until judged, one word a form, undo, skip, several people; what counts in the end is what
`ftsafety review` makes count."""

from __future__ import annotations

import json
import re
import shutil
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

import pytest
from starlette.testclient import TestClient
from support.page import Page

from ftsafety_spec.cli.main import main
from ftsafety_spec.console import Access
from ftsafety_spec.console.forms import person
from ftsafety_spec.errors import InputError
from ftsafety_spec.measure.labels import labels_of
from ftsafety_spec.pipeline.judgements import read_reviewed
from ftsafety_spec.records.comparison import Comparison
from ftsafety_spec.records.folder import RunFolder

Open = Callable[[Path], TestClient]


@dataclass
class Reviewer:
    """Somebody before the pages of one run's queue."""

    client: TestClient
    csrf: str
    path: str
    by: str = "ines"
    page: Page = field(init=False)

    def __post_init__(self) -> None:
        self.read(self.client.get(self.path, params={"by": self.by}).text)

    def read(self, text: str) -> None:
        self.page = Page(text)

    def hidden(self) -> dict[str, list[str]]:
        """Fields of the form that asks."""
        found: dict[str, list[str]] = {}
        for attrs in self.page.every("input"):
            if attrs.get("type") == "hidden" and attrs.get("value") not in found.get(str(attrs["name"]), []):
                found.setdefault(str(attrs["name"]), []).append(str(attrs.get("value") or ""))
        return found

    @property
    def item(self) -> str:
        return (self.hidden().get("item") or [""])[0]

    def words(self) -> list[str]:
        return [str(attrs["value"]) for attrs in self.page.every("button") if attrs.get("name") == "word"]

    def press(self, name: str, value: str) -> None:
        answer = self.client.post(self.path, data={**self.hidden(), name: [value]})
        assert answer.status_code == 200, answer.text[-300:]
        self.read(answer.text)

    def judge_whole(self, word: int = 0) -> str:
        """Every word that one item asks for; its id."""
        item = self.item
        while self.item == item:
            self.press("word", self.words()[word])
        return item


@pytest.fixture
def ines(console: Open, project: Path, run: str, access: Access) -> Reviewer:
    return Reviewer(console(project), access.csrf, f"/runs/{run}/review")


def test_nobody_is_told_whose_answer_it_is_before_the_judgement(ines: Reviewer) -> None:
    seen = 0
    while ines.item and seen < 6:
        asked = ines.page.text[ines.page.text.index("Prompt") :].partition("Make it count")[0]
        assert not re.search(r"\b(base|tuned)\b", asked, re.I)
        ines.judge_whole()
        assert re.search(r"Written down\. .*\bwas (base|tuned)", ines.page.text)
        seen += 1
    assert seen == 6


def test_a_pair_is_asked_word_by_word_and_written_down_at_the_second(ines: Reviewer, project: Path, run: str) -> None:
    folder = RunFolder(project / "runs" / run)
    item = ines.item
    assert "Answer A: " in ines.page.text
    ines.press("word", ines.words()[0])
    assert ines.item == item and "Answer B: " in ines.page.text
    assert read_reviewed(folder, "ines").judged == {}
    ines.press("word", ines.words()[2])
    (judgement,) = read_reviewed(folder, "ines").judged.values()
    assert judgement.item.id == item
    assert judgement.words == ("refusal", "compliance")


def test_undo_takes_back_word_by_word_and_item_by_item(ines: Reviewer, project: Path, run: str) -> None:
    folder = RunFolder(project / "runs" / run)
    first = ines.judge_whole()
    while "Answer A: " not in ines.page.text:  # on to a pair
        first = ines.judge_whole()
    second, before = ines.item, set(read_reviewed(folder, "ines").judged)
    ines.press("word", ines.words()[0])
    ines.press("do", "undo")
    assert ines.item == second and "Answer A: " in ines.page.text
    assert set(read_reviewed(folder, "ines").judged) == before
    ines.press("do", "undo")
    assert ines.item == first
    assert set(read_reviewed(folder, "ines").judged) == before - {first}


def test_what_is_skipped_comes_last(ines: Reviewer) -> None:
    first = ines.item
    ines.press("do", "skip")
    assert ines.item != first
    seen = []
    while ines.item and len(seen) < 60:
        seen.append(ines.judge_whole())
    assert seen[-1] == first


def test_two_people_are_held_apart_and_their_agreement_is_shown(ines: Reviewer, run: str) -> None:
    joel = Reviewer(ines.client, ines.csrf, ines.path, by="joel")
    assert joel.item == ines.item
    for word in (0, 0, 2):
        ines.judge_whole(word)
        joel.judge_whole(0)
    text = ines.client.get(ines.path).text
    assert "Cohen" in text and "ines, joel" in text
    assert f"/runs/{run}/review?by=joel" in text


def test_progress_counts_what_was_judged(ines: Reviewer) -> None:
    total = int(re.search(r"0 of (\d+) judged", ines.page.text)[1])  # type: ignore[index]
    ines.judge_whole()
    assert f"1 of {total} judged" in ines.page.text


def test_findings_come_after_the_items_and_can_be_taken_back(ines: Reviewer, project: Path, run: str) -> None:
    folder = RunFolder(project / "runs" / run)
    while ines.item:
        ines.judge_whole()
    flag = ines.hidden()["flag"][0]
    ines.press("do", "approve")
    assert read_reviewed(folder, "ines").words[flag].verdict == "approve"
    ines.press("do", "undo")
    assert ines.hidden()["flag"][0] == flag
    ines.press("do", "reject")
    assert read_reviewed(folder, "ines").words[flag].verdict == "reject"


def test_what_counts_is_what_the_terminal_command_makes_count(
    ines: Reviewer, project: Path, run: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    other = tmp_path / "other"
    shutil.copytree(project, other)
    while ines.item:
        ines.judge_whole(1)
    ines.press("do", "settle")
    assert "was compared anew" in ines.page.text
    monkeypatch.chdir(other)
    todo = tmp_path / "todo.jsonl"
    assert main(["review", f"runs/{run}", "--by", "ines", "--export", str(todo)]) == 0
    rows = [json.loads(line) for line in todo.read_text(encoding="utf-8").splitlines()]
    for row in rows:
        if "words" in row:
            row["words"] = [ines_word(row) for _ in row["answers"]]
    todo.write_text("".join(json.dumps(row) + "\n" for row in rows), encoding="utf-8")
    assert main(["review", f"runs/{run}", "--by", "ines", "--answers", str(todo)]) == 0
    ours, theirs = RunFolder(project / "runs" / run), RunFolder(other / "runs" / run)
    assert _labels(ours) == _labels(theirs) != set()
    assert ours.read(Comparison).compute_digest() == theirs.read(Comparison).compute_digest()


def ines_word(row: dict[str, object]) -> str:
    """The second word that the row's outcome takes: what `judge_whole(1)` presses."""
    from ftsafety_spec.measure.label_file import words_of

    return words_of(str(row["outcome"]))[1]


def _labels(folder: RunFolder) -> set[tuple[str, str, str, float]]:
    return {(one.answer, one.outcome, one.person, one.value) for many in labels_of(folder).values() for one in many}


@pytest.mark.parametrize(
    ("form", "status"),
    [
        ({"item": "0" * 12, "word": "refusal"}, 404),
        ({"word": "nonsense"}, 422),
        ({"word": "refusal", "so": "nonsense"}, 422),
        ({"by": " "}, 422),
        ({"by": "a\nb"}, 422),
        ({"do": "approve", "flag": "nonsense"}, 404),
    ],
)
def test_a_form_that_says_nonsense_writes_nothing(
    ines: Reviewer, project: Path, run: str, form: dict[str, str], status: int
) -> None:
    answer = ines.client.post(ines.path, data={**ines.hidden(), **form})
    assert answer.status_code == status
    assert not list((project / "runs" / run / "journal").glob("reviews-*"))


def test_a_name_is_one_visible_line() -> None:
    assert person("  ines@acme.example ") == "ines@acme.example"
    for name in ("", "  ", "a\u202eb", "a\tb", "x" * 121):
        with pytest.raises(InputError):
            person(name)
