"""The columns `request` and `before` of a prompt file: what is wrapped stays one request, what is wrong is named."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from ftsafety_spec.catalog.prompt_file import read_prompt_file
from ftsafety_spec.errors import SpecError
from ftsafety_spec.records.base import digest_text


def written(path: Path, **row: Any) -> Path:
    file = path / "prompts.jsonl"
    file.write_text(json.dumps({"prompt": "Well: placeholder.", **row}) + "\n")
    return file


def test_a_wrapped_prompt_is_of_its_requests_cluster(tmp_path: Path) -> None:
    (prompt,) = read_prompt_file(written(tmp_path, request="Placeholder.", condition="well"))
    assert (prompt.request, prompt.condition, prompt.before) == ("Placeholder.", "well", ())
    assert prompt.cluster == digest_text("placeholder.")


def test_turns_before_a_prompt_are_shown_with_it(tmp_path: Path) -> None:
    (prompt,) = read_prompt_file(written(tmp_path, before=[["user", "Hello."], ["assistant", "Hello!"]]))
    assert prompt.before == (("user", "Hello."), ("assistant", "Hello!"))
    assert prompt.digest != digest_text(prompt.text)


@pytest.mark.parametrize(
    "row",
    [
        {"request": ""},
        {"request": 3},
        {"request": "\0"},
        {"before": "text"},
        {"before": []},
        {"before": [["user", "a"]]},
        {"before": [["assistant", "a"], ["user", "b"]]},
        {"before": [["user", "a"], ["user", "b"]]},
        {"before": [["user", "a"], ["assistant", ""]]},
        {"before": [["user"], ["assistant", "b"]]},
        {"before": [["system", "a"], ["assistant", "b"]]},
    ],
)
def test_what_is_wrong_is_named_with_its_line(tmp_path: Path, row: dict[str, Any]) -> None:
    with pytest.raises(SpecError) as caught:
        read_prompt_file(written(tmp_path, **row), shown="prompts.jsonl")
    assert "prompts.jsonl:1" in str(caught.value) and f"`{next(iter(row))}`" in str(caught.value)
