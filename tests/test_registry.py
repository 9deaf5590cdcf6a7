"""The one registry: names without imports, nearest names, broken plugins."""

from __future__ import annotations

from importlib.metadata import EntryPoint

import pytest

from ftsafety_spec.errors import InputError, NotFoundError
from ftsafety_spec.registry import Registry


def registry(**points: str) -> Registry[object]:
    made: Registry[object] = Registry("grader", "no.such.group")
    made.__dict__["_points"] = {
        name: EntryPoint(name=name, value=value, group="no.such.group") for name, value in points.items()
    }
    return made


def test_a_name_gives_its_object() -> None:
    assert registry(join="os.path:join").get("join") is __import__("os").path.join


def test_a_wrong_name_gives_the_nearest() -> None:
    with pytest.raises(NotFoundError, match=r"no such grader: 'jion'.*Did you mean join\?"):
        registry(join="os.path:join").get("jion")


def test_a_far_name_gives_what_exists() -> None:
    with pytest.raises(NotFoundError, match=r"Known: join"):
        registry(join="os.path:join").get("zzzzzz")


def test_a_broken_plugin_that_is_named_is_an_error_with_its_origin() -> None:
    with pytest.raises(InputError, match=r"bad.*cannot be loaded: ModuleNotFoundError") as caught:
        registry(bad="no_such_module_x:thing").get("bad")
    assert caught.value.code == "FTS-120"


def test_a_broken_plugin_that_nobody_names_is_a_warning() -> None:
    with pytest.warns(UserWarning, match="no_such_module_x"):
        found = registry(bad="no_such_module_x:thing", join="os.path:join").all()
    assert list(found) == ["join"]


def test_listing_names_imports_nothing() -> None:
    assert registry(bad="no_such_module_x:thing").names() == ["bad"]


def test_an_object_can_be_added_in_the_process() -> None:
    made = registry()
    made.add("mine", 3)
    assert made.names() == ["mine"] and made.get("mine") == 3
