"""How answers look beside what they say: their length, and how many were cut off, base and tuned side by side.
Given the tables `answers` and `variant`, gives one row for each variant, kind of prompt and measure. Reads no text and
adjusts nothing: a longer answer may be a worse one, and that is for people to judge."""

from __future__ import annotations

import math
from fractions import Fraction
from typing import TYPE_CHECKING, Any

from ftsafety_spec.records.comparison import Style
from ftsafety_spec.stats.margin import critical

if TYPE_CHECKING:
    import duckdb

_UNIT = 10**6


def styles(db: duckdb.DuckDBPyConnection, level: float) -> list[Style]:
    """Over prompts that both answered, each once; answers that failed or were never asked have no length."""
    return [_style(row, level) for row in db.execute(_SQL).fetchall()]


def _style(row: tuple[Any, ...], level: float) -> Style:
    variant, against, kind, measure, *numbers = row
    n, base, tuned, squares = (int(number) for number in numbers)
    difference = Fraction(tuned - base, n * _UNIT)
    interval = None
    if n > 1:
        spread = float(Fraction(n * squares - (tuned - base) ** 2, n * (n - 1) * _UNIT * _UNIT))
        half = critical(n, (1 + level) / 2) * math.sqrt(spread / n)
        interval = (float(difference) - half, float(difference) + half)
    return Style(
        variant=variant,
        against=against,
        kind=kind,
        measure=measure,
        prompts=n,
        base=float(Fraction(base, n * _UNIT)),
        tuned=float(Fraction(tuned, n * _UNIT)),
        difference=float(difference),
        interval=interval,
    )


_SQL = f"""
WITH looked AS (
  SELECT variant, kind, cluster, 'tokens' AS measure, tokens_out AS x FROM answers
  WHERE channel = 'automated' AND state IN ('ok', 'truncated') AND tokens_out IS NOT NULL
  UNION ALL
  SELECT variant, kind, cluster, 'truncated', (state = 'truncated')::BIGINT FROM answers
  WHERE channel = 'automated' AND state IN ('ok', 'truncated')),
means AS (
  SELECT variant, kind, cluster, measure, (sum(x)::HUGEINT * {_UNIT} // count(*))::BIGINT AS mean
  FROM looked GROUP BY ALL)
SELECT v.id, v.against, t.kind, t.measure, count(*), sum(b.mean), sum(t.mean),
       sum((t.mean - b.mean)::HUGEINT * (t.mean - b.mean))
FROM variant v JOIN means t ON t.variant = v.id
JOIN means b ON b.variant = v.against AND b.kind = t.kind AND b.cluster = t.cluster AND b.measure = t.measure
GROUP BY ALL ORDER BY ALL;
"""
