"""Does a run folder still say what was found? Given a folder and the two stages to recompute, gives checks."""

from ftsafety_spec.verify.checks import Asked, verify
from ftsafety_spec.verify.manifest import manifest_of
from ftsafety_spec.verify.report import Check, VerifyReport, check

__all__ = ["Asked", "Check", "VerifyReport", "check", "manifest_of", "verify"]
