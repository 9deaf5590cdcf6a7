"""How the policy judged: every rule's findings, the minimum evidence, what people owe, waivers. Given a view, gives
sections; never changes or leaves out a finding."""

from __future__ import annotations

from ftsafety_spec.records.verdict import Finding, Obligation
from ftsafety_spec.report import numbers, words
from ftsafety_spec.report.blocks import Block, Cell, Column, Mark, Section, Table, Text
from ftsafety_spec.report.marks import action_mark, result_mark
from ftsafety_spec.report.view import ReportView
from ftsafety_spec.spec.common import ACTIONS
from ftsafety_spec.spec.rule_words import describe_watch


def findings(view: ReportView) -> Section:
    """Every rule's reading: what asks for something first, the rest folded."""
    verdict = view.verdict
    ranked = sorted(verdict.findings, key=lambda item: (-ACTIONS.index(item.action), item.result == "within"))
    asking = [item for item in ranked if _asks(item)]
    quiet = [item for item in ranked if not _asks(item)]
    lead = "The most severe finding decides; all are printed. A concern flags for people and never decides."
    columns = (Column("Rule"), Column("Result"), Column("Leads to"), Column("Finding"))
    blocks: list[Block] = [Text(lead, "note")]
    if asking:
        rows = tuple(_finding_row(view, item) for item in asking)
        blocks.append(Table("Findings that ask for something", columns, rows, stack=True))
    else:
        blocks.append(Text("No rule asks for anything."))
    rows = tuple(_finding_row(view, item) for item in quiet)
    blocks.append(Table("Findings that ask for nothing", columns, rows, fold=True, stack=True))
    silent = [name for name, rule in view.policy.policy.rules.items() if rule and not _read(view, name)]
    if silent:
        blocks.append(Text(f"Rules of the policy without a finding: {', '.join(silent)}.", "note"))
    return Section("findings", "How the policy read the evidence", (*blocks, _reasons_of_rules(view)))


def _asks(item: Finding) -> bool:
    """True where a finding changes the action, flags something, or was set aside by people."""
    return item.action != "deploy" or item.result in ("flag", "shown") or item.waived_by is not None


def _reasons_of_rules(view: ReportView) -> Table:
    rows = tuple(
        (name, rule.rationale or rule.description or "none given", rule.owner or view.policy.policy.owner)
        for name, rule in view.policy.policy.rules.items()
        if rule is not None
    )
    columns = (Column("Rule"), Column("Why it is there"), Column("Owner"))
    return Table("Why each rule is in the policy", columns, rows, fold=True, stack=True)


def _read(view: ReportView, rule: str) -> bool:
    return any(item.rule == rule for item in view.verdict.findings)


def _finding_row(view: ReportView, item: Finding) -> tuple[Cell, ...]:
    sentence = item.sentence[:1].upper() + item.sentence[1:]
    if item.settles_with is not None and "would settle it" not in sentence:
        sentence += f" About {numbers.count(item.settles_with)} prompts would settle it."
    if item.waived_by is not None:
        sentence += f" Waived by {item.waived_by}."
    kind = words.RULE_KIND.get(item.kind, words.plain(item.kind))
    several = len({other.variant for other in view.verdict.findings if other.variant}) > 1
    where = f", {item.variant}" if item.variant and several else ""
    return (f"{item.rule}{where}: {kind}", result_mark(item), _leads(view, item), sentence)


def _leads(view: ReportView, item: Finding) -> Cell:
    if item.kind == "concern":
        return "review of the flag" if item.result == "flag" else "nothing"
    if item.waived_by is not None:
        return "nothing: waived"
    decided = item.action == view.verdict.action and _asks(item) and item.variant in (*view.verdict.variants, None)
    return (action_mark(item.action), "decided this") if decided else action_mark(item.action)


def minimum_evidence(view: ReportView) -> Section:
    """What the policy asks for at least, what was found, and how to get what is missing."""
    missing = {item.need: item for item in view.verdict.missing}
    rows: list[tuple[Cell, ...]] = []
    for item in view.verdict.missing:
        row = (
            words.need(item.need),
            Mark("missing", "insufficient"),
            _amount(item.need, item.asked),
            _amount(item.need, item.found),
        )
        rows.append((*row, item.how))
    same_policy = view.plan.policy == view.verdict.policy.digest
    for need in view.plan.evidence if same_policy else ():
        if need.need not in missing:  # the gate has judged: what it does not miss is met, whatever was planned
            found = _amount(need.need, need.planned) if need.met else "brought by people"
            rows.append((words.need(need.need), Mark("met", "ok"), _amount(need.need, need.asked), found, "–"))
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


def _amount(need: str, value: object) -> str:
    """A need's quantity in words; a session is counted in minutes."""
    minutes = need == "session" and isinstance(value, int | float)
    return f"{numbers.words(value)} minutes" if minutes else numbers.words(value)


def obligations(view: ReportView) -> Section:
    """What people owe, or have given; how closely the model must be watched; waivers that were asked for."""
    verdict = view.verdict
    columns = (Column("What"), Column("State"), Column("Who"), Column("Detail"), Column("Due"))
    rows = tuple(_obligation_row(view, item) for item in verdict.obligations)
    blocks: list[Block] = [Table("Obligations", columns, rows, stack=True)] if rows else []
    if not rows:
        blocks.append(Text("Nobody owes anything under this policy."))
    if verdict.monitoring:
        blocks.append(Text(f"Monitoring after deployment: {describe_watch(verdict.monitoring, verdict.watch)}."))
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
