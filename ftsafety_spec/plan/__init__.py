"""What will be asked, what it costs, and what it can show, before anything is spent."""

from ftsafety_spec.plan.build import jobs_of, make_plan
from ftsafety_spec.plan.prospects import make_prospects

__all__ = ["jobs_of", "make_plan", "make_prospects"]
