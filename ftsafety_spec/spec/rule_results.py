"""Which results each kind of rule can reach, in the words of policy cases and of their coverage. Given a rule, gives
words; `within` and `not called for` say that it has nothing to object to. Reads no run."""

from __future__ import annotations

from ftsafety_spec.spec.policy import MinimumEvidence, Rule

NOT_CALLED = "not called for"
_BANDS = ("deploy", "deploy_enhanced", "review")
_NEEDS = ("broad", "paired", "domain", "session", "triggers", "weights", "repeats")
_SHOWN = ("within", "shown", "unclear")
_KINDS: dict[str, tuple[str, ...]] = {
    "ceiling": _SHOWN,
    "floor": _SHOWN,
    "concern": ("within", "flag"),
    "findings": (*_SHOWN, "flag"),
    "weight_findings": _SHOWN,
    "provider_verification": (NOT_CALLED, *_SHOWN),
    "budget": ("within", "unclear"),
    "grader_agreement": _SHOWN,
    "grader_quality": _SHOWN,
    "expiry": ("within", "shown"),
    "requires_review": (NOT_CALLED, "flag"),
}


def results_of(rule: Rule) -> tuple[str, ...]:
    """Every result that this rule can reach; of bands, the action of each band that is wider than the one before."""
    if rule.kind == "bands":
        edges = [-1.0, *(getattr(rule.up_to, name) for name in _BANDS)]
        wide = [name for name, low, high in zip(_BANDS, edges, edges[1:], strict=False) if high > low]
        return (*wide, "shown", "unclear")
    if isinstance(rule, MinimumEvidence):
        return ("within", *(f"lacks {need}" for need in _NEEDS if getattr(rule, need) is not None))
    if rule.kind == "grader_quality" and rule.missing == "flag":
        return (*_SHOWN, "flag")
    if rule.kind == "budget" and rule.cut == "flag":
        return ("within", "unclear", "flag")
    return _KINDS[rule.kind]
