"""The command tree. Given a name from the command line, imports the one module that holds the command.
Help is printed from the table below, so that `--help` imports no command at all."""

from __future__ import annotations

import sys
from importlib import import_module

import click

from ftsafety_spec.errors import NotFoundError

Entry = tuple[str, str, str]
"""Command name, module of this package that defines it, one line of help."""

SECTIONS: tuple[tuple[str, tuple[Entry, ...]], ...] = (
    (
        "Write a project",
        (
            ("init", "init", "Write a new project with a spec that validates."),
            ("validate", "validate", "Check specs, suites, policies and providers; name every mistake."),
            ("show", "show", "Print a spec as it is composed."),
            ("schema", "schema", "Print the JSON Schema of a file or a record."),
            ("policy", "policy", "Explain, compare, test and replay policies."),
        ),
    ),
    (
        "What can be named",
        (
            ("policies", "names", "List the policies that a spec can name."),
            ("suites", "names", "List the suites that a spec can name."),
            ("providers", "names", "List the providers that a model can name."),
            ("benchmarks", "benchmarks", "List benchmarks and probes that a task can name; show a card."),
            ("graders", "graders", "List graders and how often each errs; certify one; compare two."),
            ("data", "data", "Fetch, list and verify the files that benchmarks are made of."),
        ),
    ),
    (
        "Judge a tuned model",
        (
            ("plan", "plan", "Say what a run asks, costs and can show, before anything is spent."),
            ("run", "run", "Measure, compare, judge and report: from a spec to a verdict."),
            ("console", "console", "Open the project's runs, answers and reviews in a browser."),
        ),
    ),
    (
        "One stage at a time, on a run folder",
        (
            ("measure", "measure", "Ask and grade what is still missing in a run."),
            ("compare", "compare", "Compare tuned with base from a run's tables."),
            ("weights", "weights", "Compare the files of weights and adapters; evidence for the gate."),
            ("activations", "activations", "Read both models' layers and first tokens; supporting evidence."),
            ("gate", "gate", "Judge a compared run by its policy."),
            ("report", "report", "Write the reports of a judged run."),
            ("explain", "explain", "Say how a verdict, a rule or a figure came about, and what would change it."),
            ("verify", "verify", "Recompute the verdict of a run; check an evaluation made elsewhere."),
            ("sign", "sign", "Sign the verdict of a run, so that others can check it."),
            ("merge", "merge", "Join shards that were measured apart."),
            ("label", "label", "Take in what people say of answers, or write out what to ask them."),
            ("evidence", "evidence", "Add a review, a session or an acceptance to a run."),
        ),
    ),
    (
        "People in the loop",
        (
            ("review", "review", "Look at a run's flagged answers and findings, blind to which model gave them."),
            ("assess", "signoff", "Write or take in the risk assessment of a run."),
            ("accept", "signoff", "Write or take in the acceptance of a run's risk."),
            ("redteam", "redteam", "Probe base and tuned by hand or by search; list and promote what was found."),
            ("status", "status", "List the models of a project: what was decided, until when, what is owed."),
        ),
    ),
    (
        "Before a model is deployed",
        (
            ("admit", "admit", "Say whether this very artefact has a valid, signed, unexpired go."),
            ("keys", "signing_keys", "Make signing keys, list them, and say whose signature counts."),
        ),
    ),
)

_MODULES = {name: module for _, entries in SECTIONS for name, module, _ in entries}


class ReaderGone(Exception):
    """Whoever read standard output has gone away. No OSError, which click would turn into status 1."""


class LazyGroup(click.Group):
    """A group whose commands are imported when they are used."""

    def invoke(self, ctx: click.Context) -> object:
        """Run the command; a closed pipe becomes ReaderGone."""
        try:
            result: object = super().invoke(ctx)
            sys.stdout.flush()
        except BrokenPipeError as error:
            raise ReaderGone from error
        return result

    def list_commands(self, ctx: click.Context) -> list[str]:  # noqa: ARG002
        """All names, in the order of the help page."""
        return list(_MODULES)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:  # noqa: ARG002
        """The command, imported now; None where there is none."""
        if cmd_name not in _MODULES:
            return None
        module = import_module(f"ftsafety_spec.cli.{_MODULES[cmd_name]}")
        command: click.Command = getattr(module, f"{cmd_name}_command")
        return command

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        """As click's, but a name that does not exist is answered with the nearest one."""
        if not args[0].startswith("-") and args[0] not in _MODULES:
            raise NotFoundError("command", args[0], _MODULES)
        return super().resolve_command(ctx, args)

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:  # noqa: ARG002
        """The commands by section, without importing one."""
        width = max(len(name) for name in _MODULES)
        for title, entries in SECTIONS:
            with formatter.section(title):
                formatter.write_dl([(name.ljust(width), text) for name, _, text in entries])


def help_of(name: str) -> str:
    """A command's one line of help."""
    return next(text for _, entries in SECTIONS for entry, _, text in entries if entry == name)
