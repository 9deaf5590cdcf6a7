"""OpenAI's batch API through its SDK, for OpenAI itself and for Azure OpenAI. Given rows of requests, gives what came
of them: completions, a filter's word, or a reason why there is no answer. A batch is made by one call, never retried
blindly: one whose answer was lost is looked up."""

from __future__ import annotations

import json
from collections.abc import Awaitable, Callable, Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any, Literal, TypeVar, cast

from ftsafety_spec.providers.base import NoAnswer
from ftsafety_spec.providers.kept_batches import Ended, NotNow

if TYPE_CHECKING:
    from openai import AsyncOpenAI
    from openai.types import Batch

Endpoint = Literal["/v1/chat/completions", "/v1/responses"]
T = TypeVar("T")
OVER = frozenset({"completed", "failed", "expired", "cancelled"})
_NEWEST = 200
"""Batches that are looked through for one whose id was lost."""


class OpenAIDoor:
    """One model behind one endpoint: a batch may hold requests to a single model only."""

    most = 50_000
    most_bytes = 180 * 1024 * 1024

    def __init__(self, client: Callable[[], AsyncOpenAI], model: str, endpoint: Endpoint) -> None:
        address = client().base_url
        self.name = f"openai {address.host}:{address.port}{address.path} {endpoint} {model}"
        self._client = client
        self._endpoint = endpoint

    def body(self, request: Mapping[str, Any]) -> dict[str, Any]:
        """Without what is not given and without headers, which belong to a single call."""
        from openai import NotGiven, Omit

        plain = {
            key: value
            for key, value in request.items()
            if not key.startswith("extra_") and key != "timeout" and not isinstance(value, NotGiven | Omit)
        }
        return {**plain, **(request.get("extra_body") or {})}

    async def upload(self, rows: Sequence[tuple[str, Mapping[str, Any]]]) -> str:
        """One JSONL file."""
        lines = [
            {"custom_id": name, "method": "POST", "url": self._endpoint, "body": dict(body)} for name, body in rows
        ]
        data = "".join(json.dumps(line) + "\n" for line in lines).encode()
        made = await _asked(lambda: self._client().files.create(file=("batch.jsonl", data), purpose="batch"))
        return made.id

    async def create(self, file: str) -> str:
        """One call; after a failure `find` tells whether it was made."""
        once = self._client().with_options(max_retries=0)
        made = await _asked(
            lambda: once.batches.create(completion_window="24h", endpoint=self._endpoint, input_file_id=file)
        )
        return made.id

    async def find(self, file: str) -> str | None:
        """Among the newest batches."""

        async def look() -> str | None:
            seen = 0
            async for batch in self._client().batches.list(limit=100):
                if batch.input_file_id == file:
                    return batch.id
                seen += 1
                if seen >= _NEWEST:
                    break
            return None

        return await _asked(look)

    async def ended(self, batch: str) -> Ended | None:
        """Its status, and its files of results once it is over."""
        try:
            found = await _asked(lambda: self._client().batches.retrieve(batch))
        except NoAnswer as error:
            if "NotFound" in str(error):
                return Ended("the provider does not know it any more", {})
            raise
        if found.status not in OVER:
            return None
        answers: dict[str, Any] = {}
        for file in (found.output_file_id, found.error_file_id):
            if file is not None:
                answers.update(self._answers(await self._content(file)))
        return Ended(_status(found), answers)

    async def _content(self, file: str) -> bytes:
        async def fetch() -> bytes:
            return (await self._client().files.content(file)).content

        return await _asked(fetch)

    def _answers(self, content: bytes) -> Iterator[tuple[str, Any]]:
        for line in content.splitlines():
            if line.strip():
                row = json.loads(line)
                yield row["custom_id"], self._answer(row)

    def _answer(self, row: Mapping[str, Any]) -> Any:
        response = row.get("response") or {}
        body = response.get("body") or {}
        if row.get("error") is None and response.get("status_code") == 200:
            return _answered(body, self._endpoint)
        return _failure(row.get("error") or body.get("error") or {}, response.get("status_code"))


def _answered(body: Mapping[str, Any], endpoint: Endpoint) -> Any:
    """The answer as the SDK would give it; one without any text is none."""
    from openai.types.chat import ChatCompletion
    from openai.types.responses import Response

    if endpoint == "/v1/responses":
        response = Response.model_validate(body)
        filtered = response.incomplete_details is not None and response.incomplete_details.reason == "content_filter"
        return response if response.output or filtered else NoAnswer("empty answer")
    completion = ChatCompletion.model_validate(body)
    choice = completion.choices[0] if completion.choices else None
    if choice is None:
        return NoAnswer("empty answer")
    said = (choice.message.content or "").strip() or choice.message.refusal or choice.message.tool_calls
    return completion if said or choice.finish_reason == "content_filter" else NoAnswer("empty answer")


def _failure(error: Mapping[str, Any], status: int | None) -> Exception:
    """A row that failed: what Inspect knows as a filter's word stays one, anything else is no answer."""
    from inspect_ai.model import ModelOutput
    from inspect_ai.model._openai import openai_handle_bad_request
    from openai import APIError

    message = str(error.get("message") or "no reason given").splitlines()[0][:160]
    fault = APIError(message, cast(Any, None), body=dict(error))
    if isinstance(openai_handle_bad_request("batch", fault), ModelOutput):
        return fault
    told = " ".join(str(part) for part in (status, error.get("code")) if part)
    return NoAnswer(f"the row failed in its batch ({told or 'no status'}): {message}")


def _status(found: Batch) -> str:
    told = found.errors.data if found.errors is not None and found.errors.data else []
    return f"{found.status}: {told[0].message}"[:200] if told else found.status


async def _asked(call: Callable[[], Awaitable[T]]) -> T:
    """What a call gives. Raises NotNow for what may pass, NoAnswer for what does not."""
    from openai import APIConnectionError, APIError, APIStatusError

    try:
        return await call()
    except APIConnectionError as error:
        raise NotNow from error
    except APIStatusError as error:
        if error.status_code in (408, 409, 429) or error.status_code >= 500:
            raise NotNow from error
        raise NoAnswer(f"the batch API answered {error.status_code} {type(error).__name__}") from error
    except APIError as error:
        raise NoAnswer(f"the batch API could not be used: {type(error).__name__}") from error
