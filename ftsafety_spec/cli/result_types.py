"""What each command prints with `--format json`, as types. `result_schema` makes JSON Schemas of them, and a test holds
what is printed against those. Imported by `ftsafety schema` alone: the commands themselves need no types."""

from __future__ import annotations

from typing import Literal

from pydantic import ConfigDict
from typing_extensions import TypedDict

from ftsafety_spec.attest.trust import TrustedKey
from ftsafety_spec.pipeline.agreement import Agree
from ftsafety_spec.pipeline.policy_replay import Flip
from ftsafety_spec.pipeline.policy_test import Coverage
from ftsafety_spec.pipeline.status import State
from ftsafety_spec.records.evidence import Evidence
from ftsafety_spec.records.plan import Plan, Prospect
from ftsafety_spec.records.verdict import Verdict
from ftsafety_spec.report.explain_data import About, Figure, Judgement, Rule
from ftsafety_spec.spec.common import Action, Decision
from ftsafety_spec.spec.effective import Change

_CLOSED = ConfigDict(extra="forbid")


class _Closed(TypedDict):
    """Nothing but what is named."""

    __pydantic_config__ = _CLOSED  # type: ignore[misc]


class Problem(_Closed):
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


class Fault(_Closed):
    """`error`: what any command prints instead of a result, with its exit status."""

    exit: int
    problems: list[Problem]


class Failed(_Closed):
    """Of every command that ends by an error."""

    error: Fault


class Judged(_Closed):
    """`run`."""

    run: str
    reports: list[str]
    verdict: Verdict


class Shard(_Closed):
    """`run --shard`: nothing is judged yet."""

    run: str
    shard: tuple[int, int]
    verdict: None
    next: str


class Planned(Plan):
    """`plan`: the plan as `run` would write it, and what it can lead to."""

    prospects: tuple[Prospect, ...]


class Check(_Closed):
    """One check of `verify`. `proves`: it can fail; `means`: what a failure says, null where it did not fail."""

    name: str
    ok: bool
    proves: bool
    detail: str
    means: str | None


class Verified(_Closed):
    """`verify`."""

    run: str
    ok: bool
    checks: list[Check]


class Reports(_Closed):
    """`report`."""

    run: str
    reports: list[str]


class ModelRow(_Closed):
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
    signed: bool
    why: str | None
    older: int
    exit: int


class Models(_Closed):
    """`status`."""

    as_of: str
    models: list[ModelRow]


class Explained(_Closed):
    """`explain`."""

    schema: Literal["ftsafety/explanation@1"]
    run: str
    about: list[About]
    verdict: Judgement | None
    rules: list[Rule]
    figures: list[Figure]
    notes: list[str]


class PolicyNamed(_Closed):
    """A policy and the digest of what it says."""

    name: str
    digest: str


class Changed(Change):
    """One difference; `loosens`: it is looser, or not shown to be as strict."""

    loosens: bool


class PolicyDiff(_Closed):
    """`policy diff`."""

    schema: Literal["ftsafety/policy-diff@1"]
    old: PolicyNamed
    new: PolicyNamed
    looser: int
    changes: list[Changed]


class PolicyReplay(_Closed):
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


class CaseRow(_Closed):
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


class PolicyTest(_Closed):
    """`policy test`."""

    schema: Literal["ftsafety/policy-test@1"]
    failed: int
    results: list[CaseRow]
    coverage: list[Coverage]
    lint: list[LintRow]


class CheckedFile(_Closed):
    """One file of `validate`."""

    kind: str
    name: str
    ok: bool
    problems: list[Problem]


class Validated(_Closed):
    """`validate`."""

    ok: bool
    checked: list[CheckedFile]


class Named(_Closed):
    """A row of `policies`, `suites` and `providers`."""

    name: str
    origin: str
    title: str


class BenchmarkRow(_Closed):
    """A row of `benchmarks`."""

    name: str
    kind: str
    origin: str
    title: str
    prompts: int | None
    licence: str
    data: str


class Written(_Closed):
    """`init`."""

    project: str
    template: str
    files: list[str]
    next: list[str]


class Served(_Closed):
    """`console`: where it listens."""

    address: str
    host: str
    port: int


class Measured(_Closed):
    """`measure`."""

    run: str
    tables: str
    next: str


class Merged(_Closed):
    """`merge`."""

    run: str
    merged: list[str]
    next: list[str]


class Signed(_Closed):
    """`sign`."""

    run: str
    file: str
    keyid: str
    signatures: list[str]
    replaced: int
    next: str


class Exported(_Closed):
    """`label --export`, `review --export`: rows for a person to fill in."""

    run: str
    file: str
    rows: int
    next: str


class LabelsTaken(_Closed):
    """`label --labels`."""

    run: str
    labels: int
    answers: int
    aside: int
    waiting: int
    next: str


class QueueItem(_Closed):
    """One item of a review queue; it does not say which answer is whose."""

    id: str
    why: list[str]
    outcome: str
    suite: str
    task: str
    prompt_id: str
    category: str
    answers: list[str]
    words: list[str]
    judged: bool


class QueueFlag(_Closed):
    """One finding that a person approves or rejects."""

    id: str
    sentence: str
    open: bool


class Queue(_Closed):
    """`review`."""

    run: str
    items: list[QueueItem]
    findings: list[QueueFlag]
    counts: dict[str, int]


class ReviewAgreement(_Closed):
    """`review --agreement`."""

    run: str
    agreement: list[Agree]


class ReviewTaken(_Closed):
    """`review --answers`."""

    run: str
    by: str
    judged: int
    labels: int
    compared: bool
    approved: int
    rejected: int
    warning: str | None
    next: str


class EvidenceAdded(_Closed):
    """`evidence`."""

    run: str
    evidence: Evidence
    next: str


class SignoffTaken(_Closed):
    """`assess --file`, `accept --file`."""

    run: str
    evidence: Evidence
    warnings: list[str]
    next: str


class Template(_Closed):
    """`assess`, `accept`: a file for a person to fill in."""

    run: str
    file: str
    next: str


class OwnKey(_Closed):
    """One own key."""

    name: str
    keyid: str | None
    private: str
    public: str


class KeyMade(OwnKey):
    """`keys new`."""

    next: str


class Keys(_Closed):
    """`keys list`."""

    own: list[OwnKey]
    folder: str
    place: str | None
    keys: list[TrustedKey]


class KeyTrusted(_Closed):
    """`keys trust`."""

    file: str
    key: TrustedKey


class DataRow(_Closed):
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


class DataFetched(_Closed):
    """One file of `data fetch`."""

    file: str
    state: str
    sha256: str
    bytes: int


class DataFetch(_Closed):
    """`data fetch`."""

    cache: str
    files: list[DataFetched]
    problems: list[Problem]


class DataChecked(_Closed):
    """One file of `data verify`."""

    file: str
    state: str
    sha256: str
    path: str


class DataVerify(_Closed):
    """`data verify`."""

    ok: bool
    files: list[DataChecked]
