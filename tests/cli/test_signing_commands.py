"""`keys`, `sign`, `verify` and `admit` as typed: a person makes a key, signs, and somebody else lets a model through or
not. Every mistake is a message with a code."""

from __future__ import annotations

import json
import os
import shutil
from pathlib import Path
from typing import Any

import jsonschema
import pytest
from support.signed_run import adapter, content, run_of, weights

from ftsafety_spec.attest.schema import attest_schema

AT = "2026-11-25"


@pytest.fixture(autouse=True)
def config(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The user's configuration folder."""
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path / "config"))
    return tmp_path / "config" / "ftsafety" / "keys"


@pytest.fixture(scope="module")
def judged_go(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A project with weights, an adapter, and the go that was given to the adapter on the weights."""
    root = tmp_path_factory.mktemp("go")
    (root / "specs").mkdir()
    base, tone = weights(root / "weights" / "base", "b"), adapter(root / "adapters" / "tone", "t")
    run_of(root / "runs" / "bot", content(base), content(base, ("tone", tone)))
    return root


@pytest.fixture
def home(judged_go: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, ftsafety: Any) -> Path:
    """A copy of it as the working folder, with a key that is trusted."""
    shutil.copytree(judged_go, tmp_path / "home")
    monkeypatch.chdir(tmp_path / "home")
    assert ftsafety("keys", "new", "ci").status == 0
    public = tmp_path / "config" / "ftsafety" / "keys" / "ci.pub.yaml"
    assert ftsafety("keys", "trust", str(public), "--role", "release").status == 0
    return tmp_path / "home"


@pytest.fixture
def signed(home: Path, ftsafety: Any) -> Path:
    """The same, with its run signed."""
    done = ftsafety("sign", "runs/bot", "--key", "ci")
    assert done.status == 0, done.err
    return home


def test_from_a_key_to_an_admission(signed: Path, ftsafety: Any) -> None:
    assert (signed / "trust" / "ci.yaml").is_file()
    done = ftsafety("verify", "runs/bot", "--signed")
    assert done.status == 0 and "valid: ci, release" in done.out
    done = ftsafety("admit", "adapters/tone", "--verdict", "runs/bot", "--at", AT)
    assert done.status == 0, done.err
    assert done.out.startswith("admitted: adapters/tone, on 2026-11-25")
    assert "base weights sha256:" in done.out, "what was not looked at is said"


def test_the_envelope_alone_is_enough_and_the_answer_fits_its_schema(
    signed: Path, ftsafety: Any, tmp_path: Path
) -> None:
    """Who deploys needs the artefact, the envelope and the trusted keys, not the run."""
    assert signed.is_dir()
    alone = tmp_path / "alone.jsonl"
    shutil.copy("runs/bot/verdict.intoto.jsonl", alone)
    shutil.rmtree("runs")
    arguments = ("adapters/tone", "weights/base", "--verdict", str(alone), "--at", AT, "--format", "json")
    done = ftsafety("admit", *arguments, "--trust", "trust/ci.yaml")
    assert done.status == 0 and done.data["admitted"] is True and done.data["variants"] == ["tuned"]
    jsonschema.validate(done.data, attest_schema("admission"))
    assert not any("not looked at" in text for text in done.data["conditions"])


def flip(path: Path) -> None:
    data = path.read_bytes()
    path.write_bytes(data[:-1] + bytes([data[-1] ^ 1]))


def test_one_changed_byte_of_the_artefact_is_not_admitted(signed: Path, ftsafety: Any) -> None:
    flip(signed / "adapters" / "tone" / "adapter_model.safetensors")
    done = ftsafety("admit", "adapters/tone", "--verdict", "runs/bot", "--at", AT, "--format", "json")
    assert done.status == 10 and done.data["admitted"] is False
    assert "not what this verdict is about" in done.data["reasons"][0]


@pytest.mark.parametrize(("at", "status"), [("2026-11-23", 10), ("2027-05-19", 0), ("2027-05-20", 10)])
def test_admission_looks_at_the_date(signed: Path, ftsafety: Any, at: str, status: int) -> None:  # noqa: ARG001
    assert ftsafety("admit", "adapters/tone", "--verdict", "runs/bot", "--at", at).status == status


def test_the_base_alone_is_not_admitted(signed: Path, ftsafety: Any) -> None:  # noqa: ARG001
    done = ftsafety("admit", "weights/base", "--verdict", "runs/bot", "--at", AT)
    assert done.status == 10 and "alone was not judged" in done.out


def test_a_changed_run_is_a_failed_verification_and_no_answer(signed: Path, ftsafety: Any) -> None:
    flip(signed / "runs" / "bot" / "report.md")
    done = ftsafety("admit", "adapters/tone", "--verdict", "runs/bot", "--at", AT)
    assert done.status == 5 and "report.md" in done.err
    done = ftsafety("verify", "runs/bot")
    assert done.status == 5 and "report.md: a report says something else" in done.out and "NOT verified" in done.out


def test_an_unsigned_run_admits_nothing(home: Path, ftsafety: Any) -> None:  # noqa: ARG001
    done = ftsafety("admit", "adapters/tone", "--verdict", "runs/bot", "--at", AT)
    assert done.status == 5 and "FTS-152" in done.err
    assert ftsafety("verify", "runs/bot").status == 0
    assert ftsafety("verify", "runs/bot", "--signed").status == 5


def test_keys_that_come_with_a_run_are_not_trusted(
    signed: Path, ftsafety: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Whoever sends a run could send a trust/ folder with it."""
    (tmp_path / "mine" / "specs").mkdir(parents=True)
    monkeypatch.chdir(tmp_path / "mine")
    done = ftsafety("admit", str(signed / "adapters" / "tone"), "--verdict", str(signed / "runs" / "bot"), "--at", AT)
    assert done.status == 2 and "FTS-134" in done.err
    done = ftsafety("verify", str(signed / "runs" / "bot"), "--format", "json")
    (said,) = [row for row in done.data["checks"] if row["name"].startswith("signature")]
    assert done.status == 0 and said["proves"] is False and "not trusted" in said["detail"]


def test_a_key_of_somebody_else_admits_nothing(signed: Path, ftsafety: Any, config: Path) -> None:  # noqa: ARG001
    assert ftsafety("keys", "new", "other").status == 0
    ftsafety("keys", "trust", str(config / "other.pub.yaml"), "--role", "r", "--trust", "others")
    done = ftsafety("admit", "adapters/tone", "--verdict", "runs/bot", "--at", AT, "--trust", "others")
    assert done.status == 5 and "FTS-152" in done.err


def test_a_run_that_does_not_verify_is_not_signed(home: Path, ftsafety: Any) -> None:
    flip(home / "runs" / "bot" / "plan.json")
    done = ftsafety("sign", "runs/bot", "--key", "ci")
    assert done.status == 5 and not (home / "runs" / "bot" / "verdict.intoto.jsonl").exists()


def test_judging_again_with_the_same_verdict_keeps_the_signature(signed: Path, ftsafety: Any) -> None:  # noqa: ARG001
    assert ftsafety("gate", "runs/bot", "--at", "2026-11-24", "--write").status == 0
    assert ftsafety("verify", "runs/bot", "--signed").status == 0


def test_gate_signs_where_asked(home: Path, ftsafety: Any) -> None:  # noqa: ARG001
    done = ftsafety("gate", "runs/bot", "--at", "2026-11-24", "--write", "--sign", "ci")
    assert done.status == 0 and "signed by key" in done.err
    assert ftsafety("verify", "runs/bot", "--signed").status == 0


def test_run_signs_at_its_end_and_opens_the_key_before_it_begins(project: Path, ftsafety: Any) -> None:
    done = ftsafety("run", "first", "--sign", "ci")
    assert done.status == 2 and "FTS-104" in done.err and not (project / "runs").exists()
    assert ftsafety("keys", "new", "ci").status == 0
    assert ftsafety("run", "first", "--sign", "ci").status == 3, "a pending verdict is signed as well"
    (run,) = (project / "runs").iterdir()
    done = ftsafety("verify", str(run), "--format", "json")
    assert done.status == 0 and any(row["name"].startswith("signature ") for row in done.data["checks"])


def test_a_locked_key_needs_its_passphrase(
    home: Path, ftsafety: Any, config: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PASS", "long and strange")
    assert ftsafety("keys", "new", "locked", "--passphrase-env", "PASS").status == 0
    done = ftsafety("sign", "runs/bot", "--key", "locked")
    assert done.status == 2 and "--passphrase-env" in done.err
    done = ftsafety("sign", "runs/bot", "--key", "locked", "--passphrase-env", "PASS", "--format", "json")
    assert done.status == 0 and done.data["replaced"] == 0
    shown = "".join(path.read_text(errors="replace") for path in home.rglob("*") if path.is_file())
    assert "long and strange" not in shown + done.out + done.err and "PRIVATE KEY" not in shown
    assert (config / "locked.pem").is_file()


def test_keys_are_listed_without_what_is_secret(home: Path, ftsafety: Any, config: Path) -> None:  # noqa: ARG001
    done = ftsafety("keys", "list", "--format", "json")
    assert [row["name"] for row in done.data["own"]] == ["ci"] and done.data["keys"][0]["role"] == "release"
    secret = (config / "ci.pem").read_text().splitlines()[1]
    assert secret not in done.out + ftsafety("keys", "list").out


def test_identities_that_are_trusted_without_a_key_are_listed_too(home: Path, ftsafety: Any) -> None:
    (home / "trust" / "flow.yaml").write_text(
        "identities: [{name: flow, identity: dana@acme.example, issuer: https://accounts.acme.example, role: release,"
        " until: 2027-01-31}]"
    )
    (who,) = ftsafety("keys", "list", "--format", "json").data["identities"]
    assert (who["name"], who["identity"], who["until"]) == ("flow", "dana@acme.example", "2027-01-31")
    shown = " ".join(ftsafety("keys", "list").out.split())
    assert "flow" in shown and "2027-01-31" in shown and "accounts.acme.example" in shown


def test_a_key_inside_of_a_repository_is_refused_unless_told(
    tmp_path: Path, ftsafety: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / ".git").mkdir()
    monkeypatch.chdir(tmp_path)
    assert ftsafety("keys", "new", "ci").status == 2, "also where the configuration folder lies in one"
    assert ftsafety("keys", "new", "ci", "--dir", "keys").status == 2
    assert ftsafety("keys", "new", "ci", "--dir", "keys", "--in-repository").status == 0


@pytest.mark.parametrize(
    ("arguments", "code"),
    [
        (("sign", "runs/bot", "--key", "cj"), "FTS-104"),
        (("sign", "runs/bot"), "FTS-115"),
        (("sign", "nowhere", "--key", "ci"), "FTS-130"),
        (("keys", "new", "../up"), "FTS-133"),
        (("keys", "new", "ci"), "FTS-133"),
        (("keys", "trust", "trust/ci.yaml", "--role", "r"), "FTS-105"),
        (("keys", "trust", "adapters/tone/adapter_config.json", "--role", "r"), "FTS-105"),
        (("keys", "nwe"), "FTS-115"),
        (("admit", "adapters/tone", "--verdict", "nowhere"), "FTS-115"),
        (("admit", "--verdict", "runs/bot"), "FTS-115"),
        (("admit", "adapters/tone", "--verdict", "runs/bot", "--at", "soon"), "FTS-115"),
        (("admit", "adapters/tone", "--verdict", "runs/bot", "--trust", "nowhere"), "FTS-111"),
        (("admit", "adapters/none", "--verdict", "runs/bot"), "FTS-111"),
        (("admit", "runs", "--verdict", "runs/bot"), "FTS-124"),
        (("verify", "runs/bot", "--trust", "adapters/tone/adapter_config.json"), "FTS-105"),
        (("gate", "runs/bot", "--policy", "x", "--sign", "ci"), "FTS-115"),
    ],
)
def test_a_mistake_is_a_message_with_a_code(signed: Path, ftsafety: Any, arguments: tuple[str, ...], code: str) -> None:
    assert signed.is_dir()
    done = ftsafety(*arguments)
    assert done.status == 2 and code in done.err and "Traceback" not in done.err, done.err


def test_a_run_with_a_hostile_envelope_is_named_and_admits_nothing(signed: Path, ftsafety: Any) -> None:
    path = signed / "runs" / "bot" / "verdict.intoto.jsonl"
    path.write_text(json.dumps({"payload": "\x1b[2J", "payloadType": "\x1b[2J", "signatures": []}) + "\n")
    done = ftsafety("admit", "adapters/tone", "--verdict", str(path), "--at", AT)
    assert done.status == 5 and "\x1b" not in done.out + done.err


def test_nothing_goes_out_to_a_network(signed: Path, ftsafety: Any, monkeypatch: pytest.MonkeyPatch) -> None:  # noqa: ARG001
    import socket

    def refused(*_: object) -> None:
        raise AssertionError("a connection was tried")

    monkeypatch.setattr(socket.socket, "connect", refused)
    assert ftsafety("admit", "adapters/tone", "--verdict", "runs/bot", "--at", AT).status == 0
    assert os.environ["XDG_CONFIG_HOME"]
