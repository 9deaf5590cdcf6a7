"""openai, openai_compatible and anthropic, against a real HTTP server on loopback."""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import Any

import pytest
from inspect_ai.util._concurrency import init_concurrency
from support.local_api import REFUSAL, FineTuningJob, LocalApi, default_answer
from tenacity import RetryError

from ftsafety_spec.errors import EngineError, InputError
from ftsafety_spec.providers.base import PROVIDERS, Request
from ftsafety_spec.providers.openai_jobs import check_job_base, job_base
from ftsafety_spec.providers.resolve import resolve_all
from ftsafety_spec.spec.provider import Prices, Provider
from ftsafety_spec.spec.spec import AdapterEntry, Generation, ModelEntry

SNAPSHOT = "gpt-4.1-mini-2025-04-14"
KINDS = ("openai", "openai_compatible", "anthropic")
PROMPTS = [f"prompt number {number}" for number in range(40)]


@pytest.fixture(autouse=True)
def keys(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("OPENAI_BASE_URL", "ANTHROPIC_BASE_URL", "ANTHROPIC_AUTH_TOKEN"):
        monkeypatch.delenv(name, raising=False)
    init_concurrency()  # Inspect keeps limits by model for the life of the process
    monkeypatch.setenv("OPENAI_API_KEY", "placeholder")
    monkeypatch.setenv("ANTHROPIC_API_KEY", "placeholder")


def request(kind: str, api: LocalApi | None = None, variant: str = "base", **changes: Any) -> Request:
    entry = changes.pop("entry", {"model": SNAPSHOT})
    parts = {name: changes.pop(name) for name in ("generation", "system_prompt", "stack") if name in changes}
    url = None if api is None else (api.root_url if kind == "anthropic" else api.base_url)
    settings = {"title": "t", "kind": kind, "base_url": url, "concurrency": 8, **changes}
    return Request(
        variant,
        ModelEntry(provider="p", **entry),
        parts.pop("stack", ()),
        Provider.model_validate(settings),
        Path(),
        **parts,
    )


def ask(requests: dict[str, Request], prompts: list[str]) -> dict[str, list[Any]]:
    """Outputs by variant, all prompts at once."""
    adapter = PROVIDERS.get(next(iter(requests.values())).definition.kind)

    async def all_of(models: Any) -> dict[str, list[Any]]:
        return {
            variant: await asyncio.gather(*[model.generate(prompt) for prompt in prompts])
            for variant, model in models.items()
        }

    with adapter.open(requests) as models:
        return asyncio.run(all_of(models))


@pytest.mark.parametrize("kind", KINDS)
def test_answers_arrive_whole_with_their_usage(kind: str) -> None:
    with LocalApi() as api:
        outputs = ask({"base": request(kind, api)}, PROMPTS)["base"]
    assert [output.completion for output in outputs] == [default_answer(SNAPSHOT, prompt) for prompt in PROMPTS]
    assert {output.completion == REFUSAL for output in outputs} == {True, False}
    assert all(output.usage.input_tokens > 0 and output.usage.output_tokens > 0 for output in outputs)
    assert all(output.stop_reason == "stop" for output in outputs)
    assert api.requests == dict.fromkeys(PROMPTS, 1)


@pytest.mark.parametrize("kind", KINDS)
def test_a_server_that_fails_a_fifth_of_its_calls_loses_nothing(kind: str) -> None:
    with LocalApi(fail_every=5) as api:
        outputs = ask({"base": request(kind, api)}, PROMPTS)["base"]
    assert api.failed >= len(PROMPTS) // 5
    assert api.answered == dict.fromkeys(PROMPTS, 1)
    assert [output.completion for output in outputs] == [default_answer(SNAPSHOT, prompt) for prompt in PROMPTS]


def test_a_server_that_always_fails_is_given_up_after_the_retries() -> None:
    with LocalApi(fail_every=1) as api, pytest.raises(RetryError):
        ask({"base": request("openai_compatible", api, retries=0)}, PROMPTS[:1])
    assert api.failed >= 1
    assert not api.answered


@pytest.mark.parametrize("kind", KINDS)
def test_generation_settings_and_the_system_prompt_are_sent(kind: str) -> None:
    with LocalApi() as api:
        api.keep_bodies = True
        wanted = request(
            kind, api, system_prompt="be brief", generation=Generation(temperature=0.5, top_p=0.9, max_tokens=2)
        )
        output = ask({"base": wanted}, PROMPTS[:1])["base"][0]
    sent = api.bodies[0]
    assert output.stop_reason == "max_tokens"
    assert sent.get("temperature") == (None if kind == "anthropic" else 0.5)
    assert sent.get("top_p") == (None if kind == "anthropic" else 0.9)
    assert sent.get("max_tokens", sent.get("max_completion_tokens")) == 2
    system = sent["system"] if kind == "anthropic" else sent["messages"][0]
    assert "be brief" in str(system)
    assert str(sent).count("be brief") == 1


@pytest.mark.parametrize("kind", KINDS)
def test_concurrency_is_the_number_of_calls_in_flight(kind: str) -> None:
    with LocalApi(delay=0.05) as api:
        ask({"base": request(kind, api, concurrency=4)}, PROMPTS[:16])
    assert 2 <= api.most_in_flight <= 4


def test_variants_are_sent_to_their_own_models() -> None:
    with LocalApi() as api:
        tuned = request("openai", api, "tuned", entry={"model": "ft:gpt-4.1-mini:acme::tuned"})
        outputs = ask({"base": request("openai", api), "tuned": tuned}, PROMPTS)
    assert api.models == {SNAPSHOT: 40, "ft:gpt-4.1-mini:acme::tuned": 40}
    refusals = {name: sum(o.completion == REFUSAL for o in found) for name, found in outputs.items()}
    assert refusals["tuned"] < refusals["base"]


@pytest.mark.parametrize(("kind", "name"), [("openai", "OPENAI_API_KEY"), ("anthropic", "ANTHROPIC_API_KEY")])
def test_a_missing_key_names_its_variable(kind: str, name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv(name)
    with pytest.raises(InputError, match=name) as caught:
        ask({"base": request(kind)}, PROMPTS[:1])
    assert caught.value.code == "FTS-123"


def test_a_missing_key_of_the_definition_names_its_variable(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("GATEWAY_KEY", raising=False)
    wanted = request("openai_compatible", base_url="http://127.0.0.1:1", api_key_env="GATEWAY_KEY")
    with pytest.raises(InputError, match="GATEWAY_KEY") as caught:
        ask({"base": wanted}, PROMPTS[:1])
    assert caught.value.code == "FTS-123"


def test_an_address_can_come_from_the_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    with LocalApi() as api:
        monkeypatch.setenv("SERVER_URL", api.base_url)
        outputs = ask({"base": request("openai_compatible", base_url=None, base_url_env="SERVER_URL")}, PROMPTS[:1])
    assert len(outputs["base"]) == 1
    assert api.answered.total() == 1


def test_identity_is_a_claim_without_secrets() -> None:
    wanted = request("openai_compatible", base_url="https://user:hush@host.example:8443/v1/?key=hush")
    identity = PROVIDERS.get("openai_compatible").identify(wanted)
    assert identity.kind == "provider"
    assert identity.weights is None
    assert identity.provider is not None and identity.provider.model == SNAPSHOT
    assert "https://host.example:8443/v1" in identity.engine
    assert "hush" not in identity.model_dump_json()


def test_another_address_model_or_system_prompt_is_another_identity() -> None:
    adapter = PROVIDERS.get("openai_compatible")
    first = request("openai_compatible", base_url="http://one.example")
    others = [
        request("openai_compatible", base_url="http://two.example"),
        request("openai_compatible", base_url="http://one.example", entry={"model": "other"}),
        request("openai_compatible", base_url="http://one.example", system_prompt="be brief"),
    ]
    digests = {adapter.identify(item).digest() for item in [first, *others]}
    assert len(digests) == 4


@pytest.mark.parametrize(
    ("model", "alias"),
    [
        ("gpt-4.1-mini", True),
        (SNAPSHOT, False),
        ("ft:gpt-4.1-mini-2025-04-14:acme::x", False),
        ("claude-sonnet-4-5", True),
        ("claude-sonnet-4-5-20250929", False),
    ],
)
def test_an_alias_is_noted(model: str, alias: bool) -> None:
    notes = PROVIDERS.get("openai").capabilities(request("openai", entry={"model": model})).why_not
    assert ("identity" in notes) == alias


@pytest.mark.parametrize(
    ("kind", "model", "noted"),
    [("anthropic", "claude-x-20250101", True), ("openai", "gpt-5-2025-08-07", True), ("openai", SNAPSHOT, False)],
)
def test_settings_that_an_api_does_not_take_are_noted(kind: str, model: str, noted: bool) -> None:
    notes = PROVIDERS.get(kind).capabilities(request(kind, entry={"model": model})).why_not
    assert ("temperature" in notes) == noted


def test_prices_come_from_the_list_and_yield_to_the_definition() -> None:
    openai, anthropic = PROVIDERS.get("openai"), PROVIDERS.get("anthropic")
    listed = openai.price(request("openai"))
    assert listed is not None and listed.output > listed.input > 0
    claude = anthropic.price(request("anthropic", entry={"model": "claude-sonnet-4-5-20250929"}))
    assert claude is not None and claude.output > claude.input > 0
    assert openai.price(request("openai", entry={"model": "no-such-model-at-all"})) is None
    own = Prices(input=1, output=2)
    assert openai.price(request("openai", prices=own)) == own
    assert PROVIDERS.get("openai_compatible").price(request("openai_compatible", base_url="http://x")) is None


@pytest.mark.parametrize("kind", KINDS)
def test_adapters_are_refused_behind_an_api(kind: str) -> None:
    wanted = request(kind, base_url="http://x.example", stack=(("a", AdapterEntry(path="a"), 1.0),))
    with pytest.raises(InputError, match="adapters") as caught:
        PROVIDERS.get(kind).resolve(wanted)
    assert caught.value.code == "FTS-110"


def job_request(api: LocalApi, name: str = "ftjob-1", **entry: Any) -> Request:
    return request("openai", api, "tuned", entry={"job": name, **entry}, retries=0)


def test_a_job_becomes_the_model_that_it_made() -> None:
    with LocalApi(jobs={"ftjob-1": FineTuningJob()}) as api:
        tuned = PROVIDERS.get("openai").resolve(job_request(api))
        identity = PROVIDERS.get("openai").identify(tuned)
        ask({"tuned": tuned}, PROMPTS[:1])
    assert tuned.entry.model == "ft:gpt-4.1-mini-2025-04-14:acme::tuned"
    assert identity.provider is not None and identity.provider.job == "ftjob-1"
    assert api.models == {"ft:gpt-4.1-mini-2025-04-14:acme::tuned": 1}


def test_a_checkpoint_is_found_by_its_step() -> None:
    job = FineTuningJob(checkpoints={10: "ft:x:ckpt-step-10", 20: "ft:x:ckpt-step-20"})
    with LocalApi(jobs={"ftjob-1": job}) as api:
        tuned = PROVIDERS.get("openai").resolve(job_request(api, checkpoint=10))
        last = PROVIDERS.get("openai").resolve(job_request(api, checkpoint="last"))
        with pytest.raises(InputError, match="10, 20") as caught:
            PROVIDERS.get("openai").resolve(job_request(api, checkpoint=15))
    assert tuned.entry.model == "ft:x:ckpt-step-10"
    assert last.entry.model == job.fine_tuned_model
    assert caught.value.code == "FTS-104"


@pytest.mark.parametrize("status", ["running", "failed", "cancelled"])
def test_a_job_that_has_not_succeeded_is_refused(status: str) -> None:
    job = FineTuningJob(status=status, fine_tuned_model=None)
    with LocalApi(jobs={"ftjob-1": job}) as api, pytest.raises(InputError, match=status):
        PROVIDERS.get("openai").resolve(job_request(api))


def test_a_job_that_the_provider_does_not_know_is_refused() -> None:
    with LocalApi() as api, pytest.raises(InputError, match="ftjob-1") as caught:
        PROVIDERS.get("openai").resolve(job_request(api))
    assert caught.value.code == "FTS-104"


def test_a_provider_that_cannot_be_reached_is_an_engine_error() -> None:
    with LocalApi() as api:
        gone = job_request(api)
    with pytest.raises(EngineError, match="ftjob-1"):
        PROVIDERS.get("openai").resolve(gone)


def test_a_job_made_of_another_base_is_refused() -> None:
    with LocalApi(jobs={"ftjob-1": FineTuningJob(model=SNAPSHOT)}) as api:
        tuned = PROVIDERS.get("openai").resolve(job_request(api))
        assert job_base(tuned) == SNAPSHOT
        check_job_base(request("openai", api), tuned)
        other = request("openai", api, entry={"model": "gpt-4.1-mini"})
        with pytest.raises(InputError, match=SNAPSHOT) as caught:
            resolve_all({"base": other, "tuned": job_request(api)}, {"tuned": "base"})
    assert caught.value.code == "FTS-110"


def test_base_and_tuned_on_different_kinds_are_refused() -> None:
    mixed = {"base": request("openai"), "tuned": request("anthropic", variant="tuned")}
    with pytest.raises(InputError, match="same engine"):
        resolve_all(mixed, {"tuned": "base"})
