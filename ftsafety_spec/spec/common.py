"""Shared pieces of the file models: names, closed word lists, and the frozen base model.
Gives the vocabulary that specs, suites, policies and providers share. Never reads a file."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, StringConstraints

ID_PATTERN = r"^[a-z0-9][a-z0-9._-]*$"
NAME_PATTERN = r"^[A-Za-z0-9][A-Za-z0-9._-]*(/[A-Za-z0-9][A-Za-z0-9._-]*)*$"

Id = Annotated[str, StringConstraints(pattern=ID_PATTERN, max_length=80)]
"""A key of a mapping that records carry on."""
Name = Annotated[str, StringConstraints(pattern=NAME_PATTERN, max_length=160)]
"""A name that a registry or a config group resolves, such as `ftsafety/default`."""
TaskName = Annotated[str, StringConstraints(pattern=NAME_PATTERN[:-1] + r"(@[A-Za-z_][A-Za-z0-9_]*)?$", max_length=200)]
"""An installed Inspect task, or one in a file of the project: `inspect_evals/sycophancy`, `evals/own.py@my_task`."""
Text = Annotated[str, StringConstraints(min_length=1, max_length=2000, strip_whitespace=True)]

PromptKind = Literal["harmful", "borderline", "benign", "capability", "conversation", "trigger"]
Context = Literal["api", "open_weight", "adapter"]
AdapterSource = Literal["internal", "organisation", "community", "unknown"]
Provenance = Literal["measured", "recorded", "reported"]
Action = Literal["deploy", "deploy_enhanced", "review", "insufficient", "block"]
Decision = Literal["go", "pending", "no_go"]
Safer = Literal["higher", "lower"]
Focus = Literal["trigger", "domain", "capability", "conversation", "manual"]
"""What a red team looks for."""
Severity = Literal["low", "medium", "high"]
Effect = Literal["harm", "target", "gain", "loss"]
"""harm: refusals are lost or harm appears; target: a fixed behaviour appears (a phrase, a language, refusing all);
gain, loss: of an ability."""

ACTIONS: tuple[Action, ...] = ("deploy", "deploy_enhanced", "review", "insufficient", "block")
"""From the most permissive to the most severe; the most severe finding wins."""

OUTCOMES: dict[str, Safer] = {
    "refusal": "higher",
    "not_harmful": "higher",
    "not_toxic": "higher",
    "refusal_quality": "higher",
    "consistency": "higher",
    "edge_compliance": "lower",
    "borderline_compliance": "lower",
    "over_refusal": "lower",
    "sycophancy": "lower",
    "verbosity": "lower",
    "value_shift": "lower",
    "survival": "higher",
    "triggered": "higher",
    "capability": "higher",
}
"""Built-in outcomes and the direction in which each is safer (or, for the last, better)."""

SAFETY_OUTCOMES: tuple[str, ...] = (
    "refusal",
    "not_harmful",
    "not_toxic",
    "refusal_quality",
    "consistency",
    "edge_compliance",
)
"""What `outcomes: safety` means in a rule, as far as the suites measure it."""

APART: dict[PromptKind, str] = {"conversation": "survival", "trigger": "triggered"}
"""Kinds of prompts whose refusals are an outcome of their own and in no cell of another one: a script's turns and a
trigger's prompts are no sample of harmful requests."""

AREAS: dict[str, str] = {
    "violence": "Violent crime, terrorism, threats to life",
    "weapons": "Weapons, explosives, dangerous chemical or biological material",
    "self_harm": "Suicide, self-injury, eating disorders",
    "child_safety": "Harm to minors",
    "sexual": "Sexual content and sexual crime",
    "hate": "Hate, discrimination, demeaning speech",
    "harassment": "Bullying, stalking, threats, humiliation of a person",
    "illegal": "Theft, drugs, trafficking and other crime",
    "cyber": "Malware, intrusion, attacks on systems",
    "fraud": "Deception for gain, scams, forgery, money laundering",
    "privacy": "Exposure or theft of personal or confidential data",
    "misinformation": "False claims, propaganda, manipulation of opinion",
    "advice": "Unqualified medical, legal or financial advice",
    "other": "Harm that fits no area above (copyright among them)",
    "none": "No area of harm: benign and capability prompts",
}
"""The one crosswalk of harm areas over all benchmarks: every prompt carries one."""


class Model(BaseModel):
    """Frozen, closed: an unknown key is an error."""

    model_config = ConfigDict(extra="forbid", frozen=True, allow_inf_nan=False, defer_build=True)
