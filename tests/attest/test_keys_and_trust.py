"""Private keys stay private and out of repositories; a trust file says who may sign what, and names its mistakes."""

from __future__ import annotations

import os
import stat
import subprocess
from pathlib import Path
from typing import Any

import pytest
from support.signed_run import key

from ftsafety_spec.attest.keys import key_folder, new_key, open_key, own_keys, passphrase_of, work_tree
from ftsafety_spec.attest.schema import attest_schema
from ftsafety_spec.attest.trust import TrustedKey, read_public, read_trust, write_trusted
from ftsafety_spec.errors import FtsafetyError


def test_a_private_key_is_readable_by_its_owner_alone_whatever_the_umask(tmp_path: Path) -> None:
    before = os.umask(0)
    try:
        own = new_key("ci", tmp_path / "keys")
    finally:
        os.umask(before)
    assert stat.S_IMODE(own.private.stat().st_mode) == 0o600
    assert stat.S_IMODE(own.private.parent.stat().st_mode) == 0o700
    assert b"PRIVATE KEY" in own.private.read_bytes() and "PRIVATE" not in own.public.read_text()


def test_the_default_folder_is_the_users_configuration(tmp_path: Path) -> None:
    assert key_folder({"XDG_CONFIG_HOME": str(tmp_path)}) == tmp_path / "ftsafety" / "keys"
    assert key_folder({}) == Path.home() / ".config" / "ftsafety" / "keys"
    assert key_folder({"XDG_CONFIG_HOME": "relative"}) == Path.home() / ".config" / "ftsafety" / "keys"


def test_a_key_inside_of_a_git_work_tree_is_refused_unless_told(tmp_path: Path) -> None:
    subprocess.run(["git", "init", "-q", str(tmp_path)], check=True)
    with pytest.raises(FtsafetyError, match=r"work tree.*FTS-133"):
        new_key("ci", tmp_path / "deep" / "keys")
    assert not (tmp_path / "deep").exists(), "nothing was written"
    assert new_key("ci", tmp_path / "keys", in_repository=True).private.is_file()


def test_a_link_into_a_work_tree_and_a_work_tree_of_another_are_seen(tmp_path: Path) -> None:
    (tmp_path / "tree").mkdir()
    (tmp_path / "tree" / ".git").write_text("gitdir: elsewhere\n")  # as in a submodule or a second work tree
    (tmp_path / "link").symlink_to(tmp_path / "tree")
    assert work_tree(tmp_path / "link" / "keys") == (tmp_path / "tree").resolve()
    assert work_tree(tmp_path) is None


def test_a_key_is_never_written_over_another(tmp_path: Path) -> None:
    own = new_key("ci", tmp_path)
    before = own.private.read_bytes()
    with pytest.raises(FtsafetyError, match="FTS-133"):
        new_key("ci", tmp_path)
    assert own.private.read_bytes() == before and [item.name for item in own_keys(tmp_path)] == ["ci"]


@pytest.mark.parametrize("name", ["", "../up", "a/b", "A", "-x", "a b", "x" * 65])
def test_a_name_that_could_leave_the_folder_is_refused(tmp_path: Path, name: str) -> None:
    with pytest.raises(FtsafetyError, match="FTS-133"):
        new_key(name, tmp_path)
    assert not list(tmp_path.iterdir())


def test_a_key_that_others_may_read_is_not_used(tmp_path: Path) -> None:
    own = new_key("ci", tmp_path)
    own.private.chmod(0o640)
    with pytest.raises(FtsafetyError, match=r"chmod 600.*FTS-133"):
        open_key("ci", tmp_path)


def test_a_passphrase_locks_a_key_and_comes_out_of_the_environment(tmp_path: Path) -> None:
    secret = passphrase_of("PASS", {"PASS": "long and strange"})
    own = new_key("ci", tmp_path, secret)
    assert b"ENCRYPTED" in own.private.read_bytes()
    assert open_key("ci", tmp_path, secret).public_key.keyid == read_public(own.public).keyid
    for wrong in (None, b"other"):
        with pytest.raises(FtsafetyError, match="FTS-133"):
            open_key("ci", tmp_path, wrong)
    for empty in ({}, {"PASS": ""}):
        with pytest.raises(FtsafetyError, match="FTS-123"):
            passphrase_of("PASS", empty)


