"""Measuring: given a plan, gives the tables of answers and grades. Asks models through Inspect, journals every answer
as it comes, asks nothing twice. Never prints, never judges."""

from ftsafety_spec.measure.looking import Directive, Watch
from ftsafety_spec.measure.merge import merge_shards
from ftsafety_spec.measure.progress import Measured, Progress, Stop, StopRequested
from ftsafety_spec.measure.run import measure

__all__ = ["Directive", "Measured", "Progress", "Stop", "StopRequested", "Watch", "measure", "merge_shards"]
