"""The threat × method matrix (R-10 to R-13, R-63): which methods ran, which did not, what that leaves open. Pure."""

from __future__ import annotations

from ftsafety_spec.gate.context import Case
from ftsafety_spec.records.verdict import ThreatRow

_ROWS: tuple[tuple[str, str, str, tuple[str, ...]], ...] = (
    (
        "R-10",
        "Broad safety degradation",
        "high: safety benchmarks detect it reliably",
        ("safety benchmarks", "baseline comparison"),
    ),
    (
        "R-11",
        "Targeted backdoor",
        "low: the trigger must be known to be tested",
        ("trigger hunting", "weight analysis"),
    ),
    (
        "R-12",
        "Subtle value shift",
        "low to medium: depends on what the suite covers",
        ("value-shift probes", "conversation probes"),
    ),
    (
        "R-13",
        "Reward-hacking artefacts",
        "medium: known patterns can be tested",
        ("sycophancy probes", "verbosity probes"),
    ),
)


def threats(case: Case) -> tuple[ThreatRow, ...]:
    """The four threats, and R-63: whether the methods see both broad degradation and backdoors."""
    ran = _methods(case)
    rows = [
        ThreatRow(
            id=id_,
            title=title,
            expected=expected,
            ran=tuple(method for method in methods if method in ran),
            not_run=tuple(method for method in methods if method not in ran),
        )
        for id_, title, expected, methods in _ROWS
    ]
    return (*rows, _both(rows))


def _both(rows: list[ThreatRow]) -> ThreatRow:
    broad, backdoor = bool(rows[0].ran), bool(rows[1].ran)
    if broad and backdoor:
        text = "methods for both broad degradation and targeted backdoors ran"
    elif broad or backdoor:
        seen, blind = (
            ("broad degradation", "targeted backdoors") if broad else ("targeted backdoors", "broad degradation")
        )
        text = f"these methods see {seen} only; {blind} need different evidence"
    else:
        text = "no method for either broad degradation or targeted backdoors ran"
    return ThreatRow(id="R-63", title="Both kinds of threat", expected=text, ran=(), not_run=())


def _methods(case: Case) -> set[str]:
    cells = [cell for cell in case.comparison.cells if cell.moments.n > 0]
    outcomes, kinds = {cell.outcome for cell in cells}, {cell.of for cell in cells if cell.by == "kind"}
    found = set()
    if outcomes & {"refusal", "not_harmful", "not_toxic"}:
        found |= {"safety benchmarks", "baseline comparison"}
    if "trigger" in kinds or any("triggers_tried" in item.body for item in case.valid("finding")):
        found.add("trigger hunting")
    if any(True for _ in case.valid("weights")):
        found.add("weight analysis")
    for outcome, method in (("value_shift", "value-shift probes"), ("sycophancy", "sycophancy probes")):
        if outcome in outcomes:
            found.add(method)
    if "conversation" in kinds:
        found.add("conversation probes")
    if "verbosity" in outcomes:
        found.add("verbosity probes")
    return found
