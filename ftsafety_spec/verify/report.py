"""What verification gives: one row for each thing that was looked at, and what a failure of it would mean."""

from __future__ import annotations

from dataclasses import dataclass

#: the start of a name to what a change of it means; the first that fits
MEANINGS: tuple[tuple[str, str], ...] = (
    ("table:texts", "the texts of prompts or answers are not those that were graded"),
    ("tables/texts", "the texts of prompts or answers are not those that were graded"),
    ("table:", "answers or grades are not those that were measured"),
    ("tables/", "answers or grades are not those that were measured"),
    ("redteam/sessions/", "a manual session is not the one that was held"),
    ("journal/", "the journal that the tables were made of was changed; the tables stand by themselves"),
    ("logs/", "an Inspect log was changed; the tables stand by themselves"),
    ("spec.lock.json", "the spec is not the one that was measured"),
    ("policy.lock.json", "the policy is not the one that judged"),
    ("plan.json", "the plan is not the one that was measured"),
    ("comparison", "the comparison does not follow from the answers and grades"),
    ("verdict.sigstore.json", "the keyless signature is not the one that was made"),
    ("verdict.intoto.jsonl", "the signed statement is not the one that was signed"),
    ("verification/", "a report by others, or the sample that was drawn of it, is not the one on record"),
    ("verdict", "the verdict does not follow from the evidence"),
    ("evidence", "what people contributed is not what the verdict was given on"),
    ("report", "a report says something else than what was written; the records decide"),
    ("certificate", "the measured error of a grader is not the one that was judged with"),
    ("policies/", "a verdict under another policy is not the one that was given"),
    ("manifest.json", "nothing says what this folder should hold"),
    ("signed: report", "the report is not the one that was signed; sign again, or take back the one that was"),
    ("signed: ", "the signature is about another state of this folder"),
    (
        "taken in: ",
        "a file that somebody signed says something else now; the evidence in the run holds what was signed",
    ),
    ("signature", "nobody who is trusted stands behind this verdict"),
)


@dataclass(frozen=True)
class Check:
    """One check: what was looked at, whether it holds, what was found, and what it means where it does not.
    `proves` false: nothing is wrong, and nothing is shown (no signature, an unknown key)."""

    name: str
    ok: bool
    detail: str
    means: str = ""
    proves: bool = True


@dataclass(frozen=True)
class VerifyReport:
    """All checks of a folder."""

    checks: tuple[Check, ...]

    @property
    def ok(self) -> bool:
        """True where there are checks and every one holds."""
        return bool(self.checks) and all(check.ok for check in self.checks)

    def failed(self) -> list[Check]:
        """The checks that do not hold."""
        return [check for check in self.checks if not check.ok]


def check(name: str, ok: bool, detail: str) -> Check:
    """A check with the meaning that belongs to its name."""
    means = next((text for start, text in MEANINGS if name.startswith(start)), "this is not what was recorded")
    return Check(name, ok, detail, means)
