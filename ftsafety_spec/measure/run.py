"""Measure: ask what is missing, grade what is ungraded, write the tables. Given a locked spec and its plan, gives a
`Measured`; everything that was answered is on disk at any moment. Never prints; knows no policy."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Iterable, Iterator, Mapping, Sequence
from contextlib import ExitStack, asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from ftsafety_spec.catalog.load import LoadedTask, load_suites
from ftsafety_spec.graders.panel import Panel
from ftsafety_spec.measure.asking import Draws
from ftsafety_spec.measure.busy import only_writer
from ftsafety_spec.measure.canaries import check_claims, claimed, taken_since, unchecked
from ftsafety_spec.measure.desk import Desk
from ftsafety_spec.measure.fresh import check_fresh, named, resolved
from ftsafety_spec.measure.grading import Uses, grade_missing
from ftsafety_spec.measure.halt import Halt, Purse
from ftsafety_spec.measure.ledger import Ledger
from ftsafety_spec.measure.looking import Looking, Watch
from ftsafety_spec.measure.playback import play
from ftsafety_spec.measure.progress import Measured, Progress, Stop, StoppedBy
from ftsafety_spec.measure.sessions import Session, earlier
from ftsafety_spec.measure.tables import write_tables
from ftsafety_spec.measure.work import Item, Work
from ftsafety_spec.providers.base import PROVIDERS, Adapter, Request
from ftsafety_spec.providers.by_batch import AT_ONCE, ask_by_batch, halved
from ftsafety_spec.providers.requests import requests_of
from ftsafety_spec.records.base import Meta
from ftsafety_spec.records.folder import RunFolder
from ftsafety_spec.records.locked import LockedSpec
from ftsafety_spec.records.looks import BUDGET_USED_UP, Looks
from ftsafety_spec.records.plan import Plan
from ftsafety_spec.records.store import Store
from ftsafety_spec.registry import Registry

if TYPE_CHECKING:
    from inspect_ai.model import Model

EIGHTHS = tuple(part / 8 for part in range(1, 9))


@dataclass(frozen=True)
class _Run:
    folder: RunFolder
    locked: LockedSpec
    plan: Plan
    work: Work
    ledger: Ledger
    halt: Halt
    session: Session
    draws: Draws
    uses: Uses
    store: Store
    progress: Progress
    looking: Looking | None = None

    def part(self) -> Work:
        """What of the work counts."""
        return self.work if self.looking is None else self.looking.part()


def measure(
    folder: RunFolder,
    locked: LockedSpec,
    plan: Plan,
    root: Path,
    data: Path | None,
    *,
    progress: Progress,
    stop: Stop,
    store: Store | None = None,
    providers: Registry[Adapter] = PROVIDERS,
    shard: tuple[int, int] | None = None,
    panel: Panel | None = None,
    watch: Watch | None = None,
) -> Measured:
    """Measure what is missing. `shard` (k, n): only every n-th prompt in the drawn order, from the k-th. `panel`: the
    graders, where some of them have a model. `watch`: judges what is there at its shares and may end the run early.
    Raises InputError (FTS-126, FTS-131, FTS-132 among others) and EngineError; what was answered stays."""
    tasks, _ = load_suites(locked, root, data)
    panel = panel or Panel()
    check_fresh(folder, locked, plan, tasks, panel)
    store = store or Store(root)
    work = Work.of(locked, tasks, plan.identities, shard)
    uses = Uses(locked, panel)
    requests = requests_of(locked, root)
    with only_writer(folder), ExitStack() as stack:
        priced = named(requests, plan)
        prices = {name: providers.get(item.definition.kind).price(item) for name, item in priced.items()}
        if locked.spec.batch:
            prices = {name: halved(price) for name, price in prices.items()}
        since = taken_since(store, plan, work.keys)
        ledger = stack.enter_context(Ledger(folder, store, prices, progress, since))
        looking = Looking(watch, work) if watch is not None and shard is None else None
        if looking is not None and folder.has(Looks):
            looking.remember(folder.read(Looks))
        missing = ledger.reuse(looking.part() if looking is not None else work)
        before = earlier(folder)
        purse = Purse(locked.spec.budget, lambda: ledger.usd, before.seconds, before.usd)
        halt = Halt(stop, purse, locked.spec.batch)
        session = stack.enter_context(Session(folder, purse, ledger))
        generation = locked.spec.deployment.generation
        draws = Draws(generation.temperature, locked.spec.seed)
        run = _Run(folder, locked, plan, work, ledger, halt, session, draws, uses, store, progress, looking)
        progress.started(missing, ledger.reused)
        stack.callback(progress.finished)
        asyncio.run(_measure(run, requests, providers, missing))
    return _result(run)


async def _measure(run: _Run, requests: Mapping[str, Request], providers: Registry[Adapter], missing: int) -> None:
    if missing:
        await _ask_all(run, requests, providers)
    elif names := unchecked(run.folder, run.plan, _taken(run)):
        async with _opened(run, names, requests, providers) as (models, _):
            await _check(run, models)
    if run.halt.fault is not None:
        raise run.halt.fault
    await _tables(run, run.part(), _not_run(run))
    if run.halt.why != "user":
        _note_looks(run)


async def _tables(run: _Run, part: Work, not_run: str) -> None:
    """Grade what is missing of a part of the work, and write the tables with that part in them."""
    if run.halt.why != "user":
        await grade_missing(run.folder, part, run.uses, run.store, run.progress, run.halt, run.ledger.pay)
    if run.halt.why != "user":
        write_tables(run.folder, run.work, run.uses, run.plan.identities, not_run, part)


def _note_looks(run: _Run) -> None:
    """Write down the looks that this run took, also those of a session before, whose error is spent."""
    if run.looking is not None and (run.looking.taken or run.folder.has(Looks)):
        looks = run.looking.record(_reached(run))
    elif run.looking is None and run.folder.has(Looks):
        before = run.folder.read(Looks)
        if before.stopped is None or before.shares[-1] >= 1.0:
            return
        looks = Looks(shares=(*before.shares, 1.0), planned=before.planned)
    else:
        return
    run.folder.write(looks.sealed(Meta.now()))


def _reached(run: _Run) -> float:
    """The share of all planned answers that are there; 1 where nothing was cut short."""
    if run.halt.why is None:
        return 1.0
    every = [item.key in run.ledger.known for item in run.work.items()]
    return max(sum(every) / len(every), 1e-6)


async def _ask_all(run: _Run, requests: Mapping[str, Request], providers: Registry[Adapter]) -> None:
    """Open the engines of those variants that lack answers, and go through the chunks: each variant in turn on the
    same prompts, so that base and tuned are measured side by side; by batch both at once, for each may take a day."""
    lacking = [name for name in run.work.variants if _lacks(run, name)]
    claims = claimed(run.plan.identities, run.work.variants)
    async with _opened(run, dict.fromkeys([*lacking, *claims]), requests, providers) as (models, wanted):
        most = None
        await _check(run, {name: models[name] for name in claims})
        if run.locked.spec.batch:
            ask_by_batch(models, wanted, run.store.batches, run.halt.now, run.progress.note)
            most = AT_ONCE
        for share, chunk in run.work.chunks(_shares(run), most):
            await _ask_chunk(run, lacking, chunk, models)
            if run.looking is not None and await _decided(run, run.looking, share):
                await _ask_chunk(run, lacking, _rest(run), models)
                break


@asynccontextmanager
async def _opened(
    run: _Run, names: Iterable[str], requests: Mapping[str, Request], providers: Registry[Adapter]
) -> AsyncIterator[tuple[dict[str, Model], Mapping[str, Request]]]:
    """The models of these variants, those of one engine opened together, and their resolved requests."""
    wanted = resolved({name: requests[name] for name in names}, run.plan, providers)
    with ExitStack() as stack:
        models: dict[str, Model] = {}
        for kind in dict.fromkeys(item.definition.kind for item in wanted.values()):
            group = {name: item for name, item in wanted.items() if item.definition.kind == kind}
            models.update(stack.enter_context(providers.get(kind).open(group)))
        try:
            yield models, wanted
        finally:
            for model in models.values():
                await model.api.aclose()


async def _check(run: _Run, models: Mapping[str, Model]) -> None:
    """Hold models that are a provider's claim against what is known of them, before anything else is asked."""
    holds = {name for name in models if _holds(run, name)}
    await check_claims(run.folder, run.store, models, run.plan.identities, holds, run.progress, run.ledger.spend)


