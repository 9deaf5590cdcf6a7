"""The batch API in OpenAI's form: files go up, a batch is made of one, its rows are answered after a while, results and
errors come down as files. Rows can fail, a batch can be held back, end early or be refused, as `Batches` is told."""

from __future__ import annotations

import asyncio
import itertools
import json
import time
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from typing import Any

from local_provider.jobs import file_form
from local_provider.wire import Answer, Call, CutError, refused

Row = Callable[[dict[str, Any]], Awaitable[dict[str, Any]]]
"""From the body of a row's request to the body of its answer."""


@dataclass
class Batch:
    """One batch as it stands."""

    id: str
    input: str
    endpoint: str
    metadata: dict[str, str] | None
    status: str = "validating"
    output: str | None = None
    errors: str | None = None
    total: int = 0
    done: int = 0
    failed: int = 0
    created: int = field(default_factory=lambda: int(time.time()))

    def form(self) -> dict[str, Any]:
        """A batch object."""
        refusal = {"object": "list", "data": [{"code": "invalid", "message": "placeholder refusal", "line": 1}]}
        return {
            "id": self.id,
            "object": "batch",
            "endpoint": self.endpoint,
            "input_file_id": self.input,
            "completion_window": "24h",
            "status": self.status,
            "output_file_id": self.output,
            "error_file_id": self.errors,
            "errors": refusal if self.status == "failed" else None,
            "metadata": self.metadata,
            "created_at": self.created,
            "request_counts": {"total": self.total, "completed": self.done, "failed": self.failed},
        }


class Batches:
    """Files and batches. `held`: nothing is answered while it is set; `ends_as`: how a batch ends; `only`: of an
    expired or cancelled one, so many rows were answered; `fail_every` n: each n-th row fails; `cut_after_create`: the
    next creation is done, but its answer is lost."""

    def __init__(self, row: Row) -> None:
        self.seconds = 0.0
        self.held = False
        self.ends_as = "completed"
        self.only = 0
        self.fail_every: int | None = None
        self.cut_after_create = False
        self.files: dict[str, tuple[str, bytes]] = {}
        self.made: dict[str, Batch] = {}
        self._row = row
        self._numbers = itertools.count(1)
        self._work: set[asyncio.Task[None]] = set()

    def answer(self, call: Call) -> Answer | None:
        """What a call to files or batches gets; None where it is about a file that is not here."""
        kind, *rest = call.parts
        if kind == "batches":
            return self._batches(call, rest)
        if call.method == "POST":
            form = call.form()
            name = self._put("batch_input.jsonl", form["file"])
            return 200, {}, file_form(name, "batch_input.jsonl", len(form["file"]), form["purpose"].decode())
        found = self.files.get(rest[0])
        if found is None:
            return None
        if rest[1:] == ["content"]:
            return 200, {"content-type": "application/octet-stream"}, found[1]
        return 200, {}, file_form(rest[0], found[0], len(found[1]), "batch")

    def _put(self, filename: str, content: bytes) -> str:
        name = f"file-batch-{next(self._numbers)}"
        self.files[name] = (filename, content)
        return name

    def _batches(self, call: Call, rest: list[str]) -> Answer:
        if not rest and call.method == "GET":
            data = [batch.form() for batch in reversed(self.made.values())]
            return 200, {}, {"object": "list", "data": data, "has_more": False}
        if not rest:
            return self._create(call.json())
        batch = self.made.get(rest[0])
        if batch is None:
            return refused(404, "no such batch")
        if rest[1:] == ["cancel"]:
            batch.status = "cancelled"
        return 200, {}, batch.form()

    def _create(self, wanted: dict[str, Any]) -> Answer:
        if wanted["input_file_id"] not in self.files:
            return refused(400, "no such file")
        name = f"batch_{next(self._numbers)}"
        batch = Batch(name, wanted["input_file_id"], wanted["endpoint"], wanted.get("metadata"))
        self.made[name] = batch
        task = asyncio.get_running_loop().create_task(self._run(batch))
        self._work.add(task)
        task.add_done_callback(self._work.discard)
        if self.cut_after_create:
            self.cut_after_create = False
            raise CutError
        return 200, {}, batch.form()

    async def _run(self, batch: Batch) -> None:
        rows = [json.loads(line) for line in self.files[batch.input][1].splitlines() if line.strip()]
        batch.total, batch.status = len(rows), "in_progress"
        await asyncio.sleep(self.seconds)
        while self.held:
            await asyncio.sleep(0.01)
        if batch.status == "cancelled" or self.ends_as == "failed":
            batch.status = batch.status if batch.status == "cancelled" else "failed"
            return
        whole = self.ends_as == "completed"
        answered = rows if whole else rows[: self.only]
        results = await asyncio.gather(*(self._answered(number, row) for number, row in enumerate(answered, start=1)))
        unanswered = [_error(row, f"batch_{self.ends_as}") for row in rows[len(answered) :]]
        good = [row for row in results if row["response"]["status_code"] == 200]
        bad = [row for row in results if row["response"]["status_code"] != 200]
        batch.done, batch.failed = len(good), len(rows) - len(good)
        batch.output = self._put("output.jsonl", _lines(good)) if good else None
        batch.errors = self._put("errors.jsonl", _lines([*bad, *unanswered])) if bad or unanswered else None
        batch.status = self.ends_as

    async def _answered(self, number: int, row: dict[str, Any]) -> dict[str, Any]:
        status, body = 200, await self._row(row["body"])
        if self.fail_every and number % self.fail_every == 0:
            status, body = 500, {"error": {"message": "placeholder failure", "type": "server_error"}}
        response = {"status_code": status, "request_id": f"req-{number}", "body": body}
        return {"id": f"batch_req_{number}", "custom_id": row["custom_id"], "response": response, "error": None}


def _error(row: dict[str, Any], code: str) -> dict[str, Any]:
    error = {"code": code, "message": "This request was not answered before the batch ended."}
    return {"id": None, "custom_id": row["custom_id"], "response": None, "error": error}


def _lines(rows: list[dict[str, Any]]) -> bytes:
    return "".join(json.dumps(row) + "\n" for row in rows).encode()
