"""Provider kind `recorded`: answers that were made elsewhere, looked up by the prompt's digest.
Gives models that never run anything; what was not recorded is `not_run`, never an answer."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

from ftsafety_spec.errors import InputError, Where
from ftsafety_spec.providers.base import REPEAT, Capabilities, NoAnswer, Request
from ftsafety_spec.providers.digests import file_digest
from ftsafety_spec.providers.recording import Recording, read_recording
from ftsafety_spec.records.base import digest_text
from ftsafety_spec.records.identity import Identity, ProviderIdentity
from ftsafety_spec.spec.provider import Prices

if TYPE_CHECKING:
    from inspect_ai.model import Model

    from ftsafety_spec.providers.engine_model import Draw, Reply

_CONNECTIONS = 64
_GONE = "the model itself is not at hand, only answers that it gave"


class RecordedAnswers:
    """Answers out of files."""

    kind = "recorded"

    def resolve(self, request: Request) -> Request:
        """Read the file once. Raises InputError FTS-110, FTS-111, FTS-125."""
        if request.stack:
            raise InputError(
                "recorded answers cannot be given adapters.",
                code="FTS-110",
                where=Where(key=f"models.{request.variant}.adapters"),
                hint="Record the adapted model's answers and name that file.",
            )
        read_recording(_path(request))
        return request

    def identify(self, request: Request, rehash: bool = False) -> Identity:
        """The file's digest, and which model the header claims."""
        path = _path(request)
        claims = read_recording(path).claims
        return Identity(
            kind="recorded",
            engine="recorded",
            recording=file_digest(path, request.root, rehash),
            provider=ProviderIdentity(
                name=str(claims.get("tool", "unknown")), model=str(claims.get("model", "unknown"))
            ),
        )

    def capabilities(self, request: Request) -> Capabilities:  # noqa: ARG002
        """Nothing but the answers."""
        return Capabilities(why_not=dict.fromkeys(("logprobs", "weights", "adapters", "batch", "seed"), _GONE))

    def price(self, request: Request) -> Prices | None:  # noqa: ARG002
        """Nothing: the answers are there."""
        return Prices(input=0, output=0)

    @contextmanager
    def open(self, requests: Mapping[str, Request]) -> Iterator[Mapping[str, Model]]:
        """Models that look answers up. Raises InputError FTS-125."""
        from ftsafety_spec.providers.engine_model import engine_model

        books: dict[Path, Recording] = {}
        models = {}
        for variant, request in requests.items():
            path = _path(request)
            books.setdefault(path, read_recording(path))
            models[variant] = engine_model(self.kind, request, Playback(books[path]).ask, _CONNECTIONS)
        yield models


@dataclass
class Playback:
    """Answers one variant's prompts out of a recording. Usage is 0: no token was spent now."""

    book: Recording
    asked: Counter[str] = field(default_factory=Counter)

    async def ask(self, messages: Sequence[Mapping[str, str]], draw: Draw) -> Reply:  # noqa: ARG002
        """The recorded answer to the last user message. Raises NoAnswer."""
        from ftsafety_spec.providers.engine_model import Reply

        prompt = _prompt(messages)
        repeat = self._repeat(prompt)
        found = self.book.answers.get((prompt, repeat))
        if found is None:
            more = f" (repeat {repeat})" if repeat else ""
            raise NoAnswer(f"not recorded{more}", state="not_run")
        if found.state in ("error", "not_run"):
            raise NoAnswer(f"recorded as {found.state}", state="not_run" if found.state == "not_run" else "error")
        stop = {"filtered": "content_filter", "truncated": "max_tokens"}.get(found.state, "stop")
        return Reply(found.text or "", stop, tokens_in=0, tokens_out=0)  # type: ignore[arg-type]

    def _repeat(self, prompt: str) -> int:
        from inspect_ai.solver._task_state import sample_state

        given = REPEAT.get()
        if given is not None:
            return given
        state = sample_state()
        if state is not None:
            return state.epoch - 1
        self.asked[prompt] += 1
        return self.asked[prompt] - 1


def _prompt(messages: Sequence[Mapping[str, str]]) -> str:
    """Digest of the user's message, or of all turns with their roles: as `catalog.base.Prompt.transcript` has it."""
    turns = [message for message in messages if message["role"] != "system"]
    if len(turns) == 1:
        return digest_text(turns[0]["content"])
    return digest_text("\n\n".join(f"{turn['role']}: {turn['content']}" for turn in turns))


def _path(request: Request) -> Path:
    if request.entry.answers is None:
        raise InputError(
            "a model on recorded needs `answers:`.", code="FTS-110", where=Where(key=f"models.{request.variant}")
        )
    return request.root / Path(request.entry.answers).expanduser()


PROVIDER = RecordedAnswers()
