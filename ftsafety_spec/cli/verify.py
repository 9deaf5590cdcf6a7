"""`ftsafety verify`: does a run folder still say what was found, and does an evaluation made elsewhere hold? Each
command is imported when it is used. `ftsafety verify RUN` is `ftsafety verify run RUN`."""

from __future__ import annotations

from importlib import import_module

import click

from ftsafety_spec.cli.group import help_of

RUN = "run"
COMMANDS: dict[str, tuple[str, str]] = {
    RUN: ("verify_run", "Recompute the digests and the verdict of a run; check who signed it."),
    "report": ("verify_report", "Check an evaluation made elsewhere; measure a sample of it again (R-09)."),
}
"""Name to module and help line, in the order of the help page."""


class RunFirst(click.Group):
    """A lazy group. What is no command of it is a run, with its options."""

    def list_commands(self, ctx: click.Context) -> list[str]:  # noqa: ARG002
        """All names."""
        return list(COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:  # noqa: ARG002
        """The command, imported now; None where there is none."""
        if cmd_name not in COMMANDS:
            return None
        module = import_module(f"ftsafety_spec.cli.{COMMANDS[cmd_name][0]}")
        found: click.Command = module.COMMAND
        return found

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        """As click's, but a run alone, or options before it, mean `run`."""
        if args and args[0] not in (*COMMANDS, "--help"):
            args = [RUN, *args]
        return super().parse_args(ctx, args)

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:  # noqa: ARG002
        """Names and help lines, without importing one."""
        with formatter.section("Commands"):
            formatter.write_dl([(name, text) for name, (_, text) in COMMANDS.items()])


def help_of_part(name: str) -> str:
    """The help line of a command of this group."""
    return COMMANDS[name][1]


@click.group(
    "verify",
    cls=RunFirst,
    help=f"{help_of('verify')}\n\n`ftsafety verify RUN` is `ftsafety verify run RUN`.",
    short_help=help_of("verify"),
)
def verify_command() -> None:
    """Holds the commands below it."""
