"""`ftsafety review`: people clear a run's queue. At a terminal, one key a label, blind to which model answered; without
one, the queue by id, and judgements from a file. Judgements become labels and evidence."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from ftsafety_spec.cli.group import help_of
from ftsafety_spec.cli.options import FILE, person_name, run_argument, today
from ftsafety_spec.cli.output import console, format_option, note, print_json, table

if TYPE_CHECKING:
    from ftsafety_spec.pipeline.queue import Item
    from ftsafety_spec.pipeline.reviews import Settled
    from ftsafety_spec.records.folder import RunFolder

EXAMPLE = """\b
At a terminal:
  ftsafety review RUN --by ines@acme.example
\b
Without one, in three steps:
  ftsafety review RUN --by NAME --export todo.jsonl
  fill in `words` of each row, `verdict` (approve or reject) of each finding
  ftsafety review RUN --by NAME --answers todo.jsonl
"""


@click.command("review", help=f"{help_of('review')}\n\n{EXAMPLE}", short_help=help_of("review"))
@run_argument
@click.option("--by", metavar="NAME", help="Who reviews; several people may, each under their own name.")
@click.option("--role", metavar="ROLE", help="A role of the policy; left out, the one that reviews flagged items.")
@click.option("--list", "listed", is_flag=True, help="Print the queue by id, no texts.")
@click.option("--export", type=click.Path(dir_okay=False, path_type=Path), help="Write the queue with its texts here.")
@click.option("--answers", type=FILE, help="Take judgements from this JSONL file.")
@click.option("--agreement", is_flag=True, help="Print how far the reviewers agree.")
@click.option("--most", type=click.IntRange(1, 1000), default=20, show_default=True, help="Items of each reason.")
@format_option
def review_command(
    run: Path,
    by: str | None,
    role: str | None,
    listed: bool,
    export: Path | None,
    answers: Path | None,
    agreement: bool,
    most: int,
    form: str,
) -> None:
    """Ask, list, or take in."""
    from ftsafety_spec.cli.one_key import at_a_terminal
    from ftsafety_spec.pipeline import open_run

    if sum([listed, export is not None, answers is not None, agreement]) > 1:
        raise click.UsageError("Give one of --list, --export, --answers and --agreement.")
    folder = open_run(run)
    if agreement:
        _agreement(folder, form)
    elif answers is not None:
        _take(folder, answers, person_name(by), role, most, form)
    elif export is not None:
        _export(folder, export, person_name(by), most, form)
    elif listed or form == "json" or not at_a_terminal():
        _list(folder, by, most, form)
    else:
        _sit(folder, person_name(by), role, most)


def _list(folder: RunFolder, by: str | None, most: int, form: str) -> None:
    from ftsafety_spec.cli.review_view import print_queue, queue_data
    from ftsafety_spec.pipeline.judgements import read_reviewed
    from ftsafety_spec.pipeline.reviews import review_queue

    queue = review_queue(folder, today(), by, most)
    judged = set(read_reviewed(folder, by).judged) if by else set()
    if form == "json":
        print_json({"run": str(folder.root), **queue_data(queue, judged)})
    else:
        print_queue(queue, judged, folder)


def _export(folder: RunFolder, export: Path, by: str, most: int, form: str) -> None:
    from ftsafety_spec.pipeline.review_file import export_queue

    count = export_queue(folder, export, by, today(), most)
    following = f"ftsafety review {folder.root} --by {by} --answers {export}"
    if form == "json":
        print_json({"run": str(folder.root), "file": str(export), "rows": count, "next": following})
    else:
        print(f"wrote {count} rows to {export}. Next, when they are filled in: {following}")


def _take(folder: RunFolder, answers: Path, by: str, role: str | None, most: int, form: str) -> None:
    from ftsafety_spec.pipeline.review_file import take_answers

    taken = take_answers(folder, answers, by, today(), most)
    _settled(folder, by, role, form, {"judged": taken})


def _sit(folder: RunFolder, by: str, role: str | None, most: int) -> None:
    """A sitting at the terminal. However it ends, what was said is made to count; Ctrl-C loses nothing."""
    from ftsafety_spec.pipeline.judgements import read_reviewed

    try:
        through = _ask_items(folder, by, most)
        if through:
            _settled(folder, by, role, "text", {}, quiet=True)
            _ask_flags(folder, by, most)
    except KeyboardInterrupt:
        note("\nstopped; what you said is kept.")
        _settled(folder, by, role, "text", {})
        raise
    _settled(folder, by, role, "text", {"judged": len(read_reviewed(folder, by).judged)})


def _ask_items(folder: RunFolder, by: str, most: int) -> bool:
    from ftsafety_spec.cli.one_key import one_key
    from ftsafety_spec.cli.review_desk import Desk
    from ftsafety_spec.pipeline.judgements import Notes, read_reviewed
    from ftsafety_spec.pipeline.reviews import answered_by, review_queue, texts_for

    reviewed = read_reviewed(folder, by)
    queue = review_queue(folder, today(), by, most)
    todo = _order([item for item in queue.items if item.id not in reviewed.judged], reviewed.passed)
    if not todo:
        return True
    texts, names = texts_for(folder, todo), answered_by(folder, todo)
    with Notes(folder, by) as notes, one_key() as read:
        return Desk(read, print_now, notes, texts, names).items(todo, len(reviewed.judged))


def _ask_flags(folder: RunFolder, by: str, most: int) -> bool:
    from ftsafety_spec.cli.one_key import one_key
    from ftsafety_spec.cli.review_desk import Desk
    from ftsafety_spec.pipeline.judgements import Notes
    from ftsafety_spec.pipeline.reviews import open_flags
    from ftsafety_spec.records.comparison import Comparison

    flags = open_flags(folder, today(), by, most)
    if not flags:
        return True
    digest = folder.read(Comparison).compute_digest()
    with Notes(folder, by) as notes, one_key() as read:
        return Desk(read, print_now, notes, {}, {}).flags(flags, digest)


def print_now(text: str) -> None:
    """To the terminal at once."""
    print(text, flush=True)


def _order(items: list[Item], passed: frozenset[str]) -> list[Item]:
    """What was skipped before comes last."""
    return sorted(items, key=lambda item: item.id in passed)


def _settled(
    folder: RunFolder, by: str, role: str | None, form: str, more: dict[str, Any], quiet: bool = False
) -> Settled:
    from ftsafety_spec.pipeline.reviews import not_named, settle

    done = settle(folder, by, role)
    warning = not_named(folder, by, role)
    following = f"ftsafety gate {folder.root}"
    if form == "json":
        print_json({"run": str(folder.root), "by": by, **more, **done.__dict__, "warning": warning, "next": following})
    elif not quiet:
        _say(done, warning, following)
    return done


def _say(done: Settled, warning: str | None, following: str) -> None:
    lines = [f"{done.labels} new labels, {done.approved} findings approved, {done.rejected} rejected."]
    if done.compared:
        lines.append(
            "The labels are in the grades and the run was compared anew; earlier approvals were of other figures."
        )
    if warning:
        lines.append(warning)
    print("\n".join([*lines, f"Next: {following}"]))


def _agreement(folder: RunFolder, form: str) -> None:
    from ftsafety_spec.pipeline.agreement import reviewers_agree

    found = reviewers_agree(folder)
    if form == "json":
        print_json({"run": str(folder.root), "agreement": [row.__dict__ for row in found]})
        return
    if not found:
        print("No two people have judged the same answer yet.")
        return
    out = console()
    columns = ("outcome", "people", "judged twice", "agree", "kappa", "95 % interval", "measure")
    out.print(table(columns, [row.line() for row in found], right=(2, 3, 4)))
