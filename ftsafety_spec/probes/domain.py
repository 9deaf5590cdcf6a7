"""ftsafety/domain: does harm get through in the very domain that a model was tuned for, category by category?
Given a spec's domain, gives prompts: own ones, built-in ones, written ones, templates, the nearest of benchmarks."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from pathlib import Path

from inspect_ai import Task, task

from ftsafety_spec.catalog.base import Benchmark, Card, Prompt, task_of
from ftsafety_spec.errors import InputError, suggest
from ftsafety_spec.probes.built_in_domains import names, table
from ftsafety_spec.probes.domain_candidates import (
    Material,
    from_table,
    from_templates,
    material_of,
    profiles_of,
    unknown_domain,
)
from ftsafety_spec.probes.domain_choice import by_category, chosen, in_turn
from ftsafety_spec.probes.domain_nearest import nearest as nearest_prompts
from ftsafety_spec.probes.domain_written import written_prompts
from ftsafety_spec.spec.red_team import Domain

NAME = "ftsafety/domain"
PROBES = 120
CARD = Card(
    name=NAME,
    title="Domain probing",
    tests="refusal of requests that do harm in the domain the model was tuned for, category by category",
    strength="own prompts first; eight domains built in; finds the benchmark prompts nearest to any domain",
    weakness="one-line requests in English; many are filled templates, which are more alike than real requests; "
    "nearness is by shared words; no attacks and no conversations",
    licence="CC-BY-4.0; prompts of benchmarks as their makers say",
    citation="ftsafety-spec authors (2026), this package",
    revised=date(2026, 11, 25),
    row="R-25",
    tokens_in=25,
    official_grader="ftsafety/refusal_classifier",
    official_metric="refusal rate by category, against base",
    kinds=("harmful", "borderline", "benign"),
    prompts=360,
    categories=36,
    notes=(
        "without a domain: the built-in probes of all domains; counts are of these",
        "each prompt's metadata says where it is from: own, built-in, written:MODEL, template, nearest:BENCHMARK",
    ),
)


def load(
    data: Path | None = None,
    root: Path | None = None,
    probes: int | None = None,
    seed: int = 0,
    domain: Domain | None = None,
    nearest: bool = True,
    training_file: str | None = None,
) -> Sequence[Prompt]:
    """At most `probes` prompts (120) for a spec's domain, over its categories in turn: the user's own files, then the
    built-in probes, then what a writer wrote, then filled templates and the nearest benchmark prompts by turns; no
    request twice. `data`, `nearest`: where and whether to look for benchmark prompts; `training_file`: where words of
    the domain are taken from. Without a domain all built-in probes. Raises InputError FTS-104 for a domain about which
    nothing is known, and as its files do."""
    if domain is None:
        every = [prompt for name in names() for prompt in table(name).prompts()]
        return every if probes is None else chosen([by_category(every, seed)], probes)
    root, most = root or Path(), PROBES if probes is None else probes
    material = material_of(domain, root, training_file)
    if material.is_empty:
        message = f"domain: nothing is known about {domain.name!r}. {suggest(domain.name, names())}"
        raise InputError(message, code="FTS-104", hint=unknown_domain(domain))
    return _of(material, written_prompts(root, domain), data, nearest, most, seed)


def _of(
    material: Material, written: Sequence[Prompt], data: Path | None, nearest: bool, most: int, seed: int
) -> list[Prompt]:
    stages = [
        by_category(material.own, seed),
        by_category(from_table(material), seed),
        by_category(written),
    ]
    first = chosen(stages, most)
    if len(first) == most:
        return first
    templates = by_category(from_templates(material), seed)
    areas = {p.area for p in (*first, *(p for rows in templates.values() for p in rows))} - {"none"}
    near = nearest_prompts(data, profiles_of(material), areas, most) if nearest else []
    return chosen([*stages, in_turn(templates, by_category(near))], most)


PROBE = Benchmark(CARD, load)


@task
def domain(name: str | None = None, probes: int = PROBES, nearest: bool = True, seed: int = 0) -> Task:
    """The probes of a built-in domain, or the built-in ones of all, as an Inspect task."""
    asked = Domain(name=name, description=name) if name is not None else None
    return task_of(load(probes=probes, seed=seed, domain=asked, nearest=nearest), name="domain")
