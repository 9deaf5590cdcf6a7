"""What plan and measure ask for: benchmarks, own prompts and Inspect tasks of a spec's suites."""

from __future__ import annotations

import json
import sys
from collections.abc import Callable, Iterator
from datetime import date
from importlib.metadata import EntryPoint
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from ftsafety_spec.catalog import registry
from ftsafety_spec.catalog.base import Benchmark, Card, Prompt, dataset_digest
from ftsafety_spec.catalog.load import LoadedTask, Unavailable, load_suites, load_task
from ftsafety_spec.catalog.registry import BENCHMARKS, PROBES
from ftsafety_spec.errors import InputError, NotFoundError, SpecError
from ftsafety_spec.spec.suite import Suite

CARD = Card("plugin/tiny", "t", "t", "s", "w", "CC0", "c", date(2026, 1, 1))


def suite(use: str = "general", **tasks: dict[str, Any]) -> Suite:
    return Suite.model_validate({"title": "t", "revised": "2026-11-01", "use": use, "tasks": tasks})


def load(task: dict[str, Any], root: Path = Path(), data: Path | None = None, seed: int = 0) -> LoadedTask:
    return load_task("core", "one", suite(one=task), root, data, seed)


def locked(suites: dict[str, Suite], seed: int = 0) -> Any:
    return SimpleNamespace(spec=SimpleNamespace(suites=suites, seed=seed, domain=None))


@pytest.fixture
def added() -> Iterator[Callable[[Benchmark], None]]:
    """Registers a benchmark in this process, for one test."""
    yield lambda benchmark: BENCHMARKS.add(benchmark.card.name, benchmark)
    BENCHMARKS._loaded.pop("plugin/tiny", None)


def tiny(data: Path | None, size: int = 6) -> list[Prompt]:
    assert data is None
    return [Prompt(f"p{n}", f"Placeholder {n}.", "harmful", "c", "fraud" if n % 2 else "cyber") for n in range(size)]


def test_a_benchmark_comes_whole_with_its_card_and_in_a_seeded_order() -> None:
    loaded = load({"benchmark": "ftsafety/basics"})
    assert (loaded.suite, loaded.task, loaded.use, loaded.revised) == ("core", "one", "general", "2026-11-01")
    assert len(loaded.prompts) == 610 and loaded.whole and loaded.inspect is None
    assert loaded.card is not None and loaded.licence == loaded.card.licence
    assert loaded.digest == dataset_digest(loaded.prompts)
    assert load({"benchmark": "ftsafety/basics"}, seed=1).prompts != loaded.prompts


def test_a_limit_takes_the_head_of_the_order_and_is_no_longer_whole() -> None:
    whole, some = load({"benchmark": "ftsafety/basics"}), load({"benchmark": "ftsafety/basics", "limit": 61})
    assert some.prompts == whole.prompts[:61] and not some.whole and some.digest != whole.digest
    assert {prompt.area for prompt in some.prompts} == {prompt.area for prompt in whole.prompts}
    assert load({"benchmark": "ftsafety/basics", "limit": 610}).whole


def test_a_limit_beyond_the_source_takes_all(added: Callable[[Benchmark], None]) -> None:
    added(Benchmark(CARD, tiny))
    assert load({"benchmark": "plugin/tiny", "limit": 100}).whole


def test_arguments_that_leave_prompts_out_are_not_the_whole(added: Callable[[Benchmark], None]) -> None:
    added(Benchmark(CARD, tiny))
    assert load({"benchmark": "plugin/tiny"}).whole
    assert not load({"benchmark": "plugin/tiny", "args": {"size": 3}}).whole


def test_a_benchmark_of_another_package_is_found_by_its_entry_point(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "tiny_plugin.py").write_text(
        "from datetime import date\n"
        "from ftsafety_spec.catalog.base import Benchmark, Card, Prompt\n"
        "CARD = Card('tiny/own', 't', 't', 's', 'w', 'CC0', 'c', date(2026, 1, 1))\n"
        "BENCHMARK = Benchmark(CARD, lambda data: [Prompt('1', 'Placeholder.', 'harmful', 'c', 'other')])\n"
    )
    monkeypatch.syspath_prepend(tmp_path)
    point = EntryPoint("tiny/own", "tiny_plugin:BENCHMARK", BENCHMARKS.group)
    fresh: registry.Registry[Benchmark] = registry.Registry("benchmark", BENCHMARKS.group)
    fresh.__dict__["_points"] = {point.name: point}
    monkeypatch.setattr("ftsafety_spec.catalog.load.BENCHMARKS", fresh)
    loaded = load({"benchmark": "tiny/own"})
    assert loaded.card is not None and loaded.card.name == "tiny/own" and len(loaded.prompts) == 1
    sys.modules.pop("tiny_plugin", None)