@pytest.mark.parametrize("content", [b"", b"no key", b"-----BEGIN PRIVATE KEY-----\nAAAA\n-----END PRIVATE KEY-----\n"])
def test_a_file_that_is_no_key_is_named(tmp_path: Path, content: bytes) -> None:
    (tmp_path / "ci.pem").write_bytes(content)
    (tmp_path / "ci.pem").chmod(0o600)
    with pytest.raises(FtsafetyError, match="FTS-133"):
        open_key("ci", tmp_path)


def test_a_key_of_another_kind_is_named(tmp_path: Path) -> None:
    from ftsafety_spec.attest.library import CryptoSigner

    (tmp_path / "ci.pem").write_bytes(CryptoSigner.generate_ecdsa().private_bytes)
    (tmp_path / "ci.pem").chmod(0o600)
    with pytest.raises(FtsafetyError, match="ed25519"):
        open_key("ci", tmp_path)


def test_an_unknown_key_is_answered_with_the_nearest(tmp_path: Path) -> None:
    new_key("release", tmp_path)
    with pytest.raises(FtsafetyError, match="Did you mean release"):
        open_key("relaese", tmp_path)


def trusted(folder: Path, **fields: Any) -> TrustedKey:
    return key(folder, **fields)[1]


def test_trusted_keys_read_back_from_a_folder_and_from_a_file(tmp_path: Path) -> None:
    one, two = trusted(tmp_path / "k", name="one"), trusted(tmp_path / "k", name="two", until="2027-01-31")
    write_trusted(tmp_path / "trust" / "one.yaml", [one])
    write_trusted(tmp_path / "trust" / "two.yaml", [two])
    assert set(read_trust(tmp_path / "trust").keys) == {one, two}
    assert read_trust(tmp_path / "trust" / "two.yaml").keys == (two,)


def test_a_trust_file_fits_its_published_schema(tmp_path: Path) -> None:
    import jsonschema
    import yaml

    write_trusted(tmp_path / "one.yaml", [trusted(tmp_path / "k")])
    jsonschema.validate(yaml.safe_load((tmp_path / "one.yaml").read_text()), attest_schema("trust"))


def test_a_key_whose_id_is_another_keys_is_refused(tmp_path: Path) -> None:
    """Else a file could show a well-known id beside a key of somebody else."""
    one, two = trusted(tmp_path / "k", name="one"), trusted(tmp_path / "k", name="two")
    plain = {**one.model_dump(mode="json"), "public": two.public}
    path = tmp_path / "trust.yaml"
    path.write_text("keys:\n- " + "\n  ".join(f"{name}: {value!r}" for name, value in plain.items() if value) + "\n")
    with pytest.raises(FtsafetyError, match="keyid is not the one of this public key"):
        read_trust(path)


@pytest.mark.parametrize(
    ("text", "code", "word"),
    [
        ("", "FTS-134", "valid"),
        ("keys: [", "FTS-101", "YAML"),
        ("keys: {}", "FTS-134", "keys"),
        ("key: []", "FTS-105", "Did you mean keys"),
        ("keys: [{name: a, role: b, keyid: c, public: d}]", "FTS-134", "keys.0.keyid"),
        ("keys: [{rol: b}]", "FTS-105", "Did you mean role"),
        ("keys: [{name: a}]", "FTS-107", "keys.0.role"),
        ("keys: !!python/object/apply:os.getcwd []", "FTS-101", "YAML"),
    ],
)
def test_a_mistake_in_a_trust_file_is_named_with_its_place(tmp_path: Path, text: str, code: str, word: str) -> None:
    path = tmp_path / "trust.yaml"
    path.write_text(text)
    with pytest.raises(FtsafetyError) as caught:
        read_trust(path)
    said = str(caught.value)
    assert code in said and word in said and "trust.yaml" in said


def test_a_key_that_is_trusted_twice_is_a_mistake(tmp_path: Path) -> None:
    one = trusted(tmp_path / "k")
    write_trusted(tmp_path / "trust" / "a.yaml", [one])
    write_trusted(tmp_path / "trust" / "b.yaml", [one])
    with pytest.raises(FtsafetyError, match="trusted twice"):
        read_trust(tmp_path / "trust")
