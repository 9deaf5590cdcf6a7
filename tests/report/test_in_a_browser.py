"""The page in a real Chromium: four pictures, nothing wider than the window, no hostile answer comes alive.
FTSAFETY_SHOTS=DIR keeps the pictures for people to look at."""

from __future__ import annotations

import json
import os
import re
import shutil
import struct
import subprocess
from collections.abc import Callable
from html import escape
from pathlib import Path

import pytest
from support.browser import Tab
from support.seen import VIEWS, in_a_tab, kept_out, needs_axe

from ftsafety_spec.report.html import RENDERER
from ftsafety_spec.report.view import ReportView

NAMES = ("chromium", "chromium-browser", "google-chrome")
CHROMIUM = next((path for name in NAMES if (path := shutil.which(name))), None)
pytestmark = [pytest.mark.browser, pytest.mark.skipif(CHROMIUM is None, reason="no Chromium on the path")]
View = Callable[..., ReportView]
HOSTILE: list[str] = json.loads((Path(__file__).parent / "hostile.json").read_text(encoding="utf-8"))
DARK, LIGHT = 0, 1
QUIET = [
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--hide-scrollbars",
]
WIDTHS = [320, 400, 800, 1400]
MEASURE_FRAMES = (
    "<script>onload=()=>{for(const frame of document.querySelectorAll('iframe')){"
    "frame.dataset.wide=frame.contentDocument.documentElement.scrollWidth;"
    "frame.dataset.window=frame.contentWindow.innerWidth;frame.removeAttribute('srcdoc')}}</script>"
)
CANARY = "<script>onload=()=>{document.documentElement.dataset.ran='yes'}</script>"


def chromium(page: Path, width: int, *options: str, height: int = 1000) -> str:
    assert CHROMIUM is not None
    command = [CHROMIUM, "--headless", "--no-sandbox", "--disable-gpu", *QUIET]
    command += [f"--user-data-dir={page.parent / 'profile'}", f"--window-size={width},{height}"]
    done = subprocess.run([*command, *options, page.as_uri()], capture_output=True, text=True, timeout=120, check=True)
    return done.stdout


def bare(page: str) -> str:
    """The page without its security policy, as the worst of browsers would treat it."""
    found = re.sub(r'<meta http-equiv="Content-Security-Policy"[^>]*>', "", page)
    assert found != page
    return found


def size_of(picture: Path) -> tuple[int, int]:
    width, height = struct.unpack(">II", picture.read_bytes()[16:24])
    return width, height


@pytest.mark.parametrize("theme", [DARK, LIGHT], ids=["dark", "light"])
@pytest.mark.parametrize("width", [400, 1400])
def test_a_picture_is_taken(tmp_path: Path, make_view: View, width: int, theme: int) -> None:
    page, name = tmp_path / "report.html", f"{width}-{'light' if theme else 'dark'}.png"
    page.write_text(RENDERER.render(make_view()), encoding="utf-8")
    picture = Path(os.environ.get("FTSAFETY_SHOTS", str(tmp_path))) / name
    chromium(page, width, f"--screenshot={picture}", f"--blink-settings=preferredColorScheme={theme}", height=2400)
    assert size_of(picture) == (width, 2400)
    assert picture.stat().st_size > 60_000  # a blank page is far smaller


@needs_axe
@pytest.mark.parametrize("blocked", [True, False], ids=["block", "deploy"])
def test_the_page_keeps_nobody_out(tmp_path: Path, make_view: View, blocked: bool) -> None:
    page, found = tmp_path / "report.html", list[object]()
    page.write_text(RENDERER.render(make_view(blocked=blocked)), encoding="utf-8")

    async def look(tab: Tab, _home: str) -> None:
        for width, dark in VIEWS[::3]:
            await tab.look(width, dark)
            found.extend([width, *item] for item in await kept_out(tab))

    in_a_tab(tmp_path, page.as_uri(), look)
    assert found == []


def test_nothing_is_wider_than_the_window_with_everything_unfolded(tmp_path: Path, make_view: View) -> None:
    view = make_view(answer=lambda index: HOSTILE[(index * 7) % len(HOSTILE)], title="W" * 300)
    page = escape(bare(RENDERER.render(view)).replace("<details", "<details open"))
    frames = "".join(
        f'<iframe width="{width}" height="900" frameborder="0" srcdoc="{page}"></iframe>' for width in WIDTHS
    )
    wrapper = tmp_path / "wrapper.html"
    wrapper.write_text(f"<!doctype html>{frames}{MEASURE_FRAMES}", encoding="utf-8")
    dom = chromium(wrapper, 1500, "--dump-dom")
    found = [(int(wide), int(window)) for wide, window in re.findall(r'data-wide="(\d+)" data-window="(\d+)"', dom)]
    assert [window for _, window in found] == WIDTHS
    assert all(wide <= window for wide, window in found), found


def test_no_hostile_answer_runs_even_without_the_security_policy(tmp_path: Path, make_view: View) -> None:
    page = tmp_path / "report.html"
    text = bare(RENDERER.render(make_view(answer=lambda index: "\n".join(HOSTILE[index % 9 :: 9]))))
    page.write_text(text.replace("</body>", CANARY + "</body>"), encoding="utf-8")
    dom = chromium(page, 800, "--dump-dom", "--virtual-time-budget=2000")
    assert 'data-ran="yes"' in dom  # a script of our own could run
    assert re.search(r"<title>No-go \(Block\)", dom)
    assert "<iframe" not in dom
