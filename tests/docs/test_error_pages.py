"""Every error code has its page entry, and no entry is without a code."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from ftsafety_spec.errors import CODES

ROOT = Path(__file__).parents[2]
TEXT = (ROOT / "docs/errors.md").read_text(encoding="utf-8")
ENTRIES = dict(re.findall(r"^## (FTS-\d+ \S+)\n(.*?)(?=^## |\Z)", TEXT, re.MULTILINE | re.DOTALL))


def test_the_page_holds_every_code_once_in_order_and_no_other() -> None:
    assert list(ENTRIES) == [f"{code} {name}" for code, (name, _) in CODES.items()]


@pytest.mark.parametrize("heading", ENTRIES)
def test_an_entry_says_what_it_means_shows_a_message_and_how_to_mend_it(heading: str) -> None:
    body = ENTRIES[heading].strip()
    code = heading.split()[0]
    assert not body.startswith(">"), "the meaning comes first"
    examples = [line for line in body.splitlines() if line.startswith("> ")]
    assert examples and all(f"See {code}." in line for line in examples)
    assert "\nMend it: " in body


def test_no_code_is_used_that_does_not_exist() -> None:
    used = {
        code
        for path in (ROOT / "ftsafety_spec").rglob("*.py")
        for code in re.findall(r"FTS-\d{3}", path.read_text(encoding="utf-8"))
    }
    assert used - set(CODES) == set()
    assert len(used) > 20
