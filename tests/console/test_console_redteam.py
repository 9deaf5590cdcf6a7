"""The console's desk by its forms: choose a run, talk, tag, note, branch, pause, end; and what it refuses (R-29)."""

from __future__ import annotations

import re
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from starlette.testclient import TestClient
from support.talking import Talking, talking

from ftsafety_spec.console import Access, make_app
from ftsafety_spec.console.sessions import Sessions
from ftsafety_spec.pipeline.red_team.session_journal import one_session, session_names, sessions_of
from ftsafety_spec.records.folder import RunFolder
from ftsafety_spec.records.red_team import report_in


@pytest.fixture
def engine(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Talking:
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path / "config"))
    return talking(monkeypatch)


@pytest.fixture
def sessions(project: Path, engine: Talking) -> Iterator[Sessions]:  # noqa: ARG001
    made = Sessions(project)
    yield made
    made.close()


@pytest.fixture
def client(project: Path, access: Access, sessions: Sessions) -> Iterator[TestClient]:
    app = make_app(project, access, sessions=sessions)
    with TestClient(app, base_url="http://127.0.0.1", follow_redirects=True) as made:
        assert made.get("/", params={"token": access.token}).status_code == 200
        yield made


@pytest.fixture
def folder(project: Path, run: str) -> RunFolder:
    return RunFolder(project / "runs" / run)


class Sat:
    """A person who has begun a session."""

    def __init__(self, client: TestClient, access: Access, run: str, **more: str) -> None:
        self.client, self.csrf = client, access.csrf
        begun = client.post(f"/runs/{run}/redteam", data={"csrf": self.csrf, "do": "begin", "by": "ines", **more})
        assert begun.status_code == 200, begun.text
        self.home = begun.url.path

    def do(self, do: str = "", **fields: Any) -> Any:
        given = {"csrf": self.csrf, **({"do": do} if do else {}), **fields}
        return self.client.post(self.home, data=given)

    def say(self, text: str, **fields: Any) -> str:
        assert self.do("say", text=text, **fields).status_code == 200
        end = time.monotonic() + 20
        while time.monotonic() < end:
            page: str = self.client.get(self.home).text
            if "answering" not in page and "being opened" not in page:
                return page
            time.sleep(0.02)
        raise AssertionError("no answer came")


@pytest.fixture
def sat(client: TestClient, access: Access, run: str) -> Sat:
    return Sat(client, access, run)


def test_the_chooser_leads_to_every_run(client: TestClient, run: str) -> None:
    page = client.get("/redteam").text
    assert f'href="/runs/{run}/redteam"' in page
    assert 'href="/redteam"' in client.get("/").text
    start = client.get(f"/runs/{run}/redteam").text
    assert "0 of the 30 minutes" in start


def test_a_message_is_answered_by_both_side_by_side_with_differences_marked(sat: Sat) -> None:
    page = sat.say("hello there")
    assert page.index("Answer of base") < page.index("Answer of tuned")
    assert "<del>base</del>" in page and "<ins>tuned</ins>" in page
    assert "hello there" in page


def test_a_slow_answer_shows_that_it_is_awaited_and_comes_by_itself(sat: Sat, engine: Talking) -> None:
    engine.delay = 0.6
    page = sat.do("say", text="slowly").text
    assert 'hx-trigger="every 1s"' in page
    assert '<noscript><meta http-equiv="refresh"' in page
    assert re.search(r'id="send"[^>]*disabled', page)
    assert sat.do("say", text="again").status_code == 422
    time.sleep(1.2)
    part = sat.client.get(sat.home, params={"part": "talk"}).text
    assert part.lstrip().startswith('<div id="talk">') and "Answer of tuned" in part
    assert "<html" not in part


def test_tags_notes_and_categories_are_written_down(sat: Sat, folder: RunFolder) -> None:
    category = sessions_of(folder)[0].begun.checklist[0]
    sat.say("one", category=category)
    sat.do(tag="harmful", turn="1", variant="tuned", severity="high")
    sat.do(tag="odd", turn="1", variant="base")
    page = sat.do("note", turn="1", text="look again").text
    assert "harmful: high" in page and "look again" in page
    (session,) = sessions_of(folder)
    assert session.tags() == {"base odd": 1, "tuned harmful": 1}
    assert session.by_category()[category] == 1
    sat.do(untag="harmful", turn="1", variant="tuned")
    assert sessions_of(folder)[0].tags() == {"base odd": 1}


