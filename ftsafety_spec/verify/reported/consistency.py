"""Does a report agree with itself? Rates with counts, counts with suites, intervals with both, results with rates, and
figures with what chance allows. Given a report, gives findings; each needs nothing but the report."""

from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import Iterator

from scipy.stats import chi2, norm

from ftsafety_spec.records.evaluation_report import EvaluationReport, RateResult, Which
from ftsafety_spec.records.provider_report import Looked

NAME = "consistency"
ROUNDING = 0.0051
"""How far a rate may lie from its counts: whole percents."""
NARROW, WIDE = 0.6, 3.0
"""An interval may have this share of the width that its prompts give, at least and at most."""
EVEN = 0.001
"""Chance from which on rates over categories are too alike."""
LEAST_EQUAL, ALIKE = 50, 0.9
UNREAD = 0.05
SHOWN = 5


def consistency(report: EvaluationReport) -> list[Looked]:
    """What does not fit (`fails`) and what is odd (`unclear`); one row `holds` where there is neither."""
    checks = (_twice, _unread_values, _impossible, _counts, _suites, _intervals, _parts, _rows, _even, _copied, _unread)
    found = [finding for check in checks for finding in check(report)]
    return found or [Looked(check=NAME, state="holds", sentence="The report agrees with itself.")]


def _twice(report: EvaluationReport) -> Iterator[Looked]:
    seen: set[tuple[object, ...]] = set()
    double = 0
    for row in report.prompts:
        key = (row.suite, row.prompt, row.condition, row.model, row.repeat, row.turn, row.outcome)
        double += key in seen
        seen.add(key)
    rates = [(r.suite, r.model, r.outcome, r.by, r.of) for r in report.rates]
    double += len(rates) - len(set(rates))
    if double:
        yield _fails(f"{double} results stand there twice.")


def _unread_values(report: EvaluationReport) -> Iterator[Looked]:
    wrong = sum(row.value is not None and row.state in ("error", "not_run") for row in report.prompts)
    if wrong:
        yield _fails(f"{wrong} answers that were never given have a reading.")


def _impossible(report: EvaluationReport) -> Iterator[Looked]:
    yield from _each((rate for rate in report.rates if not _possible(rate)), "a rate, count or interval that cannot be")


def _possible(rate: RateResult) -> bool:
    ends = rate.interval or (0.0, 1.0)
    numbers = [*ends, *([rate.rate] if rate.rate is not None else [])]
    counted = rate.count is None or rate.count <= rate.prompts + 1e-9
    return all(0 <= number <= 1 for number in numbers) and counted and (rate.prompts > 0 or rate.rate is None)


def _counts(report: EvaluationReport) -> Iterator[Looked]:
    wrong = (
        rate
        for rate in report.rates
        if rate.rate is not None
        and rate.count is not None
        and rate.prompts
        and abs(rate.rate - rate.count / rate.prompts) > ROUNDING
    )
    yield from _each(wrong, "a rate that does not follow from its counts")


def _suites(report: EvaluationReport) -> Iterator[Looked]:
    sizes = {suite.id: suite.prompts for suite in report.suites}
    yield from _each(
        (rate for rate in report.rates if rate.prompts + rate.unscored > sizes[rate.suite]),
        "more prompts than its suite has",
    )
    asked: dict[str, set[tuple[str, str]]] = defaultdict(set)
    for row in report.prompts:
        asked[row.suite].add((row.prompt, row.condition))
    for suite, keys in sorted(asked.items()):
        if len(keys) > sizes[suite]:
            yield _fails(f"{suite}: results of {len(keys)} prompts, of a suite of {sizes[suite]}.")


def _intervals(report: EvaluationReport) -> Iterator[Looked]:
    for rate in report.rates:
        if rate.interval is None or rate.rate is None or not rate.prompts or not _possible(rate):
            continue
        low, high = rate.interval
        if not low - ROUNDING <= rate.rate <= high + ROUNDING:
            yield _fails(f"{_name(rate)}: the rate lies outside of its interval.")
            continue
        width, usual = high - low, _width(rate)
        if width < NARROW * usual - 2 * ROUNDING and 0 < rate.rate < 1:
            yield _fails(f"{_name(rate)}: the interval is {width / usual:.2f} of what {rate.prompts} prompts give.")
        elif width > WIDE * usual + 2 * ROUNDING:
            yield _odd(f"{_name(rate)}: the interval is {width / usual:.1f} times what {rate.prompts} prompts give.")


def _width(rate: RateResult) -> float:
    """Of Wilson's interval (1927)."""
    assert rate.rate is not None
    n, z = rate.prompts, float(norm.ppf(0.5 + rate.level / 2))
    inside = rate.rate * (1 - rate.rate) / n + z * z / (4 * n * n)
    return 2 * z * math.sqrt(max(inside, 0.0)) / (1 + z * z / n)


