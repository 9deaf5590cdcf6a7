"""Fine-tuning jobs of Azure OpenAI, Together, Fireworks and Mistral, read in their own forms from a local server."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from support.local_api import FineTuningJob, LocalApi

from ftsafety_spec.errors import EngineError, InputError
from ftsafety_spec.plan.provider_jobs import provider_jobs
from ftsafety_spec.providers.base import PROVIDERS, Request
from ftsafety_spec.providers.resolve import resolve_all
from ftsafety_spec.records.provider_job import ProviderJob
from ftsafety_spec.spec.provider import Provider
from ftsafety_spec.spec.spec import ModelEntry

BASE = "base/model-7b"
FIREWORKS_JOB = "accounts/acme/supervisedFineTuningJobs/x1"
TOLD: dict[str, tuple[str, str, dict[str, Any]]] = {
    "together": (
        "ft-1",
        "/v1/fine-tunes/ft-1",
        {
            "id": "ft-1",
            "status": "completed",
            "model": BASE,
            "model_output_name": "acme/model-7b-tuned",
            "training_file": "file-1",
            "validation_file": "",
            "n_epochs": 3,
            "learning_rate": 1e-5,
            "training_method": {"method": "sft"},
            "training_type": {"type": "Lora", "lora_r": 8},
            "token_count": 850,
            "created_at": "2026-05-17T17:35:45.123Z",
            "updated_at": "2026-05-17T18:46:23.456Z",
            "events": [{"created_at": "2026-05-17T17:36:00Z", "level": None, "message": "Job started"}],
        },
    ),
    "fireworks": (
        FIREWORKS_JOB,
        f"/v1/{FIREWORKS_JOB}",
        {
            "name": FIREWORKS_JOB,
            "state": "JOB_STATE_COMPLETED",
            "baseModel": BASE,
            "outputModel": "acme/model-7b-tuned",
            "dataset": "accounts/acme/datasets/d1",
            "epochs": 3,
            "loraRank": 8,
            "status": {"code": "OK", "message": ""},
            "createTime": "2026-05-17T17:35:45Z",
            "completedTime": "2026-05-17T18:46:23Z",
        },
    ),
    "mistral": (
        "j1",
        "/v1/fine_tuning/jobs/j1",
        {
            "id": "j1",
            "status": "SUCCESS",
            "model": BASE,
            "fine_tuned_model": "acme/model-7b-tuned",
            "job_type": "completion",
            "hyperparameters": {"training_steps": 30, "learning_rate": 1e-5, "epochs": None},
            "training_files": ["file-1"],
            "validation_files": ["file-2"],
            "trained_tokens": 850,
            "created_at": 1779039345,
            "modified_at": 1779043583,
            "checkpoints": [{"step_number": 10, "created_at": 1779040000, "metrics": {}}],
            "events": [{"name": "status-updated", "data": {"status": "SUCCESS"}, "created_at": 1779043583}],
        },
    ),
}


@pytest.fixture
def api(monkeypatch: pytest.MonkeyPatch) -> Iterator[LocalApi]:
    monkeypatch.setenv("AZURE_OPENAI_API_KEY", "placeholder")
    with LocalApi() as server:
        for _, path, body in TOLD.values():
            server.told[path] = body
        server.told["/v1/fine-tunes/ft-1/checkpoints"] = {"data": [{"step": 10, "path": "x"}]}
        yield server


def request(api: LocalApi, form: str, variant: str = "tuned", **entry: Any) -> Request:
    settings = {"title": "t", "kind": "openai_compatible", "jobs": form, "base_url": api.base_url, "retries": 0}
    return Request(variant, ModelEntry(provider="p", **entry), (), Provider.model_validate(settings), Path())


@pytest.mark.parametrize("form", TOLD)
def test_a_job_is_read_in_its_providers_form_and_asked_by_its_model(api: LocalApi, form: str) -> None:
    name, _, _ = TOLD[form]
    resolved = resolve_all(
        {"base": request(api, form, "base", model=BASE), "tuned": request(api, form, job=name)}, {"tuned": "base"}
    )
    assert resolved["tuned"].entry.model == "acme/model-7b-tuned"
    job = provider_jobs(resolved)["tuned"]
    assert isinstance(job, ProviderJob) and (job.id, job.provider, job.base) == (name, form, BASE)
    assert job.created_at == 1779039345 and job.finished_at == 1779043583
    assert job.files[0].use == "training" and job.files[0].why_not and len(job.hyperparameters) == 2
    identity = PROVIDERS.get("openai_compatible").identify(resolved["tuned"])
    assert identity.provider is not None and identity.provider.job == name


@pytest.mark.parametrize("form", TOLD)
def test_a_job_that_is_not_done_another_base_and_an_unknown_job_are_refused(api: LocalApi, form: str) -> None:
    name, path, body = TOLD[form]
    both = {"base": request(api, form, "base", model="base/other"), "tuned": request(api, form, job=name)}
    with pytest.raises(InputError, match=BASE) as caught:
        resolve_all(both, {"tuned": "base"})
    assert caught.value.code == "FTS-110"
    state = "state" if form == "fireworks" else "status"
    api.told[path] = {**body, state: "running"}
    with pytest.raises(InputError, match="not succeeded") as caught:
        PROVIDERS.get("openai_compatible").resolve(request(api, form, job=name))
    assert caught.value.code == "FTS-106"
    api.told[path] = {"unexpected": True}
    with pytest.raises(EngineError, match="form"):
        PROVIDERS.get("openai_compatible").resolve(request(api, form, job=name))
    del api.told[path]
    with pytest.raises(InputError) as caught:
        PROVIDERS.get("openai_compatible").resolve(request(api, form, job=name))
    assert caught.value.code == "FTS-104"


@pytest.mark.parametrize("form", TOLD)
def test_a_checkpoint_that_cannot_be_asked_is_refused(api: LocalApi, form: str) -> None:
    with pytest.raises(InputError, match="step 10") as caught:
        PROVIDERS.get("openai_compatible").resolve(request(api, form, job=TOLD[form][0], checkpoint=10))
    assert caught.value.code == "FTS-104"


def test_a_job_where_no_form_is_named_is_refused(api: LocalApi) -> None:
    definition = Provider(title="t", kind="openai_compatible", base_url=api.base_url)
    wanted = Request("tuned", ModelEntry(provider="p", job="x"), (), definition, Path())
    with pytest.raises(InputError, match="jobs") as caught:
        PROVIDERS.get("openai_compatible").resolve(wanted)
    assert caught.value.code == "FTS-110"


def test_azure_reads_the_job_by_the_sdk_and_asks_the_deployment(api: LocalApi) -> None:
    api.jobs["ftjob-1"] = FineTuningJob()
    api.keep_bodies = True
    settings = {"title": "t", "kind": "openai", "azure_api_version": "2025-03-01-preview", "base_url": api.root_url}
    definition = Provider.model_validate({**settings, "retries": 0})
    adapter = PROVIDERS.get("openai")

    def of(**entry: Any) -> Request:
        return Request("tuned", ModelEntry(provider="p", **entry), (), definition, Path())

    tuned = adapter.resolve(of(job="ftjob-1", deployment="mine"))
    assert tuned.entry.model == FineTuningJob().fine_tuned_model
    assert adapter.identify(tuned).engine.endswith("deployment mine")
    assert not adapter.capabilities(tuned).batch
    job = provider_jobs({"tuned": tuned})["tuned"]
    assert job.status == "succeeded" and job.files[0].digest is not None
    with adapter.open({"tuned": tuned}) as models:
        output = asyncio.run(models["tuned"].generate("hello"))
    assert output.completion and api.models == {"mine": 1}
    with pytest.raises(InputError, match="deployment") as caught:
        adapter.resolve(of(job="ftjob-1"))
    assert caught.value.code == "FTS-110"


def test_a_custom_model_of_bedrock_is_named_by_its_arn() -> None:
    definition = Provider(title="t", kind="inspect", inspect_name="bedrock")
    fixed = "arn:aws:bedrock:us-east-1:123456789012:custom-model/x/abc"
    moving = "arn:aws:bedrock:us-east-1:123456789012:provisioned-model/abc"
    adapter = PROVIDERS.get("inspect")
    for arn, alias in ((fixed, False), (moving, True)):
        wanted = adapter.resolve(Request("tuned", ModelEntry(provider="p", model=arn), (), definition, Path()))
        claim = adapter.identify(wanted).provider
        assert claim is not None and claim.model == arn
        assert ("identity" in adapter.capabilities(wanted).why_not) is alias
