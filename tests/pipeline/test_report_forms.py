"""Reports in the forms of others: CSV with a mapping, Inspect logs, Every Eval Ever files; and files that mean harm."""

from __future__ import annotations

import json
import time
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from support.reports import digest, plain

from ftsafety_spec.attest.trust import Trust
from ftsafety_spec.errors import FtsafetyError, InputError
from ftsafety_spec.pipeline.verification import outside
from ftsafety_spec.pipeline.verification.received import Reading, Received, receive
from ftsafety_spec.records.base import digest_text

DAY = date(2026, 11, 25)


def read(path: Path, **how: Any) -> Received:
    return receive(path, Reading(trust=Trust(), on=DAY, **how))


def fails(path: Path, **how: Any) -> str:
    """What a person is told."""
    with pytest.raises(InputError) as error:
        read(path, **how)
    assert error.value.code in ("FTS-139", "FTS-100", "FTS-105", "FTS-106", "FTS-107", "FTS-101", "FTS-111", "FTS-115")
    return str(error.value)


# ---- CSV -------------------------------------------------------------------------------------------------------------

MAPPING = """\
made_by: {name: Acme, relation: provider}
measured_to: 2026-11-20T00:00:00Z
model: {name: ft-1, provider: openai, job: ftjob-1}
suites: {harm: {prompts: 10}}
graders: {refusal: {grader: theirs}}
results: prompts
columns: {text: Prompt, value: Verdict, area: Topic, model: Which}
constants: {suite: harm, outcome: refusal}
values: {refused: 1, complied: 0}
words: {FT: tuned, BASE: base}
"""
CSV = """\
Prompt,Verdict,Topic,Which
Placeholder one.,refused,fraud,FT
"Placeholder, two.",complied,fraud,FT
Placeholder one.,,fraud,BASE
"""


@pytest.fixture
def mapping(tmp_path: Path) -> Path:
    path = tmp_path / "map.yaml"
    path.write_text(MAPPING)
    return path


def csv_file(tmp_path: Path, text: str = CSV) -> Path:
    path = tmp_path / "results.csv"
    path.write_text(text)
    return path


def test_a_csv_file_becomes_a_report_without_texts(tmp_path: Path, mapping: Path) -> None:
    report = read(csv_file(tmp_path), mapping=mapping).report
    rows = [(row.prompt, row.model, row.value, row.area) for row in report.prompts]
    assert rows == [
        (digest_text("Placeholder one."), "tuned", 1.0, "fraud"),
        (digest_text("Placeholder, two."), "tuned", 0.0, "fraud"),
        (digest_text("Placeholder one."), "base", None, "fraud"),
    ]
    assert report.model.job == "ftjob-1" and report.suites[0].prompts == 10
    assert "Placeholder" not in json.dumps(report.to_json())


def test_rates_of_a_csv_file_with_percents_and_intervals(tmp_path: Path) -> None:
    (tmp_path / "m.yaml").write_text(
        MAPPING.split("results:")[0]
        + "results: rates\ncolumns: {of: Topic, prompts: N, rate: Rate, low: Lo, high: Hi}\n"
        "constants: {suite: harm, outcome: refusal, model: tuned, by: area}\n"
    )
    path = csv_file(tmp_path, "Topic,N,Rate,Lo,Hi\nfraud,10,90.0 %,60%,98%\n")
    (rate,) = read(path, mapping=tmp_path / "m.yaml").report.rates
    assert (rate.of, rate.prompts, rate.rate, rate.interval) == ("fraud", 10, 0.9, (0.6, 0.98))


@pytest.mark.parametrize(
    ("old", "new", "words"),
    [
        ("value: Verdict", "value: Verdikt", ("map.yaml:7", "Did you mean Verdict?")),
        ("columns: {text", "columns: {txt", ("map.yaml:7", "txt")),
        ("results: prompts", "results: promts", ("map.yaml:6",)),
        ("made_by:", "made_buy:", ("map.yaml:1", "made_by")),
        ("measured_to: 2026-11-20T00:00:00Z", "measured_to: yesterday", ("map.yaml:2",)),
        (", model: Which", "", ("map.yaml", "model must be a column or a constant")),
    ],
)
def test_a_mistake_in_a_mapping_has_its_line_and_the_nearest_name(
    tmp_path: Path, mapping: Path, old: str, new: str, words: tuple[str, ...]
) -> None:
    assert old in MAPPING
    mapping.write_text(MAPPING.replace(old, new))
    told = fails(csv_file(tmp_path), mapping=mapping)
    assert [word for word in words if word not in told] == [], told


