"""Is a dishonest report of an evaluation found, at a fifth of the suite's cost, and an honest one let through? A
simulation with known truth, through the product's own sampling and judging (`ftsafety_spec/verify/reported`).

python bench/verification.py               some three minutes on one core; docs/verification.md quotes it (--write)
python bench/verification.py --runs 40     a short one; exits 1 where a limit is broken

A suite of harmful prompts in ten areas. An area's share of unsafe answers is drawn (2 to 15 %), nearly all of them to
prompts that always fail. Every measurement is a draw of its own: at temperature 0 one answer in 200 changes by chance,
sampled answers change on one prompt in eight. In every dishonest case tuned is really worse than base by ten points, in
one area or in all; what is reported hides it."""

from __future__ import annotations

import argparse
import os
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

os.environ.setdefault("OMP_NUM_THREADS", "1")

import numpy as np
from numpy.typing import NDArray

from ftsafety_spec.records.base import digest_text
from ftsafety_spec.records.evaluation_report import (
    EvaluationReport,
    Maker,
    ModelClaim,
    RateResult,
    SuiteClaim,
)
from ftsafety_spec.records.identity import Identity
from ftsafety_spec.stats.spot import LOSS, POWER, SAMPLED, TOLERANCE
from ftsafety_spec.verify.reported.index import Results
from ftsafety_spec.verify.reported.sample import sample_of
from ftsafety_spec.verify.reported.spot import judge, suspicious
from ftsafety_spec.verify.reported.wanted import Wanted, WantedPrompt, WantedTask

sys.path.insert(0, str(Path(__file__).resolve().parent))
from shared import put_between

MARKS = ("<!-- verification: from bench/verification.py -->", "<!-- /verification -->")
PAGE = Path(__file__).resolve().parents[1] / "docs" / "verification.md"
AREAS = 10
CAUGHT, REFUSED, COST = 0.90, 0.05, 0.20
Draws = NDArray[np.float64]
Report = Callable[["World"], dict[int, float]]
"""Gives what is reported of each prompt: 1 is a refusal. A prompt that is left out is not there."""


@dataclass(frozen=True)
class Suite:
    """`sizes`: prompts by area; `sampled`: at a temperature; `repeats`: of the whole suite; `rates`: no rows."""

    name: str
    sizes: tuple[int, ...]
    sampled: bool = False
    repeats: int = 1
    rates: bool = False


@dataclass
class World:
    """One made-up model: chances of a refusal for base and tuned, by prompt, and the generator."""

    suite: Suite
    rng: np.random.Generator
    base: Draws
    tuned: Draws
    area: NDArray[np.int64]
    hidden: NDArray[np.bool_]

    def measure(self, chances: Draws) -> Draws:
        """One answer to each prompt."""
        return (self.rng.random(len(chances)) < chances).astype(float)


def world(suite: Suite, rng: np.random.Generator, everywhere: bool) -> World:
    """Base, and a tuned model that lost ten points in one area, or in all."""
    area = np.repeat(np.arange(AREAS), suite.sizes)
    base = np.concatenate([_chances(suite, size, rng) for size in suite.sizes])
    lost = np.zeros(len(area), dtype=bool)
    for one in range(AREAS) if everywhere else [int(rng.integers(AREAS))]:
        own = np.flatnonzero((area == one) & (base > 0.99))
        lost[rng.choice(own, round(LOSS * int((area == one).sum())), replace=False)] = True
    tuned = np.where(lost, 1 - base, base)
    return World(suite, rng, base, tuned, area, lost)


def _chances(suite: Suite, size: int, rng: np.random.Generator) -> Draws:
    fails = rng.random(size) < rng.uniform(0.02, 0.15)
    chances = np.where(fails, 0.005, 0.995)
    if suite.sampled:
        wavers = rng.random(size) < 1 / 8
        chances = np.where(wavers, rng.uniform(0.05, 0.95, size), chances)
    return chances


def honest(world: World) -> dict[int, float]:
    """What the maker measured of tuned."""
    return dict(enumerate(world.measure(world.tuned)))


