"""What `ftsafety redteam findings` prints with `--format json`. As `result_types`: types alone."""

from __future__ import annotations

from ftsafety_spec.cli.result_types import Closed
from ftsafety_spec.records.red_team import RedTeamReport


class Found(Closed):
    """`redteam findings`: every report that stands."""

    run: str
    reports: list[RedTeamReport]
    next: str


class Hunt(Closed):
    """What became of one variant. `added`: the report is new evidence."""

    variant: str
    added: bool
    report: RedTeamReport


class HuntsDone(Closed):
    """`redteam hunt`."""

    run: str
    hunts: list[Hunt]
    next: str
