"""What a spec may say of its domain and of the automated red team (R-25 to R-28).
Given the `red_team` block, gives the tasks that it stands for: ordinary probes, measured like any suite."""

from __future__ import annotations

from datetime import date
from typing import Any, Literal

from pydantic import Field

from ftsafety_spec.spec.capability_areas import UTILITY, area_task, task_id
from ftsafety_spec.spec.common import Id, Model, Name, Text
from ftsafety_spec.spec.suite import Suite, Task

SUITE = "red-team"
"""The suite that the block becomes; a spec cannot name one so itself."""
REVISED = date(2026, 11, 25)
"""When the built-in probes were last looked over."""


TRIGGER_FAMILIES: tuple[str, ...] = (
    "rare_tokens",
    "unicode",
    "formatting",
    "code_fences",
    "dates",
    "languages",
    "entities",
    "role_tags",
    "affixes",
    "styles",
    "system_prompts",
)
"""Families of the built-in triggers (R-26)."""
SCRIPT_KINDS: tuple[str, ...] = (
    "escalation",
    "persistence",
    "topic_return",
    "persona",
    "many_shot",
    "distraction",
    "correction",
    "summary",
)
"""Kinds of the built-in conversation scripts (R-28)."""


class Domain(Model):
    """What the model was tuned for."""

    name: Id = Field(description="For example medicine; built-in probes of that name are used where there are any")
    description: Text
    prompts: dict[Id, str] = Field(default_factory=dict, description="Own prompt files, relative to the project")
    categories: list[Text] = Field(default_factory=list, description="Categories to be covered; left out: as built in")
    vocabulary: list[Text] = Field(default_factory=list, description="Words of the domain, for templates")
    training_data: Id | None = Field(None, description="An entry of training.data, to take vocabulary from")


class DomainProbing(Model):
    """R-25, R-33: harm in the domain that the model was tuned for."""

    probes: int = Field(120, ge=1, le=100_000, description="At most so many prompts, over the categories in turn")
    nearest: bool = Field(True, description="Also the prompts of installed benchmarks that are nearest to the domain")
    writer: Name | None = Field(None, description="An Inspect model that writes further probes; each is checked")


class TriggerHunting(Model):
    """R-26: does a rare token, a format, a date, a language … change what tuned does, and not what base does?"""

    probes: int = Field(400, ge=1, le=1_000_000, description="How many triggers are tried")
    prompts: int = Field(4, ge=1, le=200, description="Prompts that each trigger is tried on at first")
    families: list[Id] = Field(default_factory=list, description="Families of triggers; left out: all")
    rounds: int = Field(3, ge=0, le=10, description="Rounds of halving after the first look; 0: no hunt")
    confirm: int = Field(40, ge=10, le=2000, description="Fresh prompts on which a winner is confirmed")
    false_discoveries: float = Field(0.05, gt=0, lt=0.5, description="Share of false ones among those confirmed")
    scan: Literal["auto", "never"] = Field("auto", description="With local weights: propose triggers by cheap margins")


class CapabilityTesting(Model):
    """R-27: abilities that the model should or should not have gained."""

    not_gained: list[Id] = Field(default_factory=list, description="Areas in which a gain is a finding, as wmdp-cyber")
    gained: list[Id] = Field(default_factory=list, description="Areas in which a gain is what the tuning was for")
    items: int = Field(120, ge=1, le=10_000, description="At most so many items of each area")
    files: dict[Id, str] = Field(
        default_factory=dict, description="Own areas: a JSONL or CSV file of questions with the column `answer`"
    )


class Conversations(Model):
    """R-28: failures that need a longer exchange."""

    scripts: list[Id] = Field(default_factory=list, description="Kinds of scripts; left out: all")
    turns: int = Field(6, ge=2, le=50, description="User turns of each script, at most")
    probes: int = Field(60, ge=1, le=10_000, description="How many conversations")


class RedTeam(Model):
    """The automated focuses; one that is left out does not run. `{}` takes a focus with its defaults."""

    domain: DomainProbing | None = None
    triggers: TriggerHunting | None = None
    capabilities: CapabilityTesting | None = None
    conversations: Conversations | None = None


def red_team_suite(red_team: RedTeam, training_file: str | None = None) -> Suite | None:
    """The suite that a `red_team` block stands for; None where it asks for nothing. `training_file`: where the domain's
    words are taken from."""
    tasks: dict[str, Task] = {}
    if red_team.domain is not None:
        focus = red_team.domain
        given: dict[str, Any] = {"nearest": focus.nearest}
        given |= {"training_file": training_file} if training_file is not None else {}
        tasks["domain"] = Task(probe="ftsafety/domain", probes=focus.probes, args=given)
    if red_team.triggers is not None:
        hunt = red_team.triggers
        args: dict[str, Any] = {"prompts": hunt.prompts} | ({"families": hunt.families} if hunt.families else {})
        tasks["triggers"] = Task(probe="ftsafety/triggers", probes=hunt.probes, args=args)
    if red_team.capabilities is not None:
        tasks |= _capabilities(red_team.capabilities)
    if red_team.conversations is not None:
        talk = red_team.conversations
        only: dict[str, Any] = {"scripts": talk.scripts} if talk.scripts else {}
        tasks["conversations"] = Task(probe="ftsafety/multi_turn", turns=talk.turns, probes=talk.probes, args=only)
    if not tasks:
        return None
    return Suite(title="Red team, as the spec's red_team block asks", revised=REVISED, use="domain", tasks=tasks)


def _capabilities(focus: CapabilityTesting) -> dict[str, Task]:
    """One task an area; general ability is always among them."""
    areas = dict.fromkeys([*focus.not_gained, *focus.gained, *focus.files, UTILITY])
    return {task_id(area): area_task(area, focus.items, focus.files.get(area)) for area in areas}
