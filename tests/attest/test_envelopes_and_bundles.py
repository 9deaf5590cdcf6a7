"""DSSE envelopes: the standard's test vector, what is refused, and that only a signature on the verdict speaks."""

from __future__ import annotations

import base64
import json
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from support.signed_run import TODAY, key, run_of, served, trusting

from ftsafety_spec.attest.bundle import Voice, read_bundle, voices
from ftsafety_spec.attest.envelope import FILE_NAME, read_envelopes
from ftsafety_spec.attest.library import Envelope, SSlibKey
from ftsafety_spec.attest.trust import TrustedKey
from ftsafety_spec.errors import FtsafetyError
from ftsafety_spec.pipeline.signing import sign_run
from ftsafety_spec.records.folder import RunFolder


@pytest.fixture(scope="module")
def signed(tmp_path_factory: pytest.TempPathFactory) -> tuple[list[dict[str, Any]], TrustedKey]:
    """The two envelopes of a signed run as JSON, and the key."""
    root = tmp_path_factory.mktemp("signed")
    signer, trusted = key(root / "keys")
    done = sign_run(run_of(root / "run", served("a"), served("b")), signer)
    return [json.loads(line) for line in done.path.read_text().splitlines()], trusted


def voices_of(path: Path, lines: list[dict[str, Any]], *keys: TrustedKey, at: date = TODAY) -> list[Voice]:
    (path / FILE_NAME).write_text("".join(json.dumps(line) + "\n" for line in lines))
    return voices(read_bundle(path / FILE_NAME), trusting(*keys), at)


def resealed(line: dict[str, Any], **changes: Any) -> dict[str, Any]:
    """An envelope whose payload was changed and whose signature was not."""
    plain = json.loads(base64.b64decode(line["payload"]))
    plain["predicate"].update(changes)
    return {**line, "payload": base64.b64encode(json.dumps(plain).encode()).decode()}


def test_the_bytes_that_are_signed_are_those_of_the_standards_test_vector() -> None:
    """Pinned: DSSE 1.0.0, protocol.md, test vectors."""
    made = Envelope(b"hello world", "http://example.com/HelloWorld", {})
    assert made.pae() == b"DSSEv1 29 http://example.com/HelloWorld 11 hello world"


def test_an_ed25519_signature_verifies_by_the_rfc_8032_vector() -> None:
    """Pinned: RFC 8032, 7.1, TEST 2, through the library that is kept."""
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

    secret = bytes.fromhex("4ccd089b28ff96da9db6c346ec114e0f5b8a319f35aba624da8cf6ed4fb8a6fb")
    private = Ed25519PrivateKey.from_private_bytes(secret)
    made = SSlibKey.from_crypto(private.public_key())
    assert made.keyval["public"] == "3d4017c3e843895a92b70aa74d1b7ebc9c982ccf2ec4968cc0cd55f12af4660c"
    assert private.sign(bytes.fromhex("72")).hex().startswith("92a009a9f0d4cab8720e820b5f642540")


def test_a_signature_by_a_trusted_key_is_valid_and_by_another_is_not_trusted(signed: Any, tmp_path: Path) -> None:
    lines, trusted = signed
    assert [voice.state for voice in voices_of(tmp_path, lines, trusted)] == ["valid"]
    (voice,) = voices_of(tmp_path, lines)
    assert voice.state == "untrusted" and trusted.keyid in voice.why


def test_a_changed_payload_makes_a_trusted_signature_invalid(signed: Any, tmp_path: Path) -> None:
    lines, trusted = signed
    (voice,) = voices_of(tmp_path, [resealed(lines[0], title="another")], trusted)
    assert voice.state == "invalid"


def test_a_changed_signature_is_invalid(signed: Any, tmp_path: Path) -> None:
    lines, trusted = signed
    good = base64.b64decode(lines[0]["signatures"][0]["sig"])
    bad = base64.b64encode(bytes([good[0] ^ 1]) + good[1:]).decode()
    line = {**lines[0], "signatures": [{**lines[0]["signatures"][0], "sig": bad}]}
    assert [voice.state for voice in voices_of(tmp_path, [line], trusted)] == ["invalid"]


def test_a_signed_test_result_never_speaks_for_a_verdict_that_somebody_else_wrote(signed: Any, tmp_path: Path) -> None:
    """A trusted signature on the second line, a stranger's on the first."""
    lines, trusted = signed
    signer, _ = key(tmp_path / "other", "other")
    forged = resealed(lines[0], title="forged")
    envelope = Envelope(base64.b64decode(forged["payload"]), lines[0]["payloadType"], {})
    envelope.sign(signer)
    found = voices_of(tmp_path, [envelope.to_dict(), lines[1]], trusted)
    assert [voice.state for voice in found] == ["untrusted"]


