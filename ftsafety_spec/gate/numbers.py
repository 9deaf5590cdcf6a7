"""Numbers in somebody's evidence. Pure."""

from __future__ import annotations

import math
from typing import Any


def finite(value: Any) -> float:
    """A finite, positive number; anything else counts as nothing."""
    good = isinstance(value, int | float) and not isinstance(value, bool) and math.isfinite(value) and value > 0
    return float(value) if good else 0.0
