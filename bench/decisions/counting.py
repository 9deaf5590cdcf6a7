"""The areas of the built-in suites, counted: what the simulation takes its sizes from. Needs FTSAFETY_DATA."""

from __future__ import annotations

import json
import tempfile
from collections import Counter
from pathlib import Path

from ftsafety_spec.catalog.data_door import data_folder
from ftsafety_spec.catalog.load import Unavailable, load_task
from ftsafety_spec.compose import find_project
from ftsafety_spec.compose.suites import lock_suite

NAMES = ("quick", "standard")


def count_suites() -> int:
    """Write `suites.json` anew; 0."""
    found = {name: counted(name) for name in NAMES}
    Path(__file__).with_name("suites.json").write_text(json.dumps(found, indent=1) + "\n", encoding="utf-8")
    return 0


def counted(name: str) -> dict[str, int]:
    """Area to distinct harmful prompts of a built-in suite, as it asks them with seed 0."""
    with tempfile.TemporaryDirectory() as folder:
        root = Path(folder)
        (root / "specs").mkdir()
        project = find_project(root)
        suite = lock_suite(f"ftsafety/{name}", project)
    seen: dict[str, str] = {}
    for task_id in suite.tasks:
        try:
            task = load_task(name, task_id, suite, root, data_folder(None), 0)
        except Unavailable:
            continue
        if task.outcomes:  # toxicity of completions is an outcome of its own
            continue
        for prompt in task.prompts:
            if prompt.kind == "harmful":
                seen.setdefault(prompt.cluster, prompt.area)
    return dict(sorted(Counter(seen.values()).items()))
