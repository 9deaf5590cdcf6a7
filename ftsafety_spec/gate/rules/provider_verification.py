"""R-52: a provider's own evaluation counts for what its verification found it to be worth. Every report has to reach
what the policy asks; one that was accepted without measuring anything again was not verified."""

from __future__ import annotations

from ftsafety_spec.gate.case import UNCLEAR_ACTION, Case, Judged
from ftsafety_spec.gate.rules.readings import Read, plain_finding, reports, said
from ftsafety_spec.records.provider_report import OUTCOMES, ProviderReport, provider_report_in
from ftsafety_spec.records.verdict import Finding
from ftsafety_spec.spec.evidence_rules import ProviderVerification


def judge(name: str, rule: ProviderVerification, case: Case) -> Judged:
    """One finding for each report; without one, one in the context `api`, where providers make them, else none."""
    read = reports(case, "provider_report", provider_report_in)
    if read:
        return Judged(tuple(_judge(name, rule, entry) for entry in read))
    if case.facts.context != "api":
        return Judged()
    sentence = "No evaluation by the provider was verified, so nothing of it counts."
    return Judged((plain_finding(name, rule.kind, "unclear", UNCLEAR_ACTION[rule.missing], sentence),))


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