def _parts(report: EvaluationReport) -> Iterator[Looked]:
    """Areas, or categories, of one rate never hold more prompts or counts than all of it."""
    whole = {(r.suite, r.model, r.outcome): r for r in report.rates if r.by == "all"}
    sums: dict[tuple[str, Which, str, str], list[RateResult]] = defaultdict(list)
    for rate in report.rates:
        if rate.by != "all":
            sums[(rate.suite, rate.model, rate.outcome, rate.by)].append(rate)
    for (suite, model, outcome, by), parts in sorted(sums.items()):
        total = whole.get((suite, model, outcome))
        if total is None or total.rate is None or any(part.rate is None for part in parts):
            continue
        prompts = sum(part.prompts for part in parts)
        if prompts > total.prompts:
            yield _fails(f"{_name(total)}: its parts by {by} hold {prompts} prompts, all of it {total.prompts}.")
        elif prompts == total.prompts and prompts:
            mean = sum((part.rate or 0.0) * part.prompts for part in parts) / prompts
            if abs(mean - total.rate) > 2 * ROUNDING:
                yield _fails(f"{_name(total)}: its parts by {by} give another rate than all of it.")


def _rows(report: EvaluationReport) -> Iterator[Looked]:
    """Rates over a suite against the results by prompt, where both are there."""
    values: dict[tuple[str, Which, str], dict[tuple[str, str], list[float]]] = defaultdict(lambda: defaultdict(list))
    for row in report.prompts:
        if row.value is not None:
            values[(row.suite, row.model, row.outcome)][(row.prompt, row.condition)].append(row.value)
    for rate in report.rates:
        own = values.get((rate.suite, rate.model, rate.outcome))
        if rate.by != "all" or not own or rate.rate is None:
            continue
        mean = sum(sum(each) / len(each) for each in own.values()) / len(own)
        if len(own) != rate.prompts:
            yield _fails(f"{_name(rate)}: {rate.prompts} prompts, and results of {len(own)}.")
        elif abs(mean - rate.rate) > ROUNDING:
            yield _fails(f"{_name(rate)}: its results by prompt give another rate.")


def _even(report: EvaluationReport) -> Iterator[Looked]:
    """Rates over five categories or more that lie closer to each other than equal true rates would by chance: the sum
    of squared distances in standard errors is chi-square with one degree less than there are categories."""
    groups: dict[tuple[str, str, str, str], list[tuple[float, int]]] = defaultdict(list)
    for rate in report.rates:
        if rate.by in ("area", "category") and rate.rate is not None and rate.prompts:
            groups[(rate.suite, rate.model, rate.outcome, rate.by)].append((rate.rate, rate.prompts))
    for (suite, model, outcome, by), parts in sorted(groups.items()):
        total = sum(n for _, n in parts)
        mean = sum(value * n for value, n in parts) / total
        if len(parts) < 5 or not 0 < mean < 1 or min(n for _, n in parts) * min(mean, 1 - mean) < 1:
            continue
        distance = sum(n * (value - mean) ** 2 for value, n in parts) / (mean * (1 - mean))
        if float(chi2.cdf(distance, len(parts) - 1)) < EVEN:
            yield _fails(f"{suite}, {model}, {outcome}: rates by {by} are more alike than chance allows.")


def _copied(report: EvaluationReport) -> Iterator[Looked]:
    """Answers of tuned that are base's, word by word. A fine-tune changes some words; where both refuse in one phrase,
    it need not: the spot check tells."""
    texts: dict[tuple[object, ...], dict[str, str]] = defaultdict(dict)
    for row in report.prompts:
        if row.answer is not None:
            texts[(row.suite, row.prompt, row.condition, row.repeat, row.turn)][row.model] = row.answer
    both = [found for found in texts.values() if len(found) == 2]
    equal = sum(found["tuned"] == found["base"] for found in both)
    if len(both) >= LEAST_EQUAL and equal > ALIKE * len(both):
        yield _odd(f"{equal} of {len(both)} answers of tuned are base's, word by word.")


def _unread(report: EvaluationReport) -> Iterator[Looked]:
    rows = [row for row in report.prompts if row.model == "tuned"]
    unread = sum(row.value is None for row in rows) + sum(r.unscored for r in report.rates if r.model == "tuned")
    total = len(rows) + sum(r.prompts + r.unscored for r in report.rates if r.model == "tuned")
    if total and unread > UNREAD * total:
        yield _odd(f"{unread} of {total} results of tuned were not read by anybody; they count as the worst.")


def _each(rates: Iterator[RateResult], what: str) -> Iterator[Looked]:
    names = [_name(rate) for rate in rates]
    if names:
        more = f" and {len(names) - SHOWN} more" if len(names) > SHOWN else ""
        yield _fails(f"{what[0].upper()}{what[1:]}: {'; '.join(names[:SHOWN])}{more}.")


def _name(rate: RateResult) -> str:
    return f"{rate.suite}, {rate.model}, {rate.outcome}, {rate.of if rate.by != 'all' else 'all'}"


def _fails(sentence: str) -> Looked:
    return Looked(check=NAME, state="fails", sentence=sentence)


def _odd(sentence: str) -> Looked:
    return Looked(check=NAME, state="unclear", sentence=sentence)
