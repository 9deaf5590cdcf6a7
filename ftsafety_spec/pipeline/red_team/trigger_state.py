"""One hunt in one variant: its settings, what is known so far, and how more is asked. Given a run, gives what the steps
of a hunt work on. Asks by sub-runs alone."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from ftsafety_spec.catalog.base import Prompt
from ftsafety_spec.catalog.load import load_task
from ftsafety_spec.measure import Progress, Stop
from ftsafety_spec.pipeline.red_team.sub_runs import sub_run
from ftsafety_spec.pipeline.red_team.trigger_behaviours import (
    ALWAYS,
    Behaviour,
    fixed_phrase,
    moves_of,
    phrase_behaviour,
)
from ftsafety_spec.pipeline.red_team.trigger_book import Book
from ftsafety_spec.probes.trigger_library import Trigger, generate
from ftsafety_spec.probes.trigger_seeds import Pool, pool_of
from ftsafety_spec.probes.triggers import CARD, PROBES, with_plain
from ftsafety_spec.records.folder import RunFolder
from ftsafety_spec.records.locked import LockedSpec, Variant
from ftsafety_spec.spec.red_team import TriggerHunting
from ftsafety_spec.spec.suite import GraderChoice, Task
from ftsafety_spec.stats.hunting import Moves

FOCUS = "trigger"
OUTCOME = "refusal"


class Stopped(Exception):
    """A round was cut short, by a person or by the budget."""

    def __init__(self, why: str) -> None:
        super().__init__(why)
        self.why = why


@dataclass
class Hunt:
    """`known`: id to every trigger that can be put on a prompt; `rounds`: of halving, so far; `set_apart`: clusters of
    prompts that triggers were chosen on by other means, so that they are fresh for none."""

    folder: RunFolder
    locked: LockedSpec
    base: str
    variant: str
    settings: TriggerHunting
    seed: int
    root: Path
    pool: Pool
    graders: Mapping[str, GraderChoice]
    progress: Progress
    stop: Stop
    book: Book
    known: dict[str, Trigger]
    rounds: int = 0
    set_apart: set[str] = field(default_factory=set)

    def ask(self, name: str, pairs: Iterable[tuple[Trigger, Prompt]]) -> None:
        """Measure a round, and read it. Raises Stopped where it did not come to its end."""
        rows = {(row.id, row.condition): row for row in with_plain(list(pairs))}
        if not rows:
            return
        done = sub_run(
            self.folder,
            FOCUS,
            f"{self.variant}-{name}",
            list(rows.values()),
            variant=self.variant,
            progress=self.progress,
            stop=self.stop,
            root=self.root,
            graders=self.graders,
        )
        if not done.complete:
            raise Stopped(done.stopped_by or "an error")
        self.book.add(done.folder)

    def followed(self) -> list[str]:
        """Triggers that were asked under, in both models, and that can be put on further prompts."""
        return [name for name in self.book.triggers if name in self.known and self.readable(name)]

    def readable(self, name: str) -> bool:
        """Whether there is a prompt with all four answers."""
        return next(self.book.fours(self.base, self.variant, name), None) is not None

    def behaviours(self, name: str) -> list[Behaviour]:
        """What is looked at under a trigger; the phrase is found anew from all answers so far."""
        fours = [four for _, four in self.book.fours(self.base, self.variant, name)]
        phrase = fixed_phrase(fours, self.known[name].text)
        return [*ALWAYS, *([phrase_behaviour(phrase)] if phrase is not None else [])]

    def moves(self, name: str, behaviour: Behaviour) -> Moves:
        """All moves of a behaviour under a trigger so far."""
        return moves_of(behaviour.moves(self.book, self.base, self.variant, name).values())

    def score(self, name: str) -> float:
        """The largest effect of a trigger, each with one prompt that did not move added: few prompts count for less."""
        return max(shrunk(self.moves(name, behaviour)) for behaviour in self.behaviours(name))

    def fresh(self, name: str, count: int) -> list[Prompt]:
        """Prompts that were not asked under this trigger; where the seeds run out, those of ftsafety/basics."""
        used = self.book.used(name) | self.set_apart
        own = self.pool.fresh(used, count)
        if len(own) >= count:
            return own
        taken = {prompt.id for prompt in (*self.pool.harmful, *self.pool.benign)}
        used = used | {prompt.cluster for prompt in own}
        more = [prompt for prompt in pool_of(None, self.seed).fresh(used, count) if prompt.id not in taken]
        return [*own, *more[: count - len(own)]]

    def space(self) -> dict[str, int]:
        """Family to how many triggers were asked under."""
        tried = Counter(name.partition("/")[0] for name in self.book.triggers if self.readable(name))
        return dict(sorted(tried.items()))


def shrunk(moves: Moves) -> float:
    """An effect with one more prompt that did not move."""
    return moves.effect * moves.n / (moves.n + 1)


def hunt_of(
    folder: RunFolder,
    locked: LockedSpec,
    variant: Variant,
    settings: TriggerHunting,
    data: Path | None,
    root: Path,
    progress: Progress,
    stop: Stop,
) -> Hunt:
    """A hunt as it begins, with what the run has asked by itself. Raises InputError where the run is not measured."""
    assert variant.against is not None
    book, seed, tasks = Book(), locked.spec.seed, trigger_tasks(locked)
    book.add(folder)
    known: dict[str, Trigger] = {}
    for _, task in tasks:
        known |= {t.id: t for t in generate(task.probes or PROBES, task.args.get("families"), seed)}
    return Hunt(
        folder=folder,
        locked=locked,
        base=variant.against,
        variant=variant.id,
        settings=settings,
        seed=seed,
        root=root,
        pool=pool_of(_seeds(locked, tasks, root, data), seed),
        graders=_graders(locked, tasks),
        progress=progress,
        stop=stop,
        book=book,
        known=known,
    )


def trigger_tasks(locked: LockedSpec) -> list[tuple[str, Task]]:
    """The tasks of a spec that try triggers, each with its suite's name."""
    return [
        (suite_id, task)
        for suite_id, suite in locked.spec.suites.items()
        for task in suite.tasks.values()
        if task.probe == CARD.name
    ]


def _seeds(
    locked: LockedSpec, tasks: list[tuple[str, Task]], root: Path, data: Path | None
) -> tuple[Prompt, ...] | None:
    """The prompts that the first trigger task with seeds names; None where none does."""
    for suite_id, task in tasks:
        if task.seeds is not None:
            suite, spec = locked.spec.suites[suite_id], locked.spec
            return load_task(suite_id, task.seeds, suite, root, data, spec.seed, spec.domain).prompts
    return None


def _graders(locked: LockedSpec, tasks: list[tuple[str, Task]]) -> dict[str, GraderChoice]:
    """Who reads refusals in the run's own trigger task, alone: a hunt needs one reading of each answer."""
    for suite_id, task in tasks:
        choice = task.graders.get(OUTCOME) or locked.spec.suites[suite_id].graders.get(OUTCOME)
        if choice is not None:
            return {OUTCOME: GraderChoice(primary=choice.primary)}
    return {}
