"""Fine-tuning jobs of Together, Fireworks and Mistral, each in its own form. Given a request whose provider file says
`jobs: NAME`, gives a `ProviderJob`, or the request with the model that the job made. Reads through the OpenAI SDK's
plain calls, so that keys, retries and timeouts are the same. Never starts or changes a job."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from itertools import islice
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from ftsafety_spec.errors import EngineError, InputError, Where
from ftsafety_spec.providers.api import api_key, base_url
from ftsafety_spec.providers.base import Request
from ftsafety_spec.records.provider_job import MOST_EVENTS, JobEvent, JobFile, ProviderJob

if TYPE_CHECKING:
    from openai import OpenAI

Told = Mapping[str, Any]


@dataclass(frozen=True)
class Form:
    """How one provider tells of a job: where it lies, the status of one that is done, how it is read, and from where
    its checkpoints come, if they are told apart from the job."""

    path: Callable[[str], str]
    done: str
    read: Callable[[Told], Told]
    checkpoints: Callable[[str], str] | None = None


def read_claim(request: Request) -> ProviderJob:
    """The job of a request as its provider tells of it. Raises InputError FTS-104 for an unknown one, EngineError."""
    from ftsafety_spec.providers.openai_jobs import asked, job_id

    form, name = form_of(request), job_id(request)
    with _client(request) as client:
        told = asked(request, lambda: _get(client, form.path(name)))
        more: Told = {}
        if form.checkpoints is not None:
            place = form.checkpoints(name)
            more = asked(request, lambda: _get(client, place))
    try:
        found = {**form.read(told), **({"checkpoints": dict(_steps(more["data"] or []))} if more else {})}
        known = {key: value for key, value in found.items() if value is not None}
        return ProviderJob.model_validate({"id": name, "provider": request.definition.jobs, **known})
    except (AttributeError, KeyError, TypeError, ValueError) as error:
        where = Where(key=f"models.{request.variant}.job")
        message = f"the job {name} is not told in the form of {request.definition.jobs}: {type(error).__name__}."
        raise EngineError(message, where=where) from error


def resolve_rest_job(request: Request) -> Request:
    """The request with the model of its job, or of a checkpoint. Raises InputError where the job is not done (FTS-106)
    or has no such checkpoint (FTS-104)."""
    job = read_claim(request)
    where = Where(key=f"models.{request.variant}.job")
    if job.status != form_of(request).done or job.model is None:
        message = f"the fine-tuning job {job.id} has not succeeded: its status is {job.status}."
        raise InputError(message, code="FTS-106", where=where, hint="Wait for it, or name another job.")
    step = request.entry.checkpoint
    model = job.model if step in (None, "last") else job.checkpoints.get(str(step))
    if not model:
        known = ", ".join(name for name, made in job.checkpoints.items() if made) or "none"
        message = f"the job {job.id} has no checkpoint at step {step} that can be asked."
        raise InputError(message, code="FTS-104", where=where, hint=f"Known steps: {known}, or last.")
    return replace(request, entry=request.entry.model_copy(update={"model": model}))


def form_of(request: Request) -> Form:
    """The form that a provider file names. Raises InputError FTS-110 where it names none."""
    name = request.definition.jobs
    if name is None:
        raise InputError(
            f"provider kind {request.definition.kind} reads no fine-tuning jobs here.",
            code="FTS-110",
            where=Where(key=f"models.{request.variant}.job"),
            hint=f"Write `model:`, or `jobs:` ({', '.join(FORMS)}) in the provider file.",
        )
    return FORMS[name]


def _client(request: Request) -> OpenAI:
    from openai import OpenAI

    definition = request.definition
    key = api_key(definition, None) or "none"
    return OpenAI(
        api_key=key, base_url=base_url(definition), max_retries=definition.retries, timeout=definition.timeout
    )


def _get(client: OpenAI, path: str) -> Told:
    """A JSON object. A path that begins with `/` counts from the server's root."""
    parts = urlsplit(str(client.base_url))
    url = f"{parts.scheme}://{parts.netloc}{path}" if path.startswith("/") else path
    told = client.get(url, cast_to=object)
    return told if isinstance(told, Mapping) else {}


