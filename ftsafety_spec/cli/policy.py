"""`ftsafety policy`: what a policy says, how it differs from another, whether it does what its cases expect, and which
past decisions it would change. Each command's work is imported when it runs."""

from __future__ import annotations

from pathlib import Path

import click

from ftsafety_spec.cli.group import help_of
from ftsafety_spec.cli.output import format_option, print_json

LOOSER = 3
"""Exit status where something is looser."""
FLIPPED = 3
"""Exit status where a past decision would be another."""
FAILED = 5
"""Exit status where a case does not come out as expected."""
REFUSED = 2
"""Exit status where a policy is not fit for use."""


@click.group("policy", help=help_of("policy"), short_help=help_of("policy"))
def policy_command() -> None:
    """Holds the commands below it."""


@policy_command.command("explain")
@click.argument("policy", metavar="POLICY")
@click.option("--spec", metavar="SPEC", help="As it holds for this spec: with the adjustments that its facts call for.")
@format_option
def explain_command(policy: str, spec: str | None, form: str) -> None:
    """Print the rules that hold, in words, with where each number came from.

    POLICY is a name, a file, NAME@DIR of another project, or a run folder."""
    from ftsafety_spec.cli.blocks_view import print_blocks
    from ftsafety_spec.cli.policy_view import explained_blocks
    from ftsafety_spec.pipeline.policies import explained

    made = explained(policy, spec)
    if form == "json":
        print_json(made.to_json())
    else:
        print_blocks(explained_blocks(made))


@policy_command.command("diff")
@click.argument("old", metavar="A")
@click.argument("new", metavar="B")
@format_option
def diff_command(old: str, new: str, form: str) -> None:
    """Say for each rule whether B is stricter or looser than A, or changed otherwise.

    A and B are names, files, NAME@DIR of another project, or run folders. Exit status: 0 where nothing is looser, 3
    where something is, or is not shown to be as strict."""
    from ftsafety_spec.cli.blocks_view import print_blocks
    from ftsafety_spec.cli.policy_view import diff_blocks
    from ftsafety_spec.pipeline.policies import compared

    made = compared(old, new)
    if form == "json":
        print_json(made.to_json())
    else:
        print_blocks(diff_blocks(made))
    raise click.exceptions.Exit(LOOSER if made.looser else 0)


@policy_command.command("replay")
@click.argument("policy", metavar="POLICY")
@click.argument("runs", metavar="RUNS...", nargs=-1, required=True, type=click.Path(path_type=Path))
@click.option(
    "--format",
    "form",
    type=click.Choice(["text", "json", "markdown"]),
    default="text",
    show_default=True,
    help="How results are printed to stdout; markdown is a summary for a pull request.",
)
def replay_command(policy: str, runs: tuple[Path, ...], form: str) -> None:
    """Judge past runs by another policy, each on its own date, and list the decisions that flip.

    RUNS are run folders, or folders that hold some. Nothing is written, and nothing is measured again. Exit status: 0
    where no decision flips, 3 where one does."""
    from ftsafety_spec.cli.blocks_view import print_blocks
    from ftsafety_spec.cli.policy_replay_view import replay_blocks
    from ftsafety_spec.pipeline.policy_replay import replay
    from ftsafety_spec.report.markdown import blocks_markdown

    made = replay(policy, runs)
    if form == "json":
        print_json(made.to_json())
    elif form == "markdown":
        print(blocks_markdown(replay_blocks(made)), end="")
    else:
        print_blocks(replay_blocks(made))
    raise click.exceptions.Exit(FLIPPED if made.flips else 0)


@policy_command.command("test")
@click.argument("names", metavar="[NAME]...", nargs=-1)
@click.option("--lint", "lints", is_flag=True, help="Also say what the policies of the project cannot do.")
@click.option("--strict", is_flag=True, help="With --lint: a warning refuses a policy as well.")
@format_option
def test_command(names: tuple[str, ...], lints: bool, strict: bool, form: str) -> None:
    """Run the policy cases of tests/policies/, and name the results of rules that no case reaches.

    NAME is a file of cases, or a case. Exit status: 0 where every case passes, 5 where one fails, 2 where --lint
    refuses a policy."""
    from ftsafety_spec.cli.policy_test_view import lint_json, print_lints, tested_blocks
    from ftsafety_spec.pipeline.policy_checks import checked

    made = checked(Path.cwd(), names, lints)
    if form == "json":
        print_json({**made.tested.to_json(), "lint": [lint_json(item) for item in made.lints]})
    else:
        from ftsafety_spec.cli.blocks_view import print_blocks

        print_blocks(tested_blocks(made.tested))
        print_lints(made.lints)
    refused = any(item.level == "refused" or strict for item in made.lints)
    raise click.exceptions.Exit(REFUSED if refused else FAILED if made.tested.failed else 0)
