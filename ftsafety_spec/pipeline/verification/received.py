"""A report as it came in, whatever its form: its record, the digest of what was received, who signed it. Given a path,
gives that, or an error with its place; a signature that does not hold is an error."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path
from typing import Any, Literal

from pydantic import ValidationError

from ftsafety_spec.attest.evaluation import Signer, read_signed_report
from ftsafety_spec.attest.trust import Trust
from ftsafety_spec.pipeline.verification.outside import bad, json_of, not_sound, text_of
from ftsafety_spec.records.base import sha256_file
from ftsafety_spec.records.evaluation_report import EvaluationReport

Form = Literal["report", "signed", "run", "inspect", "every-eval-ever", "csv"]
FORMS: tuple[Form, ...] = ("report", "signed", "run", "inspect", "every-eval-ever", "csv")


@dataclass(frozen=True)
class Reading:
    """How a report is read. `spec`, `policy`: names that a key's scope is held against; `form`: left out, by the file;
    `mapping`: of a CSV file; `base`: the file of base's results, where each model has its own; `outcomes`: name of a
    scorer or metric to an outcome, with `-` in front where it counts the other way round."""

    trust: Trust
    on: date
    spec: str = "*"
    policy: str = "*"
    form: Form | None = None
    mapping: Path | None = None
    base: Path | None = None
    outcomes: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class Received:
    """A report, where it came from and who signed it."""

    report: EvaluationReport
    path: Path
    form: Form
    signers: tuple[Signer, ...] = ()


def receive(path: Path, reading: Reading) -> Received:
    """Read a report of any form. Raises InputError FTS-111, FTS-139 and others by form, VerificationError FTS-152 where
    a signature does not hold, FTS-150 where a run does not verify."""
    form = reading.form or _form(path)
    if form == "run":
        from ftsafety_spec.pipeline.verification.own_run import from_run

        report, signers = from_run(path, reading.trust, reading.on)
        return Received(report.whole(), path, form, tuple(signers))
    if form == "signed":
        return _signed(path, reading)
    return Received(_unsigned(path, form, reading).whole(), path, form)


def sound(path: Path, data: Any, line: int | None = None) -> EvaluationReport:
    """A record of plain data, as its file has it. Raises InputError and SpecError FTS-139."""
    if not isinstance(data, dict):
        raise bad(path, "expected a mapping")
    try:
        return EvaluationReport.from_json(data)
    except ValidationError as error:
        raise not_sound(path, error, line) from error
    except (ValueError, TypeError) as error:
        raise bad(path, str(error).splitlines()[0][:200]) from error


def _signed(path: Path, reading: Reading) -> Received:
    try:
        report, signers = read_signed_report(path, reading.trust, reading.on, reading.spec, reading.policy)
    except ValidationError as error:
        raise not_sound(path, error) from error
    except (ValueError, TypeError) as error:
        raise bad(path, str(error).splitlines()[0][:200]) from error
    return Received(report.whole(), path, "signed", tuple(signers))


def _unsigned(path: Path, form: Form, reading: Reading) -> EvaluationReport:
    if form == "inspect":
        from ftsafety_spec.pipeline.verification.inspect_log import from_logs

        return from_logs(path, reading.base, reading.outcomes)
    if form == "every-eval-ever":
        from ftsafety_spec.pipeline.verification.every_eval import from_every_eval

        return from_every_eval(path, reading.base, reading.outcomes)
    if form == "csv":
        from ftsafety_spec.pipeline.verification.csv_file import from_csv

        return from_csv(path, reading.mapping)
    return sound(path, json_of(text_of(path), path))


def _form(path: Path) -> Form:
    """By the name, else by the first keys."""
    if path.is_dir():
        return "run"
    if path.suffix == ".eval":
        return "inspect"
    if path.suffix == ".csv":
        return "csv"
    data = json_of(text_of(path).split("\n", 1)[0] if path.suffix == ".jsonl" else text_of(path), path)
    if not isinstance(data, dict):
        raise bad(path, "expected a mapping")
    if "payload" in data and "signatures" in data:
        return "signed"
    return "every-eval-ever" if "evaluation_results" in data else "report"


def source_digest(path: Path) -> str | None:
    """Digest of a file that was read; None of a folder."""
    return sha256_file(path) if path.is_file() else None
