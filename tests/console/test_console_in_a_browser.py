"""The console in a real Chromium: pictures of every page, narrow and wide, light and dark; nothing wider than its
window; read without JavaScript; used by keyboard; no request elsewhere; nothing that axe (npm: axe-core) knows to keep
people out. FTSAFETY_SHOTS=DIR keeps the pictures for people to look at."""

from __future__ import annotations

import os
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest
import uvicorn
from support.browser import CHROMIUM, Tab
from support.seen import VIEWS, in_a_tab, kept_out, needs_axe, outside, refused

from ftsafety_spec.console import Server, make_app
from ftsafety_spec.pipeline.judgements import read_reviewed
from ftsafety_spec.records.folder import RunFolder

pytestmark = [pytest.mark.browser, pytest.mark.skipif(CHROMIUM is None, reason="no Chromium on the path")]
PAGES = {
    "runs": "/",
    "verdict": "/runs/{run}",
    "metrics": "/runs/{run}/metrics",
    "pairs": "/runs/{run}/pairs",
    "review-start": "/runs/{run}/review",
    "review": "/runs/{run}/review?by=ines",
    "explain": "/runs/{run}/explain",
    "made-of": "/runs/{run}/made-of",
    "policies": "/policies",
    "policy": "/policies/try?name=own",
    "not-there": "/runs/none",
}


@pytest.fixture
def address(project: Path) -> Iterator[str]:
    """The printed address of a console that is served."""
    bound = Server.bound(project, "127.0.0.1", 0)
    config = uvicorn.Config(make_app(project, bound.access), lifespan="off", log_level="error", access_log=False)
    server = uvicorn.Server(config)
    thread = threading.Thread(target=server.run, kwargs={"sockets": [bound.socket]}, daemon=True)
    thread.start()
    yield bound.access.address
    server.should_exit = True
    thread.join(20)
    bound.socket.close()


def test_every_page_fits_its_window_and_asks_nobody_else(tmp_path: Path, address: str, run: str) -> None:
    shots = Path(os.environ.get("FTSAFETY_SHOTS", str(tmp_path)))
    wide = list[str]()

    async def look(tab: Tab, home: str) -> None:
        for name, path in PAGES.items():
            for width, dark in VIEWS:
                await tab.look(width, dark)
                await tab.open(home + path.format(run=run))
                view = f"{name}-{width}-{'dark' if dark else 'light'}"
                if await tab.value("document.documentElement.scrollWidth") > width:
                    wide.append(view)
                await tab.picture(shots / f"{view}.png")
                assert (shots / f"{view}.png").stat().st_size > 8_000
        assert refused(tab) == []
        assert outside(tab, home) == set()

    in_a_tab(tmp_path, address, look)
    assert wide == []


@needs_axe
def test_no_page_keeps_anybody_out(tmp_path: Path, address: str, run: str) -> None:
    found = list[object]()

    async def look(tab: Tab, home: str) -> None:
        for name, path in PAGES.items():
            await tab.open(home + path.format(run=run))
            for width, dark in VIEWS[::3]:
                await tab.look(width, dark)
                found.extend([name, width, *item] for item in await kept_out(tab))

    in_a_tab(tmp_path, address, look)
    assert found == []


def test_without_javascript_every_page_reads_the_same(tmp_path: Path, address: str, run: str) -> None:
    async def compare(tab: Tab, home: str) -> None:
        for path in PAGES.values():
            texts = []
            for without in (False, True):
                await tab.send("Emulation.setScriptExecutionDisabled", value=without)
                await tab.open(home + path.format(run=run))
                texts.append(await tab.value("document.body.innerText"))
            assert texts[0] == texts[1]
            assert len(texts[0]) > 60

    in_a_tab(tmp_path, address, compare)


def test_keys_open_a_run_and_judge_an_answer(tmp_path: Path, address: str, project: Path, run: str) -> None:
    folder = RunFolder(project / "runs" / run)

    async def press(tab: Tab, home: str) -> None:
        await tab.open(home + "/")
        await tab.key("j")
        await tab.key("Enter")
        await tab.until(f"location.pathname.endsWith('/runs/{run}')")
        await tab.open(f"{home}/runs/{run}/review?by=ines")
        await tab.key("1")
        await tab.until("document.querySelector('#question').innerText.startsWith('Answer B')")
        await tab.key("3")
        await tab.until("document.querySelector('.told') !== null")
        (judged,) = read_reviewed(folder, "ines").judged.values()
        assert judged.words == ("refusal", "compliance")
        await tab.key("u")
        await tab.until("document.querySelector('.told') === null")
        assert read_reviewed(folder, "ines").judged == {}

    in_a_tab(tmp_path, address, press)


def test_the_filter_answers_while_one_types(tmp_path: Path, address: str) -> None:
    async def write(tab: Tab, home: str) -> None:
        await tab.open(home + "/")
        await tab.key("/")
        for key in "zzz":
            await tab.key(key)
        await tab.until("document.querySelector('#list').innerText.includes('No run matches')")
        assert "q=zzz" in await tab.value("location.search")
        assert refused(tab) == []

    in_a_tab(tmp_path, address, write)
