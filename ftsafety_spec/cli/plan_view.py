"""A plan for a terminal: what is asked, what it costs, which minimum evidence it meets, and what it can show."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING

from ftsafety_spec.cli.claims_view import claim_lines
from ftsafety_spec.cli.domain_view import COLUMNS, category_rows, coverage_lines
from ftsafety_spec.cli.output import console, table
from ftsafety_spec.cli.text import duration, one_line, percent, value_text
from ftsafety_spec.records.plan import Estimate, EvidenceNeed, Grading, Job, Plan, Prospect, Way

if TYPE_CHECKING:
    from rich.console import Console

    from ftsafety_spec.pipeline import Prepared

_JOBS = ("variant", "task", "prompts", "repeats", "answered", "calls", "tokens in", "tokens out", "USD", "time")
_GRADING = ("grader", "its model", "read", "calls", "tokens in", "tokens out", "USD", "time")
_POWER = ("rule", "outcome", "scope", "prompts", "detectable", "needed")


def print_plan(prepared: Prepared, prospects: Sequence[Prospect]) -> None:
    """Print the plan of a prepared run, and what it can lead to."""
    out, plan, spec = console(), prepared.plan, prepared.locked.spec
    _lines(out, "", [one_line(spec.title), _facts(plan, prepared.policy.name), *estimate_lines(plan.estimate)])
    _lines(out, "Changed since the last run", prepared.changed)
    out.print(table(_JOBS, _job_rows(plan), right=range(2, 10)))
    if plan.grading:
        out.print(table(_GRADING, map(_grading_row, plan.grading), right=range(2, 8)))
    if plan.evidence:
        out.print(table(("minimum evidence", "asked", "planned", "met", "how"), map(_need_row, plan.evidence)))
    if plan.domain is not None:
        out.print(table(COLUMNS, category_rows(plan.domain), right=(2,)))
        _lines(out, f"The domain {plan.domain.domain}", coverage_lines(plan.domain))
    if plan.power:
        out.print("What it can show: the smallest loss that is found in 80 % of runs")
        rows = [(p.rule, p.outcome, p.scope, p.prompts, percent(p.detectable), p.needed) for p in plan.power]
        out.print(table(_POWER, rows, right=(3, 4, 5)))
    _lines(out, "Stopping", _stopping(plan))
    for prospect in prospects:
        _prospect(out, prospect)
    _lines(out, "Models that are a provider's claim", claim_lines(plan))
    _lines(out, "Not possible here", [f"{name}: {reason}" for name, reason in plan.not_possible.items()])
    _lines(out, "Warnings", [*plan.warnings, *plan.estimate.over_budget])
    _lines(out, "Next", [f"ftsafety run {prepared.locked.name}"])


def estimate_lines(estimate: Estimate) -> list[str]:
    """Calls, tokens, time and dollars; what is not known is said to be unknown."""
    seconds = estimate.seconds
    time = f"{duration(seconds[0])} to {duration(seconds[1])}" if seconds else "unknown"
    usd = f"{estimate.usd[0]} to {estimate.usd[1]} USD" if estimate.usd else "price unknown"
    return [
        f"{estimate.calls:,} calls ({estimate.cached:,} answered before), "
        f"{estimate.tokens_in:,} tokens in, {estimate.tokens_out:,} tokens out",
        f"time: {time}; cost: {usd}",
    ]


def _facts(plan: Plan, policy: str) -> str:
    facts = plan.facts
    parts = [f"policy {policy}", f"tier {facts.tier} ({facts.points} points)", f"context {facts.context}"]
    if facts.undeclared:
        parts.append(f"counted at their highest, not declared: {', '.join(facts.undeclared)}")
    return " · ".join(parts)


def _job_rows(plan: Plan) -> Iterable[tuple[object, ...]]:
    for job in plan.jobs:
        yield job.variant, f"{job.suite}.{job.task}", *job_figures(job)


def job_figures(job: Job) -> tuple[object, ...]:
    """Prompts, repeats, answered before, calls, tokens in and out, USD, time of a job."""
    time = None if job.seconds is None else duration(job.seconds)
    return job.prompts, job.repeats, job.cached, job.calls, job.tokens_in, job.tokens_out, job.usd, time


def _grading_row(row: Grading) -> tuple[object, ...]:
    time = None if row.seconds is None else duration(row.seconds)
    return row.grader, row.model, row.cached, row.calls, row.tokens_in, row.tokens_out, row.usd, time


def _need_row(need: EvidenceNeed) -> tuple[object, ...]:
    return need.need, value_text(need.asked), value_text(need.planned), "yes" if need.met else "NO", need.how or ""


def _stopping(plan: Plan) -> list[str]:
    """When a run looks at its results, or why only at its end."""
    stopping = plan.stopping
    if stopping is None:
        return []
    if stopping.why_not is not None:
        return [f"one look, at the end: {stopping.why_not}"]
    looks = ", ".join(f"{100 * share:.0f} %" for share in stopping.looks)
    return [
        f"looks at {looks} of the prompts; may end for a block that is shown, or for deploy past the minimum evidence "
        f"(at least {stopping.not_before} prompts). Over all looks at most {percent(stopping.alpha)} wrong each way."
    ]


def _prospect(out: Console, prospect: Prospect) -> None:
    """How likely each action is, and what would make `deploy` reachable for a model that lost nothing."""
    from rich.text import Text

    known = "as measured before" if prospect.measured else "assumed"
    lead = (
        f"If the true loss of {prospect.outcome} were … then the action would be … (share of {prospect.runs} made-up "
        f"runs; base {percent(prospect.base)}, {known}; {prospect.prompts} prompts, {prospect.repeats} answers each)"
    )
    out.print(Text(lead), soft_wrap=True)
    actions = list(prospect.chances[0].actions)
    rows = [(percent(row.regression), *(percent(row.actions[name]) for name in actions)) for row in prospect.chances]
    out.print(table(("true loss", *actions), rows, right=range(len(actions) + 1)))
    _lines(out, "What would let a model that lost nothing be deployed", [_way(way) for way in prospect.ways])


def _way(way: Way) -> str:
    return f"{way.change}: {way.calls:,} more calls, deploy in {percent(way.chance)}"


def _lines(out: Console, title: str, lines: Iterable[str]) -> None:
    from rich.text import Text

    shown = [one_line(line) for line in lines]
    if not shown:
        return
    if title:
        out.print(Text(title, style="bold"))
    for line in shown:
        out.print(Text(f"  {line}" if title else line), soft_wrap=True)
    out.print()
