"""What a plan can lead to, outcome by outcome. Given locked records and a plan, gives `Prospect`s: a few seconds of
made-up runs, which is why only `ftsafety plan` asks for them. Asks no model."""

from __future__ import annotations

from pathlib import Path

from ftsafety_spec.catalog.load import load_suites
from ftsafety_spec.graders.panel import Panel
from ftsafety_spec.plan.chances import prospect_of
from ftsafety_spec.plan.outcomes import planned_outcomes
from ftsafety_spec.records.locked import LockedPolicy, LockedSpec
from ftsafety_spec.records.plan import Plan, Prospect
from ftsafety_spec.records.store import Store
from ftsafety_spec.spec.effective import effective


def make_prospects(
    locked: LockedSpec, policy: LockedPolicy, plan: Plan, root: Path, data: Path | None, *, store: Store, panel: Panel
) -> tuple[Prospect, ...]:
    """One for each safety outcome that the planned prompts measure directly and that the policy has bands for."""
    rules = effective(policy.policy, plan.facts)
    tasks, _ = load_suites(locked, root, data)
    outcomes = planned_outcomes(locked, tasks, panel, plan.jobs, store)
    repeats, seed = locked.spec.repeats, locked.spec.seed
    found = (prospect_of(rules, planned, repeats, seed, len(locked.variants)) for planned in outcomes)
    return tuple(item for item in found if item is not None)
