"""What `ftsafety redteam findings` prints with `--format json`. As `result_types`: types alone."""

from __future__ import annotations

from ftsafety_spec.cli.result_types import Closed
from ftsafety_spec.records.red_team import RedTeamReport


class Found(Closed):
    """`redteam findings`: every report that stands."""

    run: str
    reports: list[RedTeamReport]
    next: str
