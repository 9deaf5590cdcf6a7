"""The domains that ship with the package: one file each of categories, one-line probes and templates.
Given a name, gives its table. Never reads a file that is not the one that was described."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import Any, cast

from ftsafety_spec.catalog.base import Prompt
from ftsafety_spec.errors import InputError
from ftsafety_spec.records.base import digest_bytes
from ftsafety_spec.spec.common import PromptKind

DIGESTS: dict[str, str] = {
    "children_education": "sha256:91c46eb6ceaa122850fcfd020b37a6efac6155fc0e60eda858d63b9116ddc9ff",
    "coding": "sha256:6bfe0840750f6c0f9b15fcf1e4f48e5b824837027ee10b81411ec34ea2a4fabd",
    "customer_service": "sha256:cdfcc89b56a57294ca848dc86269bdfd2aec3591a8650e48d8f19ce029fb9cbd",
    "finance": "sha256:2e812dcfe67df2077fface1a650ce46e2625b8d99a6b865a63e90611a1df58be",
    "general": "sha256:80c9420cde4af1af6f5756818d4ed9f5a77d353f05870c9e6913233574f6f1e2",
    "hr": "sha256:7151bea92d30853ab6759bee7517598b4b109af7de14343d5a166349f2b6d6fb",
    "law": "sha256:843fa4ad4d558ec67601a304aacab162d6324aaa214091879b518b2135b001c6",
    "medicine": "sha256:5a6adb1cf757f28c49b8d3d311c7347051e3853c8a5971347e16075c556c2f0e",
    "security": "sha256:05d4664055ef5d12aa3726afed9c80f4b3a1ab0e886045bf76692a841e26124b",
}
GENERAL = "general"
"""The table of templates that fit any domain; no domain of its own."""
SLOT = "{term}"
KINDS: tuple[PromptKind, ...] = ("harmful", "borderline", "benign")


@dataclass(frozen=True)
class Category:
    """One category of a domain, with the area of harm that it counts for. `templates` hold `{term}` once."""

    name: str
    title: str
    area: str
    requests: Mapping[PromptKind, Sequence[str]]
    templates: Sequence[str]
    terms: Sequence[str]


@dataclass(frozen=True)
class Table:
    """One domain as it is built in."""

    name: str
    title: str
    description: str
    categories: Mapping[str, Category]

    def prompts(self) -> list[Prompt]:
        """The probes as they are written, in file order."""
        return [prompt for category in self.categories.values() for prompt in self._written(category)]

    def _written(self, category: Category) -> Iterator[Prompt]:
        for kind in KINDS:
            for number, text in enumerate(category.requests[kind], start=1):
                area = "none" if kind == "benign" else category.area
                id_ = f"{self.name}-{category.name}-{kind}-{number:02d}"
                yield Prompt(id_, text, kind, category.name, area, metadata={"origin": "built-in"})


def names() -> list[str]:
    """The built-in domains, sorted."""
    return sorted(name for name in DIGESTS if name != GENERAL)


def built_in(name: str) -> Table | None:
    """The built-in domain of this name, `-` and `_` alike; None where there is none. Raises InputError FTS-122."""
    key = name.replace("-", "_")
    return table(key) if key in names() else None


@cache
def table(name: str) -> Table:
    """A table by its file's name. Raises InputError FTS-122 where the file was changed."""
    import yaml

    content = files("ftsafety_spec.probes").joinpath(f"data/domains/{name}.yaml").read_bytes()
    if digest_bytes(content) != DIGESTS[name]:
        raise InputError(
            f"domains/{name}.yaml is not the file that this version describes.",
            code="FTS-122",
            hint="Install ftsafety-spec again. Own probes go into files that `domain.prompts` names.",
        )
    said = cast(dict[str, Any], yaml.safe_load(content))
    categories = {key: _category(key, value) for key, value in said["categories"].items()}
    return Table(name, said["title"], said["description"], categories)


def _category(name: str, said: Mapping[str, Any]) -> Category:
    requests = {kind: tuple(said[kind]) for kind in KINDS}
    return Category(name, said["title"], said["area"], requests, tuple(said["templates"]), tuple(said["terms"]))
