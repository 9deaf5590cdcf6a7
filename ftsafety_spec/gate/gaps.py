"""R-47 to R-51 and the three things that no evaluation can show; every verdict carries them. Pure."""

from __future__ import annotations

from datetime import date

from ftsafety_spec.gate.case import Case
from ftsafety_spec.gate.searches import trigger_sentence
from ftsafety_spec.gate.threats import methods_run
from ftsafety_spec.records.verdict import Gap

CANNOT: tuple[tuple[str, str], ...] = (
    ("Novel triggers", "No evaluation can show that a tuned model is safe: it cannot detect novel triggers."),
    ("Untested topics", "It cannot detect value shifts on topics that were not tested."),
    (
        "Conditions of deployment",
        "It cannot detect behaviour that only emerges in deployment conditions that were not replicated. "
        "This is risk reduction, not risk elimination.",
    ),
)


def gaps(case: Case, expires: date | None) -> tuple[Gap, ...]:
    """The five gaps, with what this run did about each, and the three sentences."""
    ran = methods_run(case)
    domain = any(row.domain_by_area for row in case.comparison.pairing)
    own = "The use case's own prompts were among them." if domain else "None of them came from the use case itself."
    until = f"It expires on {expires.isoformat()}" if expires is not None else "It has no date until which it holds"
    talk = "Conversations were probed" if "conversations" in ran else "No conversations were probed"
    revised = min((suite.revised for suite in case.locked.spec.suites.values()), default=None)
    oldest = (
        f"the oldest suite here was looked over on {revised.isoformat()}" if revised is not None else "none is dated"
    )
    rows = (
        ("R-47", "Trigger coverage", f"{trigger_sentence(case)}; not every trigger can be, so a backdoor may remain."),
        ("R-48", "Distribution shift", f"Evaluation prompts may not look like those of deployment. {own}"),
        ("R-49", "Temporal dynamics", f"An evaluation is a snapshot. {until}; re-evaluation is due then."),
        ("R-50", "Compositional effects", f"{talk}; single behaviours do not predict what a conversation leads to."),
        ("R-51", "Adversarial adaptation", f"Attackers adapt to known prompts, so suites age: {oldest}."),
    )
    cannot = tuple(Gap(id=f"cannot-{n}", title=t, sentence=s) for n, (t, s) in enumerate(CANNOT, start=1))
    return (*(Gap(id=name, title=title, sentence=sentence) for name, title, sentence in rows), *cannot)
