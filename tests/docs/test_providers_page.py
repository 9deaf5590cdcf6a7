"""The page on providers says what the adapters declare."""

from __future__ import annotations

from pathlib import Path

from ftsafety_spec.providers.offers import BEGIN, BUILT_IN, END, HEAD, table_of

ROOT = Path(__file__).parents[2]
PAGE = (ROOT / "docs" / "providers.md").read_text(encoding="utf-8")


def test_the_table_is_what_the_adapters_declare() -> None:
    _, _, rest = PAGE.partition(BEGIN)
    table, _, _ = rest.partition(END)
    assert table.strip() == table_of(BUILT_IN).strip(), "`make docs` writes it anew"
    assert table.count("\n| `ftsafety/") == len(list(BUILT_IN.glob("*.yaml")))


def test_it_shows_who_gives_what() -> None:
    rows = {
        line.split("|")[1].strip(): [cell.strip() for cell in line.split("|")[1:-1]]
        for line in PAGE.splitlines()
        if line.startswith("| `ftsafety/")
    }
    column = HEAD.index("batch")
    assert [name for name, row in rows.items() if row[column] == "yes"] == ["`ftsafety/openai`"]
    assert rows["`ftsafety/anthropic`"][HEAD.index("fine-tuning jobs")] == "no"


def test_the_page_is_found() -> None:
    for page in ("README.md", "docs/architecture.md"):
        assert "providers.md" in (ROOT / page).read_text(encoding="utf-8")
