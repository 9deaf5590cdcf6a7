"""What rules of every kind carry, and the words that several kinds share. Pure models; knows no kind of rule."""

from __future__ import annotations

from typing import Literal

from pydantic import Field

from ftsafety_spec.spec.common import Model

Shown = Literal["review", "insufficient", "block"]
Lacking = Literal["flag", "insufficient"]


class RuleBase(Model):
    """What every rule carries."""

    description: str | None = Field(None, max_length=2000)
    rationale: str | None = Field(None, max_length=2000, description="Why this rule, why this number")
    owner: str | None = Field(None, max_length=200)
