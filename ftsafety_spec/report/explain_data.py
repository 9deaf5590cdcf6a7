"""The shape of an explanation, as `ftsafety explain --format json` prints it: plain, frozen parts, no text of a prompt
or an answer. Fields are added, never renamed; docs/explain.md lists them."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import Any, Literal

from ftsafety_spec.records.verdict import Result
from ftsafety_spec.spec.common import Action
from ftsafety_spec.stats.margin import Below

SCHEMA = "ftsafety/explanation@1"
Kind = Literal["verdict", "rule", "finding", "outcome", "area", "category", "task", "kind", "condition", "cell"]


@dataclass(frozen=True)
class About:
    """What was asked for; a name may mean several things at once."""

    kind: Kind
    name: str


@dataclass(frozen=True)
class Method:
    """How something was computed, and the paper that it is from (null: arithmetic)."""

    what: str
    source: str | None


@dataclass(frozen=True)
class Stage:
    """An interval after one more thing was counted: sampling, missing, grader_error, looks. `added_low`, `added_high`:
    how far it moved each end outwards (null where an end is undefined). `estimate`: the regression at this stage, what
    is missing counted. `counted`: whether the verdict's interval holds it (null: no rule read this cell)."""

    id: str
    title: str
    low: float | None
    high: float | None
    added_low: float | None
    added_high: float | None
    estimate: float | None
    counted: bool | None
    note: str | None


@dataclass(frozen=True)
class Edge:
    """The nearest limit on one side. `side`: better or worse; `action`, `result`: what the rule would say beyond it
    (action `flag` or `no flag` where that is all); `bound`: which end has to cross `edge`, `distance` away from it.
    `prompts`: about how many settle on which side the truth lies, if the rates stay; `reached`: whether that is beyond.
    `run_action`: what the whole run's action would then be; `run_changes`: whether that is another one than now."""

    side: Literal["better", "worse"]
    action: str
    result: Result
    edge: float
    bound: str
    value: float | None
    distance: float | None
    prompts: int | None
    reached: bool | None
    run_action: Action | None
    run_changes: bool


@dataclass(frozen=True)
class Reading:
    """What one rule read, with the figures computed again. `p`, `p_holm`: of "not beyond the threshold", over `groups`
    cells. `grader_error`: whether the graders' certified error is in these figures. `agrees`: the figures computed
    again are the verdict's."""

    rule: str
    kind: str
    variant: str | None
    cell: str | None
    read: str | None
    below: Below | None
    value: float | None
    interval: tuple[float, float] | None
    threshold: float | None
    p: float | None
    p_holm: float | None
    groups: int | None
    grader_error: bool | None
    result: str
    action: Action
    decides: bool
    waived_by: str | None
    sentence: str
    agrees: bool
    edges: tuple[Edge, ...]


@dataclass(frozen=True)
class Rule:
    """One rule of the policy: its worst reading, in a line, and all of them."""

    rule: str
    kind: str
    why: str | None
    settings: dict[str, Any]
    action: Action | None
    decides: bool
    line: str
    owed: tuple[str, ...]
    readings: tuple[Reading, ...]


@dataclass(frozen=True)
class TaskInput:
    """Prompts that took part."""

    task: str
    benchmark: str | None
    prompts: int
    digest: str


@dataclass(frozen=True)
class GraderInput:
    """Who read the answers, and the certified error, in terms of the outcome's own value."""

    outcome: str
    grader: str
    identity: str | None
    second: str | None
    kappa: float | None
    certificate: str | None
    sensitivity: float | None
    specificity: float | None


@dataclass(frozen=True)
class Inputs:
    """What a figure was computed from."""

    plan: str
    answers: str
    grades: str
    comparison: str
    tasks: tuple[TaskInput, ...]
    graders: tuple[GraderInput, ...]


@dataclass(frozen=True)
class Differing:
    """A prompt on which base and tuned differ, by id."""

    prompt_id: str
    task: str
    area: str
    change: Literal["lost", "gained"]
    base: float
    tuned: float


@dataclass(frozen=True)
class Discordance:
    """`lost`, `gained`: prompts (clusters), all of them; `rows`: those whose ids the comparison lists, null where it
    cannot be said which belong here."""

    lost: int
    gained: int
    rows: tuple[Differing, ...] | None
    note: str | None


@dataclass(frozen=True)
class Figure:
    """A cell: one outcome of one variant against base. Rates are raw values of the outcome; `estimate`, `interval` and
    `stages` are of the regression (how much less safe than base) as `below` says, `points` of the same in points."""

    cell: str
    variant: str
    against: str
    outcome: str
    safer: str
    by: str
    of: str
    domain: bool
    n: int
    repeats: float
    base: float | None
    tuned: float | None
    unscored_base: int
    unscored_tuned: int
    below: Below
    estimate: float | None
    interval: tuple[float, float] | None
    points: float | None
    points_interval: tuple[float, float] | None
    confidence_low: float
    confidence_high: float
    stages: tuple[Stage, ...]
    looks: tuple[float, ...]
    methods: tuple[Method, ...]
    inputs: Inputs
    discordant: Discordance
    readings: tuple[Reading, ...]


@dataclass(frozen=True)
class Blocker:
    """What keeps a milder action away."""

    rule: str
    cell: str | None
    action: Action
    what: str


@dataclass(frozen=True)
class Way:
    """A milder action and all that is in its way."""

    action: Action
    blockers: tuple[Blocker, ...]


@dataclass(frozen=True)
class Need:
    """Missing evidence."""

    rule: str
    need: str
    asked: Any
    found: Any
    how: str


@dataclass(frozen=True)
class Owed:
    """What a person still owes."""

    kind: str
    by: str
    people: int
    detail: str
    due: str | None


@dataclass(frozen=True)
class NearestEdge:
    """A limit and whose it is."""

    rule: str
    cell: str
    edge: Edge


@dataclass(frozen=True)
class Judgement:
    """The whole verdict. `deciding`: rules whose reading is the action; `alone`: the one rule, where it is one;
    `without`: deciding rule to the action of the run if that rule had nothing to object to (of deploy: if it were not
    there). `nearest`: the closest limits, by side, each with the rule and cell that it belongs to."""

    action: Action
    decision: str
    exit: int
    as_of: str
    policy: str
    policy_digest: str
    variants: dict[str, Action]
    deciding: tuple[str, ...]
    alone: str | None
    without: dict[str, Action]
    reasons: tuple[str, ...]
    missing: tuple[Need, ...]
    owed: tuple[Owed, ...]
    not_measured: dict[str, str]
    ways: tuple[Way, ...]
    nearest: dict[str, NearestEdge | None]


@dataclass(frozen=True)
class Explanation:
    """An answer to `ftsafety explain`."""

    run: str
    about: tuple[About, ...]
    verdict: Judgement | None
    rules: tuple[Rule, ...]
    figures: tuple[Figure, ...]
    notes: tuple[str, ...]

    def to_json(self) -> dict[str, Any]:
        """Plain JSON data, `schema` first."""
        return {"schema": SCHEMA, **_plain(asdict(self))}


def _plain(value: Any) -> Any:
    """Tuples as lists, as JSON has them."""
    if isinstance(value, dict):
        return {name: _plain(item) for name, item in value.items()}
    return [_plain(item) for item in value] if isinstance(value, list | tuple) else value
