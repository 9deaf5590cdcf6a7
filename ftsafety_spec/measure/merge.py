"""Shards of one run, measured apart, joined into whole tables. Given run folders of one plan, gives the tables of the
whole; refuses where a shard is missing or two overlap. Asks nothing."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from typing import Any

from ftsafety_spec.errors import InputError, Where
from ftsafety_spec.measure.canaries import another
from ftsafety_spec.records.base import digest_of
from ftsafety_spec.records.canary import CanaryAnswers, another_model
from ftsafety_spec.records.claims import canaries_of
from ftsafety_spec.records.folder import RunFolder
from ftsafety_spec.records.journal import Journal
from ftsafety_spec.records.plan import Plan
from ftsafety_spec.records.store import packed
from ftsafety_spec.records.tables import KEYS, write_parquet


def merge_shards(runs: Sequence[RunFolder], target: RunFolder) -> None:
    """Write the union of the shards' tables to `target`, which holds the plan already. Raises InputError FTS-130
    where a shard has no tables, FTS-140 where rows are missing, FTS-135 where a provider's model was not the same."""
    _check_whole(runs, target.read(Plan), target)
    _merge_claims(runs, target)
    target.tables.mkdir(parents=True, exist_ok=True)
    for table in ("answers", "grades", "texts"):
        write_parquet(target.table(table), table, _union(runs, table))


def _check_whole(runs: Sequence[RunFolder], plan: Plan, target: RunFolder) -> None:
    found: Counter[tuple[str, str, str]] = Counter()
    for row in _union(runs, "answers"):
        found[row["variant"], row["suite"], row["task"]] += 1
    for job in plan.jobs:
        there = found[job.variant, job.suite, job.task]
        wanted = (job.answers or job.prompts) * job.repeats
        if there != wanted:
            raise InputError(
                f"{job.variant} has {there} of {wanted} answers on {job.suite}.{job.task}.",
                code="FTS-140",
                where=Where(file=str(target.root)),
                hint="Name the folders of all shards, 1/n to n/n.",
            )


def _merge_claims(runs: Sequence[RunFolder], target: RunFolder) -> None:
    """What providers' models said to fixed prompts in all shards, where it is the same model's."""
    plan, joined = target.read(Plan), list[CanaryAnswers]()
    for run in runs:
        found = canaries_of(run.journal)
        for variant, identity in plan.identities.items():
            mine = [row for row in found if row.identity == identity.digest()]
            others = [row for row in joined if row.identity == identity.digest()]
            changes = another_model(others, mine[-1]) if mine else ()
            if changes:
                raise another(variant, changes, run)
        joined += [row for row in found if row not in joined]
    there = canaries_of(target.journal)
    if joined:
        with Journal(target.journal / "canaries.jsonl") as journal:
            for row in (row for row in joined if row not in there):
                journal.append(row.model_dump(mode="json"))


def _union(runs: Sequence[RunFolder], table: str) -> Iterator[dict[str, Any]]:
    seen: set[bytes] = set()
    for run in runs:
        for row in run.rows(table):
            key = packed(digest_of([row[name] for name in KEYS[table]]))
            if key not in seen:
                seen.add(key)
                yield row
