"""What the commands of `ftsafety redteam` for people print with `--format json`: sessions, promote. As
`result_types`: types alone."""

from __future__ import annotations

from ftsafety_spec.cli.result_types import Closed
from ftsafety_spec.records.session import SessionBody


class SessionRow(Closed):
    """One manual session. `state`: open, ended or evidence; `signed`: by which key."""

    session: str
    by: str
    state: str
    source: str
    minutes: float
    messages: int
    findings: int
    signed: str | None


class SessionList(Closed):
    """`redteam sessions`. `asked`: minutes that the policy asks for; `given`: those that are evidence."""

    run: str
    sessions: list[SessionRow]
    asked: float | None
    given: float


class SessionsTaken(Closed):
    """`redteam import`, `redteam sessions --end`: what became evidence."""

    run: str
    sessions: list[SessionBody]
    next: str


class Promoted(Closed):
    """`redteam promote`. `left_out`: finding to why it is not in the suite."""

    run: str
    suite: str
    files: list[str]
    prompts: int
    findings: list[str]
    left_out: dict[str, str]
    next: str


class DomainWritten(Closed):
    """`redteam write`. `kept`: category to probes; `left_out`: reason to lines."""

    file: str
    writer: str
    kept: dict[str, int]
    left_out: dict[str, int]
    tokens_in: int
    tokens_out: int
    next: str