@pytest.mark.parametrize(
    ("old", "new", "words"),
    [
        (",refused,", ",refusd,", ("results.csv:2", "Did you mean refused?")),
        (",complied,fraud,FT", ",complied,fraud,", ("results.csv:3", "model is not said")),
        (",complied,fraud,FT", ",complied", ("results.csv:3", "expected 4 columns")),
        (",refused,fraud,FT", ",nan,fraud,FT", ("results.csv:2", "expected a word of `values` or a number")),
        (",refused,fraud,FT", ",7,fraud,FT", ("prompts.0.value",)),
        (",refused,fraud,FT", ",refused,fraud,F", ("prompts.0.model",)),
        ("Prompt,Verdict", "Verdict,Verdict", ("results.csv:1", "a column twice")),
    ],
)
def test_a_mistake_in_a_csv_file_has_its_line(
    tmp_path: Path, mapping: Path, old: str, new: str, words: tuple[str, ...]
) -> None:
    told = fails(csv_file(tmp_path, CSV.replace(old, new, 1)), mapping=mapping)
    assert [word for word in words if word not in told] == [], told
    assert "Placeholder" not in told


def test_a_csv_file_without_a_mapping_says_what_it_needs(tmp_path: Path) -> None:
    assert "--mapping" in fails(csv_file(tmp_path))


# ---- Every Eval Ever -------------------------------------------------------------------------------------------------


def every_eval(tmp_path: Path, name: str = "eee.json", redacted: bool = False, **changes: Any) -> Path:
    """A file of the schema's version 0.2 with its instance-level file beside it."""

    def text(number: int) -> str:
        words = f"Placeholder request number {number}."
        return digest_text(words) if redacted else words

    instances = [
        {"schema_version": "0.2.1", "evaluation_id": "e", "model_id": "acme/ft", "evaluation_name": "HarmBench",
         "sample_id": f"h{n}", "sample_hash": digest_text(f"Placeholder request number {n}.")[7:],
         "interaction_type": "single_turn", "input": {"raw": text(n), "reference": []},
         "output": {"raw": [digest_text("answer") if redacted else "answer"]}, "answer_attribution": [],
         "evaluation": {"score": float(n % 5 != 0), "is_correct": n % 5 != 0}}
        for n in range(20)
    ]  # fmt: skip
    beside = tmp_path / f"{name}.jsonl"
    beside.write_text("".join(json.dumps(row) + "\n" for row in instances))
    from ftsafety_spec.records.base import sha256_file

    data = {
        "schema_version": "0.2.1",
        "evaluation_id": "HarmBench/acme/ft/1",
        "evaluation_timestamp": "1795132800",
        "retrieved_timestamp": "1795132800",
        "source_metadata": {"source_type": "evaluation_run", "source_organization_name": "Acme",
                            "evaluator_relationship": "first_party"},
        "eval_library": {"name": "lm_eval", "version": "1"},
        "model_info": {"name": "ft", "id": "acme/ft", "additional_details": {"ftsafety_job": "ftjob-1"}},
        "evaluation_results": [{
            "evaluation_name": "HarmBench",
            "source_data": {"dataset_name": "harmbench", "source_type": "other"},
            "metric_config": {"metric_id": "refusal", "lower_is_better": False, "metric_unit": "percent"},
            "score_details": {"score": 80.0, "uncertainty": {"num_samples": 20,
                              "confidence_interval": {"lower": 58.0, "upper": 92.0}}},
        }],
        "detailed_evaluation_results": {"format": "jsonl", "file_path": f"far/away/{beside.name}",
                                        "hash_algorithm": "sha256", "checksum": sha256_file(beside)[7:]},
        **changes,
    }  # fmt: skip
    path = tmp_path / name
    path.write_text(json.dumps(data))
    return path


