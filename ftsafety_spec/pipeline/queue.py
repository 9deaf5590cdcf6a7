"""What people are to look at, and why: given a run's comparison, verdict and tables, gives an ordered queue of ids.
Reads no text; the same records always give the same queue."""

from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import zip_longest
from typing import Any, Literal, get_args

from ftsafety_spec.gate.case import finding_id
from ftsafety_spec.gate.people import WHOLE
from ftsafety_spec.measure.label_file import value_of, words_of
from ftsafety_spec.records.comparison import Comparison
from ftsafety_spec.records.red_team import RedTeamFinding
from ftsafety_spec.records.verdict import Verdict
from ftsafety_spec.report.choose import loss, shown_examples
from ftsafety_spec.spec.common import OUTCOMES

Why = Literal["discordant", "graders_differ", "unscored", "worst_category", "random", "second_reviewer"]
WHY: dict[Why, str] = {
    "discordant": "base and tuned were read differently",
    "graders_differ": "two graders differ",
    "unscored": "no grader could read it; it counts at its worst",
    "worst_category": "its category fell most",
    "random": "drawn by chance",
    "second_reviewer": "another person has judged it",
}
"""In the order in which one of each is taken in turn."""

MOST = 20
"""Items of each reason in a queue."""
WORST_CATEGORIES = 3
LEVELS: Mapping[str, float] = {"low": 0.0, "middle": 0.5, "high": 1.0}
"""Words for a single answer to an outcome that has no labels of its own."""
COMPARED = ("better", "same", "worse")
"""Words for two answers to an outcome that has no labels of its own: how A stands to B."""
FOUND = "red-team:"
"""How the ids of findings begin that no rule speaks of."""
Row = Mapping[str, Any]


@dataclass(frozen=True)
class Answered:
    """One answer: its key and the digest of its text."""

    answer: str
    text: str


@dataclass(frozen=True)
class Item:
    """One prompt and the answers that a person judges by one outcome. `answers` stand in a drawn order (A, B), so that
    nobody knows which one is tuned; `outcome` is named as graders name it."""

    id: str
    outcome: str
    prompt: str
    prompt_id: str
    suite: str
    task: str
    kind: str
    category: str
    area: str
    answers: tuple[Answered, ...]
    why: tuple[Why, ...] = ()

    @property
    def compared(self) -> bool:
        """True where A is held against B in one word; else each answer gets a word of its own."""
        return len(self.answers) == 2 and not words_of(self.outcome)

    @property
    def words(self) -> tuple[str, ...]:
        """What a person may say."""
        if self.compared:
            return COMPARED
        return words_of(self.outcome) or tuple(LEVELS)

    def value(self, word: str) -> float:
        """What a word about one answer counts as. Raises KeyError for a word of something else."""
        return value_of(self.outcome, word) if words_of(self.outcome) else LEVELS[word]


@dataclass(frozen=True)
class Flag:
    """A flagged finding of the gate that a person approves or rejects by its id."""

    id: str
    sentence: str
    open: bool


@dataclass(frozen=True)
class Queue:
    """`items` in the order in which they are asked; `flags` come after them."""

    items: tuple[Item, ...]
    flags: tuple[Flag, ...]

    def counts(self) -> dict[str, int]:
        """Reason to number of items; an item counts under each of its reasons."""
        return dict(Counter(reason for item in self.items for reason in item.why))


def build_queue(
    comparison: Comparison,
    verdict: Verdict,
    rows: Sequence[Row],
    seed: int,
    others: Iterable[Item] = (),
    most: int = MOST,
    found: Iterable[RedTeamFinding] = (),
) -> Queue:
    """The queue. `rows`: readings (`pipeline.readings`) in the order of their draw; `others`: what other people have
    judged; `most`: items of each reason; `found`: what the red team found."""
    by_key = {(row["answer"], row["outcome"]): row for row in rows}
    lists: dict[Why, list[Item]] = {
        "discordant": list(_discordant(comparison, by_key, seed, most)),
        "graders_differ": _singles((row for row in rows if row["differ"]), most),
        "unscored": _singles((row for row in rows if row["unscored"]), most),
        "worst_category": _singles(_of_worst(comparison, rows), most),
        "random": _singles((row for row in rows if row["chance"]), most),
        "second_reviewer": list(others),
    }
    return Queue(_joined(lists), (*flags(verdict), *found_flags(verdict, found)))


def flags(verdict: Verdict) -> Iterator[Flag]:
    """The flagged findings of a verdict, each once, and whether an obligation is still open for it; last the run as a
    whole, where a person has to review it."""
    open_ = [item.detail for item in verdict.obligations if item.kind == "flagged_item" and item.state == "open"]
    seen: set[str] = set()
    for finding in verdict.findings:
        name = finding_id(finding)
        if finding.result == "flag" and finding.waived_by is None and name not in seen:
            seen.add(name)
            yield Flag(name, finding.sentence, any(detail.startswith(f"{name}: ") for detail in open_))
    whole = [item for item in verdict.obligations if item.kind == "human_review"]
    if whole:
        yield Flag(WHOLE, f"The run as a whole: {whole[0].detail}.", any(item.state == "open" for item in whole))


