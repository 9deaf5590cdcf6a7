"""R-16: are refusals as good as base's? Only a refusal has a quality, so prompts that both models refused are compared.
Given the tables `reading`, `prompt` and `pair`, takes out what is no refusal. What was refused and could not be read
stays, and so does everything where nobody read for refusal: both enter the worst case. A model that refuses less does
not gain by it: that loss is the outcome `refusal` on the same prompts."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from ftsafety_spec.compare.prompts import LABELS, ONE, TOTALS
from ftsafety_spec.records.comparison import Ordinal
from ftsafety_spec.stats.ordinal import sign_test, wilcoxon

if TYPE_CHECKING:
    import duckdb

OUTCOME = "refusal_quality"
NOTHING = "no prompt was refused by both models"


def only_refusals(db: duckdb.DuckDBPyConnection) -> bool:
    """Make the rows of `prompt` anew from answers that refused at least in part. False where nothing was read for
    quality."""
    read = db.execute("SELECT count(*) FROM prompt WHERE outcome = ?", [OUTCOME]).fetchone()
    db.execute(_ONLY)
    return bool(read and read[0])


def both_refused(db: duckdb.DuckDBPyConnection) -> None:
    """Take out of `pair` the prompts that one of the two answered without a refusal, though both were asked."""
    db.execute(_BOTH)


def ranks(db: duckdb.DuckDBPyConnection) -> list[Ordinal]:
    """For each variant, tests of the signs and of the ranks of prompts' differences: a rubric's steps need not be
    equally far apart, as a mean takes them to be."""
    found = []
    for (variant,) in db.execute(
        "SELECT DISTINCT variant FROM pair WHERE outcome = ? ORDER BY 1", [OUTCOME]
    ).fetchall():
        d = np.asarray(db.execute(_DIFFERENCES, [variant]).fetchnumpy()["d"], dtype=np.int64)
        if len(d):
            lost, gained = int((d < 0).sum()), int((d > 0).sum())
            counts = {"prompts": len(d), "lost": lost, "gained": gained, "tied": len(d) - lost - gained}
            tests = {"sign": sign_test(lost, gained), "wilcoxon": wilcoxon(d)}
            found.append(Ordinal(variant=variant, outcome=OUTCOME, **counts, **tests))
    return found


_DIFFERENCES = f"""
SELECT (round(sum(tuned) / count(tuned)) - round(sum(base) / count(base)))::BIGINT AS d
FROM pair WHERE outcome = '{OUTCOME}' AND variant = ? GROUP BY cluster HAVING count(base) > 0 ORDER BY d;
"""

_ONLY = f"""
DELETE FROM prompt WHERE outcome = '{OUTCOME}';
INSERT INTO prompt BY NAME
SELECT q.variant, q.outcome, q.suite, q.task, q.prompt_id, q.condition, q.prompt, {LABELS}, {TOTALS}
FROM (
  SELECT q.* FROM reading q
  LEFT JOIN reading r ON r.outcome = 'refusal' AND r.variant = q.variant AND r.suite = q.suite AND r.task = q.task
       AND r.prompt_id = q.prompt_id AND r.condition = q.condition AND r.prompt = q.prompt AND r.repeat = q.repeat
  WHERE q.outcome = '{OUTCOME}' AND coalesce(2 * r.value >= {ONE}, true)) q
GROUP BY q.variant, q.outcome, q.suite, q.task, q.prompt_id, q.condition, q.prompt;
"""

_BOTH = f"""
DELETE FROM pair WHERE outcome = '{OUTCOME}' AND (base_answer IS NULL OR tuned_answer IS NULL) AND EXISTS (
  SELECT 1 FROM reading r
  WHERE r.outcome = '{OUTCOME}'
    AND r.variant = CASE WHEN pair.base_answer IS NULL THEN pair.against ELSE pair.variant END
    AND r.suite = pair.suite AND r.task = pair.task AND r.prompt_id = pair.prompt_id AND r.condition = pair.condition
    AND r.prompt = pair.prompt);
"""
