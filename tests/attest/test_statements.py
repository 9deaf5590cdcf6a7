"""The statements that are signed: in-toto's own model reads them, our published schema holds them, and a standard
verifier never takes the base, or anything but a go, for something that passed."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import jsonschema
import pytest
from support.hand_made import locked_policy, locked_spec, plan_of
from support.signed_run import adapter, content, run_of, served, weights

from ftsafety_spec.attest.build import statements_of
from ftsafety_spec.attest.schema import attest_schema
from ftsafety_spec.attest.statement import (
    STATEMENTS,
    TestResultStatement,
    VerdictStatement,
    provider_model_digest,
    read_statement,
)
from ftsafety_spec.errors import FtsafetyError
from ftsafety_spec.records.identity import Identity
from ftsafety_spec.records.locked import LockedPolicy, LockedSpec
from ftsafety_spec.records.plan import Plan
from ftsafety_spec.records.verdict import Finding, Obligation, Verdict
from ftsafety_spec.verify.signatures import signable


@pytest.fixture(scope="module")
def verdict(tmp_path_factory: pytest.TempPathFactory) -> Verdict:
    """A go."""
    root = tmp_path_factory.mktemp("go")
    return run_of(root / "run", served("a"), served("b")).read(Verdict)


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> tuple[VerdictStatement, TestResultStatement]:
    """Both statements of a run whose tuned model is an adapter on the base."""
    root = tmp_path_factory.mktemp("made")
    base, tone = weights(root / "base", "b"), adapter(root / "tone", "t")
    folder = run_of(root / "run", content(base), content(base, ("tone", tone)))
    records = folder.read(LockedSpec), folder.read(LockedPolicy), folder.read(Plan), folder.read(Verdict)
    return statements_of(*records, signable(folder))


def result(verdict: Verdict, **changes: Any) -> Any:
    """The standard test result of a changed verdict."""
    locked = locked_spec()
    identities = {"base": served("a"), "tuned": served("b")}
    changed = verdict.model_copy(update=changes)
    return statements_of(locked, locked_policy(), plan_of(locked, identities=identities), changed, {})[1].predicate


def finding(action: str, **fields: Any) -> Finding:
    given = {"rule": "own", "kind": "bands", "variant": "tuned", "result": "flag", "action": action, "sentence": "s"}
    return Finding.model_validate({**given, **fields})


def test_in_totos_own_model_reads_both_statements(made: Any) -> None:
    """The oracle: in-toto-attestation."""
    oracle = pytest.importorskip("in_toto_attestation.v1.statement")
    proto = pytest.importorskip("in_toto_attestation.v1.statement_pb2")
    from google.protobuf.json_format import Parse

    for statement in made:
        read = Parse(statement.payload(), proto.Statement())  # unknown fields are refused
        oracle.Statement.copy_from_pb(read).validate()
        assert read.predicate_type == statement.predicateType and len(read.subject) == len(statement.subject)


def test_in_totos_own_test_result_reads_ours(made: Any) -> None:
    module = pytest.importorskip("in_toto_attestation.predicates.test_result.v0.test_result_pb2")
    from google.protobuf.json_format import Parse

    read = Parse(json.dumps(json.loads(made[1].payload())["predicate"]), module.TestResult())
    assert read.result == "PASSED" and "decision" in read.passed_tests


def test_the_example_of_the_standard_has_the_fields_that_we_write(made: Any) -> None:
    """Pinned: the fields of the example in in-toto's test-result v0.1."""
    plain = json.loads(made[1].payload())
    assert set(plain) == {"_type", "subject", "predicateType", "predicate"}
    assert plain["_type"] == "https://in-toto.io/Statement/v1"
    assert plain["predicateType"] == "https://in-toto.io/attestation/test-result/v0.1"
    assert set(plain["predicate"]) == {"result", "configuration", "passedTests", "warnedTests", "failedTests"}


