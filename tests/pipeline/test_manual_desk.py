"""The manual desk: both models answer a message, conversations branch, nothing is lost, a session becomes evidence
(R-29, R-34)."""

from __future__ import annotations

import json
import shutil
import sys
from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))  # for tests/support
from support.talking import Talking, talking

from ftsafety_spec.attest.evidence import check_evidence
from ftsafety_spec.attest.keys import new_key, open_key
from ftsafety_spec.attest.trust import Trust, TrustedKey, read_public
from ftsafety_spec.cli.main import main
from ftsafety_spec.errors import FtsafetyError, InputError, NotFoundError, SpecError, VerificationError
from ftsafety_spec.pipeline.judgements import Notes
from ftsafety_spec.pipeline.queue import FOUND
from ftsafety_spec.pipeline.red_team.desk import SessionDesk, Sitter, checklist_of, pair_of
from ftsafety_spec.pipeline.red_team.session_evidence import ANOTHER, close_session, minutes_given
from ftsafety_spec.pipeline.red_team.session_import import import_sessions
from ftsafety_spec.pipeline.red_team.session_journal import events_path, one_session, session_texts, texts_path
from ftsafety_spec.pipeline.red_team.session_models import SessionModels
from ftsafety_spec.pipeline.reviews import review_queue, settle
from ftsafety_spec.pipeline.stages import gate_run, verify_run
from ftsafety_spec.records.comparison import Comparison
from ftsafety_spec.records.folder import RunFolder
from ftsafety_spec.records.locked import LockedSpec
from ftsafety_spec.records.plan import Plan
from ftsafety_spec.records.red_team import report_in
from ftsafety_spec.records.session import moment_of, session_in
from ftsafety_spec.spec.red_team import Domain
from ftsafety_spec.verify import Asked

T0 = datetime.now(UTC).timestamp() - 7200


class Hands:
    """A clock that a test moves on."""

    def __init__(self) -> None:
        self.at = T0

    def __call__(self) -> str:
        self.at += 0.001
        return moment_of(self.at)


@pytest.fixture(scope="module")
def judged(tmp_path_factory: pytest.TempPathFactory) -> Path:
    home = tmp_path_factory.mktemp("desk") / "shop"
    home.mkdir()
    with pytest.MonkeyPatch.context() as patch:
        patch.chdir(home)
        patch.delenv("FTSAFETY_DATA", raising=False)
        assert main(["init", "--template", "recorded"]) == 0
        assert main(["run", "first"]) == 3
    return home


@pytest.fixture
def folder(judged: Path, tmp_path: Path) -> RunFolder:
    home = tmp_path / "shop"
    shutil.copytree(judged, home)
    (run,) = (home / "runs").iterdir()
    return RunFolder(run)


@pytest.fixture
def engine(monkeypatch: pytest.MonkeyPatch) -> Talking:
    return talking(monkeypatch)


@pytest.fixture
def models(folder: RunFolder, engine: Talking) -> Iterator[SessionModels]:  # noqa: ARG001
    made = SessionModels(folder, folder.root.parent.parent, pair_of(folder.read(LockedSpec)))
    yield made
    made.close()


def sit(folder: RunFolder, models: SessionModels, hands: Hands, by: str = "ines") -> SessionDesk:
    return SessionDesk.begin(folder, models, Sitter(by, "desk"), hands)


def ask(desk: SessionDesk, hands: Hands, text: str, after: float = 40, category: str | None = None) -> int:
    hands.at += after
    turn = desk.say(text, category)
    assert desk.wait(20)
    return turn


def test_both_answer_the_same_message_each_with_its_own_conversation(
    folder: RunFolder, models: SessionModels, engine: Talking
) -> None:
    hands = Hands()
    desk = sit(folder, models, hands)
    ask(desk, hands, "one")
    ask(desk, hands, "two", 47)
    last = next(messages for name, messages in engine.shown[2:] if name == "tuned")
    assert [role for role, _ in last] == ["user", "assistant", "user"]
    assert last[1][1] == "Placeholder of tuned to: one"
    assert {name for name, _ in engine.shown} == {"base", "tuned"}
    assert engine.opened == 1
    desk.close()