def _taken(run: _Run) -> dict[str, str]:
    """Variant to when answers of it were last taken over from earlier runs, where that needs its fixed prompts."""
    moments: dict[str, str] = {}
    for (variant, _, _), key in run.work.keys.items():
        if key in run.ledger.taken:
            moments[variant] = max(run.ledger.taken[key], moments.get(variant, ""))
    return moments


def _shares(run: _Run) -> Sequence[float]:
    """Where chunks end: at the looks; else, where a budget may cut the run, often enough that both models have answered
    about the same prompts by then."""
    if run.looking is not None:
        return run.looking.shares
    budget = run.locked.spec.budget
    if run.locked.spec.batch:
        return (1.0,)  # each part would wait for a day
    return EIGHTHS if budget.hours is not None or budget.usd is not None else (1.0,)


async def _ask_chunk(
    run: _Run, lacking: list[str], chunk: list[tuple[LoadedTask, range]], models: Mapping[str, Model]
) -> None:
    turns = [lacking] if run.locked.spec.batch else [[name] for name in lacking]
    for names in turns:
        desks = [desk for name in names for desk in _desks(run, name, chunk)]
        if desks and not run.halt.now():
            await _ask(run, desks, models)
            run.halt.all_in()
            run.session.sync()


async def _decided(run: _Run, looking: Looking, share: float) -> bool:
    """Look, where a look is due and nothing else has ended the run: True where what is left need not be asked."""
    if not looking.due(share) or run.halt.now():
        return False
    await _tables(run, run.work.upto(share), "not asked yet")
    directive = None if run.halt.now() else looking.judge(share)
    if directive is not None:
        run.progress.note(directive.sentence)
    return directive is not None


