"""An engine of ours as an Inspect model. Given an `ask` coroutine (messages and settings in, a reply out), gives a
`Model` named `<kind>/<variant>`, so that logs read well. An empty answer is a fault, never an answer.
Registers nothing globally: the name is a tag on the object."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal

from ftsafety_spec.providers.base import NoAnswer, Request

if TYPE_CHECKING:
    from inspect_ai.model import ChatMessage, GenerateConfig, Model, ModelOutput


@dataclass(frozen=True)
class Draw:
    """How one answer is drawn. `temperature` 0 is greedy."""

    temperature: float
    top_p: float | None
    max_tokens: int
    seed: int | None
    stop: tuple[str, ...] = ()
    top_logprobs: int | None = None


@dataclass(frozen=True)
class Reply:
    """An engine's answer. `logprobs` in the OpenAI protocol's form; tokens without padding."""

    text: str
    stop: Literal["stop", "max_tokens", "content_filter"]
    tokens_in: int
    tokens_out: int
    logprobs: Mapping[str, Any] | None = None
    reasoning: str | None = None


Ask = Callable[[Sequence[Mapping[str, str]], Draw], Awaitable[Reply]]


@dataclass(frozen=True)
class Doors:
    """What an engine of ours offers beside chats, for graders. `complete`: a raw text as it stands, without a chat
    template (the tokenizer puts its begin-of-sequence token first); `classify`: texts to label and probability."""

    complete: Callable[[str, Draw], Awaitable[Reply]] | None = None
    classify: Callable[[Sequence[str]], Awaitable[list[dict[str, float]]]] | None = None


def doors_of(model: Model) -> Doors:
    """The doors of a model; none where Inspect's own provider answers."""
    return getattr(model.api, "doors", Doors())


def generation_config(request: Request, connections: int | None = None) -> GenerateConfig:
    """The request's generation settings and system prompt as an Inspect config: the model itself puts the system
    prompt before every input, so a caller adds none."""
    from inspect_ai.model import GenerateConfig

    return GenerateConfig(
        temperature=request.generation.temperature,
        top_p=request.generation.top_p,
        max_tokens=request.generation.max_tokens,
        system_message=request.system_prompt or None,
        max_connections=connections,
    )


def engine_model(kind: str, request: Request, ask: Ask, connections: int, beside: Doors | None = None) -> Model:
    """An Inspect model that asks the engine. Several in flight (`connections`) let the engine form batches. `beside`:
    what it offers beside chats."""
    from inspect_ai._util.registry import RegistryInfo, set_registry_info
    from inspect_ai.model import Model, ModelAPI
    from inspect_ai.tool import ToolChoice, ToolInfo

    class EngineAPI(ModelAPI):
        doors = beside or Doors()

        async def generate(
            self,
            input: list[ChatMessage],
            tools: list[ToolInfo],
            tool_choice: ToolChoice,  # noqa: ARG002
            config: GenerateConfig,
        ) -> ModelOutput:
            if tools:
                raise NoAnswer(f"the {kind} engine offers no tools")
            draw = _draw(config, request)
            reply = await ask([{"role": m.role, "content": m.text} for m in input], draw)
            return _output(reply, f"{kind}/{request.variant}")

        def max_connections(self) -> int:
            return connections

        def connection_key(self) -> str:
            return f"{kind}/{request.variant}"

    api = EngineAPI(request.variant)
    set_registry_info(api, RegistryInfo(type="modelapi", name=f"ftsafety_spec/{kind}"))
    api.qualified_model_name = f"{kind}/{request.variant}"
    return Model(api, generation_config(request, connections))


def _draw(config: GenerateConfig, request: Request) -> Draw:
    if config.num_choices not in (None, 1):
        raise NoAnswer("this engine gives one answer a call")
    settings = request.generation
    return Draw(
        temperature=settings.temperature if config.temperature is None else config.temperature,
        top_p=settings.top_p if config.top_p is None else config.top_p,
        max_tokens=config.max_tokens or settings.max_tokens,
        seed=config.seed,
        stop=tuple(config.stop_seqs or ()),
        top_logprobs=(config.top_logprobs or 1) if config.logprobs else None,
    )


def _output(reply: Reply, name: str) -> ModelOutput:
    from inspect_ai.model import (
        ChatCompletionChoice,
        ChatMessageAssistant,
        ContentReasoning,
        ContentText,
        Logprobs,
        ModelOutput,
        ModelUsage,
    )

    if not reply.text.strip() and reply.stop != "content_filter":
        raise NoAnswer("the engine gave an empty answer")
    content: str | list[Any] = reply.text
    if reply.reasoning:
        content = [ContentReasoning(reasoning=reply.reasoning), ContentText(text=reply.text)]
    choice = ChatCompletionChoice(
        message=ChatMessageAssistant(content=content, model=name, source="generate"),
        stop_reason=reply.stop,
        logprobs=Logprobs.model_validate(reply.logprobs) if reply.logprobs else None,
    )
    usage = ModelUsage(
        input_tokens=reply.tokens_in,
        output_tokens=reply.tokens_out,
        total_tokens=reply.tokens_in + reply.tokens_out,
    )
    return ModelOutput(model=name, choices=[choice], usage=usage)
