"""openai_compatible against a real server: llama.cpp's own, on loopback."""

from __future__ import annotations

import asyncio
import gc
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from inspect_ai.util._concurrency import init_concurrency
from support.small_models import smollm2

from ftsafety_spec.providers.base import Request
from ftsafety_spec.providers.openai_compatible import PROVIDER
from ftsafety_spec.spec.provider import Provider
from ftsafety_spec.spec.spec import Generation, ModelEntry

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def address() -> Iterator[str]:
    xllamacpp = pytest.importorskip("xllamacpp")
    params = xllamacpp.CommonParams()
    params.model.path = str(smollm2())
    params.n_parallel, params.n_ctx, params.port, params.verbosity = 2, 1024, 0, 0
    params.cpuparams.n_threads = params.cpuparams_batch.n_threads = 1
    server = xllamacpp.Server(params)
    # a server that is dropped before its loop runs never ends
    server.handle_chat_completions({"messages": [{"role": "user", "content": "hi"}], "max_tokens": 1})
    yield f"{server.listening_address}/v1"
    del server
    gc.collect()


def test_a_real_server_answers_with_usage_and_stop_reason(address: str) -> None:
    init_concurrency()
    definition = Provider(title="t", kind="openai_compatible", base_url=address, concurrency=2)
    entry = ModelEntry(provider="p", model="smollm2")
    wanted = PROVIDER.resolve(Request("base", entry, (), definition, Path(), Generation(max_tokens=6)))

    async def all_of(model: Any) -> list[Any]:
        return await asyncio.gather(*[model.generate(f"Name a fruit with the letter {letter}.") for letter in "ABCD"])

    with PROVIDER.open({"base": wanted}) as models:
        outputs = asyncio.run(all_of(models["base"]))
    assert len(outputs) == 4
    assert all(output.completion.strip() for output in outputs)
    assert all(output.usage.output_tokens == 6 and output.stop_reason == "max_tokens" for output in outputs)
