"""How a verification comes out. Given what was looked at, coverage and the spot check, gives the result, the weight of
each row, and what stands between the report and a better one. Without a spot check nothing is ever accepted."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from ftsafety_spec.records.provider_report import Covered, Looked, Outcome, SpotCheck
from ftsafety_spec.stats.spot import POWER
from ftsafety_spec.verify.reported.coverage import is_yours

DOUBT = 0.5
"""What each doubt (nobody trusted signed, nothing shows which model, another grader) leaves of a row's weight."""
SIGNATURE, MODEL, GRADERS, FRESHNESS, CONSISTENCY, SPOT = (
    "signature",
    "model",
    "graders",
    "freshness",
    "consistency",
    "spot check",
)
NO_SPOT_CHECK = "a spot check: nothing of the report was measured again"


@dataclass(frozen=True)
class Decided:
    """The result, the rows with the weights at which they may count, and what is lacking."""

    result: Outcome
    covered: tuple[Covered, ...]
    lacks: tuple[str, ...]


def decide(
    looked: Sequence[Looked], covered: Sequence[Covered], spot: SpotCheck | None, power: float = POWER
) -> Decided:
    """Refused where anything fails; accepted where everything holds, is covered and was spot-checked with `power`."""
    failed = [item.sentence for item in looked if item.state == "fails"]
    if failed:
        return Decided("refused", tuple(_weighed(row, 0.0) for row in covered), tuple(failed))
    lacks = [item.sentence for item in looked if item.state == "unclear"]
    if spot is None:
        lacks.append(NO_SPOT_CHECK)
    elif spot.power is None or spot.power < power:
        lacks.append(f"power: the spot check has {100 * (spot.power or 0):.0f} %, {100 * power:.0f} % is asked for")
    missing = [row.need for row in covered if row.state != "covered" and not is_yours(row)]
    if missing:
        lacks.append(f"coverage: {', '.join(missing)}")
    return Decided(
        "partly" if lacks else "accepted", tuple(_weighed(row, _factor(looked, spot)) for row in covered), tuple(lacks)
    )


def _factor(looked: Sequence[Looked], spot: SpotCheck | None) -> float:
    """What doubts leave of every weight: nothing without a spot check, or where the report is too old."""
    unclear = {item.check for item in looked if item.state == "unclear"}
    if spot is None or not spot.asked or FRESHNESS in unclear:
        return 0.0
    doubts = len(unclear & {SIGNATURE, MODEL, GRADERS})
    return float((spot.power or 0.0) * DOUBT**doubts)


def _weighed(row: Covered, factor: float) -> Covered:
    return row.model_copy(update={"weight": round(row.weight * factor, 3) if row.state != "not" else 0.0})
