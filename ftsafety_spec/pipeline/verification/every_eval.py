"""Every Eval Ever files (schema 0.2) as a report: one of tuned, and one of base beside it; each with its instance-level
file, where it names one. Takes the redacted profile, in which every text is its digest. Given paths, gives a report."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from ftsafety_spec.pipeline.verification.meanings import Meanings
from ftsafety_spec.pipeline.verification.outside import bad, json_of, line, not_sound, text_of
from ftsafety_spec.records.base import digest_text, sha256_file
from ftsafety_spec.records.evaluation_report import (
    EvaluationReport,
    Maker,
    ModelClaim,
    PromptResult,
    RateResult,
    ReportSource,
    SuiteClaim,
    Which,
)

RELATIONS: dict[str, Literal["provider", "third_party", "unknown"]] = {
    "first_party": "provider",
    "third_party": "third_party",
}
DIGEST = "sha256:"
"""What a text of the redacted profile begins with: the digest of the text that is not there."""
CLAIMS = ("job", "checkpoint", "weights", "identity", "provider")


class _Read(BaseModel):
    """Fields that are not read are passed over: the schema has many."""

    model_config = ConfigDict(extra="ignore", frozen=True, allow_inf_nan=False)


class _Source(_Read):
    source_organization_name: str
    evaluator_relationship: str = "other"


class _Model(_Read):
    name: str
    id: str
    inference_platform: str | None = None
    additional_details: dict[str, str] = {}


class _Interval(_Read):
    lower: float
    upper: float
    confidence_level: float = 0.95


class _Uncertainty(_Read):
    confidence_interval: _Interval | None = None
    num_samples: int | None = None


class _Score(_Read):
    score: float
    uncertainty: _Uncertainty = _Uncertainty()


class _Metric(_Read):
    metric_id: str | None = None
    metric_name: str | None = None
    metric_unit: str | None = None


class _Data(_Read):
    dataset_name: str
    samples_number: int | None = None
    hf_revision: str | None = None
    source_version: str | None = None


class _Result(_Read):
    evaluation_name: str
    evaluation_result_id: str | None = None
    source_data: _Data
    metric_config: _Metric
    score_details: _Score


class _Detailed(_Read):
    file_path: str
    hash_algorithm: str | None = None
    checksum: str | None = None


class _File(_Read):
    schema_version: str
    evaluation_id: str
    evaluation_timestamp: str | None = None
    retrieved_timestamp: str
    source_metadata: _Source
    model_info: _Model
    evaluation_results: tuple[_Result, ...] = Field(min_length=1)
    detailed_evaluation_results: _Detailed | None = None


class _Text(_Read):
    raw: str | tuple[str, ...] = ""


class _Verdict(_Read):
    score: float | None = None


class _Instance(_Read):
    evaluation_name: str
    evaluation_result_id: str | None = None
    sample_id: str
    interaction_type: str = "single_turn"
    input: _Text
    output: _Text | None = None
    evaluation: _Verdict
    error: str | None = None
    metadata: dict[str, str] | None = None


def from_every_eval(tuned: Path, base: Path | None, outcomes: Mapping[str, str]) -> EvaluationReport:
    """The report. Raises InputError and SpecError FTS-139."""
    meanings = Meanings(outcomes)
    files: dict[Which, tuple[Path, _File]] = {"tuned": (tuned, _file(tuned))}
    if base is not None:
        files["base"] = (base, _file(base))
    rates = [rate for model, (_, file) in files.items() for rate in _rates(file, model, meanings)]
    rows = [row for model, (path, file) in files.items() for row in _instances(path, file, model, meanings)]
    if not rates and not rows:
        raise bad(tuned, f"no result in it can be taken: {dict(meanings.left_out)}", hint="--outcome METRIC=OUTCOME")
    first = files["tuned"][1]
    source = first.source_metadata
    relation = RELATIONS.get(source.evaluator_relationship, "unknown")
    try:
        return EvaluationReport(
            made_by=Maker(name=line(source.source_organization_name), relation=relation),
            measured_to=_moment(first.evaluation_timestamp or first.retrieved_timestamp, tuned),
            model=_claim(first.model_info),
            base=_claim(files["base"][1].model_info) if "base" in files else None,
            suites=tuple(_suites([file for _, file in files.values()], rates, rows)),
            prompts=tuple(rows),
            rates=tuple(rates),
            source=ReportSource(form="every-eval-ever", digest=sha256_file(tuned), left_out=dict(meanings.left_out)),
        ).sealed()
    except ValidationError as error:
        raise not_sound(tuned, error) from error


def _file(path: Path) -> _File:
    try:
        return _File.model_validate(json_of(text_of(path), path))
    except ValidationError as error:
        raise not_sound(path, error) from error


def _rates(file: _File, model: Which, meanings: Meanings) -> Iterator[RateResult]:
    for result in file.evaluation_results:
        found = _outcome(result, meanings)
        if found is None:
            meanings.lacking(result.metric_config.metric_id or result.evaluation_name)
            continue
        outcome, turned = found
        scale = 100.0 if result.metric_config.metric_unit == "percent" else 1.0
        given = result.score_details.uncertainty
        prompts = given.num_samples or result.source_data.samples_number
        if prompts is None:
            meanings.left_out["rates that do not say of how many prompts"] += 1
            continue
        ends, level = None, 0.95
        if given.confidence_interval is not None:
            low, high = given.confidence_interval.lower / scale, given.confidence_interval.upper / scale
            ends, level = ((1 - high, 1 - low) if turned else (low, high)), given.confidence_interval.confidence_level
        rate = result.score_details.score / scale
        yield RateResult(
            suite=line(result.source_data.dataset_name),
            model=model,
            outcome=outcome,
            prompts=prompts,
            rate=1 - rate if turned else rate,
            interval=ends,
            level=level,
        )


def _outcome(result: _Result, meanings: Meanings) -> tuple[str, bool] | None:
    metric = result.metric_config
    return meanings.outcome(metric.metric_id, metric.metric_name, result.evaluation_name)


def _instances(path: Path, file: _File, model: Which, meanings: Meanings) -> Iterator[PromptResult]:
    """Results by prompt, of the instance-level file beside this one."""
    if file.detailed_evaluation_results is None:
        return
    detailed = file.detailed_evaluation_results
    beside = path.parent / Path(detailed.file_path).name  # never a path of somebody else's choice
    if not beside.is_file():
        meanings.left_out[f"results by prompt: {beside.name} is not beside the file"] += 1
        return
    known = detailed.checksum if detailed.hash_algorithm in (None, "sha256") else None
    if known and sha256_file(beside).removeprefix(DIGEST) != known.lower():
        raise bad(beside, "its checksum is another one than the report says")
    by_id = {result.evaluation_result_id: result for result in file.evaluation_results}
    by_name = {result.evaluation_name: result for result in file.evaluation_results}
    epochs: dict[tuple[str, str], int] = {}
    for number, written in enumerate(text_of(beside).split("\n"), start=1):
        if written.strip():
            row = _instance(written, beside, number)
            result = by_id.get(row.evaluation_result_id) if row.evaluation_result_id else None
            yield from _taken(row, result or by_name.get(row.evaluation_name), model, meanings, epochs)


def _instance(written: str, path: Path, number: int) -> _Instance:
    try:
        return _Instance.model_validate(json_of(written, path, number))
    except ValidationError as error:
        raise not_sound(path, error, number) from error


def _taken(
    row: _Instance,
    result: _Result | None,
    model: Which,
    meanings: Meanings,
    epochs: dict[tuple[str, str], int],
) -> Iterator[PromptResult]:
    if row.interaction_type != "single_turn":
        meanings.left_out["results that are not of a single turn"] += 1
        return
    found = _outcome(result, meanings) if result is not None else None
    if found is None or result is None:
        meanings.lacking(row.evaluation_name)
        return
    prompt = _digest(row.input.raw if isinstance(row.input.raw, str) else "\n".join(row.input.raw))
    repeat = epochs[(prompt, found[0])] = epochs.get((prompt, found[0]), -1) + 1
    labels, answer = row.metadata or {}, _answer(row)
    yield PromptResult.model_validate(
        {
            "suite": line(result.source_data.dataset_name),
            "prompt": prompt,
            "id": line(row.sample_id),
            "area": line(labels["area"]) if "area" in labels else None,
            "category": line(labels["category"]) if "category" in labels else None,
            "condition": line(labels.get("condition", "plain")),
            "model": model,
            "repeat": repeat,
            "outcome": found[0],
            "value": None if row.error else meanings.value(row.evaluation.score, found[1]),
            "state": "error" if row.error else "ok",
            "answer": answer,
        }
    )


def _answer(row: _Instance) -> str | None:
    if row.output is None or not row.output.raw:
        return None
    return _digest(row.output.raw if isinstance(row.output.raw, str) else row.output.raw[0])


def _digest(text: str) -> str:
    """Of a text; of a redacted one, the digest that stands in its place."""
    hexadecimal = text.removeprefix(DIGEST)
    if text.startswith(DIGEST) and len(hexadecimal) == 64 and not set(hexadecimal) - set("0123456789abcdef"):
        return text
    return digest_text(text)


def _claim(model: _Model) -> ModelClaim:
    said: dict[str, Any] = {k: model.additional_details.get(f"ftsafety_{k}") for k in CLAIMS}
    if said["provider"] is None:
        platform, _, _ = model.id.partition("/")
        said["provider"] = line(model.inference_platform or platform)
    adapters = [part for part in model.additional_details.get("ftsafety_adapters", "").split() if part]
    return ModelClaim.model_validate(
        {"name": line(model.id.partition("/")[2] or model.id), "adapters": adapters, **said}
    )


def _suites(files: list[_File], rates: list[RateResult], rows: list[PromptResult]) -> Iterator[SuiteClaim]:
    data = {line(r.source_data.dataset_name): r.source_data for file in files for r in file.evaluation_results}
    used = dict.fromkeys([*(rate.suite for rate in rates), *(row.suite for row in rows)])
    for name in used:
        own = {row.prompt for row in rows if row.suite == name}
        counts = [rate.prompts for rate in rates if rate.suite == name]
        held = data[name].samples_number or 0
        version = data[name].hf_revision or data[name].source_version
        yield SuiteClaim(
            id=name, version=line(version) if version else None, prompts=max(1, held, len(own), *counts, 0)
        )


def _moment(text: str, path: Path) -> str:
    """A time as seconds since 1970, or as ISO 8601."""
    from datetime import UTC, datetime

    try:
        number = float(text) if text.replace(".", "", 1).isdigit() else None
        found = datetime.fromtimestamp(number, UTC) if number is not None else datetime.fromisoformat(text)
    except (ValueError, OverflowError, OSError) as error:
        raise bad(path, "its time is no time") from error
    zoned = found if found.tzinfo is not None else found.replace(tzinfo=UTC)
    return zoned.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
