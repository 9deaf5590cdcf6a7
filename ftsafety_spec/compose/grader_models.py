"""The models behind graders, as a spec has them. Given plain composed data, gives entries, the graders that they serve,
and Problems for names that lead nowhere. Imports no plugin, reads no weights."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from ftsafety_spec.compose.mix import Mix
from ftsafety_spec.compose.places import Path as KeyPath
from ftsafety_spec.errors import Problem, suggest
from ftsafety_spec.graders.base import GRADERS


def grader_models_of(data: Mapping[str, Any]) -> dict[str, dict[str, Any]]:
    """The grader models that are mappings: anything else is reported by validation."""
    models = data.get("grader_models")
    return {k: v for k, v in models.items() if isinstance(v, dict)} if isinstance(models, dict) else {}


def served(data: Mapping[str, Any]) -> Iterator[tuple[KeyPath, str]]:
    """Every grader that a model serves, with its key path."""
    for name, entry in grader_models_of(data).items():
        graders = entry.get("serves")
        for number, grader in enumerate(graders if isinstance(graders, list) else ()):
            if isinstance(grader, str):
                yield ("grader_models", name, "serves", number), grader


def grader_model_problems(made: Mix) -> Iterator[Problem]:
    """Graders that do not exist (FTS-104), and graders with two models (FTS-110)."""
    first: dict[str, str] = {}
    for path, grader in served(made.data):
        if grader not in GRADERS.names():
            yield made.problem("FTS-104", f"no such grader: {grader!r}.", path, suggest(grader, GRADERS.names()))
        elif grader in first:
            message = f"{grader} has a model already: grader_models.{first[grader]}."
            yield made.problem("FTS-110", message, path, "Let one of them serve it.")
        first.setdefault(grader, str(path[1]))
