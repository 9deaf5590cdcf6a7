"""The candidates for a domain's probes, by where they come from. Given a domain, gives its categories and the prompts
made of its own files, of the built-in table and of templates. Never asks a model, never reads benchmark data."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from ftsafety_spec.catalog.base import Prompt
from ftsafety_spec.catalog.basics import load as basics
from ftsafety_spec.catalog.prompt_file import Defaults, read_prompt_file
from ftsafety_spec.probes.built_in_domains import GENERAL, SLOT, Category, Table, built_in, names, table
from ftsafety_spec.probes.domain_nearest import Profile
from ftsafety_spec.probes.domain_vocabulary import words_of
from ftsafety_spec.records.base import digest_text
from ftsafety_spec.spec.red_team import Domain


@dataclass(frozen=True)
class Material:
    """What there is for a domain. `vocabulary`: own words first, then those of its training data; `table`: the built-in
    domain, cut to the categories that the spec asks for."""

    domain: Domain
    own: Sequence[Prompt]
    table: Table | None
    vocabulary: Sequence[str]

    @property
    def is_empty(self) -> bool:
        """Whether nothing says what this domain's requests are about."""
        return not (self.own or self.table or self.vocabulary or self.domain.categories)


def material_of(domain: Domain, root: Path, training_file: str | None) -> Material:
    """Read what a domain names. Raises InputError as `read_prompt_file` and `words_of` do."""
    taken = words_of(root / training_file, _everyday(), training_file) if training_file is not None else []
    vocabulary = list(dict.fromkeys([*domain.vocabulary, *taken]))
    return Material(domain, own_prompts(domain, root), _cut(built_in(domain.name), domain.categories), vocabulary)


def own_prompts(domain: Domain, root: Path) -> list[Prompt]:
    """The prompts of the user's own files, in the order of the spec; an id that two files use carries the file's."""
    found: list[Prompt] = []
    for name, file in domain.prompts.items():
        rows = read_prompt_file(root / file, Defaults(), file)
        found += [replace(p, id=f"{name}:{p.id}", metadata={**p.metadata, "origin": "own"}) for p in rows]
    return found


def from_table(material: Material) -> list[Prompt]:
    """The built-in probes of the domain."""
    return material.table.prompts() if material.table is not None else []


def from_templates(material: Material) -> list[Prompt]:
    """Templates of the built-in categories with their terms; templates for any domain with the categories that nothing
    built-in covers, and with the vocabulary."""
    built = material.table.categories if material.table is not None else {}
    found = [
        _filled(template, term, category.name, category.area)
        for category in built.values()
        for template in category.templates
        for term in category.terms
    ]
    bare = [name for name in material.domain.categories if name not in built]
    general = table(GENERAL).categories.values()
    found += [_filled(t, name, name, g.area) for name in bare for g in general for t in g.templates]
    homes = {category.area: category.name for category in built.values()}
    for group in general:
        if not built or group.area in homes:
            place = homes.get(group.area, group.name)
            found += [_filled(t, word, place, group.area) for word in material.vocabulary for t in group.templates]
    return found


def profiles_of(material: Material) -> dict[str, Profile]:
    """What each category is about, for finding what is near it."""
    domain = material.domain
    about = [domain.description, *material.vocabulary, *(p.text for p in material.own if p.kind != "benign")]
    if material.table is None:
        categories = domain.categories or [domain.name]
        return {name: Profile(" ".join([name, *about])) for name in categories}
    common = [domain.description, material.table.description, *material.vocabulary]
    built = {
        name: Profile(" ".join([*common, *_said(category)]), category.area)
        for name, category in material.table.categories.items()
    }
    bare = {name: Profile(" ".join([name, *about])) for name in domain.categories if name not in built}
    return built | bare


def unknown_domain(domain: Domain) -> str:
    """What to add for a domain that is not built in."""
    return (
        f"Built in are {', '.join(names())}. For another one add "
        f"`domain.prompts: {{own: prompts/{domain.name}.jsonl}}`, or what probes can be made of: "
        "`domain.vocabulary`, `domain.categories` or `domain.training_data`."
    )


def _cut(known: Table | None, categories: Sequence[str]) -> Table | None:
    if known is None or not categories:
        return known
    kept = {name: category for name, category in known.categories.items() if name in categories}
    return replace(known, categories=kept) if kept else None


def _said(category: Category) -> Iterator[str]:
    yield category.title
    yield from category.terms
    yield from category.requests["harmful"]
    yield from category.requests["borderline"]


def _filled(template: str, term: str, category: str, area: str) -> Prompt:
    text = template.replace(SLOT, term)
    id_ = f"template-{digest_text(category + text).removeprefix('sha256:')[:12]}"
    return Prompt(id_, text, "harmful", category, area, metadata={"origin": "template", "term": term})


def _everyday() -> list[str]:
    """Requests about everything, against which a domain's words stand out."""
    return [*(p.text for p in basics()), *_texts(names())]


def _texts(domains: Iterable[str]) -> Iterator[str]:
    tables: Mapping[str, Table] = {name: table(name) for name in domains}
    for each in tables.values():
        yield from (prompt.text for prompt in each.prompts())
