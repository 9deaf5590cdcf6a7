"""JSON Schema 2020-12 of what this package writes and reads. Given a kind, gives plain data."""

from __future__ import annotations

from typing import Any

from pydantic import BaseModel

from ftsafety_spec.attest.admission import Admission
from ftsafety_spec.attest.statement import VerdictStatement
from ftsafety_spec.attest.trust import TrustFile
from ftsafety_spec.spec.schema import DIALECT, drop_titles, identifier, visit

ATTEST_MODELS: dict[str, type[BaseModel]] = {
    "attestation": VerdictStatement,
    "trust": TrustFile,
    "admission": Admission,
}


def attest_schema(kind: str) -> dict[str, Any]:
    """The schema of a signed statement, of a file of trusted keys, or of an admission. Raises KeyError on another
    kind."""
    mode: Any = "validation" if kind == "trust" else "serialization"
    schema = ATTEST_MODELS[kind].model_json_schema(mode=mode, by_alias=True)
    visit(schema, drop_titles)
    return {"$schema": DIALECT, "$id": identifier(kind), "title": f"ftsafety {kind}", **schema}
