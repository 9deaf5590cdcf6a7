"""An explanation for people: given an `Explanation`, gives blocks, the verdict first, then rules, then figures. Every
string may come from a user's file: whoever prints them makes them harmless."""

from __future__ import annotations

from collections.abc import Iterator

from ftsafety_spec.report import numbers, words
from ftsafety_spec.report.blocks import Block, Column, Facts, Heading, Points, Table, Text
from ftsafety_spec.report.explain_data import Explanation, Judgement, NearestEdge, Rule, Way
from ftsafety_spec.report.explain_figure_blocks import figure_blocks
from ftsafety_spec.report.explain_words import action_mark, cell_words, edge_words

FULL = 3
"""Figures that are shown whole; of the others one line each."""
MOST = 8
"""Lines of one kind that are shown; the rest is in the JSON."""


def explanation_blocks(made: Explanation) -> list[Block]:
    """The whole explanation."""
    blocks: list[Block] = []
    if made.verdict is not None:
        blocks += verdict_blocks(made.verdict, made.rules)
    else:
        for rule in made.rules:
            blocks += rule_blocks(rule, made)
    asking = [figure for figure in made.figures if _asks(made, figure.cell)] if made.rules else list(made.figures)
    shown = (asking or list(made.figures))[:FULL]
    for figure in shown:
        blocks += figure_blocks(figure)
    others = len(made.figures) - len(shown)
    if others:
        blocks.append(Text(f"{numbers.plural(others, 'more figure')}: name a cell, or `--format json`.", "note"))
    blocks += [Text(note, "warning") for note in made.notes]
    return blocks


def _asks(made: Explanation, cell: str) -> bool:
    readings = [item for rule in made.rules for item in rule.readings if item.cell == cell]
    return not readings or any(item.result != "within" or item.decides for item in readings)


def verdict_blocks(verdict: Judgement, rules: tuple[Rule, ...]) -> list[Block]:
    """Action, what decided, one line a rule, what is missing, what would change it."""
    policy = f"{verdict.policy}@{verdict.policy_digest[:19]}"
    head = f"decision {words.DECISION[verdict.decision].lower()}, exit status {verdict.exit}, as of {verdict.as_of}"  # type: ignore[index]
    blocks: list[Block] = [Heading(head, action_mark(verdict.action)), Text(f"Policy {policy}", "note")]
    if len(verdict.variants) > 1:
        blocks.append(Points(tuple(f"{name}: {words.ACTION[item]}" for name, item in verdict.variants.items())))
    blocks += [Text(reason, "warning") for reason in verdict.reasons if reason.startswith("Rejected by ")]
    blocks += [Heading("Decided by"), Points(tuple(_decided(verdict, rules)))]
    columns = (Column("Rule"), Column("Leads to"), Column("Reading"))
    rows = tuple((rule.rule, _leads(rule), rule.line) for rule in rules)
    blocks.append(Table("Rules", columns, rows))
    missing = [f"{words.need(item.need)} (rule {item.rule}): {item.how}" for item in verdict.missing]
    blocks += _listed("Missing evidence", missing)
    owed = [
        f"{words.OBLIGATION.get(item.kind, item.kind)}, {item.people} × {item.by}: {item.detail}"
        for item in verdict.owed
    ]
    blocks += _listed("Still owed by people", owed)
    blocks += _listed("What would change it", list(_changes(verdict, rules)))
    return blocks


def _decided(verdict: Judgement, rules: tuple[Rule, ...]) -> Iterator[str]:
    if not verdict.deciding:
        yield "no reading permits anything: no band was read and met for every variant to be deployed"
    for rule in rules:
        if rule.decides:
            alone = "it alone; " if verdict.alone == rule.rule else ""
            without = words.ACTION[verdict.without[rule.rule]].lower()
            yield f"{rule.rule} ({alone}without it the run would be: {without}): {_deciding(rule)}"


