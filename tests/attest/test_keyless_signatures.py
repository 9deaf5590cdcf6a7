"""Keyless signatures: whose bundle counts, whose does not, and that nothing counts that was not looked at.

A stand-in for sigstore's library gives the answers, since a real bundle needs its public services; what the library
itself refuses is shown with the real one, where the extra is installed."""

from __future__ import annotations

import base64
import json
import shutil
import sys
from collections.abc import Iterator
from hashlib import sha256
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from support.signed_run import adapter, content, run_of, weights

from ftsafety_spec.attest import keyless
from ftsafety_spec.cli.main import main

AT = "2026-11-25"
CI = "https://github.com/acme/bot/.github/workflows/release.yml@refs/heads/main"
ISSUER = "https://token.actions.githubusercontent.com"
TRUST = f"identities:\n  - {{name: ci, identity: {CI}, issuer: {ISSUER}, role: release}}\n"


REAL = keyless._library


class Refused(Exception):
    """What the stand-in raises."""


class Certificate:
    def __init__(self, identity: str, issuer: str) -> None:
        self.names = (identity, issuer)

    def fingerprint(self, _: object) -> bytes:
        return sha256(json.dumps(self.names).encode()).digest()


class Bundle:
    def __init__(self, payload: bytes, identity: str, issuer: str) -> None:
        self.payload, self.signing_certificate = payload, Certificate(identity, issuer)

    @classmethod
    def from_json(cls, raw: bytes) -> Bundle:
        data = json.loads(raw)
        payload = base64.b64decode(data["payload"])
        if sha256(payload).hexdigest() != data["sig"]:
            raise Refused
        return cls(payload, *data["by"])

    def to_json(self) -> str:
        text = base64.b64encode(self.payload).decode()
        made = {"payload": text, "sig": sha256(self.payload).hexdigest(), "by": self.signing_certificate.names}
        return json.dumps(made)


class Verifier:
    @classmethod
    def production(cls, *, offline: bool) -> Verifier:
        assert offline
        return cls()

    def verify_dsse(self, bundle: Bundle, policy: Any) -> tuple[str, bytes]:
        policy.verify(bundle.signing_certificate)
        return "application/vnd.in-toto+json", bundle.payload


class Identity:
    def __init__(self, *, identity: str, issuer: str) -> None:
        self.names = (identity, issuer)

    def verify(self, certificate: Certificate) -> None:
        if certificate.names != self.names:
            raise Refused


@pytest.fixture
def stand_in(monkeypatch: pytest.MonkeyPatch) -> None:
    library = SimpleNamespace(
        models=SimpleNamespace(Bundle=Bundle),
        verify=SimpleNamespace(Verifier=Verifier, policy=SimpleNamespace(Identity=Identity)),
        errors=SimpleNamespace(VerificationError=Refused),
    )
    monkeypatch.setattr(keyless, "_library", lambda: library)

    def sign(payload: bytes) -> tuple[str, str]:
        made = Bundle(payload, CI, ISSUER)
        return made.to_json(), made.signing_certificate.fingerprint(None).hex()

    monkeypatch.setattr("ftsafety_spec.pipeline.signing.sign_keyless", sign)


@pytest.fixture(scope="module")
def judged_go(tmp_path_factory: pytest.TempPathFactory) -> Path:
    root = tmp_path_factory.mktemp("go")
    (root / "specs").mkdir()
    base, tone = weights(root / "weights" / "base", "b"), adapter(root / "adapters" / "tone", "t")
    run_of(root / "runs" / "bot", content(base), content(base, ("tone", tone)))
    return root