def test_one_goes_back_to_any_turn_and_on_from_there(folder: RunFolder, models: SessionModels, engine: Talking) -> None:
    hands = Hands()
    desk = sit(folder, models, hands)
    first = ask(desk, hands, "one")
    ask(desk, hands, "two", 41)
    desk.move(first)
    third = ask(desk, hands, "three", 52)
    assert [turn.id for turn in desk.session.path(third)] == [first, third]
    assert "two" not in [text for _, text in engine.shown[-1][1]]
    desk.move(None)
    fourth = ask(desk, hands, "four", 33)
    assert [turn.id for turn in desk.session.path(fourth)] == [fourth]
    desk.close()


def test_a_model_that_gives_no_answer_is_said_so_and_passed_over(
    folder: RunFolder, models: SessionModels, engine: Talking
) -> None:
    engine.silent = {"tuned"}
    hands = Hands()
    desk = sit(folder, models, hands)
    turn = ask(desk, hands, "one")
    sides = desk.session.turns[turn].sides or {}
    assert (sides["tuned"].state, sides["tuned"].text) == ("error", None)
    assert sides["base"].state == "ok"
    engine.silent = set()
    ask(desk, hands, "two")
    shown = [messages for name, messages in engine.shown if name == "tuned"][-1]
    assert shown == [("user", "two")]
    with pytest.raises(InputError):
        desk.tag(turn, "tuned", "harmful")
    desk.close()


def test_answers_never_enter_the_automated_tables(folder: RunFolder, models: SessionModels) -> None:
    before = [path.read_bytes() for path in sorted(folder.tables.iterdir())]
    hands = Hands()
    desk = sit(folder, models, hands)
    ask(desk, hands, "one")
    desk.end()
    close_session(folder, desk.session.id)
    assert [path.read_bytes() for path in sorted(folder.tables.iterdir())] == before
    rows = events_path(folder, desk.session.id).read_text()
    assert "Placeholder" not in rows and '"one"' not in rows
    assert "Placeholder of tuned to: one" in session_texts(folder, desk.session.id).values()


def test_texts_may_be_taken_out_and_the_run_still_verifies(folder: RunFolder, models: SessionModels) -> None:
    hands = Hands()
    desk = sit(folder, models, hands)
    ask(desk, hands, "one")
    desk.end()
    close_session(folder, desk.session.id)
    gate_run(folder, as_of=datetime.now(UTC).date())
    assert verify_run(folder).failed() == []
    texts_path(folder, desk.session.id).unlink()
    assert verify_run(folder).failed() == []
    path = events_path(folder, desk.session.id)
    path.write_text(path.read_text().replace('"role":"red_teamer"', '"role":"somebody"'))
    assert [item.name for item in verify_run(folder).failed()] == [path.relative_to(folder.root).as_posix()]


def test_what_was_said_is_there_after_a_kill_and_an_open_message_is_asked_again(
    folder: RunFolder, models: SessionModels, engine: Talking
) -> None:
    hands = Hands()
    desk = sit(folder, models, hands)
    ask(desk, hands, "one")
    engine.delay = 30
    hands.at += 50
    desk.say("two")
    desk.close()  # as a kill leaves it: asked, not answered
    models.close()
    path = events_path(folder, desk.session.id)
    with path.open("a") as handle:
        handle.write('{"event":"tagged","tur')  # torn by the kill
    engine.delay = 0
    again = SessionModels(folder, folder.root.parent.parent, pair_of(folder.read(LockedSpec)))
    hands.at += 600
    back = SessionDesk.take_up(folder, again, desk.session.id, "desk", hands)
    assert back.wait(20)
    assert [turn.sides is not None for turn in back.session.turns.values()] == [True, True]
    assert back.clock().seconds < 40 + 50 + 5  # the ten minutes between are nobody's
    back.end()
    assert one_session(folder, desk.session.id).ended is not None
    again.close()


def test_one_session_has_one_writer(folder: RunFolder, models: SessionModels) -> None:
    desk = sit(folder, models, Hands())
    with pytest.raises(FtsafetyError) as refused:
        SessionDesk.take_up(folder, models, desk.session.id, "terminal")
    assert refused.value.code == "FTS-132"
    desk.close()


def test_a_message_is_refused_while_an_answer_is_awaited(
    folder: RunFolder, models: SessionModels, engine: Talking
) -> None:
    engine.delay = 0.3
    hands = Hands()
    desk = sit(folder, models, hands)
    desk.say("one")
    with pytest.raises(InputError, match="awaited"):
        desk.say("two")
    assert desk.wait(20)
    with pytest.raises(InputError):
        desk.say("   ")
    with pytest.raises(NotFoundError):
        desk.say("two", "no-such-category")
    desk.close()


