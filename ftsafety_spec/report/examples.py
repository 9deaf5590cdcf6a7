"""Discordant prompts, folded: given a view, gives for each variant and outcome the examples with both answers, or says
that texts are withheld. Texts are cut to a readable length, never altered otherwise."""

from __future__ import annotations

from ftsafety_spec.records.comparison import Discordant
from ftsafety_spec.report import numbers, words
from ftsafety_spec.report.blocks import Block, Example, Examples, Mark, Section, Text
from ftsafety_spec.report.choose import Chosen, directions, loss, shown_examples
from ftsafety_spec.report.safe import cut
from ftsafety_spec.report.view import ReportView

WARNING = "The texts below are model answers to safety prompts. Some may be unpleasant or harmful to read."
WITHHELD = "Texts are withheld from this run folder; prompts are named by id."


def examples(view: ReportView) -> Section:
    """The section of prompts on which base and tuned differ."""
    chosen = shown_examples(view.comparison)
    blocks: list[Block] = [Text(WARNING, "warning")] if view.texts or view.prompts else [Text(WITHHELD, "note")]
    if not chosen:
        blocks = [Text("Base and tuned do not differ on any scored prompt.")]
    safer = directions(view.comparison)
    blocks += [_group(view, group, safer.get(group.outcome, "higher")) for group in chosen.values()]
    return Section("examples", "Prompts on which they differ", tuple(blocks))


def _group(view: ReportView, group: Chosen, safer: str) -> Examples:
    everything = group.lost + group.gained
    shown = f"Showing {numbers.count(len(group.rows))} of {numbers.count(everything)}: " if everything else ""
    return Examples(
        title=f"{words.outcome(group.outcome)}, {group.variant}",
        lead=f"{shown}{numbers.plural(group.lost, 'prompt')} lost, {numbers.count(group.gained)} gained.",
        items=tuple(_example(view, row, safer) for row in group.rows),
    )


def _example(view: ReportView, row: Discordant, safer: str) -> Example:
    prompt, cut_prompt = _text(view.prompts.get(row.prompt))
    base, cut_base = _text(view.texts.get(row.base_answer))
    tuned, cut_tuned = _text(view.texts.get(row.tuned_answer))
    return Example(
        title=f"{row.task} · {row.prompt_id} · {words.area(row.area)}",
        mark=Mark("lost", "block") if loss(row, safer) > 0 else Mark("gained", "deploy"),
        prompt=prompt,
        base=base,
        tuned=tuned,
        base_reads=_reads(row, row.base),
        tuned_reads=_reads(row, row.tuned),
        left_out=cut_prompt + cut_base + cut_tuned,
    )


def _reads(row: Discordant, value: float) -> str:
    return f"{words.plain(row.outcome).lower()} {numbers.percent(value, 0)}"


def _text(body: str | None) -> tuple[str | None, int]:
    return (None, 0) if body is None else cut(body)
