"""Inspect `.eval` logs as recorded answers. Given a log, writes JSONL that provider kind `recorded` reads.
Takes single prompts only; what cannot be taken is counted with its reason. Never runs a model."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ftsafety_spec.errors import InputError, Where
from ftsafety_spec.records.base import clean_text
from ftsafety_spec.records.folder import write_atomically

if TYPE_CHECKING:
    from inspect_ai.log import EvalLog, EvalSample

_STATES = {"content_filter": "filtered", "max_tokens": "truncated", "model_length": "truncated"}


@dataclass(frozen=True)
class Imported:
    """How many answers were written, and how many samples were left out, by reason."""

    rows: int
    skipped: dict[str, int]


def from_eval_log(path: Path, out: Path) -> Imported:
    """Write the answers of a log to `out`. Raises InputError FTS-111, FTS-125 where it is no log or holds none."""
    where = Where(file=str(path))
    if not path.is_file():
        raise InputError("no such log.", code="FTS-111", where=where)
    log = _read(path, where)
    skipped: Counter[str] = Counter()
    rows = list(_rows(log, skipped))
    if not rows:
        raise InputError(
            f"this log holds no single-prompt answer; left out: {dict(skipped)}.", code="FTS-125", where=where
        )
    lines = [json.dumps({"recorded": _claims(log)}, ensure_ascii=True)]
    lines += [json.dumps(row, ensure_ascii=True) for row in rows]
    write_atomically(out, "\n".join(lines) + "\n")
    return Imported(len(rows), dict(skipped))


def _read(path: Path, where: Where) -> EvalLog:
    from inspect_ai.log import read_eval_log

    try:
        return read_eval_log(str(path))
    except Exception as error:
        raise InputError(
            f"not a log that Inspect can read: {type(error).__name__}.", code="FTS-125", where=where
        ) from error


def _claims(log: EvalLog) -> dict[str, Any]:
    claims = {
        "model": log.eval.model,
        "date": log.eval.created,
        "tool": f"inspect-ai {log.eval.packages.get('inspect_ai', 'of unknown version')}",
        "task": log.eval.task,
        "run": log.eval.run_id,
        "generation": log.eval.model_generate_config.merge(log.plan.config).model_dump(exclude_none=True, mode="json"),
    }
    return {key: value for key, value in claims.items() if value}


def _rows(log: EvalLog, skipped: Counter[str]) -> Iterator[dict[str, Any]]:
    seen: set[tuple[str, int]] = set()
    for sample in log.samples or []:
        prompt = single_prompt(sample)
        if prompt is None:
            skipped["not a single prompt"] += 1
            continue
        if (prompt, sample.epoch) in seen:
            skipped["this prompt again, under another id"] += 1
            continue
        seen.add((prompt, sample.epoch))
        state, answer = answer_of(sample)
        yield {
            "id": str(sample.id),
            "prompt": clean_text(prompt),
            "answer": clean_text(answer) if answer is not None else None,
            "repeat": sample.epoch - 1,
            "state": state,
        }


def single_prompt(sample: EvalSample) -> str | None:
    """The one question of a sample; None where it is a conversation, used tools, or holds no text."""
    asked = [message for message in sample.messages if message.role == "user"]
    if not asked:
        return sample.input if isinstance(sample.input, str) and sample.input else None
    used_tools = any(message.role == "tool" for message in sample.messages)
    return asked[0].text if len(asked) == 1 and not used_tools and asked[0].text else None


def answer_of(sample: EvalSample) -> tuple[str, str | None]:
    """State and text of a sample's answer; no text where it failed or was not run."""
    if sample.error is not None or sample.output is None or not sample.output.choices:
        return ("error" if sample.error is not None else "not_run"), None
    return _STATES.get(sample.output.stop_reason, "ok"), sample.output.completion
