"""The little of HTTP/1.1 that the local provider needs. Given streams, gives requests and writes answers; never knows
what they mean."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Mapping
from dataclasses import dataclass
from email.parser import BytesParser
from email.policy import HTTP
from typing import Any

Answer = tuple[int, dict[str, str], Any]
"""Status, headers beside type and length, and what is sent: bytes as they are, anything else as JSON."""


class CutError(Exception):
    """Close the connection without an answer."""


@dataclass(frozen=True)
class Call:
    """One request. `path` without its query; field names in lower case."""

    method: str
    path: str
    query: str
    fields: Mapping[str, str]
    body: bytes

    @property
    def parts(self) -> list[str]:
        """The path's parts after the version: `/v1/files/x` and Azure's `/openai/files/x` are files, x."""
        parts = self.path.strip("/").split("/")
        return parts[1:] if parts[0] in ("v1", "openai") else parts

    def json(self) -> Any:
        """The body as JSON."""
        return json.loads(self.body)

    def form(self) -> dict[str, bytes]:
        """The parts of a multipart form by name."""
        head = f"content-type: {self.fields['content-type']}\r\n\r\n".encode()
        message = BytesParser(policy=HTTP).parsebytes(head + self.body)
        found = {}
        for part in message.iter_parts():  # type: ignore[attr-defined]
            found[str(part.get_param("name", header="content-disposition"))] = part.get_payload(decode=True)
        return found


async def read(reader: asyncio.StreamReader) -> Call:
    """The next request of a connection. Raises IncompleteReadError at its end."""
    head = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1")
    first, *lines = head.split("\r\n")
    method, target, _ = first.split(" ", 2)
    path, _, query = target.partition("?")
    fields = {name.strip().lower(): value.strip() for name, _, value in (line.partition(":") for line in lines)}
    body = await reader.readexactly(int(fields.get("content-length", 0)))
    return Call(method, path.rstrip("/"), query, fields, body)


def write(writer: asyncio.StreamWriter, answer: Answer) -> None:
    """Put an answer on a connection."""
    status, headers, content = answer
    data = content if isinstance(content, bytes) else json.dumps(content).encode()
    fields = {"content-type": "application/json", "content-length": str(len(data)), **headers}
    head = "".join(f"{name}: {value}\r\n" for name, value in fields.items())
    writer.write(f"HTTP/1.1 {status} x\r\n{head}\r\n".encode() + data)


def refused(status: int, message: str, kind: str = "invalid_request_error") -> Answer:
    """An error in the protocol's form."""
    return status, {}, {"error": {"message": message, "type": kind}}
