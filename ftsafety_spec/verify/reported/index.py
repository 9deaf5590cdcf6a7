"""A report's results by what they are of, for the checks: which prompts have a reading, which suites are which task.
Pure."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field
from functools import cached_property

from ftsafety_spec.records.evaluation_report import EvaluationReport, PromptResult, RateResult, SuiteClaim, Which
from ftsafety_spec.verify.reported.wanted import PromptKey, Wanted, WantedTask

WHOLE = 0.9
"""A set of prompts counts as covered from this share on (duplicates count once, so never all)."""


@dataclass(frozen=True)
class Results:
    """A report beside what is wanted. `usable`: models whose results are about ours (`base` may be another one)."""

    report: EvaluationReport
    wanted: Wanted
    usable: frozenset[Which] = field(default_factory=lambda: frozenset[Which](("tuned", "base")))

    @cached_property
    def values(self) -> dict[Which, dict[PromptKey, dict[str, list[float]]]]:
        """Model to prompt to outcome to its readings, one a repeat; prompts that nobody could read are not there."""
        found: dict[Which, dict[PromptKey, dict[str, list[float]]]] = {"tuned": {}, "base": {}}
        for row in self.report.prompts:
            if row.value is not None and row.model in self.usable:
                by_outcome = found[row.model].setdefault((row.prompt, row.condition), defaultdict(list))
                by_outcome[row.outcome].append(row.value)
        return found

    def has(self, model: Which, key: PromptKey) -> bool:
        """Whether a prompt has any reading."""
        return key in self.values[model]

    def claimed(self, task: WantedTask) -> SuiteClaim | None:
        """The report's suite that is a task of ours by its digest; else by its name, where its digest is not given."""
        suites = self.report.suites
        same = next((suite for suite in suites if suite.digest == task.digest), None)
        if same is not None:
            return same
        return next((s for s in suites if s.digest is None and s.id.casefold() in task.names), None)

    def rates(self, task: WantedTask, model: Which) -> list[RateResult]:
        """Rates of a task, where the report has rates only for it."""
        suite = self.claimed(task)
        if suite is None or model not in self.usable:
            return []
        return [row for row in self.report.rates if (row.suite, row.model) == (suite.id, model)]

    def repeats(self) -> int:
        """Answers to each prompt of tuned, at least; 0 where there is none."""
        per_prompt = repeats_of(row for row in self.report.prompts if row.model == "tuned")
        if per_prompt:
            return min(per_prompt.values())
        named = {row.suite for row in self.report.rates}
        return min((suite.repeats for suite in self.report.suites if suite.id in named), default=0)


def repeats_of(rows: Iterable[PromptResult]) -> dict[PromptKey, int]:
    """Prompt to how many different repeats were read."""
    found: dict[PromptKey, set[int]] = defaultdict(set)
    for row in rows:
        if row.value is not None:
            found[(row.prompt, row.condition)].add(row.repeat)
    return {key: len(repeats) for key, repeats in found.items()}
