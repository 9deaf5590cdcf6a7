"""The wheel holds everything that the command needs, and finds its built-in files where they lie in a wheel."""

from __future__ import annotations

import importlib.util
import os
import re
import subprocess
import sys
import sysconfig
import zipfile
from pathlib import Path

import pytest

import ftsafety_spec
from ftsafety_spec.compose import builtin_root

ROOT = Path(__file__).parents[2]


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The wheel, built from this tree."""
    if not (ROOT / "pyproject.toml").exists():
        pytest.skip("the tests do not lie in a source tree")
    folder = tmp_path_factory.mktemp("dist")
    alone = [] if importlib.util.find_spec("hatchling") is None else ["--no-isolation"]
    command = [sys.executable, "-m", "build", "--wheel", *alone, "--outdir", str(folder), str(ROOT)]
    built = subprocess.run(command, capture_output=True, text=True, check=False)
    assert built.returncode == 0, built.stdout[-2000:] + built.stderr[-2000:]
    (path,) = folder.glob("*.whl")
    return path


@pytest.fixture(scope="module")
def ftsafety(wheel: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The command of the wheel, installed into an environment of its own that borrows the dependencies of this one.
    The borrowed folder is added by a `.pth` file, so that its own `.pth` files (the editable install) do not count."""
    home = tmp_path_factory.mktemp("venv")
    subprocess.run([sys.executable, "-m", "venv", str(home)], check=True)
    python = home / "bin" / "python"
    install = [str(python), "-m", "pip", "install", "--quiet", "--no-deps", "--no-index", str(wheel)]
    subprocess.run(install, check=True, env={**os.environ, "PIP_DISABLE_PIP_VERSION_CHECK": "1"})
    (site,) = home.glob("lib/python*/site-packages")
    (site / "borrowed.pth").write_text(sysconfig.get_path("purelib") + "\n")
    return home / "bin" / "ftsafety"


def run(command: Path, folder: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    environment = {name: value for name, value in os.environ.items() if name not in ("PYTHONPATH", "FTSAFETY_DATA")}
    return subprocess.run(
        [str(command), *arguments], cwd=folder, env=environment, capture_output=True, text=True, check=False
    )


@pytest.mark.slow
def test_the_wheel_holds_package_templates_built_ins_and_nothing_else(wheel: Path) -> None:
    names = set(zipfile.ZipFile(wheel).namelist())
    tops = {name.split("/")[0] for name in names}
    assert {top for top in tops if not top.endswith(".dist-info")} == {"ftsafety_spec"}
    assert "ftsafety_spec/py.typed" in names
    for folder in ("specs", "policies", "providers"):
        for path in (ROOT / folder).rglob("*.yaml"):
            assert f"ftsafety_spec/_builtin/{path.relative_to(ROOT).as_posix()}" in names
    for path in (ROOT / "ftsafety_spec").rglob("*"):
        if path.is_file() and "__pycache__" not in path.parts and "_builtin" not in path.parts:
            assert path.relative_to(ROOT).as_posix() in names, path.name
    assert not [name for name in names if name.endswith((".gguf", ".safetensors", ".pyc", ".parquet"))]
    assert wheel.stat().st_size < 2_000_000


@pytest.mark.slow
def test_an_installed_wheel_finds_its_built_ins_and_runs_a_new_project(ftsafety: Path, tmp_path: Path) -> None:
    python = ftsafety.with_name("python")
    code = "from ftsafety_spec.compose import builtin_root; print(builtin_root())"
    where = run(python, tmp_path, "-c", code).stdout.strip()
    assert where.endswith("site-packages/ftsafety_spec/_builtin")
    assert Path(where).is_relative_to(ftsafety.parents[1]), "not this tree's files"
    assert "ftsafety:policies/ftsafety/default.yaml" in run(ftsafety, tmp_path, "policies").stdout
    assert run(ftsafety, tmp_path, "init", ".", "--template", "recorded").returncode == 0
    assert run(ftsafety, tmp_path, "validate").returncode == 0
    judged = run(ftsafety, tmp_path, "run", "first")
    assert judged.returncode == 3, judged.stderr
    assert judged.stdout.startswith("PENDING")


def test_an_editable_install_reads_the_checkouts_files() -> None:
    if Path(ftsafety_spec.__file__).resolve().parent.parent != ROOT:
        pytest.skip("not an editable install")
    assert builtin_root() == ROOT
    assert (builtin_root() / "policies/ftsafety/default.yaml").is_file()


def test_constraints_pin_every_dependency_and_name_no_place() -> None:
    text = (ROOT / "constraints.txt").read_text()
    pins = [line for line in text.splitlines() if line and not line.startswith("#")]
    assert all(re.fullmatch(r"[A-Za-z0-9._-]+==[\w.]+", pin) for pin in pins)
    pinned = {_plain(pin.split("==")[0]) for pin in pins}
    project = (ROOT / "pyproject.toml").read_text()
    blocks = re.findall(r"(?:dependencies|llamacpp|local|dev) = \[(.*?)\]\n", project, re.DOTALL)
    wanted = {_plain(name) for block in blocks for name in re.findall(r'"([A-Za-z0-9._-]+)', block)}
    assert len(wanted) > 20 and wanted - pinned == set()


def test_base_and_llamacpp_need_no_torch() -> None:
    project = (ROOT / "pyproject.toml").read_text()
    base = re.search(r"^dependencies = \[(.*?)^\]", project, re.DOTALL | re.MULTILINE)
    assert base is not None
    assert not re.search(r"torch|transformers|peft|\bray\b", base[1])


def _plain(name: str) -> str:
    return re.sub(r"[-_.]+", "-", name).lower()
