"""Specs, policies and providers, composed and validated. Given a name, gives a frozen record with the place of every
value; raises SpecError with every mistake at once. Weights are never read and nothing goes out."""

from __future__ import annotations

import os
from collections.abc import Sequence
from pathlib import Path
from typing import TypeVar

from ftsafety_spec.compose.check import check
from ftsafety_spec.compose.grader_models import grader_models_of
from ftsafety_spec.compose.locks import broken_locks, unknown_locks
from ftsafety_spec.compose.loosened import loosened
from ftsafety_spec.compose.mix import Mix, mix, settle
from ftsafety_spec.compose.overrides import Change, parse_overrides
from ftsafety_spec.compose.policy_checks import policy_problems
from ftsafety_spec.compose.project import (
    BUILTIN_PREFIX,
    Group,
    Project,
    check_layout,
    find_project,
    locate,
    names,
    not_found,
)
from ftsafety_spec.compose.references import check_references, file_digests, plugins_of
from ftsafety_spec.compose.variants import expand, models_of, root_of
from ftsafety_spec.errors import InputError, Problem, SpecError, Where, suggest
from ftsafety_spec.records.locked import LockedPolicy, LockedSpec, Loosened, Source, Variant
from ftsafety_spec.spec.common import Model
from ftsafety_spec.spec.policy import Policy
from ftsafety_spec.spec.provider import Provider
from ftsafety_spec.spec.red_team import SUITE, red_team_suite
from ftsafety_spec.spec.spec import Spec

M = TypeVar("M", bound=Model)
DEFAULT_POLICY = "ftsafety/default"


def lock_spec(
    spec: str | Path, overrides: Sequence[str] = (), *, project: Project | None = None, locked: bool = False
) -> LockedSpec:
    """Compose a spec. `spec`: a YAML file in specs/, or a name such as `support-bot` or `team/a`. `overrides`: Hydra's
    grammar, `a.b=c`. `locked`: refuse overrides of policy, risk, waivers (FTS-114). Raises SpecError, InputError."""
    project, name = _find_spec(spec, project)
    check_layout(project)
    changes, problems = parse_overrides(overrides, locked)
    made = _mix_or_raise(project, "specs", name, problems, changes=changes)
    value, found = check(Spec, made)
    variants, contradictions = expand(made, value is not None)
    providers, sources, unknown = _providers(made, project)
    problems = [*problems, *made.problems, *check_references(made, project), *found, *contradictions, *unknown]
    problems += [] if unknown else _one_kind(made, variants, providers)
    if problems or value is None:
        raise SpecError(_tidy(problems))
    if settle(made, project, "specs", name):
        value = _again(Spec, made)
        variants, _ = expand(made)
    return LockedSpec(
        name=name,
        spec=with_red_team(value),
        providers=providers,
        variants=variants,
        overrides=tuple(overrides),
        origins=made.origins(),
        sources=(*made.records(), *sources),
        files=file_digests(made.data, project),
        plugins=plugins_of(made.data, {provider.kind for provider in providers.values()}),
    )


def with_red_team(spec: Spec) -> Spec:
    """The spec with the suite that its `red_team` block stands for. Raises InputError where it has one of that name."""
    words = spec.domain.training_data if spec.domain is not None else None
    made = red_team_suite(spec.red_team, spec.training.data[words].path if words is not None else None)
    if made is None:
        return spec
    if SUITE in spec.suites:
        raise InputError(
            f"suites.{SUITE}: this name is taken by the red_team block.", code="FTS-110", hint="Give it another id."
        )
    return spec.model_copy(update={"suites": {**spec.suites, SUITE: made}})


def lock_policy(name: str, project: Project) -> LockedPolicy:
    """Compose a policy by itself, without overrides. `extends`: nearest first; `looser`: every field that is not at
    least as strict as in a policy that it extends, or as in the built-in one (R-35). Raises SpecError (FTS-116 where it
    loosens what a policy that it extends has locked), InputError."""
    made, value = _validated(name, project, "policies", Policy)
    problems = policy_problems(made, value)
    if problems:
        raise SpecError(_tidy(problems))
    looser: list[Loosened] = []
    for other in dict.fromkeys((*made.extends, DEFAULT_POLICY)):
        if other != name:
            strict_made, strict = _validated(other, project, "policies", Policy)
            looser += loosened(strict, value, other)
            if other in made.extends:
                problems += broken_locks(made, value, strict, other, strict_made)
    problems = problems or unknown_locks(made, value)
    if problems:
        raise SpecError(_tidy(problems))
    return LockedPolicy(
        name=name,
        policy=value,
        extends=made.extends,
        looser=tuple(looser),
        origins=made.origins(),
        sources=made.records(),
    )


def lock_provider(name: str, project: Project) -> tuple[Provider, Source]:
    """Compose a provider: the user's providers/NAME.yaml, else ours, which need no `ftsafety/` in front.
    Raises SpecError, InputError."""
    made, value = _validated(_provider_name(name, project) or name, project, "providers", Provider)
    return value, next(source for source in made.records() if source.path == made.main.label)


