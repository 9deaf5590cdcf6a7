"""From a report that somebody made to evidence of a run (R-09, R-52): an honest one, and every way to cheat."""

from __future__ import annotations

import base64
import json
import shutil
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from support.recorded_example import Silent
from support.reported_project import altered, write_project, write_report

from ftsafety_spec.attest.keys import new_key, open_key
from ftsafety_spec.attest.trust import Trust, TrustedKey, read_public
from ftsafety_spec.errors import FtsafetyError, VerificationError
from ftsafety_spec.measure import Stop
from ftsafety_spec.pipeline import Options, compare_run, gate_run, measure_run, prepare, report_run, verify_run
from ftsafety_spec.pipeline.verification.checking import Verified, check_report, run_for
from ftsafety_spec.pipeline.verification.handing_on import hand_on
from ftsafety_spec.pipeline.verification.own_run import report_of
from ftsafety_spec.pipeline.verification.received import Reading, receive
from ftsafety_spec.pipeline.verification.spot_check import Spot
from ftsafety_spec.pipeline.verification.suite_file import write_suite
from ftsafety_spec.records.evaluation_report import EvaluationReport, PromptResult
from ftsafety_spec.records.folder import RunFolder

SPOT = Spot()
TODAY = datetime.now(UTC).date()


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A project, measured and judged once elsewhere (`theirs`), and planned but not measured at home."""
    root = write_project(tmp_path_factory.mktemp("reported") / "home")
    theirs = root.parent / "theirs"
    shutil.copytree(root, theirs)
    prepared = prepare(str(theirs / "specs" / "bot.yaml"), Options(out=theirs / "runs" / "r"))
    measure_run(prepared.folder, data=None, progress=Silent(), stop=Stop())  # type: ignore[arg-type]
    compare_run(prepared.folder)
    gate_run(prepared.folder, as_of=TODAY)
    report_run(prepared.folder, ("json",))
    new_key("acme", root.parent / "keys")
    return root.parent


@pytest.fixture
def home(made: Path, tmp_path: Path) -> Path:
    """A copy of the project that nothing was asked in."""
    shutil.copytree(made / "home", tmp_path / "home")
    return tmp_path / "home"


@pytest.fixture
def theirs(made: Path) -> RunFolder:
    """The maker's run."""
    return RunFolder(made / "theirs" / "runs" / "r")


@pytest.fixture
def trust(made: Path) -> Trust:
    """Acme's key, trusted."""
    public = read_public(made / "keys" / "acme.pub.yaml")
    return Trust(place="trust", keys=(TrustedKey(**public.model_dump(), role="provider"),))


class Desk:
    """Signs and verifies reports about one project."""

    def __init__(self, home: Path, trust: Trust, keys: Path, place: Path) -> None:
        self.home, self.trust, self.keys, self.place, self.number = home, trust, keys, place, 0

    def signed(self, report: EvaluationReport) -> Path:
        """A file, signed by acme."""
        self.number += 1
        path = self.place / f"report-{self.number}.jsonl"
        hand_on(report, path, open_key("acme", self.keys))
        return path

    def verify(self, path: Path, spot: Spot | None = SPOT, on: Any = TODAY) -> Verified:
        """Receive and check a file."""
        prepared = run_for(str(self.home / "specs" / "bot.yaml"), Options())
        received = receive(path, Reading(trust=self.trust, on=on, spec=prepared.locked.name))
        return check_report(
            prepared, received, "tuned", on, data=None, spot=spot, progress=Silent(), stop=Stop()  # type: ignore[arg-type]
        )  # fmt: skip


@pytest.fixture
def desk(home: Path, trust: Trust, made: Path, tmp_path: Path) -> Desk:
    return Desk(home, trust, made / "keys", tmp_path)


def looked(verified: Verified) -> dict[str, str]:
    """Check to its state; the worst where there are several."""
    order = ["holds", "unclear", "fails"]
    found: dict[str, str] = {}
    for item in verified.body.looked:
        found[item.check] = max(found.get(item.check, "holds"), item.state, key=order.index)
    return found


