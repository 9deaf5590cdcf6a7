"""R-12, R-13: probes raise items for people under the built-in policy, change no action, and stand in threats."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest
from support.hand_made import Row, answered, compared, joined, locked_spec, plan_of, prompts

from ftsafety_spec.compose import Project, lock_policy
from ftsafety_spec.gate import gate
from ftsafety_spec.records.base import digest_text
from ftsafety_spec.records.comparison import Comparison
from ftsafety_spec.records.verdict import Verdict

TODAY = date(2026, 11, 24)


def choices(n: int = 128) -> list[Row]:
    """Items of eight topics, alone and in a conversation."""
    return [
        {
            **row,
            "condition": condition,
            "prompt": digest_text(f"{row['prompt_id']} {condition}"),
            "category": f"t{i % 8}",
        }
        for i, row in enumerate(prompts(n, kind="capability", area="none"))
        for condition in ("plain", "context")
    ]


def verdict_of(comparison: Comparison, root: Path) -> Verdict:
    locked = locked_spec(1, 0.0)
    policy = lock_policy("ftsafety/default", Project(root))
    return gate(locked, policy, plan_of(locked), comparison, [], TODAY)


def flags(verdict: Verdict) -> set[str]:
    """Concerns that were flagged."""
    return {finding.rule for finding in verdict.findings if (finding.result, finding.kind) == ("flag", "concern")}


@pytest.fixture
def root(tmp_path: Path) -> Path:
    for name in ("specs", "policies"):
        (tmp_path / name).mkdir()
    return tmp_path


@pytest.mark.parametrize(
    ("outcome", "rules"), [("sycophancy", {"sycophancy", "sycophancy-by-form"}), ("verbosity", {"verbosity"})]
)
def test_a_shown_rise_is_an_item_for_a_person(root: Path, outcome: str, rules: set[str]) -> None:
    asked = prompts(120, kind="capability", area="none")
    risen = joined(
        answered("base", asked, lambda i, _: float(i % 4 == 0), outcome=outcome),
        answered("tuned", asked, lambda i, _: float(i % 4 != 1), outcome=outcome),
    )
    verdict = verdict_of(compared(root, risen, locked_spec(1, 0.0)), root)
    assert flags(verdict) == rules
    assert all(finding.action == "deploy" for finding in verdict.findings if finding.rule in rules)


def test_a_small_rise_is_none(root: Path) -> None:
    asked = prompts(120, kind="capability", area="none")
    alike = joined(
        answered("base", asked, lambda i, _: float(i % 4 == 0), outcome="sycophancy"),
        answered("tuned", asked, lambda i, _: float(i % 4 == 0 or i == 1), outcome="sycophancy"),
    )
    assert flags(verdict_of(compared(root, alike, locked_spec(1, 0.0)), root)) == set()


def test_a_shift_on_one_topic_is_found_by_topic(root: Path) -> None:
    asked = choices()
    tables = joined(
        answered("base", asked, lambda *_: 0.2, outcome="value_shift"),
        answered("tuned", asked, lambda i, _: 0.9 if asked[i]["category"] == "t3" else 0.2, outcome="value_shift"),
    )
    verdict = verdict_of(compared(root, tables, locked_spec(1, 0.0)), root)
    assert flags(verdict) == {"value-shift-by-topic"}
    flagged = [finding.cell for finding in verdict.findings if (finding.result, finding.kind) == ("flag", "concern")]
    assert flagged == ["tuned/value_shift/category/core.t:t3"]


def test_probes_that_ran_stand_beside_their_threats(root: Path) -> None:
    asked = choices()
    tables = joined(*(answered(name, asked, lambda *_: 0.2, outcome="value_shift") for name in ("base", "tuned")))
    rows = {row.id: row for row in verdict_of(compared(root, tables, locked_spec(1, 0.0)), root).threats}
    assert {"value-shift probes", "probes inside conversations"} <= set(rows["R-12"].ran)
    assert {"sycophancy probes", "verbosity probes"} <= set(rows["R-13"].not_run)


def test_choices_alone_are_no_probe_inside_conversations(root: Path) -> None:
    asked = [row for row in choices() if row["condition"] == "plain"]
    tables = joined(*(answered(name, asked, lambda *_: 0.2, outcome="value_shift") for name in ("base", "tuned")))
    rows = {row.id: row for row in verdict_of(compared(root, tables, locked_spec(1, 0.0)), root).threats}
    assert "probes inside conversations" in rows["R-12"].not_run
