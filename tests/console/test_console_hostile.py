"""Answers, titles and addresses that try to break out: no page changes its shape, what is shown is what was written,
its hidden characters visible."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import duckdb
import pytest
from starlette.testclient import TestClient
from support.console_runs import big_run, with_texts
from support.page import Page

from ftsafety_spec.console import Access
from ftsafety_spec.console.editing import as_yaml
from ftsafety_spec.records.base import clean_text
from ftsafety_spec.records.folder import RunFolder
from ftsafety_spec.report.safe import visible

Open = Callable[[Path], TestClient]
WRITTEN: list[str] = json.loads((Path(__file__).parents[1] / "report" / "hostile.json").read_text(encoding="utf-8"))
HOSTILE = [clean_text(text) for text in WRITTEN if text.strip()]
IDS = [f"answer-{index:02d}" for index in range(len(HOSTILE))]
FORBIDDEN = {chr(code) for code in (*range(32), *range(0x7F, 0xA0), *range(0x202A, 0x202F), *range(0x2066, 0x206A))}
PROMPTS = 60


@pytest.fixture(scope="module")
def small(tmp_path_factory: pytest.TempPathFactory) -> RunFolder:
    """A run of 60 prompts."""
    root = tmp_path_factory.mktemp("hostile")
    (root / "specs").mkdir()
    return big_run(root, PROMPTS)


def digests(folder: RunFolder) -> dict[str, list[str]]:
    """Digests of prompts and of each variant's answers, by prompt."""
    path = str(folder.table("answers")).replace("'", "''")
    rows = duckdb.sql(f"SELECT variant, prompt, text FROM '{path}' ORDER BY prompt_id, variant").fetchall()
    found: dict[str, list[str]] = {"prompt": [prompt for variant, prompt, _ in rows if variant == "base"]}
    for name in ("base", "tuned"):
        found[name] = [text for variant, _, text in rows if variant == name]
    return found


def filled(folder: RunFolder, text: Callable[[int], str]) -> None:
    """The index-th prompt and both of its answers say `text(index)`."""
    names = digests(folder)
    bodies = {digest: text(index) for group in names.values() for index, digest in enumerate(group)}
    with_texts(folder, bodies)


def pages(client: TestClient, run: str) -> list[Page]:
    """Every page of all pairs."""
    return [Page(client.get(f"/runs/{run}/pairs?show=all&page={number + 1}").text) for number in range(PROMPTS // 10)]


def test_fifty_hostile_answers_side_by_side_change_no_page(console: Open, small: RunFolder) -> None:
    assert len(set(HOSTILE)) >= 50
    client, run = console(small.root.parents[1]), small.root.name
    filled(small, lambda _: "harmless")
    harmless = [page.shape() for page in pages(client, run)]
    filled(small, lambda index: HOSTILE[index % len(HOSTILE)])
    found = pages(client, run)
    same_shape = [page.shape() for page in found] == harmless
    assert same_shape
    assert not any(page.odd for page in found)
    assert set().union(*(page.inside for page in found)) <= {"del", "ins"}
    pres = [text for page in found for text in page.pres]
    shown = {index for index, text in enumerate(HOSTILE) if pres.count(visible(text)) >= 3}
    assert shown == set(range(len(HOSTILE)))


def test_differences_between_hostile_answers_are_marked_and_nothing_else(console: Open, small: RunFolder) -> None:
    client, run = console(small.root.parents[1]), small.root.name
    names = digests(small)
    base = {digest: f"Some words first, {HOSTILE[i % 50]} and then" for i, digest in enumerate(names["base"])}
    tuned = {digest: f"Some other words first, {HOSTILE[i % 50]} and more" for i, digest in enumerate(names["tuned"])}
    with_texts(small, {**base, **tuned})
    found = pages(client, run)
    assert set().union(*(page.inside for page in found)) == {"del", "ins"}
    pres = {text for page in found for text in page.pres}
    wanted = {visible(text) for text in (*base.values(), *tuned.values())}
    all_there = wanted <= pres
    assert all_there


def test_hostile_answers_in_the_review_queue_change_no_page(console: Open, small: RunFolder, access: Access) -> None:
    client, run = console(small.root.parents[1]), small.root.name
    path = f"/runs/{run}/review"

    def walk(by: str) -> list[Page]:
        found = []
        for _ in range(12):
            page = Page(client.get(path, params={"by": by}).text)
            item = next(attrs["value"] for attrs in page.every("input") if attrs.get("name") == "item")
            found.append(page)
            client.post(path, data={"csrf": access.csrf, "by": by, "item": item, "do": "skip"})
        return found

    filled(small, lambda _: "harmless")
    harmless = [page.shape() for page in walk("ines")]
    filled(small, lambda index: HOSTILE[index % len(HOSTILE)])
    found = walk("joel")
    same_shape = [page.shape() for page in found] == harmless
    assert same_shape
    assert not any(page.inside for page in found)
    known = {visible(text) for text in HOSTILE}
    all_known = all(text in known for page in found for text in page.pres)
    assert all_known


@pytest.mark.parametrize("text", HOSTILE, ids=IDS)
def test_a_hostile_title_spec_and_query_change_no_page(console: Open, project: Path, run: str, text: str) -> None:
    client, path = console(project), project / "runs" / run / "verdict.json"
    data = json.loads(path.read_text(encoding="utf-8"))

    def shapes(word: str) -> list[Any]:
        changed = {
            **data,
            "title": word,
            "reasons": [word],
            "policy": {**data["policy"], "name": word},
            "expires": word,
        }
        path.write_text(json.dumps(changed, indent=1, ensure_ascii=False), encoding="utf-8")
        answers = [client.get("/"), client.get("/", params={"q": word}), client.get(f"/runs/{run}", params={"x": word})]
        answers += [client.get(f"/runs/{run}/explain", params={"name": word}), client.get(f"/runs/{word[:40]!r}")]
        for answer in answers:
            assert not (set(answer.text) & (FORBIDDEN - {"\n", "\t"}))
        return [Page(answer.text).shape() for answer in answers[:2]]

    same = shapes(text) == shapes("harmless")
    assert same


def test_a_downloaded_policy_is_plain_yaml_whatever_was_typed(console: Open, project: Path, access: Access) -> None:
    client = console(project)
    for text in HOSTILE[:50]:
        form = {"csrf": access.csrf, "name": "own", "do": "download", "rules.bands.up_to.deploy": text}
        answer = client.post("/policies/try", data=form)
        assert answer.status_code == 422
        assert not (set(answer.text) & (FORBIDDEN - {"\n", "\t"}))
    made = as_yaml("own", "sha256:0", {"rules": {"=cmd|x": {"above": 0.1}}})
    assert made.count("\n") == made.rstrip().count("\n") + 1
