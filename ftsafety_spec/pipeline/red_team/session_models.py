"""Base and tuned of a run, opened for a person at the desk. Given a run folder and two variants, answers one message
of both at once, in a thread with a loop of its own; opened at the first message, ended by `close`."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping, Sequence
from concurrent.futures import Future
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from threading import Lock, Thread
from typing import TYPE_CHECKING, Any

from ftsafety_spec.errors import InputError
from ftsafety_spec.measure.asking import Draws, ask
from ftsafety_spec.measure.fresh import resolved
from ftsafety_spec.measure.halt import Halt, Purse
from ftsafety_spec.measure.ledger import Reply
from ftsafety_spec.measure.progress import Stop
from ftsafety_spec.providers.base import PROVIDERS, Adapter, Request, one_engine_only
from ftsafety_spec.providers.requests import requests_of
from ftsafety_spec.records.folder import RunFolder
from ftsafety_spec.records.locked import LockedSpec
from ftsafety_spec.records.plan import Plan
from ftsafety_spec.registry import Registry
from ftsafety_spec.spec.spec import Budget

if TYPE_CHECKING:
    from inspect_ai.model import Model

History = Sequence[tuple[str, str]]
"""Role and text of each message, the new one last."""


@dataclass(frozen=True)
class Said:
    """One model's reply and what it cost."""

    reply: Reply
    usd: str | None


class SessionModels:
    """The models of a run. `variants`: those that can be talked to."""

    def __init__(
        self, folder: RunFolder, root: Path, variants: Sequence[str], providers: Registry[Adapter] = PROVIDERS
    ) -> None:
        self.variants = tuple(variants)
        self._folder, self._root, self._providers = folder, root, providers
        self._open = ExitStack()
        self._models: Mapping[str, Model] | None = None
        self._requests: Mapping[str, Request] = {}
        self._lock = Lock()
        self._loop: asyncio.AbstractEventLoop | None = None
        self._thread: Thread | None = None
        self._closed = False
        self._stop = Stop()
        self._halt = Halt(self._stop, Purse(Budget(), lambda: 0.0))

    @property
    def opened(self) -> bool:
        """True once the engine answers."""
        return self._models is not None

    def ask(self, histories: Mapping[str, History], turn: int) -> Future[dict[str, Said]]:
        """Ask each variant with its own history, all at once. `turn` moves the seed on where answers are sampled. The
        future raises InputError FTS-131 where the weights are others than those measured, or EngineError."""
        return asyncio.run_coroutine_threadsafe(self._ask(histories, turn), self._running())

    async def _ask(self, histories: Mapping[str, History], turn: int) -> dict[str, Said]:
        models = self._opened()
        locked = self._folder.read(LockedSpec)  # who is asked, in which way, is in it
        draws = Draws(locked.spec.deployment.generation.temperature, locked.spec.seed + turn)

        async def one(name: str, history: History) -> Said:
            reply, _ = await ask(models[name], _chat(history), 0, draws, self._halt)
            return Said(reply, self._usd(name, reply))

        made = await asyncio.gather(*(one(name, history) for name, history in histories.items()))
        return dict(zip(histories, made, strict=True))

    def _opened(self) -> Mapping[str, Model]:
        """Open the engine, in the loop that will use it."""
        from inspect_ai.util._concurrency import init_concurrency

        if self._models is None:
            init_concurrency()
            locked = self._folder.read(LockedSpec)
            every = requests_of(locked, self._root)
            wanted = resolved({name: every[name] for name in self.variants}, self._folder.read(Plan), self._providers)
            one_engine_only(wanted)
            kind = next(iter(wanted.values())).definition.kind
            self._requests = wanted
            self._models = self._open.enter_context(self._providers.get(kind).open(wanted))
        return self._models

    def _usd(self, name: str, reply: Reply) -> str | None:
        request = self._requests[name]
        prices = self._providers.get(request.definition.kind).price(request)
        if prices is None or reply.tokens_in is None or reply.tokens_out is None:
            return None
        return f"{(reply.tokens_in * prices.input + reply.tokens_out * prices.output) / 1e6:.8f}"

    def _running(self) -> asyncio.AbstractEventLoop:
        with self._lock:
            if self._closed:
                raise InputError("the desk is closed.", code="FTS-115")
            if self._loop is None:
                self._loop = asyncio.new_event_loop()
                self._thread = Thread(target=self._loop.run_forever, name="red-team desk", daemon=True)
                self._thread.start()
            return self._loop

    def close(self) -> None:
        """End the models and their thread. What is being answered is let go."""
        with self._lock:
            self._closed = True
            self._stop.request()
            loop, self._loop = self._loop, None
        if loop is None or self._thread is None:
            return
        try:
            asyncio.run_coroutine_threadsafe(self._end(), loop).result(30)
        except TimeoutError:
            pass
        finally:
            loop.call_soon_threadsafe(loop.stop)
            self._thread.join(5)

    async def _end(self) -> None:
        others = [task for task in asyncio.all_tasks() if task is not asyncio.current_task()]
        for task in others:
            task.cancel()
        await asyncio.gather(*others, return_exceptions=True)
        models, self._models = self._models, None
        for model in (models or {}).values():
            await model.api.aclose()
        self._open.close()


def _chat(history: History) -> list[Any]:
    from inspect_ai.model import ChatMessageAssistant, ChatMessageUser

    kinds: dict[str, Any] = {"user": ChatMessageUser, "assistant": ChatMessageAssistant}
    return [kinds[role](content=text) for role, text in history]
