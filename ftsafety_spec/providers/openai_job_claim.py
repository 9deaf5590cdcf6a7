"""Everything that the provider says of a fine-tuning job, through its SDK: method, hyperparameters, files with digests
(each fetched once), checkpoints, events, its own safety checks. Given a request that names a job, gives a
`ProviderJob`; what cannot be read stands in `unread` with the reason. Never starts, changes or pauses a job."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Callable, Iterator, Mapping
from functools import partial
from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

from ftsafety_spec.providers.api import public_address
from ftsafety_spec.providers.base import Request
from ftsafety_spec.providers.digests import far_digest
from ftsafety_spec.providers.openai_jobs import asked, client_of, job_id
from ftsafety_spec.records.provider_job import MOST_EVENTS, JobEvent, JobFile, ProviderJob

if TYPE_CHECKING:
    from openai import OpenAI
    from openai.types.fine_tuning import FineTuningJob

T = TypeVar("T")
MOST_BYTES = 512 * 1024 * 1024
"""Larger files are not fetched for their digest."""
_SAFETY = re.compile(r"(?i)moderation|usage polic|safety|content polic|harmful")


def job_claim(request: Request, rehash: bool = False) -> ProviderJob:
    """The job of a request. `rehash`: files whose digests are known are fetched again. Raises InputError FTS-104 where
    the provider knows none such, FTS-123 without a key."""
    name = job_id(request)
    unread: dict[str, str] = {}
    with client_of(request) as client:
        job = asked(request, lambda: client.fine_tuning.jobs.retrieve(name))
        files = tuple(_files(client, job, request.root, rehash))
        checkpoints = _or_reason(
            unread, "checkpoints", lambda: list(client.fine_tuning.jobs.checkpoints.list(name, limit=100))
        )
        events = _or_reason(
            unread,
            "events",
            lambda: list(islice(client.fine_tuning.jobs.list_events(name, limit=MOST_EVENTS), MOST_EVENTS)),
        )
    method, settings = _method(job)
    error = job.error.message if job.error is not None and job.error.message else None
    return ProviderJob(
        id=job.id,
        provider=request.definition.kind,
        status=job.status,
        base=job.model,
        model=job.fine_tuned_model,
        method=method,
        hyperparameters=settings,
        seed=job.seed,
        created_at=job.created_at,
        finished_at=job.finished_at,
        trained_tokens=job.trained_tokens,
        error=_line(error) if error else None,
        files=files,
        checkpoints={str(item.step_number): item.fine_tuned_model_checkpoint for item in checkpoints or []},
        events=tuple(event_of(item.created_at, item.level, item.message) for item in events or []),
        unread=unread,
    )


def _method(job: FineTuningJob) -> tuple[str | None, dict[str, str]]:
    """The method's name and its hyperparameters; of the job as a whole where it names no method."""
    said: Mapping[str, Any] = job.model_dump(exclude_none=True)
    method = said.get("method") or {}
    name = method.get("type")
    found = (method.get(name) or {}).get("hyperparameters") or said.get("hyperparameters") or {}
    return name, {str(key): str(value)[:200] for key, value in sorted(found.items())}


def _files(client: OpenAI, job: FineTuningJob, root: Path, rehash: bool) -> Iterator[JobFile]:
    for use, name in (("training", job.training_file), ("validation", job.validation_file)):
        if name:
            yield _file(client, "training" if use == "training" else "validation", name, root, rehash)


def _file(client: OpenAI, use: Any, name: str, root: Path, rehash: bool) -> JobFile:
    unread: dict[str, str] = {}
    found = _or_reason(unread, "file", lambda: client.files.retrieve(name))
    if found is None:
        return JobFile(id=name, use=use, why_not=unread["file"])
    size = found.bytes
    made = {"id": name, "use": use, "name": found.filename, "bytes": size}
    if size > MOST_BYTES:
        return JobFile(**made, why_not="larger than 512 MiB: not fetched for its digest")
    place = f"{public_address(str(client.base_url))}/files/{name}"
    read = partial(far_digest, place, size, found.created_at, root, lambda: _digest(client, name), rehash)
    digest = _or_reason(unread, "content", read)
    return JobFile(**made, digest=digest, why_not=unread.get("content"))


def _digest(client: OpenAI, name: str) -> str:
    """`sha256:` of a file's bytes, streamed; nothing of it is kept."""
    from openai import APIConnectionError

    state = hashlib.sha256()
    with client.files.with_streaming_response.content(name) as response:
        try:
            for block in response.iter_bytes(1 << 20):
                state.update(block)
        except Exception as error:  # of the transport: the SDK leaves what breaks off midway as it is
            raise APIConnectionError(request=response.http_request) from error
    return "sha256:" + state.hexdigest()


def event_of(at: int, level: str, message: str) -> JobEvent:
    """One message of a provider's, made printable; whether it speaks of safety."""
    return JobEvent(at=at, level=level, message=_line(message), safety=bool(_SAFETY.search(message)))


def _line(text: str) -> str:
    """One line of a provider's text, without control characters."""
    return "".join(char if char.isprintable() else " " for char in text)[:300].strip()


def _or_reason(unread: dict[str, str], what: str, call: Callable[[], T]) -> T | None:
    """What the call gives; None and a reason where the provider does not hand it out."""
    from openai import APIError, APIStatusError

    try:
        return call()
    except APIStatusError as error:
        unread[what] = f"the provider answered with status {error.status_code}"
    except APIError as error:
        unread[what] = f"it could not be read: {type(error).__name__}"
    return None
