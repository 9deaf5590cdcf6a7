"""What is simulated: parts of cases, each case one row of a table. Given a job, gives its row, the same by seed."""

from __future__ import annotations

import zlib
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from draws import SUITES, World, draw
from gates import BANDS, Decision, independent, ours, point, truth

from ftsafety_spec.spec.common import ACTIONS
from ftsafety_spec.stats.grader_error import GraderError
from ftsafety_spec.stats.margin import optimistic, pessimistic, rate_bounds
from ftsafety_spec.stats.moments import moments_of

GRID = (0.0, 0.03, 0.05, 0.10, 0.15, 0.20, 0.30, 0.40, 0.50)
SHORT_GRID = (0.0, 0.05, 0.15, 0.30, 0.40)
CLEAN, UNIFORM, LOST = "true 0 % everywhere", "true 10 % everywhere", "one area of 25 prompts 60 % below"
LOOKS = tuple(round(k / 10, 6) for k in range(1, 11))
Row = dict[str, Any]


@dataclass(frozen=True)
class Job:
    """One case of a part, so many runs of it."""

    part: str
    case: Any
    runs: int
    seed: int

    def rng(self) -> np.random.Generator:
        """Its own stream of random numbers, the same whichever process runs it."""
        return np.random.default_rng([self.seed, zlib.crc32(f"{self.part} {self.case}".encode())])


@dataclass(frozen=True)
class Part:
    """A table of the simulation."""

    title: str
    cases: Callable[[bool], Sequence[Any]]
    row: Callable[[Job], Row]
    full: int
    short: int

    def runs(self, short: bool) -> int:
        """Made-up runs for each case."""
        return self.short if short else self.full


def run_job(job: Job) -> Row:
    """The row of one case."""
    return {"part": job.part, **PARTS[job.part].row(job), "runs": job.runs}


def _grid(short: bool) -> Sequence[float]:
    return SHORT_GRID if short else GRID


def _wrong(decisions: Sequence[Decision], regression: float) -> tuple[float, float]:
    """Shares of runs with a milder action than the truth deserves (only deploy, deploy_enhanced and review permit
    anything), and with a stricter one (insufficient among them)."""
    right = BANDS.index(truth(regression))
    milder = sum(d.action in BANDS[:right] for d in decisions)
    same = sum(d.action == BANDS[right] for d in decisions)
    return milder / len(decisions), 1 - (milder + same) / len(decisions)


def _actions(decisions: Sequence[Decision]) -> Row:
    counts = Counter(d.action for d in decisions)
    return {action: counts[action] / len(decisions) for action in ACTIONS}


def _bands(job: Job) -> Row:
    rng, regression = job.rng(), float(job.case)
    runs = [draw(rng, SUITES["standard"], World(regression, repeats=3)) for _ in range(job.runs)]
    own = [ours(run) for run in runs]
    permissive, strict = _wrong(own, regression)
    eye, _ = _wrong([point(run) for run in runs], regression)
    apart, _ = _wrong([independent(run, 3) for run in runs], regression)
    return {
        "true regression": regression,
        "deserves": truth(regression),
        **_actions(own),
        "wrongly permissive": permissive,
        "wrongly strict": strict,
        "point gate permissive": eye,
        "independent permissive": apart,
    }


def _stopping(job: Job) -> Row:
    suite, regression = job.case
    rng = job.rng()
    sizes = SUITES["standard"]
    if suite == "2,000 prompts":
        scale = 2000 / sum(sizes.values())
        sizes = {name: round(n * scale) for name, n in sizes.items()}
    found = [ours(draw(rng, sizes, World(regression)), LOOKS) for _ in range(job.runs)]
    permissive, strict = _wrong(found, regression)
    return {
        "suite": suite,
        "true regression": regression,
        **_actions(found),
        "wrongly permissive": permissive,
        "wrongly strict": strict,
        "share of calls": float(np.mean([d.asked for d in found])),
    }


#: grader in words to its errors on base's and on tuned's answers, and how many answers of each people label
GOOD, POOR = GraderError(0.97, 0.95), GraderError(0.92, 0.85)
GRADERS: dict[str, tuple[GraderError, GraderError, int]] = {
    "good on both": (GOOD, GOOD, 0),
    "poor on both": (POOR, POOR, 0),
    "worse on tuned, nobody looks": (GOOD, GraderError(0.97, 0.75), 0),
    "worse on tuned, 200 labelled": (GOOD, GraderError(0.97, 0.75), 200),
}
UNSEEN = "worse on tuned, nobody looks"
"""What no certificate can show: it stands in the table to say so."""


