"""The coverage of a use case's domain for a terminal. Given a plan's coverage, gives rows and lines. Prints nothing."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator

from ftsafety_spec.cli.text import value_text
from ftsafety_spec.records.plan import CategoryCoverage, DomainCoverage

COLUMNS = ("category of the domain", "areas", "prompts", "from")


def category_rows(coverage: DomainCoverage) -> Iterator[tuple[object, ...]]:
    """One row a category."""
    for row in coverage.categories:
        yield row.category, value_text(row.areas), row.prompts, value_text(_origins(row))


def coverage_lines(coverage: DomainCoverage) -> Iterator[str]:
    """Which minimum each area meets, and what is missing."""
    rules = ", ".join(coverage.rules)
    for row in coverage.areas:
        if row.asked is not None:
            state = "met" if row.met else f"NOT met, {row.asked - row.prompts} more"
            yield f"{row.area}: {row.prompts} prompts, {row.asked} asked by {rules}: {state}"
    yield from coverage.notes


def _origins(row: CategoryCoverage) -> Counter[str]:
    """Benchmarks and writers by their kind: the plan's JSON names each."""
    found = Counter[str]()
    for origin, count in row.origins.items():
        found[origin.partition(":")[0]] += count
    return found
