"""The catalog's benchmarks: exact counts, pinned digests, full cards, and the tasks that Inspect sees."""

from __future__ import annotations

import itertools
import os
import shutil
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import pytest

from ftsafety_spec.catalog import harmbench, jailbreakbench, simplesafetytests, xstest
from ftsafety_spec.catalog.base import Benchmark, Prompt, dataset_digest
from ftsafety_spec.catalog.data_door import count_rows, data_folder, read_csv
from ftsafety_spec.catalog.registry import BENCHMARKS
from ftsafety_spec.errors import InputError
from ftsafety_spec.records.base import digest_bytes
from ftsafety_spec.spec.common import AREAS

OWN = [name for name in BENCHMARKS.names() if name.startswith("ftsafety/")]
needs_data = pytest.mark.skipif(not os.environ.get("FTSAFETY_DATA"), reason="FTSAFETY_DATA is not set")


@pytest.fixture
def data() -> Iterator[Path]:
    yield Path(os.environ["FTSAFETY_DATA"])


def counts(prompts: list[Prompt], field: str) -> dict[str, int]:
    return dict(Counter(getattr(prompt, field) for prompt in prompts))


def test_the_five_benchmarks_are_registered() -> None:
    assert {name.split("/")[1] for name in OWN} >= {
        "basics",
        "harmbench",
        "simplesafetytests",
        "xstest",
        "jailbreakbench",
    }


@pytest.mark.parametrize("name", OWN)
def test_every_card_is_complete(name: str) -> None:
    card = BENCHMARKS.get(name).card
    assert card.name == name
    assert all(
        (card.title, card.tests, card.strength, card.weakness, card.licence, card.citation, card.official_metric)
    )
    for file in card.files:
        assert file.source.startswith("https://") and file.rows > 0
        pins = [(file.sha256, 64), (file.git_blob, 40)]
        pinned = any(pin and len(pin) == size and int(pin, 16) for pin, size in pins)
        assert pinned or card.gate is not None, file.name


def test_the_requirement_rows_are_cited() -> None:
    rows = {name: BENCHMARKS.get(name).card.row for name in OWN}
    assert rows["ftsafety/harmbench"] == "R-19" and rows["ftsafety/simplesafetytests"] == "R-22"


@pytest.mark.parametrize("module", [harmbench, simplesafetytests, xstest, jailbreakbench])
def test_every_official_category_leads_to_an_area_of_harm(module: object) -> None:
    areas = set(getattr(module, "AREA").values())  # noqa: B009 - modules of one shape
    assert areas <= set(AREAS) - {"none"}


def test_basics_need_no_data() -> None:
    prompts = list(BENCHMARKS.get("ftsafety/basics").prompts(None))
    assert counts(prompts, "kind") == {"harmful": 340, "borderline": 170, "benign": 100}
    areas = Counter(prompt.area for prompt in prompts if prompt.kind == "harmful")
    assert len(areas) >= 8 and set(areas) <= set(AREAS)
    assert all(prompt.area == "none" for prompt in prompts if prompt.kind == "benign")
    assert len({prompt.id for prompt in prompts}) == len({prompt.cluster for prompt in prompts}) == 610
    assert all("\n" not in prompt.text for prompt in prompts)


@pytest.mark.parametrize("name", [name for name in OWN if name != "ftsafety/basics"])
def test_missing_data_says_where_it_is_at_home(name: str, tmp_path: Path) -> None:
    benchmark = BENCHMARKS.get(name)
    for folder in (None, tmp_path):
        with pytest.raises(InputError) as caught:
            benchmark.prompts(folder)
        assert caught.value.code == "FTS-121" and caught.value.exit_status == 2
        message = str(caught.value)
        assert "--data" in message and "FTSAFETY_DATA" in message and benchmark.card.files[0].source in message
        assert benchmark.card.files[0].name in message


def test_other_content_is_refused_with_both_digests(tmp_path: Path) -> None:
    file = simplesafetytests.FILE
    path = tmp_path / file.name
    path.parent.mkdir()
    path.write_bytes(b"id,harm_area\n1,other\n")
    with pytest.raises(InputError) as caught:
        read_csv(tmp_path, file)
    assert caught.value.code == "FTS-122"
    message = str(caught.value)
    assert f"sha256:{file.sha256}" in message and digest_bytes(path.read_bytes()) in message and str(path) in message


def test_the_option_wins_over_the_environment(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "a").mkdir()
    monkeypatch.setenv("FTSAFETY_DATA", str(tmp_path))
    assert data_folder(None) == tmp_path
    assert data_folder(tmp_path / "a") == tmp_path / "a"
    monkeypatch.setenv("FTSAFETY_DATA", "")
    assert data_folder(None) is None


