"""`ftsafety console`: the project's runs, answers and reviews in a browser, served to this machine only."""

from __future__ import annotations

import sys
from pathlib import Path

import click

from ftsafety_spec.cli.group import help_of
from ftsafety_spec.cli.output import format_option, note, print_json

WARNING = (
    "warning: {host} can be reached from other machines. Whoever sees the address below can read every answer and "
    "review in your name, and nothing on the way is encrypted."
)


@click.command("console", help=help_of("console"))
@click.argument("project", required=False, type=click.Path(exists=True, file_okay=False, path_type=Path))
@click.option("--port", type=click.IntRange(0, 65535), default=0, show_default="a free one", help="Port to listen on.")
@click.option("--host", default="127.0.0.1", show_default=True, help="Address to listen on; warns beyond loopback.")
@click.option("--no-open", is_flag=True, help="Print the address only; open no browser.")
@format_option
def console_command(project: Path | None, port: int, host: str, no_open: bool, form: str) -> None:
    """Serve until Ctrl-C."""
    from ftsafety_spec.compose import find_project
    from ftsafety_spec.console import Server

    server = Server.bound(find_project(project or Path.cwd()).root, host, port)
    if not server.access.loopback:
        note(WARNING.format(host=host))
    try:
        if form == "json":
            print_json({"address": server.access.address, "host": host, "port": server.access.port})
        else:
            print(server.access.address)
        sys.stdout.flush()
        note("The address holds a token: whoever has it can use this console. Ctrl-C ends it.")
        if not no_open and sys.stdout.isatty():
            _open(server.access.address)
        server.serve()
    except KeyboardInterrupt:
        note("The console has ended.")


def _open(address: str) -> None:
    """Open the user's browser, where there is one; a failure is none of ours."""
    import webbrowser
    from contextlib import suppress

    with suppress(webbrowser.Error, OSError):
        webbrowser.open(address)
