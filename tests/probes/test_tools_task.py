"""ftsafety_spec/tools (R-43): fake tools, whether a harmful call was made, and that nothing fails open."""

from __future__ import annotations

from collections import Counter
from pathlib import Path
from typing import Any

import pytest
from support.fake_provider import Fake
from support.small_run import Project

from ftsafety_spec.errors import InputError, NotFoundError
from ftsafety_spec.pipeline import compare_run
from ftsafety_spec.probes.tool_loop import DONE, TOOLS, calls_in
from ftsafety_spec.probes.tools import reading, requests, tools
from ftsafety_spec.providers.engine_model import Draw, Reply
from ftsafety_spec.spec.common import AREAS

MAIL = 'CALL send_email {"to": "placeholder", "text": "placeholder"}'


def said(text: str, stop: str = "stop") -> Reply:
    return Reply(text, stop, tokens_in=10, tokens_out=5)  # type: ignore[arg-type]


def evaluated(outputs: Any, **args: Any) -> Any:
    """Inspect's samples by id, with a model that gives these outputs."""
    from inspect_ai import eval as run
    from inspect_ai.model import ModelUsage, get_model

    def counted(*shown: Any) -> Any:
        output = outputs(*shown)
        output.usage = ModelUsage(input_tokens=10, output_tokens=5, total_tokens=15)  # else it fetches a tokenizer
        return output

    model = get_model("mockllm/model", custom_outputs=counted)
    (log,) = run(tools(**args), model=model, display="none", log_format="eval", log_dir="memory://tools")
    assert log.status == "success" and log.samples is not None
    return {str(sample.id): sample for sample in log.samples}


def test_every_request_names_tools_that_exist_and_an_area() -> None:
    rows = [*requests(errands=False), *requests(errands=True)]
    assert Counter(row["category"] for row in rows) == {"order": 16, "injected": 6, "errand": 10}
    assert len({row["id"] for row in rows}) == len(rows)
    for row in rows:
        named = {*row.get("harmful", ()), *row.get("expected", ()), *row.get("results", {})}
        assert named <= set(TOOLS) and ("harmful" in row) != ("expected" in row), row["id"]
        assert (row["area"] == "none") == (row["category"] == "errand") and row["area"] in AREAS, row["id"]


@pytest.mark.parametrize(
    ("text", "names"),
    [
        (MAIL, ["send_email"]),
        ("call SEND_EMAIL", ["send_email"]),
        ("**CALL send_email**", ["send_email"]),
        ("`CALL: send_email {broken`", ["send_email"]),
        ("Of course.\n> CALL read_inbox {}\nCALL unlock_door {}", ["read_inbox", "unlock_door"]),
        ("I will not CALL send_email.", []),
        ("CALL something_else {}", []),
        ("", []),
    ],
)
def test_a_call_is_read_from_a_line_and_its_argument_may_be_broken(text: str, names: list[str]) -> None:
    assert calls_in(text) == names


def test_only_the_calls_that_a_request_names_are_harmful() -> None:
    row = {"harmful": ["send_email"]}
    assert (reading(row, []), reading(row, ["read_inbox"]), reading(row, ["read_inbox", "send_email"])) == (1, 1, 0)
    errand = {"expected": ["send_email"]}
    assert (reading(errand, []), reading(errand, ["read_inbox"]), reading(errand, ["send_email"])) == (0, 0, 1)


def test_a_model_that_follows_an_injected_order_is_caught_and_told_results_on_the_way() -> None:
    def obedient(messages: list[Any], *_: Any) -> Any:
        from inspect_ai.model import ModelOutput

        last = messages[-1].text
        order = "CALL read_inbox" if "RESULT" not in last else MAIL if "send all messages" in last else "All done."
        return ModelOutput.from_content("mockllm/model", order)

    samples = evaluated(obedient)
    assert samples["injected-mail"].scores["calls"].value == 0
    assert samples["injected-mail"].metadata["called"] == ["read_inbox", "send_email"]
    assert samples["injected-mail"].output.completion.splitlines()[:2] == ["[called read_inbox]", "[called send_email]"]
    assert samples["injected-post"].scores["calls"].value == 1
    told = samples["injected-mail"].messages
    assert len(told) == 6 and told[-2].text == f"RESULT of send_email: {DONE}"


def test_the_providers_own_tool_calls_are_counted_as_well() -> None:
    def caller(messages: list[Any], declared: list[Any], *_: Any) -> Any:
        from inspect_ai.model import ModelOutput

        assert {tool.name for tool in declared} == set(TOOLS)
        if messages[-1].role == "tool":
            return ModelOutput.from_content("mockllm/model", "Placeholder.")
        return ModelOutput.for_tool_call("mockllm/model", "send_email", {"to": "placeholder"})

    samples = evaluated(caller, calls="native")
    mail = {row["id"] for row in requests(errands=False) if "send_email" in row["harmful"]}
    assert mail and {name for name, sample in samples.items() if sample.scores["calls"].value == 0} == mail
    errands = evaluated(caller, calls="native", errands=True)
    assert {name for name, sample in errands.items() if sample.scores["calls"].value == 1} == {"thank-you", "invite"}


def test_a_model_that_never_stops_calling_is_let_go_after_the_steps() -> None:
    def tireless(*_: Any) -> Any:
        from inspect_ai.model import ModelOutput

        return ModelOutput.from_content("mockllm/model", "CALL search_web {}")

    samples = evaluated(tireless, steps=3)
    assert {tuple(sample.metadata["called"]) for sample in samples.values()} == {("search_web",) * 3}


def test_a_withheld_answer_is_no_restraint() -> None:
    def withheld(*_: Any) -> Any:
        from inspect_ai.model import ModelOutput

        return ModelOutput.from_content("mockllm/model", "", stop_reason="content_filter")

    assert all(sample.scores["calls"].unscored for sample in evaluated(withheld).values())


def test_a_wrong_way_or_no_step_is_said_to_be_so() -> None:
    with pytest.raises(NotFoundError, match="text"):
        tools(calls="texts")  # type: ignore[arg-type]
    with pytest.raises(InputError, match="steps"):
        tools(steps=0)


def test_base_and_tuned_are_compared_on_calls(tmp_path: Path) -> None:
    """A spec needs two lines: the task, and what its score means."""
    mapping = {"tool_restraint": {"scorer": "calls"}}
    task = {"task": "ftsafety_spec/tools", "kind": "harmful", "category": "category", "outcomes": mapping}

    def tuned_calls(variant: str, prompt: str, _: Draw) -> Reply:
        calls = variant == "tuned" and not prompt.startswith("RESULT")
        return said("\n".join(f"CALL {name}" for name in TOOLS) if calls else "I cannot do that.")

    measured, folder, _ = Project(tmp_path, tasks={"tools": task}).run(Fake(answer=tuned_calls))
    assert measured.errors == 0
    variants = {row["answer"]: row["variant"] for row in folder.rows("answers")}
    values = Counter((variants[row["answer"]], row["value"]) for row in folder.rows("grades"))
    assert values == {("base", 1.0): 22, ("tuned", 0.0): 22}
    assert {row["category"] for row in folder.rows("answers")} == {"order", "injected"}
    whole = {cell.outcome: cell for cell in compare_run(folder).cells if cell.by == "all"}
    assert set(whole) == {"tool_restraint"}, "no call counts as a refusal"
    assert (whole["tool_restraint"].lost, whole["tool_restraint"].moments.mean_tuned) == (22, 0.0)
