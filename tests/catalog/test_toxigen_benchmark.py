"""ToxiGen: completion prompts by target group, drawn with a seed (R-20)."""

from __future__ import annotations

import itertools
import os
from collections import Counter
from pathlib import Path

import pytest

from ftsafety_spec.catalog import toxigen
from ftsafety_spec.catalog.data_door import read_bytes, read_json
from ftsafety_spec.catalog.load import load_task
from ftsafety_spec.catalog.toxigen import BENCHMARK, CARD, FILES, GROUPS, STATEMENTS
from ftsafety_spec.errors import InputError
from ftsafety_spec.graders.panel import Panel
from ftsafety_spec.graders.uses import task_uses
from ftsafety_spec.spec.suite import Suite

needs_data = pytest.mark.skipif(not os.environ.get("FTSAFETY_DATA"), reason="FTSAFETY_DATA is not set")


@pytest.fixture
def data() -> Path:
    return Path(os.environ["FTSAFETY_DATA"])


@pytest.mark.parametrize(
    "args",
    [{"groups": ["wommen"]}, {"groups": []}, {"per_group": 0}, {"per_group": True}, {"per_group": 2.5}],
)
def test_a_wrong_argument_is_refused_before_any_data_is_read(args: dict[str, object]) -> None:
    with pytest.raises(InputError) as caught:
        BENCHMARK.prompts(None, args)
    assert caught.value.code == "FTS-106"


def test_only_toxicity_of_answers_is_read() -> None:
    from ftsafety_spec.graders.base import GRADERS

    assert dict(BENCHMARK.outcomes) == {"not_toxic": CARD.default_grader}
    assert "not_toxic" in GRADERS.get(CARD.default_grader).outcomes("harmful")


def test_every_group_is_hate_speech() -> None:
    assert set(toxigen.AREA) == set(GROUPS) and set(toxigen.AREA.values()) == {"hate"}


@pytest.mark.data
@needs_data
def test_there_are_sixteen_groups_of_a_thousand_prompts(data: Path) -> None:
    prompts = BENCHMARK.prompts(data)
    assert Counter(prompt.category for prompt in prompts) == dict.fromkeys(GROUPS, 1000)
    assert (len(prompts), len(GROUPS)) == (CARD.prompts, CARD.categories) == (16_000, 16)
    assert len({prompt.id for prompt in prompts}) == 16_000
    assert {(prompt.kind, prompt.area, prompt.condition) for prompt in prompts} == {("harmful", "hate", "plain")}


@pytest.mark.data
@needs_data
def test_repeated_lines_share_a_cluster_as_the_card_says(data: Path) -> None:
    prompts = BENCHMARK.prompts(data)
    clusters = {group: {p.cluster for p in prompts if p.category == group} for group in ("native_american", "latino")}
    assert {group: len(found) for group, found in clusters.items()} == {"native_american": 120, "latino": 556}
    assert len({prompt.cluster for prompt in prompts}) == 16_000 - 1_533
    assert any("1,533" in note and "120" in note and "556" in note for note in CARD.notes)


@pytest.mark.data
@needs_data
def test_the_raw_line_is_the_message(data: Path) -> None:
    lines = read_bytes(data, FILES["women"]).decode().splitlines()
    prompts = BENCHMARK.prompts(data, {"groups": "women"})
    assert [p.id for p, line in zip(prompts, lines, strict=True) if p.text != line or p.before] == []
    assert [p.id for p in prompts if "\\n" not in p.text or "\n" in p.text] == [], "its line breaks stay as written"


@pytest.mark.data
@needs_data
def test_a_draw_is_seeded_distinct_and_part_of_a_larger_one(data: Path) -> None:
    def drawn(per_group: int, seed: int = 0, groups: object = "all") -> list[str]:
        args = {"per_group": per_group, "seed": seed, "groups": groups}
        return [prompt.id for prompt in BENCHMARK.prompts(data, args)]

    assert len(drawn(20)) == 320 and drawn(20) == drawn(20) != drawn(20, seed=1)
    assert set(drawn(20)) < set(drawn(50))
    assert set(drawn(20, groups=["black", "trans"])) == {
        name for name in drawn(20) if name.startswith(("black-", "trans-"))
    }
    every = BENCHMARK.prompts(data, {"groups": ["native_american"], "per_group": 500})
    assert len(every) == len({prompt.digest for prompt in every}) == 120, "no more than there are distinct lines"


@pytest.mark.data
@needs_data
def test_the_annotated_statements_are_whole(data: Path) -> None:
    rows = read_json(data, STATEMENTS)
    assert len(rows) == STATEMENTS.rows == 6514
    assert {row["label"] for row in rows} == {"hate", "neutral"}
    assert [row["id"] for row in rows if (row["label"] == "hate") != (row["toxicity_score"] > 3)] == []


@pytest.mark.data
@needs_data
def test_a_suite_that_asks_it_reads_toxicity_and_no_refusal(data: Path, tmp_path: Path) -> None:
    suite = Suite.model_validate(
        {
            "title": "s",
            "revised": "2026-01-01",
            "use": "general",
            "tasks": {"toxigen": {"benchmark": "ftsafety/toxigen", "args": {"per_group": 2}}},
        }
    )
    task = load_task("core", "toxigen", suite, tmp_path, data, 0)
    assert len(task.prompts) == 32 and not task.whole
    uses = [(use.outcome, use.grader, use.role) for use in task_uses(suite, task, Panel())]
    assert uses == [("not_toxic", "ftsafety/toxicity", "primary")]


@pytest.mark.data
@needs_data
def test_plain_inspect_asks_it_and_scores_toxicity(tmp_path: Path) -> None:
    from inspect_ai import eval as inspect_eval
    from inspect_ai.log import read_eval_log
    from inspect_ai.model import ModelOutput, ModelUsage, get_model

    answer = ModelOutput.from_content("mockllm/model", "I'm sorry, but I can't help with that.")
    answer.usage = ModelUsage(input_tokens=1, output_tokens=1, total_tokens=2)  # or a tokenizer is looked for
    model = get_model("mockllm/model", custom_outputs=itertools.repeat(answer))
    args = {"groups": "women,muslim", "per_group": 2}
    (log,) = inspect_eval("ftsafety_spec/toxigen", task_args=args, model=model, display="none", log_dir=str(tmp_path))
    samples = read_eval_log(log.location).samples or []
    assert log.status == "success" and len(samples) == 4
    assert {sample.metadata["category"] for sample in samples} == {"women", "muslim"}
    assert all((sample.scores or {})["toxicity"].value == 1.0 for sample in samples)
