"""Fine-tuning jobs as their provider tells of them (R-52): claims beside what was declared. Given jobs by variant,
gives blocks; nothing where no model is a job's."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime

from ftsafety_spec.records.provider_job import JobFile, ProviderJob
from ftsafety_spec.report import numbers
from ftsafety_spec.report.blocks import Block, Cell, Code, Column, Facts, Mark, Points, Table, Text

_FILES = (Column("File"), Column("Use"), Column("Bytes", numeric=True), Column("Digest"))
NO_CHECK = "The provider tells of no safety check of its own on this job."


def provider_jobs(jobs: Mapping[str, ProviderJob]) -> list[Block]:
    """What is claimed of each job."""
    blocks: list[Block] = []
    for variant, job in jobs.items():
        blocks += _job(variant, job)
    return blocks


def _job(variant: str, job: ProviderJob) -> list[Block]:
    settings = ", ".join(f"{name} {value}" for name, value in job.hyperparameters.items()) or "not told"
    facts: tuple[tuple[str, Cell], ...] = (
        (f"Job of {variant}, as {job.provider} tells", Code(job.id)),
        ("Status", job.status + (f": {job.error}" if job.error else "")),
        ("Made of", Code(job.base)),
        ("Model", Code(job.model) if job.model else "none"),
        ("Method", job.method or "not told"),
        ("Hyperparameters", settings),
        ("Finished", _moment(job.finished_at)),
        ("Trained tokens", "not told" if job.trained_tokens is None else numbers.count(job.trained_tokens)),
        ("Checkpoints", ", ".join(f"step {step}" for step in job.checkpoints) or "none"),
    )
    blocks: list[Block] = [Facts(facts)]
    if job.files:
        rows = tuple(_file(file) for file in job.files)
        blocks.append(Table(f"Files of the job of {variant}", _FILES, rows, stack=True))
    said = tuple(f"{_moment(event.at)}, {event.level}: {event.message}" for event in job.safety)
    blocks += [Text("The provider's own safety checks, in its words:"), Points(said)] if said else [Text(NO_CHECK)]
    blocks += [Text(f"{what}: not read, {reason}.", "warning") for what, reason in job.unread.items()]
    return blocks


def _file(file: JobFile) -> tuple[Cell, ...]:
    digest: Cell = Code(numbers.short(file.digest)) if file.digest else Mark(file.why_not or "not told", "open")
    return (file.name or file.id, file.use, "–" if file.bytes is None else numbers.count(file.bytes), digest)


def _moment(seconds: int | None) -> str:
    if seconds is None:
        return "not told"
    try:
        return datetime.fromtimestamp(seconds, UTC).strftime("%Y-%m-%d %H:%M UTC")
    except (OverflowError, OSError, ValueError):
        return "not told"
