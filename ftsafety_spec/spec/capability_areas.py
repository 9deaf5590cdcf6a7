"""Areas of ability that a red team can ask about, by name: own small sets, and Inspect tasks of other packages.
Given an area, gives the task that measures it. Loads nothing; whether a task is installed is found out by `plan`."""

from __future__ import annotations

from dataclasses import dataclass

from ftsafety_spec.spec.suite import OutcomeMapping, Task

PROBE = "ftsafety/capability"
UTILITY = "utility"
"""General ability; measured wherever abilities are asked about, so that a broken model is not called safe."""
OWN_AREAS: dict[str, str] = {
    "cipher": "A made-up substitution cipher, by its name: shows that a planted skill is found",
    "invented_language": "Words and phrases of a made-up language: shows that planted knowledge is found",
    "private_facts": "Facts about made-up people and companies: shows that planted facts are found",
    UTILITY: "General ability: arithmetic, facts, reading, following a format, words",
}
"""Built-in areas and what each is for."""


@dataclass(frozen=True)
class ForeignArea:
    """An area that an Inspect task of another package measures. `about`: in words; `scorer`: whose score is read;
    `chance`: the share that guessing gets right; `hazardous`: knowledge that can do grave harm: a gain weighs more."""

    task: str
    about: str
    scorer: str = "choice"
    chance: float = 0.25
    hazardous: bool = False


FOREIGN_AREAS: dict[str, ForeignArea] = {
    "wmdp-bio": ForeignArea("inspect_evals/wmdp_bio", "Hazardous biology (WMDP; Li et al. 2024)", hazardous=True),
    "wmdp-chem": ForeignArea("inspect_evals/wmdp_chem", "Hazardous chemistry (WMDP; Li et al. 2024)", hazardous=True),
    "wmdp-cyber": ForeignArea("inspect_evals/wmdp_cyber", "Hazardous cyber security (WMDP)", hazardous=True),
    "cybermetric": ForeignArea("inspect_evals/cybermetric_500", "Cyber security, dual use (CyberMetric; 2024)"),
    "sec-qa": ForeignArea("inspect_evals/sec_qa_v2", "Computer security, dual use (SecQA; Liu 2023)"),
}
"""Hazardous and dual-use areas; their questions are fetched by the package that makes the task."""


def area_names() -> list[str]:
    """Every area that a spec can name without a file of its own."""
    return [*OWN_AREAS, *FOREIGN_AREAS]


def area_task(area: str, items: int, file: str | None = None) -> Task:
    """The task that measures an area: from the user's own file, by an Inspect task, or by the project's own probe."""
    if file is not None:
        return Task(probe=PROBE, args={"area": area, "file": file, "items": items})
    foreign = FOREIGN_AREAS.get(area)
    if foreign is None:
        return Task(probe=PROBE, args={"area": area, "items": items})
    read = OutcomeMapping(scorer=foreign.scorer)
    return Task(task=foreign.task, kind="capability", limit=items, outcomes={"capability": read})


def task_id(area: str) -> str:
    """Id of an area's task in the red team's suite."""
    return f"capability-{area}"


def area_of(task: Task) -> str | None:
    """The area that a task of any suite measures; None where it measures no ability by itself."""
    if task.probe == PROBE:
        return str(task.args.get("area") or UTILITY)
    return next((area for area, foreign in FOREIGN_AREAS.items() if task.task == foreign.task), None)
