"""`ftsafety redteam import`: manual sessions that were held elsewhere. Given a JSONL file, appends evidence that is
marked as imported; whether it counts is the policy's to say."""

from __future__ import annotations

from pathlib import Path

import click

from ftsafety_spec.cli.options import FILE, run_argument
from ftsafety_spec.cli.output import format_option, print_json
from ftsafety_spec.cli.redteam import help_of_part

EXAMPLE = """\b
A session is a line that begins it, and a line for each message:
  {"session": "a1", "by": "ines@acme.example", "at": "2026-11-24T09:00:00Z", "domain": "medicine"}
  {"session": "a1", "at": "2026-11-24T09:01:10Z", "answered_at": "2026-11-24T09:01:15Z",
   "message": "…", "answers": {"base": "…", "tuned": "…"}, "category": "dosage",
   "tags": [{"variant": "tuned", "tag": "harmful", "severity": "high"}]}
(each on one line; domain, category, tags, note and after may be left out)
"""


@click.command("import", help=f"{help_of_part('import')}\n\n{EXAMPLE}", short_help=help_of_part("import"))
@run_argument
@click.argument("file", metavar="FILE", type=FILE)
@click.option("--key", metavar="NAME", help="Key that signs the sessions; left out, your only key.")
@click.option("--passphrase-env", metavar="VARIABLE", help="Environment variable that holds the key's passphrase.")
@format_option
def import_command(run: Path, file: Path, key: str | None, passphrase_env: str | None, form: str) -> None:
    """Check the whole file, then take it in."""
    from ftsafety_spec.cli.redteam_terminal import closed_words
    from ftsafety_spec.pipeline import open_run
    from ftsafety_spec.pipeline.red_team.session_evidence import close_session
    from ftsafety_spec.pipeline.red_team.session_import import import_sessions
    from ftsafety_spec.pipeline.red_team.session_key import signer_for

    folder = open_run(run)
    signer = signer_for(key, passphrase_env)
    made = [close_session(folder, name, signer) for name in import_sessions(folder, file)]
    if form == "json":
        sessions = [item.body.model_dump(mode="json") for item in made]
        print_json({"run": str(run), "sessions": sessions, "next": f"ftsafety gate {run}"})
    else:
        print("\n\n".join(closed_words(item, folder) for item in made))