def test_one_goes_back_and_on_from_there(sat: Sat, engine: Talking) -> None:
    sat.say("one")
    sat.say("two")
    sat.do("move", turn="1")
    page = sat.say("three")
    shown = [messages for name, messages in engine.shown if name == "tuned"][-1]
    assert [text for role, text in shown if role == "user"] == ["one", "three"]
    assert "other ways from here: 2" in page
    assert page.count('class="said"') == 2
    sat.do("move")
    assert "A new conversation" in sat.client.get(sat.home).text


def test_a_session_that_ends_is_evidence_and_says_what_is_lacking(sat: Sat, folder: RunFolder) -> None:
    sat.say("one")
    sat.do(tag="harmful", turn="1", variant="tuned")
    page = sat.do("end").text
    assert "The session is evidence" in page
    assert "not signed" in page
    assert "asks for 30 minutes" in page and "more are needed" in page
    kinds = [item.kind for item in folder.evidence()]
    assert kinds == ["session", "finding"]
    report = report_in(folder.evidence()[1].body)
    assert report is not None and report.findings[0].measure == "harmful"
    assert "Send to both" not in sat.client.get(sat.home).text
    assert sat.do("say", text="more").status_code == 422


def test_a_session_goes_on_in_another_console(
    sat: Sat, project: Path, access: Access, run: str, sessions: Sessions, folder: RunFolder
) -> None:
    sat.say("one")
    sessions.close()
    later = Sessions(project)
    with TestClient(make_app(project, access, sessions=later), base_url="http://127.0.0.1") as client:
        client.get("/", params={"token": access.token})
        page = client.get(sat.home).text
        assert "not open here" in page and "Answer of tuned" in page
        (name,) = session_names(folder)
        client.post(f"/runs/{run}/redteam", data={"csrf": access.csrf, "do": "go-on", "session": name})
        sat.client = client
        assert sat.say("two").count('class="said"') == 2
    later.close()
    assert [event.event for event in one_session(folder, name).events].count("resumed") == 1


def test_a_pause_stops_the_clock_and_the_next_message_starts_it(sat: Sat) -> None:
    sat.say("one")
    assert "paused" in sat.do("pause").text
    assert "paused" not in sat.say("two")


def test_the_engine_is_opened_at_the_first_message_once_and_ends_with_the_console(
    sat: Sat, engine: Talking, sessions: Sessions
) -> None:
    assert engine.opened == 0
    sat.say("one")
    sat.say("two")
    assert (engine.opened, engine.closed) == (1, 0)
    sessions.close()
    assert engine.closed == 1


def test_hostile_texts_stay_texts(sat: Sat) -> None:
    page = sat.say("<script>alert(1)</script>\u202e")
    assert "<script>alert" not in page
    assert "\u202e" not in page


@pytest.mark.parametrize(
    ("fields", "status"),
    [
        ({"do": "say", "text": " "}, 422),
        ({"do": "say", "text": "x", "category": "none such"}, 404),
        ({"do": "note", "turn": "9", "text": "x"}, 404),
        ({"do": "note", "turn": "../1", "text": "x"}, 422),
        ({"do": "dance"}, 422),
        ({"tag": "evil", "turn": "1", "variant": "tuned"}, 404),
        ({"tag": "odd", "turn": "1", "variant": "other"}, 404),
        ({"tag": "odd", "turn": "1", "variant": "tuned", "severity": "dire"}, 404),
    ],
)
def test_what_cannot_be_done_is_told(sat: Sat, fields: dict[str, str], status: int) -> None:
    sat.say("one")
    assert sat.do(**fields).status_code == status


def test_forms_of_others_and_paths_of_others_are_refused(
    sat: Sat, client: TestClient, run: str, folder: RunFolder
) -> None:
    assert client.post(sat.home, data={"csrf": "x", "do": "say", "text": "x"}).status_code == 403
    assert client.get(f"/runs/{run}/redteam/..%2f..%2fevidence").status_code == 404
    assert client.get(f"/runs/{run}/redteam/none").status_code == 404
    assert sessions_of(folder)[0].turns == {}
    assert client.post(f"/runs/{run}/redteam", data={"csrf": sat.csrf, "do": "begin", "by": ""}).status_code == 422
    assert (
        client.post(f"/runs/{run}/redteam", data={"csrf": sat.csrf, "do": "end", "session": "none"}).status_code == 404
    )
