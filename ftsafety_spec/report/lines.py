"""Which line of a user's files a finding leads to: the waiver, the task, the rule of the policy, or where the spec
names its policy. Given a view and a finding, gives a place in the repository. Reads no file."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from ftsafety_spec.records.locked import Origin
from ftsafety_spec.records.verdict import Finding
from ftsafety_spec.report.view import ReportView

BUILT_IN = "ftsafety:"


@dataclass(frozen=True)
class Line:
    """A place: path within the repository with `/`, line and column from 1."""

    path: str
    line: int
    column: int


def line_of(view: ReportView, finding: Finding) -> Line | None:
    """The nearest line that somebody of the project wrote, most specific first; None where a run holds no places."""
    spec, policy = view.locked.origins, _policy_origins(view)
    tries = [
        (spec, f"waivers.{finding.rule}" if finding.waived_by is not None else ""),
        (spec, _task(view, finding)),
        (policy, f"rules.{finding.rule}"),
        (spec, f"models.{finding.variant}"),
    ]
    found = (_line(view, origins.get(path)) for origins, path in tries if path)
    return next((line for line in found if line is not None), None) or verdict_line(view)


def verdict_line(view: ReportView) -> Line | None:
    """Where the spec names the policy that judged it, else its title."""
    found = (_line(view, view.locked.origins.get(path)) for path in ("policy", "title"))
    return next((line for line in found if line is not None), None)


def rule_line(view: ReportView, rule: str) -> Line | None:
    """The line of a rule in a policy of the project; None where the rule is built in."""
    return _line(view, _policy_origins(view).get(f"rules.{rule}"))


def _policy_origins(view: ReportView) -> Mapping[str, Origin]:
    """Places of the policy that judged; none where the view holds another one."""
    return view.policy.origins if view.verdict.policy.name == view.policy.name else {}


def _task(view: ReportView, finding: Finding) -> str:
    """The key path of the task whose cell was read; empty for cells over several tasks."""
    cell = next((item for item in view.comparison.cells if item.id == finding.cell), None)
    if cell is None or cell.by != "task":
        return ""
    suite, _, task = cell.of.partition(".")
    return f"suites.{suite}.tasks.{task}"


def _line(view: ReportView, origin: Origin | None) -> Line | None:
    """A place in a file of the project; built-in files and overrides are none."""
    if origin is None or origin.file is None or origin.line is None or origin.file.startswith(BUILT_IN):
        return None
    return Line("/".join(part for part in (view.prefix, origin.file) if part), origin.line, origin.column or 1)
