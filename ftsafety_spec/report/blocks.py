"""The pieces that a report is made of, free of any format. HTML and Markdown render the same blocks.
Every string in them may come from a user or a model: renderers escape all of it."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Literal

from ftsafety_spec.spec.common import Action, Decision

Tone = Literal["plain", "note", "warning"]


@dataclass(frozen=True)
class Mark:
    """A word with a meaning that colour and shape repeat: `tone` is an action, or ok | open | info."""

    text: str
    tone: str


@dataclass(frozen=True)
class Code:
    """Something to compare letter by letter: a digest, an id."""

    text: str


Cell = str | Mark | Code | tuple["str | Mark | Code", ...]


@dataclass(frozen=True)
class Column:
    """A column's title; numbers are set to the right."""

    title: str
    numeric: bool = False


@dataclass(frozen=True)
class Text:
    """A paragraph."""

    text: str
    tone: Tone = "plain"
    kind: Literal["text"] = "text"


@dataclass(frozen=True)
class Points:
    """A list of sentences."""

    items: tuple[str, ...]
    kind: Literal["points"] = "points"


@dataclass(frozen=True)
class Heading:
    """A sub-heading, with a mark where it carries an action."""

    text: str
    mark: Mark | None = None
    kind: Literal["heading"] = "heading"


@dataclass(frozen=True)
class Table:
    """Rows under columns. `fold`: closed until somebody opens it. `stack`: rows become cards when narrow."""

    caption: str
    columns: tuple[Column, ...]
    rows: tuple[tuple[Cell, ...], ...]
    fold: bool = False
    stack: bool = False
    kind: Literal["table"] = "table"


@dataclass(frozen=True)
class Facts:
    """Pairs of a name and a value."""

    pairs: tuple[tuple[str, Cell], ...]
    kind: Literal["facts"] = "facts"


@dataclass(frozen=True)
class Zone:
    """A stretch of a plot's axis that leads to an action; x in percent of the width."""

    action: Action
    label: str
    x: float
    width: float


@dataclass(frozen=True)
class Row:
    """One line of a forest plot; positions in percent of the width, null where undefined or
    beyond an edge.
    `cut_low`, `cut_high`: the interval goes on beyond the edge."""

    label: str
    figure: str
    n: str
    spoken: str
    x: float | None
    undefined: bool
    low: float | None
    high: float | None
    cut_low: bool
    cut_high: bool
    mark: Mark | None


@dataclass(frozen=True)
class Tick:
    """A mark on the axis; `edge` keeps the outermost labels inside."""

    x: float
    label: str
    edge: Literal["start", "middle", "end"]


@dataclass(frozen=True)
class Plot:
    """A forest plot: how much worse than base, with intervals, on zones. `ends`: what its two ends mean."""

    title: str
    axis: str
    zones: tuple[Zone, ...]
    limit: float | None
    limit_label: str
    zero: float
    ticks: tuple[Tick, ...]
    rows: tuple[Row, ...]
    ends: str = "safer ← base → less safe"
    kind: Literal["plot"] = "plot"


@dataclass(frozen=True)
class Example:
    """A discordant prompt. A text is null where it is withheld; `left_out` counts characters that were cut."""

    title: str
    mark: Mark
    prompt: str | None
    base: str | None
    tuned: str | None
    base_reads: str
    tuned_reads: str
    left_out: int


@dataclass(frozen=True)
class Examples:
    """Examples of one outcome of one variant."""

    title: str
    lead: str
    items: tuple[Example, ...]
    kind: Literal["examples"] = "examples"


@dataclass(frozen=True)
class Card:
    """A benchmark beside its result."""

    title: str
    lead: str
    pairs: tuple[tuple[str, str], ...]


@dataclass(frozen=True)
class Cards:
    """Several cards."""

    items: tuple[Card, ...]
    kind: Literal["cards"] = "cards"


@dataclass(frozen=True)
class HeatRow:
    """One line of a heat map: strengths in [0, 1], null where there is nothing; `most` in words."""

    label: str
    values: tuple[float | None, ...]
    most: str


@dataclass(frozen=True)
class Heat:
    """A heat map; columns are named by `axis` alone."""

    title: str
    axis: str
    rows: tuple[HeatRow, ...]
    kind: Literal["heat"] = "heat"


Block = Text | Points | Heading | Table | Facts | Plot | Heat | Examples | Cards


@dataclass(frozen=True)
class Section:
    """A part of the report with its own anchor."""

    id: str
    title: str
    blocks: tuple[Block, ...]


@dataclass(frozen=True)
class Headline:
    """The first screen. `looked`: when the results were looked at on the way; empty where only at the end.
    `beside`: that the verdict is another policy's than the run's own; empty where it is the own one."""

    title: str
    model: str
    action: Action
    action_word: str
    decision: Decision
    decision_word: str
    decision_means: str
    means: str
    reasons: tuple[str, ...]
    more_reasons: int
    variants: tuple[tuple[str, Mark], ...]
    owed: tuple[str, ...]
    until: str
    policy: str
    policy_digest: str
    looser: tuple[str, ...]
    not_tested: tuple[str, ...]
    as_of: str
    looked: str
    beside: str = ""


@dataclass(frozen=True)
class Document:
    """A whole report."""

    headline: Headline
    sections: tuple[Section, ...]
    footer: tuple[str, ...] = field(default_factory=tuple)
