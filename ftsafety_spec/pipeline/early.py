"""The stop rule of a run: at each planned look, compare and judge what was asked so far, and end what is settled.
Given a run folder, gives a `Watch` for measure. It ends a run for a block that is shown, or, past the minimum evidence,
for `deploy`; every deciding variant must be settled. The gate's own rules judge, at the level that the look may use."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from ftsafety_spec.compare import compare
from ftsafety_spec.gate import gate
from ftsafety_spec.measure import Directive
from ftsafety_spec.records.base import digest_text
from ftsafety_spec.records.comparison import Comparison, Inputs
from ftsafety_spec.records.folder import RunFolder
from ftsafety_spec.records.locked import LockedPolicy, LockedSpec
from ftsafety_spec.records.looks import Stopping
from ftsafety_spec.records.plan import Plan
from ftsafety_spec.records.verdict import Finding, Verdict
from ftsafety_spec.spec.effective import effective, facts_of
from ftsafety_spec.spec.policy import MinimumEvidence

JUDGED = ("bands", "ceiling", "floor")
"""Rule kinds that read rates; what the others ask for (people, ages) no further answer settles."""
MEASURED = ("broad", "paired", "domain", "triggers")
"""Minimum evidence that further answers meet."""


@dataclass(frozen=True)
class EarlyLooks:
    """The looks of a planned run."""

    folder: RunFolder
    locked: LockedSpec
    policy: LockedPolicy
    plan: Plan
    as_of: date

    @property
    def shares(self) -> Sequence[float]:
        """When to look."""
        return self._stopping.looks

    @property
    def _stopping(self) -> Stopping:
        assert self.plan.stopping is not None
        return self.plan.stopping

    def look(self, taken: Sequence[float]) -> Directive | None:
        """Judge the tables as they are now."""
        comparison = self._compared(tuple(taken))
        verdict = gate(self.locked, self.policy, self.plan, comparison, self.folder.evidence(), self.as_of)
        number, planned = len(taken), len(self.shares)
        where = f"at {100 * taken[-1]:.0f} % of the planned prompts (look {number} of {planned})"
        if self._blocked(verdict):
            return Directive("block", f"Stopped early {where}: a block is shown.")
        lacking = {need.need for need in verdict.missing} & set(MEASURED)
        if not self._deployable(verdict, comparison) or lacking - {"broad"}:
            return None
        whole = self._broad() if "broad" in lacking else ()
        if "broad" in lacking and not whole:
            return None
        more = f"; only {', '.join(whole)} is still asked whole, as the policy wants it" if whole else ""
        return Directive("deploy", f"Stopped early {where}: every rate is within the band of deploy{more}.", whole)

    def _compared(self, taken: tuple[float, ...]) -> Comparison:
        nothing = digest_text("a look is never written down")
        inputs = Inputs(plan=self.plan.compute_digest(), answers=nothing, grades=nothing)
        certificates = self.folder.certificates()
        answers, grades = self.folder.table("answers"), self.folder.table("grades")
        made = compare(answers, grades, self.plan, self.locked, inputs, certificates=certificates)
        return made.model_copy(update={"design": "group_sequential", "looks": taken})

    def _judged(self, verdict: Verdict, variant: str) -> list[Finding]:
        return [f for f in verdict.findings if f.kind in JUDGED and f.variant in (variant, None)]

    def _blocked(self, verdict: Verdict) -> bool:
        """Every deciding variant has a shown block, by rates, that no waiver sets aside."""

        def shown(finding: Finding) -> bool:
            return finding.result == "shown" and finding.action == "block" and finding.waived_by is None

        return all(any(shown(f) for f in self._judged(verdict, variant)) for variant in verdict.variants)

    def _deployable(self, verdict: Verdict, comparison: Comparison) -> bool:
        """Every rate is settled as deploy, on as many prompts as the policy wants before anything permissive."""
        settled = all(f.action == "deploy" for variant in verdict.variants for f in self._judged(verdict, variant))
        paired = [row.paired for row in comparison.pairing if row.variant in verdict.variants]
        return settled and min(paired, default=0) >= self._stopping.not_before

    def _broad(self) -> tuple[str, ...]:
        """The smallest planned benchmark that every minimum of the policy, as it holds for this spec, would take as a
        broad one, whole."""
        own = self.policy.policy
        held = effective(own, facts_of(self.locked.spec, own)).rules.values()
        asked = [rule.broad.any_of for rule in held if isinstance(rule, MinimumEvidence) and rule.broad is not None]
        found = [d for d in self.plan.datasets if asked and d.whole and _taken(d.benchmark, asked)]
        least = min(found, key=lambda dataset: dataset.prompts, default=None)
        return () if least is None else (f"{least.suite}.{least.task}",)


def _taken(benchmark: str | None, asked: Sequence[Sequence[str]]) -> bool:
    """True where `harmbench` of `ftsafety/harmbench` is named each time."""
    return all((benchmark or "").rsplit("/", 1)[-1] in names for names in asked)
