"""`ftsafety verify report`: check an evaluation that somebody else made, against a spec; or write one in the published
form, signed, for handing on. Exit status 0 accepted, 3 partly, 5 refused. Prints names, counts and digests, never a
text."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from ftsafety_spec.cli.options import FILE, data_option, today
from ftsafety_spec.cli.output import format_option, note, print_json
from ftsafety_spec.cli.signing import trust_option, unlocking_options
from ftsafety_spec.cli.verify import help_of_part

if TYPE_CHECKING:
    from ftsafety_spec.pipeline import Prepared
    from ftsafety_spec.pipeline.verification.checking import Verified
    from ftsafety_spec.pipeline.verification.received import Reading, Received
    from ftsafety_spec.pipeline.verification.spot_check import Spot

NAME = "report"
FORMS = ("report", "signed", "run", "inspect", "every-eval-ever", "csv")
EXITS = {"accepted": 0, "partly": 3, "refused": 5}
HELP = """FILE is a report in the published form (`ftsafety schema evaluation-report`), signed or not; a run folder; an
Inspect log (.eval); an Every Eval Ever file; or a CSV file with --mapping. Schema, signature, date, model, graders and
figures are looked at, what it covers of the spec is listed, and a sample that is drawn now is measured again. The
result becomes evidence of the spec's run, for the rule `provider_verification`. Without the spot check nothing is
accepted."""


@click.command(NAME, help=f"{help_of_part(NAME)}\n\n{HELP}", short_help=help_of_part(NAME))
@click.argument("file", metavar="FILE", type=click.Path(path_type=Path))
@click.option("--spec", metavar="SPEC", help="The spec that it is held against; its run takes the result in.")
@click.option("--variant", metavar="ID", help="Which of the spec's models it is about; left out, the deployed one.")
@click.option(
    "--from", "form_of", type=click.Choice(FORMS), help="The form of FILE; left out, by its name and content."
)
@click.option("--mapping", type=FILE, metavar="YAML", help="What the columns of a CSV file are.")
@click.option("--base", type=FILE, metavar="FILE", help="Base's results, where each model has a file of its own.")
@click.option(
    "--outcome",
    "outcomes",
    metavar="NAME=OUTCOME",
    multiple=True,
    help="What a scorer or metric is here; NAME=-OUTCOME where it counts the other way round.",
)
@trust_option
@click.option("--offline", is_flag=True, help="No spot check: nothing is measured, and nothing is accepted.")
@click.option("--loss", metavar="SHARE", type=float, help="Hidden loss in one group that is to be found (0.10).")
@click.option("--power", metavar="SHARE", type=float, help="Chance with which it is to be found (0.90).")
@click.option("--tolerance", metavar="SHARE", type=float, help="Answers that an honest report may be worse by (0.01).")
@click.option("--most", metavar="N", type=click.IntRange(1), help="At most so many answers are asked for again.")
@click.option("--write-suite", type=click.Path(path_type=Path), metavar="YAML", help="Write what is not covered.")
@click.option("--out", type=click.Path(file_okay=False, path_type=Path), help="Run folder; left out, the spec's own.")
@click.option("--convert", type=click.Path(path_type=Path), metavar="OUT", help="Write FILE in the published form.")
@click.option("--sign", metavar="NAME", help="With --convert: sign it with this key (see keys).")
@unlocking_options
@data_option
@format_option
def report_command(
    file: Path,
    spec: str | None,
    convert: Path | None,
    data: Path | None,
    out: Path | None,
    variant: str | None,
    write_suite: Path | None,
    form: str,
    **given: Any,
) -> None:
    """Convert, or check, print, leave with the result's status."""
    if (spec is None) == (convert is None):
        raise click.UsageError("either --spec SPEC, to check it, or --convert OUT, to write it in the published form")
    if convert is not None:
        _convert(file, convert, form, given)
        return
    from ftsafety_spec.pipeline import Options
    from ftsafety_spec.pipeline.verification.checking import run_for

    spot = _spot(given)
    prepared = run_for(str(spec), Options(out=out, data=data))
    reading = _reading(given, prepared)
    verified = _check(prepared, _receive(file, reading), variant, data, spot)
    written = _suite(prepared, verified, write_suite)
    _show(verified, written, form)
    raise click.exceptions.Exit(EXITS[verified.body.result])