@pytest.fixture
def home(judged_go: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    shutil.copytree(judged_go, tmp_path / "home")
    monkeypatch.chdir(tmp_path / "home")
    Path("trust").mkdir()
    Path("trust/ci.yaml").write_text(TRUST)
    return tmp_path / "home"


def verified(capsys: pytest.CaptureFixture[str], *more: str) -> tuple[int, dict[str, dict[str, Any]]]:
    capsys.readouterr()
    status = main(["verify", "runs/bot", *more, "--format", "json"])
    return status, {row["name"]: row for row in json.loads(capsys.readouterr().out)["checks"]}


def admitted(*more: str) -> int:
    return main(["admit", "adapters/tone", "--verdict", *(more or ("runs/bot",)), "--at", AT])


NAME = "signature verdict.sigstore.json"


@pytest.mark.usefixtures("home", "stand_in")
def test_a_trusted_identity_signs_and_the_artefact_is_admitted(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["sign", "runs/bot", "--keyless"]) == 0
    status, checks = verified(capsys, "--signed")
    assert status == 0 and checks[NAME]["proves"] and CI in checks[NAME]["detail"]
    assert checks["signed: verdict"]["ok"] and checks["signed: files"]["ok"]
    assert admitted() == 0
    assert admitted("runs/bot/verdict.sigstore.json") == 0


@pytest.mark.usefixtures("home", "stand_in")
@pytest.mark.parametrize(
    "trust",
    [
        TRUST.replace("refs/heads/main", "refs/heads/other"),
        TRUST.replace(ISSUER, "https://issuer.example"),
        TRUST.replace("role: release", "role: release, until: 2020-01-01"),
        TRUST.replace("role: release", "role: release, specs: [other]"),
    ],
)
def test_another_identity_issuer_time_or_scope_counts_for_nothing(
    capsys: pytest.CaptureFixture[str], trust: str
) -> None:
    assert main(["sign", "runs/bot", "--keyless"]) == 0
    Path("trust/ci.yaml").write_text(trust)
    status, checks = verified(capsys)
    assert status == 0 and not checks[NAME]["proves"] and "not trusted" in checks[NAME]["detail"]
    assert verified(capsys, "--signed")[0] == 5
    assert admitted() == 5


@pytest.mark.usefixtures("home", "stand_in")
def test_a_bundle_that_does_not_hold_is_tampering(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["sign", "runs/bot", "--keyless"]) == 0
    path = Path("runs/bot/verdict.sigstore.json")
    good = json.loads(path.read_text())
    for bad in ({**good, "sig": "0" * 64}, {**good, "payload": base64.b64encode(b"{}").decode()}, {}):
        path.write_text(json.dumps(bad))
        status, checks = verified(capsys)
        assert status == 5 and not checks[NAME]["ok"]
        assert admitted("runs/bot/verdict.sigstore.json") == 5


@pytest.mark.usefixtures("home", "stand_in")
def test_a_run_that_changed_after_it_was_signed_is_named(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["sign", "runs/bot", "--keyless"]) == 0
    assert main(["report", "runs/bot"]) == 0, "writes the manifest anew"
    status, checks = verified(capsys)
    assert status == 5 and any(name.startswith("signed: report") and not row["ok"] for name, row in checks.items())


@pytest.mark.usefixtures("home", "stand_in")
def test_without_the_extra_nothing_is_shown_and_nothing_admitted(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    assert main(["sign", "runs/bot", "--keyless"]) == 0
    monkeypatch.setattr(keyless, "_library", REAL)
    monkeypatch.setitem(sys.modules, "sigstore", None)
    for name in [name for name in sys.modules if name.startswith("sigstore.")]:
        monkeypatch.setitem(sys.modules, name, None)
    status, checks = verified(capsys)
    assert status == 0 and not checks[NAME]["proves"] and "not looked at" in checks[NAME]["detail"]
    assert verified(capsys, "--signed")[0] == 5
    assert admitted() == 2
    assert "ftsafety-spec[sigstore]" in capsys.readouterr().err


def test_either_a_key_or_none(home: Path, capsys: pytest.CaptureFixture[str]) -> None:  # noqa: ARG001
    for arguments in ([], ["--keyless", "--key", "ci"]):
        assert main(["sign", "runs/bot", *arguments]) == 2
        assert "either --key NAME or --keyless" in capsys.readouterr().err


@pytest.mark.usefixtures("home")
def test_the_real_library_refuses_what_is_no_bundle(capsys: pytest.CaptureFixture[str]) -> None:
    pytest.importorskip("sigstore", reason="the extra `sigstore` is not installed")
    Path("runs/bot/verdict.sigstore.json").write_text('{"mediaType": "application/vnd.dev.sigstore.bundle.v0.3+json"}')
    status, checks = verified(capsys)
    assert status == 5 and not checks[NAME]["ok"]
