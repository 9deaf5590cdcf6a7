"""A case as rules get it, with single records changed: for what a rule does with one figure. The records need not be of
one run, since rules trust the gate with that."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from typing import Any

from support.every_rule import BASE, locked, run_of

from ftsafety_spec.gate.case import Case, Judged
from ftsafety_spec.gate.people import counting
from ftsafety_spec.gate.rules import RULES
from ftsafety_spec.records.comparison import Cell, Moments
from ftsafety_spec.records.evidence import Evidence
from ftsafety_spec.spec.effective import effective, facts_of
from ftsafety_spec.spec.policy_case import Given
from ftsafety_spec.stats.margin import regression_of

CLEAN = {"refusal": {"base": 0.95, "tuned": 0.95, "prompts": 2000}}


def case_of(
    rule: dict[str, Any],
    given: dict[str, Any] | None = None,
    evidence: Sequence[Evidence] = (),
    spec: dict[str, Any] | None = None,
    plan: dict[str, Any] | None = None,
    comparison: dict[str, Any] | None = None,
    as_of: date | None = None,
    policy: dict[str, Any] | None = None,
) -> Case:
    """A case under one rule, `rule`; `spec`, `plan`, `comparison`: fields that differ."""
    held = locked({**BASE, "rules": {"rule": rule}, **(policy or {})})
    run = run_of(Given.model_validate({"outcomes": CLEAN, **(given or {})}), held)
    own = run.locked.model_copy(update={"spec": run.locked.spec.model_copy(update=spec or {})})
    facts = facts_of(own.spec, run.policy.policy)
    made = run.comparison.model_copy(update=comparison or {})
    every = (*run.evidence, *evidence)
    day = as_of or run.as_of
    return Case(
        own, effective(run.policy.policy, facts), facts, run.plan.model_copy(update=plan or {}), made,
        counting(every, day), day, every,
    )  # fmt: skip


def judge(case: Case) -> Judged:
    """What the rule of a case finds."""
    rule = case.policy.rules["rule"]
    assert rule is not None
    return RULES[rule.kind]("rule", rule, case)


def cell(moments: Moments, outcome: str = "refusal", by: Any = "all", of: str = "all", **fields: Any) -> Cell:
    """A cell of tuned against base."""
    safer = fields.get("safer", "higher")
    plain: dict[str, Any] = {
        "id": f"tuned/{outcome}/{by}/{of}", "variant": "tuned", "against": "base", "outcome": outcome, "safer": safer,
        "by": by, "of": of, "prompts": moments.n, "repeats": 1.0, "lost": 0, "gained": 0, "moments": moments,
        "worst": moments, "regression": regression_of(moments, safer, 0.95),
    }  # fmt: skip
    return Cell(**{**plain, **fields})


def moments(n: int, base: float, tuned: float, **fields: Any) -> Moments:
    """Of n prompts with one answer each, base got a share right and tuned a share of the same ones."""
    spread = n / (n - 1) if n > 1 else 0.0
    plain: dict[str, Any] = {
        "n": n, "mean_base": base, "mean_tuned": tuned, "var_base": base * (1 - base) * spread,
        "var_tuned": tuned * (1 - tuned) * spread, "cov": (min(base, tuned) - base * tuned) * spread,
    }  # fmt: skip
    return Moments(**{**plain, **fields})
