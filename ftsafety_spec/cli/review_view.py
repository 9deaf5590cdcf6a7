"""A review queue for a terminal and as plain data: ids, reasons and keys of answers, never a text."""

from __future__ import annotations

from collections.abc import Collection
from typing import TYPE_CHECKING, Any

from ftsafety_spec.cli.output import console, table
from ftsafety_spec.cli.text import one_line
from ftsafety_spec.pipeline.queue import Queue

if TYPE_CHECKING:
    from ftsafety_spec.records.folder import RunFolder


def queue_data(queue: Queue, judged: Collection[str]) -> dict[str, Any]:
    """The queue as plain data. `judged`: ids of items that the reviewer has judged."""
    items = [
        {
            "id": item.id,
            "why": list(item.why),
            "outcome": item.outcome,
            "suite": item.suite,
            "task": item.task,
            "prompt_id": item.prompt_id,
            "category": item.category,
            "answers": [answer.answer for answer in item.answers],
            "words": list(item.words),
            "judged": item.id in judged,
        }
        for item in queue.items
    ]
    flags = [{"id": flag.id, "sentence": flag.sentence, "open": flag.open} for flag in queue.flags]
    return {"items": items, "findings": flags, "counts": queue.counts()}


def print_queue(queue: Queue, judged: Collection[str], folder: RunFolder) -> None:
    """A row for each item, then the findings."""
    out = console()
    done = sum(item.id in judged for item in queue.items)
    out.print(f"{len(queue.items)} items, {done} judged; {len(queue.flags)} findings to approve")
    rows = [
        (
            item.id,
            item.outcome,
            len(item.answers),
            item.category,
            f"{item.task}/{item.prompt_id}",
            ", ".join(item.why),
            "yes" if item.id in judged else "",
        )
        for item in queue.items
    ]
    if rows:
        out.print(table(("id", "outcome", "answers", "category", "prompt", "why", "judged"), rows, right=(2,)))
    for flag in queue.flags:
        out.print(f"{'open' if flag.open else 'met '}  {one_line(flag.id)}: {one_line(flag.sentence)}", soft_wrap=True)
    out.print(f"Next: ftsafety review {folder.root} --by NAME, at a terminal, or with --export and --answers")
