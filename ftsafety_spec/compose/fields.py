"""Which keys a mapping of a file may have. Given a model, a key path and the data, gives names and descriptions.
Never reads a file."""

from __future__ import annotations

import types
from collections.abc import Iterator, Sequence
from typing import Annotated, Any, Literal, Union, get_args, get_origin

from pydantic import BaseModel


def fields_at(model: type[BaseModel], path: Sequence[str | int], data: Any) -> dict[str, str | None]:
    """Field name to description of the model that stands at a path; empty where none is found.
    A union is decided by the data's own `kind`."""
    current: Any = model
    for part in path:
        found = next(_models(current, data), None)
        data = _below(data, part)
        if found is not None:
            info = found.model_fields.get(str(part))
            current = info.annotation if info is not None else None
        else:
            current = _item_type(current)
        if current is None:
            return {}
    last = next(_models(current, data), None)
    return {name: info.description for name, info in last.model_fields.items()} if last is not None else {}


def _below(data: Any, part: str | int) -> Any:
    if isinstance(data, dict):
        return data.get(part)
    return data[part] if isinstance(data, list) and isinstance(part, int) and part < len(data) else None


def _models(annotation: Any, data: Any) -> Iterator[type[BaseModel]]:
    """The models that an annotation allows for this data."""
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        kind = annotation.model_fields.get("kind")
        words = get_args(kind.annotation) if kind is not None and get_origin(kind.annotation) is Literal else ()
        if not words or not isinstance(data, dict) or data.get("kind") in words or len(words) > 1:
            yield annotation
    elif get_origin(annotation) is Annotated:
        yield from _models(get_args(annotation)[0], data)
    elif get_origin(annotation) in (Union, types.UnionType):
        for option in get_args(annotation):
            yield from _models(option, data)


def _item_type(annotation: Any) -> Any:
    if get_origin(annotation) is Annotated:
        return _item_type(get_args(annotation)[0])
    if get_origin(annotation) in (Union, types.UnionType):
        return next((item for option in get_args(annotation) if (item := _item_type(option)) is not None), None)
    if get_origin(annotation) in (dict, list):
        return get_args(annotation)[-1]
    return None
