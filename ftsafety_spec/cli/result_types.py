"""What each command prints with `--format json`, as types. `result_schema` makes JSON Schemas of them, and a test holds
what is printed against those. Imported by `ftsafety schema` alone: the commands themselves need no types."""

from __future__ import annotations

from typing import Literal

from pydantic import ConfigDict
from typing_extensions import TypedDict

from ftsafety_spec.pipeline.policy_replay import Flip
from ftsafety_spec.pipeline.policy_test import Coverage
from ftsafety_spec.pipeline.status import State
from ftsafety_spec.records.cohort import Ground
from ftsafety_spec.records.plan import Plan, Prospect
from ftsafety_spec.records.provider_report import ProviderReport
from ftsafety_spec.records.verdict import Verdict
from ftsafety_spec.report.explain_data import About, Figure, Judgement, Rule
from ftsafety_spec.spec.common import Action, Decision
from ftsafety_spec.spec.effective import Change

CLOSED = ConfigDict(extra="forbid")


class Closed(TypedDict):
    """Nothing but what is named."""

    __pydantic_config__ = CLOSED  # type: ignore[misc]


class Problem(Closed):
    """One mistake, and where it stands."""

    code: str
    name: str
    message: str
    hint: str | None
    file: str | None
    line: int | None
    column: int | None
    key: str | None
    snippet: str | None


class Fault(Closed):
    """`error`: what any command prints instead of a result, with its exit status."""

    exit: int
    problems: list[Problem]


class Failed(Closed):
    """Of every command that ends by an error."""

    error: Fault


class Standing(Closed):
    """One fine-tune in one outcome. `points`: how much less safe than base; `error`: standard error of it."""

    member: str
    title: str | None
    tuned: str | None
    shared: bool
    action: Action | None
    outcome: str
    prompts: int
    points: float
    error: float
    rank: int
    others: float | None
    expected: tuple[float, float] | None
    p: float | None
    outlier: bool


class CohortTable(Closed):
    """`compare` of several runs."""

    ground: Ground
    members: int
    standings: list[Standing]
    written: list[str]


class Judged(Closed):
    """`run`."""

    run: str
    reports: list[str]
    verdict: Verdict


class Shard(Closed):
    """`run --shard`: nothing is judged yet."""

    run: str
    shard: tuple[int, int]
    verdict: None
    next: str


class Planned(Plan):
    """`plan`: the plan as `run` would write it, and what it can lead to."""

    prospects: tuple[Prospect, ...]


class Check(Closed):
    """One check of `verify`. `proves`: it can fail; `means`: what a failure says, null where it did not fail."""

    name: str
    ok: bool
    proves: bool
    detail: str
    means: str | None


class Verified(Closed):
    """`verify run`."""

    run: str
    ok: bool
    checks: list[Check]


class ReportVerified(Closed):
    """`verify report`. `left`: prompts that it does not cover; `suite`: the file that asks them."""

    run: str
    verification: ProviderReport
    left: int
    suite: str | None
    added: bool
    next: str


class ReportConverted(Closed):
    """`verify report --convert`. `signed_by`: id of the key."""

    report: str
    written: str
    signed_by: str | None


class Reports(Closed):
    """`report`."""

    run: str
    reports: list[str]


class ModelRow(Closed):
    """One model of `status`."""

    spec: str
    title: str
    run: str
    state: State
    action: Action | None
    decision: Decision | None
    was: Decision | None
    until: str | None
    owed: list[str]
    edited: list[str]
    signed: bool
    why: str | None
    older: int
    exit: int


class Models(Closed):
    """`status`."""

    as_of: str
    models: list[ModelRow]


class Explained(Closed):
    """`explain`."""

    schema: Literal["ftsafety/explanation@1"]
    run: str
    about: list[About]
    verdict: Judgement | None
    rules: list[Rule]
    figures: list[Figure]
    notes: list[str]


class PolicyNamed(Closed):
    """A policy and the digest of what it says."""

    name: str
    digest: str


class Changed(Change):
    """One difference; `loosens`: it is looser, or not shown to be as strict."""

    loosens: bool


class PolicyDiff(Closed):
    """`policy diff`."""

    schema: Literal["ftsafety/policy-diff@1"]
    old: PolicyNamed
    new: PolicyNamed
    looser: int
    changes: list[Changed]


class PolicyReplay(Closed):
    """`policy replay`."""

    schema: Literal["ftsafety/policy-replay@1"]
    policy: str
    digest: str
    runs: int
    decisions: dict[str, int]
    flips: list[Flip]
    skipped: dict[str, str]
    looser: dict[str, list[Change]]
    milder: int


class CaseRow(Closed):
    """One case of `policy test`."""

    id: str
    place: str
    policy: str
    action: Action
    decision: Decision
    reasons: list[str]
    differs: list[str]
    reached: dict[str, list[str]]
    passed: bool


class LintRow(Problem):
    """One thing that a policy cannot do."""

    level: Literal["refused", "warning"]


class PolicyTest(Closed):
    """`policy test`."""

    schema: Literal["ftsafety/policy-test@1"]
    failed: int
    results: list[CaseRow]
    coverage: list[Coverage]
    lint: list[LintRow]


class CheckedFile(Closed):
    """One file of `validate`."""

    kind: str
    name: str
    ok: bool
    problems: list[Problem]


class Validated(Closed):
    """`validate`."""

    ok: bool
    checked: list[CheckedFile]


class Named(Closed):
    """A row of `policies`, `suites` and `providers`."""

    name: str
    origin: str
    title: str


class BenchmarkRow(Closed):
    """A row of `benchmarks`."""

    name: str
    kind: str
    origin: str
    title: str
    prompts: int | None
    licence: str
    data: str


class Written(Closed):
    """`init`."""

    project: str
    template: str
    files: list[str]
    next: list[str]


class Served(Closed):
    """`console`: where it listens."""

    address: str
    host: str
    port: int


class Measured(Closed):
    """`measure`."""

    run: str
    tables: str
    next: str


class Merged(Closed):
    """`merge`."""

    run: str
    merged: list[str]
    next: list[str]


class DataRow(Closed):
    """A row of `data list`."""

    file: str
    benchmark: str
    rows: int | None
    pinned: bool
    at: str | None
    path: str | None
    accepted: str | None
    licence: str
    source: str
    gate: str | None


class DataFetched(Closed):
    """One file of `data fetch`."""

    file: str
    state: str
    sha256: str
    bytes: int


class DataFetch(Closed):
    """`data fetch`."""

    cache: str
    files: list[DataFetched]
    problems: list[Problem]


class DataChecked(Closed):
    """One file of `data verify`."""

    file: str
    state: str
    sha256: str
    path: str


class DataVerify(Closed):
    """`data verify`."""

    ok: bool
    files: list[DataChecked]
