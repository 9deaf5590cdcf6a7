"""Whether an adapter was made for this base, without running anything: by what its config calls the base, and by the
shapes of its factors. Given an adapter and what the base says of itself, gives nothing or refuses (FTS-124).

A name is no proof, and shapes of two fine-tunes of one model are the same. Where the base does not say its own name, a
different name is a note (`weights.base_notes`); where it does, it is refused until the spec says `made_for:`."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from pathlib import Path

from ftsafety_spec.errors import InputError
from ftsafety_spec.providers.base import Request
from ftsafety_spec.providers.weights import AdapterFile, base_said, misfit

Shapes = Mapping[str, tuple[int, ...]]
"""Tensor name of the base, as transformers has it, to (out, in)."""
_FORM = re.compile(r"[-_. ](i?q\d+(_[0-9a-z]+)*|[bf]?f?p?(16|32)|gguf|gptq|awq|bnb|int[48]|[48]bit)(?=$|[-_. ])")
_CACHED = re.compile(r"^models--(?:.+--)?(.+)$")
_A, _B = ".lora_A.weight", ".lora_B.weight"
_PREFIX = "base_model.model."


def plain_name(name: str) -> str:
    """A model's name without its organisation, number format and punctuation: `org/Tiny-1B-Instruct-GGUF` and
    `tiny-1b-instruct.Q4_K_M.gguf` are one."""
    last = re.split(r"[/\\]", name.strip().rstrip("/\\"))[-1].casefold()
    while (shorter := _FORM.sub("", last)) != last:
        last = shorter
    return re.sub(r"[^a-z0-9]", "", last)


def names_of(path: Path, said: Iterable[str | None]) -> tuple[str, ...]:
    """All that a base is called: `said`, what it calls itself; the folder of a model cache; the name of its file or
    folder, last."""
    cached = [match[1] for part in path.parts if (match := _CACHED.match(part))]
    return (*(name for name in said if name), *cached, path.name)


def check_made_for(adapter: AdapterFile, request: Request, names: tuple[str, ...]) -> None:
    """Refuse an adapter whose config names another base than this one. `names`: of `names_of`; the last one alone says
    nothing. Raises InputError FTS-124."""
    said = base_said(adapter)
    entry = next(entry for name, entry, _ in request.stack if name == adapter.id)
    wanted = plain_name(said)
    if not wanted or len(names) < 2 or wanted in {plain_name(name) for name in names}:
        return
    if entry.made_for is not None and plain_name(entry.made_for) == wanted:
        return
    last = re.split(r"[/\\]", said.rstrip("/\\"))[-1]
    raise InputError(
        f"this adapter does not fit the base: its config says that it was made for {last}, the base calls itself "
        f"{names[0]}.",
        code="FTS-124",
        where=adapter.where,
        hint=f"Name the base that it was trained on; if it is this one under another name: made_for: {last}",
    )


def check_factors(adapter: AdapterFile, base: Shapes) -> None:
    """Refuse factors that do not fit each other, the rank in the config, or the base's tensor, as far as `base` knows
    it. Raises InputError FTS-124. GGUF adapters are held against the base by their engine."""
    if adapter.form != "peft":
        return
    ranks = {adapter.config.get("r"), *(adapter.config.get("rank_pattern") or {}).values()}
    for name, shape in adapter.tensors.items():
        if not name.endswith(_A) or len(shape) != 2:
            continue
        module = name.removeprefix(_PREFIX).removesuffix(_A)
        other = adapter.tensors.get(name.removesuffix(_A) + _B)
        if other is None or len(other) != 2:
            raise misfit(adapter, f"{module} has one factor without the other")
        if other[1] != shape[0] or (ranks != {None} and shape[0] not in ranks):
            raise misfit(
                adapter, f"{module} has factors of rank {shape[0]} and {other[1]}, its config says {_said(ranks)}"
            )
        _fits_tensor(adapter, module, (other[0], shape[1]), base.get(f"{module}.weight"))


def _fits_tensor(adapter: AdapterFile, module: str, own: tuple[int, int], under: tuple[int, ...] | None) -> None:
    if under is None or len(under) != 2:
        return
    wanted = under[::-1] if adapter.config.get("fan_in_fan_out") else under
    if own != wanted:
        raise misfit(
            adapter, f"its update of {module} is {own[0]} x {own[1]}, the base's tensor {wanted[0]} x {wanted[1]}"
        )


def _said(ranks: set[int | None]) -> str:
    return " or ".join(str(rank) for rank in sorted(rank for rank in ranks if rank is not None)) or "none"
