"""Measuring: given a plan, gives the tables of answers and grades. Asks models through Inspect, journals every answer
as it comes, asks nothing twice. Never prints, never judges."""

from ftsafety_spec.measure.merge import merge_shards
from ftsafety_spec.measure.progress import Measured, Progress, Stop, StopRequested
from ftsafety_spec.measure.run import measure

__all__ = ["Measured", "Progress", "Stop", "StopRequested", "measure", "merge_shards"]
