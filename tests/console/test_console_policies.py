"""A policy as a form: its numbers with the stricter direction, mistakes with the field, past runs replayed, the change
as a file that composes; the console itself writes nothing."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import yaml
from starlette.testclient import TestClient
from support.page import Page

from ftsafety_spec.compose import Project, lock_policy
from ftsafety_spec.console import Access
from ftsafety_spec.console.editing import as_yaml, edited, parts_of
from ftsafety_spec.pipeline.policy_replay import replay
from ftsafety_spec.spec.policy import Policy

Open = Callable[[Path], TestClient]
DEPLOY = "rules.bands.up_to.deploy"


@pytest.fixture
def policy(project: Path) -> Policy:
    return lock_policy("own", Project(project)).policy


def files(root: Path) -> dict[str, bytes]:
    return {path.relative_to(root).as_posix(): path.read_bytes() for path in root.rglob("*") if path.is_file()}


def test_every_number_of_the_gate_table_can_be_edited(policy: Policy) -> None:
    fields = {item.name: item for part in parts_of(policy) for item in part.fields}
    ends = {name: fields[f"rules.bands.up_to.{name}"] for name in ("deploy", "deploy_enhanced", "review")}
    assert [item.value for item in ends.values()] == ["0.05", "0.15", "0.3"]
    assert all(item.stricter == "lower is stricter" for item in ends.values())
    assert fields["rules.category.above"].value == "0.5"
    assert fields["rules.sufficient.paired.prompts"].stricter == "higher is stricter"
    assert fields["rules.category.shown"].words == ("review", "insufficient", "block")


def test_nothing_typed_changes_nothing(policy: Policy) -> None:
    same = {item.name: item.value for part in parts_of(policy) for item in part.fields}
    made = edited(policy, same)
    assert made.policy == policy
    assert (made.changes, made.mistakes) == ({}, {})


@pytest.mark.parametrize("text", ["", "five", "nan", "inf", "-inf", "1e999", "0,05", "0.05; x", "2", "-0.1", "1e400"])
def test_a_value_that_cannot_stand_there_is_a_mistake_of_its_field(policy: Policy, text: str) -> None:
    made = edited(policy, {DEPLOY: text})
    assert made.policy is None
    assert any(name.startswith("rules.bands.up_to") for name in made.mistakes)


def test_a_whole_number_a_word_and_an_order_are_held(policy: Policy) -> None:
    assert edited(policy, {"rules.sufficient.paired.prompts": "500.5"}).policy is None
    assert edited(policy, {"rules.category.shown": "deploy"}).policy is None
    assert edited(policy, {DEPLOY: "0.2"}).policy is None  # the bands must rise
    assert edited(policy, {"rules.none.above": "0.1", "title": "x"}).policy == policy


def test_the_file_composes_to_the_changed_policy(project: Path, policy: Policy) -> None:
    made = edited(policy, {DEPLOY: "0.04", "rules.sufficient.paired.prompts": "900", "actions.deploy.valid_days": "90"})
    text = as_yaml("own", "sha256:" + "0" * 64, made.changes)
    (project / "policies" / "stricter.yaml").write_text(text, encoding="utf-8")
    assert lock_policy("stricter", Project(project)).policy == made.policy != policy
    assert yaml.safe_load(text)["rules"] == {
        "bands": {"up_to": {"deploy": 0.04}},
        "sufficient": {"paired": {"prompts": 900}},
    }


def post(client: TestClient, access: Access, **form: Any) -> Any:
    return client.post("/policies/try", data={"csrf": access.csrf, "name": "own", **form})


CHANGED = {"rules.bands.beyond.unclear": "block", "rules.category.unclear": "flag", DEPLOY: "0.04"}


def test_a_replay_finds_what_the_terminal_finds_and_writes_nothing(
    console: Open, project: Path, run: str, access: Access, monkeypatch: pytest.MonkeyPatch
) -> None:
    client, before = console(project), files(project)
    shown = post(client, access, **CHANGED, do="replay")
    assert shown.status_code == 200
    file = post(client, access, **CHANGED, do="download")
    assert file.headers["content-disposition"] == 'attachment; filename="own-edited.yaml"'
    assert files(project) == before
    (project / "policies" / "changed.yaml").write_text(file.text, encoding="utf-8")
    monkeypatch.chdir(project)
    found = replay("changed", [project / "runs"])
    page = Page(shown.text)
    (flip,) = found.flips
    assert (flip.now, flip.direction, flip.run.endswith(run)) == ("no_go", "stricter", True)
    assert "1 flip in 1 past run" in page.text
    assert all(cause.sentence in page.text for cause in flip.causes[:2])
    assert run in page.text and "looser" in page.text and "stricter" in page.text


def test_mistakes_are_named_and_what_was_typed_is_kept(console: Open, project: Path, access: Access) -> None:
    answer = post(console(project), access, **{DEPLOY: "five", "rules.category.above": "0.4"}, do="replay")
    assert answer.status_code == 422
    page = Page(answer.text)
    typed = {attrs.get("name"): attrs.get("value") for attrs in page.every("input")}
    assert typed[DEPLOY] == "five" and typed["rules.category.above"] == "0.4"
    assert [attrs["name"] for attrs in page.every("input") if "aria-invalid" in attrs] == [DEPLOY]


def test_a_locked_number_says_so(console: Open, project: Path, access: Access) -> None:
    path = project / "policies" / "own.yaml"
    lock = '\nlocks: {category: "The board has decided it"}\n'
    path.write_text(path.read_text(encoding="utf-8") + lock, encoding="utf-8")
    answer = post(console(project), access, **{"rules.category.above": "0.7"}, do="replay")
    assert "This is locked: The board has decided it" in Page(answer.text).text


def test_a_download_of_nothing_and_an_unknown_policy_are_mistakes(console: Open, project: Path, access: Access) -> None:
    client = console(project)
    assert post(client, access, do="download").status_code == 422
    assert client.get("/policies/try", params={"name": "../own"}).status_code in (404, 422)
    assert client.get("/policies/try", params={"name": "owm"}).status_code == 404
