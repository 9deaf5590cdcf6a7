"""What graders with a model will be asked, and what that costs. Given loaded tasks, a panel and the store, gives one
row a grader; readings that the store holds are not counted again. Asks no model."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from functools import cache
from typing import Any

from ftsafety_spec.catalog.base import Prompt
from ftsafety_spec.catalog.load import LoadedTask
from ftsafety_spec.graders.panel import Panel
from ftsafety_spec.graders.uses import kind_uses
from ftsafety_spec.plan.cost import USUAL_ANSWER, dollars, seconds_of, tokens_of
from ftsafety_spec.records.identity import answer_key, grade_key, told_digest
from ftsafety_spec.records.locked import LockedSpec
from ftsafety_spec.records.plan import GraderUse, Grading, Job
from ftsafety_spec.records.store import Store

Keys = Mapping[tuple[str, str, str], str]
Graded = Callable[[str], Mapping[str, object]]


def grading_rows(
    locked: LockedSpec, tasks: Sequence[LoadedTask], panel: Panel, jobs: Sequence[Job], store: Store
) -> list[Grading]:
    """One row for each grader with a model that the suites use, by name."""
    keys = {(job.variant, job.suite, job.task): job.generation_key or "" for job in jobs}
    wanted: dict[str, list[tuple[int, bool]]] = {}
    graded = cache(store.graded)
    for task in tasks:
        if task.inspect is None or not task.spec.outcomes:
            for grader, tokens, known in _questions(locked, task, panel, keys, store, graded):
                wanted.setdefault(grader, []).append((tokens, known))
    return [_row(locked, name, panel, wanted[name]) for name in sorted(wanted)]


def _questions(
    locked: LockedSpec, task: LoadedTask, panel: Panel, keys: Keys, store: Store, graded: Graded
) -> Iterator[tuple[str, int, bool]]:
    """Grader, tokens of request and answer, and whether the store has the readings: for each answer."""
    suite = locked.spec.suites[task.suite]
    by_kind = {
        kind: _by_grader(kind_uses(suite, task, kind, panel), panel) for kind in {item.kind for item in task.prompts}
    }
    if not any(by_kind.values()):
        return
    for variant in locked.variants:
        key = keys[variant, task.suite, task.task]
        answered = store.answered(key)
        for prompt in task.prompts:
            for repeat in range(locked.spec.repeats):
                for row, said in _rows(prompt, key, repeat, answered):
                    for grader, uses in by_kind[prompt.kind].items():
                        known = row is not None and _known(prompt, row, uses, graded, said)
                        yield grader, _tokens(locked, prompt, row), known


def _rows(
    prompt: Prompt, key: str, repeat: int, answered: Mapping[str, Mapping[str, Any]]
) -> Iterator[tuple[Mapping[str, Any] | None, Sequence[str | None]]]:
    """What the store has of each answer that is read, with the digests of a conversation's answers before it."""
    said: list[str | None] = []
    for turn in prompt.turn_numbers:
        row = answered.get(answer_key(key, prompt.digest, prompt.condition, repeat, turn))
        if prompt.user_turn(turn).asks:
            yield row, said
        said.append(row.get("text") if row is not None else None)


def _by_grader(uses: Sequence[GraderUse], panel: Panel) -> dict[str, list[GraderUse]]:
    found: dict[str, list[GraderUse]] = {}
    for use in uses:
        if use.grader in panel.behind:
            found.setdefault(use.grader, []).append(use)
    return found


def _known(
    prompt: Prompt, row: Mapping[str, Any], uses: Sequence[GraderUse], graded: Graded, said: Sequence[str | None]
) -> bool:
    told = told_digest(prompt.metadata, row.get("first"), said)
    keys = [(use.identity, grade_key(row.get("text"), prompt.digest, use.identity, use.outcome, told)) for use in uses]
    return all(key in graded(identity) for identity, key in keys)


def _tokens(locked: LockedSpec, prompt: Prompt, row: Mapping[str, Any] | None) -> int:
    answer = row.get("tokens_out") if row is not None else None
    usual = min(locked.spec.deployment.generation.max_tokens, USUAL_ANSWER)
    return tokens_of(prompt.transcript) + int(usual if answer is None else answer)


def _row(locked: LockedSpec, name: str, panel: Panel, wanted: Sequence[tuple[int, bool]]) -> Grading:
    behind, grader = panel.behind[name], panel.get(name)
    open_ = [tokens for tokens, known in wanted if not known]
    tokens_in = sum(open_) + len(open_) * int(getattr(grader, "tokens_in", 0))
    entry = locked.spec.grader_models[behind.id]
    tokens_out = len(open_) * (entry.max_tokens or int(getattr(grader, "tokens_out", 0)))
    definition = locked.providers[entry.provider]
    return Grading(
        grader=name,
        model=behind.words,
        identity=behind.identity,
        cached=len(wanted) - len(open_),
        calls=len(open_),
        tokens_in=tokens_in,
        tokens_out=tokens_out,
        usd=dollars(tokens_in, tokens_out, behind.prices),
        seconds=seconds_of(tokens_out, len(open_), definition, None) if open_ else 0.0,
    )
