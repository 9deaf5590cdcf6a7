"""Every JSON Schema that `ftsafety schema` prints, behind one name. Reads no file."""

from __future__ import annotations

from typing import Any

from ftsafety_spec.attest.schema import ATTEST_MODELS, attest_schema
from ftsafety_spec.errors import NotFoundError
from ftsafety_spec.records.schema import RECORD_MODELS, record_schema
from ftsafety_spec.spec import schema
from ftsafety_spec.spec.policy_case import CASE_MODELS
from ftsafety_spec.spec.report_mapping import MAPPING_MODELS
from ftsafety_spec.spec.signoff import SIGNOFF_MODELS

PLAIN_MODELS = {**SIGNOFF_MODELS, **CASE_MODELS, **MAPPING_MODELS}
"""Files that people write which are composed of nothing else."""
SCHEMA_KINDS: tuple[str, ...] = (*schema.FILE_MODELS, *PLAIN_MODELS, *RECORD_MODELS, *ATTEST_MODELS)
"""Files that people write first, then records, then what signing and admission know."""


def schema_of(kind: str) -> dict[str, Any]:
    """JSON Schema 2020-12 of a kind of file, record or statement. Raises NotFoundError."""
    if kind in schema.FILE_MODELS:
        return schema.schema_of(kind)
    if kind in PLAIN_MODELS:
        made = PLAIN_MODELS[kind].model_json_schema(mode="validation")
        schema.visit(made, schema.drop_titles)
        return {"$schema": schema.DIALECT, "$id": schema.identifier(kind), "title": f"ftsafety {kind} file", **made}
    if kind in RECORD_MODELS:
        return record_schema(kind)
    if kind in ATTEST_MODELS:
        return attest_schema(kind)
    raise NotFoundError("schema", kind, SCHEMA_KINDS)
