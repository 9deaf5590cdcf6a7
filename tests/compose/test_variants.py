"""Which stacks are measured against what; nothing about deployment is guessed (R-58, R-59)."""

from __future__ import annotations

import shutil
from pathlib import Path
from typing import Any

import pytest
import yaml

from ftsafety_spec.compose import lock_spec
from ftsafety_spec.errors import SpecError
from ftsafety_spec.records.locked import Variant
from ftsafety_spec.records.stacks import stacks_of

HERE = Path(__file__).parent
WEIGHTS = {"provider": "local", "path": "weights/x"}


@pytest.fixture
def variants(tmp_path: Path) -> Any:
    shutil.copytree(HERE / "project" / "specs" / "suites", tmp_path / "specs" / "suites")
    shutil.copytree(HERE / "project" / "data", tmp_path / "data")

    def lock(models: dict[str, Any]) -> dict[str, Variant]:
        used = {name for entry in models.values() for name in entry.get("adapters", {})}
        body = {
            "defaults": ["_self_", {"suites@suites.core": "ftsafety/quick"}],
            "title": "t",
            "owner": "o",
            "policy": "ftsafety/default",
            "models": models,
            "adapters": {name: {"path": f"adapters/{name}", "source": "internal"} for name in sorted(used)},
        }
        (tmp_path / "specs" / "x.yaml").write_text(yaml.safe_dump(body, sort_keys=False))
        return lock_spec(tmp_path / "specs" / "x.yaml").variants

    return lock


def refused(variants: Any, models: dict[str, Any]) -> str:
    with pytest.raises(SpecError) as caught:
        variants(models)
    assert {problem.code for problem in caught.value.problems} == {"FTS-110"}
    assert all(problem.where.line for problem in caught.value.problems)
    return str(caught.value)


def stacks(found: dict[str, Variant]) -> dict[str, tuple[str, str | None, dict[str, float]]]:
    return {name: (item.role, item.against, item.adapters) for name, item in found.items()}


def test_a_tuned_stack_begins_with_its_base_stack(variants: Any) -> None:
    base, tuned = {**WEIGHTS, "adapters": {"align": 1.0}}, {"of": "base", "adapters": {"style": 0.5}, "deploy": True}
    found = variants({"base": base, "tuned": tuned})
    assert list(found["tuned"].adapters.items()) == [("align", 1.0), ("style", 0.5)]
    assert stacks(found)["base"] == ("base", None, {"align": 1.0})
    assert set(found) == {"base", "tuned"}, "one own adapter is the tuned stack itself"


def test_parts_are_laid_upon_the_stack_of_base(variants: Any) -> None:
    base = {**WEIGHTS, "adapters": {"align": 1.0}}
    tuned = {"of": "base", "adapters": {"a": 0.5, "b": 0.7}, "deploy": True}
    found = stacks(variants({"base": base, "tuned": tuned}))
    assert found["tuned+a"] == ("part", "base", {"align": 1.0, "a": 0.5})
    assert found["tuned+b"] == ("part", "base", {"align": 1.0, "b": 0.7})


def test_weights_other_than_bases_are_measured_without_their_adapters_too(variants: Any) -> None:
    tuned = {"provider": "local", "path": "weights/y", "adapters": {"a": 1.0, "b": 0.5}, "deploy": True}
    found = variants({"base": WEIGHTS, "tuned": tuned})
    assert stacks(found)["tuned++none"] == ("part", "base", {})
    assert found["tuned++none"].model == "tuned"
    assert set(found) == {"base", "tuned", "tuned++none", "tuned+a", "tuned+b"}
    assert stacks_of(found.values())["tuned"].without == "tuned++none"


def test_a_deployed_stack_always_has_its_parts(variants: Any) -> None:
    base = {**WEIGHTS, "adapters": {"align": 1.0}}
    tuned = {"of": "base", "adapters": {"a": 0.5, "b": 0.7, "c": -1.0}, "deploy": True}
    found = stacks_of(variants({"base": base, "tuned": tuned}).values())["tuned"]
    assert (found.without, found.alone) == ("base", {"a": "tuned+a", "b": "tuned+b", "c": "tuned+c"})


