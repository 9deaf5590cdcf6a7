"""The records of a run that nobody made, for the cases of a policy: given evidence in its compact form and the policy
that judges it, gives what `gate` reads. Pure: equal cases give equal records."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import date, timedelta
from typing import Any, Literal

from ftsafety_spec.gate.made_up_cells import cells_of
from ftsafety_spec.gate.made_up_present import enough
from ftsafety_spec.gate.made_up_reports import report_bodies
from ftsafety_spec.gate.made_up_session import session_body
from ftsafety_spec.records.base import digest_text
from ftsafety_spec.records.certificate import Figure
from ftsafety_spec.records.comparison import Cell, Comparison, GraderError, GraderReading, Inputs, Pairing
from ftsafety_spec.records.evidence import By, Evidence, EvidenceKind
from ftsafety_spec.records.identity import Identity
from ftsafety_spec.records.locked import LockedPolicy, LockedSpec, Variant
from ftsafety_spec.records.looks import BUDGET_USED_UP
from ftsafety_spec.records.plan import Dataset, Estimate, Plan
from ftsafety_spec.spec.common import Context
from ftsafety_spec.spec.effective import context_of, effective, facts_of
from ftsafety_spec.spec.evidence_rules import SpendingLimit
from ftsafety_spec.spec.policy import Policy, RiskTable
from ftsafety_spec.spec.policy_case import Given, GraderFigures, Person, Present
from ftsafety_spec.spec.spec import Budget, Spec

SUITE = "case"
WHO = "case"


@dataclass(frozen=True)
class MadeUp:
    """What `gate` is given. `policy` is the case's; where the case names a tier, factors give that very tier."""

    locked: LockedSpec
    policy: LockedPolicy
    plan: Plan
    comparison: Comparison
    evidence: list[Evidence]
    as_of: date


def made_up(given: Given, policy: LockedPolicy, comparison: Comparison | None = None) -> MadeUp:
    """The records of a case, before anybody gave anything. `comparison`: one that was measured, instead of rates."""
    policy = at_tier(policy, given.tier)
    bare = _locked(given, _compared(comparison))
    held = effective(policy.policy, facts_of(bare.spec, policy.policy))
    present = given.present if isinstance(given.present, Present) else enough(held, given)
    locked = _conducted(bare, present, held).sealed()
    cells = list(comparison.cells) if comparison is not None else list(cells_of(given))
    plan = _plan(locked, given, present, cells).sealed()
    made = comparison or _comparison(given, present, cells)
    made = made.model_copy(update={"inputs": made.inputs.model_copy(update={"plan": plan.compute_digest()})}).sealed()
    evidence = list(_evidence(given, present, made, held, context_of(locked.spec)))
    return MadeUp(locked, policy, plan, made, evidence, given.date)


def with_people(run: MadeUp, people: list[Person], flagged: list[str]) -> MadeUp:
    """The same run after people gave their part; a review that names no items clears all that are flagged."""
    subject = (run.comparison.compute_digest(),)
    given = [_given(person, subject, run.as_of, flagged) for person in people]
    return replace(run, evidence=[*run.evidence, *given])


def at_tier(policy: LockedPolicy, tier: str | None) -> LockedPolicy:
    """A policy whose every spec is of this tier; itself where it is one already."""
    risk = policy.policy.risk
    if tier is None or (not risk.points and risk.tiers.get(tier) == 0):
        return policy
    tiers = {name: 0 if name == tier else 1 for name in policy.policy.risk.tiers}
    own = policy.policy.model_copy(update={"risk": RiskTable(points={}, tiers=tiers)})
    return policy.model_copy(update={"policy": own}).sealed()


def _compared(comparison: Comparison | None) -> dict[str, str]:
    """Variant to the base it stands against."""
    cells = () if comparison is None else comparison.cells
    return {cell.variant: cell.against for cell in cells} or {"tuned": "base"}