def test_an_honest_signed_report_that_covers_the_spec_is_accepted(desk: Desk, theirs: RunFolder) -> None:
    verified = desk.verify(desk.signed(report_of(theirs)))
    assert verified.body.result == "accepted", verified.body.lacks
    assert set(looked(verified).values()) == {"holds"}
    assert verified.left == () and verified.added
    check = verified.body.spot_check
    assert check is not None and check.power is not None and check.power >= 0.9
    assert check.agreed == check.asked > 50
    assert {row.state for row in verified.body.covered} == {"covered"}
    assert all(row.weight > 0 for row in verified.body.covered)


def test_the_spot_check_costs_less_than_the_suite_and_asks_tuned_alone(desk: Desk, theirs: RunFolder) -> None:
    verified = desk.verify(desk.signed(report_of(theirs)))
    check = verified.body.spot_check
    assert check is not None and check.calls is not None and check.full == 480
    assert check.calls < 0.25 * check.full
    steps = [RunFolder(path.parent) for path in verified.folder.root.glob("verification/*/*/plan.json")]
    assert steps and {row["variant"] for step in steps for row in step.rows("answers")} == {"tuned"}


def flip_in_one_area(row: PromptResult) -> PromptResult:
    """Hides what failed in one area."""
    return row.model_copy(update={"value": 1.0}) if row.area == "fraud" and row.value == 0 else row


def drop_failures(row: PromptResult) -> PromptResult | None:
    """Leaves out what failed."""
    return None if row.value == 0 else row


def another_model(row: PromptResult) -> PromptResult:
    """As many failures, at other prompts."""
    assert row.id is not None
    return row.model_copy(update={"value": 0.0 if int(row.id[1:]) % 7 == 1 else 1.0})


@pytest.mark.parametrize("cheat", [flip_in_one_area, another_model])
def test_figures_that_are_not_of_this_model_are_refused(desk: Desk, theirs: RunFolder, cheat: Any) -> None:
    verified = desk.verify(desk.signed(altered(theirs, cheat)))
    assert verified.body.result == "refused"
    assert looked(verified)["spot check"] == "fails" and looked(verified)["signature"] == "holds"
    assert {row.weight for row in verified.body.covered} == {0.0}
    if cheat is flip_in_one_area:
        verdict = _gated(desk)
        assert verdict.action == "block" and "refused" in _sentence(verdict)


def test_failures_that_were_left_out_are_asked_about(desk: Desk, theirs: RunFolder) -> None:
    verified = desk.verify(desk.signed(altered(theirs, drop_failures)))
    assert verified.body.result == "refused"
    assert any("left out" in item.sentence for item in verified.body.looked if item.state == "fails")


def test_bases_answers_as_tuneds_are_refused(desk: Desk, theirs: RunFolder) -> None:
    report = report_of(theirs)
    base = {row.prompt: row for row in report.prompts if row.model == "base"}

    def of_base(row: PromptResult) -> PromptResult:
        return row.model_copy(update={"value": base[row.prompt].value, "answer": base[row.prompt].answer})

    verified = desk.verify(desk.signed(altered(theirs, of_base)))
    assert verified.body.result == "refused"
    assert looked(verified)["spot check"] == "fails"


def test_without_a_spot_check_nothing_is_accepted_and_it_is_said(desk: Desk, theirs: RunFolder) -> None:
    verified = desk.verify(desk.signed(report_of(theirs)), spot=None)
    assert verified.body.result == "partly" and verified.body.spot_check is None
    assert any(text.startswith("a spot check") for text in verified.body.lacks)
    assert {row.weight for row in verified.body.covered} == {0.0}
    assert _gated(desk).action == "block"  # the policy asks for accepted


def test_a_spot_check_made_later_counts_instead(desk: Desk, theirs: RunFolder) -> None:
    path = desk.signed(report_of(theirs))
    desk.verify(path, spot=None)
    assert desk.verify(path).body.result == "accepted"
    assert _gated(desk).action == "deploy"


