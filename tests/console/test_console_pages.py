"""Every page is there, says what the records say, is sound HTML, needs no script, and leads nowhere that does not
exist."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from itertools import pairwise
from pathlib import Path
from urllib.parse import urljoin, urlsplit

import pytest
from starlette.testclient import TestClient
from support.page import Page

from ftsafety_spec.records.comparison import Comparison
from ftsafety_spec.records.folder import RunFolder
from ftsafety_spec.records.verdict import Verdict
from ftsafety_spec.report.safe import visible

Open = Callable[[Path], TestClient]
PATHS = (
    "/",
    "/runs/{run}",
    "/runs/{run}/metrics",
    "/runs/{run}/pairs",
    "/runs/{run}/pairs?show=all",
    "/runs/{run}/review",
    "/runs/{run}/review?by=ines",
    "/runs/{run}/explain",
    "/runs/{run}/explain?name=bands",
    "/runs/{run}/made-of",
    "/policies",
    "/policies/try?name=own",
)


@pytest.mark.parametrize("path", PATHS)
def test_a_page_is_sound_and_has_nothing_inline(console: Open, project: Path, run: str, path: str) -> None:
    answer = console(project).get(path.format(run=run))
    assert answer.status_code == 200
    page = Page(answer.text)
    names = {name for _, attrs in page.tags for name in attrs}
    assert not {name for name in names if name.startswith("on")} and "style" not in names
    assert "style" not in {tag for tag, _ in page.tags}
    scripts = page.every("script")
    assert scripts and all((attrs.get("src") or "").startswith("/static/") for attrs in scripts)
    assert not re.search(r"https?://(?!127\.0\.0\.1)", answer.text)
    ids = [attrs["id"] for _, attrs in page.tags if "id" in attrs]
    assert len(ids) == len(set(ids))
    named = {
        attrs[key] for _, attrs in page.tags for key in ("aria-labelledby", "aria-describedby", "for") if key in attrs
    }
    assert named <= set(ids)
    levels = [int(tag[1]) for tag, _ in page.tags if re.fullmatch(r"h[1-6]", tag)]
    assert levels[0] == 1 and levels.count(1) == 1
    assert all(after - before <= 1 for before, after in pairwise(levels))
    fields = {
        attrs.get("id") for tag in ("input", "select") for attrs in page.every(tag) if attrs.get("type") != "hidden"
    }
    assert fields <= {attrs.get("for") for attrs in page.every("label")}


def test_no_link_leads_nowhere(console: Open, project: Path, run: str) -> None:
    client, seen, todo = console(project), set[str](), ["/"]
    while todo and len(seen) < 150:
        path = todo.pop(0)
        if path in seen:
            continue
        seen.add(path)
        answer = client.get(path)
        assert answer.status_code == 200, path
        page = Page(answer.text)
        ids = {attrs.get("id") for _, attrs in page.tags}
        for attrs in [*page.every("a"), *page.every("link")]:
            href = attrs.get("href") or ""
            if href.startswith("#"):
                assert href[1:] in ids, (path, href)
            elif "text/html" in answer.headers["content-type"]:
                found = urljoin(path, href)
                assert not urlsplit(found).netloc
                todo.append(found)
    assert {f"/runs/{run}/{name}" for name in ("metrics", "pairs", "review", "explain", "made-of")} <= seen
    assert {"/policies", "/policies/try?name=own", "/static/report.css"} <= seen


def test_what_is_not_there_is_said_with_the_nearest_name(console: Open, project: Path, run: str) -> None:
    client = console(project)
    for path in (
        f"/runs/{run}x",
        "/runs/..%2f..",
        f"/runs/{run}/pairs?outcome=refusl",
        f"/runs/{run}/explain?name=bnds",
    ):
        answer = client.get(path)
        assert answer.status_code == 404, path
        assert "Traceback" not in answer.text
    assert "bands" in client.get(f"/runs/{run}/explain?name=bnds").text
    assert run in client.get(f"/runs/{run[:-1]}").text


@pytest.mark.parametrize("name", ["../../pyproject.toml", "..%2f..%2fetc%2fpasswd", "%2e%2e", "."])
def test_no_name_of_a_run_or_file_becomes_a_path(console: Open, project: Path, name: str) -> None:
    client = console(project)
    assert client.get(f"/runs/{name}").status_code == 404
    assert client.get(f"/static/{name}").status_code == 404


def test_the_verdict_page_says_what_the_verdict_says(console: Open, project: Path, run: str) -> None:
    verdict = RunFolder(project / "runs" / run).read(Verdict)
    page = Page(console(project).get(f"/runs/{run}").text)
    text = " ".join(page.text.split()).lower()
    for sentence in (verdict.title, *verdict.reasons[:3], *(item.sentence for item in verdict.findings)):
        assert " ".join(visible(sentence).split()).lower() in text


def test_the_metrics_page_has_every_outcome_with_a_drawing(console: Open, project: Path, run: str) -> None:
    comparison = RunFolder(project / "runs" / run).read(Comparison)
    page = Page(console(project).get(f"/runs/{run}/metrics").text)
    drawings = [attrs["aria-label"] for attrs in page.every("svg") if attrs.get("role") == "img"]
    areas = [cell for cell in comparison.cells if cell.by == "area" and cell.outcome == "refusal"]
    assert len(drawings) >= len(areas) > 1
    assert all("worse than base, interval" in (label or "") for label in drawings)


def test_a_changed_record_is_read_again_and_a_forged_one_refused(console: Open, project: Path, run: str) -> None:
    client, path = console(project), project / "runs" / run / "verdict.json"
    assert client.get(f"/runs/{run}").status_code == 200
    data = json.loads(path.read_text(encoding="utf-8"))
    path.write_text(json.dumps({**data, "title": "Another title"}, indent=1), encoding="utf-8")
    answer = client.get(f"/runs/{run}")
    assert answer.status_code == 409
    assert "cannot be trusted" in answer.text
    assert "Another title" in client.get("/").text  # the list shows what stands there, the run's page checks it


def test_a_run_without_a_verdict_says_what_comes_next(console: Open, project: Path, run: str) -> None:
    (project / "runs" / run / "verdict.json").unlink()
    client = console(project)
    assert "ftsafety gate" in client.get(f"/runs/{run}").text
    assert "Not judged" in client.get("/").text
    assert client.get(f"/runs/{run}/metrics").status_code == 422


def test_an_empty_project_is_no_fault(console: Open, tmp_path: Path) -> None:
    (tmp_path / "specs").mkdir()
    client = console(tmp_path)
    assert "no runs yet" in client.get("/").text
    assert client.get("/policies").status_code == 200
    assert client.get("/policies/try?name=ftsafety/default").status_code == 200


def test_files_of_others_are_the_ones_that_their_note_names() -> None:
    import hashlib
    from importlib.resources import files

    folder = files("ftsafety_spec.console") / "static"
    digest = hashlib.sha256(folder.joinpath("htmx.min.js").read_bytes()).hexdigest()
    assert digest in folder.joinpath("README.md").read_text(encoding="utf-8")
    assert "Zero-Clause BSD" in folder.joinpath("htmx.LICENSE").read_text(encoding="utf-8")
