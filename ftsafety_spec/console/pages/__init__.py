"""The pages, one file each."""

from ftsafety_spec.console.pages.explain import router as explain_pages
from ftsafety_spec.console.pages.pairs import router as pairs_pages
from ftsafety_spec.console.pages.policies import router as policies_pages
from ftsafety_spec.console.pages.redteam import router as redteam_pages
from ftsafety_spec.console.pages.review import router as review_pages
from ftsafety_spec.console.pages.run import router as run_pages
from ftsafety_spec.console.pages.runs import router as runs_pages

ROUTERS = (runs_pages, run_pages, pairs_pages, review_pages, redteam_pages, explain_pages, policies_pages)
"""Every page of the console."""
