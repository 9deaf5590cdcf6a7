"""Which variants are a provider's claim, and which of their earlier answers may be taken over (R-53). Given identities,
a store and how many days a policy lets an answer of such a model count, gives one `Claim` each. Asks nobody."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from ftsafety_spec.records.canary import CanaryAnswers
from ftsafety_spec.records.claims import REUSE_DAYS, Claim, named, present, reusable_from
from ftsafety_spec.records.identity import Identity
from ftsafety_spec.records.plan import Job
from ftsafety_spec.records.store import Store
from ftsafety_spec.spec.policy import Expiry, Policy


def reuse_days(rules: Policy) -> int:
    """The `base_days` of the strictest rule on age; `REUSE_DAYS` without one."""
    return min((rule.base_days for rule in rules.rules.values() if isinstance(rule, Expiry)), default=REUSE_DAYS)


def taken_from(identity: Identity, store: Store, days: int, at: str) -> str:
    """The moment from which on stored answers are taken over; empty where the model is proven by its content."""
    return reusable_from(_rows(identity, store), days, at) if identity.kind == "provider" else ""


def claims_of(
    identities: Mapping[str, Identity], jobs: Iterable[Job], store: Store, days: int, at: str
) -> dict[str, Claim]:
    """A claim for each variant whose model is one."""
    keys: dict[str, set[str]] = {}
    for job in jobs:
        if job.generation_key is not None:
            keys.setdefault(job.variant, set()).add(job.generation_key)
    return {
        name: _claim(_rows(item, store), keys.get(name, set()), store, days, at)
        for name, item in identities.items()
        if item.kind == "provider"
    }


def _claim(rows: list[CanaryAnswers], keys: set[str], store: Store, days: int, at: str) -> Claim:
    same, since = present(rows), reusable_from(rows, days, at)
    return Claim(
        reuse_days=days,
        since=same[0].at if same else None,
        last=same[-1].at if same else None,
        models=named(row.models for row in same),
        fingerprints=named(row.fingerprints for row in same),
        left=sum(len(store.answered(key)) - len(store.answered(key, since)) for key in keys),
    )


def _rows(identity: Identity, store: Store) -> list[CanaryAnswers]:
    return [CanaryAnswers.read(row) for row in store.canaries(identity.digest())]
