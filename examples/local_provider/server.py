"""The server: OpenAI chat completions, batches, fine-tuning jobs with files, checkpoints and events, and Anthropic
messages. Answers are placeholders derived from the prompt, or a model's (`respond`). It can be slow, fail and cut
connections; it counts what it was asked.

    with LocalApi(delay=0.05, fail_every=5) as api:
        ...  api.base_url (OpenAI, ends in /v1), api.root_url (Anthropic), api.requests, api.answered
"""

from __future__ import annotations

import asyncio
import contextlib
import threading
from collections import Counter
from collections.abc import Callable
from types import TracebackType
from typing import Any, Self

from local_provider.batches import Batches
from local_provider.chat import (
    Respond,
    Said,
    anthropic_form,
    default_answer,
    last_user_text,
    made_up,
    openai_form,
)
from local_provider.jobs import FineTuningJob, job_answer, job_file
from local_provider.wire import Answer, Call, CutError, read, refused, write

FAILURES: tuple[tuple[int, str | None] | None, ...] = ((500, None), (429, "0.05"), None)
"""What a failing call gets, in turn: a status (with an optional Retry-After), or None to cut the connection."""


class LocalApi:
    """The server, in a thread of its own. `fail_every` n: each n-th call fails; `delay` seconds a call; `port` 0: any
    free one. `batched` counts the prompts of batches, `requests` those of single calls, `fetched` the files that were
    fetched."""

    def __init__(
        self,
        *,
        delay: float = 0.0,
        fail_every: int | None = None,
        answer: Callable[[str, str], str] = default_answer,
        jobs: dict[str, FineTuningJob] | None = None,
        respond: Respond | None = None,
        port: int = 0,
    ) -> None:
        self.delay = delay
        self.fail_every = fail_every
        self.answer = answer
        self.jobs = jobs or {}
        self.respond = respond
        self.fingerprint = "fp_placeholder"
        self.told: dict[str, Any] = {}
        """Further paths, in any provider's own form, to what is told there."""
        self.requests: Counter[str] = Counter()
        self.answered: Counter[str] = Counter()
        self.batched: Counter[str] = Counter()
        self.fetched: Counter[str] = Counter()
        self.models: Counter[str] = Counter()
        self.bodies: list[dict[str, Any]] = []
        self.keep_bodies = False
        self.failed = 0
        self.in_flight = 0
        self.most_in_flight = 0
        self.batches = Batches(self._row)
        self._calls = 0
        self._loop = asyncio.new_event_loop()
        self._ready = threading.Event()
        self._port = port
        self._fault: OSError | None = None
        self._tasks: set[asyncio.Task[None]] = set()
        self._thread = threading.Thread(target=self._serve, name="local-api", daemon=True)

    @property
    def root_url(self) -> str:
        """Address for the Anthropic SDK."""
        return f"http://127.0.0.1:{self._port}"

    @property
    def base_url(self) -> str:
        """Address for the OpenAI SDK."""
        return f"{self.root_url}/v1"

    def __enter__(self) -> Self:
        self._thread.start()
        self._ready.wait(10)
        if self._fault is not None:
            raise self._fault
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join(10)

    def _serve(self) -> None:
        asyncio.set_event_loop(self._loop)
        try:
            wanted = asyncio.start_server(self._connected, "127.0.0.1", self._port, backlog=1024, limit=1 << 20)
            server = self._loop.run_until_complete(wanted)
        except OSError as error:
            self._fault = error
            self._ready.set()
            return
        self._port = server.sockets[0].getsockname()[1]
        self._ready.set()
        self._loop.run_forever()
        server.close()
        pending = asyncio.all_tasks(self._loop)
        for task in pending:
            task.cancel()
        self._loop.run_until_complete(asyncio.gather(*pending, return_exceptions=True))
        self._loop.close()

    async def _connected(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        with contextlib.suppress(asyncio.IncompleteReadError, ConnectionError, CutError, asyncio.CancelledError):
            while True:
                write(writer, await self._handle(await read(reader)))
                await writer.drain()
        writer.close()

    async def _handle(self, call: Call) -> Answer:
        parts = call.parts
        if parts[0] in ("files", "batches"):
            return self._stored(call)
        if call.path in self.told:
            return 200, {}, self.told[call.path]
        if call.method == "GET":
            return self._told(parts)
        if parts[-1] not in ("completions", "messages"):
            return refused(404, f"nothing is served at {call.path}")
        return await self._chat(call)

    def _stored(self, call: Call) -> Answer:
        """Files and batches; these calls fail as others do."""
        failure = self._failure()
        if failure is not None:
            return failure
        found = self.batches.answer(call)
        if found is None:
            content = call.parts[2:] == ["content"]
            self.fetched[call.parts[1]] += content
            found = job_file(self.jobs, call.parts[1], content)
        return refused(404, "no such file") if found is None else found

    def _told(self, parts: list[str]) -> Answer:
        if parts[-1] == "models":
            return 200, {}, {"object": "list", "data": [{"id": "placeholder", "object": "model"}]}
        part = parts[-1] if parts[-1] in ("checkpoints", "events") else ""
        return job_answer(self.jobs, parts[-2] if part else parts[-1], part)

    async def _chat(self, call: Call) -> Answer:
        request = call.json()
        prompt = last_user_text(request["messages"])
        self.requests[prompt] += 1
        self.models[request["model"]] += 1
        if self.keep_bodies:
            self.bodies.append(request)
        self.in_flight += 1
        self.most_in_flight = max(self.most_in_flight, self.in_flight)
        try:
            if self.delay:
                await asyncio.sleep(self.delay)
            failure = self._failure()
            said = None if failure is not None else await self._said(request)
        finally:
            self.in_flight -= 1
        if failure is not None or said is None:
            return failure or refused(500, "nothing was said", "server_error")
        self.answered[prompt] += 1
        if call.path.endswith("/messages"):
            return 200, {}, anthropic_form(request, said)
        return 200, {}, openai_form(request, said, self.fingerprint)

    async def _row(self, request: dict[str, Any]) -> dict[str, Any]:
        """One row of a batch."""
        self.batched[last_user_text(request["messages"])] += 1
        if self.keep_bodies:
            self.bodies.append(request)
        return openai_form(request, await self._said(request), self.fingerprint)

    async def _said(self, request: dict[str, Any]) -> Said:
        return made_up(self.answer, request) if self.respond is None else await self.respond(request)

    def _failure(self) -> Answer | None:
        self._calls += 1
        if self.fail_every is None or self._calls % self.fail_every:
            return None
        kind = FAILURES[self.failed % len(FAILURES)]
        self.failed += 1
        if kind is None:
            raise CutError
        status, retry_after = kind
        headers = {"retry-after": retry_after} if retry_after else {}
        return status, headers, {"error": {"message": "placeholder failure", "type": "server_error"}}
