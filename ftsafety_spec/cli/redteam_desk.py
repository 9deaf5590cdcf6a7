"""`ftsafety redteam RUN`: a person probes base and tuned side by side, in the console's desk or at the terminal. Given
a run, opens its models; what is said is a session, and a session that ends is evidence."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import quote

import click

from ftsafety_spec.cli.options import person_name, run_argument
from ftsafety_spec.cli.output import format_option, note, print_json
from ftsafety_spec.cli.redteam import help_of_part

if TYPE_CHECKING:
    from ftsafety_spec.records.folder import RunFolder

HELP = f"""{help_of_part("desk")}

Opens in a browser, or with --terminal where there is none. The clock counts active minutes; a session that ends becomes
evidence that the policy's minimum reads. Ctrl-C or a closed laptop loses nothing: the same command goes on."""


@click.command("desk", help=HELP, short_help=help_of_part("desk"))
@run_argument
@click.option("--terminal", "at_terminal", is_flag=True, help="Ask here, without a browser.")
@click.option("--by", metavar="NAME", help="With --terminal: who probes.")
@click.option(
    "--variant", metavar="NAME", help="With --terminal: what is held against base; left out, what is deployed."
)
@click.option("--any-topic", is_flag=True, help="With --terminal: not about the domain; its minutes may not count.")
@click.option("--new", is_flag=True, help="With --terminal: begin anew although a session of yours is open.")
@click.option(
    "--key", metavar="NAME", help="Key that signs the session; left out, your only key that needs no passphrase."
)
@click.option("--passphrase-env", metavar="VARIABLE", help="Environment variable that holds the key's passphrase.")
@click.option("--port", type=click.IntRange(0, 65535), default=0, show_default="a free one", help="Port to listen on.")
@click.option("--no-open", is_flag=True, help="Print the address only; open no browser.")
@format_option
def desk_command(
    run: Path,
    at_terminal: bool,
    by: str | None,
    variant: str | None,
    any_topic: bool,
    new: bool,
    key: str | None,
    passphrase_env: str | None,
    port: int,
    no_open: bool,
    form: str,
) -> None:
    """A browser, or this terminal."""
    from ftsafety_spec.pipeline import open_run
    from ftsafety_spec.pipeline.red_team.session_key import signer_for

    folder = open_run(run)
    signer = signer_for(key, passphrase_env)
    if not at_terminal:
        if by or variant or any_topic or new:
            raise click.UsageError(
                "--by, --variant, --any-topic and --new go with --terminal; a browser asks for them."
            )
        _browse(folder, port, no_open, form, key, passphrase_env)
        return
    from ftsafety_spec.cli.one_key import at_a_terminal
    from ftsafety_spec.cli.redteam_terminal import sit_down
    from ftsafety_spec.errors import InputError
    from ftsafety_spec.pipeline.red_team.desk import Sitter

    if not at_a_terminal():
        raise InputError(
            "there is no terminal here, and a session is held by a person.",
            code="FTS-115",
            hint="Take in sessions from elsewhere by `ftsafety redteam import RUN FILE`.",
        )
    sitter = Sitter(person_name(by), "terminal", variant, "any" if any_topic else "domain")
    sit_down(folder, sitter, signer, new)


def _browse(
    folder: RunFolder, port: int, no_open: bool, form: str, key: str | None, passphrase_env: str | None
) -> None:
    """Serve the project's console, and print the address of the run's desk."""
    from ftsafety_spec.cli.console import _open
    from ftsafety_spec.console import Server
    from ftsafety_spec.errors import InputError, Where
    from ftsafety_spec.pipeline.stages import project_of

    root, path = project_of(folder).root, folder.root.resolve()
    if path.parent != (root / "runs").resolve():
        raise InputError(
            "the console shows the runs below runs/ of a project, and this one lies elsewhere.",
            code="FTS-113",
            where=Where(file=str(folder.root)),
            hint="Move it there, or use --terminal.",
        )
    server = Server.bound(root, "127.0.0.1", port, (key, passphrase_env))
    address = server.access.address.replace("/?", f"/runs/{quote(path.name, safe='')}/redteam?", 1)
    if form == "json":
        print_json({"address": address, "host": "127.0.0.1", "port": server.access.port})
    else:
        print(address)
    sys.stdout.flush()
    note("The address holds a token: whoever has it can use this desk. Ctrl-C ends it; sessions can be taken up again.")
    if not no_open and sys.stdout.isatty():
        _open(address)
    try:
        server.serve()
    except KeyboardInterrupt:
        note("The desk has ended.")
