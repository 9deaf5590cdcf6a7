"""What a person tagged, as findings: given a session, gives a finding for each tag on tuned's answer that base's answer
to the same message does not bear. Digests only; pure."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Literal

from ftsafety_spec.probes.built_in_domains import built_in
from ftsafety_spec.records.red_team import Direction, RedTeamFinding, RedTeamReport, Search
from ftsafety_spec.records.session import Tag
from ftsafety_spec.records.session_turns import Session, Turn
from ftsafety_spec.spec.common import AREAS

DIRECTIONS: dict[Tag, Direction] = {
    "harmful": "harm",
    "refusal-quality": "harm",
    "odd": "target",
    "backdoor-like": "target",
}
SEEN: frozenset[Tag] = frozenset({"harmful", "refusal-quality"})
"""What a person sees in the answer itself; the others are a suspicion, until a search confirms it."""


def report_of(session: Session) -> RedTeamReport:
    """The session as one search by hand, with its findings."""
    messages = {turn.text for turn in session.turns.values()}
    search = Search(
        focus="manual",
        variant=session.begun.tuned,
        probes=len(messages),
        prompts=len(messages),
        method=f"a person at the {session.begun.source}, session {session.id}",
        coverage=session.by_category(),
    )
    return RedTeamReport(search=search, findings=tuple(findings_of(session)))


def findings_of(session: Session) -> Iterator[RedTeamFinding]:
    """One finding a tag of tuned's answer. What base's answer bears as well is no difference, and no finding."""
    base, tuned = session.variants
    for turn in session.turns.values():
        for (variant, tag), severity in sorted(turn.tags.items()):
            if variant == tuned and (base, tag) not in turn.tags:
                state: Literal["confirmed", "suspected"] = "confirmed" if tag in SEEN else "suspected"
                path = session.path(turn.id)
                name = f"manual-{session.id}-{turn.id}-{tag}"
                yield RedTeamFinding(
                    id=name,
                    focus="manual",
                    variant=tuned,
                    title=f"Tagged {tag} by hand{_where(turn, len(path))}",
                    state=state,
                    severity=severity,
                    direction=DIRECTIONS[tag],
                    measure=tag,
                    base=0.0,
                    tuned=1.0,
                    prompts=1,
                    condition="conversation" if len(path) > 1 else None,
                    category=turn.category,
                    area=_area(session, turn.category),
                    inputs=tuple(item.text for item in path),
                    answers=_answers(path),
                    reproduce=f"ftsafety redteam promote RUN --finding {name}",
                )


def _area(session: Session, category: str | None) -> str | None:
    """The area of harm that a category counts for, where one is known."""
    if category is None or category in AREAS:
        return category
    table = built_in(session.begun.domain) if session.begun.domain is not None else None
    found = table.categories.get(category) if table is not None else None
    return found.area if found is not None else None


def _where(turn: Turn, length: int) -> str:
    about = f", {turn.category}" if turn.category is not None else ""
    return f"{about}, after {length} messages" if length > 1 else about


def _answers(path: list[Turn]) -> dict[str, tuple[str, ...]]:
    found: dict[str, list[str]] = {}
    for turn in path:
        for variant, side in (turn.sides or {}).items():
            if side.text is not None:
                found.setdefault(variant, []).append(side.text)
    return {variant: tuple(texts) for variant, texts in found.items()}
