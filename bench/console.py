"""How fast the console answers: 1,000 judged runs, and one run of 100,000 answers, made anew in a folder of its own.
Given nothing, prints for each page the milliseconds of the first and of the second answer, on the wall and of CPU.

    python bench/console.py
"""

from __future__ import annotations

import shutil
import sys
import tempfile
import threading
import time
from pathlib import Path

from starlette.testclient import TestClient

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT / "tests"))

from support.console_runs import big_run, many_runs  # noqa: E402

from ftsafety_spec.console import Access, make_app  # noqa: E402
from ftsafety_spec.console.ahead import NAME  # noqa: E402
from ftsafety_spec.console.heads import Heads  # noqa: E402
from ftsafety_spec.console.serving import warm  # noqa: E402

BIG = "big-00000000"
PAGES = (
    "/",
    "/?q=number+77",
    f"/runs/{BIG}",
    f"/runs/{BIG}/metrics",
    f"/runs/{BIG}/pairs",
    f"/runs/{BIG}/pairs?show=all&page=5000",
    f"/runs/{BIG}/explain",
    f"/runs/{BIG}/review",
    f"/runs/{BIG}/review?by=ines",
    f"/runs/{BIG}/made-of",
    "/policies",
    "/policies/try?name=ftsafety/default",
)


def timed(client: TestClient, path: str) -> tuple[float, float]:
    """Milliseconds on the wall and of CPU."""
    wall, cpu = time.perf_counter(), time.process_time()
    assert client.get(path).status_code == 200
    return 1000 * (time.perf_counter() - wall), 1000 * (time.process_time() - cpu)


def main() -> None:
    """Print one line a page."""
    root = Path(tempfile.mkdtemp(prefix="ftsafety-console-"))
    try:
        (root / "specs").mkdir()
        many_runs(root, big_run(root, 50_000).root, 1000)
        access, heads = Access(port=80), Heads(root)
        warm(heads, root)
        with TestClient(make_app(root, access, heads), base_url="http://127.0.0.1") as client:
            client.get("/", params={"token": access.token})
            print("  first: wall   CPU   again: wall   CPU   ms")
            for path in PAGES:
                print(
                    "  {:11.0f} {:5.0f} {:13.0f} {:5.0f}   {}".format(*timed(client, path), *timed(client, path), path)
                )
                for thread in threading.enumerate():
                    if thread.name == NAME:
                        thread.join()
    finally:
        shutil.rmtree(root)


if __name__ == "__main__":
    main()
