"""From a policy and a spec's facts to the rules that hold for it. Pure functions on file models:
`facts_of` scores the risk, `effective` applies adjustments (tighten only, the strictest wins),
`compare_policies` says which fields of one policy are stricter or looser than another's."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, Literal, TypeVar

from pydantic import BaseModel, ValidationError

from ftsafety_spec.errors import InputError
from ftsafety_spec.spec.common import AdapterSource, Context, Model
from ftsafety_spec.spec.policy import ActionDuty, Policy, PolicyFacts
from ftsafety_spec.spec.spec import Spec
from ftsafety_spec.spec.strict import Stricter

M = TypeVar("M", bound=BaseModel)

_TRUST: tuple[AdapterSource, ...] = ("internal", "organisation", "community", "unknown")


class Change(Model):
    """One field of a policy that differs from another's."""

    rule: str
    field: str
    old: Any
    new: Any
    direction: Literal["stricter", "looser", "other"]


def context_of(spec: Spec) -> Context:
    """The declared context, else: adapter where a deployed model is made by adapters, api where no weights are."""
    if spec.context is not None:
        return spec.context
    deployed = [entry for entry in spec.models.values() if entry.deploy] or list(spec.models.values())
    if any(entry.adapters for entry in deployed):
        return "adapter"
    return "open_weight" if any(entry.path is not None for entry in deployed) else "api"


def facts_of(spec: Spec, policy: Policy) -> PolicyFacts:
    """Risk points, tier, context and the least trusted adapter source. A factor left out counts at its highest."""
    points, undeclared = 0, list[str]()
    for factor, levels in policy.risk.points.items():
        level = getattr(spec.risk, factor)
        if level is None:
            undeclared.append(factor)
        points += levels.get(level, max(levels.values(), default=0)) if level else max(levels.values(), default=0)
    tier = max((start, name) for name, start in policy.risk.tiers.items() if start <= points)[1]
    used = {name for entry in spec.models.values() for name in entry.adapters}
    sources = [spec.adapters[name].source for name in used if name in spec.adapters]
    source = max(sources, key=_TRUST.index) if sources else None
    return PolicyFacts(tier=tier, points=points, undeclared=undeclared, context=context_of(spec), adapter_source=source)


def effective(policy: Policy, facts: PolicyFacts) -> Policy:
    """The policy with every adjustment that the facts call for. Each is applied to the policy's own rule, then the
    strictest of all wins, field by field: an adjustment never loosens. Raises InputError where one does not fit."""
    rules, actions, monitoring = dict(policy.rules), dict(policy.actions), dict(policy.monitoring)
    for name, adjustment in policy.adjust.items():
        if not facts.meet(adjustment.when):
            continue
        for rule, patch in adjustment.rules.items():
            own = policy.rules[rule]
            if own is None:  # removed, which is a loosening of its own: nothing is left to tighten
                continue
            rules[rule] = _join(rules[rule], _patched(own, patch, f"adjust.{name}.rules.{rule}"))
        for action, patch in adjustment.actions.items():
            duty = policy.actions.get(action, ActionDuty())
            patched = _patched(duty, patch, f"adjust.{name}.actions.{action}")
            actions[action] = _join(actions.get(action, duty), patched)
        for level, patch in adjustment.monitoring.items():
            patched_level = _patched(policy.monitoring[level], patch, f"adjust.{name}.monitoring.{level}")
            monitoring[level] = _join(monitoring[level], patched_level)
    return policy.model_copy(update={"rules": rules, "actions": actions, "monitoring": monitoring})


def loosening(policy: Policy, name: str) -> list[Change]:
    """Fields that an adjustment sets to something that is not stricter than the policy's own; `field` is the key path
    below the policy. They change nothing, since the strictest wins, and mislead a reader of the file."""
    found = []
    adjustment = policy.adjust[name]
    for rule, patch in adjustment.rules.items():
        own, where = policy.rules[rule], f"adjust.{name}.rules.{rule}"
        if own is not None:
            found += [_at(change, f"rules.{rule}", where) for change in _differences(own, _patched(own, patch, where))]
    for action, patch in adjustment.actions.items():
        duty, where = policy.actions.get(action, ActionDuty()), f"adjust.{name}.actions.{action}"
        found += [
            _at(change, f"actions.{action}", where) for change in _differences(duty, _patched(duty, patch, where))
        ]
    for level, patch in adjustment.monitoring.items():
        watch, where = policy.monitoring[level], f"adjust.{name}.monitoring.{level}"
        changes = _differences(watch, _patched(watch, patch, where))
        found += [_at(change, f"monitoring.{level}", where) for change in changes]
    return [change for change in found if change.direction != "stricter"]


def _at(change: Change, own: str, where: str) -> Change:
    return change.model_copy(update={"rule": f"{own}.{change.field}", "field": f"{where}.{change.field}"})