def test_a_data_folder_that_does_not_exist_is_said_so(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(InputError, match="--data") as caught:
        data_folder(tmp_path / "nowhere")
    assert caught.value.code == "FTS-111"
    monkeypatch.setenv("FTSAFETY_DATA", str(tmp_path / "nowhere"))
    with pytest.raises(InputError, match="FTSAFETY_DATA"):
        data_folder(None)


@pytest.mark.parametrize(
    ("benchmark", "args"),
    [
        (harmbench.BENCHMARK, {"split": "tset"}),
        (harmbench.BENCHMARK, {"functional": ["standart"]}),
        (harmbench.BENCHMARK, {"functional": []}),
        (harmbench.BENCHMARK, {"functional": 3}),
        (jailbreakbench.BENCHMARK, {"half": "harmles"}),
        (xstest.BENCHMARK, {"labels": ["save"]}),
        (xstest.BENCHMARK, {"labels": [["safe"]]}),
    ],
)
def test_a_wrong_argument_is_refused_before_any_data_is_read(benchmark: Benchmark, args: dict[str, object]) -> None:
    with pytest.raises(InputError) as caught:
        benchmark.prompts(None, args)
    assert caught.value.code == "FTS-106"


def test_contrast_pairs_need_the_same_place_and_the_same_focus() -> None:
    rows = [
        {"id": "1", "type": "homonyms", "focus": "a"},
        {"id": "2", "type": "homonyms", "focus": "b"},
        {"id": "3", "type": "contrast_homonyms", "focus": "a"},
        {"id": "4", "type": "contrast_homonyms", "focus": "other"},
        {"id": "5", "type": "historical_events", "focus": "x"},
        {"id": "6", "type": "contrast_historical_events", "focus": "x"},
    ]
    pairs = xstest.contrast_pairs(rows)
    assert set(pairs) == {"1", "3"} and pairs["1"] == pairs["3"]


@pytest.mark.data
@needs_data
@pytest.mark.parametrize("name", OWN)
def test_every_pinned_file_has_its_rows(name: str, data: Path) -> None:
    at_hand = [file for file in BENCHMARKS.get(name).card.files if (data / file.name).is_file()]
    assert [(file.name, count_rows(data, file)) for file in at_hand] == [(file.name, file.rows) for file in at_hand]


@pytest.mark.data
@needs_data
@pytest.mark.parametrize("name", [name for name in OWN if BENCHMARKS.get(name).card.prompts])
def test_a_card_counts_what_a_default_load_gives(name: str, data: Path) -> None:
    benchmark = BENCHMARKS.get(name)
    try:
        prompts = list(benchmark.prompts(data))
    except InputError as error:
        pytest.skip(f"the data is not at hand: {error.code}")
    card = benchmark.card
    assert (card.prompts, set(card.kinds)) == (len(prompts), set(counts(prompts, "kind")))
    assert card.categories == len(counts(prompts, "category"))
    assert (
        card.home.startswith(("https://", "in this package: "))
        and card.default_grader.startswith("ftsafety/")
        and card.tokens_out > 0
    )


@pytest.mark.data
@needs_data
def test_harmbench_counts(data: Path) -> None:
    prompts = list(harmbench.BENCHMARK.prompts(data))
    assert len(prompts) == len({prompt.id for prompt in prompts}) == 400
    assert Counter(prompt.metadata["functional"] for prompt in prompts) == {
        "standard": 200,
        "contextual": 100,
        "copyright": 100,
    }
    assert counts(prompts, "category") == {
        "copyright": 100,
        "cybercrime_intrusion": 67,
        "illegal": 65,
        "misinformation_disinformation": 65,
        "chemical_biological": 56,
        "harassment_bullying": 25,
        "harmful": 22,
    }
    assert counts(prompts, "kind") == {"harmful": 400}
    assert len({prompt.digest for prompt in prompts}) == 400, "with its context every prompt is another one"


@pytest.mark.data
@needs_data
def test_harmbench_contextual_prompts_carry_their_context(data: Path) -> None:
    contextual = harmbench.BENCHMARK.prompts(data, {"functional": ["contextual"]})
    rows = {row["BehaviorID"]: row for row in read_csv(data, harmbench.FILES["all"])}
    assert len(contextual) == 100
    wrong = [
        prompt.id
        for prompt in contextual
        if not (rows[prompt.id]["ContextString"] in prompt.text and prompt.text.endswith(rows[prompt.id]["Behavior"]))
    ]
    assert wrong == []


@pytest.mark.data
@needs_data
def test_harmbench_splits_make_the_whole(data: Path) -> None:
    halves = {split: {p.id for p in harmbench.BENCHMARK.prompts(data, {"split": split})} for split in ("test", "val")}
    assert (len(halves["test"]), len(halves["val"])) == (320, 80)
    assert halves["test"] | halves["val"] == {p.id for p in harmbench.BENCHMARK.prompts(data)}


@pytest.mark.data
@needs_data
def test_simplesafetytests_counts(data: Path) -> None:
    prompts = list(simplesafetytests.BENCHMARK.prompts(data))
    assert len(prompts) == 100 and set(counts(prompts, "category").values()) == {20}
    assert counts(prompts, "area") == {"self_harm": 20, "violence": 20, "illegal": 20, "fraud": 20, "child_safety": 20}


@pytest.mark.data
@needs_data
def test_xstest_counts(data: Path) -> None:
    prompts = list(xstest.BENCHMARK.prompts(data))
    assert counts(prompts, "kind") == {"benign": 250, "harmful": 200}
    assert len(counts(prompts, "category")) == 18 and set(counts(prompts, "category").values()) == {25}
    assert all((prompt.area == "none") == (prompt.kind == "benign") for prompt in prompts)


@pytest.mark.data
@needs_data
def test_xstest_pairs_are_one_safe_and_one_unsafe_prompt(data: Path) -> None:
    prompts = xstest.BENCHMARK.prompts(data)
    paired = Counter(prompt.pair for prompt in prompts if prompt.pair)
    assert len(paired) == 174 and set(paired.values()) == {2}
    kinds = {(prompt.pair, prompt.kind) for prompt in prompts if prompt.pair}
    assert len(kinds) == 348
    assert len({prompt.cluster for prompt in prompts}) == 450 - 174


@pytest.mark.data
@needs_data
def test_jailbreakbench_counts(data: Path) -> None:
    prompts = list(jailbreakbench.BENCHMARK.prompts(data))
    assert counts(prompts, "kind") == {"harmful": 100, "benign": 100}
    harmful = list(jailbreakbench.BENCHMARK.prompts(data, {"half": "harmful"}))
    assert len(harmful) == 100 and set(counts(harmful, "category").values()) == {10}
    assert len(jailbreakbench.BENCHMARK.prompts(data, {"half": "benign"})) == 100


@pytest.mark.data
@needs_data
def test_the_dataset_digest_follows_the_data_and_not_its_order(data: Path) -> None:
    prompts = list(simplesafetytests.BENCHMARK.prompts(data))
    assert dataset_digest(prompts) == dataset_digest(prompts[::-1]) != dataset_digest(prompts[1:])


@pytest.mark.data
@needs_data
def test_one_changed_byte_of_a_real_file_is_refused(data: Path, tmp_path: Path) -> None:
    file = xstest.FILE
    path = tmp_path / file.name
    path.parent.mkdir(parents=True)
    shutil.copy(data / file.name, path)
    path.write_bytes(path.read_bytes()[:-1])
    with pytest.raises(InputError) as caught:
        xstest.BENCHMARK.prompts(tmp_path)
    assert caught.value.code == "FTS-122"


def test_plain_inspect_runs_the_basics_by_name(tmp_path: Path) -> None:
    from inspect_ai import eval as inspect_eval
    from inspect_ai.log import read_eval_log
    from inspect_ai.model import ModelOutput, ModelUsage, get_model

    answer = ModelOutput.from_content("mockllm/model", "I'm sorry, but I can't help with that.")
    answer.usage = ModelUsage(input_tokens=1, output_tokens=1, total_tokens=2)  # or a tokenizer is looked for
    model = get_model("mockllm/model", custom_outputs=itertools.repeat(answer))
    (log,) = inspect_eval("ftsafety_spec/basics", model=model, limit=8, display="none", log_dir=str(tmp_path))
    assert log.status == "success" and log.eval.task_registry_name == "ftsafety_spec/basics"
    samples = read_eval_log(log.location).samples or []
    assert len(samples) == 8
    assert all({"kind", "category", "area"} <= set(sample.metadata) for sample in samples)
    assert all((sample.scores or {})["refusal_classifier"].value == 1.0 for sample in samples)


def test_inspect_knows_a_task_for_every_own_benchmark() -> None:
    from ftsafety_spec.catalog.inspect_tasks import installed_tasks

    assert {f"ftsafety_spec/{name.split('/')[1]}" for name in OWN} <= set(installed_tasks())
