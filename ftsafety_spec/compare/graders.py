"""Who read the answers, how often each left one unscored, what is known of its error, and how far a second grader
agrees. Given the tables `grades`, `answers` and `renamed`, gives one row for each outcome and primary grader."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from ftsafety_spec.compare.prompts import RENAMED
from ftsafety_spec.records.certificate import Certificate
from ftsafety_spec.records.comparison import GraderError, GraderReading
from ftsafety_spec.records.plan import GraderUse
from ftsafety_spec.stats.agreement import MISSING, agreement

if TYPE_CHECKING:
    import duckdb

MOST = 500
"""Answers on which two graders differ that a comparison names."""


def grader_readings(
    db: duckdb.DuckDBPyConnection,
    uses: Sequence[GraderUse] = (),
    certificates: Mapping[str, Certificate] = {},
    most: int | None = MOST,
    level: float = 0.95,
) -> list[GraderReading]:
    """`certificates`: digest to record, each that the plan's `uses` name. `most`: answers named on which two differ;
    None names all."""
    errors = {
        (RENAMED.get(use.outcome, use.outcome), use.identity): error_of(certificates[use.certificate], use.outcome)
        for use in uses
        if use.certificate is not None
    }
    return [_reading(db, row, errors, most, level) for row in db.execute(_GRADERS).fetchall()]


def error_of(certificate: Certificate, outcome: str) -> GraderError:
    """A certificate's figures, turned to the outcome's own direction."""
    high, low = certificate.rights(outcome)
    return GraderError(
        certificate=certificate.compute_digest(),
        sensitivity=high,
        specificity=low,
        kappa=certificate.scores.kappa,
        labelled=certificate.answers,
        out_of_fold=certificate.readings == "out_of_fold",
    )


def _reading(
    db: duckdb.DuckDBPyConnection,
    row: tuple[Any, ...],
    errors: Mapping[tuple[str, str], GraderError],
    most: int | None,
    level: float,
) -> GraderReading:
    outcome, primary, identity, graded, unscored, base, tuned, corrected = row
    error = errors.get((outcome, identity))
    db.execute(_BOTH, [outcome, identity])
    found = db.execute(_READINGS).fetchnumpy()
    agreed = agreement(_cut(found["first"]), _cut(found["other"]), found["cluster"], level)
    apart = [str(answer) for (answer,) in db.execute(_APART).fetchall()]
    return GraderReading(
        outcome=outcome,
        primary=primary,
        identity=identity,
        second=", ".join(name for (name,) in db.execute(_SECONDS).fetchall()) or None,
        graded=graded,
        unscored=unscored,
        both=agreed.n,
        agree=agreed.agree,
        kappa=agreed.kappa,
        kappa_interval=agreed.interval,
        differ=len(apart),
        disagree=tuple(apart[:most]),
        error=error,
        labelled_base=base,
        labelled_tuned=tuned,
        assumed_equal=error is not None and not corrected,
    )


def _cut(values: Any) -> NDArray[np.int64]:
    """Readings cut at 0.5; a null is `MISSING`."""
    numbers: NDArray[np.float64] = np.ma.filled(np.ma.asarray(values, dtype=float), np.nan)
    return np.where(np.isnan(numbers), MISSING, (numbers >= 0.5).astype(np.int64))


_GRADERS = """
WITH audited AS (SELECT DISTINCT raw, cheap_identity FROM cascade WHERE audit > 0)
SELECT coalesce(r.new, g.outcome) AS outcome, min(g.grader) AS grader, g.grader_identity, count(*),
       count(*) FILTER (WHERE g.state = 'unscored'), coalesce(max(d.base), 0), coalesce(max(d.tuned), 0),
       bool_or(a.raw IS NOT NULL)
FROM grades g LEFT JOIN renamed r ON r.old = g.outcome LEFT JOIN drawn_labels d ON d.raw = g.outcome
LEFT JOIN audited a ON a.raw = g.outcome AND a.cheap_identity = g.grader_identity WHERE g.role = 'primary'
GROUP BY coalesce(r.new, g.outcome), g.grader_identity ORDER BY 1, 2, 3;
"""

_BOTH = """
CREATE OR REPLACE TABLE read_twice AS
WITH prompt_of AS (SELECT answer, min(cluster) AS cluster FROM answers GROUP BY answer)
SELECT DISTINCT p.answer AS answer, a.cluster AS cluster, s.grader AS grader,
       CASE WHEN p.state = 'scored' AND p.value BETWEEN 0 AND 1 THEN p.value END AS first,
       CASE WHEN s.state = 'scored' AND s.value BETWEEN 0 AND 1 THEN s.value END AS other
FROM grades p JOIN grades s USING (answer, outcome) JOIN prompt_of a USING (answer)
LEFT JOIN renamed r ON r.old = p.outcome
WHERE p.role = 'primary' AND s.role = 'second' AND coalesce(r.new, p.outcome) = ? AND p.grader_identity = ?;
"""

#: in a fixed order, so that sums of floats are the same whatever the order of rows; a cluster as an integer
_READINGS = """
SELECT dense_rank() OVER (ORDER BY cluster) - 1 AS cluster, first, other FROM read_twice ORDER BY ALL;
"""

_APART = "SELECT answer FROM read_twice WHERE (first >= 0.5) <> (other >= 0.5) ORDER BY answer, cluster, grader;"
_SECONDS = "SELECT DISTINCT grader FROM read_twice ORDER BY grader;"
