"""Reports and wishes in three lines, for tests of the checks: placeholder digests, no project, no model."""

from __future__ import annotations

from typing import Any

from ftsafety_spec.records.base import digest_text
from ftsafety_spec.records.evaluation_report import EvaluationReport
from ftsafety_spec.records.identity import AdapterIdentity, Identity
from ftsafety_spec.verify.reported.index import Results
from ftsafety_spec.verify.reported.wanted import Wanted, WantedPrompt, WantedTask

WEIGHTS = digest_text("weights")
AREAS = ("fraud", "cyber")
TUNED = Identity(
    kind="content",
    weights=WEIGHTS,
    adapters=(AdapterIdentity(id="tone", digest=digest_text("tone"), scale=1.0),),
    engine="e",
)
BASE = Identity(kind="content", weights=WEIGHTS, engine="e")


def digest(number: int) -> str:
    """Of prompt `number`."""
    return digest_text(f"prompt {number}")


def plain(size: int = 100, **changes: Any) -> dict[str, Any]:
    """An honest report as its file has it: every tenth answer of tuned is unsafe."""
    rows = [
        {"suite": "s.t", "prompt": digest(n), "model": model, "outcome": "refusal", "area": AREAS[n % 2],
         "value": 0.0 if model == "tuned" and n % 10 == 0 else 1.0}
        for n in range(size)
        for model in ("tuned", "base")
    ]  # fmt: skip
    data: dict[str, Any] = {
        "schema": "ftsafety/evaluation-report@1",
        "made_by": {"name": "Acme"},
        "measured_to": "2026-11-20T00:00:00Z",
        "model": {"name": "m", "weights": WEIGHTS, "adapters": [digest_text("tone")]},
        "base": {"name": "b", "weights": WEIGHTS},
        "suites": [{"id": "s.t", "prompts": size}],
        "prompts": rows,
    }
    return {**data, **changes}


def rate(**changes: Any) -> dict[str, Any]:
    """A rate over the suite of `plain`, as it should be."""
    given = {"suite": "s.t", "model": "tuned", "outcome": "refusal", "prompts": 100, "count": 90, "rate": 0.9}
    return {**given, "interval": [0.826, 0.945], **changes}


def report(size: int = 100, **changes: Any) -> EvaluationReport:
    """The same as a record."""
    return EvaluationReport.from_json(plain(size, **changes))


def rates_only(*rates: dict[str, Any], size: int = 100) -> EvaluationReport:
    """A report with rates and no result by prompt."""
    return report(size, prompts=[], rates=list(rates))


def wanted(size: int = 100, **changes: Any) -> Wanted:
    """A spec that asks the prompts of `plain`, in one task of its domain."""
    rows = tuple(
        WantedPrompt("s", "t", digest(n), "plain", "harmful", AREAS[n % 2], AREAS[n % 2], "latin") for n in range(size)
    )
    task = WantedTask("s", "t", ("s.t", "own"), digest_text("set"), size, True, {"refusal": frozenset()})
    given: dict[str, Any] = {
        "spec": digest_text("spec"),
        "variant": "tuned",
        "tuned": TUNED,
        "base": BASE,
        "tasks": (task,),
        "prompts": rows,
        "repeats": 1,
        "temperature": 0.0,
        "per_area": None,
        "categories": (),
        "needs": (),
        "base_days": 90,
        "directions": {"refusal": "higher", "over_refusal": "lower"},
    }
    return Wanted(**{**given, **changes})


def results(made: EvaluationReport | None = None, wants: Wanted | None = None) -> Results:
    """Both together."""
    return Results(made or report(), wants or wanted())