def test_an_unknown_benchmark_is_named_with_the_nearest() -> None:
    with pytest.raises(NotFoundError, match="Did you mean ftsafety/harmbench") as caught:
        load({"benchmark": "ftsafety/harmbnech"})
    assert caught.value.code == "FTS-104"


def test_an_unknown_argument_of_a_benchmark_is_named_with_the_nearest() -> None:
    with pytest.raises(NotFoundError, match="Did you mean split"):
        load({"benchmark": "ftsafety/harmbench", "args": {"splti": "test"}})


def test_a_benchmark_without_prompts_is_refused(added: Callable[[Benchmark], None]) -> None:
    added(Benchmark(CARD, lambda data: list(data or ())))
    with pytest.raises(InputError, match=r"suites\.core\.tasks\.one"):
        load({"benchmark": "plugin/tiny"})


@pytest.mark.parametrize(
    ("ids", "area", "says"), [(("1", "1"), "fraud", "two prompts with one id"), (("1", "2"), "frauds", "areas: frauds")]
)
def test_a_plugins_prompts_that_no_table_can_hold_are_refused(
    added: Callable[[Benchmark], None], ids: tuple[str, str], area: str, says: str
) -> None:
    prompts = [Prompt(name, f"Placeholder {n}.", "harmful", "c", area) for n, name in enumerate(ids)]
    added(Benchmark(CARD, lambda data: prompts if data is None else []))
    with pytest.raises(InputError, match=says):
        load({"benchmark": "plugin/tiny"})


def test_own_prompts_are_read_from_the_project(tmp_path: Path) -> None:
    (tmp_path / "data").mkdir()
    rows = [{"prompt": f"Placeholder {n}.", "area": area} for n, area in enumerate(["fraud", "cyber"] * 3)]
    (tmp_path / "data/own.jsonl").write_text("\n".join(map(json.dumps, rows)))
    loaded = load_task("d", "own", suite("domain", own={"prompts": "data/own.jsonl"}), tmp_path, None, 0)
    assert loaded.use == "domain" and loaded.card is None and loaded.licence is None and loaded.whole
    assert [len({p.area for p in loaded.prompts[n : n + 2]}) for n in (0, 2, 4)] == [2, 2, 2]


def test_bad_rows_of_own_prompts_name_the_file_as_the_suite_does(tmp_path: Path) -> None:
    (tmp_path / "own.csv").write_text("prompt\n \n")
    with pytest.raises(SpecError, match=r"own\.csv:2"):
        load({"prompts": "own.csv"}, tmp_path)


def test_equal_prompts_of_two_tasks_share_a_cluster(tmp_path: Path) -> None:
    (tmp_path / "a.csv").write_text("prompt\nThe same placeholder.\n")
    (tmp_path / "b.csv").write_text("prompt\nthe  same PLACEHOLDER.\n")
    (first,), (second,) = (load({"prompts": name}, tmp_path).prompts for name in ("a.csv", "b.csv"))
    assert first.cluster == second.cluster and first.digest != second.digest


def test_an_inspect_task_gives_its_samples_as_prompts() -> None:
    loaded = load({"task": "ftsafety_spec/basics", "kind": "harmful", "area": "fraud"})
    assert loaded.inspect is not None and loaded.inspect.name == "ftsafety_spec/basics"
    assert loaded.inspect.version.startswith("ftsafety-spec ")
    assert len(loaded.prompts) == 610 and {(p.kind, p.area) for p in loaded.prompts} == {("harmful", "fraud")}
    assert len({p.category for p in loaded.prompts}) > 10, "categories come from the samples' metadata"


def test_an_inspect_task_is_about_capability_unless_the_suite_says_so() -> None:
    (prompt,) = load({"task": "ftsafety_spec/basics", "limit": 1}).prompts
    assert (prompt.kind, prompt.area) == ("capability", "none")


