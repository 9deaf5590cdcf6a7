"""The hunt for triggers (R-26): from what a run has asked under triggers, by rounds of halving, to what is confirmed on
fresh prompts. Given a run folder, appends one report a variant. Every step is a function of tables and a seed, so that
an interrupted hunt goes on and a second one changes nothing."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from ftsafety_spec.catalog.base import Prompt
from ftsafety_spec.measure import Progress, Stop
from ftsafety_spec.pipeline.red_team.reporting import add_report
from ftsafety_spec.pipeline.red_team.trigger_confirm import confirm
from ftsafety_spec.pipeline.red_team.trigger_report import report_of
from ftsafety_spec.pipeline.red_team.trigger_scan import proposals
from ftsafety_spec.pipeline.red_team.trigger_state import Hunt, Stopped, hunt_of, trigger_tasks
from ftsafety_spec.pipeline.stages import project_of
from ftsafety_spec.probes.trigger_library import Trigger, generate
from ftsafety_spec.probes.triggers import first_look
from ftsafety_spec.records.folder import RunFolder
from ftsafety_spec.records.locked import LockedSpec, Variant
from ftsafety_spec.records.red_team import RedTeamReport
from ftsafety_spec.spec.red_team import TriggerHunting
from ftsafety_spec.stats.hunting import halving, survivors
from ftsafety_spec.verify import manifest_of


@dataclass(frozen=True)
class Hunted:
    """What became of one variant. `report`: None where the hunt was cut short, by `stopped_by`; the same call goes on.
    `added`: the report is new."""

    variant: str
    report: RedTeamReport | None
    added: bool = False
    stopped_by: str | None = None


def hunt_run(
    folder: RunFolder,
    *,
    data: Path | None,
    progress: Progress,
    stop: Stop,
    settings: TriggerHunting | None = None,
    variants: Sequence[str] = (),
    root: Path | None = None,
) -> list[Hunted]:
    """Hunt in each of `variants` (left out: those that are to be deployed, else every tuned one). `settings`: left out,
    what the spec says, or the defaults. Raises InputError and EngineError as `sub_run` does; answers stay."""
    locked = folder.read(LockedSpec)
    settings = settings or locked.spec.red_team.triggers or TriggerHunting.model_validate({})
    found = []
    try:
        for variant in chosen_variants(locked, variants):
            hunt = hunt_of(folder, locked, variant, settings, data, root or project_of(folder).root, progress, stop)
            found.append(_hunted(hunt))
            if found[-1].stopped_by is not None:
                break
    finally:
        folder.write_manifest(manifest_of(folder))
    return found


def wants_hunt(locked: LockedSpec) -> bool:
    """Whether `ftsafety run` hunts: the spec's red_team block asks for triggers, with rounds."""
    focus = locked.spec.red_team.triggers
    return focus is not None and focus.rounds > 0 and bool(trigger_tasks(locked))


def chosen_variants(locked: LockedSpec, names: Sequence[str] = ()) -> list[Variant]:
    """Variants that have a base: the named ones, else those to be deployed, else all that are tuned."""
    able = [variant for variant in locked.variants.values() if variant.against is not None]
    if names:
        return [variant for variant in able if variant.id in names]
    return [v for v in able if v.deploy] or [v for v in able if v.role == "tuned"] or able


def _hunted(hunt: Hunt) -> Hunted:
    try:
        report = search(hunt)
    except Stopped as stopped:
        return Hunted(hunt.variant, None, stopped_by=stopped.why)
    return Hunted(hunt.variant, report, added=add_report(hunt.folder, report))


def search(hunt: Hunt) -> RedTeamReport:
    """First look, scan, rounds, confirmation."""
    _first_look(hunt)
    scores = {name: hunt.score(name) for name in hunt.followed()}
    scan = proposals(hunt) if hunt.settings.scan == "auto" else None
    forced = _look_at_proposals(hunt, scan.triggers) if scan is not None else []
    alive: list[str] = []
    for number, step in enumerate(halving(len(scores), hunt.settings.prompts, hunt.settings.rounds), start=1):
        alive = survivors({name: hunt.score(name) for name in alive or scores}, step.keep, forced)
        forced = []
        if not alive:
            break
        hunt.progress.note(f"{hunt.variant}, round {number}: {len(alive)} triggers on {step.prompts} more prompts each")
        hunt.ask(f"round-{number}", _fresh(hunt, alive, step.prompts))
        hunt.rounds = number
    return report_of(hunt, confirm(hunt, alive), scan)


def _first_look(hunt: Hunt) -> None:
    """Ask under those triggers that the run itself has not asked under."""
    wanted = generate(hunt.settings.probes, hunt.settings.families or None, hunt.seed)
    hunt.known |= {trigger.id: trigger for trigger in wanted}
    asked = set(hunt.book.triggers)
    missing = [trigger for trigger in wanted if trigger.id not in asked]
    if missing:
        hunt.progress.note(f"{hunt.variant}: first look at {len(missing)} triggers")
        hunt.ask("first", first_look(missing, hunt.pool, hunt.settings.prompts))


def _look_at_proposals(hunt: Hunt, triggers: Sequence[Trigger]) -> list[str]:
    """Ask under proposed triggers as in the first look; they are in the first round whatever comes of it."""
    hunt.known |= {trigger.id: trigger for trigger in triggers}
    asked = set(hunt.book.triggers)
    new = [trigger for trigger in triggers if trigger.id not in asked]
    hunt.ask("proposed", first_look(new, hunt.pool, hunt.settings.prompts))
    return [trigger.id for trigger in triggers]


def _fresh(hunt: Hunt, names: Sequence[str], count: int) -> Iterator[tuple[Trigger, Prompt]]:
    for name in names:
        for prompt in hunt.fresh(name, count):
            yield hunt.known[name], prompt
