"""The three tables of a run: answers, grades, texts. Given journal rows, gives Parquet files and back.
A table's digest is the hash of its sorted row digests, not of a file's bytes. DuckDB is the one engine."""

from __future__ import annotations

import hashlib
import heapq
import itertools
import json
import tempfile
from collections.abc import Iterable, Iterator, Mapping
from contextlib import ExitStack
from pathlib import Path
from typing import IO, TYPE_CHECKING, Any, Literal, get_args

from pydantic import Field

from ftsafety_spec.records.base import Digest, Moment, Part, Usd, digest_of
from ftsafety_spec.spec.common import PromptKind, Provenance

if TYPE_CHECKING:
    import duckdb

Channel = Literal["automated", "canary", "manual", "spot_check"]
AnswerState = Literal["ok", "filtered", "truncated", "error", "not_run"]


class Answer(Part):
    """One answer of one variant to one prompt. `answer` is its key; the text is elsewhere, by digest."""

    answer: Digest
    generation_key: Digest
    variant: str
    suite: str
    task: str
    prompt: Digest
    prompt_id: str
    cluster: Digest
    kind: PromptKind
    category: str
    area: str
    domain: bool = False
    condition: str = "plain"
    repeat: int = Field(ge=0)
    turn: int | None = None
    asks: bool | None = Field(None, description="Of a conversation's turn: whether it asks for harm")
    draw: int = Field(ge=0, description="Rank in the seeded order")
    provenance: Provenance = "measured"
    channel: Channel = "automated"
    state: AnswerState
    reason: str | None = None
    text: Digest | None = None
    tokens_in: int | None = None
    tokens_out: int | None = None
    usd: Usd | None = None
    seconds: float | None = None
    at: Moment | None = None
    log: str | None = None


class Grade(Part):
    """One grader's reading of one answer for one outcome. `value` in [0, 1]; null when unscored."""

    grade: Digest
    answer: Digest
    grader: str
    grader_identity: Digest
    person: str | None = None
    outcome: str
    value: float | None = Field(None, ge=0, le=1)
    sure: float | None = Field(None, ge=0, le=1)
    role: Literal["primary", "second", "adjudication"] = "primary"
    state: Literal["scored", "unscored"]
    reason: str | None = None
    usd: Usd | None = None
    seconds: float | None = None
    at: Moment | None = None


class TextRow(Part):
    """A text by its digest; optional: compare, gate and verify never read it."""

    digest: Digest
    body: str


TABLES: dict[str, type[Part]] = {"answers": Answer, "grades": Grade, "texts": TextRow}
KEYS: dict[str, tuple[str, ...]] = {
    # one answer may serve two variants, suites or tasks (shared prompts); one reading serves equal texts
    "answers": ("variant", "suite", "task", "prompt_id", "condition", "repeat", "turn"),
    "grades": ("answer", "grade", "role", "person"),
    "texts": ("digest",),
}
#: not content: when and how fast something ran is kept, but does not change a table's digest
UNSEALED = frozenset({"at", "seconds", "log", "usd"})

SORT_RUN = 2048
ROW_GROUP = 4096

_SQL: dict[type, str] = {bool: "BOOLEAN", int: "BIGINT", float: "DOUBLE"}


def table_digest(rows: Iterable[Mapping[str, Any]]) -> str:
    """sha256 over the sorted digests of rows (each without `UNSEALED` fields)."""
    digests = sorted(digest_of({k: v for k, v in row.items() if k not in UNSEALED}) for row in rows)
    return "sha256:" + hashlib.sha256("".join(digests).encode()).hexdigest()


def columns(table: str) -> dict[str, str]:
    """Column name to DuckDB type, from the row model."""
    found = {}
    for name, info in TABLES[table].model_fields.items():
        options = set(get_args(info.annotation)) or {info.annotation}
        found[name] = next((sql for kind, sql in _SQL.items() if kind in options), "VARCHAR")
    return found


