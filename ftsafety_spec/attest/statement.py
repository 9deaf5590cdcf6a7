"""in-toto Statement v1 and the two predicates that a verdict is signed as: ours, and the standard test result.
Given fields, gives the bytes that are signed and reads them back. Signs nothing."""

from __future__ import annotations

import json
from typing import Annotated, Any, Generic, Literal, TypeVar

from pydantic import ConfigDict, Field, StringConstraints, ValidationError

from ftsafety_spec.errors import VerificationError
from ftsafety_spec.records.base import Digest, Part, canonical, digest_of
from ftsafety_spec.records.identity import Identity
from ftsafety_spec.spec.common import Action, Decision
from ftsafety_spec.spec.policy import MonitoringLevel
from ftsafety_spec.spec.schema import identifier

STATEMENT_TYPE: Literal["https://in-toto.io/Statement/v1"] = "https://in-toto.io/Statement/v1"
VERDICT_TYPE = identifier("attestation")
"""The type of our predicate is the `$id` of its schema."""
TEST_RESULT_TYPE = "https://in-toto.io/attestation/test-result/v0.1"

Hex = Annotated[str, StringConstraints(pattern=r"^[0-9a-f]{64}$")]
P = TypeVar("P")


class Subject(Part):
    """What a statement is about, or names: an in-toto ResourceDescriptor of a name and digests by algorithm.
    `sha256` is a digest of content; `provider_model` one of what a provider calls its model."""

    name: str
    digest: dict[Literal["sha256", "provider_model"], Hex]


class Named(Part):
    """A record that the verdict stands on."""

    name: str
    digest: Digest


class Judged(Part):
    """One stack of weights that the run measured, with everything that its answers depended on. `action`: only
    where it is meant to be deployed."""

    id: str
    role: Literal["base", "tuned", "part"]
    deploy: bool
    action: Action | None
    identity: Identity


class VerdictPredicate(Part):
    """Our predicate: what was decided, until when, about what, under which policy, and every file of the run.
    `files` is the run's manifest without the file that holds this statement."""

    title: str
    spec: Named
    policy: Named
    plan: Digest
    comparison: Digest
    evidence: Digest
    verdict: Digest
    as_of: str
    action: Action
    decision: Decision
    expires: str | None
    reasons: tuple[str, ...]
    monitoring: str | None
    watch: MonitoringLevel | None = None
    open_obligations: tuple[str, ...]
    judged: tuple[Judged, ...]
    files: dict[str, Digest]


class TestResult(Part):
    """The standard predicate test-result v0.1: one test a rule."""

    __test__ = False  # no test of ours, whatever pytest thinks of its name

    result: Literal["PASSED", "WARNED", "FAILED"]
    configuration: tuple[Subject, ...]
    passedTests: tuple[str, ...]
    warnedTests: tuple[str, ...]
    failedTests: tuple[str, ...]


class Statement(Part, Generic[P]):
    """An in-toto Statement v1."""

    model_config = ConfigDict(extra="forbid", frozen=True, allow_inf_nan=False, populate_by_name=True)

    type: Literal["https://in-toto.io/Statement/v1"] = Field(STATEMENT_TYPE, alias="_type")
    subject: tuple[Subject, ...] = Field(min_length=1)
    predicateType: str
    predicate: P

    def payload(self) -> bytes:
        """The bytes that are signed: RFC 8785, so that equal statements have equal bytes."""
        return canonical(self.model_dump(mode="json", by_alias=True))


class VerdictStatement(Statement[VerdictPredicate]):
    """A verdict, in our words."""

    predicateType: Literal["urn:ftsafety-spec:schema:attestation:1"] = "urn:ftsafety-spec:schema:attestation:1"


class TestResultStatement(Statement[TestResult]):
    """A verdict, as a test result that any in-toto verifier understands."""

    __test__ = False

    predicateType: Literal["https://in-toto.io/attestation/test-result/v0.1"] = (
        "https://in-toto.io/attestation/test-result/v0.1"
    )


STATEMENTS: dict[str, type[VerdictStatement] | type[TestResultStatement]] = {
    VERDICT_TYPE: VerdictStatement,
    TEST_RESULT_TYPE: TestResultStatement,
}


def read_statement(payload: bytes) -> VerdictStatement | TestResultStatement:
    """The statement in signed bytes. Raises VerificationError FTS-152 for anything that is not one of ours."""
    try:
        data: Any = json.loads(payload)
        found = data.get("predicateType") if isinstance(data, dict) else None
        if not isinstance(found, str) or found not in STATEMENTS:
            raise ValueError(f"its predicate type is {found!r}")
        statement = STATEMENTS[found].model_validate(data)
    except ValidationError as error:
        first = error.errors()[0]
        place = ".".join(str(part) for part in first["loc"])
        raise _unreadable(f"{place}: {first['msg']}") from error
    except (ValueError, RecursionError) as error:
        raise _unreadable(str(error)) from error
    return statement


def _unreadable(why: str) -> VerificationError:
    return VerificationError(f"a signed statement cannot be read: {why}.", code="FTS-152")


def provider_model_digest(provider: str, model: str) -> str:
    """Digest of what a provider calls its model, `sha256:hex`: there are no bytes to hash."""
    return digest_of({"model": model, "provider": provider.casefold()})
