"""The manual desk in a real Chromium: a session by keyboard from the first message to evidence; pictures, narrow and
wide, light and dark; nothing wider than its window. FTSAFETY_SHOTS and axe as for the other pages."""

from __future__ import annotations

import asyncio
import os
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest
import uvicorn
from support.browser import CHROMIUM, Tab
from support.seen import AXE, VIEWS, in_a_tab, kept_out, outside, refused
from support.talking import talking

from ftsafety_spec.console import Server, make_app
from ftsafety_spec.console.sessions import Sessions
from ftsafety_spec.pipeline.red_team.session_journal import sessions_of
from ftsafety_spec.records.folder import RunFolder

pytestmark = [pytest.mark.browser, pytest.mark.skipif(CHROMIUM is None, reason="no Chromium on the path")]
CONTROL = 2
"""Ctrl, among the modifiers of a key."""


@pytest.fixture
def address(project: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[str]:
    """The printed address of a console whose models talk."""
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path / "config"))
    talking(monkeypatch, delay=0.4)
    bound, sessions = Server.bound(project, "127.0.0.1", 0), Sessions(project)
    app = make_app(project, bound.access, sessions=sessions)
    server = uvicorn.Server(uvicorn.Config(app, lifespan="off", log_level="error", access_log=False))
    thread = threading.Thread(target=server.run, kwargs={"sockets": [bound.socket]}, daemon=True)
    thread.start()
    yield bound.access.address
    server.should_exit = True
    thread.join(20)
    bound.socket.close()
    sessions.close()


async def sit_down(tab: Tab, home: str, run: str) -> None:
    await tab.open(f"{home}/runs/{run}/redteam")
    await tab.value("document.querySelector('#by').value = 'ines'; 0")
    await tab.value("document.querySelector('button[value=begin]').click(); 0")
    await tab.until("document.querySelector('#text') !== null")


async def send(tab: Tab, text: str, number: int) -> None:
    """Write and send by keyboard alone; wait for both answers."""
    await tab.until("document.querySelector('#send') !== null && !document.querySelector('#send').disabled")
    if await tab.value("document.activeElement.id") != "text":
        await tab.key("m")
    await tab.send("Input.insertText", text=text)
    for kind in ("rawKeyDown", "keyUp"):
        await tab.send(
            "Input.dispatchKeyEvent", type=kind, key="Enter", code="Enter", modifiers=CONTROL, windowsVirtualKeyCode=13
        )
    await tab.until(f"document.querySelectorAll('.said').length === {number}")
    await tab.until("document.querySelectorAll('#last .answer').length === 2")


def test_a_session_by_keyboard_from_the_first_message_to_evidence(
    tmp_path: Path, address: str, project: Path, run: str
) -> None:
    folder = RunFolder(project / "runs" / run)

    async def probe(tab: Tab, home: str) -> None:
        await sit_down(tab, home, run)
        await send(tab, "first message", 1)
        assert "running" in await tab.value("document.querySelector('#clock').innerText")
        await tab.key("1")
        await tab.until("document.querySelector('button[aria-pressed=true]') !== null")
        await tab.key("n")
        assert await tab.value("document.activeElement.name") == "text"
        await tab.send("Input.insertText", text="look again")
        await tab.value("document.activeElement.form.querySelector('button[value=note]').click(); 0")
        await tab.until("document.querySelector('.note') !== null")
        await send(tab, "second message", 2)
        await tab.key("c")
        await tab.until("document.querySelectorAll('.said').length === 0")
        await send(tab, "another beginning", 1)
        await tab.value("document.querySelector('button[value=end]').click(); 0")
        await tab.until("document.body.innerText.includes('The session is evidence')")
        assert refused(tab) == []
        assert outside(tab, home) == set()

    in_a_tab(tmp_path, address, probe)
    (session,) = sessions_of(folder)
    assert session.tags() == {"tuned harmful": 1}
    assert [turn.parent for turn in session.turns.values()] == [None, 1, None]
    assert [item.kind for item in folder.evidence()] == ["session", "finding"]


def test_the_desk_fits_its_window_and_keeps_nobody_out(tmp_path: Path, address: str, run: str) -> None:
    shots = Path(os.environ.get("FTSAFETY_SHOTS", str(tmp_path)))
    wide, serious = list[str](), list[object]()

    async def pictures(tab: Tab, name: str) -> None:
        for width, dark in VIEWS:
            await tab.look(width, dark)
            view = f"{name}-{width}-{'dark' if dark else 'light'}"
            if await tab.value("document.documentElement.scrollWidth") > width:
                wide.append(view)
            await tab.picture(shots / f"{view}.png")
            if AXE.is_file():
                serious.extend([view, *item] for item in await kept_out(tab))

    async def look(tab: Tab, home: str) -> None:
        await tab.open(f"{home}/redteam")
        await pictures(tab, "redteam-runs")
        await sit_down(tab, home, run)
        await pictures(tab, "redteam-begun")
        await send(tab, "A message to both, long enough to be broken over lines " * 4, 1)
        await tab.key("1")
        await tab.until("document.querySelector('button[aria-pressed=true]') !== null")
        await send(tab, "x" * 300, 2)
        await tab.key("c")
        await tab.until("document.querySelectorAll('.said').length === 0")
        await send(tab, "another beginning", 1)
        await tab.value("document.querySelector('.branches button').click(); 0")
        await tab.until("document.querySelectorAll('.said').length === 2")
        await pictures(tab, "redteam")
        await tab.open(f"{home}/runs/{run}/redteam")
        await pictures(tab, "redteam-start")
        await tab.value("document.querySelector('button[value=end]').click(); 0")
        await tab.until("document.body.innerText.includes('The session is evidence')")
        await pictures(tab, "redteam-ended")

    in_a_tab(tmp_path, address, look)
    assert wide == []
    assert serious == []


def test_without_javascript_a_session_is_held_all_the_same(
    tmp_path: Path, address: str, project: Path, run: str
) -> None:
    async def probe(tab: Tab, home: str) -> None:
        await sit_down(tab, home, run)
        await tab.send("Emulation.setScriptExecutionDisabled", value=True)
        page = await tab.value("location.pathname")
        await tab.open(home + page)
        await tab.value("document.querySelector('#text').value = 'plain'; document.querySelector('#send').click(); 0")
        await tab.until("document.querySelector('.waiting') !== null")
        await asyncio.sleep(1)
        await tab.open(home + page)  # as the page's own refresh does for a browser without scripts
        assert await tab.value("document.querySelectorAll('#last .answer').length") == 2

    in_a_tab(tmp_path, address, probe)
    (session,) = sessions_of(RunFolder(project / "runs" / run))
    assert len(session.turns) == 1