def test_an_unsigned_report_is_never_accepted_and_counts_for_less(
    desk: Desk, theirs: RunFolder, tmp_path: Path
) -> None:
    verified = desk.verify(write_report(tmp_path / "bare.json", report_of(theirs)))
    assert verified.body.result == "partly" and verified.body.signed_by is None
    assert any("nobody signed it" in text for text in verified.body.lacks)
    assert max(row.weight for row in verified.body.covered) <= 0.5


def test_a_key_that_nobody_trusts_signs_for_nobody(desk: Desk, theirs: RunFolder) -> None:
    path = desk.signed(report_of(theirs))
    desk.trust = Trust(place="trust")
    verified = desk.verify(path)
    assert verified.body.result == "partly" and looked(verified)["signature"] == "unclear"


def test_a_byte_that_was_changed_after_signing_is_an_error_and_no_evidence(desk: Desk, theirs: RunFolder) -> None:
    path = desk.signed(report_of(theirs))
    data = json.loads(path.read_text())
    payload = base64.b64decode(data["payload"]).replace(b'"value":0}', b'"value":1}', 1)
    path.write_text(json.dumps({**data, "payload": base64.b64encode(payload).decode()}) + "\n")
    with pytest.raises(VerificationError) as error:
        desk.verify(path)
    assert error.value.code == "FTS-152"
    assert run_for(str(desk.home / "specs" / "bot.yaml"), Options()).folder.evidence() == []


def test_an_old_report_shows_nothing(desk: Desk, theirs: RunFolder) -> None:
    old = report_of(theirs).model_copy(update={"measured_to": "2026-01-01T00:00:00Z", "measured_from": None})
    verified = desk.verify(desk.signed(old.sealed()))
    assert looked(verified)["freshness"] == "unclear" and verified.body.result == "partly"
    assert {row.weight for row in verified.body.covered} == {0.0}


def test_a_report_from_the_future_is_refused(desk: Desk, theirs: RunFolder) -> None:
    late = report_of(theirs).model_copy(update={"measured_to": "2099-01-01T00:00:00Z", "measured_from": None})
    assert desk.verify(desk.signed(late.sealed())).body.result == "refused"


def test_a_report_replayed_for_another_model_is_not_taken_in(desk: Desk, theirs: RunFolder, made: Path) -> None:
    """Same prompts, same maker, same signature; other weights."""
    path = desk.signed(report_of(theirs))
    answers = desk.home / "answers" / "tuned.jsonl"
    answers.write_text(answers.read_text().replace("step two", "step 2"))
    verified = desk.verify(path)
    assert made and looked(verified)["model"] == "unclear" and verified.body.result != "accepted"


def test_asking_twice_gives_no_second_sample(desk: Desk, theirs: RunFolder) -> None:
    path = desk.signed(altered(theirs, flip_in_one_area))
    first, again = desk.verify(path), desk.verify(path)
    assert first.body.spot_check == again.body.spot_check
    assert first.added and not again.added
    assert len(first.folder.evidence()) == 1


def test_the_seed_follows_from_what_was_received_and_a_later_nonce(desk: Desk, theirs: RunFolder) -> None:
    from ftsafety_spec.records.base import digest_of
    from ftsafety_spec.records.received_report import Commitment, Draw

    verified = desk.verify(desk.signed(report_of(theirs)))
    (place,) = (verified.folder.root / "verification").iterdir()
    commitment = Commitment.from_json(json.loads((place / "received.json").read_text()))
    drawn = Draw.from_json(json.loads((place / "seed.json").read_text()))
    assert commitment.report == verified.body.report
    assert drawn.seed == digest_of([commitment.compute_digest(), drawn.nonce]) and len(drawn.nonce) == 64
    check = verified.body.spot_check
    assert check is not None and (check.seed, check.commitment) == (drawn.seed, commitment.compute_digest())


