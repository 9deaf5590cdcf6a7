"""The report as SARIF 2.1.0, for code scanning: each finding that is not within its limits, at the line of the user's
spec, suite or policy that it leads to. Holds no prompt and no answer."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, Literal
from urllib.parse import quote

from ftsafety_spec import __version__
from ftsafety_spec.records.base import digest_of
from ftsafety_spec.records.verdict import Finding
from ftsafety_spec.report import words
from ftsafety_spec.report.lines import Line, line_of, rule_line, verdict_line
from ftsafety_spec.report.outcomes import decided, taken
from ftsafety_spec.report.safe import one_line
from ftsafety_spec.report.view import ReportView
from ftsafety_spec.spec.rule_words import describe

SCHEMA = "https://json.schemastore.org/sarif-2.1.0.json"
DECISION = "decision"
Level = Literal["error", "warning", "note"]


@dataclass(frozen=True)
class SarifRenderer:
    """`report.sarif`."""

    name: str = "sarif"
    filename: str = "report.sarif"

    def render(self, view: ReportView) -> str:
        """ASCII JSON. A rule that was within its limits gives no result: readers show every result as an alert."""
        log = {"$schema": SCHEMA, "version": "2.1.0", "runs": [_run(view)]}
        text = json.dumps(log, indent=1, ensure_ascii=True, allow_nan=False)
        return text.replace("\x7f", "\\u007f") + "\n"


def level_of(finding: Finding) -> Level:
    """`error` for what blocks, `warning` for what else stands in the way, `note` for flags and what nobody could
    read."""
    if taken(finding) != "failed":
        return "note"
    return "error" if finding.action == "block" else "warning"


def _run(view: ReportView) -> dict[str, Any]:
    rules = _rules(view)
    index = {rule["id"]: number for number, rule in enumerate(rules)}
    results = [*_decision(view), *_results(view)]
    return {
        "tool": {
            "driver": {
                "name": "ftsafety-spec",
                "semanticVersion": __version__,
                "rules": rules,
            }
        },
        "automationDetails": {"id": _shown(f"ftsafety-spec/{view.locked.name}/")},
        "results": [{**row, "ruleIndex": index[row["ruleId"]]} for row in results],
        "columnKind": "unicodeCodePoints",
    }


def _rules(view: ReportView) -> list[dict[str, Any]]:
    """The decision, then each rule that found something, described by its own data where the policy holds it."""
    found = {item.rule: item.kind for item in view.verdict.findings if taken(item) != "passed"}
    rules = [_rule(DECISION, "Decision", "What follows for deployment from all rules together.")]
    for name, kind in found.items():
        title = words.RULE_KIND.get(kind, words.plain(kind))
        rules.append(_rule(_id(name), title, _described(view, name) or title))
    return rules


def _described(view: ReportView, name: str) -> str:
    rule = view.policy.policy.rules.get(name) if view.verdict.policy.name == view.policy.name else None
    return describe(rule, view.policy.policy.measure) if rule is not None else ""


def _rule(identifier: str, title: str, text: str) -> dict[str, Any]:
    return {"id": identifier, "shortDescription": {"text": _shown(title)}, "fullDescription": {"text": _shown(text)}}


def _id(name: str) -> str:
    """A rule's id; a policy's rule cannot take the decision's."""
    return _shown(f"rule/{name}")


def _decision(view: ReportView) -> list[dict[str, Any]]:
    verdict = view.verdict
    if verdict.decision == "go":
        return []
    level: Level = "error" if verdict.decision == "no_go" else "warning"
    text = " ".join([decided(verdict), *verdict.reasons])
    return [_result(view, DECISION, level, text, verdict_line(view), None, (DECISION,))]


def _results(view: ReportView) -> Iterator[dict[str, Any]]:
    for item in view.verdict.findings:
        if taken(item) == "passed":
            continue
        waived = f" Waived by {item.waived_by}." if item.waived_by is not None else ""
        key = (item.rule, item.variant, item.cell, item.sentence if item.cell is None else None)
        rule = rule_line(view, item.rule)
        row = _result(view, _id(item.rule), level_of(item), item.sentence + waived, line_of(view, item), rule, key)
        if item.waived_by is not None:
            row["suppressions"] = [{"kind": "external", "justification": _shown(f"waived by {item.waived_by}")}]
        yield row


def _result(
    view: ReportView, rule: str, level: Level, text: str, at: Line | None, beside: Line | None, key: tuple[Any, ...]
) -> dict[str, Any]:
    row: dict[str, Any] = {"ruleId": rule, "level": level, "message": {"text": _message(text)}}
    if at is not None:
        row["locations"] = [{"physicalLocation": _physical(at)}]
    if beside is not None and beside != at:
        message = {"text": "the rule of the policy"}
        row["relatedLocations"] = [{"id": 1, "physicalLocation": _physical(beside), "message": message}]
    row["partialFingerprints"] = {"ftsafetyFinding/v1": digest_of([view.locked.name, *key]).removeprefix("sha256:")}
    return row


def _physical(at: Line) -> dict[str, Any]:
    region = {"startLine": at.line, "startColumn": at.column}
    return {"artifactLocation": {"uri": quote(at.path)}, "region": region}


def _message(text: str) -> str:
    """Plain text of a message: its brackets and braces would be links and placeholders."""
    line = _shown(text).replace("\\", "\\\\").replace("[", "\\[").replace("]", "\\]")
    return line.replace("{", "{{").replace("}", "}}")


def _shown(text: str) -> str:
    return one_line(text)


RENDERER = SarifRenderer()
