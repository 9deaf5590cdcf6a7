"""Placeholder while the grader is written."""
from dataclasses import dataclass

from ftsafety_spec.graders.base import Question, Reading


@dataclass(frozen=True)
class Rules:
    name: str = "ftsafety/refusal_quality"
    version: str = "0"

    def outcomes(self, kind):  # type: ignore[no-untyped-def]
        return ("refusal_quality",)

    def identity(self) -> str:
        return "sha256:" + "0" * 64

    async def grade(self, questions):  # type: ignore[no-untyped-def]
        return [[Reading("refusal_quality", None, reason="in work")] for _ in questions]


GRADER = Rules()