def test_a_seed_that_was_chosen_afterwards_is_an_error(desk: Desk, theirs: RunFolder) -> None:
    from ftsafety_spec.records.received_report import Draw

    path = desk.signed(report_of(theirs))
    verified = desk.verify(path)
    (place,) = (verified.folder.root / "verification").iterdir()
    drawn = Draw.from_json(json.loads((place / "seed.json").read_text()))
    other = drawn.model_copy(update={"seed": "sha256:" + "0" * 64}).sealed()
    (place / "seed.json").write_text(json.dumps(other.to_json()))
    with pytest.raises(VerificationError):
        desk.verify(path)


def test_what_is_not_covered_is_written_as_exactly_that_suite(desk: Desk, theirs: RunFolder) -> None:
    report = report_of(theirs)
    half = tuple(row for row in report.prompts if row.id is not None and int(row.id[1:]) < 120)
    verified = desk.verify(desk.signed(report.model_copy(update={"prompts": half}).sealed()))
    assert verified.body.result == "partly" and len(verified.left) == 120
    out = desk.home / "specs" / "suites" / "rest.yaml"
    prepared = run_for(str(desk.home / "specs" / "bot.yaml"), Options())
    done = write_suite(out, desk.home, prepared.locked, verified.asked.tasks, verified.left, TODAY)
    assert done.count == 120
    spec = (desk.home / "specs" / "bot.yaml").read_text()
    rest = spec.split("suites:")[0].replace(
        "title: Reported", "defaults: [{suites@suites.rest: rest}, _self_]\ntitle: Rest"
    )
    (desk.home / "specs" / "rest.yaml").write_text(rest + "repeats: 1\nseed: 7\n")
    plan = prepare(str(desk.home / "specs" / "rest.yaml"), Options(), write=False).plan
    assert sum(item.prompts for item in plan.datasets) == 120
    assert {use.grader for use in plan.graders if use.outcome == "refusal"} == {"ftsafety/refusal_classifier"}


def test_a_suite_is_never_written_over_a_file_nor_elsewhere(desk: Desk, theirs: RunFolder, tmp_path: Path) -> None:
    report = report_of(theirs)
    verified = desk.verify(desk.signed(report.model_copy(update={"prompts": report.prompts[:40]}).sealed()), spot=None)
    prepared = run_for(str(desk.home / "specs" / "bot.yaml"), Options())
    for out in (tmp_path / "rest.yaml", desk.home / "specs" / "bot.yaml"):
        with pytest.raises(FtsafetyError) as error:
            write_suite(out, desk.home, prepared.locked, verified.asked.tasks, verified.left, TODAY)
        assert error.value.code == "FTS-113"


def test_a_run_that_takes_a_report_in_still_verifies(desk: Desk, theirs: RunFolder) -> None:
    """Planning it anew would change the plan that its comparison was made of."""
    verified = desk.verify(desk.signed(report_of(theirs)))
    folder = verified.folder
    measure_run(folder, data=None, progress=Silent(), stop=Stop())  # type: ignore[arg-type]
    compare_run(folder)
    gate_run(folder, as_of=TODAY)
    report_run(folder, ("markdown",))
    again = desk.verify(desk.signed(altered(theirs, flip_in_one_area)))
    gate_run(folder, as_of=TODAY)
    report_run(folder, ("markdown",))
    assert again.folder.root == folder.root
    assert verify_run(folder).failed() == []
    assert sum(item.name.endswith("report, commitment, seed") for item in verify_run(folder).checks) == 2
    page = (folder.root / "report.md").read_text()
    assert "Evaluations by others" in page and "accepted" in page and "refused" in page


def test_what_no_spot_check_can_ask_again_counts_for_nothing(tmp_path: Path) -> None:
    """Questions with an answer key: a sample's prompt file cannot hold them."""
    home = write_project(tmp_path / "home", prompts=60, quiz=10)
    prepared = prepare(str(home / "specs" / "bot.yaml"), Options(out=home / "runs" / "r"))
    measure_run(prepared.folder, data=None, progress=Silent(), stop=Stop())  # type: ignore[arg-type]
    compare_run(prepared.folder)
    path = write_report(tmp_path / "r.json", report_of(prepared.folder))
    verified = Desk(home, Trust(), tmp_path, tmp_path).verify(path)
    rows = {row.need: row for row in verified.body.covered}
    assert (rows["task own.quiz"].state, rows["task own.quiz"].weight) == ("covered", 0.0)
    assert rows["task own.asked"].weight > 0 and verified.body.result == "partly"
    assert any("own.quiz cannot be asked again" in text for text in verified.body.lacks)