def test_a_session_becomes_evidence_that_counts_and_says_what_is_lacking(
    folder: RunFolder, models: SessionModels
) -> None:
    hands = Hands()
    desk = sit(folder, models, hands)
    ask(desk, hands, "one", 30)
    hands.at += 30
    desk.end()
    made = close_session(folder, desk.session.id)
    assert made.body.minutes == 1.0
    assert (made.asked, made.given) == (30, 1.0)
    verdict = gate_run(folder, as_of=datetime.now(UTC).date(), write=False)
    (missing,) = [need for need in verdict.missing if need.need == "session"]
    assert missing.found == 1.0
    assert "29 more minutes" in missing.how
    with pytest.raises(InputError, match="already"):
        close_session(folder, desk.session.id)


def test_half_an_hour_meets_the_minimum_and_grows_old(folder: RunFolder, models: SessionModels) -> None:
    hands = Hands()
    desk = sit(folder, models, hands)
    for number, gap in enumerate([70, 95, 110, 80, 101, 66, 119, 88, 93, 107, 72, 111, 99, 84, 118, 76, 90, 104, 117]):
        ask(desk, hands, f"message {number}", gap)
    hands.at += 100
    desk.end()
    assert close_session(folder, desk.session.id).body.minutes > 30
    today = datetime.now(UTC).date()
    assert "session" not in [need.need for need in gate_run(folder, as_of=today, write=False).missing]
    later = gate_run(folder, as_of=today + timedelta(days=31), write=False)
    assert "session" in [need.need for need in later.missing]


def test_two_sessions_of_one_person_at_once_count_once(folder: RunFolder, models: SessionModels) -> None:
    left, right = Hands(), Hands()
    right.at += 10
    one, two = sit(folder, models, left), sit(folder, models, right)
    ask(one, left, "one", 100)
    ask(two, right, "two", 100)
    one.end()
    two.end()
    first = close_session(folder, one.session.id).body
    second = close_session(folder, two.session.id).body
    assert first.minutes == pytest.approx(100 / 60, abs=0.02)
    assert second.minutes == pytest.approx(10 / 60, abs=0.04)
    assert second.not_counted[ANOTHER] == pytest.approx(90 / 60, abs=0.04)
    assert minutes_given(folder) < 1.9


def test_two_people_at_once_both_count(folder: RunFolder, models: SessionModels) -> None:
    left, right = Hands(), Hands()
    one, two = sit(folder, models, left), sit(folder, models, right, "joel")
    ask(one, left, "one", 100)
    ask(two, right, "two", 100)
    one.end()
    two.end()
    bodies = [close_session(folder, desk.session.id).body for desk in (one, two)]
    assert [round(body.minutes, 1) for body in bodies] == [1.7, 1.7]


def test_what_tuned_never_answered_is_no_probing(folder: RunFolder, models: SessionModels, engine: Talking) -> None:
    engine.silent = {"tuned"}
    hands = Hands()
    desk = sit(folder, models, hands)
    ask(desk, hands, "one", 100)
    desk.end()
    body = close_session(folder, desk.session.id).body
    assert (body.minutes, body.prompts) == (0, 0)


def test_a_tag_on_tuned_alone_is_a_finding(folder: RunFolder, models: SessionModels) -> None:
    hands = Hands()
    desk = sit(folder, models, hands)
    desk_category = desk.session.begun.checklist[0]
    one = ask(desk, hands, "one", category=desk_category)
    two = ask(desk, hands, "two")
    three = ask(desk, hands, "three")
    desk.tag(one, "tuned", "harmful", "high")
    desk.tag(two, "tuned", "odd")
    desk.tag(two, "base", "odd")
    desk.tag(three, "tuned", "backdoor-like", "low")
    desk.tag(three, "tuned", "harmful")
    desk.tag(three, "tuned", "harmful", on=False)
    desk.end()
    made = close_session(folder, desk.session.id)
    assert made.findings is not None
    report = report_in(made.findings.body)
    assert report is not None
    found = {item.measure: item for item in report.findings}
    assert set(found) == {"harmful", "backdoor-like"}
    assert (found["harmful"].severity, found["harmful"].state) == ("high", "confirmed")
    assert found["harmful"].category == desk_category
    assert (found["backdoor-like"].severity, found["backdoor-like"].state) == ("low", "suspected")
    assert len(found["backdoor-like"].inputs) == 3  # the conversation that led to it
    assert made.body.findings == tuple(item.id for item in report.findings)
    texts = session_texts(folder, desk.session.id)
    assert texts[found["harmful"].answers["tuned"][0]] == "Placeholder of tuned to: one"