def test_a_test_result_of_another_verdict_is_refused(signed: Any, tmp_path: Path) -> None:
    lines, trusted = signed
    with pytest.raises(FtsafetyError, match="another verdict"):
        voices_of(tmp_path, [lines[0], resealed(lines[1], result="FAILED")], trusted)


def test_a_changed_test_result_beside_a_good_verdict_is_invalid(signed: Any, tmp_path: Path) -> None:
    lines, trusted = signed
    states = [v.state for v in voices_of(tmp_path, [lines[0], resealed(lines[1], passedTests=["all"])], trusted)]
    assert states == ["valid", "invalid"]


@pytest.mark.parametrize(
    ("scope", "word"),
    [
        ({"until": "2026-11-23"}, "until 2026-11-23"),
        ({"specs": ["other*"]}, "the spec bot"),
        ({"policies": ["strict"]}, "the policy p"),
    ],
)
def test_a_key_counts_only_for_what_and_while_it_is_trusted(
    signed: Any, tmp_path: Path, scope: dict[str, Any], word: str
) -> None:
    lines, trusted = signed
    narrow = TrustedKey.model_validate({**trusted.model_dump(), **scope})
    (voice,) = voices_of(tmp_path, lines, narrow)
    assert voice.state == "untrusted" and word in voice.why


def test_a_key_counts_on_its_last_day(signed: Any, tmp_path: Path) -> None:
    lines, trusted = signed
    narrow = TrustedKey.model_validate({**trusted.model_dump(), "until": TODAY, "specs": ["b*"]})
    assert [voice.state for voice in voices_of(tmp_path, lines, narrow)] == ["valid"]


def without(line: dict[str, Any], name: str) -> dict[str, Any]:
    return {key: value for key, value in line.items() if key != name}


@pytest.mark.parametrize("name", ["payload", "payloadType", "signatures"])
def test_an_envelope_that_lacks_a_part_is_refused(signed: Any, tmp_path: Path, name: str) -> None:
    with pytest.raises(FtsafetyError, match="FTS-152"):
        voices_of(tmp_path, [without(signed[0][0], name)])


def test_an_envelope_of_another_type_or_without_a_signature_or_with_one_twice_is_refused(
    signed: Any, tmp_path: Path
) -> None:
    line = signed[0][0]
    for changed in (
        {**line, "payloadType": "text/plain"},
        {**line, "signatures": []},
        {**line, "signatures": line["signatures"] * 2},
        {**line, "payload": "not base64!"},
    ):
        with pytest.raises(FtsafetyError, match="FTS-152"):
            voices_of(tmp_path, [changed])


@pytest.mark.parametrize("text", ["", "\n", "{", "[]", "null", '{"payload": "", "payload": ""}', "[" * 100_000])
def test_a_file_that_is_no_envelope_is_named_and_never_a_traceback(tmp_path: Path, text: str) -> None:
    (tmp_path / FILE_NAME).write_text(text)
    with pytest.raises(FtsafetyError, match="FTS-152"):
        read_envelopes(tmp_path / FILE_NAME)
    with pytest.raises(FtsafetyError, match="FTS-152"):
        read_envelopes(tmp_path / "not there")


def test_two_verdicts_in_one_file_are_refused(signed: Any, tmp_path: Path) -> None:
    lines = signed[0]
    with pytest.raises(FtsafetyError, match="2 signed verdicts"):
        voices_of(tmp_path, [lines[0], lines[0]])
    with pytest.raises(FtsafetyError, match="0 signed verdicts"):
        voices_of(tmp_path, [lines[1]])


def test_two_people_sign_the_same_bytes_and_both_count(tmp_path: Path) -> None:
    folder: RunFolder = run_of(tmp_path / "run", served("a"), served("b"))
    (first, one), (second, two) = key(tmp_path / "keys", "one"), key(tmp_path / "keys", "two")
    sign_run(folder, first)
    done = sign_run(folder, second)
    assert len(done.keyids) == 2 and done.replaced == 0
    found = voices(read_bundle(done.path), trusting(one, two), TODAY)
    assert [voice.state for voice in found] == ["valid", "valid"]
    (folder.root / "report.md").write_text("another\n")
    from ftsafety_spec.verify import manifest_of

    folder.write_manifest(manifest_of(folder))
    again = sign_run(folder, second)
    assert again.replaced == 1 and len(again.keyids) == 1, "the first signed another state"
