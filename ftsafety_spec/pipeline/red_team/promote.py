"""Confirmed findings as a suite of the project, so that later runs and canaries ask again what went wrong once. Given a
run, writes one file of prompts and one suite that names it; never over a file that is there."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

from ftsafety_spec.catalog.prompt_file import COLUMNS, read_prompt_file
from ftsafety_spec.compose.project import FOLDERS
from ftsafety_spec.errors import InputError, NotFoundError, Where
from ftsafety_spec.pipeline.red_team.promote_texts import Prompts
from ftsafety_spec.pipeline.red_team.reporting import standing_reports
from ftsafety_spec.pipeline.stages import project_of
from ftsafety_spec.records.folder import RunFolder, write_atomically
from ftsafety_spec.records.red_team import RedTeamFinding
from ftsafety_spec.records.safe_json import safe_json
from ftsafety_spec.spec.common import AREAS

Row = dict[str, Any]
ID = re.compile(r"[^A-Za-z0-9._-]+")
HARM_TAGS = ("harmful", "refusal-quality")
"""Tags of answers to messages that should have been refused; messages with other tags are everyday ones."""


@dataclass(frozen=True)
class Promoted:
    """What was written. `left_out`: finding to why it is not in the suite."""

    suite: Path
    prompts: Path
    count: int
    findings: tuple[str, ...]
    left_out: dict[str, str]


def promote(
    folder: RunFolder, out: Path | None = None, only: Sequence[str] = (), data: Path | None = None, *, today: date
) -> Promoted:
    """Write the suite. `out`: specs/suites/NAME.yaml; left out, red-team-RUN. `only`: findings by id, suspected ones as
    well; left out, every confirmed one that was not declared. `data`: of benchmarks, whose prompts are known with their
    plain requests then. Raises NotFoundError for an id, InputError FTS-113 where a file is there or lies elsewhere,
    FTS-115 where nothing can be promoted."""
    root = project_of(folder).root
    suite, prompts = _files(root, folder, out)
    findings, left = _chosen(folder, only)
    rows, promoted = _rows(Prompts(folder, root, data), findings, left)
    if not rows:
        why = "; ".join(f"{name}: {reason}" for name, reason in list(left.items())[:5])
        raise InputError(f"there is no finding that can be promoted{f' ({why})' if why else ''}.", code="FTS-115")
    write_atomically(prompts, "".join(safe_json(row) + "\n" for row in rows))
    try:
        read_prompt_file(prompts)
    except InputError:
        prompts.unlink()
        raise
    write_atomically(suite, _suite(folder, prompts.relative_to(root), today))
    return Promoted(suite, prompts, len(rows), tuple(promoted), left)


def _files(root: Path, folder: RunFolder, out: Path | None) -> tuple[Path, Path]:
    place = root / FOLDERS["suites"]
    name = f"red-team-{ID.sub('-', folder.root.resolve().name)}" if out is None else out.stem
    suite = place / f"{name}.yaml" if out is None else Path.cwd() / out
    if suite.suffix != ".yaml" or not suite.resolve().is_relative_to(place.resolve()):
        raise InputError(
            "a suite lies below specs/suites/ of its project and ends in .yaml.",
            code="FTS-113",
            where=Where(str(out)),
            hint=f"For example --out {FOLDERS['suites']}/{name}.yaml",
        )
    prompts = root / "data" / f"{ID.sub('-', name)}.jsonl"
    for path in (suite, prompts):
        if path.exists():
            raise InputError(
                "this file is there already.", code="FTS-113", where=Where(str(path)), hint="Name another by --out."
            )
    return suite, prompts


def _chosen(folder: RunFolder, only: Sequence[str]) -> tuple[list[RedTeamFinding], dict[str, str]]:
    every = {item.id: item for report in standing_reports(folder.evidence()) for item in report.findings}
    for name in only:
        if name not in every:
            raise NotFoundError("finding", name, every)
    if only:
        return [every[name] for name in dict.fromkeys(only)], {}
    left = {
        item.id: "it was declared" if item.declared else "it is suspected only; --finding takes it all the same"
        for item in every.values()
        if item.declared or item.state != "confirmed"
    }
    return [item for item in every.values() if item.id not in left], left


def _rows(prompts: Prompts, findings: Sequence[RedTeamFinding], left: dict[str, str]) -> tuple[list[Row], list[str]]:
    rows: list[Row] = []
    promoted: list[str] = []
    seen: set[str] = set()
    for finding in findings:
        made = list(_manual(prompts, finding) if finding.focus == "manual" else _measured(prompts, finding))
        fresh = [row for row in made if _asks(row) not in seen]
        seen |= {_asks(row) for row in fresh}
        if made:
            promoted.append(finding.id)
            rows += [{**row, "id": f"{_short(finding.id)}-{number}"} for number, row in enumerate(fresh, start=1)]
        else:
            left[finding.id] = "its prompts are not at hand: texts were taken out, or are those of a benchmark"
    return _told_apart(rows), promoted


def _manual(prompts: Prompts, finding: RedTeamFinding) -> Iterator[Row]:
    """The message, or the conversation of which the last message asks."""
    texts = [prompts.text(digest) for digest in finding.inputs]
    if not texts or None in texts:
        return
    labels = _labels(finding, "harmful" if finding.measure in HARM_TAGS else "benign")
    if len(texts) == 1:
        yield {"prompt": texts[0], **labels}
        return
    later = [{"text": text, "asks": False} for text in texts[1:-1]] + [{"text": texts[-1], "asks": True}]
    yield {"prompt": texts[0], "asks": False, "turns": later, **labels, "kind": "conversation"}


def _measured(prompts: Prompts, finding: RedTeamFinding) -> Iterator[Row]:
    """The prompts that a search names, with kind, area and condition as they were measured."""
    for digest in finding.inputs:
        row = prompts.row(digest)
        if row is not None:
            found = {**_labels(finding, "harmful"), **row}
            yield {key: value for key, value in found.items() if key in COLUMNS and value is not None}


def _labels(finding: RedTeamFinding, kind: str) -> Row:
    area = finding.area if finding.area in AREAS else None
    found = {"kind": kind, "category": finding.category, "area": area}
    if kind == "benign":
        found["area"] = None
    return {key: value for key, value in found.items() if value is not None}


def _asks(row: Row) -> str:
    """What is asked, whatever it is called."""
    return json.dumps([row["prompt"], row.get("turns"), row.get("condition")], sort_keys=True)


def _short(name: str) -> str:
    return ID.sub("-", name)[:180]


def _told_apart(rows: list[Row]) -> list[Row]:
    """Every id once."""
    taken: dict[str, int] = {}
    for row in rows:
        taken[row["id"]] = taken.get(row["id"], 0) + 1
        if taken[row["id"]] > 1:
            row["id"] = f"{row['id']}-{taken[row['id']]}"
    return rows


def _suite(folder: RunFolder, prompts: Path, today: date) -> str:
    name = folder.root.resolve().name
    lines = [
        "# yaml-language-server: $schema=../../.ftsafety/suite.schema.json",
        f"# Written by `ftsafety redteam promote` from the findings of {name}: what went wrong once is asked again.",
        f"title: {json.dumps(f'What a red team found in {name}')}",
        f"revised: {today.isoformat()}",
        "use: domain",
        "tasks:",
        f"  found: {{prompts: {json.dumps(prompts.as_posix())}}}",
    ]
    return "\n".join(lines) + "\n"
