"""All models of a project at a date: the latest run of each spec, judged anew from its records. Given folders, gives
rows; writes nothing. A run that cannot be judged is a row that says why, never left out."""

from __future__ import annotations

import json
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Literal

from ftsafety_spec.attest.envelope import FILE_NAME
from ftsafety_spec.errors import FtsafetyError, VerificationError
from ftsafety_spec.pipeline.signoff_files import edited
from ftsafety_spec.pipeline.stages import gate_run
from ftsafety_spec.records.folder import RunFolder
from ftsafety_spec.records.verdict import EXIT, Verdict
from ftsafety_spec.spec.common import Decision

State = Literal["judged", "not_compared", "cannot_be_read"]


@dataclass(frozen=True)
class Row:
    """One model. `changed`: its decision is another one today than when it was last judged (`was`); `owed`: open
    duties and missing evidence, in words; `edited`: files that were taken in as evidence and say something else now;
    `signed`: a signed verdict is there, which `ftsafety verify` checks."""

    spec: str
    title: str
    run: str
    state: State
    action: str | None = None
    decision: Decision | None = None
    was: Decision | None = None
    until: str | None = None
    owed: tuple[str, ...] = ()
    edited: tuple[str, ...] = ()
    signed: bool = False
    why: str | None = None
    older: int = 0

    @property
    def exit(self) -> int:
        """Exit status of this row: the verdict's; 3 where there is none, 5 where records cannot be trusted."""
        if self.state == "cannot_be_read":
            return 5
        return EXIT[self.decision] if self.decision is not None else 3


def status_of(paths: Iterable[Path], as_of: date) -> list[Row]:
    """One row for each spec, by its name: of its runs the one that was measured last."""
    found: dict[str, list[tuple[str, Path]]] = {}
    rows: list[Row] = []
    for path in sorted(paths):
        try:
            name = str(_plain(path / "spec.lock.json")["name"])
            found.setdefault(name, []).append((_made(path), path))
        except (OSError, ValueError, KeyError, TypeError, AttributeError):
            rows.append(_broken(path, "spec.lock.json cannot be read"))
    rows += [_row(name, max(runs)[1], len(runs) - 1, as_of) for name, runs in found.items()]
    return sorted(rows, key=lambda row: (row.spec, row.run))


def run_folders(paths: Iterable[Path]) -> list[Path]:
    """Run folders among these paths and right below them."""
    found: dict[Path, None] = {}
    for path in paths:
        inside = [path] if (path / "spec.lock.json").exists() else sorted(path.iterdir()) if path.is_dir() else []
        found.update({item: None for item in inside if (item / "spec.lock.json").exists()})
    return list(found)


def _plain(path: Path) -> dict[str, object]:
    data: dict[str, object] = json.loads(path.read_text(encoding="utf-8"))
    return data


def _made(path: Path) -> str:
    """When a run was measured last, else planned: moments compare as text."""
    moments = []
    for name, keys in (("comparison.json", ("measured_to",)), ("plan.json", ("meta", "made_at"))):
        try:
            value: object = _plain(path / name)
            for key in keys:
                value = value.get(key) if isinstance(value, dict) else None
            moments.append(str(value or ""))
        except (OSError, ValueError):
            moments.append("")
    return max(moments)


def _row(name: str, path: Path, older: int, as_of: date) -> Row:
    folder = RunFolder(path)
    title = str((_plain(path / "spec.lock.json").get("spec") or {}).get("title", name))  # type: ignore[attr-defined]
    try:
        before = folder.read(Verdict).decision if folder.has(Verdict) else None
        verdict = gate_run(folder, as_of=as_of, write=False)
    except VerificationError as error:
        return _broken(path, str(error).splitlines()[0], name)
    except FtsafetyError as error:
        return Row(name, title, str(path), "not_compared", why=error.problems[0].message, older=older)
    return Row(
        spec=name,
        title=title,
        run=str(path),
        state="judged",
        action=verdict.action,
        decision=verdict.decision,
        was=before if before != verdict.decision else None,
        until=verdict.expires,
        owed=_owed(verdict),
        edited=edited(folder),
        signed=(path / FILE_NAME).exists(),
        older=older,
    )


def _owed(verdict: Verdict) -> tuple[str, ...]:
    open_ = [f"{item.kind} by {item.people} × {item.by}" for item in verdict.obligations if item.state == "open"]
    counted = [text if (n := open_.count(text)) == 1 else f"{n} × {text}" for text in dict.fromkeys(open_)]
    return (*counted, *(f"{item.need} is missing" for item in verdict.missing))


def _broken(path: Path, why: str, name: str | None = None) -> Row:
    return Row(name or path.name, path.name, str(path), "cannot_be_read", why=why)
