"""A benchmark's card for a terminal and as plain data: what it tests, strength, weakness, licence, files, counts, cost.
Given what is known, prints it. No prompt is among it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Any

from ftsafety_spec.cli.output import console, table
from ftsafety_spec.cli.plan_view import estimate_lines, job_figures
from ftsafety_spec.cli.text import one_line

if TYPE_CHECKING:
    from ftsafety_spec.catalog.holdings import Holding
    from ftsafety_spec.catalog.known import Known
    from ftsafety_spec.pipeline.benchmarks import Cost

_MOST = 80
_JOBS = ("variant", "prompts", "repeats", "answered", "calls", "tokens in", "tokens out", "USD", "time")


def print_card(known: Known, cost: Cost | None) -> None:
    """Print a card, the files it pins, and the cost where one was asked for."""
    from rich.text import Text

    out = console()
    out.print(Text(f"{known.card.title} ({known.card.name})", style="bold"))
    rows = list(_facts(known))
    width = max(len(name) for name, _ in rows)
    for name, value in rows:
        _print_fact(name.ljust(width), value, width)
    if known.files:
        out.print()
        columns = ("file", "rows", "at", "pinned to")
        out.print(table(columns, [_file_row(item) for item in known.files], right=[1]))
    if cost is not None:
        _print_cost(cost)


def _print_fact(name: str, value: str, width: int) -> None:
    import textwrap

    lines = textwrap.wrap(one_line(value), _MOST + 30 - width, break_long_words=False) or [""]
    print(f"{name}  {lines[0]}")
    for line in lines[1:]:
        print(f"{' ' * width}  {line}")


def _facts(known: Known) -> Iterator[tuple[str, str]]:
    card, counts = known.card, known.counts
    yield "tests", card.tests
    yield "strength", card.strength
    yield "weakness", card.weakness
    if card.row:
        yield "requirement", card.row
    yield "licence", card.licence
    yield "citation", card.citation
    yield "home", card.home or ", ".join(item.file.source for item in known.files[:1]) or "this package"
    yield "revised", card.revised.isoformat()
    if counts is not None:
        independent = "" if counts.clusters == counts.prompts else f", {counts.clusters:,} of them independent"
        yield "prompts", f"{counts.prompts:,} (counted){independent}"
        yield "kinds", _counted(counts.kinds)
        yield "areas", _counted(counts.areas)
        yield "categories", f"{len(counts.categories)}: {_counted(counts.categories)}"
        if set(counts.conditions) != {"plain"}:
            yield "conditions", _counted(counts.conditions)
    else:
        yield "prompts", f"{card.prompts:,} (by the card)" if card.prompts else "not known without the data"
        yield "kinds", ", ".join(card.kinds) or "not known without the data"
        yield "categories", str(card.categories or "not known without the data")
        yield "not counted", known.why_not or ""
    yield "official metric", card.official_metric
    yield "official grader", card.official_grader or "none"
    yield "default grader", ", ".join(f"{outcome}: {name}" for outcome, name in _graders(known).items())
    yield "typical tokens", f"{card.tokens_in} in, {card.tokens_out} out"
    if card.gate is not None:
        yield "gated", f"access is granted at {card.gate.page}; the token goes into {card.gate.token_env}"
    for name, digest in (counts.accepted if counts is not None else {}).items():
        yield "NOT as pinned", f"{name} was accepted as {digest}"
    for note in card.notes:
        yield "note", note
    yield "from", known.origin


def _graders(known: Known) -> Mapping[str, str]:
    return known.benchmark.outcomes or {"by kind of prompt": known.card.default_grader}


def _counted(counts: Mapping[str, int], most: int = 24) -> str:
    shown = [f"{name} {number:,}" for name, number in list(counts.items())[:most]]
    return ", ".join([*shown, *([f"{len(counts) - most} more"] if len(counts) > most else [])])


def _file_row(item: Holding) -> tuple[object, ...]:
    pin = f"sha256:{item.file.sha256}" if item.file.sha256 else ""
    if not pin:
        pin = f"git blob {item.file.git_blob}" if item.file.git_blob else "nothing: its digest has to be accepted"
    return item.file.name, item.file.rows, item.place, pin


def _print_cost(cost: Cost) -> None:
    from rich.text import Text

    out = console()
    basis = "its prompts" if cost.counted else "the card's typical figures, as the data is not at hand"
    out.print()
    out.print(Text(f"Cost with the models of {cost.spec}, from {basis}", style="bold"))
    rows = [(job.variant, *job_figures(job)) for job in cost.jobs]
    out.print(table(_JOBS, rows, right=range(1, 9)))
    for line in estimate_lines(cost.estimate):
        print(line)


def card_json(known: Known, cost: Cost | None) -> dict[str, Any]:
    """The same as plain data."""
    card, counts = known.card, known.counts
    plain: dict[str, Any] = {
        "name": card.name,
        "kind": known.noun,
        "origin": known.origin,
        "title": card.title,
        "tests": card.tests,
        "strength": card.strength,
        "weakness": card.weakness,
        "requirement": card.row or None,
        "licence": card.licence,
        "citation": card.citation,
        "home": card.home or None,
        "revised": card.revised.isoformat(),
        "official_metric": card.official_metric,
        "official_grader": card.official_grader or None,
        "default_graders": dict(_graders(known)),
        "typical_tokens": {"in": card.tokens_in, "out": card.tokens_out},
        "gate": None if card.gate is None else {"page": card.gate.page, "token_env": card.gate.token_env},
        "notes": list(card.notes),
        "stated": {"prompts": card.prompts or None, "categories": card.categories or None, "kinds": list(card.kinds)},
        "counted": None,
        "not_counted": known.why_not,
        "files": [_file_json(item) for item in known.files],
    }
    if counts is not None:
        plain["counted"] = {
            "prompts": counts.prompts,
            "independent": counts.clusters,
            "kinds": dict(counts.kinds),
            "areas": dict(counts.areas),
            "categories": dict(counts.categories),
            "conditions": dict(counts.conditions),
            "accepted": dict(counts.accepted),
        }
    if cost is not None:
        plain["cost"] = {
            "spec": cost.spec,
            "from": "prompts" if cost.counted else "card",
            "jobs": [job.model_dump(mode="json") for job in cost.jobs],
            "estimate": cost.estimate.model_dump(mode="json"),
        }
    return plain


def _file_json(item: Holding) -> dict[str, Any]:
    return {
        "name": item.file.name,
        "source": item.file.source,
        "sha256": item.file.sha256 or None,
        "git_blob": item.file.git_blob or None,
        "rows": item.file.rows,
        "at": item.place,
        "accepted": item.accepted,
    }
