"""The order of a report: given a view, gives its headline and sections, free of any format."""

from __future__ import annotations

from ftsafety_spec import __version__
from ftsafety_spec.report.activations import activations
from ftsafety_spec.report.blocks import Document
from ftsafety_spec.report.coverage import benchmarks, gaps, threats
from ftsafety_spec.report.examples import examples
from ftsafety_spec.report.headline import headline
from ftsafety_spec.report.judgement import findings, minimum_evidence, obligations
from ftsafety_spec.report.provenance import provenance
from ftsafety_spec.report.red_team import red_team
from ftsafety_spec.report.results import results
from ftsafety_spec.report.training import training
from ftsafety_spec.report.verification import verification
from ftsafety_spec.report.view import ReportView
from ftsafety_spec.report.weights import weights
from ftsafety_spec.report.words import RISK_REDUCTION

WHERE_MADE = (red_team, verification, training, weights, activations)
"""Sections on what only some runs have: None where a run has none of it."""


def document(view: ReportView) -> Document:
    """The whole report."""
    first = (results, findings, minimum_evidence, obligations, threats, gaps)
    then = (examples, benchmarks, provenance)
    asked = [section for section in (part(view) for part in WHERE_MADE) if section is not None]
    footer = (RISK_REDUCTION, f"ftsafety-spec {__version__}, run {view.folder_name}")
    sections = (*(part(view) for part in first), *asked, *(part(view) for part in then))
    return Document(headline(view), sections, footer)