def _locked(given: Given, compared: dict[str, str]) -> LockedSpec:
    adapters = {"a": 1.0} if given.adapters is not None else {}
    waivers = {p.rule: _waiver(given) for p in given.people if p.gives == "waiver_approval" and p.rule is not None}
    revised = given.revised or given.measured or given.date
    names = sorted({*compared, *compared.values()})
    spec: dict[str, Any] = {
        "title": "A case of a policy",
        "owner": WHO,
        "policy": "case",
        "context": given.context,
        "models": {name: _model(name, adapters if name in compared else {}) for name in names},
        "adapters": {"a": {"path": "a", "source": given.adapters}} if given.adapters is not None else {},
        "risk": given.risk.model_dump(),
        "suites": {SUITE: {"title": "case", "revised": revised, "use": "domain", "tasks": {"t": {"prompts": "p"}}}},
        "waivers": waivers,
    }
    variants = {name: _variant(name, compared.get(name), adapters) for name in names}
    return LockedSpec(name="case", spec=Spec.model_validate(spec), providers={}, variants=variants)


def _conducted(locked: LockedSpec, present: Present, policy: Policy) -> LockedSpec:
    """With the repeats and the budget that are present; a budget is as high as the policy's rules allow."""
    spending = [rule for rule in policy.rules.values() if isinstance(rule, SpendingLimit)]
    hours = min([rule.hours_at_most for rule in spending if rule.hours_at_most is not None], default=4.0)
    usd = min([rule.usd_at_most for rule in spending if rule.usd_at_most is not None], default=200.0)
    update: dict[str, Any] = {"repeats": present.repeats}
    generation = locked.spec.deployment.generation.model_copy(update={"temperature": 0.7})
    update["deployment"] = locked.spec.deployment.model_copy(update={"generation": generation})
    if present.budget:
        update["budget"] = Budget(hours=hours, usd=usd)
    return locked.model_copy(update={"spec": locked.spec.model_copy(update=update)})


def _model(name: str, adapters: dict[str, float]) -> dict[str, Any]:
    return {"provider": "local", "path": name, "deploy": bool(adapters), "adapters": adapters}


def _variant(name: str, against: str | None, adapters: dict[str, float]) -> Variant:
    role: Literal["base", "tuned"] = "base" if against is None else "tuned"
    mine = {} if against is None else adapters
    return Variant(id=name, role=role, against=against, model=name, adapters=mine, deploy=against is not None)


def _waiver(given: Given) -> dict[str, Any]:
    return {"reason": "case", "owner": WHO, "expires": given.date + timedelta(days=3650)}


def _plan(locked: LockedSpec, given: Given, present: Present, cells: list[Cell]) -> Plan:
    kind = "recorded" if given.answers == "recorded" else "content"
    identities = {n: Identity(kind=kind, engine="case", weights=digest_text(n)) for n in locked.variants}
    names = present.benchmarks or ["t"]
    prompts = max((cell.moments.n for cell in cells if cell.by == "all"), default=0)
    datasets = tuple(_dataset(name, name in present.benchmarks, prompts) for name in names)
    return Plan(
        spec=locked.compute_digest(),
        policy=digest_text("case"),
        facts={"tier": "case", "points": 0, "context": "open_weight"},
        identities=identities,
        graders=(),
        datasets=datasets,
        jobs=(),
        order_seed=0,
        estimate=Estimate(calls=0, cached=0, tokens_in=0, tokens_out=0, usd=None, seconds=None),
    )


def _dataset(name: str, benchmark: bool, prompts: int) -> Dataset:
    return Dataset(
        suite=SUITE,
        task=name,
        benchmark=f"ftsafety/{name}" if benchmark else None,
        digest=digest_text(name),
        licence=None,
        prompts=max(1, prompts),
        whole=True,
        by_area={},
        by_kind={},
        use="domain",
    )


