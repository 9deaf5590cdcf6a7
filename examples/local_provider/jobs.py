"""Fine-tuning jobs with their files, checkpoints and events, read-only, in OpenAI's form."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from local_provider.wire import Answer, refused


@dataclass
class FineTuningJob:
    """A job to serve: `checkpoints` maps step to model id."""

    model: str = "gpt-4.1-mini-2025-04-14"
    fine_tuned_model: str | None = "ft:gpt-4.1-mini-2025-04-14:acme::tuned"
    status: str = "succeeded"
    checkpoints: dict[int, str] = field(default_factory=dict)
    hyperparameters: dict[str, Any] = field(default_factory=lambda: {"n_epochs": 3})
    training_file: bytes = b'{"messages": []}\n'
    events: tuple[tuple[str, str], ...] = (("info", "The job has successfully completed"),)
    withheld: frozenset[str] = frozenset()
    """Paths that answer with 403: checkpoints, events, files, content."""


FORBIDDEN: Answer = (403, {}, {"error": {"message": "not allowed", "type": "permission"}})


def job_answer(jobs: dict[str, FineTuningJob], name: str, part: str) -> Answer:
    """What is told of a job; `part`: checkpoints, events, or nothing for the job itself."""
    job = jobs.get(name)
    if job is None:
        return refused(404, "no such job")
    if part in job.withheld:
        return FORBIDDEN
    if not part:
        return 200, {}, _job(name, job)
    data = (
        [_checkpoint(name, step, model) for step, model in job.checkpoints.items()]
        if part == "checkpoints"
        else [_event(number, level, text) for number, (level, text) in enumerate(job.events)]
    )
    return 200, {}, {"object": "list", "data": data, "has_more": False}


def job_file(jobs: dict[str, FineTuningJob], name: str, content: bool) -> Answer | None:
    """A job's training file, or its content; None where no job has a file of this name."""
    job = next((job for key, job in jobs.items() if name == f"file-{key}"), None)
    if job is None:
        return None
    if ("content" if content else "files") in job.withheld:
        return FORBIDDEN
    if content:
        return 200, {"content-type": "application/octet-stream"}, job.training_file
    return 200, {}, file_form(name, "train.jsonl", len(job.training_file), "fine-tune")


def file_form(name: str, filename: str, size: int, purpose: str) -> dict[str, Any]:
    """A file object."""
    about = {"filename": filename, "bytes": size, "purpose": purpose}
    return {"id": name, "object": "file", "created_at": 0, "status": "processed", **about}


def _job(name: str, job: FineTuningJob) -> dict[str, Any]:
    return {
        "id": name,
        "object": "fine_tuning.job",
        "created_at": 0,
        "finished_at": 1,
        "model": job.model,
        "fine_tuned_model": job.fine_tuned_model,
        "organization_id": "org-placeholder",
        "status": job.status,
        "hyperparameters": job.hyperparameters,
        "method": {"type": "supervised", "supervised": {"hyperparameters": job.hyperparameters}},
        "training_file": f"file-{name}",
        "validation_file": None,
        "result_files": [],
        "trained_tokens": 1000,
        "seed": 1,
    }


def _event(number: int, level: str, message: str) -> dict[str, Any]:
    about = {"id": f"ftevent-{number}", "object": "fine_tuning.job.event", "created_at": number}
    return {**about, "level": level, "message": message, "type": "message"}


def _checkpoint(name: str, step: int, model: str) -> dict[str, Any]:
    return {
        "id": f"ftckpt-{step}",
        "object": "fine_tuning.job.checkpoint",
        "created_at": step,
        "fine_tuned_model_checkpoint": model,
        "fine_tuning_job_id": name,
        "step_number": step,
        "metrics": {"step": step},
    }
