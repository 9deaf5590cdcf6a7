"""What an explanation is made of: the records of a compared run, its verdict where there is one, and where discordant
answers belong. Reads a run folder; never reads a text."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import NamedTuple

from ftsafety_spec.errors import InputError, Where
from ftsafety_spec.records.comparison import Comparison, Discordant
from ftsafety_spec.records.folder import RunFolder
from ftsafety_spec.records.locked import LockedPolicy, LockedSpec
from ftsafety_spec.records.plan import Plan
from ftsafety_spec.records.tables import connect
from ftsafety_spec.records.verdict import Verdict


class Place(NamedTuple):
    """Where an answer's prompt belongs: `suite.task`, `suite.task:category`, kind, condition."""

    task: str
    category: str
    kind: str
    condition: str


@dataclass(frozen=True)
class ExplainView:
    """The records of a run. `verdict`: None where it has not been judged; `places`: answer key to its prompt's place,
    for discordant prompts; empty where the tables are not there."""

    locked: LockedSpec
    policy: LockedPolicy
    plan: Plan
    comparison: Comparison
    verdict: Verdict | None
    places: Mapping[str, Place] = field(default_factory=dict)
    run: str = "RUN"

    def judged(self) -> Verdict:
        """The verdict. Raises InputError FTS-130 where there is none."""
        if self.verdict is None:
            raise InputError(
                "this run has no verdict yet, so no rule can be explained.",
                code="FTS-130",
                where=Where(file=self.run),
                hint="`ftsafety gate` makes it; outcomes, areas and cells can be explained without one.",
            )
        return self.verdict


def explain_view(folder: RunFolder, judged: RunFolder | None = None) -> ExplainView:
    """Read a compared run; policy and verdict from `judged`, where they are another policy's. Raises InputError where
    a stage is missing (FTS-130) or records are not of one run (FTS-131), VerificationError where a record was
    changed."""
    comparison, judged = folder.read(Comparison), judged or folder
    view = ExplainView(
        locked=folder.read(LockedSpec),
        policy=judged.read(LockedPolicy),
        plan=folder.read(Plan),
        comparison=comparison,
        verdict=judged.read(Verdict) if judged.has(Verdict) else None,
        places=_places(folder.table("answers"), comparison.discordant),
        run=str(folder.root),
    )
    _of_one_run(view)
    return view


def _of_one_run(view: ExplainView) -> None:
    """Refuse figures that the verdict beside them was not made from."""
    pairs = [("comparison", view.comparison.inputs.plan, view.plan.compute_digest(), "ftsafety compare")]
    if view.verdict is not None:
        pairs += [
            ("verdict", view.verdict.inputs.comparison, view.comparison.compute_digest(), "ftsafety gate"),
            ("verdict", view.verdict.policy.digest, view.policy.compute_digest(), "ftsafety gate"),
        ]
    for what, made_from, beside, command in pairs:
        if made_from != beside:
            raise InputError(
                f"the {what} was made from other records than the ones beside it.",
                code="FTS-131",
                where=Where(file=view.run),
                hint=f"`{command}` makes it anew.",
            )


def _places(path: Path, rows: Iterable[Discordant]) -> dict[str, Place]:
    wanted = sorted({key for row in rows for key in (row.base_answer, row.tuned_answer)})
    if not wanted or not path.exists():
        return {}
    with connect(answers=path) as db:
        found = db.execute(
            "SELECT answer, suite || '.' || task, suite || '.' || task || ':' || category, kind, condition "
            "FROM answers WHERE list_contains($1, answer)",
            [wanted],
        )
        return {row[0]: Place(*row[1:]) for row in found.fetchall()}
