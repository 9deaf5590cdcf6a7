"""Were a report's answers read by the graders that the spec means? Another grader is no lie: its readings differ in
some answers, so the spot check allows for more of them, and rows count for less."""

from __future__ import annotations

from ftsafety_spec.records.provider_report import Looked
from ftsafety_spec.verify.reported.index import Results

NAME = "graders"


def other_graders(results: Results) -> list[str]:
    """Outcomes that are both wanted and reported, and that no grader of the spec's identity read."""
    wanted: dict[str, set[str]] = {}
    for task in results.wanted.tasks:
        for outcome, identities in task.outcomes.items():
            wanted.setdefault(outcome, set()).update(identities)
    report = results.report
    reported = {row.outcome for row in report.prompts if row.model == "tuned"}
    reported |= {rate.outcome for rate in report.rates if rate.model == "tuned"}
    claimed = {outcome: {g.identity for g in report.graders if g.outcome == outcome} for outcome in reported}
    return sorted(o for o in reported & set(wanted) if not claimed[o] or not claimed[o] <= wanted[o])


def graders(results: Results) -> Looked:
    """One row."""
    other = other_graders(results)
    if not other:
        return Looked(check=NAME, state="holds", sentence="The spec's own graders read the answers.")
    sentence = f"Other graders than the spec's, or unknown ones, read {', '.join(other)}."
    return Looked(check=NAME, state="unclear", sentence=sentence)
