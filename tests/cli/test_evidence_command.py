"""`ftsafety evidence`: what people contribute reaches the gate, bound to the run that it is about."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

SESSION = """kind: session
by: {name: first.reviewer@example.org, role: safety_reviewer}
body: {minutes: 40, focus: domain, prompts: 60}
"""


def needs(verdict: Any) -> set[str]:
    return {item["need"] for item in verdict["missing"]}


def test_a_session_is_no_longer_missing_once_it_is_added(ran: str, ftsafety: Any) -> None:
    assert "session" in needs(ftsafety("gate", ran, "--format", "json").data)
    Path("session.yaml").write_text(SESSION)
    added = ftsafety("evidence", ran, "--file", "session.yaml")
    assert added.status == 0 and f"ftsafety gate {ran}" in added.out
    assert "session" not in needs(ftsafety("gate", ran, "--format", "json").data)


def test_a_review_is_bound_to_the_very_comparison(ran: str, ftsafety: Any) -> None:
    Path("review.yaml").write_text(
        "kind: review\nby: {name: a, role: safety_reviewer}\nbody: {verdict: approve}\nvalid_until: 2031-01-01\n"
    )
    evidence = ftsafety("evidence", ran, "--file", "review.yaml", "--format", "json").data["evidence"]
    compared = ftsafety("compare", ran, "--format", "json").data
    assert evidence["subject"] == [compared["digest"]]
    assert evidence["valid_until"] == "2031-01-01T00:00:00Z"


@pytest.mark.parametrize(
    ("text", "code", "part"),
    [
        (b"kind: sesion\nby: {name: a, role: b}\nbody: {}\n", "FTS-106", "kind"),
        (b"kind: session\nby: {name: a}\nbody: {}\n", "FTS-107", "by.role"),
        (b"kind: session\nby: {name: a, role: b}\nbody: {}\nwho: a\n", "FTS-105", "who"),
        (b"- kind: session\n", "FTS-106", "mapping"),
        (b"kind: [\n", "FTS-101", "bad.yaml:2"),
        (b"kind: \xff\n", "FTS-100", "bad.yaml"),
        (b"", "FTS-106", "mapping"),
    ],
)
def test_a_file_that_cannot_be_used_changes_nothing(ran: str, ftsafety: Any, text: bytes, code: str, part: str) -> None:
    Path("bad.yaml").write_bytes(text)
    done = ftsafety("evidence", ran, "--file", "bad.yaml")
    assert done.status == 2 and code in done.err and part in done.err
    assert not (Path(ran) / "evidence.jsonl").exists()
