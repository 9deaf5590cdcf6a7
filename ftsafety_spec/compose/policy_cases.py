"""Files of policy cases, read and checked. Given a project, gives each case with the line it stands on, or every
mistake with its place and the nearest valid word. Reads YAML; runs nothing."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

from ftsafety_spec.compose.check import check
from ftsafety_spec.compose.mix import Mix
from ftsafety_spec.compose.places import Path as KeyPath
from ftsafety_spec.compose.places import of_node
from ftsafety_spec.compose.project import Project, label, locate, names, shown
from ftsafety_spec.compose.source import read_source
from ftsafety_spec.errors import NotFoundError, Problem, SpecError, suggest
from ftsafety_spec.spec.common import AREAS, OUTCOMES
from ftsafety_spec.spec.policy import Policy
from ftsafety_spec.spec.policy_case import Case, CaseFile
from ftsafety_spec.spec.rule_results import results_of

FOLDER = "tests/policies"


@dataclass(frozen=True)
class Placed:
    """One case: where it stands, by which policy, and its file for later mistakes."""

    id: str
    policy: str
    case: Case
    file: str
    line: int
    made: Mix

    @property
    def place(self) -> str:
        """file:line."""
        return f"{self.file}:{self.line}"


def case_files(project: Project) -> list[Path]:
    """Every file of cases that a project holds."""
    return sorted((project.root / FOLDER).rglob("*.yaml"))


def read_cases(project: Project, files: Iterable[Path]) -> list[Placed]:
    """The cases of files. Raises SpecError with every mistake of every file."""
    problems: list[Problem] = []
    found: list[Placed] = []
    for path in files:
        try:
            found += _cases(project, path)
        except SpecError as error:
            problems += error.problems
    if problems:
        raise SpecError(problems)
    return found


def _cases(project: Project, path: Path) -> Iterator[Placed]:
    source = read_source(path, label(path, project), shown(path))
    if source.node is None or source.problems:
        raise SpecError(source.problems)
    root = of_node(source.node, source.label)
    data = root.plain()
    made = Mix(source, data if isinstance(data, dict) else {}, root, (source,))
    value, problems = check(CaseFile, made)
    if value is None or problems:
        raise SpecError(problems)
    unknown = list(_unknown(made, value, project))
    if unknown:
        raise SpecError(unknown)
    for name, case in value.cases.items():
        place = root.at(("cases", name))
        line = place.key.line if place is not None else None
        yield Placed(name, case.policy or value.policy, case, source.shown, line or 1, made)


def _unknown(made: Mix, value: CaseFile, project: Project) -> Iterator[Problem]:
    """Names that no model can check: policies, outcomes, areas."""
    policies: list[tuple[KeyPath, str]] = [(("policy",), value.policy)]
    policies += [(("cases", n, "policy"), case.policy) for n, case in value.cases.items() if case.policy]
    for path, name in policies:
        if locate(project, "policies", name) is None:
            hint = suggest(name, names(project, "policies"))
            yield made.problem("FTS-104", f"no such policy: {name!r}.", path, hint)
    for name, case in value.cases.items():
        for outcome, rates in case.given.outcomes.items():
            at: KeyPath = ("cases", name, "given", "outcomes", outcome)
            if outcome not in OUTCOMES:
                yield made.problem("FTS-104", f"no such outcome: {outcome!r}.", at, suggest(outcome, OUTCOMES),
                                   at_key=True)  # fmt: skip
            for area in rates.areas:
                if area not in AREAS:
                    yield made.problem("FTS-104", f"no such area: {area!r}.", (*at, "areas", area),
                                       suggest(area, AREAS), at_key=True)  # fmt: skip


def case_problems(placed: Placed, policy: Policy) -> list[Problem]:
    """Words of a case that its policy does not have: rules, results, roles, tiers, with the nearest."""
    case, root = placed.case, ("cases", placed.id)
    rules = [name for name, rule in policy.rules.items() if rule is not None]
    found: list[Problem | None] = []
    for name, result in case.expect.rules.items():
        path: KeyPath = (*root, "expect", "rules", name)
        found.append(_known(placed, "rule", name, rules, path, at_key=True))
        rule = policy.rules.get(name)
        if rule is not None:
            found.append(_known(placed, "result", result, results_of(rule), path))
    for index, name in enumerate(case.expect.decided_by or []):
        found.append(_known(placed, "rule", name, [*rules, "valid_days"], (*root, "expect", "decided_by", index)))
    for index, person in enumerate(case.given.people):
        found.append(_known(placed, "role", person.role, list(policy.roles), (*root, "given", "people", index, "role")))
        if person.rule is not None:
            found.append(_known(placed, "rule", person.rule, rules, (*root, "given", "people", index, "rule")))
    if case.given.tier is not None:
        found.append(_known(placed, "tier", case.given.tier, list(policy.risk.tiers), (*root, "given", "tier")))
    return [problem for problem in found if problem is not None]


def _known(
    placed: Placed, noun: str, name: str, known: Iterable[str], path: KeyPath, *, at_key: bool = False
) -> Problem | None:
    words = list(known)
    if name in words:
        return None
    return placed.made.problem("FTS-104", f"no such {noun}: {name!r}.", path, suggest(name, words), at_key=at_key)


def chosen(project: Project, wanted: Iterable[str]) -> tuple[list[Path], list[str]]:
    """Files and names of cases behind words: a file, a file's name, or a case's id; nothing named: every file."""
    files = case_files(project)
    words = list(wanted)
    if not words:
        return files, []
    by_name = {path.relative_to(project.root / FOLDER).with_suffix("").as_posix(): path for path in files}
    picked = [by_name[word] for word in words if word in by_name]
    picked += [path for word in words for path in files if Path(word).resolve() == path.resolve()]
    ids = [word for word in words if word not in by_name and not Path(word).is_file()]
    return (sorted(set(picked)) if not ids else files), ids


def no_such_case(name: str, known: Iterable[str]) -> NotFoundError:
    """The error for a word that is neither a file nor a case."""
    return NotFoundError("policy case or file of cases", name, known)