def found_flags(verdict: Verdict, found: Iterable[RedTeamFinding]) -> Iterator[Flag]:
    """What the red team found and no rule of the policy speaks of: nothing is owed for it, and whoever reviews is to
    see it; a rejection counts like any other."""
    spoken = {finding.cell for finding in verdict.findings}
    for item in found:
        name = f"{item.focus}:{item.variant}:{item.id}"
        if name not in spoken and not item.declared:
            figures = f"{item.severity}, {item.state}, {item.prompts} prompts"
            yield Flag(f"{FOUND}{name}", f"The red team found in {item.variant}: {item.title} ({figures}).", False)


def make_item(row: Row, answers: Sequence[Answered], seed: int) -> Item:
    """An item of a reading's prompt, its answers in the drawn order."""
    key = " ".join([row["prompt"], row["outcome"], *sorted(answer.answer for answer in answers)])
    name = hashlib.sha256(key.encode()).hexdigest()[:12]
    order = sorted(answers, key=lambda answer: hashlib.sha256(f"{seed}:blind:{name}:{answer.answer}".encode()).digest())
    fields = ("outcome", "prompt", "prompt_id", "suite", "task", "kind", "category", "area")
    return Item(id=name, answers=tuple(order), **{field: row[field] for field in fields})


def raw_outcomes(outcome: str) -> tuple[str, ...]:
    """The names under which graders may have written an outcome of a comparison."""
    from ftsafety_spec.compare.prompts import RENAMED

    return (outcome, *(old for old, new in RENAMED.items() if new == outcome))


def _discordant(comparison: Comparison, by_key: Mapping[tuple[str, str], Row], seed: int, most: int) -> Iterator[Item]:
    """Discordant prompts, losses first and some gains, a variant and outcome in turn."""
    groups = []
    safer = {**OUTCOMES, **{cell.outcome: cell.safer for cell in comparison.cells}}
    for group in shown_examples(comparison, most).values():
        ordered = sorted(group.rows, key=lambda row: loss(row, safer.get(row.outcome, "higher")) <= 0)
        lost = [row for row in ordered if loss(row, safer.get(row.outcome, "higher")) > 0]
        gained = ordered[len(lost) :]
        groups.append(list(_one_in(lost, gained, 4)))
    taken = 0
    for row in (row for turn in zip_longest(*groups) for row in turn if row is not None):
        for outcome in raw_outcomes(row.outcome):
            found = [by_key.get((key, outcome)) for key in (row.base_answer, row.tuned_answer)]
            there = [reading for reading in found if reading is not None]
            if there and taken < most:
                taken += 1
                answers = [Answered(reading["answer"], reading["text"]) for reading in there]
                yield make_item(there[0], answers, seed)
                break


def _one_in(many: Sequence[Any], few: Sequence[Any], step: int) -> Iterator[Any]:
    """Both lists, one of `few` after each `step - 1` of `many`."""
    rest = iter(few)
    for number, item in enumerate(many, start=1):
        yield item
        if number % (step - 1) == 0:
            yield from (x for x in [next(rest, None)] if x is not None)
    yield from rest


def _of_worst(comparison: Comparison, rows: Sequence[Row]) -> Iterator[Row]:
    """Readings of the categories that fell most, by the shrunken estimate where there is one; one of each in turn."""
    fell: dict[tuple[str, str], float] = {}
    for cell in comparison.cells:
        if cell.by == "category" and cell.regression.points > 0:
            size = cell.regression.shrunken if cell.regression.shrunken is not None else cell.regression.points
            fell[cell.outcome, cell.of] = max(size, fell.get((cell.outcome, cell.of), 0.0))
    worst = sorted(fell, key=lambda key: (-fell[key], key))[:WORST_CATEGORIES]
    lists = [
        [row for row in rows if row["category"] == category and row["outcome"] in raw_outcomes(outcome)]
        for outcome, category in worst
    ]
    return (row for turn in zip_longest(*lists) for row in turn if row is not None)


def _singles(rows: Iterable[Row], most: int) -> list[Item]:
    found: list[Item] = []
    for row in rows:
        if len(found) == most:
            break
        found.append(make_item(row, [Answered(row["answer"], row["text"])], 0))
    return found


def _joined(lists: Mapping[Why, list[Item]]) -> tuple[Item, ...]:
    """Every item once with all its reasons, one of each reason in turn. A single answer that is part of a pair is asked
    with the pair."""
    found: dict[str, Item] = {}
    paired: dict[tuple[str, str], str] = {}
    for item in lists["discordant"]:
        paired.update({(answer.answer, item.outcome): item.id for answer in item.answers if len(item.answers) == 2})
    for turn in zip_longest(*(lists[why] for why in get_args(Why))):
        for why, item in zip(get_args(Why), turn, strict=True):
            if item is None:
                continue
            if len(item.answers) == 1:
                pair = paired.get((item.answers[0].answer, item.outcome))
                item = next((other for other in lists["discordant"] if other.id == pair), item)
            before = found.get(item.id, item)
            found[item.id] = replace(before, why=tuple(dict.fromkeys([*before.why, why])))
    return tuple(found.values())
