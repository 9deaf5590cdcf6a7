"""`ftsafety evidence`: add what a person or another system contributes to a run. Given a YAML or JSON file, appends
one record that is bound to this run; judging it is the gate's work."""

from __future__ import annotations

from datetime import date, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from ftsafety_spec.cli.group import help_of
from ftsafety_spec.cli.options import FILE, run_argument
from ftsafety_spec.cli.output import format_option, print_json
from ftsafety_spec.errors import InputError, Problem, SpecError, Where

if TYPE_CHECKING:
    from ftsafety_spec.records.evidence import Evidence
    from ftsafety_spec.records.folder import RunFolder

EXAMPLE = """\b
A file looks like this:
  kind: session                  # or review, risk_acceptance, …
  by: {name: ines@acme.example, role: safety_reviewer}
  body: {minutes: 35, focus: domain, prompts: 60}
"""


@click.command("evidence", help=f"{help_of('evidence')}\n\n{EXAMPLE}", short_help=help_of("evidence"))
@run_argument
@click.option("--file", "file", type=FILE, required=True, help="YAML or JSON of one piece of evidence.")
@format_option
def evidence_command(run: Path, file: Path, form: str) -> None:
    """Read, check, append."""
    from ftsafety_spec.pipeline import add_evidence, open_run

    folder = open_run(run)
    evidence = read_evidence(file, folder)
    add_evidence(folder, evidence)
    following = f"ftsafety gate {run}"
    if form == "json":
        print_json({"run": str(run), "evidence": evidence.to_json(), "next": following})
    else:
        print(f"added {evidence.kind} by {evidence.by.role}. Next: {following}")


def read_evidence(file: Path, folder: RunFolder) -> Evidence:
    """One piece of evidence; `at` and `subject` are filled in where left out. Raises SpecError."""
    from pydantic import ValidationError

    from ftsafety_spec.records.base import now
    from ftsafety_spec.records.evidence import Evidence

    data = _mapping(file)
    data.setdefault("at", now())
    data.setdefault("subject", subjects(folder, data.get("kind")))
    try:
        return Evidence.model_validate(data)
    except ValidationError as error:
        raise SpecError([_problem(file, item) for item in error.errors()]) from error


def subjects(folder: RunFolder, kind: object) -> list[str]:
    """What a piece of evidence is about: who judges results is bound to this very comparison, all else to the spec.
    Raises InputError FTS-130 where the run has not been compared."""
    from ftsafety_spec.records.comparison import Comparison
    from ftsafety_spec.records.evidence import OF_RESULTS
    from ftsafety_spec.records.plan import Plan

    if kind in OF_RESULTS:
        return [folder.read(Comparison).compute_digest()]
    return [folder.read(Plan).spec]


def _mapping(file: Path) -> dict[str, Any]:
    import yaml

    try:
        data = yaml.safe_load(file.read_text(encoding="utf-8"))
    except UnicodeDecodeError as error:
        raise InputError("not UTF-8.", code="FTS-100", where=Where(file=str(file))) from error
    except (yaml.YAMLError, RecursionError) as error:
        mark = getattr(error, "problem_mark", None)
        where = Where(str(file), mark.line + 1, mark.column + 1) if mark else Where(str(file))
        raise InputError("not well-formed YAML.", code="FTS-101", where=where) from error
    if not isinstance(data, dict):
        raise InputError("expected a mapping with kind, by and body.", where=Where(file=str(file)))
    plain: dict[str, Any] = _plain(data)
    return plain


def _plain(value: Any) -> Any:
    """YAML reads dates by itself; records hold them as text."""
    if isinstance(value, dict):
        return {str(key): _plain(item) for key, item in value.items()}
    if isinstance(value, list):
        return [_plain(item) for item in value]
    if isinstance(value, datetime):
        return value.strftime("%Y-%m-%dT%H:%M:%SZ")
    return f"{value.isoformat()}T00:00:00Z" if isinstance(value, date) else value


def _problem(file: Path, item: Any) -> Problem:
    key = ".".join(str(part) for part in item["loc"])
    code = {"missing": "FTS-107", "extra_forbidden": "FTS-105"}.get(item["type"], "FTS-106")
    return Problem(code, f"{item['msg']}.", Where(file=str(file), key=key))
