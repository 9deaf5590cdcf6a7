"""What will be asked, what it costs, and what it can show, before anything is spent."""

from ftsafety_spec.plan.build import jobs_of, make_plan

__all__ = ["jobs_of", "make_plan"]
