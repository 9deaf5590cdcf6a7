"""The spot check of one report: draw, ask, look at suspicious groups further, judge. Given a report's results and the
commitment to it, gives the record of the check and what it says. Asks the tuned model, by ordinary runs."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from ftsafety_spec.errors import IncompleteError
from ftsafety_spec.measure import Progress, Stop
from ftsafety_spec.pipeline.prepare import Prepared
from ftsafety_spec.pipeline.verification.drawing import draw, place_of
from ftsafety_spec.pipeline.verification.rerun import ask_again, askable, read_again
from ftsafety_spec.pipeline.verification.wanting import Asked
from ftsafety_spec.records.base import digest_of
from ftsafety_spec.records.provider_report import Looked, SpotCheck
from ftsafety_spec.records.received_report import Commitment
from ftsafety_spec.stats.spot import LOSS, OTHER_GRADER, POWER, SAMPLED, TOLERANCE
from ftsafety_spec.verify.reported.graders import other_graders
from ftsafety_spec.verify.reported.index import Results
from ftsafety_spec.verify.reported.sample import sample_of
from ftsafety_spec.verify.reported.spot import judge, suspicious
from ftsafety_spec.verify.reported.wanted import PromptKey

NAME = "spot check"


@dataclass(frozen=True)
class Spot:
    """How a spot check is made. `tolerance`: left out, by who read the answers; `most`: answers that it may ask for."""

    loss: float = LOSS
    power: float = POWER
    tolerance: float | None = None
    most: int | None = None


@dataclass
class _Asking:
    """One check while it asks. `repeats`: answers to each prompt; `calls`: answers so far."""

    prepared: Prepared
    asked: Asked
    place: Path
    repeats: int
    progress: Progress
    stop: Stop
    calls: int = 0

    def again(self, name: str, keys: Sequence[PromptKey]) -> dict[PromptKey, dict[str, list[float]]]:
        """Readings of the answers to these prompts. Raises IncompleteError where the step was cut short."""
        step = ask_again(
            self.prepared.folder,
            self.place / f"{name}-{digest_of(sorted(map(list, keys)))[7:15]}",
            self.asked.tasks,
            keys,
            self.asked.wanted.variant,
            self.repeats,
            root=self.prepared.project.root,
            progress=self.progress,
            stop=self.stop,
        )
        if not step.complete:
            why = step.stopped_by or "an error"
            raise IncompleteError(f"the spot check was cut short by {why}.", hint="The same command goes on.")
        self.calls += step.calls
        return read_again(step.folder)


def spot_check(
    results: Results,
    prepared: Prepared,
    committed: Commitment,
    asked: Asked,
    spot: Spot,
    progress: Progress,
    stop: Stop,
) -> tuple[SpotCheck | None, list[Looked]]:
    """The check, null where nothing of the report can be asked again here, and what it says. Raises as measuring does,
    and IncompleteError where it was cut short: what was answered stays."""
    drawn = draw(prepared.folder, committed)
    sample = sample_of(
        results,
        drawn.seed,
        spot.loss,
        spot.power,
        spot.tolerance or _tolerance(results),
        askable(asked.tasks),
    )
    repeats = 1 if results.wanted.temperature == 0 else 2  # twice tells how much answers change by chance
    asking = _Asking(prepared, asked, place_of(prepared.folder, committed.report), repeats, progress, stop)
    first = _within(sample.first, spot, asking)
    if not sample.groups or not first:
        sentence = "No result of the report can be asked again here."
        return None, [Looked(check=NAME, state="unclear", sentence=sentence)]
    again = asking.again("first", first)
    more = _within(sample.more(suspicious(results, sample, again)), spot, asking)
    if more:
        again |= asking.again("second", more)
    check, found = judge(results, sample, again)
    full = sum(job.prompts * job.repeats for job in prepared.plan.jobs)
    sealed = {"calls": asking.calls, "full": full, "commitment": drawn.commitment, "seed": drawn.seed}
    return check.model_copy(update=sealed), found


def _within(keys: list[PromptKey], spot: Spot, asking: _Asking) -> list[PromptKey]:
    """As many as may still be asked."""
    return keys if spot.most is None else keys[: max(0, spot.most - asking.calls) // asking.repeats]


def _tolerance(results: Results) -> float:
    """What an honest report may differ by, before anything is measured."""
    own = TOLERANCE if results.wanted.temperature == 0 else SAMPLED
    return own + (OTHER_GRADER if other_graders(results) else 0.0)
