"""What will be asked, what it costs, and what it can show, before anything is spent."""

from ftsafety_spec.plan.build import make_plan

__all__ = ["make_plan"]
