"""What changed between base and tuned. Given the tables of a run, gives a `Comparison` that knows no policy."""

from ftsafety_spec.compare.run import agreement_of, compare

__all__ = ["agreement_of", "compare"]