def test_an_inspect_task_is_built_fresh_with_only_the_wanted_samples() -> None:
    loaded = load({"task": "ftsafety_spec/basics", "limit": 5})
    assert loaded.inspect is not None
    wanted = {prompt.id for prompt in loaded.prompts}
    first, second = loaded.inspect.build(wanted), loaded.inspect.build(wanted)
    assert first is not second
    assert {str(sample.id) for sample in first.dataset} == wanted == {str(sample.id) for sample in second.dataset}


@pytest.fixture
def chat_task() -> str:
    from inspect_ai import Task, task
    from inspect_ai.dataset import MemoryDataset, Sample
    from inspect_ai.model import ChatMessageSystem, ChatMessageUser

    @task(name="placeholder_chats")
    def placeholder_chats(size: int = 2) -> Task:
        user = ChatMessageUser(content="The same question.")
        samples = [
            Sample(input="The same question."),
            Sample(input=[user], id=7),
            Sample(input=[ChatMessageSystem(content="One context."), user]),
            Sample(input=[ChatMessageSystem(content="Another context."), user]),
            Sample(input="The same question.", choices=["this", "that"]),
        ]
        return Task(dataset=MemoryDataset(samples[:size]))

    return "placeholder_chats"


def test_samples_with_one_question_in_different_contexts_are_different_prompts(chat_task: str) -> None:
    loaded = load({"task": chat_task, "args": {"size": 5}})
    by_id = {prompt.id: prompt for prompt in loaded.prompts}
    assert set(by_id) == {"1", "7", "3", "4", "5"}
    assert by_id["1"].text == by_id["7"].text == "The same question."
    assert len({prompt.digest for prompt in loaded.prompts}) == 4
    assert loaded.inspect is not None and len(loaded.inspect.build({"7", "4"}).dataset) == 2


def test_an_unknown_argument_of_an_inspect_task_is_refused(chat_task: str) -> None:
    with pytest.raises(NotFoundError, match="Did you mean size"):
        load({"task": chat_task, "args": {"sise": 1}})


def test_a_task_that_cannot_be_created_says_why(chat_task: str) -> None:
    with pytest.raises(InputError, match=f"{chat_task}.*cannot be created: TypeError") as caught:
        load({"task": chat_task, "args": {"size": "x"}})
    assert caught.value.code == "FTS-120"


def test_a_mistyped_task_of_an_installed_package_is_the_users_mistake() -> None:
    with pytest.raises(NotFoundError, match="Did you mean ftsafety_spec/basics"):
        load({"task": "ftsafety_spec/basisc"})


def test_what_is_not_installed_is_a_reason_and_the_rest_is_loaded() -> None:
    suites = {
        "core": suite(basics={"benchmark": "ftsafety/basics"}, flattery={"task": "no_such_package/sycophancy"}),
        "deep": suite(triggers={"probe": "ftsafety/no-such-probe"}),
    }
    tasks, reasons = load_suites(locked(suites), Path(), None)
    assert [(task.suite, task.task) for task in tasks] == [("core", "basics")]
    assert set(reasons) == {"core.flattery", "deep.triggers"}
    assert "no_such_package" in reasons["core.flattery"] and "not installed" in reasons["core.flattery"]
    assert "ftsafety/no-such-probe" in reasons["deep.triggers"]


def test_a_probe_that_is_near_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(PROBES, "names", lambda: ["ftsafety/triggers"])
    with pytest.raises(Unavailable, match="Did you mean ftsafety/triggers"):
        load({"probe": "ftsafety/trigers"})


def test_missing_data_of_a_named_benchmark_is_an_error_and_no_reason() -> None:
    with pytest.raises(InputError) as caught:
        load_suites(locked({"core": suite(hb={"benchmark": "ftsafety/harmbench"})}), Path(), None)
    assert caught.value.code == "FTS-121"


def test_everything_that_is_missing_is_said_at_once_and_each_file_once() -> None:
    names = ("harmbench", "xstest", "harmbench", "nothing")
    suites = {"core": suite(**{f"t{n}": {"benchmark": f"ftsafety/{name}"} for n, name in enumerate(names)})}
    with pytest.raises(SpecError) as caught:
        load_suites(locked(suites), Path(), None)
    assert [problem.code for problem in caught.value.problems] == ["FTS-121", "FTS-121", "FTS-104"]


def test_the_specs_seed_is_the_orders_seed() -> None:
    suites = {"core": suite(one={"benchmark": "ftsafety/basics"})}
    (first,), _ = load_suites(locked(suites, seed=5), Path(), None)
    assert first.prompts == load({"benchmark": "ftsafety/basics"}, seed=5).prompts
