"""The shape that offline graders of one outcome share: which prompts they read, who they are, readings in order.
Given a function that reads one answer, and the files that hold its rules, gives a grader. Reads nothing itself."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cache
from importlib.resources import files

from ftsafety_spec.graders.base import Question, Reading
from ftsafety_spec.records.base import digest_bytes, digest_of
from ftsafety_spec.spec.common import PromptKind


@dataclass(frozen=True)
class ByRules:
    """A grader. `rules`: files of this package whose code can change a reading; `kinds`: of the prompts it reads."""

    name: str
    version: str
    outcome: str
    rules: tuple[str, ...]
    read: Callable[[Question], Reading]
    kinds: tuple[PromptKind, ...] = ("capability",)

    def outcomes(self, kind: PromptKind) -> tuple[str, ...]:
        """The one outcome, on prompts of its kinds."""
        return (self.outcome,) if kind in self.kinds else ()

    def identity(self) -> str:
        """Digest of name, version and the code of the rules."""
        return digest_of([self.name, self.version, rules_digest(self.rules)])

    async def grade(self, questions: Sequence[Question]) -> list[list[Reading]]:
        """Readings in the order of the questions."""
        return [[self.read(question)] if self.outcomes(question.kind) else [] for question in questions]


@cache
def rules_digest(rules: tuple[str, ...]) -> str:
    """Digest of the code of files of this package."""
    folder = files("ftsafety_spec.graders")
    return digest_of([digest_bytes(folder.joinpath(name).read_bytes()) for name in rules])
