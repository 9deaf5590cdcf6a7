"""Prompts on which base and tuned differ, both answers side by side with their differences marked, page by page."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from fastapi import APIRouter, Request
from fastapi.responses import HTMLResponse

from ftsafety_spec.console.desk import Desk, desk_of
from ftsafety_spec.console.differ import differences
from ftsafety_spec.console.framing import logs_of, run_framed
from ftsafety_spec.console.heads import Head
from ftsafety_spec.console.pairs import SHOWN, Asked, Facets, Pair, facets, paired, pairs, turned_tasks
from ftsafety_spec.errors import NotFoundError
from ftsafety_spec.records.folder import RunFolder
from ftsafety_spec.records.locked import LockedSpec, Variant
from ftsafety_spec.report.safe import cut
from ftsafety_spec.spec.common import OUTCOMES

if TYPE_CHECKING:
    import duckdb

router = APIRouter()
TABLES = ("tables/answers.parquet", "tables/grades.parquet")
MOST_CHARACTERS = 6000


@router.get("/runs/{run}/pairs")
def pairs_page(request: Request, run: str) -> HTMLResponse:
    """One page of pairs."""
    desk = desk_of(request)
    head = desk.run(run)
    locked, choices = chosen_from(desk, head)
    asked = asked_of(request.query_params, locked, choices)
    values: dict[str, Any] = {"asked": asked, "choices": choices, "shown": SHOWN, "variants": _compared(locked)}
    if asked is None:
        return run_framed(request, desk, head, "pairs", "pairs.html.j2", found=None, **values)
    found = pairs(RunFolder(head.path), paired_of(desk, head, asked), asked)
    rows = [shown(pair, asked) for pair in found.pairs]
    return run_framed(
        request, desk, head, "pairs", "pairs.html.j2", found=found, rows=rows, logs=logs_of(desk, head), **values
    )


def chosen_from(desk: Desk, head: Head) -> tuple[LockedSpec, Facets]:
    """The run's spec, and what its tables hold to choose from."""
    folder = RunFolder(head.path)
    locked = desk.kept.get("spec", head.path, ("spec.lock.json",), lambda: folder.read(LockedSpec))
    return locked, desk.kept.get("facets", head.path, TABLES, lambda: facets(folder))


def paired_of(desk: Desk, head: Head, asked: Asked) -> duckdb.DuckDBPyConnection:
    """The run's tables with its pairs, made once for a variant and outcome."""
    what = f"paired {asked.variant} {asked.outcome}"
    return desk.kept.get(what, head.path, TABLES, lambda: paired(RunFolder(head.path), asked))


def _compared(locked: LockedSpec) -> list[Variant]:
    found = [item for item in locked.variants.values() if item.against is not None]
    return sorted(found, key=lambda item: (not item.deploy, item.role == "part"))


def asked_of(given: Mapping[str, str], locked: LockedSpec, choices: Facets) -> Asked | None:
    """What an address asks for, the first of each where it says nothing; None where there is nothing to compare. Raises
    NotFoundError for a name that this run does not have."""
    variants = {item.id: item for item in _compared(locked)}
    if not variants or not choices.outcomes:
        return None
    variant = variants[_chosen("variant", given, list(variants), next(iter(variants)))]
    first = "refusal" if "refusal" in choices.outcomes else choices.outcomes[0]
    outcome = _chosen("outcome", given, list(choices.outcomes), first)
    safer, turned = _direction(locked, outcome)
    page = given.get("page", "1")
    return Asked(
        variant=variant.id,
        against=str(variant.against),
        outcome=outcome,
        higher=safer == "higher",
        turned=turned,
        show=_chosen("show", given, list(SHOWN), "differ"),
        area=_chosen("area", given, ["", *choices.areas], ""),
        task=_chosen("task", given, ["", *choices.tasks], ""),
        page=max(1, int(page)) if page.isascii() and page.isdecimal() and len(page) < 7 else 1,
    )


def _chosen(name: str, given: Mapping[str, str], valid: list[str], default: str) -> str:
    found = given.get(name) or default
    if found not in valid:
        raise NotFoundError(name, found, [item for item in valid if item])
    return found


def _direction(locked: LockedSpec, outcome: str) -> tuple[str, tuple[str, ...]]:
    """The outcome's direction, and the tasks that count it the other way."""
    own = [
        (f"{suite_id}.{task_id}", task.outcomes[outcome].safer)
        for suite_id, suite in sorted(locked.spec.suites.items())
        for task_id, task in sorted(suite.tasks.items())
        if outcome in task.outcomes
    ]
    safer = OUTCOMES.get(outcome) or (own[0][1] if own else "higher")
    return safer, turned_tasks(own, safer)


def shown(pair: Pair, asked: Asked) -> dict[str, Any]:
    """A pair with its texts cut to a readable length and their differences marked."""
    base, left_out = cut(pair.base.text or "", MOST_CHARACTERS)
    tuned, more = cut(pair.tuned.text or "", MOST_CHARACTERS)
    both = pair.base.text is not None and pair.tuned.text is not None
    tone = "info" if pair.loss == 0 or asked.outcome == "value_shift" else "block" if pair.loss > 0 else "deploy"
    word = {"info": "differs" if pair.loss else "same", "block": "less safe", "deploy": "safer"}[tone]
    return {
        "pair": pair,
        "marked": differences(base, tuned) if both else differences(base, base) if pair.base.text else None,
        "tone": tone,
        "word": word,
        "left_out": left_out + more,
    }
