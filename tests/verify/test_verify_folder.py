"""A run folder verifies as it was written, and every changed file is named with what that means."""

from __future__ import annotations

import json
import random
import shutil
from datetime import date
from pathlib import Path

import pytest
from support.hand_made import answered, joined, locked_policy, locked_spec, plan_of, prompts

from ftsafety_spec.compare import compare
from ftsafety_spec.gate import gate
from ftsafety_spec.records.base import Meta, digest_text
from ftsafety_spec.records.comparison import Comparison, Inputs
from ftsafety_spec.records.evidence import Evidence
from ftsafety_spec.records.folder import RunFolder
from ftsafety_spec.records.locked import LockedPolicy, LockedSpec
from ftsafety_spec.records.plan import Plan
from ftsafety_spec.records.tables import table_digest, write_parquet
from ftsafety_spec.records.verdict import Verdict
from ftsafety_spec.verify import VerifyReport, manifest_of, verify

TODAY = date(2026, 11, 24)


def recompare(folder: RunFolder) -> Comparison:
    inputs = Inputs(
        plan=folder.read(Plan).compute_digest(),
        answers=table_digest(folder.rows("answers")),
        grades=table_digest(folder.rows("grades")),
    )
    answers, grades = folder.table("answers"), folder.table("grades")
    return compare(answers, grades, folder.read(Plan), folder.read(LockedSpec), inputs)


def regate(folder: RunFolder) -> Verdict:
    return gate(
        folder.read(LockedSpec),
        folder.read(LockedPolicy),
        folder.read(Plan),
        folder.read(Comparison),
        folder.evidence(),
        TODAY,
    )


def checked(folder: RunFolder) -> VerifyReport:
    return verify(folder, recompare, regate)


def failed(folder: RunFolder) -> set[str]:
    return {check.name for check in checked(folder).failed()}


@pytest.fixture(scope="module")
def whole(tmp_path_factory: pytest.TempPathFactory) -> RunFolder:
    """A run of two models on 60 prompts, as the pipeline leaves it."""
    folder = RunFolder(tmp_path_factory.mktemp("runs") / "bot")
    locked, policy = locked_spec().sealed(), locked_policy().sealed()
    plan = plan_of(locked).sealed()
    folder.tables.mkdir(parents=True)
    asked = prompts(60)
    answers, grades = joined(
        answered("base", asked, lambda *_: 1.0), answered("tuned", asked, lambda i, _: float(i % 9 != 0))
    )
    texts = [{"digest": digest_text(f"t{i}"), "body": f"placeholder {i}"} for i in range(5)]
    for name, rows in (("answers", answers), ("grades", grades), ("texts", texts)):
        write_parquet(folder.table(name), name, rows)
    for path, text in (("journal/answers.jsonl", "{}\n"), ("logs/one.eval", "log"), ("report.html", "<p>report</p>")):
        (folder.root / path).parent.mkdir(exist_ok=True)
        (folder.root / path).write_text(text)
    for record in (locked, policy, plan):
        folder.write(record)
    folder.append_evidence(session(plan))
    folder.write(recompare(folder).sealed())
    folder.write(regate(folder).sealed())
    folder.write_manifest(manifest_of(folder))
    return folder


def session(plan: Plan) -> Evidence:
    return Evidence.model_validate(
        {
            "kind": "session",
            "subject": (plan.spec,),
            "by": {"name": "ines", "role": "safety_reviewer"},
            "at": "2026-11-21T09:00:00Z",
            "body": {"minutes": 30},
        }
    )


@pytest.fixture
def folder(whole: RunFolder, tmp_path: Path) -> RunFolder:
    """A copy that a test may change."""
    return RunFolder(Path(shutil.copytree(whole.root, tmp_path / "moved")))


def test_a_run_verifies_also_where_it_was_moved_to(folder: RunFolder) -> None:
    report = checked(folder)
    assert report.ok, report.failed()
    names = {check.name for check in report.checks}
    assert {"table:answers", "verdict.json", "comparison again", "verdict again", "verdict → comparison"} <= names


def test_verifying_changes_nothing(folder: RunFolder) -> None:
    before = manifest_of(folder)
    checked(folder)
    assert manifest_of(folder) == before


def test_the_manifest_holds_every_file_but_itself(folder: RunFolder) -> None:
    files = {path.relative_to(folder.root).as_posix() for path in folder.root.rglob("*") if path.is_file()}
    assert {name for name in manifest_of(folder) if not name.startswith("table:")} == files - {"manifest.json"}


@pytest.mark.parametrize("gone", [["tables/texts.parquet"], ["journal/answers.jsonl"]])
def test_texts_and_journals_that_were_taken_out_are_withheld_and_no_tampering(
    folder: RunFolder, gone: list[str]
) -> None:
    for name in gone:
        (folder.root / name).unlink()
    report = checked(folder)
    assert report.ok
    assert any("withheld" in check.detail for check in report.checks)


def test_a_flipped_bit_is_noticed_in_whatever_file(folder: RunFolder) -> None:
    rng = random.Random(5)
    files = [path for path in sorted(folder.root.rglob("*")) if path.is_file()]
    for path in files:
        good = path.read_bytes()
        for place in rng.sample(range(len(good)), 1):
            path.write_bytes(good[:place] + bytes([good[place] ^ (1 << rng.randrange(8))]) + good[place + 1 :])
            assert not checked(folder).ok, f"{path.relative_to(folder.root)} byte {place}"
        path.write_bytes(good)
    assert checked(folder).ok


