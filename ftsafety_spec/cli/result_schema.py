"""JSON Schema 2020-12 of what commands print with `--format json`. Given a command's name with `-` for spaces, gives
plain data. `error` is what any command prints instead, when it ends by an error."""

from __future__ import annotations

from typing import Any

from pydantic import TypeAdapter

from ftsafety_spec.attest.admission import Admission
from ftsafety_spec.cli import result_types as of
from ftsafety_spec.cli import result_types_catalog as catalog
from ftsafety_spec.cli import result_types_people as people
from ftsafety_spec.cli import result_types_redteam as redteam
from ftsafety_spec.cli.result_types_findings import Found, HuntsDone
from ftsafety_spec.compose.policy_explain import PolicyExplained
from ftsafety_spec.errors import NotFoundError
from ftsafety_spec.records.base import Record
from ftsafety_spec.records.certificate import Certificate
from ftsafety_spec.records.comparison import Comparison, GraderReading
from ftsafety_spec.records.locked import LockedSpec
from ftsafety_spec.records.schema import RECORD_MODELS
from ftsafety_spec.records.verdict import Verdict
from ftsafety_spec.spec.schema import DIALECT, drop_titles, identifier, visit

PREFIX = "result:"
SIGNOFF = people.Template | people.SignoffTaken
RESULTS: dict[str, Any] = {
    "accept": SIGNOFF,
    "activations": people.Weighed,
    "admit": Admission,
    "assess": SIGNOFF,
    "benchmarks": list[of.BenchmarkRow],
    "benchmarks-show": catalog.BenchmarkCard,
    "compare": Comparison | of.CohortTable,
    "console": of.Served,
    "data-fetch": of.DataFetch,
    "data-list": list[of.DataRow],
    "data-verify": of.DataVerify,
    "error": of.Failed,
    "evidence": people.EvidenceAdded,
    "explain": of.Explained,
    "gate": Verdict,
    "graders": list[catalog.GraderRow],
    "graders-agree": list[GraderReading],
    "graders-certify": Certificate,
    "graders-show": catalog.GraderDetails,
    "init": of.Written,
    "keys-list": people.Keys,
    "keys-new": people.KeyMade,
    "keys-trust": people.KeyTrusted,
    "label": people.Exported | people.LabelsTaken,
    "measure": of.Measured,
    "merge": of.Merged,
    "plan": of.Planned,
    "policies": list[of.Named],
    "policy-diff": of.PolicyDiff,
    "policy-explain": PolicyExplained,
    "policy-replay": of.PolicyReplay,
    "policy-test": of.PolicyTest,
    "providers": list[of.Named],
    "redteam-desk": of.Served,
    "redteam-findings": Found,
    "redteam-hunt": HuntsDone,
    "redteam-import": redteam.SessionsTaken,
    "redteam-promote": redteam.Promoted,
    "redteam-sessions": redteam.SessionList | redteam.SessionsTaken,
    "redteam-write": redteam.DomainWritten,
    "report": of.Reports,
    "review": people.Queue | people.Exported | people.ReviewTaken | people.ReviewAgreement,
    "run": of.Judged | of.Shard,
    "show": LockedSpec,
    "sign": people.Signed,
    "status": of.Models,
    "suites": list[of.Named],
    "validate": of.Validated,
    "verify-report": of.ReportVerified | of.ReportConverted,
    "verify-run": of.Verified,
    "weights": people.Weighed,
}
"""Command to the type of what it prints."""
WITHOUT = frozenset({"schema"})
"""The command that prints JSON without a schema of it: schemas themselves."""
RESULT_KINDS: tuple[str, ...] = tuple(PREFIX + name for name in RESULTS)
_SCHEMAS = {PolicyExplained: "policy-explained"}
"""Types that are printed with a `schema` word of their own in front."""


def result_schema(kind: str) -> dict[str, Any]:
    """The schema of `result:run` and the like. Raises NotFoundError."""
    name = kind.removeprefix(PREFIX)
    if name not in RESULTS:
        raise NotFoundError("schema", kind, RESULT_KINDS)
    made = TypeAdapter(RESULTS[name]).json_schema(mode="serialization", by_alias=False)
    visit(made, drop_titles)
    parts = made.get("$defs", {})
    for record in _records():
        for schema in (parts.get(record.__name__), made if RESULTS[name] is record else None):
            if schema is not None:
                _word(schema, record.KIND, ("digest", "meta"))
    for model, word in _SCHEMAS.items():
        if RESULTS[name] is model:
            _word(made, word, ())
    return {"$schema": DIALECT, "$id": identifier(f"result-{name}"), "title": f"ftsafety {name}, as JSON", **made}


def _records() -> list[type[Record]]:
    found = [model for model in RECORD_MODELS.values() if issubclass(model, Record)]
    return [*found, of.Planned]


def _word(schema: dict[str, Any], kind: str, first: tuple[str, ...]) -> None:
    """Add the `schema` word that a record is printed with."""
    schema["properties"] = {"schema": {"const": f"ftsafety/{kind}@1"}, **schema["properties"]}
    schema["required"] = ["schema", *(name for name in schema.get("required", []) if name not in first)]
