"""What differs beside the weights (R-55): config, tokenizer, chat template, generation settings. Given two folders of
weights or two GGUF files, gives differences with both values. Such a file can change behaviour as weights do: a chat
template is text that every conversation begins with. Never renders or runs a template."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from ftsafety_spec.providers.gguf_header import read_header
from ftsafety_spec.records.base import digest_text

FILES = {
    "config.json": "config",
    "generation_config.json": "generation_config",
    "tokenizer.json": "tokenizer",
    "tokenizer_config.json": "tokenizer",
    "special_tokens_map.json": "tokenizer",
    "added_tokens.json": "tokenizer",
}
"""File to the analysis that it belongs to."""
IDLE = frozenset({"_name_or_path", "transformers_version", "torch_dtype", "dtype", "name_or_path", "_commit_hash",
                  "chat_template", "vocab_file", "merges_file"})  # fmt: skip
"""Keys that say where a file came from, or are compared by themselves."""
LONGEST = 200
MOST_BYTES = 256 * 1024 * 1024


@dataclass(frozen=True)
class Difference:
    """One key of one file. Values as JSON, long ones as a digest; null: not there."""

    analysis: str
    key: str
    base: str | None
    tuned: str | None


def compare_settings(base: Path, tuned: Path) -> tuple[Difference, ...]:
    """All differences, by file and key."""
    if base.is_file() or tuned.is_file():
        return tuple(_gguf(base, tuned)) if base.is_file() and tuned.is_file() else ()
    found = [item for name, analysis in FILES.items() for item in _file(base / name, tuned / name, analysis)]
    return (*found, *_template(_chat_template(base), _chat_template(tuned)))


def brought_along(base: Path, adapter: Path) -> tuple[Difference, ...]:
    """What an adapter's folder brings beside its weights, where it brings it: a tokenizer or chat template of its own
    that differs from base's is shown, since whoever serves the adapter may use it."""
    if not adapter.is_dir():
        return ()
    if base.is_file():
        return tuple(_beside_gguf(base, adapter))
    names = [name for name in FILES if name != "config.json" and (adapter / name).is_file()]
    found = [item for name in names for item in _file(base / name, adapter / name, FILES[name])]
    own = _chat_template(adapter)
    return (*found, *(_template(_chat_template(base), own) if own is not None else ()))


def _beside_gguf(base: Path, adapter: Path) -> Iterator[Difference]:
    """A GGUF base holds its tokenizer in another form: that one is brought is said, only templates are compared."""
    for name in ("tokenizer.json", "added_tokens.json"):
        if (adapter / name).is_file():
            yield Difference("tokenizer", f"{name}: brought, not comparable with a GGUF base", None, "brought")
    own = _chat_template(adapter)
    if own is not None:
        yield from _template(read_header(base).chat_template, own)


def _file(one: Path, other: Path, analysis: str) -> Iterator[Difference]:
    before, after = _read(one), _read(other)
    if before is None and after is None:
        return
    before, after = before or {}, after or {}
    for key in sorted({*before, *after} - IDLE):
        if before.get(key) != after.get(key):
            yield Difference(analysis, f"{one.name}: {key}", _said(before, key), _said(after, key))


def _read(path: Path) -> dict[str, Any] | None:
    """Flat enough to name what changed: the vocabulary and its merges are one key each."""
    try:
        if not path.is_file() or path.stat().st_size > MOST_BYTES:
            return None
        data = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError, RecursionError):
        return {"(unreadable)": True}
    if not isinstance(data, dict):
        return {"(whole)": data}
    inner = data.pop("model", None) if path.name == "tokenizer.json" else None
    return {**data, **({f"model.{k}": v for k, v in inner.items()} if isinstance(inner, dict) else {})}


def _said(data: Mapping[str, Any], key: str) -> str | None:
    if key not in data:
        return None
    text = json.dumps(data[key], ensure_ascii=False, sort_keys=True)
    if len(text) <= LONGEST:
        return text
    size = f"{len(data[key])} entries, " if isinstance(data[key], list | dict) else ""
    return f"{size}{digest_text(text)[:19]}"


def _chat_template(folder: Path) -> str | None:
    file = folder / "chat_template.jinja"
    if file.is_file():
        return file.read_text(encoding="utf-8", errors="replace")
    found = (_read(folder / "tokenizer_config.json") or {}).get("chat_template")
    return found if isinstance(found, str) or found is None else json.dumps(found, sort_keys=True)


def _template(one: str | None, other: str | None) -> Iterator[Difference]:
    if one != other:
        base, tuned = (None if t is None else f"{len(t)} characters, {digest_text(t)[:19]}" for t in (one, other))
        yield Difference("chat_template", "chat template", base, tuned)


def _gguf(base: Path, tuned: Path) -> Iterator[Difference]:
    one, other = read_header(base), read_header(tuned)
    yield from _template(one.chat_template, other.chat_template)
    if one.tokenizer != other.tokenizer:
        yield Difference("tokenizer", "tokenizer", one.tokenizer, other.tokenizer)
    for key in sorted({*one.metadata, *other.metadata}):
        if key.startswith(("general.", "tokenizer.")) or one.metadata.get(key) == other.metadata.get(key):
            continue
        yield Difference("config", key, _said(one.metadata, key), _said(other.metadata, key))
