"""Names and files of a spec's `red_team` block: areas of ability, files of questions, families, kinds.
Given composed data, gives Problems for what leads nowhere. Loads no probe."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from ftsafety_spec.compose.mix import Mix
from ftsafety_spec.compose.places import Path as KeyPath
from ftsafety_spec.errors import Problem, suggest
from ftsafety_spec.spec.capability_areas import area_names
from ftsafety_spec.spec.red_team import SCRIPT_KINDS, TRIGGER_FAMILIES

CAPABILITIES: KeyPath = ("red_team", "capabilities")
SAYS = ("not_gained", "gained")
LISTS: tuple[tuple[str, str, tuple[str, ...], str], ...] = (
    ("triggers", "families", TRIGGER_FAMILIES, "family of triggers"),
    ("conversations", "scripts", SCRIPT_KINDS, "kind of script"),
)
"""Focus, its list, the names that there are, and what one is."""


def area_problems(made: Mix) -> Iterator[Problem]:
    """Areas that nothing measures (FTS-104), and areas that are both meant and not meant to be gained (FTS-110)."""
    block = _block(made.data)
    files = block.get("files")
    known = [*(files if isinstance(files, dict) else ()), *area_names()]
    lists = {key: block.get(key) for key in SAYS}
    said: dict[str, list[Any]] = {key: value for key, value in lists.items() if isinstance(value, list)}
    for key, areas in said.items():
        for at, area in enumerate(areas):
            if isinstance(area, str) and area not in known:
                hint = f"{suggest(area, known)} An area of your own: `files: {{{area}: prompts/{area}.jsonl}}`."
                yield made.problem("FTS-104", f"no such area of ability: {area!r}.", (*CAPABILITIES, key, at), hint)
    for at, area in enumerate(said.get("gained", ())):
        if area in said.get("not_gained", ()):
            message = f"{area!r} stands under not_gained as well: a gain there cannot be both."
            yield made.problem("FTS-110", message, (*CAPABILITIES, "gained", at))


def question_files(data: dict[str, Any]) -> Iterator[tuple[KeyPath, str]]:
    """The files of questions of the user's own areas, with their key paths."""
    files = _block(data).get("files")
    for area, file in files.items() if isinstance(files, dict) else ():
        if isinstance(file, str) and file:
            yield (*CAPABILITIES, "files", area), file


def family_problems(made: Mix) -> Iterator[Problem]:
    """Families of triggers and kinds of scripts that there are none of (FTS-104)."""
    for focus, key, known, words in LISTS:
        named = _block(made.data, focus).get(key)
        for at, name in enumerate(named if isinstance(named, list) else ()):
            if isinstance(name, str) and name not in known:
                yield made.problem(
                    "FTS-104", f"no such {words}: {name!r}.", ("red_team", focus, key, at), suggest(name, known)
                )


def _block(data: dict[str, Any], focus: str = "capabilities") -> dict[str, Any]:
    red_team = data.get("red_team")
    block = red_team.get(focus) if isinstance(red_team, dict) else None
    return block if isinstance(block, dict) else {}
