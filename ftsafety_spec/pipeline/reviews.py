"""Reviews of a run: the queue as it stands for one person, and what follows from their judgements. Labels become
people's grades and the run is compared anew; words on flagged findings become evidence. Never prints."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import date
from typing import Any

from ftsafety_spec.gate.people import reviewer_role
from ftsafety_spec.measure.busy import only_writer
from ftsafety_spec.measure.label_export import texts_of
from ftsafety_spec.measure.labels import append_labels, labels_of, rebuild_grades
from ftsafety_spec.pipeline.judgements import Reviewed, Word, read_reviewed, reviewers
from ftsafety_spec.pipeline.queue import MOST, Flag, Item, Queue, build_queue
from ftsafety_spec.pipeline.readings import queue_readings
from ftsafety_spec.pipeline.stages import compare_run, gate_run
from ftsafety_spec.records.base import Meta, sha256_file
from ftsafety_spec.records.comparison import Comparison
from ftsafety_spec.records.evidence import By, Evidence
from ftsafety_spec.records.folder import RunFolder
from ftsafety_spec.records.locked import LockedPolicy
from ftsafety_spec.records.plan import Plan
from ftsafety_spec.records.red_team import RedTeamFinding
from ftsafety_spec.records.red_team_standing import standing_reports
from ftsafety_spec.records.verdict import Verdict
from ftsafety_spec.verify import manifest_of

LABELS = "journal/labels.jsonl"


@dataclass(frozen=True)
class Settled:
    """What a reviewer's judgements became. `compared`: the labels were new, so that the run was compared anew and what
    people approved before is about another comparison."""

    labels: int
    compared: bool
    approved: int
    rejected: int


@dataclass(frozen=True)
class Basis:
    """What every reviewer's queue of a run is made from. Costly to read, the same for all, until the records change."""

    comparison: Comparison
    verdict: Verdict
    rows: list[dict[str, Any]]
    seed: int
    found: tuple[RedTeamFinding, ...] = ()


def review_queue(folder: RunFolder, as_of: date, by: str | None = None, most: int = MOST) -> Queue:
    """The queue of a compared run, as judged on a date by its own policy; writes nothing. With `by`, what others have
    judged is in it as well. Raises InputError FTS-130 where a stage has not run."""
    return queue_for(queue_basis(folder, as_of, most), folder, by, most)


def queue_basis(folder: RunFolder, as_of: date, most: int = MOST) -> Basis:
    """Read what queues are made from. Raises InputError FTS-130 where a stage has not run."""
    comparison, seed = folder.read(Comparison), folder.read(Plan).order_seed
    verdict = gate_run(folder, as_of=as_of, write=False)
    found = tuple(item for report in standing_reports(folder.evidence()) for item in report.findings)
    return Basis(comparison, verdict, queue_readings(folder, comparison, seed, most), seed, found)


def queue_for(basis: Basis, folder: RunFolder, by: str | None = None, most: int = MOST) -> Queue:
    """The queue as it stands for one person."""
    others = [entry for name, entry in reviewers(folder).items() if name != by]
    shared = {item.id: item for entry in others for item in _items(entry)}
    joined = shared.values() if by is not None else ()
    return build_queue(basis.comparison, basis.verdict, basis.rows, basis.seed, joined, most, basis.found)


def _items(entry: Reviewed) -> Iterable[Item]:
    return (replace(judgement.item, why=()) for judgement in entry.judged.values())


def texts_for(folder: RunFolder, items: Iterable[Item]) -> dict[str, str]:
    """Digest to body of the prompts and answers of some items. Raises InputError FTS-130 where texts were removed."""
    wanted = {item.prompt for item in items} | {answer.text for item in items for answer in item.answers}
    return texts_of(folder, wanted)


def settle(folder: RunFolder, by: str, role: str | None = None) -> Settled:
    """Make a person's judgements count: labels as grades (comparing anew where there are new ones), then their words on
    flagged findings of the present comparison as evidence. What has been settled before is not done again."""
    reviewed = read_reviewed(folder, by)
    with only_writer(folder):
        count = _labels(folder, reviewed)
        again = _is_new(folder, LABELS)
        if again:
            rebuild_grades(folder)
    if again:
        compare_run(folder)
    made = _evidence(folder, by, role or reviewer_role(folder.read(LockedPolicy).policy), reviewed)
    for item in made:
        folder.append_evidence(item.sealed(Meta.now()))
    folder.write_manifest(manifest_of(folder))
    said = {str(item.body["verdict"]): len(item.body["items"]) for item in made}
    return Settled(count, again, said.get("approve", 0), said.get("reject", 0))


def _is_new(folder: RunFolder, name: str) -> bool:
    """True where a file is not the one that the manifest knows: also after a kill half-way through."""
    path = folder.root / name
    return path.exists() and folder.read_manifest().get(name) != sha256_file(path)


def _labels(folder: RunFolder, reviewed: Reviewed) -> int:
    have = {label.key: label.value for labels in labels_of(folder).values() for label in labels}
    new = [
        label for entry in reviewed.judged.values() for label in entry.labels() if have.get(label.key) != label.value
    ]
    append_labels(folder, new)
    return len(new)


def _evidence(folder: RunFolder, by: str, role: str, reviewed: Reviewed) -> list[Evidence]:
    """One piece for what is approved, one for what is rejected: words on this comparison that no evidence says yet."""
    digest = folder.read(Comparison).compute_digest()
    said = _said(folder, by, digest)
    fresh = [
        word for word in reviewed.words.values() if word.comparison == digest and said.get(word.flag) != word.verdict
    ]
    return [
        Evidence(
            kind="review",
            subject=(digest,),
            by=By(name=by, role=role),
            at=max(word.at for word in words),
            body={"verdict": verdict, "items": sorted(word.flag for word in words)},
        )
        for verdict in ("approve", "reject")
        if (words := _of(fresh, verdict))
    ]


def _of(words: Iterable[Word], verdict: str) -> list[Word]:
    return [word for word in words if word.verdict == verdict]


def _said(folder: RunFolder, by: str, digest: str) -> dict[str, str]:
    """Flag to this person's last word on it in the evidence about this comparison."""
    found: dict[str, str] = {}
    for item in folder.evidence():
        if item.kind == "review" and item.by.name == by and digest in item.subject:
            found.update({str(name): str(item.body.get("verdict")) for name in item.body.get("items") or ()})
    return found


def open_flags(folder: RunFolder, as_of: date, by: str, most: int = MOST) -> list[Flag]:
    """Flagged findings of the present comparison on which this person has not said anything yet."""
    digest = folder.read(Comparison).compute_digest()
    said = {word.flag for word in read_reviewed(folder, by).words.values() if word.comparison == digest}
    return [flag for flag in review_queue(folder, as_of, by, most).flags if flag.id not in said]


def answered_by(folder: RunFolder, items: Iterable[Item]) -> dict[str, list[str]]:
    """Answer key to the variants that gave it: what a reviewer is told only after the judgement."""
    wanted = {answer.answer for item in items for answer in item.answers}
    found: dict[str, list[str]] = {}
    for row in folder.rows("answers"):
        if row["answer"] in wanted and row["variant"] not in found.setdefault(row["answer"], []):
            found[row["answer"]].append(row["variant"])
    return found


def not_named(folder: RunFolder, by: str, role: str | None = None) -> str | None:
    """A sentence where the policy does not name this person for the role, so that approvals do not count."""
    policy = folder.read(LockedPolicy).policy
    role = role or reviewer_role(policy)
    if by in policy.roles.get(role, []):
        return None
    return f"The policy does not name {by} for {role}: labels count, approvals of findings do not."
