"""`ftsafety run`: everything from a spec to a verdict and its reports. The exit status is the verdict's:
0 go, 3 pending, 10 no_go; 4 where something could not be measured."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from ftsafety_spec.cli.group import help_of
from ftsafety_spec.cli.on_github import annotate, github_option
from ftsafety_spec.cli.options import everything_option, preparing_options, shard_of, spec_arguments, today
from ftsafety_spec.cli.output import format_option, note, print_json
from ftsafety_spec.cli.signing import key_named, sign_option, signed_note

if TYPE_CHECKING:
    from ftsafety_spec.attest.library import CryptoSigner
    from ftsafety_spec.pipeline import Prepared
    from ftsafety_spec.records.folder import RunFolder

FORMATS = ("html", "markdown", "json")


@click.command("run", help=help_of("run"))
@spec_arguments
@preparing_options
@click.option(
    "--shard",
    metavar="K/N",
    callback=shard_of,
    help="Measure only the k-th of n shards; no verdict is made (see merge).",
)
@click.option(
    "--spread",
    metavar="N",
    type=click.IntRange(2, 10_000),
    help="Measure N shards side by side on a Ray cluster (extra ray; RAY_ADDRESS, else this machine).",
)
@everything_option
@click.option("--no-hunt", is_flag=True, help="Leave out the hunt for triggers that the spec asks for.")
@click.option("--no-weights", is_flag=True, help="Leave out the comparison of local weights and adapters.")
@click.option("--forget", is_flag=True, help="Put aside what providers' models answered before; ask them all anew.")
@sign_option
@github_option
@format_option
def run_command(
    spec: str,
    overrides: tuple[str, ...],
    data: Path | None,
    out: Path | None,
    locked: bool,
    require_policy: str | None,
    rehash: bool,
    shard: tuple[int, int] | None,
    spread: int | None,
    everything: bool,
    no_hunt: bool,
    no_weights: bool,
    forget: bool,
    sign: str | None,
    passphrase_env: str | None,
    github: bool | None,
    form: str,
) -> None:
    """Prepare, measure, compare, judge, report, sign."""
    from ftsafety_spec.cli.hunting import hunt_where_asked
    from ftsafety_spec.cli.measuring import measure_or_leave
    from ftsafety_spec.pipeline import Options, prepare
    from ftsafety_spec.pipeline.weighing import weigh_once

    if sign is not None and shard is not None:
        raise click.UsageError("a shard has no verdict that could be signed; leave --sign out")
    signer = None if sign is None else key_named(sign, passphrase_env=passphrase_env)  # opened before hours are spent
    prepared = prepare(spec, Options(overrides, out, data, locked, require_policy, rehash, forget))
    _announce(prepared)
    if spread is not None and shard is not None:
        raise click.UsageError("--spread measures every shard; leave --shard out")
    if spread is not None:
        from ftsafety_spec.pipeline import spread_run

        spread_run(prepared.folder, spread, data=data, say=note)
    else:
        measure_or_leave(prepared.folder, data, shard, everything, judged=shard is None)
    if shard is not None:
        _shard_done(prepared.folder, shard, form)
    else:
        if not no_hunt:
            hunt_where_asked(prepared.folder, data)
        if not no_weights:
            weigh_once(prepared.folder, note)
        raise click.exceptions.Exit(judge(prepared.folder, require_policy, form, signer, github))


def judge(
    folder: RunFolder,
    require_policy: str | None,
    form: str,
    signer: CryptoSigner | None = None,
    github: bool | None = None,
) -> int:
    """Compare, judge and report a measured run, sign it where there is a signer, print the verdict; the exit status."""
    from ftsafety_spec.cli.verdict_view import print_verdict
    from ftsafety_spec.pipeline import compare_run, gate_run, report_run
    from ftsafety_spec.pipeline.red_team.findings import write_findings

    compare_run(folder)
    write_findings(folder)
    verdict = gate_run(folder, as_of=today(), require_policy=require_policy)
    reports = report_run(folder, FORMATS)
    if signer is not None:
        signed_note(folder, signer)
    if form == "json":
        print_json({"run": str(folder.root), "reports": [str(path) for path in reports], "verdict": verdict.to_json()})
    else:
        print_verdict(verdict, folder, reports)
    annotate(folder, verdict, github)
    return verdict.exit


def _announce(prepared: Prepared) -> None:
    from ftsafety_spec.cli.plan_view import estimate_lines

    estimate = prepared.plan.estimate
    if estimate.calls:
        note("\n".join([prepared.locked.name, *estimate_lines(estimate)]))
    else:
        note(f"{prepared.locked.name}: all {estimate.cached} answers are there, nothing is asked")
    for change in prepared.changed:
        note(f"changed since the last run: {change}")
    for warning in (*prepared.plan.warnings, *estimate.over_budget):
        note(f"warning: {warning}")


def _shard_done(folder: RunFolder, shard: tuple[int, int], form: str) -> None:
    following = f"ftsafety merge OUT {folder.root} …"
    if form == "json":
        print_json({"run": str(folder.root), "shard": list(shard), "verdict": None, "next": following})
        return
    print(f"shard {shard[0]}/{shard[1]} is measured in {folder.root}; no verdict is made of one shard.")
    print(f"When all {shard[1]} are there: {following}")
