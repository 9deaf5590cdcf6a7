"""What a provider says of a fine-tuning job (R-08, R-52): a claim, as it was read. Texts of data are never kept."""

from __future__ import annotations

from typing import Literal

from ftsafety_spec.records.base import Digest, Part

MOST_EVENTS = 40


class JobFile(Part):
    """A file of the job. `digest`: of its bytes, where the provider hands them out; else `why_not` says why not."""

    id: str
    use: Literal["training", "validation"]
    name: str | None = None
    bytes: int | None = None
    digest: Digest | None = None
    why_not: str | None = None


class JobEvent(Part):
    """One message of the provider's, at most 300 characters. `safety`: it speaks of moderation or of usage policies."""

    at: int
    level: str
    message: str
    safety: bool = False


class ProviderJob(Part):
    """A fine-tuning job. `base`, `model`: ids as the provider writes them; `checkpoints`: step to model id;
    `hyperparameters`: name to value, in words; `events`: the newest first, at most `MOST_EVENTS`; `unread`: part of the
    job that could not be read, to the reason."""

    id: str
    provider: str
    status: str
    base: str
    model: str | None = None
    method: str | None = None
    hyperparameters: dict[str, str] = {}
    seed: int | None = None
    created_at: int | None = None
    finished_at: int | None = None
    trained_tokens: int | None = None
    error: str | None = None
    files: tuple[JobFile, ...] = ()
    checkpoints: dict[str, str] = {}
    events: tuple[JobEvent, ...] = ()
    unread: dict[str, str] = {}

    @property
    def safety(self) -> tuple[JobEvent, ...]:
        """What the provider says of its own safety checks."""
        return tuple(event for event in self.events if event.safety)
