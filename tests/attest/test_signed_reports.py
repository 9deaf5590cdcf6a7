"""A signed evaluation report: whose word it is, and that nothing was changed since (R-09)."""

from __future__ import annotations

import base64
import json
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from support.reports import report

from ftsafety_spec.attest.evaluation import read_signed_report, sign_report
from ftsafety_spec.attest.keys import new_key, open_key
from ftsafety_spec.attest.trust import Trust, TrustedKey, read_public
from ftsafety_spec.errors import VerificationError

ON = date(2026, 11, 25)


@pytest.fixture
def keys(tmp_path: Path) -> Path:
    for name in ("acme", "other"):
        new_key(name, tmp_path / "keys")
    return tmp_path / "keys"


def trusted(keys: Path, **scope: Any) -> Trust:
    public = read_public(keys / "acme.pub.yaml")
    return Trust(place="trust", keys=(TrustedKey(**public.model_dump(), role="provider", **scope),))


def written(tmp_path: Path, keys: Path, *names: str) -> Path:
    path = tmp_path / "report.jsonl"
    path.write_text(sign_report(report(), [open_key(name, keys) for name in names]))
    return path


def test_a_trusted_key_is_heard_and_the_report_comes_back_as_it_was(tmp_path: Path, keys: Path) -> None:
    found, (signer,) = read_signed_report(written(tmp_path, keys, "acme"), trusted(keys), ON, "bot", "own")
    assert found.compute_digest() == report().whole().compute_digest()
    assert (signer.state, signer.key and signer.key.role) == ("valid", "provider")


@pytest.mark.parametrize(
    ("scope", "why"),
    [({"until": date(2026, 1, 1)}, "until"), ({"specs": ("x",)}, "spec"), ({"policies": ("x",)}, "policy")],
)
def test_a_key_counts_within_its_scope_only(tmp_path: Path, keys: Path, scope: Any, why: str) -> None:
    _, (signer,) = read_signed_report(written(tmp_path, keys, "acme"), trusted(keys, **scope), ON, "bot", "own")
    assert signer.state == "untrusted" and why in signer.why


def test_two_signatures_are_two_voices(tmp_path: Path, keys: Path) -> None:
    _, signers = read_signed_report(written(tmp_path, keys, "acme", "other"), trusted(keys), ON, "bot", "own")
    assert sorted(signer.state for signer in signers) == ["untrusted", "valid"]


def tampered(path: Path, old: bytes, new: bytes) -> None:
    data = json.loads(path.read_text())
    payload = base64.b64decode(data["payload"])
    assert old in payload
    path.write_text(json.dumps({**data, "payload": base64.b64encode(payload.replace(old, new, 1)).decode()}) + "\n")


@pytest.mark.parametrize(
    ("old", "new"),
    [
        (b'"name":"Acme"', b'"name":"Acmf"'),
        (b'"prompts":100', b'"prompts":101'),
        (b"2026-11-20", b"2026-11-21"),
    ],
)
def test_a_changed_byte_is_an_error_for_whoever_trusts_the_key(
    tmp_path: Path, keys: Path, old: bytes, new: bytes
) -> None:
    path = written(tmp_path, keys, "acme")
    tampered(path, old, new)
    with pytest.raises(VerificationError) as error:
        read_signed_report(path, trusted(keys), ON, "bot", "own")
    assert error.value.code == "FTS-152"


def test_a_statement_about_another_model_than_its_report_is_none(tmp_path: Path, keys: Path) -> None:
    path = written(tmp_path, keys, "other")
    digest = str(report().model.adapters[-1]).removeprefix("sha256:").encode()
    tampered(path, b'"subject":[{"digest":{"sha256":"' + digest, b'"subject":[{"digest":{"sha256":"' + b"0" * 64)
    with pytest.raises(VerificationError, match="another model"):
        read_signed_report(path, trusted(keys), ON, "bot", "own")


def test_two_reports_in_one_file_are_none(tmp_path: Path, keys: Path) -> None:
    path = written(tmp_path, keys, "acme")
    path.write_text(path.read_text() * 2)
    with pytest.raises(VerificationError, match="2 envelopes"):
        read_signed_report(path, trusted(keys), ON, "bot", "own")


def test_a_signed_verdict_is_no_report(tmp_path: Path, keys: Path) -> None:
    path = written(tmp_path, keys, "other")
    tampered(path, b"schema:evaluation-report:1", b"schema:attestation:1")
    with pytest.raises(VerificationError, match="no evaluation report"):
        read_signed_report(path, trusted(keys), ON, "bot", "own")