@pytest.mark.parametrize(
    ("name", "word"),
    [
        ("tables/answers.parquet", "not those that were measured"),
        ("logs/one.eval", "Inspect log"),
        ("report.html", "the records decide"),
        ("journal/answers.jsonl", "journal"),
    ],
)
def test_a_changed_file_is_named_together_with_what_it_means(folder: RunFolder, name: str, word: str) -> None:
    path = folder.root / name
    path.write_bytes(path.read_bytes() + b"x")
    mine = [check for check in checked(folder).failed() if check.name == name]
    assert mine and word in mine[0].means


def test_a_file_that_was_added_or_taken_away_is_noticed(folder: RunFolder) -> None:
    (folder.root / "logs" / "two.eval").write_text("x")
    (folder.root / "logs" / "one.eval").unlink()
    details = {check.name: check.detail for check in checked(folder).failed()}
    assert "added" in details["logs/two.eval"] and "missing" in details["logs/one.eval"]


def rewrite(folder: RunFolder, kind: type[Verdict] | type[Comparison], **changes: object) -> None:
    """Forge a record thoroughly: content, its own digest and the manifest."""
    folder.write(folder.read(kind).model_copy(update=changes).sealed())
    folder.write_manifest(manifest_of(folder))


def test_a_forged_verdict_with_a_fresh_digest_and_manifest_does_not_follow_from_its_evidence(folder: RunFolder) -> None:
    rewrite(folder, Verdict, action="deploy", decision="go", exit=0)
    assert failed(folder) == {"verdict again"}


def test_a_verdict_that_differs_is_named_by_its_fields_and_by_the_version_that_made_it(folder: RunFolder) -> None:
    meta = Meta(made_at="2026-11-24T10:00:00Z", tool="ftsafety-spec 9.9", machine="m")
    folder.write(folder.read(Verdict).model_copy(update={"title": "another"}).sealed(meta))
    folder.write_manifest(manifest_of(folder))
    (row,) = [item for item in checked(folder).failed() if item.name == "verdict again"]
    assert "differs in title;" in row.detail and "ftsafety-spec 9.9" in row.detail


def test_a_forged_comparison_does_not_follow_from_its_tables(folder: RunFolder) -> None:
    rewrite(folder, Comparison, cells=folder.read(Comparison).cells[:1])
    assert {"comparison again", "verdict → comparison", "verdict again"} <= failed(folder)


def test_forged_answers_break_the_chain(folder: RunFolder) -> None:
    rows = [{**row, "value": 1.0} for row in folder.rows("grades")]
    write_parquet(folder.table("grades"), "grades", rows)
    folder.write_manifest(manifest_of(folder))
    assert {"comparison → grades", "comparison again"} <= failed(folder)


def test_evidence_that_was_added_after_the_verdict_is_noticed(folder: RunFolder) -> None:
    folder.append_evidence(session(folder.read(Plan)).model_copy(update={"at": "2026-11-22T09:00:00Z"}))
    folder.write_manifest(manifest_of(folder))
    assert "verdict → evidence" in failed(folder)


def test_a_record_without_its_digest_is_not_trusted(folder: RunFolder) -> None:
    path = folder.path_of(Verdict)
    path.write_text(json.dumps({**json.loads(path.read_text()), "digest": None}))
    folder.write_manifest(manifest_of(folder))
    assert failed(folder) == {"verdict.json"}


@pytest.mark.parametrize("content", ["", "{", "[]", "null", '{"a": 1}'])
@pytest.mark.parametrize("name", ["plan.json", "verdict.json", "manifest.json", "evidence.jsonl"])
def test_a_broken_file_is_a_failed_check_and_never_a_traceback(folder: RunFolder, name: str, content: str) -> None:
    (folder.root / name).write_text(content + "\n")
    assert not checked(folder).ok


def test_a_broken_table_is_a_failed_check(folder: RunFolder) -> None:
    folder.table("answers").write_bytes(b"PAR1 nothing PAR1")
    assert {"tables/", "comparison again"} <= failed(folder)
    assert not any(name.startswith("table:") for name in failed(folder))


def test_an_empty_folder_does_not_verify(tmp_path: Path) -> None:
    report = checked(RunFolder(tmp_path))
    assert not report.ok and report.checks
    assert not VerifyReport(()).ok


def test_a_verdict_under_another_policy_is_in_the_manifest_and_checked_by_its_own_digests(folder: RunFolder) -> None:
    beside = RunFolder(folder.root / "policies" / "other")
    beside.write(folder.read(LockedPolicy))
    beside.write(folder.read(Verdict))
    assert failed(folder) == {"policies/other/policy.lock.json", "policies/other/verdict.json"}, "nobody recorded them"
    folder.write_manifest(manifest_of(folder))
    assert checked(folder).ok
    path = beside.path_of(Verdict)
    path.write_text(path.read_text().replace('"no_go"', '"go"').replace('"pending"', '"go"'))
    assert failed(folder) == {"policies/other/verdict.json"}
    assert sum(not check.ok for check in checked(folder).checks) == 2, "by the manifest, and by its own digest"
