"""From the records of a run to the two statements about it. Pure: equal records give equal bytes, so that a second
signature goes on the same statement, and verification can tell of which state of the folder a statement is."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from ftsafety_spec.attest.statement import (
    Judged,
    Named,
    Subject,
    TestResult,
    TestResultStatement,
    VerdictPredicate,
    VerdictStatement,
    provider_model_digest,
)
from ftsafety_spec.errors import InputError
from ftsafety_spec.records.locked import LockedPolicy, LockedSpec
from ftsafety_spec.records.plan import Plan
from ftsafety_spec.records.verdict import Finding, Verdict
from ftsafety_spec.spec.common import Action

_MILD: dict[Action, int] = {"deploy": 0, "deploy_enhanced": 1}


def statements_of(
    locked: LockedSpec, policy: LockedPolicy, plan: Plan, verdict: Verdict, files: Mapping[str, str]
) -> tuple[VerdictStatement, TestResultStatement]:
    """Both statements. `files`: every file of the run and its digest. Raises InputError FTS-133 where nothing that is
    judged has an identity."""
    judged = tuple(_judged(locked, plan, verdict))
    predicate = VerdictPredicate(
        title=verdict.title,
        spec=Named(name=locked.name, digest=locked.compute_digest()),
        policy=Named(name=policy.name, digest=policy.compute_digest()),
        plan=verdict.inputs.plan,
        comparison=verdict.inputs.comparison,
        evidence=verdict.inputs.evidence,
        verdict=verdict.compute_digest(),
        as_of=verdict.as_of,
        action=verdict.action,
        decision=verdict.decision,
        expires=verdict.expires,
        reasons=verdict.reasons,
        monitoring=verdict.monitoring,
        watch=verdict.watch,
        open_obligations=_open(verdict),
        judged=judged,
        files=dict(files),
    )
    tested = [item for item in judged if item.deploy]
    if not tested:
        raise InputError("this verdict is about nothing that could be deployed.", code="FTS-133")
    return (
        VerdictStatement(subject=tuple(subjects(judged)), predicate=predicate),
        TestResultStatement(subject=tuple(_tested(tested)), predicate=_test_result(predicate, verdict)),
    )


def subjects(judged: Iterable[Judged]) -> list[Subject]:
    """Everything with a digest that took part, each under `VARIANT/what`."""
    return [subject for item in judged for subject in _parts(item)]


def _tested(judged: Iterable[Judged]) -> list[Subject]:
    """What was put to the test: tuned weights, or the adapters alone where the weights are the base's, so that a
    verifier that only compares digests never takes the base for what passed."""
    found = []
    for item in judged:
        parts = _parts(item)
        adapters = [part for part in parts if "/adapters/" in part.name]
        found += adapters or parts
    return found


def _judged(locked: LockedSpec, plan: Plan, verdict: Verdict) -> Iterable[Judged]:
    for name, variant in sorted(locked.variants.items()):
        if name in plan.identities:
            yield Judged(
                id=name,
                role=variant.role,
                deploy=variant.deploy,
                action=verdict.variants.get(name),
                identity=plan.identities[name],
            )


def _parts(item: Judged) -> list[Subject]:
    identity, found = item.identity, []
    if identity.weights is not None:
        found.append(_content(f"{item.id}/weights", identity.weights))
    found += [_content(f"{item.id}/adapters/{adapter.id}", adapter.digest) for adapter in identity.adapters]
    if identity.recording is not None:
        found.append(_content(f"{item.id}/recording", identity.recording))
    elif identity.provider is not None:
        claim = identity.provider
        digest = provider_model_digest(claim.name, claim.model).removeprefix("sha256:")
        found.append(Subject(name=f"{item.id}/{claim.name}/{claim.model}", digest={"provider_model": digest}))
    return found


def _content(name: str, digest: str) -> Subject:
    return Subject(name=name, digest={"sha256": digest.removeprefix("sha256:")})


def _open(verdict: Verdict) -> tuple[str, ...]:
    return tuple(sorted({item.kind for item in verdict.obligations if item.state == "open"}))


def _test_result(predicate: VerdictPredicate, verdict: Verdict) -> TestResult:
    """PASSED only for a go that no rule and no person qualified; anything that is not a go is FAILED."""
    tests: dict[str, int] = {}
    for finding in verdict.findings:
        tests[finding.rule] = max(tests.get(finding.rule, 0), _weight(finding))
    tests |= {f"obligation:{kind}": 2 for kind in predicate.open_obligations}
    go = verdict.decision == "go"
    if go:  # what people lifted is a warning
        tests = {name: min(weight, 1) for name, weight in tests.items()}
    tests["decision"] = 0 if go else 2
    names = [tuple(sorted(name for name, weight in tests.items() if weight == level)) for level in range(3)]
    return TestResult(
        result="FAILED" if not go else "WARNED" if names[1] else "PASSED",
        configuration=tuple(_content(item.name, item.digest) for item in _configuration(predicate)),
        passedTests=names[0],
        warnedTests=names[1],
        failedTests=names[2],
    )


def _weight(finding: Finding) -> int:
    weight = _MILD.get(finding.action, 2)
    return min(weight, 1) if finding.waived_by else weight


def _configuration(predicate: VerdictPredicate) -> tuple[Named, ...]:
    return (
        Named(name=f"spec {predicate.spec.name}", digest=predicate.spec.digest),
        Named(name=f"policy {predicate.policy.name}", digest=predicate.policy.digest),
        Named(name="plan", digest=predicate.plan),
    )
