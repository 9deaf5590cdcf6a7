"""The models behind a spec's graders: who they are, and graders bound to them. Given a locked spec, gives a `Panel`;
each model is opened at its first question, after the models under test are closed, and ended by the panel's `close`."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping, Sequence
from contextlib import ExitStack
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ftsafety_spec.errors import InputError, Where
from ftsafety_spec.graders.base import GRADERS, Asked, Grader, NeedsModel
from ftsafety_spec.graders.certified import certificates_of
from ftsafety_spec.graders.panel import Behind, Panel
from ftsafety_spec.providers.base import PROVIDERS, Adapter, NoAnswer, Request
from ftsafety_spec.records.base import digest_of
from ftsafety_spec.records.identity import Identity
from ftsafety_spec.records.locked import LockedSpec
from ftsafety_spec.registry import Registry
from ftsafety_spec.spec.provider import Prices
from ftsafety_spec.spec.spec import Generation

if TYPE_CHECKING:
    from inspect_ai.model import ChatMessage, Model, ModelOutput

RAW_KINDS = ("llamacpp", "local")
"""Provider kinds whose engines complete a raw text; all others take chats only."""


@dataclass
class OpenedModel:
    """A grader's model (`graders.base.GraderModel`): who it is, and how it is asked. Not opened before it is asked.
    `most`: tokens that the spec lets a chat take, where that is more than the grader asks for."""

    request: Request
    adapter: Adapter
    who: Identity
    prices: Prices | None
    most: int | None = None
    _open: ExitStack = field(default_factory=ExitStack)
    _model: Model | None = None
    _slots: asyncio.Semaphore | None = None

    @property
    def identity(self) -> str:
        """Digest of the model's identity, and of how long it may think."""
        return self.who.digest() if self.most is None else digest_of([self.who.digest(), self.most])

    @property
    def raw(self) -> bool:
        """True where a raw text is completed as it stands."""
        return self.request.definition.kind in RAW_KINDS

    async def ask(self, messages: Sequence[tuple[str, str]] | str, max_tokens: int, logprobs: bool = False) -> Asked:
        """One answer at temperature 0. Raises InputError where a person has to mend something, else what the provider
        raises after its own retries."""
        model = self._opened()
        assert self._slots is not None
        async with self._slots:
            try:
                if isinstance(messages, str) and self.raw:
                    return await _completed(model, messages, max_tokens)
                output = await model.generate(
                    _chat(messages), config=_config(max(max_tokens, self.most or 0), logprobs)
                )
            except NoAnswer as error:
                return Asked("", refused=str(error))
        return _asked(output, self.prices)

    async def classify(self, texts: Sequence[str]) -> list[dict[str, float]]:
        """Label to probability for each text. Raises InputError FTS-127 where the model is no classifier."""
        from ftsafety_spec.providers.engine_model import doors_of

        model = self._opened()
        classify = doors_of(model).classify
        if classify is None:
            raise InputError(
                "this grader needs a sequence classification model.",
                code="FTS-127",
                where=Where(key=f"grader_models.{self.request.variant}"),
                hint="Give it `provider: local` and the `path:` of a folder of safetensors.",
            )
        assert self._slots is not None
        async with self._slots:
            return await classify(texts)

    async def close(self) -> None:
        """End the model, where it was opened."""
        model, self._model = self._model, None
        if model is not None:
            await model.api.aclose()
        self._open.close()

    def _opened(self) -> Model:
        if self._model is None:
            from inspect_ai.util._concurrency import init_concurrency

            init_concurrency()  # limits of the models under test are not those of a grader's model
            self._slots = asyncio.Semaphore(self.request.definition.concurrency)
            name = self.request.variant
            self._model = self._open.enter_context(self.adapter.open({name: self.request}))[name]
        return self._model


def panel_of(
    locked: LockedSpec,
    root: Path,
    *,
    rehash: bool = False,
    graders: Registry[Any] = GRADERS,
    providers: Registry[Adapter] = PROVIDERS,
) -> Panel:
    """The graders of a spec, those of its `grader_models` with their models. Weights are digested, nothing is loaded.
    Raises InputError FTS-127 for a grader that needs no model, and what a provider's `resolve` raises."""
    bound: dict[str, Grader] = {}
    behind: dict[str, Behind] = {}
    closers = []
    for name, entry in locked.spec.grader_models.items():
        model = _model(name, locked, root, providers, rehash)
        closers.append(model.close)
        for served in entry.serves:
            bound[served] = _shape(served, name, graders).bind(model)
            behind[served] = Behind(
                name, model.who, model.prices, model.request.definition.concurrency, entry.may_grade_itself
            )
    return Panel(bound, graders, behind, tuple(closers), certificates_of(root))


def _model(name: str, locked: LockedSpec, root: Path, providers: Registry[Adapter], rehash: bool) -> OpenedModel:
    entry = locked.spec.grader_models[name]
    definition = locked.providers[entry.provider]
    adapter = providers.get(definition.kind)
    settings = Generation(temperature=0.0)
    request = adapter.resolve(Request(name, entry.entry(), (), definition, root, settings, grading=True))
    who = adapter.identify(request, rehash)
    return OpenedModel(request, adapter, who, adapter.price(request), entry.max_tokens)


def _shape(served: str, name: str, graders: Registry[Any]) -> NeedsModel:
    shape = graders.get(served)
    if not isinstance(shape, NeedsModel):
        raise InputError(
            f"the grader {served} needs no model.",
            code="FTS-127",
            where=Where(key=f"grader_models.{name}.serves"),
            hint="Leave it out: it grades by itself.",
        )
    return shape


def _config(max_tokens: int, logprobs: bool) -> Any:
    from inspect_ai.model import GenerateConfig

    first = {"logprobs": True, "top_logprobs": 5} if logprobs else {}
    return GenerateConfig(max_tokens=max_tokens, **first)


def _chat(messages: Sequence[tuple[str, str]] | str) -> list[ChatMessage]:
    from inspect_ai.model import ChatMessageAssistant, ChatMessageSystem, ChatMessageUser

    roles = {"system": ChatMessageSystem, "user": ChatMessageUser, "assistant": ChatMessageAssistant}
    pairs = [("user", messages)] if isinstance(messages, str) else messages
    return [roles[role](content=text) for role, text in pairs]


async def _completed(model: Model, text: str, max_tokens: int) -> Asked:
    from ftsafety_spec.providers.engine_model import Draw, doors_of

    complete = doors_of(model).complete
    if complete is None:
        raise NoAnswer("this model completes no text")
    reply = await complete(text, Draw(temperature=0.0, top_p=None, max_tokens=max_tokens, seed=None))
    return Asked(reply.text, reply.stop)


def _asked(output: ModelOutput, prices: Prices | None) -> Asked:
    choice = output.choices[0] if output.choices else None
    if output.error or choice is None:
        return Asked("", refused=output.error or "no answer")
    first: Mapping[str, float] = {}
    if choice.logprobs is not None and choice.logprobs.content:
        tops = choice.logprobs.content[0].top_logprobs or ()
        first = {top.token: top.logprob for top in tops}
    return Asked(output.completion, choice.stop_reason, _usd(output, prices), first)


def _usd(output: ModelOutput, prices: Prices | None) -> str | None:
    if prices is None or output.usage is None:
        return None
    usd = (output.usage.input_tokens * prices.input + output.usage.output_tokens * prices.output) / 1e6
    return f"{usd:.8f}"
