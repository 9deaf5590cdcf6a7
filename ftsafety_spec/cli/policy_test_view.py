"""Policy cases and what policies cannot do, for a terminal. Given results, gives blocks; prints problems to stderr."""

from __future__ import annotations

import sys
from collections.abc import Iterator, Sequence
from typing import Any

from ftsafety_spec.cli.errors import problem_json, problem_text
from ftsafety_spec.pipeline.policy_lint import Lint
from ftsafety_spec.pipeline.policy_test import CaseResult, Coverage, Tested
from ftsafety_spec.report.blocks import Block, Heading, Points, Text
from ftsafety_spec.report.numbers import plural


def tested_blocks(made: Tested) -> list[Block]:
    """Cases that failed first, then how many passed, then what no case reaches."""
    blocks: list[Block] = []
    for result in made.results:
        if not result.passed:
            blocks += _failed(result)
    passed = len(made.results) - made.failed
    blocks.append(Heading(f"{plural(passed, 'case')} passed, {made.failed} failed"))
    for coverage in made.coverage:
        blocks += _coverage(coverage)
    return blocks


def _failed(result: CaseResult) -> Iterator[Block]:
    yield Heading(f"FAILED {result.id} ({result.place}), policy {result.policy}")
    yield Points(result.differs)
    yield Text(f"found: action {result.action}, decision {result.decision}. " + " ".join(result.reasons))


def _coverage(coverage: Coverage) -> Iterator[Block]:
    yield Text(f"{coverage.policy}: cases reach {coverage.reached} of {coverage.possible} results of its rules.")
    yield Points(tuple(f"{rule}: never {', '.join(words)}" for rule, words in coverage.never.items()))


def print_lints(lints: Sequence[Lint]) -> None:
    """Each with its place, to stderr as every other problem."""
    for item in lints:
        print(f"{item.level}: {problem_text(item.problem)}", file=sys.stderr)


def lint_json(item: Lint) -> dict[str, Any]:
    """Plain data of one finding."""
    return {"level": item.level, **problem_json(item.problem)}
