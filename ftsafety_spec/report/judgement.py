"""How the policy judged: every rule's findings, the minimum evidence, what people owe, waivers. Given a view, gives
sections; never changes or leaves out a finding."""

from __future__ import annotations

from ftsafety_spec.records.verdict import Finding, Obligation
from ftsafety_spec.report import numbers, words
from ftsafety_spec.report.blocks import Block, Cell, Column, Mark, Section, Table, Text
from ftsafety_spec.report.marks import action_mark, result_mark
from ftsafety_spec.report.view import ReportView
from ftsafety_spec.spec.common import ACTIONS


def findings(view: ReportView) -> Section:
    """Every rule's reading, the most severe first."""
    verdict = view.verdict
    ranked = sorted(verdict.findings, key=lambda item: (-ACTIONS.index(item.action), item.result == "within"))
    decided = [item for item in ranked if item.action == verdict.action and item.result != "within"]
    lead = "The most severe finding decides; all are printed. A concern flags for people and never decides."
    columns = (Column("Rule"), Column("Result"), Column("Leads to"), Column("Finding"))
    rows = tuple(_finding_row(view, item, item in decided) for item in ranked)
    blocks: list[Block] = [Text(lead, "note"), Table("Findings of every rule", columns, rows, stack=True)]
    silent = [name for name, rule in view.policy.policy.rules.items() if rule and not _read(view, name)]
    if silent:
        blocks.append(Text(f"Rules of the policy without a finding: {', '.join(silent)}.", "note"))
    reasons = tuple(
        (name, rule.rationale or rule.description or "none given", rule.owner or view.policy.policy.owner)
        for name, rule in view.policy.policy.rules.items()
        if rule is not None
    )
    why = (Column("Rule"), Column("Why it is there"), Column("Owner"))
    blocks.append(Table("Why each rule is in the policy", why, reasons, fold=True, stack=True))
    return Section("findings", "How the policy read the evidence", tuple(blocks))


def _read(view: ReportView, rule: str) -> bool:
    return any(item.rule == rule for item in view.verdict.findings)


def _finding_row(view: ReportView, item: Finding, decided: bool) -> tuple[Cell, ...]:
    sentence = item.sentence
    if item.settles_with is not None:
        sentence += f" About {numbers.count(item.settles_with)} prompts would settle it."
    if item.waived_by is not None:
        sentence += f" Waived by {item.waived_by}."
    kind = words.RULE_KIND.get(item.kind, words.plain(item.kind))
    where = "" if item.variant is None or len(view.verdict.variants) < 2 else f" ({item.variant})"
    leads: Cell = (action_mark(item.action), "decided this") if decided else action_mark(item.action)
    if item.kind == "concern":
        leads = "review of the flag" if item.result == "flag" else "nothing"
    return (f"{item.rule}: {kind}{where}", result_mark(item), leads, sentence)


def minimum_evidence(view: ReportView) -> Section:
    """What the policy asks for at least, what was found, and how to get what is missing."""
    missing = {item.need: item for item in view.verdict.missing}
    rows: list[tuple[Cell, ...]] = []
    for item in view.verdict.missing:
        row = (
            words.need(item.need),
            Mark("missing", "insufficient"),
            numbers.words(item.asked),
            numbers.words(item.found),
        )
        rows.append((*row, item.how))
    same_policy = view.plan.policy == view.verdict.policy.digest
    for need in view.plan.evidence if same_policy else ():
        if need.need not in missing:  # the gate has judged: what it does not miss is met, whatever was planned
            found = numbers.words(need.planned) if need.met else "brought by people"
            rows.append((words.need(need.need), Mark("met", "ok"), numbers.words(need.asked), found, "–"))
    columns = (Column("Need"), Column("State"), Column("Asked"), Column("Found"), Column("How to get it"))
    if not rows:
        return Section("minimum", "Minimum evidence", (Text("This policy asks for no minimum evidence.", "warning"),))
    lead = (
        f"{numbers.plural(len(missing), 'need')} not met: nothing can be permitted on this evidence."
        if missing
        else "Every minimum of the policy is met."
    )
    return Section(
        "minimum", "Minimum evidence", (Text(lead), Table("Minimum evidence", columns, tuple(rows), stack=True))
    )


def obligations(view: ReportView) -> Section:
    """What people owe, or have given; how closely the model must be watched; waivers that were asked for."""
    verdict = view.verdict
    columns = (Column("What"), Column("State"), Column("Who"), Column("Detail"), Column("Due"))
    rows = tuple(_obligation_row(view, item) for item in verdict.obligations)
    blocks: list[Block] = [Table("Obligations", columns, rows, stack=True)] if rows else []
    if not rows:
        blocks.append(Text("Nobody owes anything under this policy."))
    if verdict.monitoring:
        level = view.policy.policy.monitoring.get(verdict.monitoring)  # type: ignore[call-overload]
        detail = f", canaries every {numbers.plural(level.canary_days, 'day')}" if level else ""
        blocks.append(Text(f"Monitoring after deployment: {verdict.monitoring}{detail}."))
    if view.locked.spec.waivers:
        blocks.append(_waivers(view))
    return Section("obligations", "What people owe", tuple(blocks))


def _obligation_row(view: ReportView, item: Obligation) -> tuple[Cell, ...]:
    people = ", ".join(view.policy.policy.roles.get(item.by, []))
    who = f"{numbers.count(item.people)} × {words.plain(item.by).lower()}" + (f" ({people})" if people else "")
    mark = Mark("met", "ok") if item.state == "met" else Mark("open", "open")
    return (words.OBLIGATION.get(item.kind, words.plain(item.kind)), mark, who, item.detail, item.due or "–")


def _waivers(view: ReportView) -> Table:
    used = {item.rule: item.waived_by for item in view.verdict.findings if item.waived_by}
    rows = tuple(
        (
            rule,
            Mark("approved", "ok") if rule in used else Mark("requested, does not count", "open"),
            waiver.reason,
            waiver.owner,
            waiver.expires.isoformat(),
        )
        for rule, waiver in view.locked.spec.waivers.items()
    )
    columns = (Column("Rule"), Column("State"), Column("Reason"), Column("Owner"), Column("Until"))
    return Table("Waivers that the spec asks for", columns, rows, stack=True)
