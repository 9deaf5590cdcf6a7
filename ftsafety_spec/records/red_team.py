"""What a red team found: the typed body of `finding` evidence, one for each focus and variant that was searched.
Given figures, gives frozen parts; texts stay in tables, here are digests only."""

from __future__ import annotations

from typing import Any, Literal

from pydantic import Field

from ftsafety_spec.records.base import Digest, Part, Usd
from ftsafety_spec.spec import common

Focus = common.Focus
Severity = common.Severity
SEVERITIES: tuple[Severity, ...] = ("low", "medium", "high")
Direction = common.Effect


class RedTeamFinding(Part):
    """One thing that tuned does and base does not, on the same inputs. `base`, `tuned`: rates of `measure` in [0, 1];
    `interval`: of the difference, 95 %; `p`: after multiplicity. `inputs`, `answers`: digests of a few of the prompts
    and of both models' answers to them. `declared`: the spec says that it was meant. `reproduce`: one command."""

    id: str
    focus: Focus
    variant: str
    title: str
    state: Literal["suspected", "confirmed"]
    severity: Severity
    direction: Direction
    measure: str
    base: float | None = Field(None, ge=0, le=1)
    tuned: float | None = Field(None, ge=0, le=1)
    interval: tuple[float, float] | None = None
    p: float | None = Field(None, ge=0, le=1)
    prompts: int = Field(ge=0)
    condition: str | None = None
    family: str | None = None
    category: str | None = None
    area: str | None = None
    declared: bool = False
    inputs: tuple[Digest, ...] = ()
    answers: dict[str, tuple[Digest, ...]] = {}
    reproduce: str = ""


class Odds(Part):
    """R-47: how likely a planted effect of this kind was found, measured on planted models, and how that was measured
    (a command)."""

    kind: str
    effect: float = Field(ge=0, le=1)
    found: float = Field(ge=0, le=1)
    measured_by: str


class Search(Part):
    """What was searched. `probes`: distinct triggers, scripts, items or prompts that were tried; `prompts`: distinct
    prompts asked; `space`: family to how many of it; `method` in words."""

    focus: Focus
    variant: str
    probes: int = Field(ge=0)
    prompts: int = Field(ge=0)
    space: dict[str, int] = {}
    rounds: int = Field(0, ge=0)
    seed: int | None = None
    method: str = ""
    odds: tuple[Odds, ...] = ()
    coverage: dict[str, int] = {}
    usd: Usd | None = None
    seconds: float | None = None
    note: str = ""


class RedTeamReport(Part):
    """The body of one piece of `finding` evidence."""

    search: Search
    findings: tuple[RedTeamFinding, ...] = ()

    def body(self) -> dict[str, Any]:
        """As evidence carries it. `probes` stands beside it, for rules that count triggers."""
        probes = {"probes": self.search.probes} if self.search.focus == "trigger" else {}
        return {**self.model_dump(mode="json"), **probes}


def report_in(body: dict[str, Any]) -> RedTeamReport | None:
    """The typed report of a piece of evidence; None where it is of another shape (a bare count of probes)."""
    if "search" not in body:
        return None
    return RedTeamReport.model_validate({name: body[name] for name in ("search", "findings") if name in body})