def write_parquet(path: Path, table: str, rows: Iterable[Mapping[str, Any]]) -> int:
    """Write rows in a canonical order, through temporary files; returns how many. Memory does not grow with the rows:
    they are sorted in runs on disk, and DuckDB streams the merged runs."""
    import duckdb

    staged, temporary = path.with_suffix(".staged.jsonl"), path.with_suffix(".tmp")
    count, longest = _stage(staged, table, rows)
    with duckdb.connect() as db:
        db.execute("SET threads=1")
        if count == 0:
            fields = ", ".join(f'NULL::{sql} AS "{name}"' for name, sql in columns(table).items())
            source = f"(SELECT {fields} WHERE false)"
        else:
            types = "{" + ", ".join(f"'{name}': '{sql}'" for name, sql in columns(table).items()) + "}"
            options = f"format='newline_delimited', columns={types}, maximum_object_size={longest + 1024}"
            source = f"read_json({_quote(staged)}, {options})"
        how = f"FORMAT parquet, COMPRESSION zstd, ROW_GROUP_SIZE {ROW_GROUP}"
        db.execute(f"COPY (SELECT * FROM {source}) TO {_quote(temporary)} ({how})")
    staged.unlink()
    temporary.replace(path)
    return count


def _stage(staged: Path, table: str, rows: Iterable[Mapping[str, Any]]) -> tuple[int, int]:
    """Write rows as JSON lines in the order of the table's key; returns how many, and the longest line's length."""
    count, longest = 0, 0
    with ExitStack() as stack:
        runs = [stack.enter_context(run) for run in _runs(staged.parent, table, rows)]
        with staged.open("wb") as handle:
            for line in heapq.merge(*runs, key=lambda line: _order(table, json.loads(line))):
                handle.write(line)
                count, longest = count + 1, max(longest, len(line))
    return count, longest


def _runs(folder: Path, table: str, rows: Iterable[Mapping[str, Any]]) -> Iterator[IO[bytes]]:
    """Temporary files of at most `SORT_RUN` sorted rows each, read from their beginnings."""
    rest = iter(rows)
    while batch := sorted(itertools.islice(rest, SORT_RUN), key=lambda row: _order(table, row)):
        run = tempfile.TemporaryFile(dir=folder)  # noqa: SIM115 (closed by whoever merges)
        for row in batch:
            run.write(json.dumps(row, ensure_ascii=True, separators=(",", ":")).encode() + b"\n")
        run.seek(0)
        yield run


def _order(table: str, row: Mapping[str, Any]) -> tuple[tuple[bool, Any], ...]:
    """Sort key: by the table's key, nulls last."""
    return tuple((row.get(name) is None, row.get(name) if row.get(name) is not None else 0) for name in KEYS[table])


def read_parquet(path: Path, where: str = "true") -> Iterator[dict[str, Any]]:
    """Rows as plain mappings, streamed; `where` is a DuckDB condition of ours, never of a user."""
    import duckdb

    with duckdb.connect() as db:
        cursor = db.execute(f"SELECT * FROM read_parquet({_quote(path)}) WHERE {where}")
        names = [item[0] for item in cursor.description]
        while batch := cursor.fetchmany(10_000):
            for row in batch:
                yield dict(zip(names, row, strict=True))


def connect(**tables: Path) -> duckdb.DuckDBPyConnection:
    """A DuckDB connection with a view for each Parquet file. Columns that an earlier version did not write are null."""
    import duckdb

    db = duckdb.connect()
    for name, path in tables.items():
        source = f"read_parquet({_quote(path)})"
        there = {row[0] for row in db.execute(f"DESCRIBE SELECT * FROM {source}").fetchall()}
        later = {key: sql for key, sql in columns(name).items() if key not in there} if name in TABLES else {}
        more = "".join(f', NULL::{sql} AS "{key}"' for key, sql in later.items())
        db.execute(f"CREATE VIEW {name} AS SELECT *{more} FROM {source}")
    return db


def _quote(path: Path) -> str:
    return "'" + str(path).replace("'", "''") + "'"
