"""The one door to benchmark data: a folder of files as their makers published them, each pinned by sha256.
Given that folder and a `DataFile`, gives checked rows. Never hands on bytes that differ from what a card pins."""

from __future__ import annotations

import csv
import io
import os
from pathlib import Path

from ftsafety_spec.catalog.base import DataFile
from ftsafety_spec.errors import InputError, Where
from ftsafety_spec.records.base import digest_bytes

ENVIRONMENT = "FTSAFETY_DATA"


def data_folder(option: Path | None) -> Path | None:
    """The folder of benchmark data: the option, else the environment variable FTSAFETY_DATA, else None.
    Raises InputError FTS-111 where the named folder does not exist."""
    named = option if option is not None else os.environ.get(ENVIRONMENT) or None
    if named is None:
        return None
    folder = Path(named).expanduser()
    if not folder.is_dir():
        asked = "--data" if option is not None else ENVIRONMENT
        raise InputError(f"the folder of benchmark data {folder} ({asked}) does not exist.", code="FTS-111")
    return folder


def read_bytes(data: Path | None, file: DataFile) -> bytes:
    """The content of a data file, its sha256 checked.
    Raises InputError: FTS-121 where it is missing, FTS-122 where it is another content."""
    path = data / file.name if data is not None else None
    if path is None or not path.is_file():
        raise _missing(path, file)
    content = path.read_bytes()
    expected, found = f"sha256:{file.sha256.removeprefix('sha256:')}", digest_bytes(content)
    if found != expected:
        raise InputError(
            f"the content is not the pinned one: expected {expected}, found {found}.",
            code="FTS-122",
            where=Where(str(path)),
            hint=f"Take it unaltered from {file.source}.",
        )
    return content


def read_csv(data: Path | None, file: DataFile) -> list[dict[str, str]]:
    """The rows of a CSV file with a header, in file order. Raises as `read_bytes` does."""
    text = read_bytes(data, file).decode("utf-8-sig")
    return list(csv.DictReader(io.StringIO(text, newline="")))


def _missing(path: Path | None, file: DataFile) -> InputError:
    looked = f"not found at {path}" if path is not None else "no folder of benchmark data is named"
    return InputError(
        f"the benchmark data {file.name} is not at hand: {looked}.",
        code="FTS-121",
        hint=f"Give its folder by --data DIR or {ENVIRONMENT}; the file's home is {file.source}.",
    )
