"""Evaluation prompts whose words stand in training data (contamination). Given prompts, then rows of text, gives the
prompts that were met: runs of `N` words in common (Brown et al. 2020, appendix C, use 13 on long texts), or the whole
prompt where it is shorter. Case and punctuation aside. Holds hashes of the prompts' words, nothing of the rows."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from itertools import groupby

N = 8
LEAST = 4
"""Words of the shortest prompt that is looked for: fewer stand in any text."""
SHARE = 0.7
"""Of a prompt's runs of words, so many make it met."""
_WORD = re.compile(r"\w+")


class Contamination:
    """Prompts by number; `see` texts, then ask which were met."""

    def __init__(self, prompts: Iterable[str]) -> None:
        self._runs: dict[int, dict[int, list[tuple[int, int]]]] = {}
        self._known: set[str] = set()
        self._wanted: list[int] = []
        self._met: list[set[int]] = []
        for number, prompt in enumerate(prompts):
            words = words_of(prompt)
            self._known.update(words)
            length = min(N, len(words))
            runs = list(_runs_of(words, length)) if length >= LEAST else []
            for place, run in enumerate(runs):
                self._runs.setdefault(length, {}).setdefault(run, []).append((number, place))
            self._wanted.append(len(runs))
            self._met.append(set())

    def see(self, text: str) -> None:
        """Look at one row's text."""
        for words in self._stretches(words_of(text)):
            for length, known in self._runs.items():
                for run in _runs_of(words, length):
                    for number, place in known.get(run, ()):
                        self._met[number].add(place)

    def _stretches(self, words: Sequence[str]) -> Iterator[list[str]]:
        """Words in a row that some prompt has: no run can hold another one."""
        for there, group in groupby(words, key=self._known.__contains__):
            if there:
                yield list(group)

    def met(self) -> list[bool]:
        """For each prompt, whether enough of its words were seen together."""
        return [bool(n) and len(met) >= SHARE * n for n, met in zip(self._wanted, self._met, strict=True)]


def words_of(text: str) -> list[str]:
    """Words, case aside."""
    return _WORD.findall(text.casefold())


def _runs_of(words: Sequence[str], length: int) -> Iterator[int]:
    for start in range(len(words) - length + 1):
        yield hash(tuple(words[start : start + length]))
