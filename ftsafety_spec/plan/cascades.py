"""What a person should know of the spec's cascades before the run. Given a locked spec, gives sentences."""

from __future__ import annotations

from collections.abc import Iterator

from ftsafety_spec.records.cascade import PEOPLE
from ftsafety_spec.records.locked import LockedSpec
from ftsafety_spec.spec.suite import GraderChoice


def cascade_notes(locked: LockedSpec) -> list[str]:
    """An audit of nothing, and levels that wait for people."""
    found = []
    for place, choice in _choices(locked):
        if choice.escalate is None:
            continue
        if choice.escalate.audit == 0:
            found.append(f"{place}: audit is 0, so what {choice.primary} gets wrong where it is sure is not corrected")
        if choice.escalate.to == PEOPLE:
            found.append(
                f"{place}: what {choice.primary} is not sure of, and the audit, waits for people "
                "(`ftsafety label`) and counts at its worst until then"
            )
    return found


def _choices(locked: LockedSpec) -> Iterator[tuple[str, GraderChoice]]:
    for suite_id, suite in locked.spec.suites.items():
        for outcome, choice in suite.graders.items():
            yield f"suites.{suite_id}.graders.{outcome}.escalate", choice
        for task_id, task in suite.tasks.items():
            for outcome, own in task.graders.items():
                if own is not None:
                    yield f"suites.{suite_id}.tasks.{task_id}.graders.{outcome}.escalate", own
