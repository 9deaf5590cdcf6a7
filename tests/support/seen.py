"""What tests in a browser share: views, a tab that is signed in, what a page refused or asked of others, and what
keeps people out."""

from __future__ import annotations

import asyncio
import json
import os
import sys
from collections.abc import Awaitable, Callable
from pathlib import Path

import pytest
from support.browser import Tab, browser

VIEWS = [(400, False), (400, True), (1600, False), (1600, True)]
SERIOUS = ("serious", "critical")
RUN_AXE = (
    "axe.run(document, {resultTypes: ['violations']}).then(found => JSON.stringify("
    "found.violations.map(item => [item.impact, item.id, item.nodes.length])))"
)
AXE = Path(os.environ.get("FTSAFETY_AXE") or Path(sys.prefix) / "npm" / "node_modules" / "axe-core" / "axe.min.js")
needs_axe = pytest.mark.skipif(not AXE.is_file(), reason="no axe-core: `make setup` takes it in where there is npm")


async def kept_out(tab: Tab) -> list[list[object]]:
    """What keeps people out of the page as it stands, seriously: how much, the rule, how often."""
    await tab.value(f"{AXE.read_text(encoding='utf-8')};0")
    return [item for item in json.loads(await tab.value(RUN_AXE)) if item[0] in SERIOUS]


def in_a_tab(folder: Path, address: str, do: Callable[[Tab, str], Awaitable[None]]) -> None:
    """Sign in, then `do(tab, address without the token)`."""

    async def go() -> None:
        async with browser(folder / "profile") as tab:
            await tab.open(address)
            await do(tab, address.partition("/?")[0])

    asyncio.run(go())


def refused(tab: Tab) -> list[str]:
    """What the security policy refused, and scripts that failed."""
    logged = [event["params"]["entry"]["text"] for event in tab.events if event["method"] == "Log.entryAdded"]
    failed = [str(event["params"]) for event in tab.events if event["method"] == "Runtime.exceptionThrown"]
    return failed + [text for text in logged if "404" not in text]


def outside(tab: Tab, home: str) -> set[str]:
    """Addresses that were asked for and are not the console's."""
    asked = {
        event["params"]["request"]["url"] for event in tab.events if event["method"] == "Network.requestWillBeSent"
    }
    return {url for url in asked if not url.startswith((home, "about:", "data:"))}
