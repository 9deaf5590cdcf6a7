"""What each built-in provider gives, as its adapter declares it: fine-tuning jobs, checkpoints, log-probabilities,
seeds, batches, a fingerprint. Given provider definitions, gives a table for the page; asks nobody.

    python -m ftsafety_spec.providers.offers docs/providers.md
"""

from __future__ import annotations

import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import yaml

from ftsafety_spec.providers.base import PROVIDERS, Request
from ftsafety_spec.spec.provider import Provider
from ftsafety_spec.spec.spec import ModelEntry

BEGIN = "<!-- begin: python -m ftsafety_spec.providers.offers docs/providers.md -->\n"
END = "<!-- end -->\n"
HEAD = ("provider", "kind", "fine-tuning jobs", "checkpoints", "weights", "log-probs", "seed", "batch", "fingerprint")


@dataclass(frozen=True)
class Jobs:
    """How far a provider's fine-tuning jobs are read: the job, its checkpoints by step."""

    read: str
    checkpoints: str


NO_JOBS = Jobs("no", "no")
BY_SDK = Jobs("by the SDK, with file digests", "asked by step")
BY_FORM: Mapping[str, Jobs] = {
    "together": Jobs("its REST form", "told; asked where named"),
    "fireworks": Jobs("its REST form", "not told"),
    "mistral": Jobs("its REST form", "told, not asked"),
}
BUILT_IN = Path(__file__).parents[2] / "providers" / "ftsafety"
_LOCAL = frozenset({"llamacpp", "local", "recorded"})


def _by_path(definition: Provider) -> bool:
    """True where a model is a file or folder, known by its content."""
    return definition.kind in _LOCAL or definition.inspect_name in ("vllm", "hf")


def jobs_of(definition: Provider) -> Jobs:
    """What is read of a definition's fine-tuning jobs."""
    if definition.kind == "openai":
        return BY_SDK
    return BY_FORM[definition.jobs] if definition.jobs is not None else NO_JOBS


def fingerprint_of(definition: Provider) -> str:
    """What tells that another model answers under the same name."""
    if _by_path(definition):
        return "digests" if definition.kind != "recorded" else "no"
    if definition.kind == "openai":
        return "yes"
    return "where it sends one" if definition.kind == "openai_compatible" else "no"


def row_of(name: str, definition: Provider) -> tuple[str, ...]:
    """One row of the table."""
    local = _by_path(definition)
    entry = ModelEntry(provider=name, path="weights" if local else None, model=None if local else "snapshot-2025-01-01")
    found = PROVIDERS.get(definition.kind).capabilities(Request("tuned", entry, (), definition, Path()))
    able = tuple("yes" if one else "no" for one in (found.weights, found.logprobs, found.seed, found.batch))
    jobs = jobs_of(definition)
    return (f"`{name}`", definition.kind, jobs.read, jobs.checkpoints, *able, fingerprint_of(definition))


def table_of(folder: Path) -> str:
    """The table of all provider files of a folder, in Markdown."""
    found = {path.stem: yaml.safe_load(path.read_text(encoding="utf-8")) for path in sorted(folder.glob("*.yaml"))}
    rows = [row_of(f"ftsafety/{name}", Provider.model_validate(told)) for name, told in found.items()]
    lines = [HEAD, ("---",) * len(HEAD), *rows]
    return "".join("| " + " | ".join(line) + " |\n" for line in lines)


def main(arguments: Sequence[str]) -> int:
    """Write the table into a page, between its marks."""
    page = Path(arguments[0])
    before, _, rest = page.read_text(encoding="utf-8").partition(BEGIN)
    _, _, after = rest.partition(END)
    page.write_text(f"{before}{BEGIN}\n{table_of(BUILT_IN)}\n{END}{after}", encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
