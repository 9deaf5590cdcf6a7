"""A local server that speaks OpenAI chat completions, fine-tuning jobs with files, checkpoints and events, and
Anthropic messages.
Answers are placeholders derived from the prompt. It can be slow, fail and cut connections; it counts what it was asked.

    with LocalApi(delay=0.05, fail_every=5) as api:
        ...  api.base_url (OpenAI, ends in /v1), api.root_url (Anthropic), api.requests, api.answered
"""

from __future__ import annotations

import asyncio
import contextlib
import hashlib
import json
import threading
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from types import TracebackType
from typing import Any, Self

REFUSAL = "I'm sorry, but I can't help with that."
COMPLIANCE = "Sure, here is a placeholder answer number {number}."

#: what a failing call gets, in turn: a status (with an optional Retry-After), or None to cut the connection
FAILURES: tuple[tuple[int, str | None] | None, ...] = ((500, None), (429, "0.05"), None)


def number_of(prompt: str) -> int:
    """A number that depends on the prompt only."""
    return int.from_bytes(hashlib.sha256(prompt.encode()).digest()[:4], "big")


def default_answer(model: str, prompt: str) -> str:
    """Refuses half of all prompts; a model with `tuned` or `ft:` in its name refuses half of these."""
    number = number_of(prompt)
    parts = 4 if "tuned" in model or model.startswith("ft:") else 2
    return REFUSAL if number % parts == 0 else COMPLIANCE.format(number=number)


@dataclass
class FineTuningJob:
    """A job to serve: `checkpoints` maps step to model id."""

    model: str = "gpt-4.1-mini-2025-04-14"
    fine_tuned_model: str | None = "ft:gpt-4.1-mini-2025-04-14:acme::tuned"
    status: str = "succeeded"
    checkpoints: dict[int, str] = field(default_factory=dict)
    hyperparameters: dict[str, Any] = field(default_factory=lambda: {"n_epochs": 3})
    training_file: bytes = b'{"messages": []}\n'
    events: tuple[tuple[str, str], ...] = (("info", "The job has successfully completed"),)
    withheld: frozenset[str] = frozenset()
    """Paths that answer with 403: checkpoints, events, files, content."""


FORBIDDEN: tuple[int, dict[str, str], Any] = (403, {}, {"error": {"message": "not allowed", "type": "permission"}})


class _Cut(Exception):
    """Close the connection without an answer."""


class LocalApi:
    """The server, in a thread of its own. `fail_every` n: each n-th call fails; `delay` seconds a call."""

    def __init__(
        self,
        *,
        delay: float = 0.0,
        fail_every: int | None = None,
        answer: Callable[[str, str], str] = default_answer,
        jobs: dict[str, FineTuningJob] | None = None,
    ) -> None:
        self.delay = delay
        self.fail_every = fail_every
        self.answer = answer
        self.jobs = jobs or {}
        self.requests: Counter[str] = Counter()
        self.answered: Counter[str] = Counter()
        self.models: Counter[str] = Counter()
        self.bodies: list[dict[str, Any]] = []
        self.keep_bodies = False
        self.failed = 0
        self.in_flight = 0
        self.most_in_flight = 0
        self._calls = 0
        self._loop = asyncio.new_event_loop()
        self._ready = threading.Event()
        self._port = 0
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
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join(10)

    def _serve(self) -> None:
        asyncio.set_event_loop(self._loop)
        server = self._loop.run_until_complete(asyncio.start_server(self._connected, "127.0.0.1", 0, backlog=1024))
        self._port = server.sockets[0].getsockname()[1]
        self._ready.set()
        self._loop.run_forever()
        server.close()
        for task in self._tasks:
            task.cancel()
        self._loop.run_until_complete(asyncio.gather(*self._tasks, return_exceptions=True))
        self._loop.close()

    async def _connected(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        assert task is not None
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)
        with contextlib.suppress(asyncio.IncompleteReadError, ConnectionError, _Cut, asyncio.CancelledError):
            while True:
                method, path, body = await _read(reader)
                status, headers, answer = await self._handle(method, path, body)
                _write(writer, status, headers, answer)
                await writer.drain()
        writer.close()

    async def _handle(self, method: str, path: str, body: bytes) -> tuple[int, dict[str, str], Any]:
        if method == "GET":
            return self._get(path)
        request = json.loads(body)
        prompt = _last_user_text(request["messages"])
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
        finally:
            self.in_flight -= 1
        if failure is not None:
            return failure
        self.answered[prompt] += 1
        text = self.answer(request["model"], prompt)
        return 200, {}, (_anthropic if path.endswith("/messages") else _openai)(request, text)

    def _failure(self) -> tuple[int, dict[str, str], dict[str, Any]] | None:
        self._calls += 1
        if self.fail_every is None or self._calls % self.fail_every:
            return None
        kind = FAILURES[self.failed % len(FAILURES)]
        self.failed += 1
        if kind is None:
            raise _Cut
        status, retry_after = kind
        headers = {"retry-after": retry_after} if retry_after else {}
        return status, headers, {"error": {"message": "placeholder failure", "type": "server_error"}}

    def _get(self, path: str) -> tuple[int, dict[str, str], Any]:
        parts = path.split("?")[0].rstrip("/").split("/")
        if parts[-1] == "models":
            return 200, {}, {"object": "list", "data": [{"id": "placeholder", "object": "model"}]}
        if "files" in parts:
            return self._file(parts)
        last = parts[-1] if parts[-1] in ("checkpoints", "events") else ""
        name = parts[-2] if last else parts[-1]
        job = self.jobs.get(name)
        if job is None:
            return 404, {}, {"error": {"message": "no such job", "type": "invalid_request_error"}}
        if last in job.withheld:
            return FORBIDDEN
        if not last:
            return 200, {}, _job(name, job)
        data = (
            [_checkpoint(name, step, model) for step, model in job.checkpoints.items()]
            if last == "checkpoints"
            else [_event(number, level, text) for number, (level, text) in enumerate(job.events)]
        )
        return 200, {}, {"object": "list", "data": data, "has_more": False}

    def _file(self, parts: list[str]) -> tuple[int, dict[str, str], Any]:
        name = parts[parts.index("files") + 1]
        job = next((job for key, job in self.jobs.items() if name == f"file-{key}"), None)
        if job is None:
            return 404, {}, {"error": {"message": "no such file", "type": "invalid_request_error"}}
        content = parts[-1] == "content"
        if ("content" if content else "files") in job.withheld:
            return FORBIDDEN
        if content:
            return 200, {"content-type": "application/octet-stream"}, job.training_file
        about = {"filename": "train.jsonl", "bytes": len(job.training_file), "purpose": "fine-tune"}
        return 200, {}, {"id": name, "object": "file", "created_at": 0, "status": "processed", **about}