def test_several_stacks_may_be_deployed_and_equal_parts_are_measured_once(variants: Any) -> None:
    found = variants(
        {
            "base": WEIGHTS,
            "one": {"of": "base", "adapters": {"a": 1.0, "b": 1.0}, "deploy": True},
            "two": {"of": "base", "adapters": {"a": 1.0, "c": 1.0}, "deploy": True},
            "alone": {"of": "base", "adapters": {"b": 1.0}},
        }
    )
    assert [name for name, item in found.items() if item.deploy] == ["one", "two"]
    assert {name for name, item in found.items() if item.role == "part"} == {"one+a", "two+c"}


def test_a_stack_upon_a_tuned_model_is_still_compared_with_base(variants: Any) -> None:
    found = variants(
        {
            "base": WEIGHTS,
            "first": {"of": "base", "adapters": {"a": 1.0}},
            "second": {"of": "first", "adapters": {"b": 1.0}, "deploy": True},
        }
    )
    assert stacks(found)["second"] == ("tuned", "base", {"a": 1.0, "b": 1.0})
    assert stacks(found)["second+b"] == ("part", "base", {"b": 1.0})
    assert "second+a" not in found, "that stack is `first`"


def test_of_two_models_the_one_that_is_not_deployed_is_the_base(variants: Any) -> None:
    found = variants({"released": WEIGHTS, "ours": {"provider": "local", "path": "weights/y", "deploy": True}})
    assert stacks(found) == {"released": ("base", None, {}), "ours": ("tuned", "released", {})}


def test_what_others_are_made_of_is_the_base(variants: Any) -> None:
    found = variants({"t": {"of": "w", "adapters": {"a": 1.0}, "deploy": True}, "w": WEIGHTS})
    assert next(iter(found)) == "w" and found["t"].against == "w"


def test_nothing_is_deployed_by_guessing(variants: Any) -> None:
    models = {"base": WEIGHTS, "tuned": {"of": "base", "adapters": {"a": 1.0}}}
    assert "Add `deploy: true` to tuned." in refused(variants, models)


def test_the_base_is_not_what_gets_deployed(variants: Any) -> None:
    models = {"base": {**WEIGHTS, "deploy": True}, "tuned": {"of": "base", "adapters": {"a": 1.0}, "deploy": True}}
    assert "it is not what gets deployed" in refused(variants, models)


def test_a_base_alone_has_nothing_to_judge(variants: Any) -> None:
    assert "no tuned model" in refused(variants, {"base": WEIGHTS})


def test_among_three_unrelated_models_no_base_is_guessed(variants: Any) -> None:
    models = {name: {"provider": "local", "path": f"w/{name}", "deploy": name == "c"} for name in "abc"}
    assert "Name one of them `base`." in refused(variants, models)


def test_base_cannot_be_made_of_another_model(variants: Any) -> None:
    models = {"w": WEIGHTS, "base": {"of": "w", "adapters": {"a": 1.0}}, "t": {**WEIGHTS, "deploy": True}}
    assert "it has no `of`" in refused(variants, models)


def test_a_loop_of_models_is_named(variants: Any) -> None:
    models = {
        "base": WEIGHTS,
        "a": {"of": "b", "adapters": {"x": 1.0}, "deploy": True},
        "b": {"of": "a", "adapters": {"y": 1.0}},
    }
    assert "a → b → a" in refused(variants, models)


def test_an_adapter_cannot_stand_twice_in_a_stack(variants: Any) -> None:
    base, tuned = {**WEIGHTS, "adapters": {"a": 1.0}}, {"of": "base", "adapters": {"a": 0.5}, "deploy": True}
    assert "already in the stack of base" in refused(variants, {"base": base, "tuned": tuned})


def test_base_and_tuned_run_on_the_same_kind_of_engine(variants: Any) -> None:
    models = {"base": WEIGHTS, "tuned": {"provider": "llamacpp", "path": "w.gguf", "deploy": True}}
    assert "tuned runs on llamacpp, but base on local" in refused(variants, models)
