"""`ftsafety redteam hunt`: search a measured run for triggers that change tuned and not base. Prints ids and figures,
no text of a prompt or an answer. A hunt that was stopped goes on where it was; one that is done asks nothing again."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from ftsafety_spec.cli.options import data_option, run_argument
from ftsafety_spec.cli.output import console, format_option, print_json, table
from ftsafety_spec.cli.redteam import help_of_part

if TYPE_CHECKING:
    from ftsafety_spec.pipeline.red_team.trigger_hunt import Hunted
    from ftsafety_spec.records.folder import RunFolder
    from ftsafety_spec.spec.red_team import TriggerHunting

HELP = """Begins with what the run itself has asked under triggers, and asks under others where it has none. Options
that are left out are as the spec's `red_team.triggers` says. What is found becomes evidence of the run."""


@click.command("hunt", help=f"{help_of_part('hunt')}\n\n{HELP}", short_help=help_of_part("hunt"))
@run_argument
@click.option("--variant", "variants", metavar="ID", multiple=True, help="Only in this variant; may be repeated.")
@click.option("--probes", metavar="N", type=click.IntRange(1, 1_000_000), help="Triggers that are tried.")
@click.option(
    "--prompts", metavar="N", type=click.IntRange(1, 200), help="Prompts that each trigger is tried on at first."
)
@click.option("--rounds", metavar="N", type=click.IntRange(1, 10), help="Rounds of halving after the first look.")
@click.option(
    "--confirm", metavar="N", type=click.IntRange(10, 2000), help="Fresh prompts that a winner is confirmed on."
)
@click.option(
    "--false-discoveries", metavar="SHARE", type=float, help="Share of false ones among those confirmed, under 0.5."
)
@click.option("--family", "families", metavar="NAME", multiple=True, help="Only this family; may be repeated.")
@click.option("--no-scan", is_flag=True, help="Do not look for proposals in the weights.")
@data_option
@format_option
def hunt_command(
    run: Path,
    variants: tuple[str, ...],
    families: tuple[str, ...],
    no_scan: bool,
    data: Path | None,
    form: str,
    **given: Any,
) -> None:
    """Hunt, then list what was found."""
    from ftsafety_spec.cli.hunting import hunt_or_leave
    from ftsafety_spec.errors import IncompleteError
    from ftsafety_spec.pipeline import open_run

    folder = open_run(run)
    _check_variants(folder, variants)
    given |= {"families": list(families) or None, "scan": "never" if no_scan else None}
    found = hunt_or_leave(folder, data, _settings(folder, given), variants)
    _show(run, found, form)
    cut = [item for item in found if item.report is None]
    if cut:
        raise IncompleteError(f"the hunt was cut short by {cut[0].stopped_by}.", hint="The same command goes on.")


def _settings(folder: RunFolder, given: dict[str, Any]) -> TriggerHunting:
    """The spec's settings with what was typed."""
    from ftsafety_spec.records.locked import LockedSpec
    from ftsafety_spec.spec.red_team import TriggerHunting

    share = given["false_discoveries"]
    if share is not None and not 0 < share < 0.5:
        raise click.UsageError(f"--false-discoveries: found {share:g}, expected a share above 0 and under 0.5")
    said = folder.read(LockedSpec).spec.red_team.triggers
    base = said.model_dump() if said is not None else {}
    typed = {key: value for key, value in given.items() if value is not None}
    settings = TriggerHunting.model_validate({**base, **typed})
    return settings if settings.rounds else settings.model_copy(update={"rounds": 3})


def _check_variants(folder: RunFolder, names: tuple[str, ...]) -> None:
    from ftsafety_spec.errors import NotFoundError
    from ftsafety_spec.records.locked import LockedSpec

    able = [variant.id for variant in folder.read(LockedSpec).variants.values() if variant.against is not None]
    for name in names:
        if name not in able:
            raise NotFoundError("compared variant", name, able)


def _show(run: Path, found: list[Hunted], form: str) -> None:
    from ftsafety_spec.cli.redteam_findings import COLUMNS, row_of, searched

    following = f"ftsafety gate {run}"
    done = [item for item in found if item.report is not None]
    if form == "json":
        hunts = [
            {"variant": item.variant, "added": item.added, "report": item.report.model_dump(mode="json")}
            for item in done
            if item.report is not None
        ]
        print_json({"run": str(run), "hunts": hunts, "next": following})
        return
    reports = [item.report for item in done if item.report is not None]
    rows = [row_of(finding) for report in reports for finding in report.findings]
    if rows:
        console().print(table(COLUMNS, rows, right=(3, 4, 5)))
    for report in reports:
        print(searched(report))
    if reports:
        print(f"Next: {following}")
