"""What verification says of signatures: valid, not trusted, missing, changed, and which file was written since."""

from __future__ import annotations

import json
import shutil
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from support.signed_run import TODAY, key, recompared, regated, run_of, served, trusting

from ftsafety_spec.attest.envelope import FILE_NAME
from ftsafety_spec.attest.trust import Trust, TrustedKey
from ftsafety_spec.pipeline.signing import sign_run
from ftsafety_spec.records.folder import RunFolder
from ftsafety_spec.records.verdict import Verdict
from ftsafety_spec.verify import Asked, Check, VerifyReport, manifest_of, verify


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, TrustedKey, Any]:
    """A signed run, the key as it is trusted, and the signer."""
    root = tmp_path_factory.mktemp("signed")
    signer, trusted = key(root / "keys")
    folder = run_of(root / "run", served("a"), served("b"))
    sign_run(folder, signer)
    return folder.root, trusted, signer


@pytest.fixture
def run(made: Any, tmp_path: Path) -> RunFolder:
    """A copy that a test may change."""
    return RunFolder(Path(shutil.copytree(made[0], tmp_path / "run")))


def checked(run: RunFolder, trust: Trust, required: bool = False, at: date = TODAY) -> VerifyReport:
    return verify(run, recompared, regated, Asked(trust, at, required))


def named(report: VerifyReport, start: str) -> Check:
    return next(check for check in report.checks if check.name.startswith(start))


def failed(report: VerifyReport) -> set[str]:
    return {check.name for check in report.failed()}


def test_a_signed_run_verifies_and_says_who_signed_it(run: RunFolder, made: Any) -> None:
    report = checked(run, trusting(made[1]), required=True)
    assert report.ok, report.failed()
    assert "valid: ci, release, trusted by trust" in named(report, "signature ci").detail


def test_a_signature_by_a_stranger_proves_nothing_and_fails_only_where_one_is_asked_for(run: RunFolder) -> None:
    report = checked(run, Trust())
    said = named(report, "signature")
    assert report.ok and not said.proves and "not trusted" in said.detail
    assert failed(checked(run, Trust(), required=True)) == {"signature"}


def test_that_there_is_no_signature_is_said_and_fails_only_where_one_is_asked_for(tmp_path: Path, made: Any) -> None:
    run = run_of(tmp_path / "run", served("a"), served("b"))
    report = checked(run, trusting(made[1]))
    assert report.ok and "missing" in named(report, "signature").detail
    assert failed(checked(run, trusting(made[1]), required=True)) == {"signature"}


def test_taking_the_signature_out_of_a_run_is_noticed(run: RunFolder, made: Any) -> None:
    (run.root / FILE_NAME).unlink()
    assert failed(checked(run, trusting(made[1]))) == {FILE_NAME}


def test_a_key_that_is_no_longer_trusted_does_not_count(run: RunFolder, made: Any) -> None:
    old = TrustedKey.model_validate({**made[1].model_dump(), "until": "2026-11-01"})
    assert checked(run, trusting(old)).ok
    assert failed(checked(run, trusting(old), required=True)) == {"signature"}


def test_a_report_that_is_written_anew_is_named_with_what_that_means(run: RunFolder, made: Any) -> None:
    """Also where the manifest was brought up to date by whoever wrote it."""
    (run.root / "report.md").write_text("all is well\n")
    run.write_manifest(manifest_of(run))
    report = checked(run, trusting(made[1]))
    assert failed(report) == {"signed: report.md"}
    assert "written anew after" in named(report, "signed: report.md").detail
    assert "not the one that was signed" in named(report, "signed: report.md").means


def test_files_that_come_or_go_after_signing_are_named(run: RunFolder, made: Any) -> None:
    (run.root / "notes.txt").write_text("x")
    (run.root / "report.md").unlink()
    rows = {name: digest for name, digest in run.read_manifest().items() if name != "report.md"}
    run.manifest.unlink()
    run.write_manifest({**rows, **manifest_of(run)})
    details = {check.name: check.detail for check in checked(run, trusting(made[1])).failed()}
    assert "added" in details["signed: notes.txt"] and "taken away" in details["signed: report.md"]


def test_texts_may_be_taken_out_of_a_signed_run(run: RunFolder, made: Any) -> None:
    run.table("texts").unlink()
    report = checked(run, trusting(made[1]), required=True)
    assert report.ok, report.failed()
    assert "withheld" in named(report, "tables/texts.parquet").detail


def test_a_changed_entry_of_a_withheld_file_is_noticed(run: RunFolder, made: Any) -> None:
    """There is nothing to compare it with but the manifest's own digest, and the signature."""
    run.table("texts").unlink()
    rows = json.loads(run.manifest.read_text())
    rows["tables/texts.parquet"] = "sha256:" + "0" * 64
    run.manifest.write_text(json.dumps(rows, indent=1) + "\n")
    assert failed(checked(run, trusting(made[1]))) == {"manifest.json", "signed: tables/texts.parquet"}
    run.write_manifest({})  # seals it again, as a forger would
    assert failed(checked(run, trusting(made[1]))) == {"signed: tables/texts.parquet"}


def test_a_verdict_that_was_forged_thoroughly_is_not_the_one_that_was_signed(run: RunFolder, made: Any) -> None:
    forged = run.read(Verdict).model_copy(update={"title": "another"})
    run.write(forged.sealed())
    run.write_manifest(manifest_of(run))
    assert {"signed: verdict", "signed: verdict.json"} <= failed(checked(run, trusting(made[1])))


def test_a_signature_of_another_run_does_not_fit(run: RunFolder, made: Any, tmp_path: Path) -> None:
    other = run_of(tmp_path / "other", served("a"), served("c"), safe=False)
    sign_run(other, made[2])
    shutil.copy(run.root / FILE_NAME, other.root / FILE_NAME)
    other.write_manifest(manifest_of(other))
    assert "signed: verdict" in failed(checked(other, trusting(made[1])))


def test_a_verdict_under_another_policy_may_come_later_and_is_said_to_be_unsigned(run: RunFolder, made: Any) -> None:
    from ftsafety_spec.records.locked import LockedPolicy

    beside = RunFolder(run.root / "policies" / "other")
    for kind in (LockedPolicy, Verdict):
        beside.write(run.read(kind))  # type: ignore[type-abstract, type-var]
    run.write_manifest(manifest_of(run))
    report = checked(run, trusting(made[1]), required=True)
    assert report.ok, report.failed()
    assert not named(report, "signed: policies/other/verdict.json").proves


@pytest.mark.parametrize("text", ["", "{}", "null\n", "x"])
def test_a_broken_envelope_is_a_failed_check_and_never_a_traceback(run: RunFolder, made: Any, text: str) -> None:
    (run.root / FILE_NAME).write_text(text)
    run.write_manifest(manifest_of(run))
    assert failed(checked(run, trusting(made[1]))) == {FILE_NAME}
