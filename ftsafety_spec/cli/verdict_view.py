"""A verdict for a terminal: decision and action first, then why, what is owed, what is missing, what to try next.
Given a verdict and its folder, prints to stdout. Decides nothing."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from ftsafety_spec.cli.errors import shorter
from ftsafety_spec.cli.output import console
from ftsafety_spec.cli.text import one_line, value_text
from ftsafety_spec.records.verdict import Obligation, Verdict

if TYPE_CHECKING:
    from rich.console import Console

    from ftsafety_spec.records.folder import RunFolder

_WORDS = {"go": "GO", "pending": "PENDING", "no_go": "NO GO"}
_STYLES = {"go": "bold green", "pending": "bold yellow", "no_go": "bold red"}
_EVIDENCE = "ftsafety evidence {run} --help"
_CLEARS = {
    "human_review": "ftsafety review {run} --by NAME",
    "flagged_item": "ftsafety review {run} --by NAME",
    "risk_assessment": "ftsafety assess {run} --by NAME",
    "risk_acceptance": "ftsafety accept {run} --by NAME",
}
"""Kind of obligation to the command that meets it; any other kind is plain evidence."""
_BRINGS = {"session": "ftsafety redteam {run}", "triggers": _EVIDENCE, "weights": _EVIDENCE}
"""Kind of missing evidence to the command that brings it; more prompts come by the spec, not by a command."""
_ORDER = tuple(dict.fromkeys((*_BRINGS.values(), *_CLEARS.values())))
"""What is measured comes before what is signed for: evidence that comes later makes a signature void."""
_REASONS = 3
_MOST = 6


def print_verdict(verdict: Verdict, folder: RunFolder, reports: Sequence[Path]) -> None:
    """Print the whole of it; a few lines where all is well."""
    out = console()
    _head(out, verdict)
    reasons = [f"{number}. {reason}" for number, reason in enumerate(verdict.reasons, start=1)]
    _list(out, "Why", reasons, most=_REASONS)
    owed = [f"{item.kind} by {item.people} × {item.by}: {item.detail}" for item in _open(verdict)]
    _list(out, "Owed", owed)
    missing = [f"{m.need}: asked {value_text(m.asked)}, found {value_text(m.found)}. {m.how}" for m in verdict.missing]
    _list(out, "Missing", missing)
    _list(out, "Not measured", [f"{name}: {reason}" for name, reason in verdict.not_measured.items()])
    _list(out, "Overridden on the command line", list(verdict.overrides))
    _list(out, "Reports", [str(shorter(str(path.absolute()))) for path in reports])
    _list(out, "Next", next_commands(verdict, folder))


def next_commands(verdict: Verdict, folder: RunFolder) -> list[str]:
    """What to type next: why it was refused, then what clears each open obligation and missing kind of evidence."""
    run = str(shorter(str(folder.root.absolute())))
    owed = [] if verdict.decision == "go" else _clearing(verdict)
    compared = ["ftsafety compare {run}", "ftsafety explain {run}"] if verdict.decision == "no_go" else []
    return [command.format(run=run) for command in (*compared, *owed, "ftsafety verify {run}")]


def _clearing(verdict: Verdict) -> list[str]:
    named = [_CLEARS.get(item.kind, _EVIDENCE) for item in _open(verdict)]
    named += [_BRINGS[item.need] for item in verdict.missing if item.need in _BRINGS]
    return sorted(set(named), key=_ORDER.index)


def _head(out: Console, verdict: Verdict) -> None:
    from rich.text import Text

    line = Text()
    line.append(_WORDS[verdict.decision], style=_STYLES[verdict.decision])
    line.append(f"  action {verdict.action}  ")
    line.append(one_line(verdict.title, 200), style="bold")
    out.print(line, soft_wrap=True)
    policy = f"policy {one_line(verdict.policy.name)}@{verdict.policy.digest[:19]}"
    looser = len(verdict.policy.looser)
    notes = [policy, f"tier {verdict.facts.tier}", f"as of {verdict.as_of}"]
    if looser:
        notes.append(f"looser than the built-in policy in {looser} place{'s' if looser > 1 else ''}")
    if verdict.expires:
        notes.append(f"valid until {verdict.expires}")
    out.print(Text(" · ".join(notes), style="dim"), soft_wrap=True)
    if len(verdict.variants) > 1:
        out.print(Text(", ".join(f"{name}: {action}" for name, action in verdict.variants.items())), soft_wrap=True)


def _list(out: Console, title: str, lines: Sequence[str], most: int = _MOST) -> None:
    from rich.text import Text

    if not lines:
        return
    out.print(Text(f"\n{title}", style="bold"))
    for line in lines[:most]:
        out.print(Text(f"  {one_line(line)}"), soft_wrap=True)
    if len(lines) > most:
        out.print(Text(f"  … and {len(lines) - most} more in the report", style="dim"))


def _open(verdict: Verdict) -> list[Obligation]:
    return [item for item in verdict.obligations if item.state == "open"]