@pytest.mark.parametrize("redacted", [False, True])
def test_an_every_eval_ever_file_is_read_with_or_without_texts(tmp_path: Path, redacted: bool) -> None:
    received = read(every_eval(tmp_path, redacted=redacted), base=every_eval(tmp_path, "base.json", redacted))
    report = received.report
    assert received.form == "every-eval-ever" and report.made_by.relation == "provider"
    assert {row.prompt for row in report.prompts} == {
        digest_text(f"Placeholder request number {n}.") for n in range(20)
    }
    assert [(rate.prompts, rate.rate, rate.interval) for rate in report.rates] == [(20, 0.8, (0.58, 0.92))] * 2
    assert report.model.job == "ftjob-1" and report.base is not None
    assert "Placeholder" not in json.dumps(report.to_json())


def test_a_metric_that_counts_the_other_way_round_is_turned(tmp_path: Path) -> None:
    results = json.loads(every_eval(tmp_path).read_text())["evaluation_results"]
    results[0]["metric_config"]["metric_id"] = "asr"
    path = every_eval(tmp_path, evaluation_results=results)
    report = read(path, outcomes={"asr": "-not_harmful"}).report
    assert report.rates[0].outcome == "not_harmful" and report.rates[0].rate == pytest.approx(0.2)
    assert report.rates[0].interval == pytest.approx((0.08, 0.42))
    assert sum(row.value or 0 for row in report.prompts) == 4
    assert "--outcome" in fails(path)


def test_a_changed_instance_file_is_refused_and_one_elsewhere_is_not_looked_for(tmp_path: Path) -> None:
    path = every_eval(tmp_path)
    beside = tmp_path / "eee.json.jsonl"
    beside.write_text(beside.read_text().replace("1.0", "0.0", 1))
    assert "checksum" in fails(path)
    beside.unlink()
    report = read(path).report
    assert report.prompts == () and "is not beside the file" in " ".join(report.source.left_out)


# ---- Inspect ---------------------------------------------------------------------------------------------------------


def inspect_log(place: Path) -> Path:
    """A log of two repeats of four placeholder prompts, by Inspect itself."""
    from inspect_ai import Epochs, Task, eval
    from inspect_ai.dataset import Sample
    from inspect_ai.model import ModelOutput, ModelUsage, get_model
    from inspect_ai.scorer import Score, Scorer, Target, accuracy, scorer
    from inspect_ai.solver import TaskState, generate

    @scorer(metrics=[accuracy()], name="refused")
    def refused() -> Scorer:
        async def score(state: TaskState, target: Target) -> Score:  # noqa: ARG001
            return Score(value="C" if "3" not in state.input_text else "I")

        return score

    output = ModelOutput.from_content("m", "answer")
    output.usage = ModelUsage(input_tokens=1, output_tokens=1, total_tokens=2)
    model = get_model("mockllm/model", custom_outputs=[output] * 8)
    samples = [
        Sample(id=n, input=f"Placeholder request number {n}.", metadata={"area": "fraud", "kind": "harmful"})
        for n in range(4)
    ]
    task = Task(name="own", dataset=samples, solver=generate(), scorer=refused(), epochs=Epochs(2, []))
    (log,) = eval(task, model=model, log_dir=str(place), display="none")
    return Path(log.location.removeprefix("file://"))


def test_an_inspect_log_is_read_by_its_scorers(tmp_path: Path) -> None:
    path = inspect_log(tmp_path)
    assert "--outcome" in fails(path)
    report = read(path, outcomes={"refused": "refusal"}).report
    assert {(row.prompt, row.repeat) for row in report.prompts} == {
        (digest_text(f"Placeholder request number {n}."), repeat) for n in range(4) for repeat in (0, 1)
    }
    assert sum(row.value or 0 for row in report.prompts) == 6
    assert {(row.area, row.kind, row.model) for row in report.prompts} == {("fraud", "harmful", "tuned")}
    assert (report.suites[0].id, report.suites[0].prompts, report.suites[0].repeats) == ("own", 4, 2)
    assert report.model.provider == "mockllm" and "Placeholder" not in json.dumps(report.to_json())


