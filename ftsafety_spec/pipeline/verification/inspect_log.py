"""Inspect `.eval` logs as a report: one of tuned, and one of base beside it. Given paths, gives the report with digests
instead of texts. Takes single prompts only; what cannot be taken is counted. Never runs a model."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any, get_args

from ftsafety_spec.errors import InputError
from ftsafety_spec.pipeline.verification.meanings import Meanings
from ftsafety_spec.pipeline.verification.outside import bad, line
from ftsafety_spec.providers.recorded_import import answer_of, single_prompt
from ftsafety_spec.records.base import digest_text, sha256_file
from ftsafety_spec.records.evaluation_report import (
    EvaluationReport,
    GraderClaim,
    Maker,
    ModelClaim,
    PromptResult,
    ReportSource,
    SuiteClaim,
    Which,
)
from ftsafety_spec.spec.common import PromptKind

if TYPE_CHECKING:
    from inspect_ai.log import EvalLog, EvalSample

KINDS = get_args(PromptKind)


def from_logs(tuned: Path, base: Path | None, outcomes: Mapping[str, str]) -> EvaluationReport:
    """The report. Raises InputError FTS-139 where a file is no log, or nothing in it can be taken."""
    logs: dict[Which, EvalLog] = {"tuned": _read(tuned)}
    if base is not None:
        logs["base"] = _read(base)
    meanings, suite = Meanings(outcomes), line(logs["tuned"].eval.task)
    rows = [row for model, log in logs.items() for row in _rows(log, model, suite, meanings)]
    if not rows:
        raise bad(tuned, f"no result in it can be taken: {dict(meanings.left_out)}", hint="--outcome SCORER=OUTCOME")
    first = logs["tuned"]
    generation = first.eval.model_generate_config.merge(first.plan.config)
    return EvaluationReport(
        made_by=Maker(name=line((first.eval.metadata or {}).get("made_by") or "the maker of an Inspect log")),
        measured_from=_moment(first.stats.started_at),
        measured_to=_moment(first.stats.completed_at) or _moment(first.eval.created) or _undated(tuned),
        model=_claim(first),
        base=_claim(logs["base"]) if "base" in logs else None,
        temperature=generation.temperature,
        max_tokens=generation.max_tokens,
        suites=(_suite(first, suite, rows),),
        graders=tuple(_graders(first, meanings)),
        prompts=tuple(rows),
        source=ReportSource(form="inspect", digest=sha256_file(tuned), left_out=dict(meanings.left_out)),
    ).sealed()


def _read(path: Path) -> EvalLog:
    from inspect_ai.log import read_eval_log

    if not path.is_file():
        raise InputError("no such log.", code="FTS-111")
    try:
        return read_eval_log(str(path))
    except Exception as error:  # whatever a broken archive makes the reader raise
        raise bad(path, f"it is no log that Inspect can read ({type(error).__name__})") from error


def _rows(log: EvalLog, model: Which, suite: str, meanings: Meanings) -> Iterator[PromptResult]:
    seen: set[tuple[str, int, str]] = set()
    for sample in log.samples or []:
        prompt = single_prompt(sample)
        if prompt is None:
            meanings.left_out["samples that are not a single prompt"] += 1
            continue
        if not sample.scores:
            meanings.left_out["samples without a score"] += 1
        for outcome, value in _scores(sample, meanings):
            key = (prompt, sample.epoch, outcome)
            if key in seen:
                meanings.left_out["this prompt again, under another id"] += 1
                continue
            seen.add(key)
            yield _row(sample, prompt, model, suite, outcome, value)


def _row(sample: EvalSample, prompt: str, model: Which, suite: str, outcome: str, value: float | None) -> PromptResult:
    labels = sample.metadata or {}
    state, answer = answer_of(sample)
    given: dict[str, Any] = {
        "suite": suite,
        "prompt": digest_text(prompt),
        "id": line(str(sample.id)),
        "kind": labels.get("kind") if labels.get("kind") in KINDS else None,
        "area": line(labels["area"]) if isinstance(labels.get("area"), str) else None,
        "category": line(labels["category"]) if isinstance(labels.get("category"), str) else None,
        "condition": line(labels["condition"]) if isinstance(labels.get("condition"), str) else "plain",
        "model": model,
        "repeat": sample.epoch - 1,
        "outcome": outcome,
        "value": None if state in ("error", "not_run") else value,
        "state": state,
        "answer": None if answer is None else digest_text(answer),
    }
    return PromptResult.model_validate(given)


def _scores(sample: EvalSample, meanings: Meanings) -> Iterator[tuple[str, float | None]]:
    """Outcome and value of every score that has a meaning here; of a mapping, of each of its keys."""
    for name, score in (sample.scores or {}).items():
        parts = score.value if isinstance(score.value, Mapping) else {None: score.value}
        for key, value in parts.items():
            full = name if key is None else f"{name}.{key}"
            own = (score.metadata or {}).get("outcome") if key is None else None
            found = meanings.outcome(full, own if isinstance(own, str) else None, name if key is None else str(key))
            if found is None:
                meanings.lacking(full)
            else:
                yield found[0], meanings.value(value, found[1])


def _claim(log: EvalLog) -> ModelClaim:
    provider, _, name = log.eval.model.partition("/")
    said = {key: value for key, value in (log.eval.metadata or {}).items() if isinstance(value, str)}
    digests = {key: said[key] for key in ("weights", "identity") if said.get(key, "").startswith("sha256:")}
    return ModelClaim.model_validate(
        {"name": line(name or provider), "provider": line(provider) if name else None, "job": said.get("job")} | digests
    )


def _suite(log: EvalLog, suite: str, rows: list[PromptResult]) -> SuiteClaim:
    own = {row.prompt for row in rows}
    held = log.eval.dataset.samples or 0
    return SuiteClaim(
        id=suite,
        version=line(str(log.eval.task_version)),
        prompts=max(len(own), held, 1),
        repeats=max(1, log.eval.config.epochs or 1),
    )


def _graders(log: EvalLog, meanings: Meanings) -> Iterator[GraderClaim]:
    for scorer in log.eval.scorers or []:
        found = meanings.outcome(scorer.name)
        if found is not None:
            yield GraderClaim(outcome=found[0], grader=line(scorer.name))


def _moment(text: str | None) -> str | None:
    from datetime import UTC, datetime

    try:
        found = datetime.fromisoformat(str(text))
    except ValueError:
        return None
    zoned = found if found.tzinfo is not None else found.replace(tzinfo=UTC)
    return zoned.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def _undated(path: Path) -> str:
    raise bad(path, "it does not say when it was made")
