"""The report as JUnit XML, for build servers: one test case a finding, one for the decision. A rule that was not
measured is skipped, never passed; a verdict that is not go has at least one failure. Holds no prompt and no answer."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from xml.etree.ElementTree import Element, SubElement, indent, tostring

from ftsafety_spec.records.verdict import Finding
from ftsafety_spec.report.headline import owed
from ftsafety_spec.report.outcomes import decided, named, taken
from ftsafety_spec.report.safe import one_line
from ftsafety_spec.report.view import ReportView

_NO_XML = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
"""What XML 1.0 cannot hold, not even escaped."""


@dataclass(frozen=True)
class JUnitRenderer:
    """`junit.xml`."""

    name: str = "junit"
    filename: str = "junit.xml"

    def render(self, view: ReportView) -> str:
        """One suite for the decision, one for each variant, one for the evidence as a whole, one for what is not
        measured; empty suites are left out."""
        root = Element("testsuites", name=_text(view.verdict.title))
        suites = [_verdict(root, view)]
        rows = list(named(view.verdict.findings))
        for variant in dict.fromkeys(item.variant for _, item in rows):
            mine = [(name, item) for name, item in rows if item.variant == variant]
            suites.append(_findings(root, view, variant or "evidence", mine))
        suites.append(_not_measured(root, view))
        for suite in suites:
            _count(suite)
            if not len(suite):
                root.remove(suite)
        _sum(root)
        indent(root, " ")
        return '<?xml version="1.0" encoding="UTF-8"?>\n' + tostring(root, encoding="unicode") + "\n"


def _verdict(root: Element, view: ReportView) -> Element:
    suite = _suite(root, view, "verdict")
    case = _case(suite, view, "verdict", "decision")
    if view.verdict.decision != "go":
        lines = [*view.verdict.reasons, *owed(view)]
        _say(case, "failure", decided(view.verdict), view.verdict.action, lines)
    return suite


def _findings(root: Element, view: ReportView, name: str, rows: Sequence[tuple[str, Finding]]) -> Element:
    suite = _suite(root, view, name)
    for title, item in rows:
        case = _case(suite, view, name, title)
        how = taken(item)
        if how == "failed":
            _say(case, "failure", item.sentence, item.action, [item.sentence, *_settles(item)])
        elif how == "skipped":
            _say(case, "skipped", item.sentence)
        else:
            waived = [f"waived by {item.waived_by}"] if item.waived_by is not None else []
            SubElement(case, "system-out").text = _text("; ".join([item.sentence, *waived]))
    return suite


def _not_measured(root: Element, view: ReportView) -> Element:
    suite = _suite(root, view, "not measured")
    for names in (view.verdict.not_measured, view.verdict.not_possible):
        for name, reason in names.items():
            _say(_case(suite, view, "not measured", name), "skipped", reason)
    return suite


def _settles(item: Finding) -> list[str]:
    return [] if item.settles_with is None else [f"About {item.settles_with} prompts would settle it."]


def _suite(root: Element, view: ReportView, name: str) -> Element:
    suite = SubElement(root, "testsuite", name=_text(f"{view.locked.name}: {name}"))
    if view.verdict.measured_at is not None:
        suite.set("timestamp", view.verdict.measured_at.removesuffix("Z"))
    return suite


def _case(suite: Element, view: ReportView, group: str, name: str) -> Element:
    classname = f"{view.verdict.policy.name}.{view.locked.name}.{group}"
    return SubElement(suite, "testcase", name=_text(name), classname=_text(classname), time="0")


def _say(case: Element, tag: str, message: str, kind: str | None = None, lines: Sequence[str] = ()) -> None:
    element = SubElement(case, tag, message=_text(message))
    if kind is not None:
        element.set("type", _text(kind))
    if lines:
        element.text = "\n".join(_text(line) for line in lines)


def _count(suite: Element) -> None:
    suite.set("tests", str(len(suite)))
    suite.set("failures", str(len(suite.findall("testcase/failure"))))
    suite.set("errors", "0")
    suite.set("skipped", str(len(suite.findall("testcase/skipped"))))


def _sum(root: Element) -> None:
    for name in ("tests", "failures", "errors"):
        root.set(name, str(sum(int(suite.get(name, "0")) for suite in root)))


def _text(text: str) -> str:
    """One line that XML 1.0 can hold; what it cannot hold is shown by its number. The writer escapes markup."""
    return _NO_XML.sub(lambda match: f"⟦U+{ord(match.group()):04X}⟧", one_line(text))


RENDERER = JUnitRenderer()