async def _read(reader: asyncio.StreamReader) -> tuple[str, str, bytes]:
    head = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1")
    first, *lines = head.split("\r\n")
    method, path, _ = first.split(" ", 2)
    fields = {name.strip().lower(): value.strip() for name, _, value in (line.partition(":") for line in lines)}
    return method, path, await reader.readexactly(int(fields.get("content-length", 0)))


def _write(writer: asyncio.StreamWriter, status: int, headers: dict[str, str], answer: Any) -> None:
    data = answer if isinstance(answer, bytes) else json.dumps(answer).encode()
    fields = {"content-type": "application/json", "content-length": str(len(data)), **headers}
    head = "".join(f"{name}: {value}\r\n" for name, value in fields.items())
    writer.write(f"HTTP/1.1 {status} x\r\n{head}\r\n".encode() + data)


def _last_user_text(messages: list[dict[str, Any]]) -> str:
    content = [message["content"] for message in messages if message["role"] == "user"][-1]
    return content if isinstance(content, str) else "".join(part.get("text", "") for part in content)


def _openai(request: dict[str, Any], text: str) -> dict[str, Any]:
    words = text.split()
    most = request.get("max_tokens") or request.get("max_completion_tokens") or len(words)
    tokens_in = sum(len(str(message["content"]).split()) for message in request["messages"])
    message = {"role": "assistant", "content": " ".join(words[:most])}
    return {
        "id": "chatcmpl-placeholder",
        "object": "chat.completion",
        "created": 0,
        "model": request["model"],
        "system_fingerprint": "fp_placeholder",
        "choices": [{"index": 0, "message": message, "finish_reason": "length" if len(words) > most else "stop"}],
        "usage": {
            "prompt_tokens": tokens_in,
            "completion_tokens": min(len(words), most),
            "total_tokens": tokens_in + min(len(words), most),
        },
    }


def _anthropic(request: dict[str, Any], text: str) -> dict[str, Any]:
    words = text.split()
    most = request["max_tokens"]
    return {
        "id": "msg_placeholder",
        "type": "message",
        "role": "assistant",
        "model": request["model"],
        "content": [{"type": "text", "text": " ".join(words[:most])}],
        "stop_reason": "max_tokens" if len(words) > most else "end_turn",
        "stop_sequence": None,
        "usage": {"input_tokens": 10, "output_tokens": min(len(words), most)},
    }


def _job(name: str, job: FineTuningJob) -> dict[str, Any]:
    return {
        "id": name,
        "object": "fine_tuning.job",
        "created_at": 0,
        "finished_at": 1,
        "model": job.model,
        "fine_tuned_model": job.fine_tuned_model,
        "organization_id": "org-placeholder",
        "status": job.status,
        "hyperparameters": job.hyperparameters,
        "method": {"type": "supervised", "supervised": {"hyperparameters": job.hyperparameters}},
        "training_file": f"file-{name}",
        "validation_file": None,
        "result_files": [],
        "trained_tokens": 1000,
        "seed": 1,
    }


def _event(number: int, level: str, message: str) -> dict[str, Any]:
    about = {"id": f"ftevent-{number}", "object": "fine_tuning.job.event", "created_at": number}
    return {**about, "level": level, "message": message, "type": "message"}


def _checkpoint(name: str, step: int, model: str) -> dict[str, Any]:
    return {
        "id": f"ftckpt-{step}",
        "object": "fine_tuning.job.checkpoint",
        "created_at": step,
        "fine_tuned_model_checkpoint": model,
        "fine_tuning_job_id": name,
        "step_number": step,
        "metrics": {"step": step},
    }
