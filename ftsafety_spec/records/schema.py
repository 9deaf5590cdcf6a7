"""JSON Schema 2020-12 of every record and table row, as written to a run folder. Given a kind, gives plain data."""

from __future__ import annotations

from typing import Any

from pydantic import BaseModel

from ftsafety_spec.records.base import Record
from ftsafety_spec.records.certificate import Certificate
from ftsafety_spec.records.cohort import Cohort
from ftsafety_spec.records.comparison import Comparison
from ftsafety_spec.records.evaluation_report import EvaluationReport
from ftsafety_spec.records.evidence import Evidence
from ftsafety_spec.records.locked import LockedPolicy, LockedSpec
from ftsafety_spec.records.looks import Looks
from ftsafety_spec.records.plan import Plan
from ftsafety_spec.records.received_report import Commitment, Draw
from ftsafety_spec.records.tables import Answer, Grade
from ftsafety_spec.records.verdict import Verdict
from ftsafety_spec.spec.schema import DIALECT, drop_titles, identifier, visit

RECORD_MODELS: dict[str, type[BaseModel]] = {
    "locked-spec": LockedSpec,
    "locked-policy": LockedPolicy,
    "plan": Plan,
    "looks": Looks,
    "comparison": Comparison,
    "evidence": Evidence,
    "certificate": Certificate,
    "cohort": Cohort,
    "evaluation-report": EvaluationReport,
    "received-report": Commitment,
    "sample-seed": Draw,
    "verdict": Verdict,
    "answer": Answer,
    "grade": Grade,
}


def record_schema(kind: str) -> dict[str, Any]:
    """The schema of a record or of one row of a table. Raises KeyError on another kind."""
    model = RECORD_MODELS[kind]
    schema = model.model_json_schema(mode="serialization")
    visit(schema, drop_titles)
    if issubclass(model, Record):
        schema["properties"] = {"schema": {"const": f"ftsafety/{model.KIND}@1"}, **schema["properties"]}
        schema["required"] = ["schema", *schema.get("required", [])]
    return {"$schema": DIALECT, "$id": identifier(kind), "title": f"ftsafety {kind}", **schema}
