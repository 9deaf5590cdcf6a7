"""The list of runs: read from heads alone, filtered, sorted, paged; broken files are told, never hidden."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from starlette.testclient import TestClient
from support.console_runs import many_runs
from support.page import Page

from ftsafety_spec.console.heads import LONG, Head, Heads, short_record
from ftsafety_spec.console.listing import SIZE, Query, listed, query_of, state_of

Open = Callable[[Path], TestClient]
TODAY = "2026-11-25"


def head(run: str, **fields: Any) -> Head:
    given_ = {"spec": "bot", "title": "Bot", "action": "deploy", "decision": "go", "as_of": "2026-11-01", **fields}
    return Head(run=run, path=Path(run), **given_)


TEXT = st.text(max_size=30)
VALUE = st.recursive(
    st.none() | st.booleans() | st.integers() | TEXT,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(TEXT, inner, max_size=3),
    max_leaves=8,
)
KEYS = st.sampled_from(["title", "findings", "obligations", "threats", "gaps", "exit", "variants", "graders"])


@given(st.dictionaries(KEYS, VALUE, max_size=8))
def test_a_head_is_the_record_without_its_long_lists_whatever_stands_in_it(record: dict[str, Any]) -> None:
    text = json.dumps(record, indent=1, ensure_ascii=False).encode() + b"\n"
    assert short_record(text, LONG) == {name: value for name, value in record.items() if name not in LONG}


@pytest.mark.parametrize("text", [b"", b"[]", b"null", b"{", b'{\n "a": }', b"\xff\xfe", b"1"])
def test_what_is_no_record_is_said(text: bytes) -> None:
    with pytest.raises(ValueError):
        short_record(text, LONG)


BROKEN = ("", "{", "[]", "{}", '{"title": 1}', "\udcff", '{\n "title": "t",\n "obligations": 3\n}')


@pytest.mark.parametrize("text", BROKEN)
def test_a_broken_verdict_is_in_the_list_with_a_word(console: Open, project: Path, run: str, text: str) -> None:
    (project / "runs" / run / "verdict.json").write_bytes(text.encode("utf-8", "surrogateescape"))
    client = console(project)
    assert "verdict cannot be read" in client.get("/").text
    assert client.get(f"/runs/{run}").status_code == 200
    assert "cannot be read" in client.get(f"/runs/{run}").text


def test_a_verdict_whose_time_is_over_is_shown_as_expired() -> None:
    assert state_of(head("a", until="2026-11-24"), TODAY) == "expired"
    assert state_of(head("a", until=TODAY), TODAY) == "go"
    assert state_of(head("a", until=None), TODAY) == "go"
    assert state_of(head("a", decision="no_go", until="2026-01-01"), TODAY) == "no_go"
    assert state_of(head("a", decision=None), TODAY) == "unjudged"


def test_every_word_of_a_filter_must_be_there() -> None:
    heads = [head("a", title="Support chat"), head("b", title="Support desk"), head("c", reasons=("Chat lost",))]
    found = {
        text: [row.run for row in listed(heads, Query(text=text), TODAY).rows] for text in ("SUPPORT chat", "desk", "x")
    }
    assert found == {"SUPPORT chat": ["a"], "desk": ["b"], "x": []}


@pytest.mark.parametrize("down", [True, False])
def test_a_column_sorts_and_runs_without_a_value_come_last(down: bool) -> None:
    heads = [head("a", owed=1), head("b", action=None, decision=None, as_of=None), head("c", owed=3, action="block")]
    assert listed(heads, Query(sort="as_of", down=down), TODAY).rows[-1].run == "b"
    assert listed(heads, Query(sort="action", down=True), TODAY).rows[0].run == "c"
    runs = [row.run for row in listed(heads, Query(sort="owed", down=down), TODAY).rows]
    assert runs == (["c", "a", "b"] if down else ["b", "a", "c"])


@given(
    st.dictionaries(
        st.sampled_from(["q", "decision", "sort", "order", "page"]),
        st.text(max_size=12) | st.sampled_from(["up", "owed", "go", "3", "²"]),
    )
)
def test_no_address_is_too_odd_for_the_list(address: dict[str, str]) -> None:
    query = query_of(address)
    assert listed([head("a")], query, TODAY).pages == 1
    assert query_of({"q": query.text, "sort": query.sort}).sort == query.sort


def test_many_runs_are_paged_and_each_is_on_one_page(console: Open, judged: Path, tmp_path: Path) -> None:
    (tmp_path / "specs").mkdir()
    many_runs(tmp_path, next((judged / "runs").iterdir()), 230)
    client, seen, path = console(tmp_path), list[str](), "/?sort=run"
    while path:
        page = Page(client.get(path).text)
        seen += [attrs["href"] or "" for attrs in page.every("a") if attrs.get("class") == "row-link"]
        path = next((f"/{attrs['href']}" for attrs in page.every("a") if attrs.get("rel") == "next"), "")
    assert len(seen) == len(set(seen)) == 230 > 2 * SIZE
    assert "46 runs of 230" in Page(client.get("/?q=block&decision=no_go").text).text


def test_a_head_is_read_again_only_when_its_file_has_changed(
    project: Path, run: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    heads, read = Heads(project), list[Path]()
    from ftsafety_spec.console import heads as module

    real = module.read_head
    monkeypatch.setattr(module, "read_head", lambda path: read.append(path) or real(path))
    first = heads.all()
    assert heads.all() == first
    assert len(read) == 1
    path = project / "runs" / run / "verdict.json"
    data = json.loads(path.read_text(encoding="utf-8"))
    path.write_text(json.dumps({**data, "title": "Changed"}, indent=1), encoding="utf-8")
    assert [item.title for item in heads.all()] == ["Changed"]
    assert len(read) == 2
    path.parent.rename(path.parent.with_name("moved"))
    assert [item.run for item in heads.all()] == ["moved"]
    assert heads.one(run) is None


def test_the_heads_are_what_the_verdicts_say(project: Path, run: str) -> None:
    (found,) = Heads(project).all()
    verdict = json.loads((project / "runs" / run / "verdict.json").read_text(encoding="utf-8"))
    assert (found.run, found.spec, found.title) == (run, "first", verdict["title"])
    assert (found.action, found.decision, found.until) == (verdict["action"], verdict["decision"], verdict["expires"])
    still = [item for item in verdict["obligations"] if item["state"] == "open"]
    assert found.owed == len(still) + len(verdict["missing"]) > 0
    assert date.fromisoformat(str(found.as_of))
