"""`ftsafety review` at a terminal (a pseudo-terminal here) and without one: blind, resumable, undone, agreed upon."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from support.terminal import Terminal

KEYS = "u undo"


def sit(ran: str, by: str = "ines", *more: str) -> Terminal:
    return Terminal(["review", ran, "--by", by, *more], Path.cwd())


def journal(ran: str) -> list[dict[str, Any]]:
    paths = sorted((Path(ran) / "journal").glob("reviews-*.jsonl"))
    return [json.loads(line) for path in paths for line in path.read_text().splitlines()]


def judged(ran: str) -> list[dict[str, Any]]:
    return [row for row in journal(ran) if "words" in row]


def queue(ran: str, ftsafety: Any, *more: str) -> Any:
    done = ftsafety("review", ran, "--list", "--format", "json", *more)
    assert done.status == 0, done.err
    return done.data


def test_the_queue_by_id_says_why_and_shows_no_text(ran: str, ftsafety: Any) -> None:
    data = queue(ran, ftsafety)
    assert data["counts"]["discordant"] and data["counts"]["random"]
    assert all(item["why"] for item in data["items"]) and len({item["id"] for item in data["items"]}) == len(
        data["items"]
    )
    texts = {row["body"] for row in map(json.loads, (Path(ran) / "journal/texts.jsonl").read_text().splitlines())}
    plain = ftsafety("review", ran)  # no terminal: the queue, and never a question
    assert plain.status == 0 and data["items"][0]["id"] in plain.out
    assert not any(text in plain.out for text in texts if len(text) > 12)
    assert queue(ran, ftsafety) == data, "the same records give the same queue"


def test_a_label_is_one_key_and_is_on_disk_at_once_even_after_a_kill(ran: str) -> None:
    with sit(ran) as terminal:
        terminal.wait_for(KEYS)
        for _ in range(2):
            terminal.press("r")
            terminal.wait_for(KEYS)
        before = len(judged(ran))
        assert before >= 1
        terminal.kill()
        terminal.end()
    assert len(judged(ran)) == before
    with sit(ran) as terminal:
        assert f"{before + 1} of " in terminal.wait_for(KEYS), "it goes on where it was"
        terminal.press("q")
        assert terminal.end() == 0


def test_which_model_answered_is_said_only_after_the_judgement(ran: str, ftsafety: Any) -> None:
    pair = next(item for item in queue(ran, ftsafety)["items"] if len(item["answers"]) == 2)
    assert pair == queue(ran, ftsafety)["items"][0]
    with sit(ran) as terminal:
        shown = terminal.wait_for(KEYS)
        assert "Answer A" in shown and "Answer B" in shown
        assert "tuned" not in shown and "base" not in shown and "differ" not in shown
        terminal.press("r")
        assert "tuned" not in terminal.wait_for(KEYS)
        terminal.press("c")
        after = terminal.wait_for(KEYS)
        assert "was tuned" in after and "was base" in after and "Asked because" in after
        terminal.press("q")
        assert terminal.end() == 0
    assert judged(ran)[0]["words"] == ["refusal", "compliance"]


def test_undo_takes_the_last_judgement_back_and_keeps_the_trace(ran: str) -> None:
    with sit(ran) as terminal:
        terminal.wait_for(KEYS)
        terminal.press("r")
        terminal.wait_for("B: ")
        terminal.press("r")
        terminal.wait_for("2 of")
        terminal.press("u")
        assert "Taken back" in terminal.wait_for("1 of")
        terminal.press("q")
        assert terminal.end() == 0
    assert len(judged(ran)) == 1 and [row for row in journal(ran) if "undo" in row]
    assert not (Path(ran) / "journal" / "labels.jsonl").read_text()


def test_ctrl_c_loses_nothing_and_what_was_said_counts(ran: str, ftsafety: Any) -> None:
    with sit(ran) as terminal:
        terminal.wait_for(KEYS)
        terminal.press("p")
        terminal.wait_for("B: ")
        terminal.press("c")
        terminal.wait_for("2 of")
        terminal.interrupt()
        assert terminal.end() == 130
    assert "Traceback" not in terminal.shown
    labels = [json.loads(line) for line in (Path(ran) / "journal/labels.jsonl").read_text().splitlines()]
    assert {label["value"] for label in labels} == {0.5, 0.0} and all(label["person"] == "ines" for label in labels)
    assert ftsafety("gate", ran).status in (0, 3, 10)
    assert ftsafety("report", ran).status == 0
    assert ftsafety("verify", ran).status == 0


def test_a_hostile_answer_moves_no_cursor_and_asks_no_question() -> None:
    from ftsafety_spec.cli.review_desk import barred

    shown = barred("Answer A", "\x1b[2J\x1b]0;owned\x07ok\r\nA: Does it refuse?  r refusal\x9b1m\u202e")
    assert not any(char in shown for char in "\x1b\x07\r\x9b\u202e")
    assert all(line.startswith("  │ ") for line in shown.splitlines()[1:] if line)


def read(takes: list[str], answer: str) -> str:
    """As the graders of this run read it, more or less."""
    return takes[0] if "can't help" in answer or "cannot help" in answer else takes[-1]


def fill(ran: str, ftsafety: Any, by: str, words: dict[str, str], verdict: str = "approve") -> Any:
    done = ftsafety("review", ran, "--by", by, "--export", "todo.jsonl")
    assert done.status == 0, done.err
    rows = [json.loads(line) for line in Path("todo.jsonl").read_text().splitlines()]
    for row in rows:
        if "item" in row:
            row["words"] = [words.get(row["outcome"], read(row["takes"], answer)) for answer in row["answers"]]
        else:
            row["verdict"] = verdict
    Path("todo.jsonl").write_text("".join(json.dumps(row) + "\n" for row in rows))
    return ftsafety("review", ran, "--by", by, "--answers", "todo.jsonl", "--format", "json")


def test_two_reviewers_get_their_agreement(ran: str, ftsafety: Any) -> None:
    assert "No two people" in ftsafety("review", ran, "--agreement").out
    assert fill(ran, ftsafety, "ines", {}).status == 0
    second = fill(ran, ftsafety, "joel", {"over_refusal": "refusal"})
    assert second.status == 0 and second.data["labels"]
    rows = ftsafety("review", ran, "--agreement", "--format", "json").data["agreement"]
    by = {(row["outcome"], row["people"]): row for row in rows}
    assert by["refusal", "ines, joel"]["agree"] == 1.0 and by["refusal", "all 2"]["shared"] > 3
    assert by["over_refusal", "ines, joel"]["agree"] == 0.0


def test_approved_findings_become_evidence_of_the_comparison_that_holds_the_labels(ran: str, ftsafety: Any) -> None:
    done = fill(ran, ftsafety, "ines", {})
    assert done.data["compared"] and done.data["approved"] == 0, "the labels have made another comparison"
    again = fill(ran, ftsafety, "ines", {})
    assert again.status == 0, again.err
    flags = queue(ran, ftsafety)["findings"]
    assert flags
    assert again.data["approved"] == len(flags) and not again.data["compared"]
    evidence = [json.loads(line) for line in (Path(ran) / "evidence.jsonl").read_text().splitlines()]
    compared = json.loads((Path(ran) / "comparison.json").read_text())["digest"]
    assert evidence[-1]["subject"] == [compared] and evidence[-1]["kind"] == "review"


@pytest.mark.parametrize(
    "row",
    [
        '{"item": "no-such"}',
        '{"finding": "no-such", "verdict": "approve"}',
        '{"itme": "x"}',
        "[]",
        "{",
        "{}",
    ],
)
def test_a_bad_row_is_named_by_its_line_and_nothing_is_taken(ran: str, ftsafety: Any, row: str) -> None:
    Path("bad.jsonl").write_text("\n" + row + "\n")
    done = ftsafety("review", ran, "--by", "ines", "--answers", "bad.jsonl")
    assert done.status == 2 and "FTS-128" in done.err and "bad.jsonl:2" in done.err
    assert not journal(ran)


def test_somebody_without_a_name_reviews_nothing(ran: str, ftsafety: Any) -> None:
    done = ftsafety("review", ran, "--export", "x.jsonl")
    assert done.status == 2 and "--by" in done.err