def test_our_own_run_folder_is_a_report_and_one_that_was_changed_is_none(
    desk: Desk, made: Path, tmp_path: Path
) -> None:
    shutil.copytree(made / "theirs", tmp_path / "theirs")
    folder = tmp_path / "theirs" / "runs" / "r"
    verified = desk.verify(folder)
    assert verified.body.result == "partly" and looked(verified)["spot check"] == "holds"
    assert [text for text in verified.body.lacks if "signature" in text]
    (folder / "plan.json").write_text((folder / "plan.json").read_text().replace('"repeats": 1', '"repeats": 2', 1))
    with pytest.raises(VerificationError):
        desk.verify(folder)


def _gated(desk: Desk) -> Any:
    """The verdict of the run at home, measured as far as the rest asks."""
    folder = run_for(str(desk.home / "specs" / "bot.yaml"), Options()).folder
    measure_run(folder, data=None, progress=Silent(), stop=Stop())  # type: ignore[arg-type]
    compare_run(folder)
    return gate_run(folder, as_of=TODAY)


def _sentence(verdict: Any) -> str:
    return " ".join(item.sentence for item in verdict.findings if item.rule == "theirs")


def test_at_most_so_many_answers_are_asked_and_the_power_that_is_left_is_said(desk: Desk, theirs: RunFolder) -> None:
    verified = desk.verify(desk.signed(report_of(theirs)), spot=Spot(most=40))
    check = verified.body.spot_check
    assert check is not None and check.calls == 40
    assert check.power is not None and check.power < 0.9
    assert verified.body.result == "partly" and any(text.startswith("power:") for text in verified.body.lacks)
    assert {group.area for group in check.groups} == {"fraud", "cyber", "violence", "privacy"}


def test_sampled_answers_are_asked_twice(home: Path, desk: Desk, made: Path) -> None:
    """At a temperature, what changes by chance is measured; the recordings hold three answers to each prompt."""
    assert made and home == desk.home
    spec = home / "specs" / "bot.yaml"
    spec.write_text(
        spec.read_text().replace("temperature: 0.0", "temperature: 0.7").replace("repeats: 1", "repeats: 3")
    )
    for path in (home / "answers").glob("*.jsonl"):
        head, *rows = [json.loads(line) for line in path.read_text().splitlines()]
        lines = [head, *({**row, "repeat": repeat} for row in rows for repeat in range(3))]
        path.write_text("".join(json.dumps(line) + "\n" for line in lines))
    prepared = prepare(str(spec), Options(out=home / "runs" / "theirs"))
    measure_run(prepared.folder, data=None, progress=Silent(), stop=Stop())  # type: ignore[arg-type]
    compare_run(prepared.folder)
    verified = desk.verify(desk.signed(report_of(prepared.folder)))
    check = verified.body.spot_check
    assert verified.body.result == "accepted", verified.body.lacks
    assert check is not None and check.tolerance == 0.03 and check.full == 1440
    assert check.calls == 2 * check.asked


def test_verify_names_a_report_that_was_exchanged_after_its_sample(desk: Desk, theirs: RunFolder) -> None:
    folder = desk.verify(desk.signed(report_of(theirs))).folder
    (place,) = (folder.root / "verification").iterdir()
    other = report_of(theirs).model_copy(update={"measured_to": "2026-11-01T00:00:00Z", "measured_from": None})
    (place / "report.json").write_text(json.dumps(other.whole().to_json()))
    failed = {item.name: item.detail for item in verify_run(folder).failed()}
    assert failed[f"verification/{place.name}: report, commitment, seed"] == "the commitment is to another report"
    assert f"verification/{place.name}/report.json" in failed