def test_evidence_is_signed_where_there_is_a_key(folder: RunFolder, models: SessionModels, tmp_path: Path) -> None:
    own = new_key("ines", tmp_path / "keys")
    hands = Hands()
    desk = sit(folder, models, hands)
    ask(desk, hands, "one")
    desk.end()
    close_session(folder, desk.session.id, open_key("ines", tmp_path / "keys"))
    (item,) = [item for item in folder.evidence() if item.kind == "session"]
    trusted = TrustedKey.model_validate({**read_public(own.public).model_dump(), "role": "red_teamer"})
    assert check_evidence(item, [trusted]) == "valid"
    assert check_evidence(item, []) == "unknown"
    more = item.model_copy(update={"body": {**item.body, "minutes": 45.0}})
    assert check_evidence(more, [trusted]) == "invalid"
    other = item.model_copy(update={"by": item.by.model_copy(update={"name": "joel"})})
    assert check_evidence(other, [trusted]) == "invalid"
    assert check_evidence(item.model_copy(update={"signature": None}), [trusted]) is None
    gate_run(folder, as_of=datetime.now(UTC).date())
    for trust, said in ((Trust(keys=(trusted,)), "valid"), (Trust(), "not trusted")):
        checks = verify_run(folder, Asked(trust, datetime.now(UTC).date())).checks
        (found,) = [check for check in checks if "signature of ines" in check.name]
        assert found.ok and found.detail.startswith(said)


def test_weights_that_changed_are_not_probed_for_this_run(folder: RunFolder, models: SessionModels) -> None:
    root = folder.root.parent.parent
    locked = folder.read(LockedSpec)
    path = root / str(locked.spec.models[locked.variants["tuned"].model].answers)
    path.write_text(path.read_text() + "\n")
    hands = Hands()
    desk = sit(folder, models, hands)
    turn = ask(desk, hands, "one")
    assert {side.state for side in (desk.session.turns[turn].sides or {}).values()} == {"error"}
    assert desk.fault is not None and desk.fault.code == "FTS-131"
    desk.close()


def test_a_broken_journal_is_told_by_its_file(folder: RunFolder, models: SessionModels) -> None:
    desk = sit(folder, models, Hands())
    desk.close()
    path = events_path(folder, desk.session.id)
    path.write_text(path.read_text() + '{"event":"moved","turn":9,"at":"2026-11-24T09:00:00Z"}\n')
    with pytest.raises(VerificationError, match="no turn 9"):
        one_session(folder, desk.session.id)
    with pytest.raises(NotFoundError):
        one_session(folder, "../evidence")


def rows(*changes: dict[str, object]) -> list[dict[str, object]]:
    """A sound file of one session of two messages, with changes line by line."""
    sound: list[dict[str, object]] = [
        {"session": "far", "by": "ines", "at": moment_of(T0)},
        _message(60),
        _message(150),
    ]
    return [{**row, **change} for row, change in zip(sound, [*changes, {}, {}, {}], strict=False)]


def _message(after: float) -> dict[str, object]:
    at, then = moment_of(T0 + after), moment_of(T0 + after + 5)
    answers = {"base": "placeholder", "tuned": "placeholder, too"}
    return {"session": "far", "at": at, "answered_at": then, "message": f"m{after}", "answers": answers}


def written(path: Path, given: list[dict[str, object]]) -> Path:
    path.write_text("".join(json.dumps(row) + "\n" for row in given))
    return path


def test_sessions_from_elsewhere_are_marked_and_counted_by_the_same_clock(folder: RunFolder, tmp_path: Path) -> None:
    given = rows({}, {"tags": [{"variant": "tuned", "tag": "harmful", "severity": "high"}]})
    assert import_sessions(folder, written(tmp_path / "far.jsonl", given)) == ["far"]
    made = close_session(folder, "far")
    assert made.body.source == "imported"
    assert made.body.minutes == 2.58  # to the tag, which came with the last answer
    assert len(made.body.findings) == 1
    body = session_in(made.evidence.body)
    assert body is not None and body.source == "imported"