def hides(world: World) -> dict[int, float]:
    """Tuned's answers, those to what it lost turned into refusals."""
    found = world.measure(world.tuned)
    found[world.hidden] = 1.0
    return dict(enumerate(found))


def drops(world: World) -> dict[int, float]:
    """Tuned's answers, without those to what it lost."""
    found = world.measure(world.tuned)
    return {n: value for n, value in enumerate(found) if not world.hidden[n]}


def of_base(world: World) -> dict[int, float]:
    """Base's answers, said to be tuned's."""
    return dict(enumerate(world.measure(world.base)))


def of_another(world: World) -> dict[int, float]:
    """Answers of another fine-tune of the same base, as safe as base: it fails at other prompts."""
    other = world.base.copy()
    moved = np.flatnonzero(world.rng.random(len(other)) < 0.03)
    other[moved] = 1 - other[moved]
    return dict(enumerate(world.measure(other)))


CASES: dict[str, tuple[Report, bool]] = {
    "honest": (honest, False),
    "hides a loss of ten points in one area": (hides, False),
    "drops what failed there": (drops, False),
    "base's answers, tuned lost ten points": (of_base, True),
    "another model's, tuned lost ten points": (of_another, True),
}
SUITES = (
    Suite("2,000 prompts", (200,) * AREAS),
    Suite("2,000 prompts in unequal areas", (60, 80, 100, 120, 160, 200, 240, 280, 340, 420)),
    Suite("1,000 prompts", (100,) * AREAS),
    Suite("2,000 prompts, sampled, three answers each", (200,) * AREAS, sampled=True, repeats=3),
    Suite("6,000 prompts, rates by area only", (600,) * AREAS, rates=True),
)


@dataclass(frozen=True)
class Row:
    """As `PromptResult`, made faster."""

    prompt: str
    value: float
    suite: str = "s.t"
    condition: str = "plain"
    model: str = "tuned"
    repeat: int = 0
    outcome: str = "refusal"
    state: str = "ok"


@cache
def digest(number: int) -> str:
    """Of a prompt."""
    return digest_text(f"{number}")


@dataclass(frozen=True)
class Trial:
    """How one report came out."""

    refused: bool
    calls: int
    power: float


def trial(suite: Suite, case: str, seed: int) -> Trial:
    """One report, from the draw of its model to the result of its spot check."""
    rng = np.random.default_rng(seed)
    make, everywhere = CASES[case]
    made = world(suite, rng, everywhere)
    results = Results(_report(suite, made, make(made)), _wanted(suite, made))
    tolerance = SAMPLED if suite.sampled else TOLERANCE
    keys = {prompt.key: n for n, prompt in enumerate(results.wanted.prompts)}
    sample = sample_of(results, f"{seed}", LOSS, POWER, tolerance, frozenset(keys))
    asked = 2 if suite.sampled else 1
    answers = [made.measure(made.tuned) for _ in range(asked)]
    again = {key: {"refusal": [float(found[keys[key]]) for found in answers]} for key in sample.first}
    more = sample.more(suspicious(results, sample, again))
    again |= {key: {"refusal": [float(found[keys[key]]) for found in answers]} for key in more}
    check, looked = judge(results, sample, again)
    return Trial(any(item.state == "fails" for item in looked), len(again) * asked, check.power or 0.0)


def _wanted(suite: Suite, made: World) -> Wanted:
    prompts = tuple(
        WantedPrompt("s", "t", digest(n), "plain", "harmful", f"area{made.area[n]}", "c", "latin")
        for n in range(len(made.area))
    )
    task = WantedTask("s", "t", ("s.t",), digest_text("t"), len(prompts), False, {"refusal": frozenset({"g"})})
    identity = Identity(kind="recorded", engine="none")
    return Wanted(
        spec=digest_text("s"),
        variant="tuned",
        tuned=identity,
        base=identity,
        tasks=(task,),
        prompts=prompts,
        repeats=suite.repeats,
        temperature=1.0 if suite.sampled else 0.0,
        per_area=None,
        categories=(),
        needs=(),
        base_days=90,
        directions={"refusal": "higher"},
    )


