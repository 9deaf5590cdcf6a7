"""Arguments of benchmarks, checked in the words of the person who wrote them.
Given names, gives them back as a set. Never accepts a name that would silently select nothing."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence

from ftsafety_spec.errors import InputError, suggest


def among(argument: str, given: Iterable[str] | str, known: Collection[str]) -> frozenset[str]:
    """The given names, each of them known and at least one. Raises InputError FTS-106."""
    names = list(given) if isinstance(given, (list, tuple, set, frozenset)) else [given]
    for name in names:
        if not isinstance(name, str) or name not in known:
            raise InputError(f"{argument}: no such value {name!r}.", code="FTS-106", hint=suggest(str(name), known))
    if not names:
        raise InputError(f"{argument}: at least one of {', '.join(known)} is needed.", code="FTS-106")
    return frozenset(str(name) for name in names)


def listed(given: str | Sequence[str]) -> list[str]:
    """Names with commas between them as a list; Inspect's command line splits them itself where there are several."""
    return [name.strip() for name in given.split(",")] if isinstance(given, str) else list(given)
