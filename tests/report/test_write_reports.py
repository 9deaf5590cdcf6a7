"""From a run folder to report files."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from ftsafety_spec.errors import InputError, NotFoundError
from ftsafety_spec.records.base import digest_of, digest_text
from ftsafety_spec.records.folder import RunFolder
from ftsafety_spec.records.tables import Answer, write_parquet
from ftsafety_spec.report import view_of, write_reports
from ftsafety_spec.report.view import ReportView

View = Callable[..., ReportView]
UNUSED = "A text that no example shows"


def folder_of(root: Path, view: ReportView, texts: bool) -> RunFolder:
    """A run folder as the stages leave it; each answer's key leads to its text by the answers table."""
    folder = RunFolder(root)
    for record in (view.locked, view.policy, view.plan, view.comparison, view.verdict):
        folder.write(record.sealed())
    folder.tables.mkdir(parents=True)
    bodies = {**view.texts, **view.prompts}
    rows = [_answer(index, key, digest_text(body)) for index, (key, body) in enumerate(view.texts.items())]
    write_parquet(folder.table("answers"), "answers", rows)
    if texts:
        stored = {digest_text(body): body for body in [*view.texts.values(), UNUSED]} | dict(view.prompts)
        assert len(bodies) > 20
        write_parquet(folder.table("texts"), "texts", [{"digest": key, "body": body} for key, body in stored.items()])
    return folder


def _answer(index: int, key: str, text: str) -> dict[str, object]:
    row = Answer(
        answer=key,
        generation_key=digest_of("generation"),
        variant="tuned",
        suite="domain",
        task="fraud",
        prompt=digest_of(index),
        prompt_id=f"p{index}",
        cluster=digest_of(index),
        kind="harmful",
        category="fraud",
        area="fraud",
        repeat=0,
        draw=index,
        state="ok",
        text=text,
    )
    return row.model_dump(mode="json")


def test_three_files_are_written_and_named(tmp_path: Path, make_view: View) -> None:
    folder = folder_of(tmp_path / "run", make_view(), texts=True)
    written = write_reports(folder)
    assert [path.name for path in written] == ["report.html", "report.md", "report.json"]
    page = written[0].read_text(encoding="utf-8")
    assert "Placeholder answer 1." in page
    assert "Placeholder prompt 1" in page
    assert UNUSED not in page


def test_only_texts_that_examples_show_are_read(tmp_path: Path, make_view: View) -> None:
    view = view_of(folder_of(tmp_path, make_view(), texts=True))
    assert UNUSED not in view.texts.values()
    assert len(view.prompts) == 20
    assert len(view.texts) == 40


def test_removed_texts_are_withheld_and_no_fault(tmp_path: Path, make_view: View) -> None:
    (page,) = write_reports(folder_of(tmp_path, make_view(), texts=False), ["html"])
    text = page.read_text(encoding="utf-8")
    assert "Texts are withheld" in text
    assert "Placeholder answer" not in text


def test_an_unknown_format_is_named_before_anything_is_written(tmp_path: Path, make_view: View) -> None:
    folder = folder_of(tmp_path, make_view(), texts=False)
    with pytest.raises(NotFoundError, match="html"):
        write_reports(folder, ["json", "htlm"])
    assert not (folder.root / "report.json").exists()


def test_a_run_that_was_not_judged_has_no_report(tmp_path: Path, make_view: View) -> None:
    folder = folder_of(tmp_path, make_view(), texts=False)
    (folder.root / "verdict.json").unlink()
    with pytest.raises(InputError, match="ftsafety gate"):
        write_reports(folder)