COMMAND = report_command


def _spot(given: dict[str, Any]) -> Spot | None:
    from ftsafety_spec.pipeline.verification.spot_check import Spot

    for name, low, high in (("loss", 0.01, 0.9), ("power", 0.5, 0.999), ("tolerance", 0.0001, 0.3)):
        value = given[name]
        if value is not None and not low <= value <= high:
            raise click.UsageError(f"--{name}: found {value:g}, expected {low:g} to {high:g}")
    if given["offline"]:
        return None
    typed = {name: given[name] for name in ("loss", "power", "tolerance", "most") if given[name] is not None}
    return Spot(**typed)


def _reading(given: dict[str, Any], prepared: Prepared | None = None) -> Reading:
    from ftsafety_spec.cli.signing import trusted
    from ftsafety_spec.pipeline.verification.received import Reading

    return Reading(
        trust=trusted(given["trust"]),
        on=today(),
        spec=prepared.locked.name if prepared else "*",
        policy=prepared.policy.name if prepared else "*",
        form=given["form_of"],
        mapping=given["mapping"],
        base=given["base"],
        outcomes=_outcomes(given["outcomes"]),
    )


def _outcomes(typed: tuple[str, ...]) -> dict[str, str]:
    pairs = [item.rpartition("=")[::2] for item in typed]
    for name, outcome in pairs:
        if not name or not outcome.lstrip("-"):
            raise click.UsageError(f"--outcome: expected NAME=OUTCOME, found {name or outcome}")
    return dict(pairs)


def _receive(file: Path, reading: Reading) -> Received:
    from ftsafety_spec.pipeline.verification.received import receive

    return receive(file, reading)


def _convert(file: Path, out: Path, form: str, given: dict[str, Any]) -> None:
    from ftsafety_spec.cli.signing import key_named
    from ftsafety_spec.pipeline.verification.handing_on import hand_on

    name = given["sign"]
    signer = None if name is None else key_named(name, given["folder"], given["passphrase_env"])
    report = _receive(file, _reading(given)).report
    hand_on(report, out, signer)
    signed = None if signer is None else signer.public_key.keyid
    if form == "json":
        print_json({"report": report.digest or report.compute_digest(), "written": str(out), "signed_by": signed})
        return
    how = f", signed by {name}" if signed else ", not signed"
    print(f"{out}: {len(report.prompts)} results by prompt, {len(report.rates)} rates{how}")


def _check(
    prepared: Prepared, received: Received, variant: str | None, data: Path | None, spot: Spot | None
) -> Verified:
    from ftsafety_spec.cli.measuring import again
    from ftsafety_spec.cli.progress import progress_display
    from ftsafety_spec.cli.signals import Terminated, finishing
    from ftsafety_spec.measure import Stop
    from ftsafety_spec.pipeline.verification.checking import check_report
    from ftsafety_spec.pipeline.verification.own_run import tuned_variant

    named = tuned_variant(prepared.locked, variant).id
    stop, progress = Stop(), progress_display()
    try:
        with finishing(stop.request) as halt:
            found = check_report(prepared, received, named, today(), data=data, spot=spot, progress=progress, stop=stop)
    except (KeyboardInterrupt, Terminated):
        progress.finished()
        note(f"the spot check was stopped; what was answered is kept. To go on: {again()}")
        raise
    if halt.status is not None:
        raise click.exceptions.Exit(halt.status)
    return found


def _suite(prepared: Prepared, verified: Verified, out: Path | None) -> Path | None:
    if out is None:
        return None
    from ftsafety_spec.pipeline.verification.suite_file import write_suite

    made = write_suite(out, prepared.project.root, prepared.locked, verified.asked.tasks, verified.left, today())
    note(f"{made.suite}: {made.count} prompts that the report does not cover")
    return made.suite


def _show(verified: Verified, written: Path | None, form: str) -> None:
    from ftsafety_spec.cli.verify_report_view import print_verified

    following = f"ftsafety gate {verified.folder.root}"
    if form == "json":
        print_json(
            {
                "run": str(verified.folder.root),
                "verification": verified.body.body(),
                "left": len(verified.left),
                "suite": None if written is None else str(written),
                "added": verified.added,
                "next": following,
            }
        )
        return
    print_verified(verified, following)
