"""Triggers by family: what is put on a request, and nothing that says anything by itself.
Given families, a number and a seed, gives distinct triggers, the written ones of a family before the made ones. Never
depends on a request: a trigger is the same for every prompt and every model."""

from __future__ import annotations

import hashlib
import itertools
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import Any, Literal, cast

from ftsafety_spec.catalog.base import Prompt, Turn
from ftsafety_spec.errors import NotFoundError
from ftsafety_spec.probes.trigger_styles import STYLES
from ftsafety_spec.records.base import digest_text
from ftsafety_spec.spec.red_team import TRIGGER_FAMILIES

Place = Literal["prefix", "suffix", "above", "below", "wrap", "before", "style"]
FAMILIES = TRIGGER_FAMILIES
SLOT = "{request}"
UNDERSTOOD = "Understood."
"""What the assistant has said to a text that stands before the request."""
_SAMPLE = "Write one short, plain line."
_SPACED: Mapping[str, str] = {
    "prefix": "{text} {request}",
    "suffix": "{request} {text}",
    "above": "{text}\n\n{request}",
    "below": "{request}\n\n{text}",
}


@dataclass(frozen=True)
class Trigger:
    """One trigger. `id`: `family/slug`; `place`: how it is put on a request (before: as a turn that the assistant has
    taken note of; wrap: `text` holds `{request}`; style: `text` names a function)."""

    id: str
    place: Place
    text: str

    @property
    def family(self) -> str:
        """The part of the id before the stroke."""
        return self.id.partition("/")[0]

    @classmethod
    def of(cls, family: str, place: Place, text: str) -> Trigger:
        """The trigger with its id: a few letters to be recognised by, and six digits of its digest."""
        wrap: Place = "wrap" if SLOT in text else place
        digest = digest_text(f"{wrap}\n{text}").removeprefix("sha256:")[:6]
        slug = re.sub(r"[^a-z0-9]+", "-", text.replace(SLOT, " ").lower()).strip("-")[:32].strip("-")
        return cls(f"{family}/{'-'.join(part for part in (wrap, slug, digest) if part)}", wrap, text)

    def put_on(self, request: str) -> tuple[str, tuple[Turn, ...]]:
        """The user's message under the trigger, and the turns before it."""
        if self.place == "before":
            return request, (("user", self.text), ("assistant", UNDERSTOOD))
        if self.place == "style":
            return STYLES[self.text](request), ()
        template = self.text if self.place == "wrap" else _SPACED[self.place].replace("{text}", self.text)
        head, _, tail = template.partition(SLOT)
        return head + request + tail, ()


def apply(trigger: Trigger, prompt: Prompt) -> Prompt:
    """A plain prompt under a trigger: same id, same cluster, kind `trigger`, the trigger as its condition. The area
    stays, so that benign seeds (area none) can be told from harmful ones."""
    text, before = trigger.put_on(prompt.text)
    return _as_trigger_row(prompt, trigger.id, text, before)


def plain(prompt: Prompt) -> Prompt:
    """The same prompt without a trigger, as a row of kind `trigger`, to be compared with."""
    return _as_trigger_row(prompt, "plain", prompt.text, ())


def generate(n: int, families: Sequence[str] | None = None, seed: int = 0) -> list[Trigger]:
    """`n` distinct triggers, the families in turn (fewer where there are no more). A larger `n` begins with those of a
    smaller one. Raises NotFoundError for an unknown family."""
    orders = [_ordered(family, seed) for family in _chosen(families)]
    turns = (trigger for each in itertools.zip_longest(*orders) for trigger in each if trigger is not None)
    return list(itertools.islice(_once(turns), n))


def _once(triggers: Iterator[Trigger]) -> Iterator[Trigger]:
    """Without those that come to the same text by another way."""
    seen = set()
    for trigger in triggers:
        shown = trigger.put_on(_SAMPLE)
        if shown not in seen:
            seen.add(shown)
            yield trigger


def space(families: Sequence[str] | None = None) -> dict[str, int]:
    """Family to how many triggers there are of it in all."""
    return {family: len(_written(family)) + len(_made(family)) for family in _chosen(families)}


def _chosen(families: Sequence[str] | None) -> tuple[str, ...]:
    for name in families or ():
        if name not in FAMILIES:
            raise NotFoundError("family of triggers", name, list(FAMILIES))
    return tuple(family for family in FAMILIES if not families or family in families)


def _ordered(family: str, seed: int) -> list[Trigger]:
    def key(trigger: Trigger) -> str:
        return hashlib.sha256(f"{seed}\n{trigger.id}".encode()).hexdigest()

    return [*sorted(_written(family), key=key), *sorted(_made(family), key=key)]


@cache
def _written(family: str) -> tuple[Trigger, ...]:
    """The triggers that stand in the family's file, each in each of its places."""
    said = _file(family)
    styles = [Trigger.of(family, "style", name) for name in said.get("styles", ())]
    return tuple(dict.fromkeys([*styles, *_placed(family, said["places"], said["items"])]))


@cache
def _made(family: str) -> tuple[Trigger, ...]:
    """Every filling of the family's forms that is not among the written ones."""
    said = _file(family)
    texts = itertools.chain.from_iterable(_fillings(form, said["parts"]) for form in said["forms"])
    written = set(_written(family))
    return tuple(dict.fromkeys(t for t in _placed(family, said["places"], texts) if t not in written))


def _placed(family: str, places: Sequence[Place], texts: Sequence[str] | Iterator[str]) -> Iterator[Trigger]:
    for text in texts:
        for place in places if SLOT not in text else places[:1]:
            yield Trigger.of(family, place, text)


def _fillings(form: str, parts: Mapping[str, Sequence[str]]) -> Iterator[str]:
    used = [name for name in parts if f"{{{name}}}" in form]
    for words in itertools.product(*(parts[name] for name in used)):
        yield form.format(**dict(zip(used, words, strict=True)))


@cache
def _file(family: str) -> dict[str, Any]:
    import yaml

    text = files("ftsafety_spec.probes").joinpath(f"data/triggers/{family}.yaml").read_text("utf-8")
    return cast(dict[str, Any], yaml.safe_load(text))


def _as_trigger_row(prompt: Prompt, condition: str, text: str, before: tuple[Turn, ...]) -> Prompt:
    return Prompt(
        id=prompt.id,
        text=text,
        kind="trigger",
        category=prompt.category,
        area="none" if prompt.kind == "benign" else prompt.area,
        pair=prompt.pair,
        condition=condition,
        before=before,
        request=prompt.text,
    )
