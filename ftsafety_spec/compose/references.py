"""Names and files that a spec's values point to: adapters, providers, policy, benchmarks, graders, texts.
Given plain composed data, gives Problems for what leads nowhere. Imports no plugin, reads no weights."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from ftsafety_spec.compose.domain_names import domain_files, probe_problems, training_problems
from ftsafety_spec.compose.grader_models import grader_model_problems, served
from ftsafety_spec.compose.mix import Mix
from ftsafety_spec.compose.places import Path as KeyPath
from ftsafety_spec.compose.project import Project, locate, names
from ftsafety_spec.compose.red_team_names import area_problems, family_problems, question_files
from ftsafety_spec.compose.variants import models_of
from ftsafety_spec.errors import Problem, suggest
from ftsafety_spec.graders.base import GRADERS
from ftsafety_spec.records.base import sha256_file
from ftsafety_spec.records.cascade import PEOPLE
from ftsafety_spec.registry import Registry

BENCHMARKS: Registry[Any] = Registry("benchmark", "ftsafety_spec.benchmarks")


def check_references(made: Mix, project: Project) -> list[Problem]:
    """Everything that a spec names and that must be there (FTS-104, FTS-110, FTS-111, FTS-126)."""
    found = [*_policy(made, project), *_adapters(made), *_suites(made), *grader_model_problems(made)]
    found += [
        *area_problems(made),
        *family_problems(made),
        *probe_problems(made, tasks_of(made.data)),
        *training_problems(made, project),
    ]
    for path, file in named_files(made.data):
        if not (project.root / file).is_file():
            hint = "Paths are relative to the project's folder."
            found.append(made.problem("FTS-111", f"no such file: {file!r}.", path, hint))
    return found


def named_files(data: dict[str, Any]) -> Iterator[tuple[KeyPath, str]]:
    """The small text files that a spec names: system prompt, own prompts, recorded answers."""
    deployment = data.get("deployment")
    if isinstance(deployment, dict) and _is_file(deployment.get("system_prompt")):
        yield ("deployment", "system_prompt"), deployment["system_prompt"]
    for name, entry in models_of(data).items():
        if _is_file(entry.get("answers")):
            yield ("models", name, "answers"), entry["answers"]
    for path, task in tasks_of(data):
        if _is_file(task.get("prompts")):
            yield (*path, "prompts"), task["prompts"]
        if _is_code(task.get("task")):
            yield (*path, "task"), task["task"].partition("@")[0]
    yield from domain_files(data)
    yield from question_files(data)


def file_digests(data: dict[str, Any], project: Project) -> dict[str, str]:
    """Path as written to the digest of its bytes, for the files that exist."""
    files = {file for _, file in named_files(data)}
    return {file: sha256_file(project.root / file) for file in sorted(files) if (project.root / file).is_file()}


def plugins_of(data: dict[str, Any], kinds: set[str]) -> dict[str, str]:
    """Distribution to version, for the plugins that a spec uses."""
    from ftsafety_spec.providers.base import PROVIDERS

    origins = [PROVIDERS.origin(kind) for kind in kinds]
    for _, task in tasks_of(data):
        if isinstance(task.get("benchmark"), str):
            origins.append(BENCHMARKS.origin(task["benchmark"]))
        if isinstance(task.get("task"), str) and not _is_code(task["task"]):
            origins.append(_distribution(task["task"].split("/")[0]))
    for _, grader in (*graders_of(data), *served(data)):
        origins.append(GRADERS.origin(grader))
    pairs = [origin.rsplit(" ", 1) for origin in origins if origin and " at run " not in origin]
    return dict(sorted((name, version) for name, version in pairs))


def tasks_of(data: dict[str, Any]) -> Iterator[tuple[KeyPath, dict[str, Any]]]:
    """Every task that is a mapping, with its key path."""
    suites = data.get("suites")
    for id_, suite in suites.items() if isinstance(suites, dict) else ():
        tasks = suite.get("tasks") if isinstance(suite, dict) else None
        for name, task in tasks.items() if isinstance(tasks, dict) else ():
            if isinstance(task, dict):
                yield ("suites", id_, "tasks", name), task


def graders_of(data: dict[str, Any]) -> Iterator[tuple[KeyPath, str]]:
    """Every grader that decides, with its key path: primary ones and those above them, of suites and of tasks. A second
    grader that is not installed is the plan's to warn of."""
    suites = data.get("suites")
    places = [("suites", id_) for id_ in suites] if isinstance(suites, dict) else []
    owners = [(place, suites[place[1]]) for place in places if isinstance(suites, dict)]
    for path, owner in (*owners, *tasks_of(data)):
        graders = owner.get("graders") if isinstance(owner, dict) else None
        for outcome, choice in graders.items() if isinstance(graders, dict) else ():
            for keys, name in _deciding(choice):
                yield (*path, "graders", outcome, *keys), name