def compare_policies(old: Policy, new: Policy) -> list[Change]:
    """Every rule field and duty that differs, with its direction. A removed rule is looser, an added one stricter."""
    changes: list[Change] = []
    for rule in [*old.rules, *(name for name in new.rules if name not in old.rules)]:
        before, after = old.rules.get(rule), new.rules.get(rule)
        if before is None and after is None:
            continue
        if after is None or before is None:
            direction: Literal["stricter", "looser"] = "looser" if after is None else "stricter"
            changes.append(
                Change(
                    rule=rule,
                    field="rule",
                    old=before and before.kind,
                    new=after and after.kind,
                    direction=direction,
                )
            )
        elif before.kind != after.kind:
            changes.append(Change(rule=rule, field="kind", old=before.kind, new=after.kind, direction="looser"))
        else:
            changes += [change.model_copy(update={"rule": rule}) for change in _differences(before, after)]
    changes += [change.model_copy(update={"rule": "measure"}) for change in _differences(old.measure, new.measure)]
    for action in sorted({*old.actions, *new.actions}):
        before_duty = old.actions.get(action, ActionDuty())
        after_duty = new.actions.get(action, ActionDuty())
        changes += [
            change.model_copy(update={"rule": f"actions.{action}"}) for change in _differences(before_duty, after_duty)
        ]
    return changes


def directions(model: type[BaseModel]) -> dict[str, Stricter]:
    """Field name to its declared direction, for the fields that carry one."""
    found: dict[str, Stricter] = {}
    for name, info in model.model_fields.items():
        for mark in info.metadata:
            if isinstance(mark, Stricter):
                found[name] = mark
    return found


def _differences(old: BaseModel | None, new: BaseModel | None, prefix: str = "") -> Iterator[Change]:
    model = old if old is not None else new
    if model is None:
        return
    marks = directions(type(model))
    for name in type(model).model_fields:
        if name in ("kind", "description", "rationale", "owner"):
            continue
        before = getattr(old, name) if old is not None else None
        after = getattr(new, name) if new is not None else None
        if before == after:
            continue
        path = f"{prefix}{name}"
        if name in marks:
            how = marks[name].compare(before, after)
            if how != "same":
                yield Change(rule="", field=path, old=before, new=after, direction=how)
        elif isinstance(before, BaseModel) and isinstance(after, BaseModel):
            yield from _differences(before, after, f"{path}.")
        elif isinstance(before, dict) and isinstance(after, dict):
            yield from _mapping_differences(before, after, path)
        else:
            how = "looser" if after is None else "stricter" if before is None else "other"
            yield Change(rule="", field=path, old=_plain(before), new=_plain(after), direction=how)


def _mapping_differences(old: dict[str, Any], new: dict[str, Any], path: str) -> Iterator[Change]:
    for key in sorted({*old, *new}):
        before, after = old.get(key), new.get(key)
        if before is None or after is None:
            how: Literal["looser", "stricter"] = "looser" if after is None else "stricter"
            yield Change(rule="", field=f"{path}.{key}", old=_plain(before), new=_plain(after), direction=how)
        elif isinstance(before, BaseModel):
            yield from _differences(before, after, f"{path}.{key}.")


def _plain(value: Any) -> Any:
    return value.model_dump(mode="json") if isinstance(value, BaseModel) else value


def _patched(own: M, patch: dict[str, Any], where: str) -> M:
    """`own` with `patch` merged in. Raises InputError where the result is no such rule."""
    try:
        return type(own).model_validate(_merge(own.model_dump(), patch))
    except ValidationError as error:
        first = error.errors()[0]
        key = ".".join(str(part) for part in (where, *first["loc"]))
        raise InputError(f"{key}: {first['msg']}.", code="FTS-106") from error


def _merge(data: dict[str, Any], patch: dict[str, Any]) -> dict[str, Any]:
    merged = dict(data)
    for key, value in patch.items():
        old = merged.get(key)
        merged[key] = _merge(old, value) if isinstance(old, dict) and isinstance(value, dict) else value
    return merged


def _join(left: M | None, right: M) -> M:
    """Field by field the stricter of two models of one kind."""
    if left is None:
        return right
    marks = directions(type(right))
    update: dict[str, Any] = {}
    for name in type(right).model_fields:
        before, after = getattr(left, name), getattr(right, name)
        if before == after:
            continue
        if name in marks:
            update[name] = _stricter_value(marks[name], before, after)
        elif isinstance(before, BaseModel) and isinstance(after, BaseModel):
            update[name] = _join(before, after)
        elif isinstance(before, dict) and isinstance(after, dict):
            update[name] = {key: _join(before.get(key), after[key]) for key in after} | {
                key: before[key] for key in before if key not in after
            }
        else:
            update[name] = after if before is None else before
    return left.model_copy(update=update)


def _stricter_value(mark: Stricter, before: Any, after: Any) -> Any:
    how = mark.compare(before, after)
    if how == "other" and mark.order in ("more", "fewer"):
        both = set(before) | set(after) if mark.order == "more" else set(before) & set(after)
        return sorted(both)
    return after if how == "stricter" else before
