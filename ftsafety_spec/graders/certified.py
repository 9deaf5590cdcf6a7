"""Which certificate is valid for a grader: the project's own (`certificates/`), else the one shipped beside the
grader's code (`certificates/NAME.json` of its folder). Given a grader, gives the record whose identity is the grader's,
or says why there is none. Never takes a certificate of another identity: its error would be another one."""

from __future__ import annotations

import inspect
import json
from collections.abc import Iterable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from pydantic import ValidationError

from ftsafety_spec.errors import VerificationError, Where
from ftsafety_spec.graders.base import Grader, NeedsModel
from ftsafety_spec.records.certificate import FAMILY, Certificate
from ftsafety_spec.records.plan import GraderUse

FOLDER = "certificates"


@dataclass(frozen=True)
class Certificates:
    """The certificates of a project, read once. `own`: those of its folder `certificates/`."""

    own: tuple[Certificate, ...] = ()
    _shipped: dict[Path, tuple[Certificate, ...]] = field(default_factory=dict)

    def of(self, grader: Grader | NeedsModel, outcome: str) -> Certificate | None:
        """The valid certificate of a grader for an outcome: the project's before the shipped one, then the latest."""
        if isinstance(grader, NeedsModel) or outcome not in FAMILY:
            return None
        wanted = (grader.identity(), FAMILY[outcome])
        for group in (self.own, self.shipped(grader)):
            found = [item for item in group if (item.identity, item.outcome) == wanted]
            if found:
                return max(found, key=lambda item: (item.made, item.compute_digest()))
        return None

    def any_of(self, grader: Grader | NeedsModel) -> list[Certificate]:
        """Each valid certificate of a grader, one an outcome."""
        found = (self.of(grader, outcome) for outcome in dict.fromkeys(FAMILY.values()))
        return [item for item in found if item is not None]

    def stale(self, grader: Grader | NeedsModel) -> bool:
        """True where there are certificates of the grader's name, and none of them is of its identity."""
        named = [item for item in (*self.own, *self.shipped(grader)) if item.grader == grader.name]
        return bool(named) and not self.any_of(grader)

    def by_digest(self, uses: Iterable[GraderUse]) -> dict[str, Certificate]:
        """Digest to certificate, of those that the uses of a plan name and that were found for it."""
        known = {item.compute_digest(): item for group in (self.own, *self._shipped.values()) for item in group}
        return {use.certificate: known[use.certificate] for use in uses if use.certificate in known}

    def shipped(self, grader: Grader | NeedsModel) -> tuple[Certificate, ...]:
        """Certificates that lie beside the grader's code."""
        path = shipped_path(grader)
        if path is None:
            return ()
        if path not in self._shipped:
            self._shipped[path] = (read_certificate(path),) if path.is_file() else ()
        return self._shipped[path]


def certificates_of(root: Path | None) -> Certificates:
    """The certificates of the project at `root`; of none, only shipped ones. Raises VerificationError FTS-150."""
    if root is None or not (root / FOLDER).is_dir():
        return Certificates()
    return Certificates(tuple(read_certificate(path) for path in sorted((root / FOLDER).rglob("*.json"))))


def read_certificate(path: Path) -> Certificate:
    """A certificate file. Raises VerificationError FTS-150 where it is none, or was changed after it was made."""
    try:
        certificate = Certificate.from_json(json.loads(path.read_text(encoding="utf-8")))
    except (OSError, ValueError, ValidationError, AttributeError, TypeError) as error:
        first = str(error).splitlines()[0]
        raise VerificationError(
            f"this certificate cannot be trusted: {first}.",
            where=Where(file=str(path)),
            hint="`ftsafety graders certify` makes it anew from the labels.",
        ) from error
    if certificate.digest is None:
        raise VerificationError("this certificate carries no digest.", where=Where(file=str(path)))
    return certificate


def certificate_text(certificate: Certificate) -> str:
    """The file's text: JSON, one figure a line, so that two certificates can be compared by eye."""
    return json.dumps(certificate.to_json(), indent=1, ensure_ascii=False, allow_nan=False) + "\n"


def shipped_path(grader: Any) -> Path | None:
    """Where a grader's shipped certificate lies, or would lie: `certificates/NAME.json` in the folder of its code;
    None for a grader that has no file (made in a notebook)."""
    try:
        code = Path(inspect.getfile(type(grader)))
    except (TypeError, OSError):
        return None
    return code.parent / FOLDER / f"{file_name(grader.name)}"


def file_name(grader: str) -> str:
    """`ftsafety/refusal` as `refusal.json`; another owner's name stays in the path."""
    return f"{grader.removeprefix('ftsafety/')}.json"
