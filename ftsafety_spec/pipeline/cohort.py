"""Fine-tunes of one base compared with each other (R-54). Given run folders and summaries that others handed on, gives
one cohort, or says in which respect they differ: figures of different prompts, graders or bases are never mixed."""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

from pydantic import ValidationError

from ftsafety_spec.errors import InputError, Where
from ftsafety_spec.pipeline.prepare import open_run
from ftsafety_spec.records.base import Meta, digest_of
from ftsafety_spec.records.cohort import Cohort, CohortCell, Ground, Member
from ftsafety_spec.records.comparison import Comparison
from ftsafety_spec.records.folder import RunFolder, write_atomically
from ftsafety_spec.records.identity import Identity
from ftsafety_spec.records.locked import LockedSpec
from ftsafety_spec.records.plan import Plan
from ftsafety_spec.records.verdict import Verdict
from ftsafety_spec.stats.cohort import Effect, Place, effect_of, places
from ftsafety_spec.stats.moments import oriented

MOST_BYTES = 64 * 1024 * 1024


@dataclass(frozen=True)
class Standing:
    """One member in one outcome."""

    member: Member
    outcome: str
    of: str
    prompts: int
    effect: Effect
    place: Place


def cohort_of(paths: Sequence[Path], shared: Sequence[Path] = ()) -> Cohort:
    """All variants of these runs, and the members of summaries. Raises InputError FTS-130 (a run that has not been
    compared), FTS-137 (they may not be compared), FTS-106 (no summary)."""
    found = [(str(path), *_of_run(open_run(path))) for path in paths]
    found += [(str(path), *_of_file(path)) for path in shared]
    if not found:
        raise InputError("no run and no summary was named.", code="FTS-106")
    first, ground, _ = found[0]
    reasons = [
        f"{where} differs from {first} in its {' and '.join(ways)}"
        for where, other, _ in found[1:]
        if (ways := differences(ground, other))
    ]
    if reasons:
        raise InputError(
            f"these fine-tunes may not be compared: {'; '.join(reasons)}.",
            code="FTS-137",
            hint="Runs of one cohort share base, prompts, settings, engine and graders.",
        )
    members = {member.id: member for _, _, own in reversed(found) for member in own}
    return Cohort(ground=ground, members=tuple(sorted(members.values(), key=lambda m: m.id))).sealed(Meta.now())


def differences(one: Ground, other: Ground) -> list[str]:
    """In words, in what two grounds differ; empty where members of both may be compared."""
    before, after = one.parts(), other.parts()
    return [name for name in before if before[name] != after[name]]


def standings(cohort: Cohort) -> list[Standing]:
    """Where each member stands in each outcome over all prompts, the least safe first."""
    rows: list[Standing] = []
    for outcome in sorted({cell.outcome for member in cohort.members for cell in member.cells if cell.by == "all"}):
        rows += _standings(cohort, outcome)
    return rows


def _standings(cohort: Cohort, outcome: str) -> list[Standing]:
    found = []
    for member in cohort.members:
        for cell in member.cells:
            effect = effect_of(oriented(cell.moments, cell.safer))
            if (cell.by, cell.outcome) == ("all", outcome) and effect is not None:
                found.append((member, cell, effect))
    placed = places([effect for _, _, effect in found])
    rows = [
        Standing(member, outcome, cell.of, cell.moments.n, effect, place)
        for (member, cell, effect), place in zip(found, placed, strict=True)
    ]
    return sorted(rows, key=lambda row: (-row.effect.value, row.member.id))


def write_summary(cohort: Cohort, path: Path, named: bool) -> None:
    """Write what may be handed on: figures and digests. Without `named`, no title, no model's name, no label of a suite
    goes out. What others handed on is not handed on again. Raises InputError where the file exists."""
    if path.exists():
        raise InputError("this file exists.", code="FTS-106", where=Where(file=str(path)), hint="Give another name.")
    own = tuple(member if named else _nameless(member) for member in cohort.members if not member.shared)
    ground = cohort.ground if named else _unlabelled(cohort.ground)
    made = Cohort(ground=ground, members=own).sealed(Meta.now() if named else None)
    write_atomically(path, json.dumps(made.to_json(), indent=1, ensure_ascii=False, allow_nan=False) + "\n")


