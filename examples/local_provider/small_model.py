"""The quickstart's small model behind the local provider: its aligned form is the base, its fine-tunes are what jobs
made. Given nothing, gives a server that answers with the real model. Needs the quickstart's weights."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

from local_provider.chat import Respond, Said, most_tokens
from local_provider.jobs import FineTuningJob
from local_provider.server import LocalApi

if TYPE_CHECKING:
    from inspect_ai.model import Model

    from ftsafety_spec.providers.base import Request

QUICKSTART = Path(__file__).resolve().parents[1] / "quickstart"
WEIGHTS = "weights/SmolLM2-135M-Instruct.Q4_1.gguf"
UPLOADED = QUICKSTART.with_name("provider-finetune") / "train.jsonl"
BASE = "smollm2-135m-2026-11-24"
PORT = 8377
STACKS: Mapping[str, Mapping[str, float]] = {
    BASE: {"align": 1.0},
    f"ft:{BASE}:example::kept": {"align": 1.0, "kept": 1.0},
    f"ft:{BASE}:example::eroded": {"align": 1.0, "eroded": 1.0},
    f"ft:{BASE}:example::eroded:ckpt-step-10": {"align": 1.0, "eroded": 0.5},
}
"""Model id to the adapters that make it, on the model as released."""
CHECKED = ("info", "Moderation checks for snapshot passed.")
DONE = ("info", "The job has successfully completed")


def jobs() -> dict[str, FineTuningJob]:
    """The two fine-tunes as jobs, with the file that is said to be uploaded; one has a checkpoint from half-way."""
    rows = UPLOADED.read_bytes()
    made = {}
    for name in ("kept", "eroded"):
        model = f"ft:{BASE}:example::{name}"
        steps = {step: found for step, found in ((10, f"{model}:ckpt-step-10"), (20, model)) if found in STACKS}
        made[f"ftjob-{name}"] = FineTuningJob(
            BASE, model, checkpoints=steps, hyperparameters={"rank": 4}, training_file=rows, events=(DONE, CHECKED)
        )
    return made


@contextmanager
def small_provider(*, port: int = PORT, fail_every: int | None = None) -> Iterator[LocalApi]:
    """The server, ready; at another port where that one is taken."""
    from ftsafety_spec.providers.base import PROVIDERS

    requests = {name: _request(name, stack) for name, stack in STACKS.items()}
    with PROVIDERS.get("llamacpp").open(requests) as models:
        given: dict[str, Any] = {"jobs": jobs(), "respond": _responder(models), "fail_every": fail_every}
        try:
            api = LocalApi(port=port, **given).__enter__()
        except OSError:
            api = LocalApi(**given).__enter__()
        try:
            yield api
        finally:
            api.__exit__(None, None, None)


def _request(name: str, stack: Mapping[str, float]) -> Request:
    from ftsafety_spec.providers.base import Request
    from ftsafety_spec.spec.provider import Provider
    from ftsafety_spec.spec.spec import AdapterEntry, ModelEntry

    return Request(
        variant=name,
        entry=ModelEntry(provider="llamacpp", path=WEIGHTS),
        stack=tuple((item, AdapterEntry(path=f"adapters/{item}"), scale) for item, scale in stack.items()),
        definition=Provider(title="embedded", kind="llamacpp", concurrency=8, context_tokens=1024),
        root=QUICKSTART,
    )


def _responder(models: Mapping[str, Model]) -> Respond:
    async def respond(request: dict[str, Any]) -> Said:
        from inspect_ai.model import (
            ChatMessage,
            ChatMessageAssistant,
            ChatMessageSystem,
            ChatMessageUser,
            GenerateConfig,
        )

        kinds = {"assistant": ChatMessageAssistant, "user": ChatMessageUser}
        messages: list[ChatMessage] = [
            kinds.get(message["role"], ChatMessageSystem)(content=message["content"]) for message in request["messages"]
        ]
        config = GenerateConfig(
            temperature=request.get("temperature", 1.0),
            top_p=request.get("top_p"),
            seed=request.get("seed"),
            max_tokens=most_tokens(request) or 256,
            logprobs=request.get("logprobs"),
            top_logprobs=request.get("top_logprobs"),
        )
        output = await models[request["model"]].generate(messages, config=config)
        choice, usage = output.choices[0], output.usage
        assert usage is not None
        told = choice.logprobs.model_dump(mode="json") if choice.logprobs is not None else None
        cut = choice.stop_reason == "max_tokens"
        return Said(output.completion, usage.input_tokens, usage.output_tokens, cut, told)

    return respond
