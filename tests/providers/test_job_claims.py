"""What a provider says of a fine-tuning job stands in the plan as a claim, held against the declaration (R-52)."""

from __future__ import annotations

import hashlib
from pathlib import Path
from typing import Any

import pytest
from support.local_api import FineTuningJob, LocalApi

from ftsafety_spec.errors import InputError
from ftsafety_spec.plan.provider_jobs import job_warnings, provider_jobs
from ftsafety_spec.providers.base import Request
from ftsafety_spec.records.provider_job import ProviderJob
from ftsafety_spec.report.blocks import Points
from ftsafety_spec.report.provider_jobs import provider_jobs as blocks_of
from ftsafety_spec.spec.provider import Provider
from ftsafety_spec.spec.spec import ModelEntry, Spec

ROWS = b'{"messages": []}\n' * 3
DIGEST = "sha256:" + hashlib.sha256(ROWS).hexdigest()
MODERATED = (("info", "Moderation checks for snapshot passed."), ("info", "Step 10/10: training loss=0.10"))


@pytest.fixture(autouse=True)
def key(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("OPENAI_BASE_URL", raising=False)
    monkeypatch.setenv("OPENAI_API_KEY", "placeholder")


@pytest.fixture(autouse=True)
def project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)


def claim(job: FineTuningJob, name: str = "ftjob-1") -> ProviderJob:
    with LocalApi(jobs={"ftjob-1": job}) as api:
        return claim_at(api, name)


def claim_at(api: LocalApi, name: str = "ftjob-1", rehash: bool = False) -> ProviderJob:
    told = {"title": "t", "kind": "openai", "base_url": api.base_url, "retries": 0, "timeout": 1}
    entry = ModelEntry(provider="p", job=name)
    request = Request("tuned", entry, (), Provider.model_validate(told), Path())
    return provider_jobs({"tuned": request}, rehash)["tuned"]


def spec(**training: Any) -> Spec:
    models = {"base": {"provider": "p", "model": "m-2025-01-01"}, "tuned": {"provider": "p", "job": "ftjob-1"}}
    suite = {"title": "s", "revised": "2026-01-01", "tasks": {"t": {"prompts": "a.jsonl"}}}
    given = {"title": "t", "owner": "o", "policy": "p", "models": models, "suites": {"core": suite}}
    return Spec.model_validate({**given, "training": training})


def test_all_that_is_told_of_a_job_is_kept() -> None:
    job = FineTuningJob(checkpoints={10: "ft:m:ckpt"}, training_file=ROWS, events=MODERATED)
    found = claim(job)
    assert (found.id, found.base, found.status) == ("ftjob-1", "gpt-4.1-mini-2025-04-14", "succeeded")
    assert (found.method, found.hyperparameters, found.trained_tokens) == ("supervised", {"n_epochs": "3"}, 1000)
    (file,) = found.files
    assert (file.use, file.digest, file.bytes) == ("training", DIGEST, len(ROWS))
    assert found.checkpoints == {"10": "ft:m:ckpt"} and len(found.events) == 2 and found.unread == {}
    assert [event.message for event in found.safety] == ["Moderation checks for snapshot passed."]


@pytest.mark.parametrize("what", ["checkpoints", "events"])
def test_what_is_withheld_is_said_and_ends_nothing(what: str) -> None:
    found = claim(FineTuningJob(withheld=frozenset({what})))
    assert found.unread == {what: "the provider answered with status 403"}
    (told,) = job_warnings(spec(), {"tuned": found})
    assert what in told and "403" in told


@pytest.mark.parametrize("what", ["files", "content"])
def test_a_file_that_is_withheld_has_no_digest_and_a_reason(what: str) -> None:
    (file,) = claim(FineTuningJob(withheld=frozenset({what}))).files
    assert file.digest is None and file.why_not is not None and "403" in file.why_not


def test_a_file_is_fetched_once_and_again_where_it_is_another_one_or_asked_for() -> None:
    with LocalApi(jobs={"ftjob-1": FineTuningJob(training_file=ROWS)}) as api:
        first, second = claim_at(api), claim_at(api)
        assert first == second and second.files[0].digest == DIGEST
        assert api.fetched["file-ftjob-1"] == 1, "the second time downloads nothing"
        claim_at(api, rehash=True)
        assert api.fetched["file-ftjob-1"] == 2
        api.jobs["ftjob-1"] = FineTuningJob(training_file=ROWS * 2)
        (other,) = claim_at(api).files
        assert other.digest != DIGEST and api.fetched["file-ftjob-1"] == 3


def test_a_download_that_breaks_off_has_a_reason_and_is_not_remembered(monkeypatch: pytest.MonkeyPatch) -> None:
    from local_provider.jobs import job_file

    def broken(jobs: dict[str, FineTuningJob], name: str, content: bool) -> Any:
        status, headers, body = job_file(jobs, name, content) or (404, {}, {})
        return status, {**headers, **({"content-length": "1000"} if content else {})}, body

    with LocalApi(jobs={"ftjob-1": FineTuningJob(training_file=ROWS)}) as api:
        with monkeypatch.context() as patched:
            patched.setattr("local_provider.server.job_file", broken)
            (file,) = claim_at(api).files
        assert file.digest is None and file.why_not is not None and "could not be read" in file.why_not
        assert claim_at(api).files[0].digest == DIGEST


def test_an_unknown_job_is_a_users_mistake() -> None:
    with pytest.raises(InputError) as caught:
        claim(FineTuningJob(), "ftjob-2")
    assert caught.value.code == "FTS-104"


def test_what_the_job_has_other_than_declared_is_a_warning() -> None:
    found = {"tuned": claim(FineTuningJob(training_file=ROWS, hyperparameters={"n_epochs": 3, "batch_size": 8}))}
    agreeing = spec(
        hyperparameters={"epochs": 3, "batch_size": 8.0}, data={"own": {"path": "a.jsonl", "digest": DIGEST}}
    )
    assert list(job_warnings(agreeing, found)) == []
    other = spec(hyperparameters={"epochs": 5}, data={"own": {"path": "a.jsonl", "digest": "sha256:" + "0" * 64}})
    told = list(job_warnings(other, found))
    assert len(told) == 2 and "n_epochs is 3, the spec declares 5" in told[0] and "does not declare" in told[1]


def test_a_safety_check_that_failed_is_a_warning_in_the_providers_words() -> None:
    found = claim(FineTuningJob(events=(("error", "Moderation checks for snapshot failed."),)))
    (told,) = job_warnings(spec(), {"tuned": found})
    assert "Moderation checks for snapshot failed." in told


def test_a_providers_words_are_one_printable_line() -> None:
    found = claim(FineTuningJob(events=(("info", "safety\x1b[31m red\n" + "x" * 1000),)))
    (event,) = found.safety
    assert event.message.isprintable() and len(event.message) <= 300
    points = [block for block in blocks_of({"tuned": found}) if isinstance(block, Points)]
    assert len(points) == 1
