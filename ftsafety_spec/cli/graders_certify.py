"""The work of `ftsafety graders certify`: labels in, a certificate out, progress to stderr. Given a grader's name and a
file of labels, gives the record and writes it where it will be found."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING

from ftsafety_spec.cli.options import today
from ftsafety_spec.cli.output import note
from ftsafety_spec.errors import InputError

if TYPE_CHECKING:
    from ftsafety_spec.graders.base import Grader
    from ftsafety_spec.graders.certify import Circumstances
    from ftsafety_spec.graders.labels import Label
    from ftsafety_spec.graders.panel import Panel
    from ftsafety_spec.records.certificate import Certificate


def certified(name: str, labels: Path, spec: str | None, source: str | None) -> Certificate:
    """Read the labels, let the grader read the answers, count. Raises InputError and SpecError."""
    from ftsafety_spec.graders.certify import Circumstances
    from ftsafety_spec.graders.labels import read_labels

    panel = panel_with(spec)
    grader = panel.get(name)
    rows = read_labels(labels)
    return asyncio.run(_certified(panel, grader, rows, Circumstances(today().isoformat(), source or labels.name)))


async def _certified(panel: Panel, grader: Grader, rows: Sequence[Label], how: Circumstances) -> Certificate:
    from ftsafety_spec.graders.certify import certify

    try:
        return await certify(grader, rows, how, said=lambda done: _said(done, len(rows)))
    finally:
        await panel.close()


def panel_with(spec: str | None) -> Panel:
    """The graders that can be named: registered ones, and with a spec those that it gives a model."""
    from ftsafety_spec.graders.panel import Panel

    if spec is None:
        return Panel()
    from ftsafety_spec.compose import find_project, lock_spec
    from ftsafety_spec.pipeline.grader_models import panel_of

    root = find_project(Path(spec) if Path(spec).exists() else Path.cwd()).root
    return panel_of(lock_spec(spec, ()), root)


def written(certificate: Certificate, out: Path | None) -> Path | None:
    """Write the certificate to `out`, else into the project's `certificates/`; None (and a note) outside of one."""
    from ftsafety_spec.graders.certified import FOLDER, certificate_text
    from ftsafety_spec.records.folder import write_atomically

    root = project_root()
    if out is None and root is not None:
        out = root / FOLDER / f"{certificate.grader}.{certificate.outcome}.json"
    if out is None:
        note("not written: this is no project; name a file with --out")
        return None
    write_atomically(out, certificate_text(certificate))
    note(f"wrote {out}")
    return out


def project_root() -> Path | None:
    """The project around the working folder, if there is one."""
    from ftsafety_spec.compose import find_project

    with suppress(InputError):
        return find_project(Path.cwd()).root
    return None


def _said(done: int, total: int) -> None:
    if done == total or done % 512 == 0:
        note(f"read {done} of {total} answers")
