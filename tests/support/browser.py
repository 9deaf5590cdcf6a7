"""A headless Chromium that is told what to do over its debugging port: open a page, look at it, take a picture. Needs
Chromium on the path; speaks to nothing but the loopback address."""

from __future__ import annotations

import asyncio
import base64
import json
import shutil
import subprocess
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import aiohttp

NAMES = ("chromium", "chromium-browser", "google-chrome")
CHROMIUM = next((path for name in NAMES if (path := shutil.which(name))), None)
QUIET = ["--no-first-run", "--disable-background-networking", "--disable-component-update", "--disable-sync"]


class Tab:
    """One page of the browser."""

    def __init__(self, socket: aiohttp.ClientWebSocketResponse) -> None:
        self._socket = socket
        self._number = 0
        self.events: list[dict[str, Any]] = []

    async def send(self, method: str, **parameters: Any) -> dict[str, Any]:
        """Call one method and wait for its answer; events on the way are kept."""
        self._number += 1
        await self._socket.send_str(json.dumps({"id": self._number, "method": method, "params": parameters}))
        while True:
            message = json.loads((await self._socket.receive(timeout=60)).data)
            if message.get("id") == self._number:
                if "error" in message:
                    raise RuntimeError(f"{method}: {message['error']}")
                found: dict[str, Any] = message["result"]
                return found
            self.events.append(message)

    async def open(self, address: str) -> None:
        """Go to an address and wait until it is loaded."""
        await self.send("Page.navigate", url=address)
        await self.settled()

    async def settled(self) -> None:
        """Wait until a page is loaded that stays."""
        for _ in range(200):
            await asyncio.sleep(0.05)
            state = "document.readyState + (document.querySelector('meta[http-equiv=refresh]') ? ' leaving' : '')"
            if await self.value(state) == "complete":
                return
        raise TimeoutError("the page did not load")

    async def until(self, expression: str) -> None:
        """Wait until an expression holds, over a change of pages as well."""
        for _ in range(200):
            await asyncio.sleep(0.05)
            if await self.value(f"document.readyState === 'complete' && ({expression})"):
                return
        raise TimeoutError(expression)

    async def value(self, expression: str) -> Any:
        """What an expression gives in the page."""
        made = await self.send("Runtime.evaluate", expression=expression, returnByValue=True, awaitPromise=True)
        if "exceptionDetails" in made:
            raise RuntimeError(str(made["exceptionDetails"].get("exception", {}).get("description")))
        return made["result"].get("value")

    async def look(self, width: int, dark: bool, height: int = 900) -> None:
        """Be so wide, in the light or in the dark."""
        await self.send(
            "Emulation.setDeviceMetricsOverride", width=width, height=height, deviceScaleFactor=1, mobile=False
        )
        scheme = {"name": "prefers-color-scheme", "value": "dark" if dark else "light"}
        await self.send("Emulation.setEmulatedMedia", features=[scheme])

    async def picture(self, path: Path) -> None:
        """The whole page as PNG."""
        made = await self.send("Page.captureScreenshot", format="png", captureBeyondViewport=True)
        path.write_bytes(base64.b64decode(made["data"]))

    async def key(self, key: str) -> None:
        """Press and release a key."""
        code = {"Enter": 13, "Tab": 9}.get(key, ord(key[0].upper()))
        text = {"Enter": "\r", "Tab": ""}.get(key, key)
        for kind in ("keyDown", "keyUp"):
            more = {"text": text} if kind == "keyDown" and text else {}
            await self.send("Input.dispatchKeyEvent", type=kind, key=key, windowsVirtualKeyCode=code, **more)


@asynccontextmanager
async def browser(profile: Path, *options: str) -> AsyncIterator[Tab]:
    """A tab of a browser of its own, ended at the end."""
    assert CHROMIUM is not None
    command = [CHROMIUM, "--headless", "--no-sandbox", "--disable-gpu", *QUIET, "--remote-debugging-port=0"]
    process = subprocess.Popen(
        [*command, f"--user-data-dir={profile}", *options, "about:blank"],
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    try:
        port = await _port(profile / "DevToolsActivePort")
        async with aiohttp.ClientSession() as session:
            async with session.get(f"http://127.0.0.1:{port}/json/list") as answer:
                pages = [item for item in await answer.json(content_type=None) if item["type"] == "page"]
            async with session.ws_connect(pages[0]["webSocketDebuggerUrl"], max_msg_size=0) as socket:
                tab = Tab(socket)
                for domain in ("Page", "Runtime", "Log", "Network"):
                    await tab.send(f"{domain}.enable")
                yield tab
    finally:
        process.terminate()
        process.wait(timeout=20)


async def _port(path: Path) -> int:
    for _ in range(300):
        await asyncio.sleep(0.1)
        if path.exists() and (lines := path.read_text().splitlines()):
            return int(lines[0])
    raise TimeoutError("the browser did not start")
