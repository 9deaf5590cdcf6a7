"""Which mark a cell, a finding or an action gets. Given a verdict, gives words with a tone; colour and shape are the
renderers'."""

from __future__ import annotations

from collections.abc import Iterable

from ftsafety_spec.records.verdict import Finding, Verdict
from ftsafety_spec.report import words
from ftsafety_spec.report.blocks import Mark
from ftsafety_spec.spec.common import ACTIONS, Action


def action_mark(action: Action) -> Mark:
    """An action as a word in its tone."""
    return Mark(words.ACTION[action], action)


def worst(findings: Iterable[Finding]) -> Finding | None:
    """The finding with the most severe action; None for none."""
    return max(findings, key=lambda item: ACTIONS.index(item.action), default=None)


def cell_mark(verdict: Verdict, cell: str) -> Mark | None:
    """What the rules made of a cell: its most severe action; None where no rule read it, or only a concern did."""
    found = worst(item for item in verdict.findings if item.cell == cell and item.kind != "concern")
    return action_mark(found.action) if found else None


def finding_mark(verdict: Verdict, cell: str) -> Mark | None:
    """The most severe thing that rules said of a cell, concerns among them; None where no rule read it."""
    found = [item for item in verdict.findings if item.cell == cell]
    return (
        result_mark(max(found, key=lambda item: (ACTIONS.index(item.action), item.result == "flag"))) if found else None
    )


def result_mark(finding: Finding) -> Mark:
    """A finding's result; shown losses take the tone of their action."""
    if finding.waived_by is not None:
        return Mark("waived", "info")
    if finding.result == "within":
        calm = finding.action == "deploy"
        return Mark(words.RESULT["within"], "ok") if calm else Mark("within this band", finding.action)
    if finding.result == "flag":
        return Mark(words.RESULT["flag"], "open")
    return Mark(words.RESULT[finding.result], "open" if finding.action == "deploy" else finding.action)