def read_summary(path: Path) -> Cohort:
    """A summary that was handed on. Raises InputError FTS-106 where it is none, or was changed."""
    where = Where(file=str(path))
    if not path.is_file():
        raise InputError("no such file.", code="FTS-111", where=where)
    try:
        if path.stat().st_size > MOST_BYTES:
            raise ValueError(f"it is larger than {MOST_BYTES} bytes")
        return Cohort.from_json(json.loads(path.read_text(encoding="utf-8")))
    except (ValueError, ValidationError, UnicodeDecodeError, AttributeError, TypeError, RecursionError) as error:
        first = str(error).splitlines()[0]
        hint = "`ftsafety compare RUNS --export FILE` writes one."
        raise InputError(f"this is no summary of a cohort: {first}.", code="FTS-106", where=where, hint=hint) from error


def _of_run(folder: RunFolder) -> tuple[Ground, list[Member]]:
    locked, plan, comparison = folder.read(LockedSpec), folder.read(Plan), folder.read(Comparison)
    actions = folder.read(Verdict).variants if folder.has(Verdict) else {}
    bases = {variant.against for variant in locked.variants.values() if variant.against is not None}
    if len(bases) != 1:
        raise InputError(
            f"this run compares with {len(bases)} bases.", code="FTS-137", where=Where(file=str(folder.root))
        )
    members = [
        _member(locked, plan, comparison, variant, actions.get(variant))
        for variant in sorted({cell.variant for cell in comparison.cells})
    ]
    return _ground(locked, plan, str(bases.pop())), members


def _ground(locked: LockedSpec, plan: Plan, base: str) -> Ground:
    graders: dict[str, set[str]] = {}
    for use in plan.graders:
        if use.role == "primary":
            graders.setdefault(use.outcome, set()).add(use.identity)
    keys = {job.generation_key for job in plan.jobs if job.variant == base and job.generation_key is not None}
    identity = plan.identities[base]
    return Ground(
        base={label_of(identity): identity.digest()},
        prompts={f"{item.suite}.{item.task}": item.digest for item in plan.datasets},
        asked=tuple(sorted(keys)),
        graders={outcome: tuple(sorted(found)) for outcome, found in sorted(graders.items())},
        repeats=locked.spec.repeats,
    )


def _member(locked: LockedSpec, plan: Plan, comparison: Comparison, variant: str, action: object) -> Member:
    cells = tuple(
        CohortCell(outcome=cell.outcome, safer=cell.safer, by=cell.by, of=cell.of, moments=cell.moments)
        for cell in comparison.cells
        if cell.variant == variant and cell.by in ("all", "area")
    )
    title = locked.spec.title if variant == "tuned" else f"{locked.spec.title} ({variant})"
    given = {"title": title, "tuned": label_of(plan.identities[variant]), "action": action}
    identity = digest_of([comparison.compute_digest(), variant])
    return Member.model_validate({"id": identity, "measured_to": comparison.measured_to, "cells": cells, **given})


def label_of(identity: Identity) -> str:
    """A model in a few words: the provider's name of it, or the beginning of its digests."""
    if identity.provider is not None:
        return identity.provider.job or identity.provider.model
    parts = [identity.weights, *(adapter.digest for adapter in identity.adapters), identity.recording]
    return " + ".join(part.removeprefix("sha256:")[:12] for part in parts if part is not None) or identity.engine


def _of_file(path: Path) -> tuple[Ground, list[Member]]:
    cohort = read_summary(path)
    return cohort.ground, [member.model_copy(update={"shared": True}) for member in cohort.members]


def _nameless(member: Member) -> Member:
    return member.model_copy(update={"title": None, "tuned": None, "measured_to": None})


def _unlabelled(ground: Ground) -> Ground:
    def numbered(items: Iterable[str]) -> dict[str, str]:
        return {f"{number}": digest for number, digest in enumerate(sorted(items), start=1)}

    return ground.model_copy(
        update={"base": numbered(ground.base.values()), "prompts": numbered(ground.prompts.values())}
    )
