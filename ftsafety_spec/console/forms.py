"""What a form sent: given a request whose body the guard has read and checked, gives its fields."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from urllib.parse import parse_qs

from fastapi import Request

from ftsafety_spec.errors import InputError


@dataclass(frozen=True)
class Form:
    """Fields by name, in the order in which they were sent."""

    fields: Mapping[str, list[str]]

    def one(self, name: str) -> str:
        """The last value of a field; empty where it was not sent."""
        return (self.fields.get(name) or [""])[-1]

    def all(self, name: str) -> list[str]:
        """All values of a field."""
        return list(self.fields.get(name, ()))


async def form_of(request: Request) -> Form:
    """The fields of a request; a dependency of pages that write."""
    body = (await request.body()).decode("utf-8", "replace")
    return Form(parse_qs(body, keep_blank_values=True, max_num_fields=5000))


def person(name: str) -> str:
    """A person's name as it stands in records: one line, not empty, at most 120 characters. Raises InputError."""
    found = name.strip()
    if not found or len(found) > 120 or not found.isprintable():
        raise InputError("say who reviews: a name of one line, at most 120 characters.", code="FTS-115")
    return found
