"""Is a report recent? Dates only: when the answers were given, against a day and a policy's maximum age."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

from ftsafety_spec.records.evaluation_report import EvaluationReport
from ftsafety_spec.records.provider_report import Looked

NAME = "freshness"


def freshness(report: EvaluationReport, on: date, days: int) -> Looked:
    """Fails where the dates cannot be; shows nothing where the answers are older than `days`."""
    last = _day(report.measured_to)
    first = None if report.measured_from is None else _day(report.measured_from)
    if last is None or (report.measured_from is not None and first is None):
        return Looked(check=NAME, state="fails", sentence="The report bears a date that does not exist.")
    if last > on + timedelta(days=1):
        return Looked(check=NAME, state="fails", sentence=f"The report is dated {last.isoformat()}, in the future.")
    if first is not None and first > last:
        return Looked(check=NAME, state="fails", sentence="The report ends before it begins.")
    age = (on - last).days
    if age > days:
        sentence = f"Its last answer is {age} days old; at most {days} count."
        return Looked(check=NAME, state="unclear", sentence=sentence)
    return Looked(check=NAME, state="holds", sentence=f"Its last answer is of {last.isoformat()}; {days} days count.")


def _day(moment: str) -> date | None:
    try:
        return datetime.fromisoformat(moment.replace("Z", "+00:00")).astimezone(UTC).date()
    except (ValueError, OverflowError):
        return None
