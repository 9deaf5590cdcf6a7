"""`ftsafety verify run`: recompute every digest, the comparison and the verdict of a run, and check who signed it.
Exit status 5 where one fails."""

from __future__ import annotations

import re
from pathlib import Path
from typing import TYPE_CHECKING

import click

from ftsafety_spec.cli.options import run_argument, today
from ftsafety_spec.cli.output import console, format_option, print_json, table
from ftsafety_spec.cli.signing import trust_option, trusted
from ftsafety_spec.cli.text import safe
from ftsafety_spec.cli.verify import RUN, help_of_part
from ftsafety_spec.errors import VerificationError

if TYPE_CHECKING:
    from ftsafety_spec.verify import Check, VerifyReport


DIGEST = re.compile(r"\b([0-9a-f]{12})[0-9a-f]{52}\b")


@click.command(RUN, help=help_of_part(RUN))
@run_argument
@trust_option
@click.option("--signed", is_flag=True, help="Fail where no trusted key signed this very state of the run.")
@format_option
def run_command(run: Path, trust: Path | None, signed: bool, form: str) -> None:
    """Verify and print every check."""
    from ftsafety_spec.pipeline import open_run, verify_run
    from ftsafety_spec.verify import Asked

    report = verify_run(open_run(run), Asked(trusted(trust), today(), signed))
    if form == "json":
        print_json({"run": str(run), "ok": report.ok, "checks": [_plain(check) for check in report.checks]})
    else:
        _print(report)
    if not report.ok:
        raise click.exceptions.Exit(VerificationError.exit_status)


COMMAND = run_command


def _plain(check: Check) -> dict[str, object]:
    means = None if check.ok else check.means
    return {"name": check.name, "ok": check.ok, "proves": check.proves, "detail": check.detail, "means": means}


def _print(report: VerifyReport) -> None:
    """All checks, then what each that failed means."""
    words = [(_word(check), _short(check.name), _short(check.detail)) for check in report.checks]
    console().print(table(("", "check", "detail"), words))
    for check in report.failed():
        print(safe(f"{_short(check.name)}: {check.means}."))
    print("verified" if report.ok else "NOT verified")


def _short(text: str) -> str:
    """Digests cut to a length that a person compares; JSON has them whole."""
    return DIGEST.sub(r"\1…", text)


def _word(check: Check) -> str:
    return "FAILED" if not check.ok else "ok" if check.proves else "–"
