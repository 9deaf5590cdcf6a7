"""The first screen: what was decided, why, what is owed, until when, by which policy, and what was not tested.
Given a view, gives a `Headline`; a reader who is no engineer needs nothing else."""

from __future__ import annotations

from collections import Counter

from ftsafety_spec.records.comparison import Comparison
from ftsafety_spec.records.locked import Loosened
from ftsafety_spec.records.verdict import Verdict
from ftsafety_spec.report import numbers, words
from ftsafety_spec.report.blocks import Headline
from ftsafety_spec.report.marks import action_mark
from ftsafety_spec.report.outcomes import owes
from ftsafety_spec.report.view import ReportView

BESIDE = "Judged by another policy for comparison ({other}). The verdict on this run is that of its own policy, {own}."


def headline(view: ReportView) -> Headline:
    """The first screen of a report."""
    verdict = view.verdict
    return Headline(
        title=verdict.title,
        model=", ".join(verdict.variants) or "no variant is marked for deployment",
        action=verdict.action,
        action_word=words.ACTION[verdict.action],
        decision=verdict.decision,
        decision_word=words.DECISION[verdict.decision],
        decision_means=words.DECISION_MEANS[verdict.decision],
        means=words.ACTION_MEANS[verdict.action],
        reasons=verdict.reasons[:3],
        more_reasons=max(0, len(verdict.reasons) - 3),
        variants=tuple((name, action_mark(action)) for name, action in verdict.variants.items()),
        owed=owed(view),
        until=until(verdict),
        policy=verdict.policy.name,
        policy_digest=numbers.short(verdict.policy.digest),
        looser=tuple(loosening(item) for item in verdict.policy.looser),
        not_tested=not_tested(verdict),
        as_of=verdict.as_of,
        looked=looked(view.comparison),
        beside=BESIDE.format(other=verdict.policy.name, own=view.own_policy) if view.own_policy else "",
    )


def looked(comparison: Comparison) -> str:
    """How often the results were looked at, and why the run ended where it did; empty for one look at the end."""
    looks, stopped = comparison.looks, comparison.stopped
    if looks == (1.0,) and stopped is None:
        return ""
    shares = ", ".join(numbers.percent(share, 0) for share in looks)
    times = "once" if len(looks) == 1 else f"{numbers.count(len(looks))} times"
    ended = stopped or "Nothing was decided before the end."
    return f"Looked {times}, after {shares} of the planned prompts. {ended} Every look is counted in the bounds."


def owed(view: ReportView) -> tuple[str, ...]:
    """Open obligations and missing evidence, one sentence each; equal ones are counted, not repeated."""
    missing = [f"{words.need(item.need)}: {item.how}" for item in view.verdict.missing]
    still = Counter(owes(item) for item in view.verdict.obligations if item.state == "open")
    people = [line if times == 1 else f"{line}, for {times} items" for line, times in still.items()]
    return (*people, *missing)


def until(verdict: Verdict) -> str:
    """Until when the verdict holds."""
    return verdict.expires or "judged again: nothing is permitted"


def loosening(item: Loosened) -> str:
    """Where a policy is looser, in words."""
    old, new = numbers.words(item.from_), numbers.words(item.to)
    return f"{item.rule}, {item.field}: {new} instead of {old} ({item.than})"


def not_tested(verdict: Verdict, most: int = 6) -> tuple[str, ...]:
    """Threats that nothing looked for first, then methods that did not run, then outcomes not measured."""
    blind = [f"{row.title}: nothing looked for it" for row in verdict.threats if row.id != "R-63" and not row.ran]
    part = [
        f"{row.title}: without {', '.join(row.not_run)}"
        for row in verdict.threats
        if row.id != "R-63" and row.ran and row.not_run
    ]
    outcomes = [words.outcome(name) for name in verdict.not_measured]
    rest = [f"Not measured: {', '.join(outcomes).lower()}"] if outcomes else []
    return tuple([*blind, *part, *rest][:most])
