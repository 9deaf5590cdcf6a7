"""`ftsafety admit`: the check at deploy time. Given artefacts that are deployed together and a signed verdict, says
whether they may be. Exit status 0 admitted, 10 not, 5 where the verdict or its signature does not verify."""

from __future__ import annotations

from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING

import click

from ftsafety_spec.cli.group import help_of
from ftsafety_spec.cli.options import day_of, today
from ftsafety_spec.cli.output import format_option, print_json
from ftsafety_spec.cli.signing import trust_option, trusted
from ftsafety_spec.cli.text import safe

if TYPE_CHECKING:
    from ftsafety_spec.attest.admission import Admission

NOT_ADMITTED = 10
EXAMPLE = """\b
  ftsafety admit weights/tuned --verdict verdict.intoto.jsonl --trust trust
  ftsafety admit adapters/tone weights/base.gguf --verdict runs/bot-1a2b3c4d
  ftsafety admit openai/ft:gpt-4o-mini:acme::abc --verdict verdict.intoto.jsonl
"""


@click.command("admit", help=f"{help_of('admit')}\n\n{EXAMPLE}", short_help=help_of("admit"))
@click.argument("artefacts", metavar="ARTEFACT...", nargs=-1, required=True)
@click.option(
    "--verdict",
    required=True,
    metavar="RUN|FILE",
    type=click.Path(exists=True, path_type=Path),
    help="A run folder, which is verified as a whole, or its verdict.intoto.jsonl alone.",
)
@trust_option
@click.option("--at", callback=day_of, metavar="DATE", help="Ask for this date; left out, today (UTC).")
@format_option
def admit_command(artefacts: tuple[str, ...], verdict: Path, trust: Path | None, at: date | None, form: str) -> None:
    """Check the signature, then the artefacts, the decision and the date."""
    from ftsafety_spec.pipeline.signing import admit_artefacts

    answer = admit_artefacts(artefacts, verdict, trusted(trust), at or today())
    if form == "json":
        print_json(answer.model_dump(mode="json"))
    else:
        print(safe_lines(answer))
    raise click.exceptions.Exit(0 if answer.admitted else NOT_ADMITTED)


def safe_lines(answer: Admission) -> str:
    """The answer in words, one thing a line."""
    what = ", ".join(item.given for item in answer.artefacts)
    lines = [f"{'admitted' if answer.admitted else 'NOT admitted'}: {what}, on {answer.at.isoformat()}"]
    lines += [f"  {reason}" for reason in answer.reasons]
    signers = ", ".join(f"{item.name} ({item.role})" for item in answer.signed_by)
    until = answer.expires or "no date"
    lines.append(f"verdict: {answer.title}: {answer.decision}, {answer.action}, until {until}; signed by {signers}")
    if answer.conditions:
        lines += ["holds only with:", *(f"  {condition}" for condition in answer.conditions)]
    return "\n".join(safe(line) for line in lines)
