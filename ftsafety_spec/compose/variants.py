"""From the models of a spec to the stacks that are measured: base, tuned, and each adapter of a deployed stack alone
(R-58, R-59). Given plain composed data, gives Variants or Problems; it never guesses what is to be deployed."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from ftsafety_spec.compose.mix import Mix
from ftsafety_spec.compose.scan import number_problem
from ftsafety_spec.errors import Problem, suggest
from ftsafety_spec.records.locked import Variant


@dataclass(frozen=True)
class Stack:
    """A model followed to its root: `root` holds the weights, `adapters` is the whole stack, in order."""

    root: str
    adapters: dict[str, float]


def expand(made: Mix, valid: bool = True) -> tuple[dict[str, Variant], list[Problem]]:
    """All variants by id, base first, or what contradicts itself (FTS-104, FTS-110). `valid`: the data has passed
    validation; otherwise only contradictions are looked for."""
    models = models_of(made.data)
    problems: list[Problem] = []
    stacks = {name: stack for name in models if (stack := _stack(name, models, made, problems)) is not None}
    if problems or not models:
        return {}, problems
    base, found = _bases(models, made)
    against, more = _against(models, base, made)
    problems = [*found, *more, *_deployed(models, base, made)]
    if problems or not valid:
        return {}, problems
    variants = {name: _variant(name, models[name], stacks[name], against[name]) for name in [*base, *models]}
    for name, entry in models.items():
        if entry.get("deploy") and against[name] is not None:
            _add_parts(variants, name, stacks[name], stacks[str(against[name])], str(against[name]))
    return variants, []


def models_of(data: Mapping[str, Any]) -> dict[str, dict[str, Any]]:
    """The models that are mappings: anything else is reported by validation."""
    models = data.get("models")
    return {k: v for k, v in models.items() if isinstance(v, dict)} if isinstance(models, dict) else {}


def adapters_of(entry: Mapping[str, Any]) -> dict[str, float]:
    """Adapter to scale, as far as it can be read."""
    adapters = entry.get("adapters")
    if not isinstance(adapters, dict):
        return {}
    numbers = {name: scale for name, scale in adapters.items() if type(scale) in (int, float)}
    return {name: float(scale) for name, scale in numbers.items() if number_problem(scale) is None}


def root_of(name: str, models: Mapping[str, Mapping[str, Any]]) -> str | None:
    """The model that holds the weights, or None where `of` loops or leads nowhere."""
    seen = [name]
    while isinstance(parent := models[seen[-1]].get("of"), str):
        if parent in seen or parent not in models:
            return None
        seen.append(parent)
    return seen[-1]


def _stack(name: str, models: dict[str, dict[str, Any]], made: Mix, problems: list[Problem]) -> Stack | None:
    chain = [name]
    while isinstance(parent := models[chain[-1]].get("of"), str):
        path = ("models", chain[-1], "of")
        if parent not in models:
            if len(chain) == 1:
                message, hint = f"no such model: {parent!r}.", suggest(parent, [m for m in models if m != name])
                problems.append(made.problem("FTS-110", message, path, hint))
            return None
        if parent in chain:
            if parent == name:
                loop = " → ".join([*chain, parent])
                problems.append(made.problem("FTS-110", f"a model is made of itself: {loop}.", path))
            return None
        chain.append(parent)
    adapters: dict[str, float] = {}
    for model in reversed(chain):
        for adapter, scale in adapters_of(models[model]).items():
            if adapter in adapters and model == name:
                message = f"the adapter {adapter!r} is already in the stack of {models[name].get('of')}."
                problems.append(made.problem("FTS-110", message, ("models", name, "adapters", adapter)))
            adapters[adapter] = scale
    return Stack(chain[-1], adapters)


def _bases(models: dict[str, dict[str, Any]], made: Mix) -> tuple[list[str], list[Problem]]:
    """What others are compared with: `base`; else what others are `of`; else the one of two that is not deployed."""
    roots = [name for name in models if models[name].get("of") is None]
    if "base" in models:
        if "base" in roots:
            return ["base"], []
        hint = "Give base its own path and adapters."
        return [], [made.problem("FTS-110", "base is what others are compared with: it has no `of`.",
                                 ("models", "base", "of"), hint)]  # fmt: skip
    targets = [name for name in roots if any(root_of(model, models) == name != model for model in models)]
    if targets:
        return targets, []
    still = [name for name in models if not models[name].get("deploy")]
    if len(models) == 2 and len(still) == 1:
        return still, []
    return [], [made.problem("FTS-110", "no model is the base that the others are compared with.", ("models",),
                             "Name one of them `base`.")]  # fmt: skip


def _against(
    models: dict[str, dict[str, Any]], base: list[str], made: Mix
) -> tuple[dict[str, str | None], list[Problem]]:
    against: dict[str, str | None] = {}
    problems = []
    for name in models:
        if name in base:
            against[name] = None
        elif (root := root_of(name, models)) in base:
            against[name] = root
        elif len(base) == 1:
            against[name] = base[0]
        elif base:
            message = f"{name} could be compared with {' or '.join(base)}."
            problems.append(made.problem("FTS-110", message, ("models", name), "Name the base `base`."))
    return against, problems


def _deployed(models: dict[str, dict[str, Any]], base: list[str], made: Mix) -> list[Problem]:
    tuned = [name for name in models if name not in base]
    if base and not tuned:
        return [made.problem("FTS-110", "there is a base, but no tuned model to judge.", ("models",))]
    wrong = [name for name in base if models[name].get("deploy") is True]
    found = [
        made.problem("FTS-110", f"{name} is the base: it is not what gets deployed.", ("models", name, "deploy"))
        for name in wrong
    ]
    if base and not any(models[name].get("deploy") is True for name in tuned):
        hint = f"Add `deploy: true` to {' or '.join(tuned)}."
        found.append(made.problem("FTS-110", "no model says `deploy: true`, so nothing would get a verdict.",
                                  ("models",), hint))  # fmt: skip
    return found


def _variant(name: str, entry: Mapping[str, Any], stack: Stack, against: str | None) -> Variant:
    return Variant(
        id=name,
        role="base" if against is None else "tuned",
        against=against,
        model=stack.root,
        adapters=stack.adapters,
        deploy=entry.get("deploy") is True,
    )


def _add_parts(variants: dict[str, Variant], name: str, stack: Stack, base: Stack, against: str) -> None:
    """Each adapter that base lacks, alone upon base's stack, unless that very stack is there already; where the weights
    are others than base's, these without any adapter as well: what adapters do is told against that (R-58)."""
    under = base.adapters if base.root == stack.root else {}
    own = {adapter: scale for adapter, scale in stack.adapters.items() if adapter not in under}
    if len(own) < 2:
        return
    alone = {f"{name}+{adapter}": {**under, adapter: scale} for adapter, scale in own.items()}
    if base.root != stack.root:
        alone = {f"{name}++none": {}, **alone}  # no adapter's id begins with a plus
    for part, adapters in alone.items():
        if any(v.model == stack.root and v.adapters == adapters for v in variants.values()):
            continue
        variants[part] = Variant(
            id=part, role="part", against=against, model=stack.root, adapters=adapters, deploy=False
        )
