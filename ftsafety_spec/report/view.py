"""What a renderer is given: the records of a judged run, and the texts that its examples need, where they are there.
Reads a run folder; never reads a text that no example shows."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from ftsafety_spec.errors import InputError, Where
from ftsafety_spec.records.canary import CanaryAnswers
from ftsafety_spec.records.claims import canaries_of
from ftsafety_spec.records.comparison import Comparison, Discordant
from ftsafety_spec.records.evidence import Evidence
from ftsafety_spec.records.folder import RunFolder
from ftsafety_spec.records.locked import LockedPolicy, LockedSpec
from ftsafety_spec.records.plan import Plan
from ftsafety_spec.records.tables import connect
from ftsafety_spec.records.verdict import Verdict
from ftsafety_spec.report.choose import shown_examples


@dataclass(frozen=True)
class ReportView:
    """The records of a run. `texts`, `prompts`: the digest that a discordant row names → body; what is not in
    them is withheld. `prefix`: the project's folder within its repository, for places. `own_policy`: the name of the
    run's own policy, where `policy` and `verdict` are another one's. `canaries`: what providers' models said to fixed
    prompts."""

    locked: LockedSpec
    policy: LockedPolicy
    plan: Plan
    comparison: Comparison
    verdict: Verdict
    folder_name: str
    texts: Mapping[str, str] = field(default_factory=dict)
    prompts: Mapping[str, str] = field(default_factory=dict)
    prefix: str = ""
    own_policy: str | None = None
    evidence: tuple[Evidence, ...] = ()
    canaries: tuple[CanaryAnswers, ...] = ()


def view_of(folder: RunFolder, prefix: str = "", judged: RunFolder | None = None) -> ReportView:
    """Read a judged run; policy and verdict from `judged`, where they are another policy's. Raises InputError where a
    stage is missing (FTS-130) or a verdict beside is of an earlier comparison (FTS-131), VerificationError where a
    record was changed."""
    comparison, own = folder.read(Comparison), folder.read(LockedPolicy)
    policy, verdict = own, (judged or folder).read(Verdict)
    if judged is not None and judged.root != folder.root:
        policy = judged.read(LockedPolicy)
        _of_this(comparison, verdict, judged)
    rows = [row for group in shown_examples(comparison).values() for row in group.rows]
    texts, prompts = _texts(folder, rows)
    return ReportView(
        locked=folder.read(LockedSpec),
        policy=policy,
        plan=folder.read(Plan),
        comparison=comparison,
        verdict=verdict,
        folder_name=folder.root.resolve().name,
        texts=texts,
        prompts=prompts,
        prefix=prefix,
        own_policy=None if policy is own else own.name,
        evidence=tuple(folder.evidence()),
        canaries=tuple(canaries_of(folder.journal)),
    )


def _of_this(comparison: Comparison, verdict: Verdict, judged: RunFolder) -> None:
    if verdict.inputs.comparison != comparison.compute_digest():
        raise InputError(
            f"the verdict under {verdict.policy.name} was made from an earlier comparison of this run.",
            code="FTS-131",
            where=Where(file=str(judged.root)),
            hint=f"`ftsafety gate RUN --policy {verdict.policy.name}` makes it anew.",
        )


def _texts(folder: RunFolder, rows: list[Discordant]) -> tuple[dict[str, str], dict[str, str]]:
    """Bodies of the answers and prompts of these rows; empty where the texts were removed."""
    path = folder.table("texts")
    if not rows or not path.exists():
        return {}, {}
    answers = {digest for row in rows for digest in (row.base_answer, row.tuned_answer)}
    text_of = _text_of_answers(folder.table("answers"), answers)
    prompts = {row.prompt for row in rows}
    bodies = _bodies(path, {*text_of.values(), *answers, *prompts})
    texts = {name: bodies[text_of.get(name, name)] for name in answers if text_of.get(name, name) in bodies}
    return texts, {name: bodies[name] for name in prompts if name in bodies}


def _text_of_answers(path: Path, answers: set[str]) -> dict[str, str]:
    """Answer key → digest of its text."""
    if not path.exists():
        return {}
    with connect(answers=path) as db:
        found = db.execute(
            "SELECT DISTINCT answer, text FROM answers WHERE text IS NOT NULL AND list_contains($1, answer)",
            [sorted(answers)],
        )
        return dict(found.fetchall())


def _bodies(path: Path, digests: set[str]) -> dict[str, str]:
    with connect(texts=path) as db:
        found = db.execute("SELECT digest, body FROM texts WHERE list_contains($1, digest)", [sorted(digests)])
        return dict(found.fetchall())