def _deciding(choice: Any) -> Iterator[tuple[KeyPath, str]]:
    if isinstance(choice, dict):
        if isinstance(choice.get("primary"), str):
            yield ("primary",), choice["primary"]
        above = choice.get("escalate")
        if isinstance(above, dict) and isinstance(above.get("to"), str) and above["to"] != PEOPLE:
            yield ("escalate", "to"), above["to"]


def _is_file(value: Any) -> bool:
    return isinstance(value, str) and bool(value)


def _is_code(value: Any) -> bool:
    """Whether a task is in a file of the project: `evals/own.py@my_task`. Such a file is named here, never run."""
    return isinstance(value, str) and value.partition("@")[0].endswith(".py")


def _policy(made: Mix, project: Project) -> Iterator[Problem]:
    policy = made.data.get("policy")
    if isinstance(policy, dict):
        hint = "Write the rules to policies/NAME.yaml and say `policy: NAME` here."
        yield made.problem("FTS-103", "a spec names its policy; it never contains one.", ("policy",), hint)
    elif isinstance(policy, str) and locate(project, "policies", policy) is None:
        hint = suggest(policy, names(project, "policies"))
        yield made.problem("FTS-104", f"no such policy: {policy!r}.", ("policy",), hint)
    for key in ("rules", "policies", "adjust", "actions"):
        if key in made.data:
            message = "policies are not written in a spec."
            yield made.problem("FTS-103", message, (key,), "Write them to policies/NAME.yaml.", at_key=True)


def _adapters(made: Mix) -> Iterator[Problem]:
    defined = made.data.get("adapters")
    known = list(defined) if isinstance(defined, dict) else []
    for model, entry in models_of(made.data).items():
        used = entry.get("adapters")
        for adapter in used if isinstance(used, dict) else ():
            if adapter not in known:
                path = ("models", model, "adapters", adapter)
                hint = suggest(adapter, known) if known else "Add it under `adapters:`."
                yield made.problem("FTS-110", f"no such adapter: {adapter!r}.", path, hint, at_key=True)


def _suites(made: Mix) -> Iterator[Problem]:
    for path, grader in graders_of(made.data):
        if grader not in GRADERS.names():
            yield made.problem("FTS-104", f"no such grader: {grader!r}.", path, suggest(grader, GRADERS.names()))
    for path, task in tasks_of(made.data):
        benchmark = task.get("benchmark")
        if isinstance(benchmark, str) and benchmark not in BENCHMARKS.names():
            hint = suggest(benchmark, BENCHMARKS.names())
            yield made.problem("FTS-104", f"no such benchmark: {benchmark!r}.", (*path, "benchmark"), hint)
        if isinstance(task.get("task"), str) and not task.get("outcomes"):
            hint = (
                "Add for example `outcomes: {sycophancy: {scorer: NAME, value: KEY, safer: higher}}`; "
                "`ftsafety plan` names its scorers."
            )
            message = f"{task['task']} is not given a meaning: no outcome says how its score is to be read."
            yield made.problem("FTS-126", message, (*path, "task"), hint)
        yield from _seeds(made, path, task)


def _seeds(made: Mix, path: KeyPath, task: dict[str, Any]) -> Iterator[Problem]:
    """The task whose prompts a probe begins from stands in the same suite."""
    siblings = [other[3] for other, _ in tasks_of(made.data) if other[:2] == path[:2]]
    seeds = task.get("seeds")
    if isinstance(seeds, str) and seeds not in siblings:
        hint = suggest(seeds, [str(name) for name in siblings if name != path[3]])
        yield made.problem("FTS-110", f"no such task in this suite: {seeds!r}.", (*path, "seeds"), hint)


def _distribution(package: str) -> str:
    from importlib.metadata import PackageNotFoundError, version

    for name in (package, package.replace("_", "-")):
        try:
            return f"{name} {version(name)}"
        except PackageNotFoundError:
            continue
    return ""