def test_the_published_schema_holds_the_signed_bytes_and_names_the_predicate_type(made: Any) -> None:
    schema = attest_schema("attestation")
    jsonschema.Draft202012Validator.check_schema(schema)
    plain = json.loads(made[0].payload())
    jsonschema.validate(plain, schema)
    assert plain["predicateType"] == schema["$id"]
    with pytest.raises(jsonschema.ValidationError):
        jsonschema.validate({**plain, "predicate": {**plain["predicate"], "decision": "yes"}}, schema)


def test_equal_records_give_equal_bytes_that_read_back(made: Any) -> None:
    for statement in made:
        again = read_statement(statement.payload())
        assert again == statement and again.payload() == statement.payload()


def test_subjects_are_weights_adapters_and_the_base_with_content_digests(made: Any) -> None:
    names = [subject.name for subject in made[0].subject]
    assert names == ["base/weights", "tuned/weights", "tuned/adapters/tone"]
    assert all(set(subject.digest) == {"sha256"} for subject in made[0].subject)


def test_a_standard_verifier_never_takes_the_base_for_what_passed(made: Any) -> None:
    assert [subject.name for subject in made[1].subject] == ["tuned/adapters/tone"]


def test_a_providers_model_is_a_subject_by_its_name_not_by_content() -> None:
    locked = locked_spec()
    digest = provider_model_digest("OpenAI", "ft:x").removeprefix("sha256:")
    assert provider_model_digest("openai", "ft:x") == "sha256:" + digest
    assert provider_model_digest("openai", "ft:y") != "sha256:" + digest
    assert locked.variants["tuned"].deploy


def test_only_an_unqualified_go_is_passed(verdict: Verdict) -> None:
    assert verdict.decision == "go" and result(verdict).result == "PASSED"
    flagged = (*verdict.findings, finding("deploy_enhanced"))
    assert result(verdict, findings=flagged).result == "WARNED"
    lifted = (*verdict.findings, finding("review"))  # people gave what the review asked for
    assert result(verdict, findings=lifted).warnedTests == ("own",)


@pytest.mark.parametrize("decision", ["pending", "no_go"])
def test_what_is_no_go_is_failed_whatever_the_rules_say(verdict: Verdict, decision: str) -> None:
    found = result(verdict, decision=decision)
    assert found.result == "FAILED" and "decision" in found.failedTests


def test_an_open_obligation_is_a_failed_test(verdict: Verdict) -> None:
    owed = Obligation(kind="human_review", by="safety_reviewer", people=1, state="open", detail="d")
    found = result(verdict, decision="pending", obligations=(owed,))
    assert "obligation:human_review" in found.failedTests


def test_a_waived_rule_is_a_warning(verdict: Verdict) -> None:
    waived = (*verdict.findings, finding("block", waived_by="ines"))
    assert result(verdict, findings=waived).result == "WARNED"


def test_a_verdict_about_nothing_that_is_deployed_is_not_signed(verdict: Verdict) -> None:
    locked = locked_spec()
    plan = plan_of(locked, identities={"base": Identity(kind="content", engine="e")})
    with pytest.raises(FtsafetyError, match="FTS-133"):
        statements_of(locked, locked_policy(), plan, verdict, {})


@pytest.mark.parametrize(
    "payload",
    [b"", b"{", b"[]", b"null", b"\xff", b'{"predicateType": "other"}', b'{"predicateType": []}', b"[" * 100_000],
)
def test_bytes_that_are_no_statement_of_ours_are_named_and_never_a_traceback(payload: bytes) -> None:
    with pytest.raises(FtsafetyError, match="FTS-152"):
        read_statement(payload)


@pytest.mark.parametrize("kind", sorted(STATEMENTS))
def test_a_statement_with_a_field_that_we_do_not_know_is_not_read(made: Any, kind: str) -> None:
    """A verdict that says more than is understood is not acted on."""
    statement = next(item for item in made if item.predicateType == kind)
    plain = json.loads(statement.payload())
    plain["predicate"]["unless"] = "it rains"
    with pytest.raises(FtsafetyError, match=r"predicate\.unless"):
        read_statement(json.dumps(plain).encode())


def test_paths_of_the_machine_are_not_in_what_is_signed(made: Any, tmp_path: Path) -> None:
    assert str(tmp_path.parent.parent).encode() not in made[0].payload()
