"""A verification for people: what was looked at, what is covered, the spot check, the result. Prints safe text."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ftsafety_spec.cli.output import console, table
from ftsafety_spec.cli.text import one_line, percent

if TYPE_CHECKING:
    from ftsafety_spec.pipeline.verification.checking import Verified
    from ftsafety_spec.records.provider_report import Covered, ProviderReport, SpotCheck

WORDS = {"accepted": "accepted", "partly": "accepted in part", "refused": "REFUSED"}
SIGNS = {"holds": "ok", "unclear": "–", "fails": "FAILED"}


def print_verified(verified: Verified, following: str) -> None:
    """All of it, and what comes next."""
    body, out = verified.body, console()
    out.print(table(("", "check", "what was found"), [(SIGNS[i.state], i.check, i.sentence) for i in body.looked]))
    out.print(table(("the spec needs", "report", "prompts", "weight", ""), [_covered(r) for r in body.covered], (2, 3)))
    if body.spot_check is not None:
        _print_spot(body.spot_check)
    print(_result(body))
    for reason in body.lacks:
        print(f"  {one_line(reason, 400)}")
    if verified.left:
        print(f"{len(verified.left)} prompts are left to be measured: --write-suite FILE writes them as a suite.")
    known = "" if verified.added else " (nothing new: this evidence is there already)"
    print(f"Next: {one_line(following)}{known}")


def _covered(row: Covered) -> tuple[object, ...]:
    counts = None if row.asked is None else f"{row.found} of {row.asked}"
    return row.need, row.state, counts, f"{row.weight:.2f}", row.note or ""


def _print_spot(check: SpotCheck) -> None:
    rows = [
        (g.outcome, g.area, g.reported, g.asked, g.worse, g.better, percent(g.power, 0), "shown" if g.shown else "")
        for g in check.groups
    ]
    columns = ("measured again", "", "reported", "asked", "worse", "better", "power", "")
    console().print(table(columns, rows, (2, 3, 4, 5, 6)))
    cost = (
        "" if check.calls is None or not check.full else f", {percent(check.calls / check.full)} of the whole suite's"
    )
    print(
        f"spot check: {check.agreed} of {check.asked} results agree; {check.calls} answers{cost}; a loss of "
        f"{percent(check.loss, 0)} hidden in a group is found with {percent(check.power, 0)} or more."
    )


def _result(body: ProviderReport) -> str:
    signed = f", signed by {body.signed_by}" if body.signed_by else ", signed by nobody who is trusted"
    return one_line(f"{WORDS[body.result]}: the report of {body.by} on {body.variant}{signed}")
