"""OpenAI fine-tuning jobs, read through the provider's SDK: base model, status, resulting model, checkpoints.
Given a request that names a job, gives the same request with the model id filled in. Never starts or changes a job."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, TypeVar

from ftsafety_spec.errors import EngineError, InputError, Where
from ftsafety_spec.providers.api import api_key, base_url, model_id
from ftsafety_spec.providers.base import Request

if TYPE_CHECKING:
    from openai import OpenAI

T = TypeVar("T")
KEY_ENV = "OPENAI_API_KEY"
AZURE_KEY_ENV = "AZURE_OPENAI_API_KEY"


@dataclass(frozen=True)
class Job:
    """A fine-tuning job as the provider reports it: a claim."""

    id: str
    base: str
    status: str
    model: str | None


def read_job(request: Request) -> Job:
    """The job of a request. Raises InputError FTS-104 where the provider knows none such, FTS-123 without a key."""
    name = job_id(request)
    with client_of(request) as client:
        found = asked(request, lambda: client.fine_tuning.jobs.retrieve(name))
    return Job(found.id, found.model, found.status, found.fine_tuned_model)


def resolve_job(request: Request) -> Request:
    """The request with the job's model id, or its checkpoint's. Raises InputError where the job has not succeeded or
    has no such checkpoint."""
    job = read_job(request)
    if job.status != "succeeded" or job.model is None:
        raise InputError(
            f"the fine-tuning job {job.id} has not succeeded: its status is {job.status}.",
            code="FTS-106",
            where=_where(request),
            hint="Wait for it, or name another job.",
        )
    step = request.entry.checkpoint
    model = job.model if step in (None, "last") else _checkpoint(request, str(step))
    return _with_model(request, model)


def job_base(request: Request) -> str:
    """The model that the request's job was started from, as the provider reports it."""
    if request.definition.jobs is not None:
        from ftsafety_spec.providers.rest_jobs import read_claim

        return read_claim(request).base
    return read_job(request).base


def check_job_base(base: Request, tuned: Request) -> None:
    """Refuse (InputError FTS-110) a tuned job that was not made of the base that it is compared with."""
    if tuned.entry.job is None or (tuned.definition.kind != "openai" and tuned.definition.jobs is None):
        return
    found, expected = job_base(tuned), model_id(base)
    if found != expected:
        raise InputError(
            f"the job {tuned.entry.job} was made of {found}, but base is {expected}.",
            code="FTS-110",
            where=Where(key=f"models.{base.variant}.model"),
            hint=f"Write `model: {found}` for {base.variant}.",
        )


def _checkpoint(request: Request, step: str) -> str:
    with client_of(request) as client:
        pages = asked(request, lambda: list(client.fine_tuning.jobs.checkpoints.list(job_id(request), limit=100)))
    models = {str(item.step_number): item.fine_tuned_model_checkpoint for item in pages}
    if step not in models:
        raise InputError(
            f"the job {request.entry.job} has no checkpoint at step {step}.",
            code="FTS-104",
            where=_where(request),
            hint=f"Known steps: {', '.join(sorted(models, key=int)) or 'none'}, or last.",
        )
    return models[step]


def asked(request: Request, call: Callable[[], T]) -> T:
    """What a call to the provider gives. Raises InputError FTS-104 for an unknown job, EngineError for other faults."""
    from openai import APIError, NotFoundError

    try:
        return call()
    except NotFoundError:
        raise InputError(
            f"the provider knows no fine-tuning job {request.entry.job}.", code="FTS-104", where=_where(request)
        ) from None
    except APIError as error:
        raise EngineError(
            f"the job {request.entry.job} could not be read: {type(error).__name__}.", where=_where(request)
        ) from error


def client_of(request: Request) -> OpenAI:
    """The SDK's client for a request's provider. Raises InputError FTS-123 without a key."""
    from openai import AzureOpenAI, OpenAI

    definition = request.definition
    if definition.azure_api_version is not None:
        return AzureOpenAI(
            api_key=api_key(definition, AZURE_KEY_ENV),
            azure_endpoint=base_url(definition) or "",
            api_version=definition.azure_api_version,
            max_retries=definition.retries,
            timeout=definition.timeout,
        )
    return OpenAI(
        api_key=api_key(definition, KEY_ENV),
        base_url=base_url(definition),
        max_retries=definition.retries,
        timeout=definition.timeout,
    )


def job_id(request: Request) -> str:
    """The job that a request names. Raises InputError FTS-110 where it names none."""
    if request.entry.job is None:
        raise InputError("this model names no job.", code="FTS-110", where=_where(request))
    return request.entry.job


def _with_model(request: Request, model: str) -> Request:
    return replace(request, entry=request.entry.model_copy(update={"model": model}))


def _where(request: Request) -> Where:
    return Where(key=f"models.{request.variant}.job")
