"""R-52: a provider's own evaluation counts for what its verification found it to be worth. Every report has to reach
what the policy asks; one that was accepted without measuring anything again was not verified. Of one report that was
verified several times the last verification with a spot check counts, and a refusal always."""

from __future__ import annotations

from collections.abc import Sequence

from ftsafety_spec.gate.case import UNCLEAR_ACTION, Case, Judged
from ftsafety_spec.gate.rules.readings import Read, plain_finding, reports, said
from ftsafety_spec.records.provider_report import OUTCOMES, ProviderReport, provider_report_in
from ftsafety_spec.records.verdict import Finding
from ftsafety_spec.spec.evidence_rules import ProviderVerification


def judge(name: str, rule: ProviderVerification, case: Case) -> Judged:
    """One finding for each report; without one, one in the context `api`, where providers make them, else none."""
    read = _standing(reports(case, "provider_report", provider_report_in))
    if read:
        return Judged(tuple(_judge(name, rule, entry) for entry in read))
    if case.facts.context != "api":
        return Judged()
    sentence = "No evaluation by the provider was verified, so nothing of it counts."
    return Judged((plain_finding(name, rule.kind, "unclear", UNCLEAR_ACTION[rule.missing], sentence),))


def _standing(read: Sequence[Read[ProviderReport]]) -> list[Read[ProviderReport]]:
    """What counts of each report (by digest): all that refuse it, else the last of the best-founded kind."""
    kept = [entry for entry in read if entry.report is None]
    by_report: dict[str, list[tuple[ProviderReport, Read[ProviderReport]]]] = {}
    for entry in read:
        if entry.report is not None:
            by_report.setdefault(entry.report.report, []).append((entry.report, entry))
    for _, same in sorted(by_report.items()):
        refused = [entry for report, entry in same if report.result == "refused"]
        last = max((_checked(report), entry.item.at) for report, entry in same)
        kept += refused or [entry for report, entry in same if (_checked(report), entry.item.at) == last]
    return kept


def _judge(name: str, rule: ProviderVerification, entry: Read[ProviderReport]) -> Finding:
    report = entry.report
    if report is None:
        sentence = "A verification of a provider's report cannot be read."
        return plain_finding(name, rule.kind, "unclear", "insufficient", sentence)
    cell = report.report.removeprefix("sha256:")[:12]
    clause = f"The report of {said(report.by, 80)} was {_words(report)}"
    if OUTCOMES.index(report.result) < OUTCOMES.index(rule.result_at_least):
        sentence = f"{clause}; the policy asks for {_asked(rule)}."
        return plain_finding(name, rule.kind, "shown", rule.below, sentence, cell=cell)
    if not _checked(report) or not entry.fresh:
        why = "which has run out" if not entry.fresh else "without a spot check of known power"
        sentence = f"{clause}, {why}: that shows nothing."
        return plain_finding(name, rule.kind, "unclear", UNCLEAR_ACTION[rule.missing], sentence, cell=cell)
    return plain_finding(name, rule.kind, "within", "deploy", f"{clause}.", cell=cell)


def _checked(report: ProviderReport) -> bool:
    check = report.spot_check
    return check is not None and check.asked > 0 and bool(check.power)


def _words(report: ProviderReport) -> str:
    word = {"refused": "refused", "partly": "accepted in part", "accepted": "accepted"}[report.result]
    check = report.spot_check
    return word if check is None else f"{word} ({check.agreed} of {check.asked} answers of a spot check agreed)"


def _asked(rule: ProviderVerification) -> str:
    return "one that was accepted" if rule.result_at_least == "accepted" else "one that was accepted at least in part"
