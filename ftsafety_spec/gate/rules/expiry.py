"""R-49, R-51: how old measurements and suites may be on the date of the verdict. A date that is not
known is too old; only recorded answers, which the policy must accept by name, may come without one."""

from __future__ import annotations

from datetime import date, timedelta

from ftsafety_spec.gate.case import Case, Judged
from ftsafety_spec.gate.dates import day_of
from ftsafety_spec.records.verdict import Finding
from ftsafety_spec.spec.policy import Expiry


def judge(name: str, rule: Expiry, case: Case) -> Judged:
    """One finding for the measurements, one for each suite, one for grader calibrations where there are any."""
    checks = [("the measurements", day_of(case.comparison.measured_from), rule.base_days)]
    used = {row.suite for row in case.plan.datasets} or set(case.locked.spec.suites)
    for suite in sorted(used & set(case.locked.spec.suites)):
        checks.append((f"suite {suite}", case.locked.spec.suites[suite].revised, rule.suite_days))
    calibrated = [day for item in case.given("calibration") if (day := day_of(item.at)) is not None]
    if calibrated:
        checks.append(("the newest grader calibration", max(calibrated), rule.grader_days))
    recorded = {identity.kind for identity in case.plan.identities.values()} == {"recorded"}
    findings = tuple(_finding(name, what, made, days, case.as_of, recorded) for what, made, days in checks)
    ends = tuple(made + timedelta(days=days) for _, made, days in checks if made is not None)
    return Judged(findings, ends=ends)


def _finding(name: str, what: str, made: date | None, days: int, as_of: date, recorded: bool) -> Finding:
    if made is None:
        age, sentence = None, f"It is not recorded when {what} was made, so its age cannot be checked."
    else:
        age = (as_of - made).days
        word = "is" if age <= days else "is too old:"
        sentence = f"{what[0].upper()}{what[1:]} {word} {max(age, 0)} days old (at most {days})."
    fresh = age is not None and age <= days
    return Finding(
        rule=name,
        kind="expiry",
        variant=None,
        value=age,
        threshold=days,
        result="within" if fresh else "unclear" if age is None else "shown",
        action="deploy" if fresh or (made is None and recorded) else "insufficient",
        sentence=sentence.replace("The measurements is", "The oldest measurement is").replace(
            "when the measurements was made", "when the answers were given"
        ),
    )
