"""Shipped files are parsed by libyaml where it is there: it must read them as the parser of everything else does."""

from __future__ import annotations

from typing import Any

import pytest
import yaml

from ftsafety_spec.compose.project import builtin_root
from ftsafety_spec.compose.source import _shipped_loader, loader_class

FILES = sorted(path for kind in ("policies", "specs", "providers") for path in (builtin_root() / kind).rglob("*.yaml"))


def flat(node: yaml.Node) -> Any:
    marks = [(mark.line, mark.column, mark.index) for mark in (node.start_mark, node.end_mark)]
    if isinstance(node, yaml.MappingNode):
        return node.tag, marks, [(flat(key), flat(value)) for key, value in node.value]
    if isinstance(node, yaml.SequenceNode):
        return node.tag, marks, [flat(value) for value in node.value]
    return node.tag, marks, node.value, node.style or None


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)
def test_both_parsers_read_it_alike(path: Any) -> None:
    if not yaml.__with_libyaml__:
        pytest.skip("this PyYAML is without libyaml: there is one parser only")
    text = path.read_text(encoding="utf-8")
    one, other = (flat(how(text).get_single_node()) for how in (loader_class(), _shipped_loader()))
    assert one == other


def test_there_are_files() -> None:
    assert len(FILES) > 15
