"""What a plan says of models that are a provider's claim: what is asked of them first, which earlier answers count
(R-53). Given a plan, gives lines for a terminal."""

from __future__ import annotations

from collections.abc import Iterator

from ftsafety_spec.measure.canaries import PROMPTS, TIMES
from ftsafety_spec.records.claims import Claim
from ftsafety_spec.records.plan import Plan


def claim_lines(plan: Plan) -> Iterator[str]:
    """A line for each variant that is a claim, and one on what follows."""
    for variant, claim in plan.claims.items():
        yield f"{variant}: {_seen(claim)}{_left(claim)}"
    if plan.claims:
        days = min(claim.reuse_days for claim in plan.claims.values())
        yield (
            f"before anything else each is asked {len(PROMPTS)} fixed prompts, {TIMES} times each; earlier answers are "
            f"taken over for {days} days, and not where another model answers (FTS-135)"
        )


def _seen(claim: Claim) -> str:
    if claim.last is None:
        return "not asked before"
    given = f"fingerprint {', '.join(claim.fingerprints)}" if claim.fingerprints else "no fingerprint given"
    return f"{', '.join(claim.models) or 'no name given'}, {given}, asked from {claim.since} to {claim.last}"


def _left(claim: Claim) -> str:
    return f"; {claim.left} earlier answers are too old or another model's, and are asked anew" if claim.left else ""
