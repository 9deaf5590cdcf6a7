"""Optional engines: are they here, and in which version? Never imports them."""

from __future__ import annotations

from importlib.metadata import PackageNotFoundError, version

from ftsafety_spec.errors import InputError


def version_of(distribution: str, extra: str) -> str:
    """The installed version of an optional part. Raises InputError FTS-120 naming the extra that brings it."""
    try:
        return version(distribution)
    except PackageNotFoundError:
        raise InputError(
            f"{distribution} is not installed.",
            code="FTS-120",
            hint=f"pip install 'ftsafety-spec[{extra}]'",
        ) from None
