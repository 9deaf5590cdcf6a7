"""Evidence of searches, analyses and verifications that nobody made, for the cases of a policy. Given a case and what
is present, gives bodies of evidence. Pure."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from ftsafety_spec.records.base import digest_text
from ftsafety_spec.records.evidence import EvidenceKind
from ftsafety_spec.records.provider_report import ProviderReport, SpotCheck
from ftsafety_spec.records.red_team import RedTeamFinding, RedTeamReport, Search
from ftsafety_spec.records.weights import WeightFinding, WeightReport
from ftsafety_spec.spec.common import Focus
from ftsafety_spec.spec.policy import Policy
from ftsafety_spec.spec.policy_case import Given, Present, RedTeamFound

TUNED = "tuned"
PROBES = 1


def report_bodies(
    given: Given, present: Present, policy: Policy, context: str
) -> Iterator[tuple[EvidenceKind, dict[str, Any]]]:
    """Kind and body of every report that the case has."""
    for focus in sorted({*present.searched, *(row.focus for row in given.found)}):
        yield "finding", _search(focus, [row for row in given.found if row.focus == focus])
    weights = [*present.weights] or (["delta"] if given.weights_show else [])
    if weights:
        yield "weights", _weights(weights, given)
    result = given.provider_report or _as_asked(given, policy, context)
    if result is not None:
        check = SpotCheck(asked=100, agreed=0 if result == "refused" else 100, power=0.95)
        report = ProviderReport(result=result, report=digest_text("case"), by="provider", spot_check=check)
        yield "provider_report", report.body()


def _search(focus: Focus, found: list[RedTeamFound]) -> dict[str, Any]:
    search = Search(focus=focus, variant=TUNED, probes=PROBES, prompts=PROBES)
    rows = tuple(
        RedTeamFinding(
            id=f"{focus}-{n}", variant=TUNED, title="case", measure="refusal", prompts=PROBES, **row.model_dump()
        )
        for n, row in enumerate(found)
    )
    return RedTeamReport(search=search, findings=rows).body() | {"probes": 0}


def _weights(analyses: list[str], given: Given) -> dict[str, Any]:
    rows = tuple(
        WeightFinding(id=f"{analysis}-{n}", analysis=analysis, title="case", severity=severity, sentence="Made up.")
        for analysis in analyses
        for n, severity in enumerate(given.weights_show)
    )
    return WeightReport(analyses={name: {} for name in analyses}, findings=rows, variant=TUNED).body()


def _as_asked(given: Given, policy: Policy, context: str) -> Any:
    """`present: all`: with a provider's API, a report that the policy is content with."""
    asked = any(rule is not None and rule.kind == "provider_verification" for rule in policy.rules.values())
    wanted = asked and context == "api" and given.present == "all" and "provider_report" not in given.lacks
    return "accepted" if wanted else None
