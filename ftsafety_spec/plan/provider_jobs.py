"""What providers say of the fine-tuning jobs that a spec names, held against what the spec declares (R-52, R-57).
Given resolved requests, gives one claim a variant; given claims and a spec, sentences on what differs. Asks the
provider for what it keeps of a job, and changes nothing there."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping

from ftsafety_spec.providers.base import Request
from ftsafety_spec.records.provider_job import ProviderJob
from ftsafety_spec.spec.spec import Spec

_BAD = re.compile(r"(?i)fail|block|violat|reject|denied|unsafe|not enabled|disabled")
_SAME_KEY = {"n_epochs": "epochs", "num_train_epochs": "epochs", "lr": "learning_rate"}


def provider_jobs(requests: Mapping[str, Request], rehash: bool = False) -> dict[str, ProviderJob]:
    """Variant to its job, for those that name one. `rehash`: their files are fetched again. Raises InputError FTS-104,
    FTS-123, EngineError."""
    named = {variant: request for variant, request in requests.items() if request.entry.job is not None}
    if not named:
        return {}
    from ftsafety_spec.providers.openai_job_claim import job_claim
    from ftsafety_spec.providers.rest_jobs import read_claim

    found = {}
    for variant, request in named.items():
        if request.definition.kind == "openai":
            found[variant] = job_claim(request, rehash)
        elif request.definition.jobs is not None:
            found[variant] = read_claim(request)
    return found


def job_warnings(spec: Spec, jobs: Mapping[str, ProviderJob]) -> Iterator[str]:
    """Sentences that a person should read before the run."""
    for variant, job in jobs.items():
        where = f"job {job.id} of {variant}"
        yield from (f"{where}: {what} could not be read: {reason}" for what, reason in job.unread.items())
        for event in job.safety:
            if event.level == "error" or _BAD.search(event.message):
                yield f"{where}: the provider's own safety check says: {event.message}"
        yield from (f"{where}: {line}" for line in _unlike(spec, job))


def _unlike(spec: Spec, job: ProviderJob) -> Iterator[str]:
    """What the job has other than the spec declares."""
    declared = {_key(name): value for name, value in spec.training.hyperparameters.items()}
    for name, value in job.hyperparameters.items():
        said = declared.get(_key(name))
        if said is not None and not _equal(said, value):
            yield f"{name} is {value}, the spec declares {said}"
    wanted = {entry.digest for entry in spec.training.data.values() if entry.digest is not None}
    for file in job.files:
        if file.use == "training" and wanted and file.digest is not None and file.digest not in wanted:
            yield f"its training file {file.id} is {file.digest[:19]}…, which training.data does not declare"


def _key(name: object) -> str:
    plain = str(name).casefold()
    return _SAME_KEY.get(plain, plain)


def _equal(said: object, value: str) -> bool:
    try:
        return float(str(said)) == float(value)
    except ValueError:
        return str(said).casefold() == value.casefold()
