"""Past runs under another policy, as blocks for a terminal and for a pull request. Given what `replay` found, gives
blocks: what flips first, then where rules got looser, then what could not be judged."""

from __future__ import annotations

from collections.abc import Iterator

from ftsafety_spec.cli.policy_view import change_words
from ftsafety_spec.pipeline.policy_replay import Flip, Replayed
from ftsafety_spec.report import words
from ftsafety_spec.report.blocks import Block, Code, Column, Heading, Points, Table, Text
from ftsafety_spec.report.numbers import plural

MOST = 200
"""Flips and skipped runs that are listed; the JSON has all."""


def replay_blocks(made: Replayed) -> list[Block]:
    """The whole summary."""
    blocks: list[Block] = [
        Heading(f"Policy {made.policy}: {plural(len(made.flips), 'flip')} in {plural(made.runs, 'past run')}"),
        Text(_said(made)),
        Text(f"Policy digest {made.digest}. Each run was judged on its own date, from its records alone."),
    ]
    if made.flips:
        order = sorted(made.flips, key=lambda flip: (flip.direction == "stricter", flip.run))
        blocks.append(_flips(order[:MOST]))
        if len(order) > MOST:
            blocks.append(Text(f"And {plural(len(order) - MOST, 'more flip')}: `--format json` lists all."))
    if any(flip.drifted for flip in made.flips):
        blocks.append(Text(_DRIFT, "warning"))
    blocks += list(_looser(made))
    blocks += list(_skipped(made))
    return blocks


_DRIFT = (
    "Runs marked * do not get their recorded verdict under their own policy either: evidence was added since, or this "
    "program changed. `ftsafety gate RUN` judges them anew."
)


def _said(made: Replayed) -> str:
    stricter = len(made.flips) - made.milder
    counts = ", ".join(f"{count} × {move}" for move, count in sorted(made.decisions.items()))
    return f"{made.milder} would permit more than was permitted, {stricter} less. Decisions: {counts or 'none'}."


def _flips(flips: list[Flip]) -> Table:
    columns = (Column("run"), Column("spec"), Column("as of"), Column("was"), Column("would be"), Column("because of"))
    return Table("Flips, what permits more first", columns, tuple(_row(flip) for flip in flips))


def _row(flip: Flip) -> tuple[str | Code, ...]:
    was = f"{words.DECISION[flip.was].lower()} ({words.ACTION[flip.was_action].lower()})"
    now = f"{words.DECISION[flip.now].lower()} ({words.ACTION[flip.now_action].lower()})"
    causes = "; ".join(f"{cause.rule}: {cause.sentence}" for cause in flip.causes[:2]) or "no single rule"
    return (Code(flip.run + ("*" if flip.drifted else "")), flip.spec, flip.as_of, was, now, causes)


def _looser(made: Replayed) -> Iterator[Block]:
    for name, changes in made.looser.items():
        yield Heading(f"Looser than {name}, which judged some of these runs")
        yield Points(tuple(change_words(change) for change in changes))


def _skipped(made: Replayed) -> Iterator[Block]:
    if made.skipped:
        yield Heading(f"{plural(len(made.skipped), 'run')} could not be judged")
        yield Points(tuple(f"{run}: {why}" for run, why in list(made.skipped.items())[:MOST]))
