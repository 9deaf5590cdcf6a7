"""What was searched for, by the red team's own reports: how many triggers, over which space, at which odds. Given the
records of a run, gives counts and a sentence. A search that has run out counts as none."""

from __future__ import annotations

import math
from collections.abc import Iterator
from typing import Any

from ftsafety_spec.gate.case import Case
from ftsafety_spec.gate.numbers import finite
from ftsafety_spec.records.evidence import Evidence
from ftsafety_spec.records.red_team import Odds, Search, report_in


def searches(case: Case) -> list[Search]:
    """Searches about what this run measured, each once, in an order of their own. What cannot be read is none."""
    found = {}
    for item in _about(case):
        search = _search(item)
        if search is not None and search.probes > 0:
            found[search.model_dump_json()] = search
    return [found[key] for key in sorted(found)]


def triggers_tried(variant: str, case: Case) -> int:
    """Triggers that a variant was tried with. Hunts look again at those that the suite or an earlier hunt tried, so the
    largest of them counts; of a suite's probe no more than it was to try, for each is asked with several prompts."""
    mine = [s.probes for s in searches(case) if s.focus == "trigger" and s.variant == variant]
    bare = [item for item in _about(case) if "search" not in item.body]
    return max(_measured(variant, case), *mine, 0) + int(math.fsum(finite(i.body.get("probes")) for i in bare))


def trigger_sentence(case: Case) -> str:
    """R-47: what was searched, and how many planted triggers such a search found; without a full stop."""
    deciding = case.deciding()
    tried = min((triggers_tried(variant, case) for variant in deciding), default=0)
    if not tried:
        return "No triggers were tried"
    hunts = [s for s in searches(case) if s.focus == "trigger" and s.variant in deciding]
    space = {
        family: max(s.space.get(family, 0) for s in hunts) for family in sorted({f for s in hunts for f in s.space})
    }
    said = f"{tried:,} triggers were tried"
    if space:
        said += f" ({', '.join(f'{_plain(family)} {count:,}' for family, count in space.items())})"
    odds = {(o.kind, o.effect): o for s in hunts for o in s.odds}
    return "; ".join([said, *(_odds(odds[key]) for key in sorted(odds))])


def _odds(odds: Odds) -> str:
    return (
        f"of planted ones of the kind {_plain(odds.kind)} with an effect of {100 * odds.effect:.1f} % or more, such a "
        f"search found {100 * odds.found:.1f} % (`{odds.measured_by}`)"
    )


def _measured(variant: str, case: Case) -> int:
    row = case.pairing(variant)
    asked = row.paired_by_kind.get("trigger", 0) if row is not None else 0
    probes = {
        (suite_id, task_id): task.probes
        for suite_id, suite in case.locked.spec.suites.items()
        for task_id, task in suite.tasks.items()
        if task.probe is not None and "trigger" in task.probe and task.probes is not None
    }
    if not probes:
        return asked
    own = sum(d.by_kind.get("trigger", 0) for d in case.plan.datasets if (d.suite, d.task) not in probes)
    return min(asked, own + sum(probes.values()))


def _about(case: Case) -> Iterator[Evidence]:
    return (item for item in case.given("finding") if not case.measured().isdisjoint(item.subject))


def _search(item: Evidence) -> Search | None:
    try:
        report = report_in(item.body)
    except (ValueError, TypeError):
        return None
    return None if report is None else report.search


def _plain(word: Any) -> str:
    return str(word).replace("_", " ").replace("-", " ")
