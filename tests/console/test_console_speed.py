"""A project of 1,000 runs and a run of 100,000 rows: every page is answered in less than 300 ms of this process's time.
`bench/console.py` shows the clock on the wall, which other work on a machine moves as well."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from starlette.testclient import TestClient
from support.console_runs import big_run, many_runs

from ftsafety_spec.console import Access, make_app
from ftsafety_spec.console.ahead import NAME
from ftsafety_spec.console.heads import Heads
from ftsafety_spec.console.serving import warm

PAGES = (
    "/",
    "/?q=number+77",
    "/?decision=pending&sort=owed&page=3",
    "/runs/{run}",
    "/runs/{run}/metrics",
    "/runs/{run}/pairs",
    "/runs/{run}/pairs?page=400",
    "/runs/{run}/pairs?show=all&area=fraud&page=600",
    "/runs/{run}/explain",
    "/runs/{run}/explain?name=bands",
    "/runs/{run}/made-of",
    "/runs/{run}/review",
    "/runs/{run}/review?by=ines",
    "/policies",
    "/policies/try?name=ftsafety/default",
)
MOST = 0.3
Open = Callable[[Path], TestClient]


@pytest.fixture(scope="module")
def root(judged: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The project."""
    made = tmp_path_factory.mktemp("speed")
    (made / "specs").mkdir()
    many_runs(made, next((judged / "runs").iterdir()), 1000)
    big_run(made, 50_000)
    return made


@pytest.fixture(scope="module")
def client(root: Path) -> Iterator[TestClient]:
    """A console that has been started as `ftsafety console` starts it."""
    access, heads = Access(port=80), Heads(root)
    warm(heads, root)
    with TestClient(make_app(root, access, heads), base_url="http://127.0.0.1") as found:
        found.get("/", params={"token": access.token})
        yield found


@pytest.mark.parametrize("path", PAGES)
def test_a_page_is_answered_in_less_than_300_ms(client: TestClient, path: str) -> None:
    start = time.process_time()
    answer = client.get(path.format(run="big-00000000"))
    took = time.process_time() - start
    assert answer.status_code == 200
    assert took < MOST
    for thread in threading.enumerate():
        if thread.name == NAME:
            thread.join(30)