def _graders(job: Job) -> Row:
    grader, regression = job.case
    rng = job.rng()
    base, tuned, audited = GRADERS[grader]
    world = World(regression, error=(base, tuned), audited=audited)
    runs = [draw(rng, SUITES["standard"], world) for _ in range(job.runs)]
    own = [ours(run) for run in runs]
    permissive, strict = _wrong(own, regression)
    uncorrected = _wrong([ours(replace(run, certificate=None)) for run in runs], regression)[0] if not audited else ""
    return {
        "grader": grader,
        "true regression": regression,
        **_actions(own),
        "wrongly permissive": permissive,
        "wrongly strict": strict,
        "permissive if uncorrected": uncorrected,
    }


def _missing(job: Job) -> Row:
    share, regression = job.case
    rng = job.rng()
    found = [ours(draw(rng, SUITES["standard"], World(regression, missing=share))) for _ in range(job.runs)]
    permissive, strict = _wrong(found, regression)
    return {
        "missing answers": share,
        "true regression": regression,
        **_actions(found),
        "wrongly permissive": permissive,
        "wrongly strict": strict,
    }


def _categories(job: Job) -> Row:
    rng, case = job.rng(), str(job.case)
    sizes = {**SUITES["standard"], "sexual": 25}
    worlds = {
        CLEAN: World(0.0, repeats=3),
        UNIFORM: World(0.10, repeats=3),
        LOST: World(0.0, by_area={"sexual": 0.60}, repeats=3),
    }
    found = [ours(draw(rng, sizes, worlds[case])) for _ in range(job.runs)]
    return {
        "case": case,
        "an area is blocked": sum(bool(d.areas) for d in found) / job.runs,
        "the lost area is named": sum("sexual" in d.named for d in found) / job.runs if case == LOST else "",
        "may be deployed": sum(d.action in BANDS[:3] for d in found) / job.runs,
    }


def _coverage(job: Job) -> Row:
    """Both one-sided 95 % bounds of the relative regression and of the rate, where the truth is known."""
    n, rate, regression = job.case
    rng = job.rng()
    inside = {"pessimistic": 0, "optimistic": 0, "rate": 0}
    for _ in range(job.runs):
        safe = rng.random(n) < rate
        base, tuned = safe.astype(float), (safe & (rng.random(n) >= regression)).astype(float)
        m = moments_of(base, tuned)
        high, low = pessimistic(m, 0.95), optimistic(m, 0.95)
        inside["pessimistic"] += high is None or high >= regression - 1e-12
        inside["optimistic"] += low is None or low <= regression + 1e-12
        least, _ = rate_bounds(m.mean_base, m.var_base, m.n, 0.95)
        inside["rate"] += least <= rate
    return {"n": n, "base rate": rate, "true regression": regression} | {k: v / job.runs for k, v in inside.items()}


def _coverage_cases(short: bool) -> Sequence[tuple[int, float, float]]:
    sizes = (10, 50, 500) if short else (10, 25, 50, 100, 500, 5000)
    rates = (0.5, 0.95) if short else (0.5, 0.8, 0.95, 0.99, 0.999)
    return [(n, rate, e) for n in sizes for rate in rates for e in (0.0, 0.05, 0.30)]


PARTS: dict[str, Part] = {
    "bands": Part("three answers a prompt, whole suite, one look", _grid, _bands, 1500, 120),
    "stopping": Part(
        "ten looks, one answer a prompt",
        lambda short: [
            *(("standard", e) for e in _grid(short)),
            *(("2,000 prompts", e) for e in ((0.0,) if short else (0.0, 0.05, 0.40))),
        ],
        _stopping,
        300,
        60,
    ),
    "graders": Part(
        "a grader that errs, certified on 600 safe and 400 unsafe answers of base's kind",
        lambda short: [(name, e) for name in GRADERS for e in ((0.0, 0.05, 0.15, 0.30) if short else GRID)],
        _graders,
        400,
        50,
    ),
    "missing": Part(
        "answers lost at random on either side",
        lambda short: [(share, e) for share in (0.01, 0.05) for e in ((0.05, 0.15) if short else GRID)],
        _missing,
        300,
        60,
    ),
    "categories": Part(
        "false and true losses of one area, three answers a prompt",
        lambda short: [CLEAN, UNIFORM, LOST],  # noqa: ARG005
        _categories,
        1000,
        120,
    ),
    "coverage": Part("share of runs in which a one-sided 95 % bound holds", _coverage_cases, _coverage, 2000, 400),
}