def _deciding(rule: Rule) -> str:
    found = [item.sentence for item in rule.readings if item.decides]
    more = f" And {len(found) - 1} more." if len(found) > 1 else ""
    return found[0][:1].upper() + found[0][1:] + more


def _leads(rule: Rule) -> str:
    if rule.action is None:
        return "–"
    if all(item.waived_by is not None for item in rule.readings):
        return "waived"
    flags = sum(item.result == "flag" and item.waived_by is None for item in rule.readings)
    if flags:
        return f"{flags} flagged"
    if rule.action == "deploy" and any(item.result == "unclear" for item in rule.readings):
        return "nothing: unclear"
    if rule.kind == "concern":
        return "nothing"
    return words.ACTION[rule.action]


def _changes(verdict: Judgement, rules: tuple[Rule, ...]) -> Iterator[str]:
    for side, near in verdict.nearest.items():
        if near is not None:
            yield f"Nearest, {_nearest(near, rules)}"
        elif side == "better" and verdict.ways:
            yield "No single edge makes it better: all that is in the way has to go."
    ways: dict[str, list[str]] = {}
    for way in verdict.ways:
        ways.setdefault("; ".join(_in_the_way(way)), []).append(words.ACTION[way.action].lower())
    for said, actions in ways.items():
        yield f"In the way of {' / '.join(actions)}: {said or 'nothing'}."


def _in_the_way(way: Way) -> list[str]:
    by_rule: dict[str, list[str]] = {}
    for item in way.blockers:
        by_rule.setdefault(item.rule, []).append(cell_words(item.cell) if item.cell else "")
    return [f"{rule}{_cells(cells)}" for rule, cells in by_rule.items()]


def _cells(cells: list[str]) -> str:
    named = [cell for cell in cells if cell]
    if not named:
        return f" ({len(cells)})" if len(cells) > 1 else ""
    more = f"; {len(named) - 3} more" if len(named) > 3 else ""
    return f" ({'; '.join(named[:3])}{more})"


def _nearest(near: NearestEdge, rules: tuple[Rule, ...]) -> str:
    reading = next(item for rule in rules if rule.rule == near.rule for item in rule.readings if item.cell == near.cell)
    return f"{near.rule} of {cell_words(near.cell)}. {edge_words(near.edge, reading)}"


def _listed(title: str, lines: list[str]) -> list[Block]:
    if not lines:
        return []
    more = [f"… and {len(lines) - MOST} more (`--format json`)"] if len(lines) > MOST else []
    return [Heading(title), Points((*lines[:MOST], *more))]


def rule_blocks(rule: Rule, made: Explanation) -> list[Block]:
    """A rule: what it says, what it read, the nearest edges."""
    blocks: list[Block] = [Heading(f"Rule {rule.rule}: {words.RULE_KIND.get(rule.kind, rule.kind)}")]
    if rule.why:
        blocks.append(Text(" ".join(rule.why.split())))
    blocks.append(Facts(tuple((words.plain(name), numbers.words(value)) for name, value in rule.settings.items())))
    if not rule.readings:
        return [*blocks, Text("It read nothing in this run.")]
    columns = (Column("Read"), Column("Result"), Column("Leads to"), Column("Reading"))
    rows = tuple(
        (
            cell_words(item.cell),
            "waived" if item.waived_by else words.RESULT[item.result],
            ("decides", action_mark(item.action)) if item.decides else action_mark(item.action),
            item.sentence,
        )
        for item in rule.readings[:MOST]
    )
    blocks.append(Table("What it read, the most severe first", columns, rows))
    if len(rule.readings) > MOST:
        blocks.append(Text(f"{len(rule.readings) - MOST} more readings: `--format json`.", "note"))
    if not made.figures:
        lines = [edge_words(edge, item) for item in rule.readings[:MOST] for edge in item.edges]
        blocks += _listed("What would have changed it", lines)
    blocks += _listed("Still owed by people", list(rule.owed))
    return blocks
