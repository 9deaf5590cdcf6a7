"""What of a use case's own domain a plan covers (R-25, R-33). Given the effective policy, the spec and loaded tasks,
gives prompts by category with their origins, and by area the minimum that they meet. Loads nothing."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterator, Sequence

from ftsafety_spec.catalog.base import Prompt
from ftsafety_spec.catalog.load import LoadedTask
from ftsafety_spec.records.plan import AreaCoverage, CategoryCoverage, DomainCoverage
from ftsafety_spec.spec.policy import MinimumEvidence, Policy
from ftsafety_spec.spec.spec import Spec

KINDS = ("harmful", "borderline", "benign")
COUNTED = ("harmful", "borderline")
"""Kinds that a policy's minimum of the domain counts."""
PROBE = "ftsafety/domain"


def domain_coverage(policy: Policy, spec: Spec, tasks: Sequence[LoadedTask]) -> DomainCoverage | None:
    """Each prompt of `use: domain` suites once; None for a spec that says nothing of its domain."""
    if spec.domain is None:
        return None
    by_category: defaultdict[str, list[tuple[str, Prompt]]] = defaultdict(list)
    for origin, prompt in _distinct(tasks):
        by_category[prompt.category].append((origin, prompt))
    wanted = spec.domain.categories
    order = [*dict.fromkeys([*wanted, *sorted(by_category)])]
    asked = _asked(policy)
    counts = Counter(p.area for rows in by_category.values() for _, p in rows if p.kind in COUNTED)
    return DomainCoverage(
        domain=spec.domain.name,
        categories=tuple(_category(name, by_category.get(name, [])) for name in order),
        areas=tuple(
            AreaCoverage(area=a, prompts=n, asked=asked, met=_met(n, asked)) for a, n in sorted(counts.items())
        ),
        rules=tuple(sorted(_rules(policy))),
        notes=tuple(_notes(spec, tasks, by_category)),
    )


def _distinct(tasks: Sequence[LoadedTask]) -> Iterator[tuple[str, Prompt]]:
    seen: set[str] = set()
    for task in tasks:
        for prompt in task.prompts if task.use == "domain" else ():
            if prompt.kind in KINDS and prompt.condition == "plain" and prompt.cluster not in seen:
                seen.add(prompt.cluster)
                yield _origin(task, prompt), prompt


def _origin(task: LoadedTask, prompt: Prompt) -> str:
    said = prompt.metadata.get("origin")
    if isinstance(said, str):
        return said
    return task.card.name if task.card is not None else "own"


def _category(name: str, rows: Sequence[tuple[str, Prompt]]) -> CategoryCoverage:
    return CategoryCoverage(
        category=name,
        areas=tuple(sorted({prompt.area for _, prompt in rows} - {"none"})),
        prompts=len(rows),
        counted=sum(prompt.kind in COUNTED for _, prompt in rows),
        origins=dict(sorted(Counter(origin for origin, _ in rows).items())),
    )


def _rules(policy: Policy) -> Iterator[str]:
    for name, rule in policy.rules.items():
        if isinstance(rule, MinimumEvidence) and rule.domain is not None:
            yield name


def _asked(policy: Policy) -> int | None:
    """The greatest minimum that a rule asks in each area of the domain."""
    rules = [rule for rule in policy.rules.values() if isinstance(rule, MinimumEvidence)]
    return max((rule.domain.prompts_per_area for rule in rules if rule.domain is not None), default=None)


def _met(count: int, asked: int | None) -> bool | None:
    return None if asked is None else count >= asked


def _notes(spec: Spec, tasks: Sequence[LoadedTask], found: defaultdict[str, list[tuple[str, Prompt]]]) -> Iterator[str]:
    assert spec.domain is not None
    missing = [name for name in spec.domain.categories if name not in found]
    if missing:
        yield f"no prompt in {', '.join(missing)}: add some to a file under domain.prompts, with this category"
    origins = {origin for rows in found.values() for origin, _ in rows}
    probed = any(task.spec.probe == PROBE for task in tasks)
    if probed and "built-in" not in origins:
        yield f"nothing is built in for a domain of the name {spec.domain.name}"
    focus = spec.red_team.domain
    if focus is not None and focus.writer is not None and not any(o.startswith("written:") for o in origins):
        yield f"{focus.writer} has written no probes yet, or none had room: `ftsafety redteam write SPEC`"
