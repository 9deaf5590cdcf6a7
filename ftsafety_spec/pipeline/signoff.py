"""Assessments and acceptances of a run's risk, as files that a project checks in: a template that is bound to what the
run holds now, and a filled-in file taken in as evidence. Never prints."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Literal

from ftsafety_spec.compose.own_file import OwnFile
from ftsafety_spec.errors import InputError, Problem, SpecError, Where, suggest
from ftsafety_spec.gate.void import bound_evidence, owns
from ftsafety_spec.pipeline.signoff_files import place_in_project
from ftsafety_spec.pipeline.stages import add_evidence, project_of
from ftsafety_spec.records.base import now
from ftsafety_spec.records.comparison import Comparison
from ftsafety_spec.records.evidence import By, Evidence, EvidenceKind
from ftsafety_spec.records.folder import RunFolder, write_atomically
from ftsafety_spec.records.locked import LockedPolicy, LockedSpec
from ftsafety_spec.spec.signoff import SIGNOFF_MODELS, Acceptance, Assessment, Bound

What = Literal["acceptance", "assessment"]
KINDS: dict[What, EvidenceKind] = {"acceptance": "risk_acceptance", "assessment": "risk_assessment"}
COMMANDS: dict[What, str] = {"acceptance": "accept", "assessment": "assess"}


@dataclass(frozen=True)
class Wanted:
    """What a template is filled with; what is left out has to be filled in."""

    by: str
    role: str | None = None
    reason: str | None = None
    conditions: Sequence[str] = ()
    until: date | None = None


def write_template(folder: RunFolder, what: What, wanted: Wanted, path: Path | None = None) -> Path:
    """Write a file to be filled in, under `reviews/` of the project. Raises InputError FTS-113 where one is there
    already, FTS-104 for a role that the policy does not have, FTS-130 where the run was not compared."""
    role = wanted.role or role_for(folder, what)
    roles = folder.read(LockedPolicy).policy.roles
    if role not in roles:
        raise InputError(f"no such role: {role!r}.", code="FTS-104", hint=suggest(role, roles))
    target = path or project_of(folder).root / "reviews" / _file_name(folder, what, wanted.by)
    if target.exists():
        raise InputError("this file is there already.", code="FTS-113", where=Where(str(target)))
    lines = _acceptance(wanted) if what == "acceptance" else _assessment(wanted)
    head = [
        f"# yaml-language-server: $schema=../.ftsafety/{what}.schema.json",
        f"# {what.capitalize()} of risk. Fill in every ???, check it in, then:",
        f"#   ftsafety {COMMANDS[what]} {folder.root} --file {_from_root(folder, target)}",
        "# What stands under `bound` says what was signed: a run that is measured anew, or whose evidence changes,",
        "# needs a new one.",
        f"by: {{name: {_text(wanted.by)}, role: {role}}}",
    ]
    bound = bound_to(folder, date.max)
    tail = ["bound:", *(f"  {name}: {digest}" for name, digest in bound.model_dump().items())]
    until = f"until: {wanted.until.isoformat() if wanted.until else '???'}   # the last day on which this counts"
    write_atomically(target, "\n".join([*head, *lines, until, *tail]) + "\n")
    return target


def _from_root(folder: RunFolder, file: Path) -> str:
    """A file as it is named from the project's root, where it lies below."""
    root = project_of(folder).root.resolve()
    place = file.resolve()
    return place.relative_to(root).as_posix() if place.is_relative_to(root) else str(file)


def take_signoff(folder: RunFolder, what: What, path: Path, today: date) -> tuple[Evidence, list[str]]:
    """Append a filled-in file as evidence; the warnings beside it. Raises SpecError with every mistake by file, line
    and key: FTS-136 where it was signed for other records."""
    file = OwnFile(path)
    signed = file.read(SIGNOFF_MODELS[what])
    problems = [*_elsewhere(file, signed.bound, bound_to(folder, date.max)), *_late(file, signed.until, today)]
    if problems:
        raise SpecError(problems)
    evidence = Evidence(
        kind=KINDS[what],
        subject=(signed.bound.comparison,),
        by=By(name=signed.by.name, role=signed.by.role),
        at=now(),
        valid_until=f"{signed.until.isoformat()}T23:59:59Z",
        body={
            **signed.model_dump(mode="json", exclude={"by", "until"}),
            "file": {"name": path.name, "digest": file.digest, "path": place_in_project(folder, path)},
        },
    )
    add_evidence(folder, evidence)
    return evidence, list(_warnings(folder, what, signed))


def bound_to(folder: RunFolder, by: date) -> Bound:
    """What somebody signs who signs now."""
    return Bound(
        spec=folder.read(LockedSpec).compute_digest(),
        comparison=folder.read(Comparison).compute_digest(),
        evidence=bound_evidence(folder.evidence(), by),
    )


def role_for(folder: RunFolder, what: What) -> str:
    """The role of which the policy asks this. Raises InputError FTS-115 where it asks it of nobody."""
    for duty in folder.read(LockedPolicy).policy.actions.values():
        for kind, need in duty.needs.items():
            if kind == KINDS[what]:
                return need.by
    raise InputError(
        f"the policy asks nobody for a risk {what}.", code="FTS-115", hint="Say in which role: --role ROLE."
    )


def _elsewhere(file: OwnFile, signed: Bound, held: Bound) -> Iterator[Problem]:
    for name, digest in held.model_dump().items():
        if getattr(signed, name) != digest:
            message = f"this was signed for another {name}, or for one that was changed since."
            hint = "Look at the run as it is now, and sign a new file."
            yield file.problem("FTS-136", message.replace("another evidence", "other evidence"), ("bound", name), hint)


def _late(file: OwnFile, until: date, today: date) -> Iterator[Problem]:
    if until < today:
        yield file.problem("FTS-106", f"{until.isoformat()} is over.", ("until",))


def _warnings(folder: RunFolder, what: What, signed: Acceptance | Assessment) -> Iterator[str]:
    policy, owner = folder.read(LockedPolicy).policy, folder.read(LockedSpec).spec.owner
    name, role = signed.by.name, signed.by.role
    if name not in policy.roles.get(role, []):
        yield f"the policy does not name {name} for {role}: the gate does not count this {what}"
    if what == "acceptance" and not policy.people.owner_may_accept and owns(name, owner, policy.roles):
        yield f"{name} owns the spec, and the policy says owner_may_accept: false: the gate does not count it"


def _acceptance(wanted: Wanted) -> list[str]:
    conditions = [f"  - {_text(text)}" for text in wanted.conditions]
    return [
        f"reason: {_text(wanted.reason) if wanted.reason else '???'}   # why the risk is worth taking",
        *(["conditions:   # what must hold while it is deployed", *conditions] if conditions else ["conditions: []"]),
    ]


def _assessment(wanted: Wanted) -> list[str]:
    return [
        f"summary: {_text(wanted.reason) if wanted.reason else '???'}   # what it comes to",
        "risks:   # one row for each thing that could go wrong",
        "  - risk: ???",
        "    likelihood: ???   # rare, unlikely, possible, likely",
        "    severity: ???     # negligible, minor, serious, critical",
        "    mitigation: null",
    ]


def _text(text: str) -> str:
    """A YAML scalar that can be nothing but this text."""
    return json.dumps(text, ensure_ascii=True)


def _file_name(folder: RunFolder, what: What, by: str) -> str:
    name = re.sub(r"[^a-z0-9]+", "-", by.lower()).strip("-")[:40] or "somebody"
    return f"{folder.root.resolve().name}-{what}-{name}.yaml"
