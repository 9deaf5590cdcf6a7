"""A policy, and the changes between two, for a terminal. Given what `pipeline.policies` found, gives blocks."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

from ftsafety_spec.compose.policy_diff import loosens
from ftsafety_spec.compose.policy_explain import PolicyExplained, RuleExplained
from ftsafety_spec.compose.policy_sources import Setting
from ftsafety_spec.pipeline.policies import Compared
from ftsafety_spec.report.blocks import Block, Column, Heading, Points, Table, Text
from ftsafety_spec.spec.effective import Change
from ftsafety_spec.spec.rule_words import figure

_DIRECTION = {"stricter": "stricter", "looser": "LOOSER", "other": "changed otherwise"}


def explained_blocks(made: PolicyExplained) -> list[Block]:
    """A policy, its rules first, then duties, risk, who may act."""
    blocks: list[Block] = [Heading(f"{made.policy}: {made.title}"), Text(f"owner {made.owner}, {made.digest[:19]}")]
    if made.extends:
        blocks.append(Text(f"extends {', '.join(made.extends)}"))
    blocks.append(Text(_facts(made)))
    for rule in made.rules:
        blocks += _rule_blocks(rule)
    blocks += [Heading("What each action obliges to"), Points(tuple(duty.says for duty in made.actions))]
    duties = [setting for duty in made.actions for setting in _prefixed(duty.settings, duty.action)]
    watch = [setting for level, rows in made.monitoring.items() for setting in _prefixed(rows, f"monitoring.{level}")]
    blocks.append(_settings("Duties", [*made.measure, *duties, *watch]))
    blocks += list(_rest(made))
    return blocks


def _facts(made: PolicyExplained) -> str:
    if made.facts is None:
        return "No spec was given: the rules as they stand, before any adjustment."
    facts = made.facts
    source = f", adapters from {facts.adapter_source}" if facts.adapter_source else ""
    left_out = f"; left out and counted at the highest: {', '.join(facts.undeclared)}" if facts.undeclared else ""
    return f"for spec {made.spec}: tier {facts.tier} ({facts.points} points), {facts.context}{source}{left_out}"


def _rule_blocks(rule: RuleExplained) -> Iterator[Block]:
    yield Heading(f"{rule.id} ({rule.kind})")
    yield Text(rule.says)
    if rule.rationale or rule.description:
        yield Text(f"Why: {rule.rationale or rule.description}")
    if rule.waiver:
        yield Text(f"May be waived {rule.waiver}.")
    yield _settings(f"Numbers of {rule.id}", list(rule.settings))


def _prefixed(settings: Sequence[Setting], action: str) -> Iterator[Setting]:
    for setting in settings:
        yield setting.model_copy(update={"field": f"{action}.{setting.field}"})


def _settings(caption: str, rows: Sequence[Setting]) -> Table:
    columns = (Column("field"), Column("value"), Column("where it came from"))
    cells = tuple((row.field, figure(row.field, row.value), _source(row)) for row in rows)
    return Table(caption, columns, cells)


def _source(row: Setting) -> str:
    here = row.place or "default of the rule kind"
    if row.by:
        before = f"{figure(row.field, row.was)} at {row.was_place or 'default of the rule kind'}"
        here = f"{here}, tightened by adjust {', '.join(row.by)} (else {before})"
    return f"{here}; locked: {row.lock}" if row.lock else here


def _rest(made: PolicyExplained) -> Iterator[Block]:
    points = [f"{factor}: {figure('', levels)}" for factor, levels in made.risk.items()]
    if points:
        yield Heading("Risk: points by factor, a factor left out counts highest")
        yield Points((*points, "tiers from " + ", ".join(f"{n} points {tier}" for tier, n in made.tiers.items())))
    if made.adjust:
        columns = (Column("adjustment"), Column("field"), Column("value"), Column("at"), Column("holds"))
        said = {True: "yes", False: "no", None: "by spec"}
        rows = tuple(
            (f"{row.adjust}, {row.when}", row.field, figure(row.field, row.value), row.place or "", said[row.holds])
            for row in made.adjust
        )
        yield Table("What facts of a spec tighten", columns, rows)
    yield Heading("Who may act")
    yield Points(tuple(_acting(made)))
    yield Heading("What no policy that extends this one may loosen")
    yield Points(tuple(f"{path}: {reason}" for path, reason in made.locks.items()) or ("nothing is locked",))
    if made.looser:
        yield Heading("Where it is looser than what it extends, or than the built-in policy")
        yield Points(tuple(f"{row.rule}.{row.field}: {row.from_} to {row.to} ({row.than})" for row in made.looser))


def _acting(made: PolicyExplained) -> Iterator[str]:
    """Roles and their people, separation of duties, waivers."""
    yield from (f"{role}: {', '.join(people) or 'nobody yet'}" for role, people in made.roles.items())
    owner = "may" if made.owner_may_accept else "may not"
    yield f"who owns a spec {owner} accept its risk or approve its waivers"
    waivers = [f"{rule.id} may be waived {rule.waiver}" for rule in made.rules if rule.waiver]
    yield from waivers or ["no rule may be waived"]


def diff_blocks(made: Compared) -> list[Block]:
    """Every change in words, what is looser first."""
    names = f"{made.old.name}@{made.old.compute_digest()[:19]} to {made.new.name}@{made.new.compute_digest()[:19]}"
    if not made.changes:
        return [Heading(names), Text("No rule, duty, risk point, waiver, role or lock differs.")]
    looser = len(made.looser)
    said = f"{looser} of {len(made.changes)} changes loosen, or are not shown to be as strict." if looser else (
        f"{len(made.changes)} changes; nothing is looser."
    )  # fmt: skip
    order = sorted(made.changes, key=lambda change: (not loosens(change), change.direction == "stricter"))
    return [Heading(names), Text(said), Points(tuple(change_words(change) for change in order))]


def change_words(change: Change) -> str:
    """`bands.up_to.deploy: LOOSER, 0.05 (5 %) to 0.06 (6 %)`; rules that are added or removed are said to be."""
    where, word = f"{change.rule}.{change.field}", _DIRECTION[change.direction]
    if change.field == "rule":
        what = "added" if change.old is None else "removed"
        return f"{change.rule}: {what}, {word} ({change.new or change.old})"
    if change.field == "waiver":
        return f"{change.rule}: {word}, a waiver is {_value('', change.new)}, was {_value('', change.old)}"
    return f"{where}: {word}, {_value(change.field, change.old)} to {_value(change.field, change.new)}"


def _value(field: str, value: Any) -> str:
    return "nothing" if value is None else figure(field, value)
