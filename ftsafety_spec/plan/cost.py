"""What a plan costs: calls, tokens, dollars, seconds. Given prompts, prices and what this engine did before,
gives job rows and totals as ranges. A figure that is not known is null, never zero."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from ftsafety_spec.catalog.base import Prompt
from ftsafety_spec.catalog.load import LoadedTask
from ftsafety_spec.records.plan import Estimate, Grading, Job
from ftsafety_spec.spec.provider import Prices, Provider
from ftsafety_spec.spec.spec import Budget, Generation

#: tokens a second with all slots busy, (slow, fast): orientation where this engine has no measurements yet
SPEED: Mapping[str, tuple[float, float]] = {
    "llamacpp": (60.0, 250.0),
    "local": (80.0, 400.0),
    "recorded": (1e5, 1e6),
}
API_SPEED_PER_CALL = (15.0, 80.0)
TEMPLATE_TOKENS = 12
CHARACTERS_PER_TOKEN = 4.0
USUAL_ANSWER = 200


@dataclass(frozen=True)
class History:
    """Means over answers that this generation key gave before."""

    answers: int
    tokens_out: float
    seconds: float

    @classmethod
    def of(cls, rows: Sequence[Mapping[str, Any]]) -> History | None:
        """From store rows; None where nothing was answered with a token count."""
        counted = [row for row in rows if row.get("tokens_out") is not None]
        if not counted:
            return None
        timed = [float(row["seconds"]) for row in counted if row.get("seconds") is not None]
        mean = sum(float(row["tokens_out"]) for row in counted) / len(counted)
        return cls(len(counted), mean, sum(timed) / len(timed) if timed else 0.0)


def tokens_of(text: str) -> int:
    """A rough count of tokens: four characters each, template aside."""
    return max(1, round(len(text) / CHARACTERS_PER_TOKEN))


def job_row(
    variant: str,
    task: LoadedTask,
    repeats: int,
    cached: int,
    generation_key: str,
    *,
    system_tokens: int,
    generation: Generation,
    prices: Prices | None,
    provider: Provider,
    history: History | None,
) -> Job:
    """One variant on one task: what is left to ask, with expected tokens, dollars and seconds."""
    answers = sum(len(prompt.turn_numbers) for prompt in task.prompts)
    calls = max(0, answers * repeats - cached)
    share = calls / max(1, answers * repeats)
    each = history.tokens_out if history is not None else min(generation.max_tokens, USUAL_ANSWER)
    per_prompt = sum(_shown(prompt, system_tokens, each) for prompt in task.prompts) * repeats
    tokens_in = round(per_prompt * share)
    tokens_out = round(calls * each)
    return Job(
        variant=variant,
        suite=task.suite,
        task=task.task,
        prompts=len(task.prompts),
        repeats=repeats,
        generation_key=generation_key,
        cached=cached,
        calls=calls,
        tokens_in=tokens_in,
        tokens_out=tokens_out,
        usd=dollars(tokens_in, tokens_out, prices),
        seconds=seconds_of(tokens_out, calls, provider, history) if calls else 0.0,
        answers=answers if answers != len(task.prompts) else None,
    )


def _shown(prompt: Prompt, system_tokens: int, answer: float) -> float:
    """Tokens that are shown for all answers to a prompt: a conversation's turn sees what was said before it."""
    shown, total = float(system_tokens), 0.0
    for turn in prompt.turn_numbers:
        shown += tokens_of(prompt.user_turn(turn).text) + TEMPLATE_TOKENS
        total += shown
        shown += answer
    return total


def dollars(tokens_in: int, tokens_out: int, prices: Prices | None) -> str | None:
    """Price of tokens as a decimal string; None where the price is unknown."""
    if prices is None:
        return None
    total = Decimal(tokens_in) * Decimal(str(prices.input)) + Decimal(tokens_out) * Decimal(str(prices.output))
    return f"{total / 1_000_000:.4f}"


def seconds_of(tokens_out: int, calls: int, provider: Provider, history: History | None) -> float:
    """Expected seconds of a job. Past seconds a call are divided by the requests in flight."""
    if history is not None and history.seconds > 0:
        return calls * history.seconds / provider.concurrency
    slow, fast = SPEED.get(provider.kind, tuple(rate * provider.concurrency for rate in API_SPEED_PER_CALL))
    return float(tokens_out / (slow * fast) ** 0.5)


def totals(
    jobs: Sequence[Job | Grading], budget: Budget, *, known: bool, most: float, waiting: float = 0.0
) -> Estimate:
    """Totals over jobs and gradings as (low, high). `known`: this engine was timed before, so that the range is narrow;
    `most`: how many times longer than expected an answer can get before max_tokens cuts it; `waiting`: seconds that
    batches take at most."""
    low, high = (0.7, 1.5) if known else (0.4, 2.5)
    expected = sum(job.seconds or 0.0 for job in jobs)
    seconds = (round(expected * low, 1), round(expected * high * max(1.0, min(most, 2.0)), 1))
    usd = _total_usd(jobs, seconds, budget, most)
    seconds = (seconds[0], seconds[1] + waiting)
    return Estimate(
        calls=sum(job.calls for job in jobs),
        cached=sum(job.cached for job in jobs if isinstance(job, Job)),
        tokens_in=sum(job.tokens_in for job in jobs),
        tokens_out=sum(job.tokens_out for job in jobs),
        usd=usd,
        seconds=seconds,
        over_budget=_over(usd, seconds, budget),
    )


def _total_usd(
    jobs: Sequence[Job | Grading], seconds: tuple[float, float], budget: Budget, most: float
) -> tuple[str, str] | None:
    if any(job.usd is None for job in jobs if job.calls):
        return None
    tokens = sum((Decimal(job.usd or "0") for job in jobs), Decimal(0))
    hour = Decimal(str(budget.machine_usd_per_hour))
    machine = [hour * Decimal(str(end)) / 3600 for end in seconds]
    return f"{tokens / 2 + machine[0]:.2f}", f"{tokens * Decimal(str(max(1.0, most))) + machine[1]:.2f}"


def _over(usd: tuple[str, str] | None, seconds: tuple[float, float], budget: Budget) -> tuple[str, ...]:
    over = []
    if budget.usd is not None and usd is not None and float(usd[1]) > budget.usd:
        over.append(f"up to {usd[1]} USD against a budget of {budget.usd:g} USD")
    if budget.hours is not None and seconds[1] > budget.hours * 3600:
        over.append(f"up to {seconds[1] / 3600:.1f} hours against a budget of {budget.hours:g} hours")
    return tuple(over)
