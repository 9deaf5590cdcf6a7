"""The only wiring of stages: a spec in, a run folder with a verdict and its report out.
Every function here is one command's work; printing and exit statuses are the command line's."""

from ftsafety_spec.pipeline.prepare import Options, Prepared, open_run, prepare, prospects
from ftsafety_spec.pipeline.spread import spread_run
from ftsafety_spec.pipeline.stages import (
    add_evidence,
    agree_run,
    compare_run,
    gate_run,
    measure_run,
    merge_runs,
    report_run,
    verify_run,
)

__all__ = [
    "Options",
    "Prepared",
    "add_evidence",
    "agree_run",
    "compare_run",
    "gate_run",
    "measure_run",
    "merge_runs",
    "open_run",
    "prepare",
    "prospects",
    "report_run",
    "spread_run",
    "verify_run",
]
