"""A judged project, and a client that is signed in to its console."""

from __future__ import annotations

import shutil
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from starlette.testclient import TestClient

from ftsafety_spec.cli.main import main
from ftsafety_spec.console import Access, make_app

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))  # for tests/support

Open = Callable[[Path], TestClient]


@pytest.fixture(scope="session")
def judged(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A project whose spec was run once; copied by `project`, never changed."""
    folder = tmp_path_factory.mktemp("console") / "shop"
    folder.mkdir()
    with pytest.MonkeyPatch.context() as patch:
        patch.chdir(folder)
        patch.delenv("FTSAFETY_DATA", raising=False)
        assert main(["init", "--template", "recorded"]) == 0
        assert main(["run", "first"]) == 3
    return folder


@pytest.fixture
def project(judged: Path, tmp_path: Path) -> Path:
    """A copy of the judged project."""
    home = tmp_path / "shop"
    shutil.copytree(judged, home)
    return home


@pytest.fixture
def access() -> Access:
    """Secrets of one console."""
    return Access(port=80)


@pytest.fixture
def console(access: Access) -> Iterator[Open]:
    """`console(project)`: a client that has used the printed address."""
    opened: list[TestClient] = []

    def start(root: Path) -> TestClient:
        client = TestClient(make_app(root, access), base_url="http://127.0.0.1")
        assert client.get("/", params={"token": access.token}).status_code == 200
        opened.append(client)
        return client

    yield start
    for client in opened:
        client.close()


@pytest.fixture
def run(project: Path) -> str:
    """The name of the project's one run."""
    (folder,) = (project / "runs").iterdir()
    return folder.name