def _report(suite: Suite, made: World, found: dict[int, float]) -> EvaluationReport:
    rows: Any = [Row(digest(n), value) for n, value in found.items()]
    rates = [
        RateResult(suite="s.t", model="tuned", outcome="refusal", by="area", of=f"area{one}", prompts=len(own),
                   rate=float(np.mean(own)))
        for one in range(AREAS)
        for own in [[value for n, value in found.items() if made.area[n] == one]]
    ]  # fmt: skip
    return EvaluationReport.model_construct(
        made_by=Maker(name="bench"),
        measured_to="2026-11-25T00:00:00Z",
        model=ModelClaim(name="m"),
        suites=(SuiteClaim(id="s.t", prompts=len(made.area)),),
        graders=(),
        prompts=() if suite.rates else tuple(rows),
        rates=tuple(rates) if suite.rates else (),
    )


def rows(runs: int, seed: int) -> Iterator[tuple[Suite, str, list[Trial]]]:
    """All trials of each suite and case."""
    for number, suite in enumerate(SUITES):
        for case in CASES:
            if suite.rates and case == "drops what failed there":
                continue  # a rate has no rows that could be missing
            yield suite, case, [trial(suite, case, seed + 100_000 * number + n) for n in range(runs)]


def wilson(share: float, runs: int) -> tuple[float, float]:
    """A share's 95 % interval (Wilson 1927)."""
    z = 1.96
    middle, half = share + z * z / (2 * runs), z * (share * (1 - share) / runs + z * z / (4 * runs * runs)) ** 0.5
    return max(0.0, (middle - half) / (1 + z * z / runs)), min(1.0, (middle + half) / (1 + z * z / runs))


def table(found: list[tuple[Suite, str, list[Trial]]], runs: int) -> str:
    """Markdown."""
    lines = [
        f"{runs} made-up reports a row; in brackets the 95 % interval.",
        "",
        "| suite | the report | refused | answers asked again: mean, 95 % | of tuned's alone | of the whole suite's |",
        "|---|---|---|---|---|---|",
    ]
    for suite, case, trials in found:
        share = float(np.mean([item.refused for item in trials]))
        low, high = wilson(share, len(trials))
        calls = np.array([item.calls for item in trials])
        tuned = sum(suite.sizes) * suite.repeats
        cells = (
            suite.name,
            case,
            f"{100 * share:.1f} % ({100 * low:.1f} to {100 * high:.1f})",
            f"{calls.mean():.0f}, {np.quantile(calls, 0.95):.0f}",
            f"{100 * calls.mean() / tuned:.1f} %",
            f"{100 * calls.mean() / (2 * tuned):.1f} %",
        )
        lines.append(f"| {' | '.join(cells)} |")
    return "\n".join(lines)


def broken(found: list[tuple[Suite, str, list[Trial]]]) -> list[str]:
    """Rows that miss what is promised; rates alone promise no cost."""
    faults = []
    for suite, case, trials in found:
        share = float(np.mean([item.refused for item in trials]))
        cost = float(np.mean([item.calls for item in trials])) / (2 * sum(suite.sizes) * suite.repeats)
        if case == "honest" and share > REFUSED:
            faults.append(f"{suite.name}: {100 * share:.1f} % of honest reports are refused")
        if case != "honest" and share < CAUGHT:
            faults.append(f"{suite.name}, {case}: {100 * share:.1f} % are caught")
        if cost > COST and not suite.rates:
            faults.append(f"{suite.name}, {case}: {100 * cost:.1f} % of the suite's cost")
    return faults


def main() -> int:
    """Run all of it; 1 where a limit is broken."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--runs", type=int, default=200)
    parser.add_argument("--seed", type=int, default=20261125)
    parser.add_argument("--write", action="store_true", help="put the table into docs/verification.md")
    options = parser.parse_args()
    found = list(rows(options.runs, options.seed))
    text = table(found, options.runs)
    print(text)
    if options.write:
        put_between(PAGE, MARKS, text)
    faults = broken(found)
    for fault in faults:
        print(f"limit broken: {fault}", file=sys.stderr)
    return 1 if faults else 0


if __name__ == "__main__":
    sys.exit(main())
