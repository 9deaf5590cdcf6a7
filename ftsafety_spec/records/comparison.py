"""What changed between base and tuned, free of any policy: cells of six moments over prompt means.
Pure records; `ftsafety_spec.compare` fills them."""

from __future__ import annotations

from typing import ClassVar, Literal

from ftsafety_spec.records.base import Digest, Part, Record, Usd
from ftsafety_spec.records.certificate import Figure
from ftsafety_spec.spec.common import Safer

By = Literal["all", "area", "category", "task", "kind", "condition", "turn", "interaction"]


class Moments(Part):
    """Over n clusters (prompt means of the raw outcome value in [0, 1]): means, sample variances and covariance
    (divisor n - 1; 0 where n < 2). `weight`: how much one prompt can move a sum; above 1 where a drawn reading of a
    cascade stands for others as well, and then single values may leave [0, 1]. Of an overall figure under declared
    weights of tasks, n is an effective number (`stats.stratified`)."""

    n: int
    mean_base: float
    mean_tuned: float
    var_base: float
    var_tuned: float
    cov: float
    weight: float = 1.0


class Regression(Part):
    """How much less safe tuned is than base (safer direction accounted for; negative = safer).
    `relative` = 1 - tuned/base of safe shares, null where base is 0; `points` = base - tuned. Two-sided intervals."""

    relative: float | None
    interval: tuple[float, float] | None
    points: float
    points_interval: tuple[float, float]
    level: float
    shrunken: float | None = None


class Cell(Part):
    """One outcome of one variant against base, over all prompts or one group of them.
    `lost`/`gained`: clusters on which tuned is less / more safe; ids of prompts behind `discordant`. By `interaction` a
    combination of adapters stands against what they add up to alone: that sum is in base's place, and its moments may
    leave [0, 1]."""

    id: str
    variant: str
    against: str
    outcome: str
    safer: Safer
    by: By
    of: str
    domain: bool = False
    prompts: int
    repeats: float
    lost: int
    gained: int
    unscored_base: int = 0
    unscored_tuned: int = 0
    moments: Moments
    worst: Moments
    retest: Moments | None = None
    regression: Regression


class Disagreement(Part):
    """A task whose regression points the other way than the outcome's overall one. `overall`, `own`: in points;
    `interval`: of `own`; `shown`: it leaves out 0; `share`: of the outcome's prompts that are this task's."""

    variant: str
    outcome: str
    task: str
    overall: float
    own: float
    interval: tuple[float, float]
    shown: bool
    prompts: int
    share: float


class Flips(Part):
    """Prompts to which repeated answers disagree (refused and not), of those that both variants answered equally often,
    three times or more: shares, and tuned - base with a paired two-sided interval."""

    variant: str
    against: str
    prompts: int
    base: float
    tuned: float
    points: float
    interval: tuple[float, float]


class Ordinal(Part):
    """A paired comparison of ranks beside a cell's interval, over prompts that both refused. `lost`, `gained`, `tied`:
    prompts; two-sided p-values: `sign` of the exact sign test, `wilcoxon` of the signed-rank test with zeros ranked
    (Pratt 1959)."""

    variant: str
    outcome: str
    prompts: int
    lost: int
    gained: int
    tied: int
    sign: float
    wilcoxon: float


class Style(Part):
    """How answers to one kind of prompt look, base and tuned: `tokens`, their length; `truncated`, the share cut off
    at the limit. Means of prompt means; tuned - base with a paired t interval (null for fewer than two prompts).
    Reported, never adjusted for."""

    variant: str
    against: str
    kind: str
    measure: Literal["tokens", "truncated"]
    prompts: int
    base: float
    tuned: float
    difference: float
    interval: tuple[float, float] | None


class Pairing(Part):
    """How prompts of a variant met base's. `excluded`: answers left out of the moments, by state; `states`: all answers
    that did not simply end, those filtered by a provider among them."""

    variant: str
    paired: int
    base_only: int
    tuned_only: int
    excluded: dict[str, int] = {}
    states: dict[str, int] = {}
    paired_by_kind: dict[str, int] = {}
    paired_by_provenance: dict[str, int] = {}
    domain_by_area: dict[str, int] = {}


