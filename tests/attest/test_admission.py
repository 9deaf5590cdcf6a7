"""Admission is for what was judged, whole, with a go, on the date. Everything else is refused with a reason."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from support.signed_run import TODAY

from ftsafety_spec.attest.admission import Admission, Artefact, admit
from ftsafety_spec.attest.statement import Judged, VerdictPredicate
from ftsafety_spec.records.base import digest_text
from ftsafety_spec.records.identity import AdapterIdentity, Identity, ProviderIdentity

D = digest_text


def identity(*adapters: str, weights: str = "base", **fields: Any) -> Identity:
    stack = tuple(AdapterIdentity(id=name, digest=D(name), scale=1.0) for name in adapters)
    return Identity(kind="content", engine="e", weights=D(weights), adapters=stack, **fields)


def judged(name: str, who: Identity, deploy: bool = True) -> Judged:
    role: Any = "tuned" if deploy else "base"
    return Judged(id=name, role=role, deploy=deploy, action="deploy" if deploy else None, identity=who)


def signed(*stacks: Judged, **changes: Any) -> VerdictPredicate:
    zero = D("zero")
    fields = {
        "title": "Bot",
        "spec": {"name": "bot", "digest": zero},
        "policy": {"name": "p", "digest": zero},
        **dict.fromkeys(("plan", "comparison", "evidence", "verdict"), zero),
        "as_of": "2026-11-24",
        "action": "deploy",
        "decision": "go",
        "expires": "2027-05-19",
        "reasons": (),
        "monitoring": None,
        "open_obligations": (),
        "judged": (judged("base", identity(), deploy=False), *stacks),
        "files": {},
        **changes,
    }
    return VerdictPredicate.model_validate(fields)


def asked(signed_: VerdictPredicate, *names: str, at: date = TODAY) -> Admission:
    return admit([Artefact(given=name, digests=(D(name),)) for name in names], signed_, (), at)


MERGED = signed(judged("tuned", identity(weights="tuned")))
TONE = signed(judged("tuned", identity("tone")))
STACK = signed(judged("tuned", identity("tone", "law")))


@pytest.mark.parametrize(
    ("verdict", "names"),
    [
        (MERGED, ["tuned"]),
        (TONE, ["tone"]),
        (TONE, ["tone", "base"]),
        (STACK, ["law", "tone"]),
        (STACK, ["base", "tone", "law"]),
    ],
)
def test_what_was_judged_is_admitted(verdict: VerdictPredicate, names: list[str]) -> None:
    answer = asked(verdict, *names)
    assert answer.admitted and answer.variants == ("tuned",) and not answer.reasons


@pytest.mark.parametrize(
    ("verdict", "names", "word"),
    [
        (MERGED, ["other"], "not what this verdict is about"),
        (MERGED, ["base"], "measured as base, which is not to be deployed"),
        (MERGED, ["tuned", "other"], "not what this verdict is about"),
        (MERGED, ["tuned", "base"], "was not judged"),
        (TONE, ["base"], "was not judged: base is weights, not to be deployed; tuned is weights + tone"),
        (TONE, ["tone", "other"], "not what this verdict is about"),
        (STACK, ["tone"], "alone was not judged"),
        (STACK, ["tone", "base"], "alone was not judged"),
    ],
)
def test_what_was_not_judged_is_refused_with_a_reason(verdict: VerdictPredicate, names: list[str], word: str) -> None:
    answer = asked(verdict, *names)
    assert not answer.admitted and any(word in reason for reason in answer.reasons), answer.reasons


def test_a_part_of_a_stack_that_was_only_measured_is_refused() -> None:
    verdict = signed(judged("tuned", identity("tone", "law")), judged("tone", identity("tone"), deploy=False))
    assert not asked(verdict, "tone").admitted and asked(verdict, "tone", "law").admitted


@pytest.mark.parametrize("decision", ["pending", "no_go"])
def test_only_a_go_is_admitted(decision: str) -> None:
    verdict = signed(judged("t", identity(weights="t")), decision=decision, open_obligations=("human_review",))
    (reason,) = asked(verdict, "t").reasons
    assert decision in reason and "human_review" in reason


@pytest.mark.parametrize(
    ("at", "admitted"),
    [("2026-11-23", False), ("2026-11-24", True), ("2027-05-19", True), ("2027-05-20", False)],
)
def test_a_verdict_counts_from_its_day_to_its_last_day(at: str, admitted: bool) -> None:
    assert asked(MERGED, "tuned", at=date.fromisoformat(at)).admitted is admitted


def test_a_verdict_without_an_end_says_so() -> None:
    assert asked(signed(judged("t", identity(weights="t")), expires=None), "t").expires is None


def test_recorded_answers_admit_nothing() -> None:
    claim = ProviderIdentity(name="openai", model="m")
    verdict = signed(judged("t", Identity(kind="recorded", engine="recorded", recording=D("r"), provider=claim)))
    for artefact in (Artefact(given="m"), Artefact(given="r", digests=(D("r"),))):
        answer = admit([artefact], verdict, (), TODAY)
        assert not answer.admitted and "recorded answers" in answer.reasons[0]


@pytest.mark.parametrize(
    ("name", "admitted"), [("ft:x", True), ("openai/ft:x", True), ("FT:X", False), ("other/ft:x", False), ("ft", False)]
)
def test_a_providers_model_is_known_by_its_whole_name(name: str, admitted: bool) -> None:
    who = Identity(kind="provider", engine="api", provider=ProviderIdentity(name="openai", model="ft:x"))
    answer = admit([Artefact(given=name)], signed(judged("t", who)), (), TODAY)
    assert answer.admitted is admitted
    assert not admitted or any("claim" in text for text in answer.conditions)


def test_a_file_with_the_name_of_a_providers_model_is_not_that_model() -> None:
    who = Identity(kind="provider", engine="api", provider=ProviderIdentity(name="openai", model="ft:x"))
    assert not asked(signed(judged("t", who)), "ft:x").admitted


def test_conditions_name_what_was_not_looked_at() -> None:
    who = identity("tone", system_prompt=D("s"), dtype="bf16")
    verdict = signed(judged("t", who), monitoring="enhanced")
    artefact = Artefact(given="tone", digests=(D("tone"),), uncovered=("extra.py",))
    said = " | ".join(admit([artefact], verdict, (), TODAY).conditions)
    for word in ("tone at 1", D("base"), D("s"), "bf16", "extra.py", "monitoring: enhanced", "chat template none"):
        assert word in said, word
    watched = signed(judged("t", who), monitoring="enhanced", watch={"canary_days": 1, "false_alarms_per_year": 6})
    assert "monitoring: enhanced, canaries every day, detectors set to 6 false alarms a year" in (
        admit([artefact], watched, (), TODAY).conditions
    )
    with_base = asked(verdict, "tone", "base").conditions
    assert not any("not looked at" in text for text in with_base)


def test_nothing_is_admitted_for_nothing() -> None:
    assert not asked(MERGED).admitted


@given(st.lists(st.sampled_from(["base", "tone", "law", "other"]), max_size=4), st.booleans(), st.dates())
def test_never_more_than_a_whole_judged_stack_with_a_go_on_the_date(names: list[str], go: bool, at: date) -> None:
    verdict = STACK.model_copy(update={"decision": "go" if go else "pending"})
    whole = {"tone", "law"} <= set(names) <= {"base", "tone", "law"}
    in_time = date(2026, 11, 24) <= at <= date(2027, 5, 19)
    assert asked(verdict, *names, at=at).admitted is (whole and go and in_time)
