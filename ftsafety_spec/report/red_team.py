"""What was looked for on purpose (R-10, R-11, R-25 to R-29): searches, what they found by focus, sessions by hand with
their minutes. Given a view, gives the section; None where nobody searched and nothing asked for it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from ftsafety_spec.records.evidence import Evidence
from ftsafety_spec.records.red_team import SEVERITIES, Focus, Odds, RedTeamFinding, RedTeamReport, Search
from ftsafety_spec.records.red_team_standing import standing_reports
from ftsafety_spec.records.session import SessionBody, session_in
from ftsafety_spec.report import numbers, words
from ftsafety_spec.report.blocks import Block, Cell, Column, Heading, Mark, Points, Section, Table, Text
from ftsafety_spec.report.view import ReportView
from ftsafety_spec.spec.red_team import RedTeam

TITLES: Mapping[Focus, str] = {
    "domain": "The domain that it was tuned for",
    "trigger": "Triggers",
    "capability": "Abilities gained and lost",
    "conversation": "Long conversations",
    "manual": "By hand",
}
TONES = {"low": "info", "medium": "review", "high": "block"}
DIRECTIONS = {"harm": "harm appears", "target": "a fixed behaviour appears", "gain": "gained", "loss": "lost"}
_FOUND = (
    Column("Finding"),
    Column("State"),
    Column("Severity"),
    Column("Direction"),
    Column("Base", numeric=True),
    Column("Tuned", numeric=True),
    Column("95 % interval of the difference"),
    Column("Prompts", numeric=True),
    Column("Again by"),
)


def red_team(view: ReportView) -> Section | None:
    """The section."""
    reports = standing_reports(view.evidence)
    sessions = [item for item in view.evidence if item.kind == "session"]
    asked = view.locked.spec.red_team != RedTeam()
    if not reports and not sessions and not asked:
        return None
    blocks: list[Block] = [Text(_lead(reports, sessions))]
    if reports:
        blocks.append(_searched([report.search for report in reports]))
    for focus, title in TITLES.items():
        blocks += _focus(title, [report for report in reports if report.search.focus == focus])
    if sessions:
        blocks += [Heading("Sessions by hand"), _sessions(sessions)]
    return Section("red-team", "Red team: what was looked for on purpose", tuple(blocks))


def _lead(reports: Sequence[RedTeamReport], sessions: Sequence[Evidence]) -> str:
    findings = [item for report in reports for item in report.findings]
    confirmed = sum(item.state == "confirmed" and not item.declared for item in findings)
    if not reports and not sessions:
        return "The spec asks for a red team, and nothing of it is recorded yet: `ftsafety redteam findings RUN`."
    minutes = sum(_minutes(item) for item in sessions)
    return (
        f"{numbers.plural(len(reports), 'search')} and {numbers.plural(len(sessions), 'session')} by hand "
        f"({minutes:g} minutes): {numbers.plural(len(findings), 'finding')}, {confirmed} confirmed and not declared. "
        "What was not searched for can be there all the same."
    ).replace("searchs", "searches")


def _searched(searches: Sequence[Search]) -> Table:
    columns = (
        Column("Focus"),
        Column("Model"),
        Column("Tried", numeric=True),
        Column("Prompts", numeric=True),
        Column("Space"),
        Column("How"),
    )
    rows: tuple[tuple[Cell, ...], ...] = tuple(
        (
            TITLES[item.focus],
            item.variant,
            numbers.count(item.probes),
            numbers.count(item.prompts),
            _listed(item.space or item.coverage) or "–",
            "; ".join(part for part in (item.method, item.note, _rounds(item)) if part) or "–",
        )
        for item in searches
    )
    return Table("What was searched", columns, rows, stack=True)


def _rounds(search: Search) -> str:
    return numbers.plural(search.rounds, "round") if search.rounds else ""


def _listed(counts: Mapping[str, int]) -> str:
    return ", ".join(f"{words.plain(name).lower()} {numbers.count(number)}" for name, number in counts.items())


def _focus(title: str, reports: Sequence[RedTeamReport]) -> list[Block]:
    if not reports:
        return []
    blocks: list[Block] = [Heading(title)]
    findings = sorted((item for report in reports for item in report.findings), key=_weight)
    if findings:
        blocks.append(Table(f"{title}: findings", _FOUND, tuple(_found(item) for item in findings), stack=True))
    else:
        blocks.append(Text("Nothing was found."))
    odds = dict.fromkeys(item for report in reports for item in report.search.odds)
    if odds:
        blocks.append(Points(tuple(_odds(item) for item in odds)))
    return blocks


def _weight(item: RedTeamFinding) -> tuple[bool, bool, int, str]:
    return (item.declared, item.state != "confirmed", -SEVERITIES.index(item.severity), item.id)


def _found(item: RedTeamFinding) -> tuple[Cell, ...]:
    state = Mark("declared", "info") if item.declared else Mark(item.state, "block" if _confirmed(item) else "open")
    about = ", ".join(part for part in (item.family, item.category, item.condition) if part)
    ends = "–" if item.interval is None else numbers.interval(item.interval)
    return (
        f"{item.title} ({item.id}{f'; {about}' if about else ''})",
        state,
        Mark(item.severity, TONES[item.severity]),
        DIRECTIONS[item.direction],
        numbers.percent(item.base),
        numbers.percent(item.tuned),
        ends + (f", p = {item.p:.2g}" if item.p is not None else ""),
        numbers.count(item.prompts),
        item.reproduce or "–",
    )


def _confirmed(item: RedTeamFinding) -> bool:
    return item.state == "confirmed"


def _odds(item: Odds) -> str:
    return (
        f"Of planted effects of this kind ({item.kind}) of {numbers.percent(item.effect, 0)} or more, "
        f"{numbers.percent(item.found, 0)} were found by such a search ({item.measured_by})."
    )


def _sessions(items: Sequence[Evidence]) -> Table:
    columns = (
        Column("By"),
        Column("When"),
        Column("Active minutes", numeric=True),
        Column("Messages", numeric=True),
        Column("About"),
        Column("Held at"),
        Column("Did not count"),
        Column("Signed"),
    )
    return Table("Manual sessions", columns, tuple(_session(item) for item in items), stack=True)


def _session(item: Evidence) -> tuple[Cell, ...]:
    body = session_in(item.body)
    signed = Mark(f"by key {(item.by.key or '?')[:12]}", "ok") if item.signature else Mark("not signed", "open")
    if body is None:
        declared = (str(item.body.get("prompts", "–")), str(item.body.get("focus", "–")), "told by hand", "–")
        return (item.by.name, item.at[:10], f"{_minutes(item):g}", *declared, signed)
    return (
        item.by.name,
        body.begun[:10],
        f"{body.minutes:g}",
        numbers.count(body.prompts),
        _about(body),
        {"desk": "the desk", "terminal": "a terminal", "imported": "elsewhere, imported"}[body.source],
        ", ".join(f"{why} {minutes:g} min" for why, minutes in body.not_counted.items()) or "–",
        signed,
    )


def _about(body: SessionBody) -> str:
    about = body.domain or ("the domain" if body.focus == "domain" else "anything")
    return f"{about}: {_listed(body.by_category)}" if body.by_category else about


def _minutes(item: Evidence) -> float:
    value = item.body.get("minutes")
    return float(value) if isinstance(value, int | float) and not isinstance(value, bool) and value > 0 else 0.0