def _comparison(given: Given, present: Present, cells: list[Cell]) -> Comparison:
    day = f"{(given.measured or given.date).isoformat()}T00:00:00Z"
    read = max((cell.moments.n for cell in cells if cell.by == "all"), default=0)
    asked = dict(present.prompts)
    asked |= {"trigger": present.triggers} if present.triggers else {}
    paired = sum(asked.values())
    return Comparison(
        inputs=Inputs(plan=digest_text("p"), answers=digest_text("a"), grades=digest_text("g")),
        cells=tuple(_repeated([*cells, *_task_cells(cells, present, read)], present)),
        pairing=(
            Pairing(
                variant="tuned",
                paired=paired,
                base_only=0,
                tuned_only=0,
                paired_by_kind=asked,
                paired_by_provenance={given.answers: paired},
                domain_by_area=dict(present.domain),
            ),
        ),
        graders=tuple(_reading(outcome, figures) for outcome, figures in sorted(present.graders.items())),
        not_run={BUDGET_USED_UP: given.cut} if given.cut else {},
        measured_from=day,
        measured_to=day,
    )


def _task_cells(cells: list[Cell], present: Present, read: int) -> Iterator[Cell]:
    """A benchmark was measured whole: the widest outcome has a cell of its task."""
    widest = next((cell for cell in cells if cell.by == "all" and cell.moments.n == read), None)
    for name in present.benchmarks if widest is not None else ():
        assert widest is not None
        of = f"{SUITE}.{name}"
        yield widest.model_copy(update={"id": f"tuned/{widest.outcome}/task/{of}", "by": "task", "of": of})


def _repeated(cells: list[Cell], present: Present) -> list[Cell]:
    return [cell.model_copy(update={"repeats": float(present.repeats)}) for cell in cells]


def _reading(outcome: str, figures: GraderFigures) -> GraderReading:
    agreement = figures.agreement
    error = None
    if figures.labelled:
        error = GraderError(
            certificate=digest_text(outcome),
            sensitivity=_figure(figures.sensitivity, figures.labelled),
            specificity=_figure(figures.specificity, figures.labelled),
            kappa=_figure(figures.kappa, figures.labelled),
            labelled=figures.labelled,
        )
    return GraderReading(
        outcome=outcome,
        primary="grader",
        second=None if agreement is None else "second",
        graded=1,
        unscored=0,
        both=0 if agreement is None else 1,
        kappa=None if agreement is None else agreement[1],
        kappa_interval=None if agreement is None else (agreement[0], agreement[2]),
        error=error,
    )


def _figure(given: tuple[float, float, float] | None, labelled: int) -> Figure:
    """A figure with its 95 % interval; the standard error is a quarter of its width, about 2 x 1.96."""
    if given is None:
        return Figure()
    low, value, high = given
    return Figure(value=value, se=(high - low) / 3.92, interval=(low, high), n=labelled, prompts=labelled)


def _evidence(given: Given, present: Present, made: Comparison, policy: Policy, context: Context) -> Iterator[Evidence]:
    subject = (made.compute_digest(),)
    if present.session:
        day = given.measured or given.date
        yield _item("session", subject, day, session_body(present.session, day, "base", "tuned"))
    for kind, report in report_bodies(given, present, policy, context):
        yield _item(kind, subject, given.measured or given.date, report)


def _item(kind: EvidenceKind, subject: tuple[str, ...], day: date, body: dict[str, Any]) -> Evidence:
    at = f"{day.isoformat()}T00:00:00Z"
    return Evidence(kind=kind, subject=subject, by=By(name=WHO, role=WHO), at=at, body=body)


def _given(person: Person, subject: tuple[str, ...], day: date, flagged: list[str]) -> Evidence:
    items = flagged if person.items is None else person.items
    body: dict[str, Any] = {"verdict": person.verdict}
    body |= {"items": items} if person.gives == "review" else {}
    body |= {"rule": person.rule} if person.rule is not None else {}
    by = By(name=person.by, role=person.role)
    return Evidence(kind=person.gives, subject=subject, by=by, at=f"{day.isoformat()}T00:00:00Z", body=body)
