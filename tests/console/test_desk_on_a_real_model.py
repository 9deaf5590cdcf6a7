"""A session against the running small model, from end to end: begun in a console, killed in the middle, taken up in
another, ended; nothing that was said is lost, and a minute is no half-hour (R-29, R-34)."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from urllib.parse import urlsplit

import httpx
import pytest
from support.small_models import gguf_lora, smollm2

from ftsafety_spec.cli.main import main
from ftsafety_spec.pipeline.red_team.session_journal import session_texts, sessions_of
from ftsafety_spec.records.folder import RunFolder
from ftsafety_spec.records.session import session_in

pytestmark = pytest.mark.slow
COMMAND = "import sys; from ftsafety_spec.cli.main import main; sys.exit(main(sys.argv[1:]))"
SPEC = """title: Desk on a small model
owner: tests
policy: ftsafety/default
models:
  base: {{provider: llamacpp, path: {path}}}
  tuned: {{of: base, adapters: {{small: 1.0}}, deploy: true}}
adapters: {{small: {{path: small.gguf, source: internal}}}}
deployment: {{generation: {{temperature: 0, max_tokens: 12}}}}
suites:
  own: {{title: Own, revised: 2026-11-25, use: domain, tasks: {{a: {{benchmark: ftsafety/basics, limit: 2}}}}}}
"""


@pytest.fixture
def run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> RunFolder:
    """A planned run of the small model with an adapter of its own."""
    weights = smollm2()
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path / "config"))
    (tmp_path / "specs").mkdir()
    gguf_lora(tmp_path / "small.gguf", seed=1, size=0.01)
    (tmp_path / "specs" / "desk.yaml").write_text(SPEC.format(path=weights))
    from ftsafety_spec.pipeline.prepare import Options, prepare

    return prepare("desk", Options()).folder


@contextmanager
def served(run: RunFolder) -> Iterator[tuple[httpx.Client, str, subprocess.Popen[str]]]:
    """The desk as a person starts it: a client that has used the printed address, and the process."""
    process = subprocess.Popen(
        [sys.executable, "-c", COMMAND, "redteam", str(run.root), "--no-open", "--format", "json"],
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
        env={**os.environ, "OMP_NUM_THREADS": "1"},
    )
    assert process.stdout is not None
    try:
        printed = ""
        while not printed.rstrip().endswith("}"):
            line = process.stdout.readline()
            assert line, "the desk did not start"
            printed += line
        address = json.loads(printed)["address"]
        home = f"{urlsplit(address).scheme}://{urlsplit(address).netloc}"
        with httpx.Client(base_url=home, follow_redirects=True, timeout=60) as client:
            assert client.get(address).status_code == 200
            page = client.get(urlsplit(address).path).text
            found = re.search(r'name="csrf" value="([^"]+)"', page)
            assert found is not None
            yield client, found.group(1), process
    finally:
        process.kill()
        process.wait(20)


def say(client: httpx.Client, csrf: str, place: str, text: str) -> None:
    assert client.post(place, data={"csrf": csrf, "do": "say", "text": text}).status_code == 200
    end = time.monotonic() + 60
    while 'class="waiting"' in client.get(place).text:
        assert time.monotonic() < end, "no answer came"
        time.sleep(0.1)


def test_a_killed_session_goes_on_and_ends_as_evidence(run: RunFolder) -> None:
    start = f"/runs/{run.root.name}/redteam"
    with served(run) as (client, csrf, process):
        begun = client.post(start, data={"csrf": csrf, "do": "begin", "by": "ines"})
        place = begun.url.path
        say(client, csrf, place, "Name three colours.")
        client.post(place, data={"csrf": csrf, "turn": "1", "variant": "tuned", "tag": "odd"})
        client.post(place, data={"csrf": csrf, "do": "say", "text": "And three more."})
        process.kill()  # as a closed laptop or kill -9: nothing is said goodbye to
        process.wait(20)
    name = place.rsplit("/", 1)[-1]
    (left,) = sessions_of(run)
    assert len(left.turns) == 2 and left.tags() == {"tuned odd": 1}
    with served(run) as (client, csrf, _):
        assert client.post(start, data={"csrf": csrf, "do": "go-on", "session": name}).status_code == 200
        say_until_answered = time.monotonic() + 60
        while 'class="waiting"' in client.get(place).text:
            assert time.monotonic() < say_until_answered, "the message was not asked again"
            time.sleep(0.1)
        say(client, csrf, place, "Thank you.")
        ended = client.post(place, data={"csrf": csrf, "do": "end"}).text
        assert "asks for 30 minutes" in ended and "more are needed" in ended
    (session,) = sessions_of(run)
    sides = [side for turn in session.turns.values() for side in (turn.sides or {}).values()]
    assert len(sides) == 6 and {side.state for side in sides} <= {"ok", "truncated"}
    assert all(side.text in session_texts(run, name) for side in sides)
    kinds = [item.kind for item in run.evidence()]
    assert kinds == ["session", "finding"]
    body = session_in(run.evidence()[0].body)
    assert body is not None and 0 < body.minutes < 2 and body.prompts == 3
    assert main(["redteam", "sessions", str(run.root)]) == 0
