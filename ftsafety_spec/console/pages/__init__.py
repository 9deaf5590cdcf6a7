"""The pages, one file each."""

from ftsafety_spec.console.pages.explain import router as explain
from ftsafety_spec.console.pages.pairs import router as pairs
from ftsafety_spec.console.pages.policies import router as policies
from ftsafety_spec.console.pages.review import router as review
from ftsafety_spec.console.pages.run import router as run
from ftsafety_spec.console.pages.runs import router as runs

ROUTERS = (runs, run, pairs, review, explain, policies)
"""Every page of the console."""
