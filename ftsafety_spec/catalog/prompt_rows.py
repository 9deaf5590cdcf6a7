"""Prompts as rows of a prompt file, such that reading the file gives the same prompts again.
Given prompts, gives JSON lines. Metadata is left out: a file's rows have none but keys of closed questions."""

from __future__ import annotations

import json
from collections.abc import Iterable
from typing import Any

from ftsafety_spec.catalog.base import Prompt


def prompt_lines(prompts: Iterable[Prompt]) -> str:
    """One JSON object a line, ASCII only, in the given order."""
    return "".join(json.dumps(prompt_row(prompt), ensure_ascii=True) + "\n" for prompt in prompts)


def prompt_row(prompt: Prompt) -> dict[str, Any]:
    """What `read_prompt_file` reads, without what it would fill in itself."""
    row: dict[str, Any] = {
        "prompt": prompt.text,
        "id": prompt.id,
        "kind": prompt.kind,
        "category": prompt.category,
        "area": prompt.area,
    }
    if prompt.pair is not None:
        row["pair"] = prompt.pair
    if prompt.condition != "plain":
        row["condition"] = prompt.condition
    if prompt.request is not None:
        row["request"] = prompt.request
    if prompt.before:
        row["before"] = [list(turn) for turn in prompt.before]
    if prompt.turns:
        row["turns"] = [{"text": turn.text, "asks": turn.asks} for turn in prompt.turns]
        row["asks"] = prompt.asks
    return row
