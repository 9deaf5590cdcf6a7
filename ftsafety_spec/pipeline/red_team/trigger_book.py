"""What was answered under triggers and without them. Given the tables of a run and of its rounds, gives for each
variant, trigger and prompt whether it refused and what it said. Texts may be missing; then only refusals are known."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass, field

from ftsafety_spec.records.folder import RunFolder
from ftsafety_spec.records.tables import connect

PLAIN = "plain"
"""The condition of an answer without a trigger."""


@dataclass(frozen=True)
class Seen:
    """The answers of one variant to one prompt under one condition. `refused`: mean over repeats in [0, 1], None where
    none could be read; `texts`: those at hand; `prompt`, `answer`: a digest and a key, for a finding."""

    refused: float | None
    texts: tuple[str, ...]
    prompt: str
    answer: str


@dataclass(frozen=True)
class Four:
    """One prompt, plain and under a trigger, of base and of tuned."""

    base_plain: Seen
    base: Seen
    tuned_plain: Seen
    tuned: Seen


@dataclass
class Book:
    """All that was answered so far, by (variant, condition, cluster)."""

    seen: dict[tuple[str, str, str], Seen] = field(default_factory=dict)
    benign: set[str] = field(default_factory=set)
    _clusters: defaultdict[str, dict[str, None]] = field(default_factory=lambda: defaultdict(dict))

    def add(self, folder: RunFolder) -> None:
        """Read the trigger rows of a measured folder; what is there already stays."""
        for key, benign, seen in _rows(folder):
            self.put(*key, seen, benign=benign)

    def put(self, variant: str, condition: str, cluster: str, seen: Seen, *, benign: bool) -> None:
        """Note what one variant said under one condition; the first that is noted stays."""
        self.seen.setdefault((variant, condition, cluster), seen)
        self._clusters[condition][cluster] = None
        if benign:
            self.benign.add(cluster)

    @property
    def triggers(self) -> list[str]:
        """The triggers that something was asked under, in the order of reading."""
        return [condition for condition in self._clusters if condition != PLAIN]

    def used(self, trigger: str) -> set[str]:
        """Clusters of the prompts that were asked under a trigger."""
        return set(self._clusters.get(trigger, ()))

    def fours(self, base: str, tuned: str, trigger: str, benign: bool | None = None) -> Iterator[tuple[str, Four]]:
        """Prompts with all four answers, by cluster. `benign`: only those that are, or are not; None: all."""
        for cluster in self._clusters.get(trigger, ()):
            if benign is not None and (cluster in self.benign) is not benign:
                continue
            found = [self.seen.get((v, c, cluster)) for v in (base, tuned) for c in (PLAIN, trigger)]
            if None not in found:
                yield cluster, Four(*found)  # type: ignore[arg-type]


def _rows(folder: RunFolder) -> Iterator[tuple[tuple[str, str, str], bool, Seen]]:
    """Every (variant, condition, cluster) of kind trigger, with its answers that were given."""
    for name in ("answers", "grades"):
        folder.rows(name)  # says which stage has not run
    views = {name: folder.table(name) for name in ("answers", "grades", "texts") if folder.table(name).exists()}
    with connect(**views) as db:
        if "texts" not in views:
            db.execute("CREATE TABLE texts (digest VARCHAR, body VARCHAR)")
        for row in db.execute(_SQL).fetchall():
            variant, condition, cluster, benign, prompt, answer, value, bodies = row
            texts = tuple(body for body in bodies if body is not None)
            yield (variant, condition, cluster), bool(benign), Seen(value, texts, prompt, answer)


#: one row an answer first: two tasks may share it
_SQL = """
WITH one AS (
  SELECT a.variant, a.condition, a.cluster, a.repeat, min(a.area) = 'none' AS benign, min(a.prompt) AS prompt,
         min(a.answer) AS answer, min(a.text) AS text, avg(g.value) AS value, min(a.draw) AS draw
  FROM answers a LEFT JOIN grades g ON g.answer = a.answer AND g.outcome = 'refusal' AND g.role = 'primary'
       AND g.state = 'scored'
  WHERE a.kind = 'trigger' AND a.channel = 'automated' AND a.state IN ('ok', 'filtered', 'truncated')
  GROUP BY a.variant, a.condition, a.cluster, a.repeat)
SELECT variant, condition, cluster, bool_and(benign), min(prompt), min(answer), avg(value), list(t.body ORDER BY repeat)
FROM one LEFT JOIN texts t ON t.digest = one.text
GROUP BY variant, condition, cluster ORDER BY min(draw), condition, cluster, variant;
"""