def _find_spec(spec: str | Path, project: Project | None) -> tuple[Project, str]:
    path = Path(spec)
    if isinstance(spec, Path) or path.suffix in (".yaml", ".yml") or path.is_file():
        return _spec_at(path, project)
    project = project or find_project(Path.cwd())
    if locate(project, "specs", str(spec)) is None or str(spec).startswith("suites/"):
        raise not_found(project, "specs", str(spec))
    return project, str(spec)


def _spec_at(path: Path, project: Project | None) -> tuple[Project, str]:
    where = Where(file=str(path))
    if not path.is_file():
        near = project or find_project(path.parent if path.parent.is_dir() else Path.cwd())
        hint = suggest(path.stem, names(near, "specs"))
        raise InputError("no such file.", code="FTS-111", where=where, hint=hint)
    project = project or find_project(path.parent)
    folder = project.root / "specs"
    absolute = Path(os.path.abspath(path))  # noqa: PTH100 (symlinks stay as the user has them)
    inside = next((p for p in (absolute, path.resolve()) if p.is_relative_to(folder)), None)
    if inside is None or path.suffix != ".yaml":
        what = "a spec lies in the specs/ folder of its project" if inside is None else "a spec's name ends in .yaml"
        raise InputError(f"{what}.", code="FTS-113", where=where, hint=f"The project is {project.root}.")
    name = inside.relative_to(folder).with_suffix("").as_posix()
    if name.startswith("suites/"):
        hint = f"Check a spec that mounts it: `- suites@suites.ID: {name.removeprefix('suites/')}`."
        raise InputError("this is a suite, not a spec.", code="FTS-113", where=where, hint=hint)
    return project, name


def _mix_or_raise(
    project: Project, group: Group, name: str, problems: Sequence[Problem] = (), changes: Sequence[Change] = ()
) -> Mix:
    try:
        return mix(project, group, name, changes)
    except SpecError as error:
        raise SpecError(_tidy([*problems, *error.problems])) from error


def _validated(name: str, project: Project, group: Group, model: type[M]) -> tuple[Mix, M]:
    check_layout(project)
    if locate(project, group, name) is None:
        raise not_found(project, group, name)
    made = _mix_or_raise(project, group, name)
    value, found = check(model, made)
    if made.problems or value is None:
        raise SpecError(_tidy([*made.problems, *found]))
    if settle(made, project, group, name):
        value = _again(model, made)
    return made, value


def _again(model: type[M], made: Mix) -> M:
    """Validate once more, where Hydra's merge differs from our account of it."""
    value, found = check(model, made)
    if made.problems or value is None:
        raise SpecError(_tidy([*made.problems, *found]))
    return value


def _provider_name(name: str, project: Project) -> str | None:
    for candidate in (name, BUILTIN_PREFIX + name):
        if locate(project, "providers", candidate) is not None:
            return candidate
    return None


def _providers(made: Mix, project: Project) -> tuple[dict[str, Provider], list[Source], list[Problem]]:
    """The provider of each model and grader model, composed once each."""
    providers: dict[str, Provider] = {}
    sources: dict[str, Source] = {}
    problems: list[Problem] = []
    places = {("models", name): entry for name, entry in models_of(made.data).items()}
    places |= {("grader_models", name): entry for name, entry in grader_models_of(made.data).items()}
    for place, entry in places.items():
        name = entry.get("provider")
        if not isinstance(name, str) or name in providers:
            continue
        if _provider_name(name, project) is None:
            known = [n.removeprefix(BUILTIN_PREFIX) for n in names(project, "providers")]
            hint = suggest(name, known)
            problems.append(made.problem("FTS-104", f"no such provider: {name!r}.", (*place, "provider"), hint))
            continue
        try:
            providers[name], source = lock_provider(name, project)
            sources[source.path] = source
        except InputError as error:
            problems += error.problems
    return providers, list(sources.values()), problems


def _one_kind(made: Mix, variants: dict[str, Variant], providers: dict[str, Provider]) -> list[Problem]:
    """Base and tuned always run on the same kind of engine."""
    models = models_of(made.data)
    kinds = {}
    for name in models:
        root = root_of(name, models)
        provider = providers.get(str(models[root].get("provider"))) if root is not None else None
        kinds[name] = provider.kind if provider is not None else None
    found = []
    for name in models:
        other = variants[name].against if name in variants else None
        if other is not None and None not in (kinds[name], kinds[other]) and kinds[name] != kinds[other]:
            message = f"{name} runs on {kinds[name]}, but {other} on {kinds[other]}: a difference would prove nothing."
            hint = "Give both the same kind of provider."
            found.append(made.problem("FTS-110", message, ("models", name, "provider"), hint))
    return found


def _tidy(problems: Sequence[Problem]) -> list[Problem]:
    """One mistake for each place, the first that was found there, by file and line."""
    first: dict[object, Problem] = {}
    for problem in problems:
        first.setdefault(problem.where if problem.where.line is not None else problem, problem)
    return sorted(first.values(), key=lambda p: (p.where.file or "", p.where.line or 0, p.where.column or 0))