@pytest.mark.parametrize(
    ("changes", "line", "words"),
    [
        (({"at": "2099-01-01T00:00:00Z"},), 1, "comes after"),
        (({"by": ""},), 1, "by"),
        (({"tuned": "tunde"},), 1, "Did you mean tuned"),
        (({}, {"at": moment_of(T0 - 60)}), 2, "comes after"),
        (({}, {"session": "near"}), 2, "begins session near"),
        (({}, {"category": "no-such"}), 2, "no such category"),
        (({}, {"answers": {"base": "placeholder"}}), 2, "not of both"),
        (({}, {"answer": "x"}), 2, "Did you mean answers"),
        (({}, {}, {"after": 7}), 3, "no turn 7"),
        (({}, {}, {"tags": [{"variant": "tuned", "tag": "evil"}]}), 3, "tags.0.tag"),
    ],
)
def test_every_bad_line_of_an_import_is_named_and_nothing_is_taken_in(
    folder: RunFolder, tmp_path: Path, changes: tuple[dict[str, object], ...], line: int, words: str
) -> None:
    with pytest.raises(SpecError) as refused:
        import_sessions(folder, written(tmp_path / "far.jsonl", rows(*changes)))
    problem = refused.value.problems[0]
    assert (problem.code, problem.where.line) == ("FTS-138", line)
    assert words in str(problem)
    assert not (folder.root / "redteam").exists()


def test_minutes_of_tomorrow_do_not_count_today(folder: RunFolder, models: SessionModels) -> None:
    hands = Hands()
    desk = sit(folder, models, hands)
    ask(desk, hands, "one", 100)
    desk.end()
    close_session(folder, desk.session.id)
    before = gate_run(folder, as_of=date(2026, 1, 1), write=False)
    assert [need.found for need in before.missing if need.need == "session"] == [0]


def test_a_finding_by_hand_waits_in_the_review_queue_and_its_rejection_counts(
    folder: RunFolder, models: SessionModels
) -> None:
    hands = Hands()
    desk = sit(folder, models, hands)
    one = ask(desk, hands, "one")
    desk.tag(one, "tuned", "harmful", "low")
    desk.end()
    close_session(folder, desk.session.id)
    today = datetime.now(UTC).date()
    (flag,) = [item for item in review_queue(folder, today).flags if item.id.startswith(FOUND)]
    assert "Tagged harmful by hand" in flag.sentence
    before = gate_run(folder, as_of=today, write=False)
    assert before.decision == "pending"
    with Notes(folder, "ines@example.org") as notes:
        notes.word(flag.id, "reject", folder.read(Comparison).compute_digest())
    settle(folder, "ines@example.org")
    assert gate_run(folder, as_of=today, write=False).decision == "no_go"


def test_what_a_rule_speaks_of_is_asked_once(folder: RunFolder, models: SessionModels) -> None:
    hands = Hands()
    desk = sit(folder, models, hands)
    one = ask(desk, hands, "one")
    desk.tag(one, "tuned", "harmful", "high")
    desk.end()
    close_session(folder, desk.session.id)
    flags = [flag.id for flag in review_queue(folder, datetime.now(UTC).date()).flags]
    verdict = gate_run(folder, as_of=datetime.now(UTC).date(), write=False)
    spoken = [finding for finding in verdict.findings if finding.kind == "findings" and finding.result == "shown"]
    assert len(spoken) + len([name for name in flags if name.startswith(FOUND)]) == 1


def test_the_checklist_is_the_domains(folder: RunFolder) -> None:
    locked, plan = folder.read(LockedSpec), folder.read(Plan)

    def checklist(**domain: object) -> tuple[str, ...]:
        about = Domain.model_validate({"name": "medicine", "description": "placeholder", **domain})
        return checklist_of(locked.model_copy(update={"spec": locked.spec.model_copy(update={"domain": about})}), plan)

    assert checklist(categories=["dosage", "triage"]) == ("dosage", "triage")
    assert len(checklist()) == 5
    own = {area for item in plan.datasets if item.use == "domain" for area in item.by_area} - {"none"}
    assert set(checklist(name="beekeeping")) == own
    assert set(checklist_of(locked, plan)) == own
