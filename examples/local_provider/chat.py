"""Answers in the forms of OpenAI's chat completions and Anthropic's messages. Given a request and what was said, gives
the body of the answer. `Said` may come from a model or be made up."""

from __future__ import annotations

import hashlib
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Any

REFUSAL = "I'm sorry, but I can't help with that."
COMPLIANCE = "Sure, here is a placeholder answer number {number}."


@dataclass(frozen=True)
class Said:
    """One answer. `cut`: it reached max_tokens."""

    text: str
    tokens_in: int
    tokens_out: int
    cut: bool
    logprobs: dict[str, Any] | None = None


Respond = Callable[[dict[str, Any]], Awaitable[Said]]
"""From the body of a chat request to an answer."""


def number_of(prompt: str) -> int:
    """A number that depends on the prompt only."""
    return int.from_bytes(hashlib.sha256(prompt.encode()).digest()[:4], "big")


def default_answer(model: str, prompt: str) -> str:
    """Refuses half of all prompts; a model with `tuned` or `ft:` in its name refuses half of these."""
    number = number_of(prompt)
    parts = 4 if "tuned" in model or model.startswith("ft:") else 2
    return REFUSAL if number % parts == 0 else COMPLIANCE.format(number=number)


def most_tokens(request: dict[str, Any]) -> int | None:
    """How long an answer may get, where the request says so."""
    return request.get("max_tokens") or request.get("max_completion_tokens")


def last_user_text(messages: list[dict[str, Any]]) -> str:
    """What the user said last."""
    content = [message["content"] for message in messages if message["role"] == "user"][-1]
    return content if isinstance(content, str) else "".join(part.get("text", "") for part in content)


def made_up(answer: Callable[[str, str], str], request: dict[str, Any]) -> Said:
    """What a function of model and prompt answers, a word a token."""
    words = answer(request["model"], last_user_text(request["messages"])).split()
    most = most_tokens(request) or len(words)
    tokens_in = sum(len(str(message["content"]).split()) for message in request["messages"])
    return Said(" ".join(words[:most]), tokens_in, min(len(words), most), len(words) > most)


def openai_form(request: dict[str, Any], said: Said, fingerprint: str) -> dict[str, Any]:
    """A chat completion."""
    choice: dict[str, Any] = {
        "index": 0,
        "message": {"role": "assistant", "content": said.text},
        "finish_reason": "length" if said.cut else "stop",
    }
    if said.logprobs is not None:
        choice["logprobs"] = said.logprobs
    return {
        "id": "chatcmpl-placeholder",
        "object": "chat.completion",
        "created": 0,
        "model": request["model"],
        "system_fingerprint": fingerprint,
        "choices": [choice],
        "usage": {
            "prompt_tokens": said.tokens_in,
            "completion_tokens": said.tokens_out,
            "total_tokens": said.tokens_in + said.tokens_out,
        },
    }


def anthropic_form(request: dict[str, Any], said: Said) -> dict[str, Any]:
    """A message."""
    return {
        "id": "msg_placeholder",
        "type": "message",
        "role": "assistant",
        "model": request["model"],
        "content": [{"type": "text", "text": said.text}],
        "stop_reason": "max_tokens" if said.cut else "end_turn",
        "stop_sequence": None,
        "usage": {"input_tokens": said.tokens_in, "output_tokens": said.tokens_out},
    }