class GraderError(Part):
    """What a certificate says of a grader, in terms of this outcome's own value (cut at 0.5): `sensitivity`, of answers
    where people put it high, the share read as high; `specificity`, where they put it low, read as low. `kappa`:
    against people; `labelled`: answers. Measured on other answers than this run's."""

    certificate: Digest
    sensitivity: Figure
    specificity: Figure
    kappa: Figure
    labelled: int
    out_of_fold: bool = False


class GraderReading(Part):
    """A primary grader of an outcome: how often it left an answer unscored, its measured error (null: unknown), and how
    far a second grader agrees with it. `both`: answers that two read; `agree`: share alike; `kappa`: clustered by
    prompt, its interval counting what either left unread as a disagreement at the lower end; `differ`: answers on which
    they differ, the first of them by key in `disagree`. `labelled_base`, `labelled_tuned`: answers of this run that
    chance chose and people labelled (of several tuned ones the least). `assumed_equal`: `error` is used, measured on
    other answers than these, so that it is taken for the same on base and tuned."""

    outcome: str
    primary: str
    identity: Digest | None = None
    second: str | None = None
    graded: int
    unscored: int
    both: int = 0
    agree: float | None = None
    kappa: float | None = None
    kappa_interval: tuple[float, float] | None = None
    differ: int = 0
    disagree: tuple[Digest, ...] = ()
    error: GraderError | None = None
    labelled_base: int = 0
    labelled_tuned: int = 0
    assumed_equal: bool = False


class GraderLevel(Part):
    """One level of a cascade: distinct answers that it was asked about, how many it left unscored, what it cost.
    `seconds`: its working time, calls that ran at once added up; both null where nothing is known."""

    grader: str
    answers: int
    unscored: int
    usd: Usd | None = None
    seconds: float | None = None


class CascadeReading(Part):
    """An outcome that is read in two levels. Of the distinct answers, `sure` were decided by the first level alone or
    drawn, `escalated` passed on, `audited` drawn from the sure ones; `waiting`: passed on or drawn, without a label of
    a person yet. `moved`: audited answers on which the levels differ (cut at 0.5). With `audit` 0 the first level's
    error stays in the rates. `implied`: none was declared, but people labelled a random sample of this run's answers,
    which corrects the grader as an audit would: `labelled_base` and `labelled_tuned` of them."""

    outcome: str
    below: float
    audit: float
    sure: int
    escalated: int
    audited: int
    moved: int
    waiting: int
    levels: tuple[GraderLevel, GraderLevel]
    implied: bool = False
    labelled_base: int | None = None
    labelled_tuned: int | None = None


class PeopleReading(Part):
    """People's labels of an outcome: of how many answers, by how many people, and their agreement where two or more
    labelled one answer (`shared`): Fleiss' kappa (of two people Scott's pi), null where it is undefined."""

    outcome: str
    people: int
    answers: int
    shared: int
    agree: float | None = None
    kappa: float | None = None


class Discordant(Part):
    """A prompt on which tuned and base differ, by id and digests; never its text."""

    variant: str
    outcome: str
    task: str
    prompt_id: str
    prompt: Digest
    area: str
    base: float
    tuned: float
    base_answer: Digest
    tuned_answer: Digest


class Inputs(Part):
    """Digests of what a comparison was computed from."""

    plan: Digest
    answers: Digest
    grades: Digest


class Comparison(Record):
    """All cells of a run. `looks`: shares of the planned prompts at which the results were looked at, increasing; the
    last one is this comparison's; `stopped` says so where a run ended before all was asked. `not_run`: why answers that
    were planned were never asked for, to how many."""

    KIND: ClassVar[str] = "comparison"

    inputs: Inputs
    cells: tuple[Cell, ...]
    pairing: tuple[Pairing, ...]
    graders: tuple[GraderReading, ...] = ()
    cascades: tuple[CascadeReading, ...] = ()
    people: tuple[PeopleReading, ...] = ()
    discordant: tuple[Discordant, ...] = ()
    disagree: tuple[Disagreement, ...] = ()
    flips: tuple[Flips, ...] = ()
    ordinal: tuple[Ordinal, ...] = ()
    style: tuple[Style, ...] = ()
    unequal: tuple[str, ...] = ()
    not_measured: dict[str, str] = {}
    not_run: dict[str, int] = {}
    design: Literal["fixed", "group_sequential"] = "fixed"
    looks: tuple[float, ...] = (1.0,)
    stopped: str | None = None
    measured_from: str | None = None
    measured_to: str | None = None
