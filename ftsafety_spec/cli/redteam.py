"""`ftsafety redteam`: the manual desk, and what is done with what a red team finds. Each command is imported when it is
used; one whose module is not there is not listed. `ftsafety redteam RUN` opens the desk."""

from __future__ import annotations

from importlib import import_module
from importlib.util import find_spec

import click

from ftsafety_spec.cli.group import help_of
from ftsafety_spec.errors import NotFoundError

DESK = "desk"
COMMANDS: dict[str, tuple[str, str]] = {
    DESK: ("redteam_desk", "Probe base and tuned side by side, on the clock (R-29, R-34)."),
    "sessions": ("redteam_sessions", "List manual sessions; end one that was interrupted."),
    "import": ("redteam_import", "Take in manual sessions that were held elsewhere (JSONL)."),
    "hunt": ("redteam_hunt", "Search for triggers: halve to those that change tuned, confirm on fresh prompts."),
    "write": ("redteam_write", "Have a model write further domain probes; each is checked."),
    "findings": ("redteam_findings", "List what was found, by hand and by search."),
    "promote": ("redteam_promote", "Write confirmed findings as a suite that later runs measure again."),
}
"""Name to module and help line, in the order of the help page."""


class DeskFirst(click.Group):
    """A lazy group. What is no command of it is a run, whose desk is opened."""

    def list_commands(self, ctx: click.Context) -> list[str]:  # noqa: ARG002
        """The commands whose module is there."""
        return [name for name, (module, _) in COMMANDS.items() if _there(module)]

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """The command, imported now; None where there is none."""
        if cmd_name not in self.list_commands(ctx):
            return None
        module = import_module(f"ftsafety_spec.cli.{COMMANDS[cmd_name][0]}")
        found: click.Command = getattr(module, f"{cmd_name}_command")
        return found

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        """As click's, but a run alone opens its desk."""
        if args[0] not in self.list_commands(ctx):
            desk = self.get_command(ctx, DESK)
            if desk is None:
                raise NotFoundError("command", args[0], self.list_commands(ctx))
            return DESK, desk, args
        return super().resolve_command(ctx, args)

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """Names and help lines, without importing one."""
        rows = [(name, COMMANDS[name][1]) for name in self.list_commands(ctx)]
        if rows:
            with formatter.section("Commands"):
                formatter.write_dl(rows)


def help_of_part(name: str) -> str:
    """The help line of a command of this group."""
    return COMMANDS[name][1]


def _there(module: str) -> bool:
    return find_spec(f"ftsafety_spec.cli.{module}") is not None


@click.group(
    "redteam",
    cls=DeskFirst,
    help=f"{help_of('redteam')}\n\n`ftsafety redteam RUN` is `ftsafety redteam desk RUN`.",
    short_help=help_of("redteam"),
)
def redteam_command() -> None:
    """Holds the commands below it."""