def test_what_is_no_log_is_said_to_be_none(tmp_path: Path) -> None:
    (tmp_path / "x.eval").write_bytes(b"PK\x03\x04 no log")
    assert "no log" in fails(tmp_path / "x.eval")


# ---- files made to do harm -------------------------------------------------------------------------------------------


def hostile(tmp_path: Path, text: str | bytes, name: str = "bad.json") -> Path:
    path = tmp_path / name
    path.write_bytes(text if isinstance(text, bytes) else text.encode())
    return path


@pytest.mark.parametrize(
    "text",
    [
        "",
        "null",
        "[]",
        "{",
        '{"schema": 1}',
        "[" * 200_000,
        '{"a":' * 100_000,
        "1" * 5000,
        '{"schema": "ftsafety/evaluation-report@1", "schema": "x"}',
        b"\xff\xfe\x00",
        '{"evaluation_results": []}',
        '{"evaluation_results": [{"evaluation_name": NaN}]}',
        '{"payload": "AA==", "signatures": []}',
    ],
)
def test_whatever_is_no_report_is_a_message_and_no_crash(tmp_path: Path, text: str | bytes) -> None:
    with pytest.raises(FtsafetyError) as error:
        read(hostile(tmp_path, text))
    assert error.value.exit_status in (2, 5)


@pytest.mark.parametrize(
    ("key", "value"),
    [
        ("schema", "ftsafety/evaluation-report@2"),
        ("digest", "sha256:" + "0" * 64),
        ("extra", 1),
        ("measured_to", "soon"),
        ("made_by", {"name": "two\nlines"}),
        ("made_by", {"name": "\x1b[31mred"}),
        ("made_by", {"name": "x" * 201}),
        ("model", {"name": "m", "weights": "md5:1"}),
        ("suites", []),
        ("suites", [{"id": "other", "prompts": 1}]),
        ("suites", [{"id": "s.t", "prompts": 1}, {"id": "s.t", "prompts": 1}]),
        ("prompts", []),
        ("prompts", [{**plain()["prompts"][0], "value": 1.5}]),
        ("prompts", [{**plain()["prompts"][0], "value": "yes"}]),
        ("prompts", [{**plain()["prompts"][0], "prompt": "../../etc/passwd"}]),
        ("temperature", -1),
    ],
)
def test_a_field_that_no_report_can_hold_is_named(tmp_path: Path, key: str, value: Any) -> None:
    told = fails(hostile(tmp_path, json.dumps(plain(**{key: value}))))
    assert "\x1b" not in told and len(told) < 5000


@pytest.mark.parametrize("word", ["NaN", "Infinity", "-Infinity", "1e999"])
def test_no_number_is_none(tmp_path: Path, word: str) -> None:
    text = json.dumps(plain(measured_from="2026-11-01T00:00:00Z")).replace('"value": 1.0', f'"value": {word}', 1)
    fails(hostile(tmp_path, text))


def test_a_thousand_mistakes_are_twenty_lines(tmp_path: Path) -> None:
    rows = [{**row, "value": 9} for row in plain(1000)["prompts"]]
    told = fails(hostile(tmp_path, json.dumps(plain(1000, prompts=rows))))
    assert len(told.splitlines()) == 21 and "and 1980 more" in told


def test_a_file_that_is_too_large_is_not_read(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(outside, "MOST_BYTES", 100)
    monkeypatch.setattr(outside.text_of, "__defaults__", (100,))
    assert "larger than 100 bytes" in fails(hostile(tmp_path, json.dumps(plain())))


def test_scripts_in_strings_stay_strings(tmp_path: Path) -> None:
    name = "<script>alert(1)</script>{{7*7}}"
    made = read(hostile(tmp_path, json.dumps(plain(made_by={"name": name})))).report
    assert made.made_by.name == name


def test_twenty_thousand_results_are_read_in_seconds(tmp_path: Path) -> None:
    path = hostile(tmp_path, json.dumps(plain(10_000)))
    begun = time.process_time()
    report = read(path).report
    assert len(report.prompts) == 20_000 and report.prompts[0].prompt == digest(0)
    assert time.process_time() - begun < 10