def _together(told: Told) -> Told:
    """https://docs.together.ai/reference/get_fine-tunes-id"""
    kept = ("n_epochs", "batch_size", "learning_rate", "warmup_ratio", "weight_decay", "train_on_inputs")
    method = told.get("training_method") or {}
    kind = told.get("training_type") or {}
    return {
        "status": told["status"],
        "base": told["model"],
        "model": told.get("x_model_output_name") or told.get("model_output_name") or told.get("output_name"),
        "method": " ".join(str(part["method" if part is method else "type"]) for part in (method, kind) if part)
        or None,
        "hyperparameters": _words(told, kept),
        "created_at": _moment(told.get("created_at")),
        "finished_at": _moment(told.get("updated_at")),
        "trained_tokens": told.get("token_count"),
        "files": tuple(_files(told.get("training_file"), told.get("validation_file"))),
        "events": tuple(_events(told.get("events") or [])),
    }


def _fireworks(told: Told) -> Told:
    """https://docs.fireworks.ai/api-reference/get-supervised-fine-tuning-job"""
    kept = ("epochs", "learningRate", "loraRank", "batchSize", "maxContextLength", "earlyStop")
    state = told.get("status") or {}
    return {
        "status": told["state"],
        "base": told["baseModel"],
        "model": told.get("outputModel"),
        "method": "supervised",
        "hyperparameters": _words(told, kept),
        "created_at": _moment(told.get("createTime")),
        "finished_at": _moment(told.get("completedTime")),
        "error": state.get("message") or None,
        "files": tuple(_files(told.get("dataset"), told.get("evaluationDataset"))),
        "unread": {"events": "the provider tells none", "checkpoints": "the provider tells none"},
    }


def _mistral(told: Told) -> Told:
    """https://docs.mistral.ai/api, fine_tuning/jobs/{job_id}"""
    training, validation = told.get("training_files") or [], told.get("validation_files") or []
    settings = told.get("hyperparameters") or {}
    return {
        "status": told["status"],
        "base": told["model"],
        "model": told.get("fine_tuned_model"),
        "method": told.get("job_type"),
        "hyperparameters": _words(settings, tuple(settings)),
        "created_at": _moment(told.get("created_at")),
        "finished_at": _moment(told.get("modified_at")),
        "trained_tokens": told.get("trained_tokens"),
        "files": tuple(
            file
            for names, use in ((training, 0), (validation, 1))
            for name in names
            for file in _files(*((name, None) if use == 0 else (None, name)))
        ),
        "checkpoints": {str(item["step_number"]): "" for item in told.get("checkpoints") or []},
        "events": tuple(_events(told.get("events") or [])),
    }


def _words(told: Told, names: tuple[str, ...]) -> dict[str, str]:
    return {name: str(told[name])[:200] for name in sorted(names) if told.get(name) is not None}


def _files(training: str | None, validation: str | None) -> Iterator[JobFile]:
    why = "this provider's files are not fetched for their digest"
    if training:
        yield JobFile(id=training, use="training", why_not=why)
    if validation:
        yield JobFile(id=validation, use="validation", why_not=why)


def _events(told: list[Told]) -> Iterator[JobEvent]:
    from ftsafety_spec.providers.openai_job_claim import event_of

    for item in islice(told, MOST_EVENTS):
        message = item.get("message") or (item.get("data") or {}).get("status") or item.get("name") or item.get("type")
        yield event_of(_moment(item.get("created_at")) or 0, str(item.get("level") or "info"), str(message))


def _steps(told: list[Told]) -> Iterator[tuple[str, str]]:
    """Step to model id; empty where a checkpoint is told of, but has no name to be asked by."""
    for item in told:
        if item.get("step") is not None:
            yield str(item["step"]), str(item.get("model_output_name") or "")


def _moment(told: Any) -> int | None:
    """Seconds since 1970, from a number or an ISO date."""
    if isinstance(told, int | float):
        return int(told)
    try:
        return int(datetime.fromisoformat(str(told).replace("Z", "+00:00")).timestamp())
    except ValueError:
        return None


FORMS: Mapping[str, Form] = {
    "together": Form(
        lambda name: f"/v1/fine-tunes/{name}",
        "completed",
        _together,
        lambda name: f"/v1/fine-tunes/{name}/checkpoints",
    ),
    "fireworks": Form(lambda name: f"/v1/{name}", "JOB_STATE_COMPLETED", _fireworks),
    "mistral": Form(lambda name: f"/v1/fine_tuning/jobs/{name}", "SUCCESS", _mistral),
}
