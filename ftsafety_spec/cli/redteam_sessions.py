"""`ftsafety redteam sessions`: what was probed by hand in a run. Given a run, lists its sessions; ends one that nobody
goes on with, so that it becomes evidence. Prints no text of a session."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from ftsafety_spec.cli.options import run_argument
from ftsafety_spec.cli.output import console, format_option, print_json, table
from ftsafety_spec.cli.redteam import help_of_part

if TYPE_CHECKING:
    from ftsafety_spec.records.folder import RunFolder


@click.command("sessions", help=help_of_part("sessions"), short_help=help_of_part("sessions"))
@run_argument
@click.option("--end", "ended", metavar="SESSION", help="End this one: it becomes evidence.")
@click.option("--key", metavar="NAME", help="With --end: key that signs it; left out, your only key.")
@click.option("--passphrase-env", metavar="VARIABLE", help="Environment variable that holds the key's passphrase.")
@format_option
def sessions_command(run: Path, ended: str | None, key: str | None, passphrase_env: str | None, form: str) -> None:
    """List, or end one."""
    from ftsafety_spec.pipeline import open_run

    folder = open_run(run)
    if ended is not None:
        _end(folder, ended, key, passphrase_env, form)
        return
    rows = rows_of(folder)
    from ftsafety_spec.pipeline.red_team.session_evidence import minutes_asked, minutes_given

    asked, given = minutes_asked(folder), minutes_given(folder)
    if form == "json":
        print_json({"run": str(run), "sessions": rows, "asked": asked, "given": given})
        return
    columns = ("session", "by", "state", "source", "minutes", "messages", "findings")
    out = console()
    out.print(table(columns, [tuple(str(row[name]) for name in columns) for row in rows], right=(4, 5, 6)))
    print(f"{given:g} minutes are evidence" + (f"; the policy asks for {asked:g}." if asked is not None else "."))


def rows_of(folder: RunFolder) -> list[dict[str, Any]]:
    """A row for each session."""
    from ftsafety_spec.pipeline.red_team.session_evidence import body_of, session_bodies
    from ftsafety_spec.pipeline.red_team.session_journal import sessions_of

    closed = {body.session: (item, body) for item, body in session_bodies(folder)}
    rows = []
    for session in sessions_of(folder):
        item, body = closed.get(session.id, (None, body_of(folder, session)))
        state = "evidence" if item is not None else "ended" if session.ended is not None else "open"
        rows.append(
            {
                "session": session.id,
                "by": session.begun.by,
                "state": state,
                "source": session.begun.source,
                "minutes": body.minutes,
                "messages": len(session.turns),
                "findings": len(body.findings),
                "signed": item.by.key if item is not None and item.signature is not None else None,
            }
        )
    return rows


def _end(folder: RunFolder, name: str, key: str | None, passphrase_env: str | None, form: str) -> None:
    from ftsafety_spec.cli.redteam_terminal import closed_words
    from ftsafety_spec.pipeline.red_team.session_evidence import close_session
    from ftsafety_spec.pipeline.red_team.session_key import signer_for

    made = close_session(folder, name, signer_for(key, passphrase_env))
    if form == "json":
        body, following = made.body.model_dump(mode="json"), f"ftsafety gate {folder.root}"
        print_json({"run": str(folder.root), "sessions": [body], "next": following})
    else:
        print(closed_words(made, folder))
