"""Which runs the list shows and in which order: given heads and a query, gives a page of them. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from urllib.parse import urlencode

from ftsafety_spec.console.heads import Head
from ftsafety_spec.spec.common import ACTIONS

SIZE = 100
"""Rows of one page."""
SORTS: dict[str, str] = {
    "run": "Run",
    "action": "Action",
    "decision": "Decision",
    "as_of": "Judged as of",
    "until": "Holds until",
    "owed": "Owed",
}
"""Columns that can be sorted by, with their titles."""
DECISIONS = ("go", "pending", "no_go", "expired", "unjudged")
_FIRST = ("owed", "as_of", "action")
"""Columns of which the greatest comes first."""


@dataclass(frozen=True)
class Query:
    """What is asked of the list. `text`: every word of it must stand in spec, run, title, policy, action or reason."""

    text: str = ""
    decision: str = ""
    sort: str = "as_of"
    down: bool = True
    page: int = 1

    def address(self, **changes: object) -> str:
        """The query as the end of an address, with some of its parts changed."""
        made = replace(self, **changes)  # type: ignore[arg-type]
        order = "down" if made.down else "up"
        parts = {"q": made.text, "decision": made.decision, "sort": made.sort, "order": order, "page": str(made.page)}
        return "?" + urlencode({name: value for name, value in parts.items() if value})

    def turned(self, column: str) -> str:
        """The address that sorts by a column, or turns the order where it is sorted by it already."""
        down = not self.down if column == self.sort else column in _FIRST
        return self.address(sort=column, down=down, page=1)


@dataclass(frozen=True)
class Listed:
    """A page of runs. `found`: how many the query finds; `counts`: decision to runs, over all of the project."""

    rows: tuple[Head, ...]
    found: int
    total: int
    pages: int
    counts: Mapping[str, int]


def query_of(given: Mapping[str, str]) -> Query:
    """A query from an address; what cannot be used is left at its default."""
    sort = given.get("sort", "as_of")
    sort = sort if sort in SORTS else "as_of"
    decision = given.get("decision", "")
    page = given.get("page", "1")
    order = given.get("order", "down" if sort in _FIRST else "up")
    return Query(
        text=given.get("q", "")[:200],
        decision=decision if decision in DECISIONS else "",
        sort=sort,
        down=order != "up",
        page=min(10_000, max(1, int(page))) if page.isascii() and page.isdecimal() and len(page) < 6 else 1,
    )


def state_of(head: Head, today: str) -> str:
    """A head's decision as of today: `expired` where it permitted something and its time is over."""
    if head.decision is None:
        return "unjudged"
    ended = head.until is not None and not _lasts(head.until, today)
    return "expired" if ended and head.decision != "no_go" else head.decision


def _lasts(until: str, today: str) -> bool:
    """True up to and on the last day. What is no date has not been shown to last."""
    try:
        return date.fromisoformat(until[:10]) >= date.fromisoformat(today)
    except ValueError:
        return False


def listed(heads: Sequence[Head], query: Query, today: str) -> Listed:
    """The page of a query."""
    states = {head.run: state_of(head, today) for head in heads}
    words = query.text.lower().split()
    found = [head for head in heads if _matches(head, words) and query.decision in ("", states[head.run])]
    ordered = _ordered(found, query, states)
    pages = max(1, -(-len(found) // SIZE))
    start = (min(query.page, pages) - 1) * SIZE
    return Listed(tuple(ordered[start : start + SIZE]), len(found), len(heads), pages, _counts(states.values()))


def _counts(states: Iterable[str]) -> dict[str, int]:
    found = dict.fromkeys(DECISIONS, 0)
    for state in states:
        found[state] = found.get(state, 0) + 1
    return found


def _matches(head: Head, words: Sequence[str]) -> bool:
    if not words:
        return True
    parts = (head.run, head.spec, head.title, head.policy, head.action, head.decision, *head.variants, *head.reasons)
    text = " ".join(part for part in parts if part).lower()
    return all(word in text for word in words)


def _ordered(heads: list[Head], query: Query, states: Mapping[str, str]) -> list[Head]:
    """By the column, runs without a value last, equal ones by name."""

    def key(head: Head) -> str | int | None:
        if query.sort == "action":
            return ACTIONS.index(head.action) if head.action in ACTIONS else None
        if query.sort == "decision":
            return DECISIONS.index(states[head.run]) if states[head.run] in DECISIONS else None
        value: str | int | None = getattr(head, query.sort)
        return value

    keyed = [(key(head), head) for head in sorted(heads, key=lambda head: head.run)]
    known = sorted((pair for pair in keyed if pair[0] is not None), key=lambda pair: pair[0], reverse=query.down)  # type: ignore[arg-type,return-value]
    return [head for _, head in known] + [head for value, head in keyed if value is None]
