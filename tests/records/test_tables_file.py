"""Tables: Parquet and back, digests that know content only."""

from __future__ import annotations

import random
from pathlib import Path
from typing import Any

from ftsafety_spec.records.base import digest_of, digest_text
from ftsafety_spec.records.tables import Answer, Grade, columns, connect, read_parquet, table_digest, write_parquet


def answer(number: int, **changes: Any) -> dict[str, Any]:
    row = Answer(
        answer=digest_of(number),
        generation_key=digest_of("g"),
        variant="tuned",
        suite="core",
        task="basics",
        prompt=digest_text(f"p{number}"),
        prompt_id=f"p{number}",
        cluster=digest_text(f"p{number}"),
        kind="harmful",
        category="c",
        area="fraud",
        repeat=0,
        draw=number,
        state="ok",
        text=digest_text("x"),
        tokens_in=10,
        tokens_out=2,
        usd="0.000123",
        seconds=0.25,
        at="2026-11-24T10:00:00Z",
    ).model_dump(mode="json")
    return {**row, **changes}


def test_rows_come_back_as_they_were(tmp_path: Path) -> None:
    rows = [answer(n) for n in range(20)]
    assert write_parquet(tmp_path / "a.parquet", "answers", reversed(rows)) == 20
    back = list(read_parquet(tmp_path / "a.parquet"))
    assert sorted(back, key=lambda row: row["draw"]) == rows
    assert [Answer.model_validate(row) for row in back]


def test_a_table_without_rows_has_its_columns(tmp_path: Path) -> None:
    write_parquet(tmp_path / "g.parquet", "grades", [])
    assert list(read_parquet(tmp_path / "g.parquet")) == []
    with connect(grades=tmp_path / "g.parquet") as db:
        names = [row[0] for row in db.execute("DESCRIBE grades").fetchall()]
    assert names == list(Grade.model_fields)


def test_nothing_is_left_beside_the_table(tmp_path: Path) -> None:
    write_parquet(tmp_path / "a.parquet", "answers", [answer(1)])
    assert [path.name for path in tmp_path.iterdir()] == ["a.parquet"]


def test_digest_knows_neither_order_nor_time(tmp_path: Path) -> None:
    rows = [answer(n) for n in range(30)]
    shuffled = random.Random(1).sample(rows, len(rows))
    later = [{**row, "at": "2027-01-01T00:00:00Z", "seconds": 9.0, "log": "x.eval"} for row in shuffled]
    assert table_digest(rows) == table_digest(later)
    write_parquet(tmp_path / "a.parquet", "answers", shuffled)
    assert table_digest(read_parquet(tmp_path / "a.parquet")) == table_digest(rows)


def test_digest_knows_every_answer() -> None:
    rows = [answer(n) for n in range(5)]
    changed = [*rows[:4], answer(4, state="error")]
    assert len({table_digest(rows), table_digest(changed), table_digest(rows[:4])}) == 3


def test_columns_carry_their_types() -> None:
    found = columns("answers")
    assert (found["repeat"], found["seconds"], found["domain"], found["usd"]) == (
        "BIGINT",
        "DOUBLE",
        "BOOLEAN",
        "VARCHAR",
    )
