"""Whose model answered, where that is a provider's claim (R-53): what it was called, since when, and whether the fixed
prompts tell of another one. Given a view, gives blocks; none where every model is proven by its content."""

from __future__ import annotations

from collections.abc import Sequence

from ftsafety_spec.records.canary import CanaryAnswers
from ftsafety_spec.records.claims import named
from ftsafety_spec.report import numbers
from ftsafety_spec.report.blocks import Block, Cell, Column, Mark, Table, Text
from ftsafety_spec.report.view import ReportView

NO_PROOF = (
    "A provider's model is a name, not weights: it may be another one tomorrow. Fixed prompts are asked before each "
    "run, and answers of a model that they tell apart are not mixed. A change that is small, or undone before the next "
    "run, is not seen."
)
NEVER = "the fixed prompts were not answered"


def claims(view: ReportView) -> list[Block]:
    """A table of the variants that are claims."""
    rows = []
    for variant, identity in view.plan.identities.items():
        if identity.kind == "provider":
            rows.append(_row(variant, [row for row in view.canaries if row.identity == identity.digest()]))
    if not rows:
        return []
    columns = (
        Column("Variant"),
        Column("Called itself"),
        Column("Fingerprint"),
        Column("Asked"),
        Column("Contradicted itself"),
    )
    return [Table("Whose model answered, as its provider claims", columns, tuple(rows), stack=True), Text(NO_PROOF)]


def _row(variant: str, seen: Sequence[CanaryAnswers]) -> tuple[Cell, ...]:
    if not seen:
        return variant, "–", "–", Mark(NEVER, "open"), "–"
    times = f"{numbers.plural(len(seen), 'time')}, {seen[0].at}"
    if len(seen) > 1:
        times += f" to {seen[-1].at}"
    prompts = dict.fromkeys(prompt for row in seen for prompt in row.answers)
    unsure = sum(any(len(set(row.answers.get(prompt, ()))) > 1 for row in seen) for prompt in prompts)
    return (
        variant,
        ", ".join(named(row.models for row in seen)) or "nothing",
        ", ".join(named(row.fingerprints for row in seen)) or Mark("none given", "info"),
        times,
        f"on {unsure} of {numbers.plural(len(prompts), 'fixed prompt')}" if prompts else "no answer to compare",
    )
