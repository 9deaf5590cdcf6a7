"""Holds for every test: nothing is read from, or written to, the user's own cache of benchmark data."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Iterator

import pytest
from hypothesis import settings


@pytest.fixture(scope="session", autouse=True)
def _own_cache() -> Iterator[None]:
    """An empty cache for all tests; a test that fills one names its own."""
    with tempfile.TemporaryDirectory(prefix="ftsafety-cache-") as folder, pytest.MonkeyPatch.context() as patch:
        patch.setitem(os.environ, "FTSAFETY_CACHE", folder)
        yield


settings.register_profile("no deadline", deadline=None)  # a machine that does other work is no failure
settings.load_profile("no deadline")
