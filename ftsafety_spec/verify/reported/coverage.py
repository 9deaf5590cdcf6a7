"""What a report covers of a spec: tasks, areas and categories of its domain, writings, outcomes, repeats, base, and the
policy's minima. One row a need: covered, partly, not. A set of prompts is matched by digest; where a report has rates
only, by the suite's digest or name."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator

from ftsafety_spec.records.evaluation_report import Which
from ftsafety_spec.records.plan import EvidenceNeed
from ftsafety_spec.records.provider_report import Covered
from ftsafety_spec.verify.reported.index import WHOLE, Results
from ftsafety_spec.verify.reported.wanted import PromptKey, WantedPrompt, WantedTask

COUNTED = ("harmful", "borderline")
NEVER = {
    "session": "people of yours probe the model: `ftsafety redteam RUN`",
    "triggers": "triggers are hunted by a run of yours",
    "weights": "weights are compared by a run of yours",
}
"""Minima that no report of answers can stand for."""


def coverage(results: Results) -> list[Covered]:
    """All rows, each at the full weight of its share; `decide` lowers weights."""
    rows = [*_tasks(results), *_base(results), *_domain(results), *_scripts(results)]
    return [*rows, *_outcomes(results), _repeats(results), *_needs(results)]


def is_yours(row: Covered) -> bool:
    """Whether no report can cover a row: whoever deploys owes it, however good the report is."""
    return row.note in NEVER.values()


def uncovered(results: Results) -> list[WantedPrompt]:
    """The prompts for which the report has no result of tuned: what is left to be measured."""
    whole = {(task.suite, task.task) for task in results.wanted.tasks if _by_rate(results, task, "tuned") >= WHOLE}
    return [
        prompt
        for prompt in results.wanted.prompts
        if not results.has("tuned", prompt.key) and (prompt.suite, prompt.task) not in whole
    ]


def _tasks(results: Results) -> Iterator[Covered]:
    for task in results.wanted.tasks:
        own = results.wanted.of(task)
        found, asked = _count(results, own, "tuned"), len(_keys(own))
        rated = _by_rate(results, task, "tuned")
        if rated * asked > found:
            note = "rates only, of a suite of this name" if _named_only(results, task) else "rates only"
            yield row(f"task {task.suite}.{task.task}", int(rated * asked), asked, note)
        else:
            yield row(f"task {task.suite}.{task.task}", found, asked)


def _base(results: Results) -> Iterator[Covered]:
    """Regressions are against base: what the report has of it."""
    own = results.wanted.prompts
    found, asked = _count(results, own, "base"), len(_keys(own))
    rated = sum(_by_rate(results, task, "base") * len(_keys(results.wanted.of(task))) for task in results.wanted.tasks)
    note = None if "base" in results.usable else "the report's base is another model than the spec's"
    yield row("base, on the same prompts", max(found, int(rated)), asked, note)


def _domain(results: Results) -> Iterator[Covered]:
    domain = {(task.suite, task.task) for task in results.wanted.tasks if task.domain}
    own = [prompt for prompt in results.wanted.prompts if (prompt.suite, prompt.task) in domain]
    counted = [prompt for prompt in own if prompt.kind in COUNTED]
    least = results.wanted.per_area
    for area, prompts in _grouped(counted, lambda prompt: prompt.area):
        made = row(f"domain area {area}", _found(results, prompts), len(_keys(prompts)))
        if least is not None and made.state == "covered" and (made.found or 0) < least:
            made = made.model_copy(update={"state": "partly", "note": f"the policy asks for {least} prompts"})
        yield made
    for category, prompts in _grouped(own, lambda prompt: prompt.category):
        if category in results.wanted.categories:
            yield row(f"domain category {category}", _found(results, prompts), len(_keys(prompts)))


def _scripts(results: Results) -> Iterator[Covered]:
    for script, prompts in _grouped(results.wanted.prompts, lambda prompt: prompt.script):
        yield row(f"prompts in {script} script", _found(results, prompts), len(_keys(prompts)))


def _outcomes(results: Results) -> Iterator[Covered]:
    """An outcome is covered where each task that measures it has results of it."""
    tasks: dict[str, list[WantedTask]] = defaultdict(list)
    for task in results.wanted.tasks:
        for outcome in task.outcomes:
            tasks[outcome].append(task)
    for outcome, measuring in sorted(tasks.items()):
        have = sum(_has_outcome(results, task, outcome) for task in measuring)
        state = "covered" if have == len(measuring) else "partly" if have else "not"
        share = have / len(measuring)
        yield Covered(need=f"outcome {outcome}", state=state, weight=share, note=f"in {have} of {len(measuring)} tasks")


def _has_outcome(results: Results, task: WantedTask, outcome: str) -> bool:
    if any(rate.outcome == outcome for rate in results.rates(task, "tuned")):
        return True
    values = results.values["tuned"]
    return any(outcome in values.get(prompt.key, {}) for prompt in results.wanted.of(task))


def _repeats(results: Results) -> Covered:
    asked, found = results.wanted.repeats, results.repeats()
    state = "covered" if found >= asked else "partly" if found else "not"
    weight = min(1.0, found / asked)
    return Covered(need="repeats", state=state, weight=weight, found=found, asked=asked)


def _needs(results: Results) -> Iterator[Covered]:
    for need in results.wanted.needs:
        kind = need.need.rsplit(".", 1)[-1]
        if kind in NEVER:
            yield Covered(need=f"minimum {need.need}", state="not", weight=0, note=NEVER[kind])
        elif kind == "paired":
            yield _paired(results, need)
        elif kind == "broad":
            yield _broad(results, need)
    # domain and repeats have rows of their own


def _paired(results: Results, need: EvidenceNeed) -> Covered:
    own = [prompt for prompt in results.wanted.prompts if prompt.kind in COUNTED]
    both = {key for key in _keys(own) if results.has("tuned", key) and results.has("base", key)}
    return row(f"minimum {need.need}", len(both), int(need.asked), whole=1.0)


def _broad(results: Results, need: EvidenceNeed) -> Covered:
    shares = [
        max(_found(results, results.wanted.of(task)) / max(task.prompts, 1), _by_rate(results, task, "tuned"))
        for task in results.wanted.tasks
        if set(task.names) & {str(name).casefold() for name in need.asked}
    ]
    best = max(shares, default=0.0)
    state = "covered" if best >= WHOLE else "partly" if best else "not"
    return Covered(need=f"minimum {need.need}", state=state, weight=best if state != "not" else 0)


def row(need: str, found: int, asked: int, note: str | None = None, whole: float = WHOLE) -> Covered:
    """A row by counts of prompts."""
    share = min(1.0, found / asked) if asked else 0.0
    state = "covered" if asked and share >= whole else "partly" if found else "not"
    return Covered(need=need, state=state, weight=share, found=found, asked=asked, note=note)


def _by_rate(results: Results, task: WantedTask, model: Which) -> float:
    """Share of a task's prompts that a rate over all of it is about; 0 without one."""
    over_all = [rate.prompts for rate in results.rates(task, model) if rate.by == "all"]
    return min(1.0, max(over_all) / task.prompts) if over_all and task.prompts else 0.0


def _named_only(results: Results, task: WantedTask) -> bool:
    suite = results.claimed(task)
    return suite is not None and suite.digest != task.digest


def _count(results: Results, prompts: Iterable[WantedPrompt], model: Which) -> int:
    return sum(results.has(model, key) for key in _keys(prompts))


def _found(results: Results, prompts: Iterable[WantedPrompt]) -> int:
    """As `_count` of tuned, with the prompts of tasks that have rates."""
    rated = {(task.suite, task.task) for task in results.wanted.tasks if _by_rate(results, task, "tuned") >= WHOLE}
    return len({p.key for p in prompts if results.has("tuned", p.key) or (p.suite, p.task) in rated})


def _keys(prompts: Iterable[WantedPrompt]) -> set[PromptKey]:
    return {prompt.key for prompt in prompts}


def _grouped(
    prompts: Iterable[WantedPrompt], by: Callable[[WantedPrompt], str]
) -> list[tuple[str, list[WantedPrompt]]]:
    found: dict[str, list[WantedPrompt]] = defaultdict(list)
    for prompt in prompts:
        found[by(prompt)].append(prompt)
    return sorted(found.items())