def _rest(run: _Run) -> list[tuple[LoadedTask, range]]:
    """All prompts that still count after a decision; those that were answered are passed over."""
    part = run.part()
    return [(task, part.draws(task)) for task in part.tasks]


def _lacks(run: _Run, variant: str) -> bool:
    return not all(key in run.ledger.known for key in _keys(run, variant))


def _holds(run: _Run, variant: str) -> bool:
    return any(key in run.ledger.known for key in _keys(run, variant))


def _keys(run: _Run, variant: str) -> Iterator[str]:
    for task in run.work.tasks:
        yield from (item.key for item in run.work.asked(variant, task, run.work.draws(task)))


def _desks(run: _Run, variant: str, chunk: list[tuple[LoadedTask, range]]) -> list[Desk]:
    desks, taken = [], set[str]()
    for task, draws in chunk:
        items: list[Item] = []
        for item in run.work.asked(variant, task, draws):
            if item.key not in run.ledger.known and item.key not in taken:
                taken.add(item.key)
                items.append(item)
        if items:
            desks.append(Desk(variant, items[0].task, items, run.ledger, run.halt, run.draws))
    return desks


async def _ask(run: _Run, desks: list[Desk], models: Mapping[str, Model]) -> None:
    from ftsafety_spec.measure.inspect_run import run_desks

    recorded = run.plan.identities[desks[0].variant].kind == "recorded"
    looked_up = [desk for desk in desks if recorded and desk.task.inspect is None]
    asked = [desk for desk in desks if desk not in looked_up]
    for desk in looked_up:
        await play(desk, models[desk.variant])
    if asked:
        await run_desks(asked, models, run.work.repeats, run.folder.logs)


def _not_run(run: _Run) -> str:
    if run.looking is not None and run.looking.directive is not None:
        return "the run stopped early"
    return BUDGET_USED_UP if run.halt.why == "budget" else "not asked"


def _result(run: _Run) -> Measured:
    why = run.halt.why
    stopped: StoppedBy | None = why if why in ("user", "budget") else None
    again = f"ftsafety measure {run.folder.root}"
    advice = {
        "user": f"Everything answered is kept; `{again}` asks only what is missing.",
        "budget": "The budget is used up. Raise `budget` in the spec and run again: nothing is asked twice.",
        None: f"`{again}` asks the {run.ledger.errors} failed prompts again." if run.ledger.errors else "",
    }
    return Measured(
        complete=stopped is None,
        answered=run.ledger.answered,
        reused=run.ledger.reused,
        errors=run.ledger.errors,
        stopped_by=stopped,
        how_to_go_on=advice[stopped],
    )
