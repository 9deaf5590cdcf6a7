"""Activations and first tokens of a planned run's variants against their bases (R-55), as evidence beside the run.
Given a run folder, gives what was analysed and what is not possible here, with the reason. Writes nothing twice."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path

from ftsafety_spec.catalog.load import load_suites
from ftsafety_spec.errors import EngineError
from ftsafety_spec.pipeline.stages import project_of
from ftsafety_spec.pipeline.weighing import Weighed, append_new, why_no_weights
from ftsafety_spec.providers.base import PROVIDERS, Request
from ftsafety_spec.providers.requests import requests_of
from ftsafety_spec.records.folder import RunFolder
from ftsafety_spec.records.locked import LockedSpec
from ftsafety_spec.records.plan import Plan
from ftsafety_spec.records.weights import WeightReport
from ftsafety_spec.weights.activation_prompts import Prompts, choose_prompts
from ftsafety_spec.weights.activation_readings import read_variants
from ftsafety_spec.weights.activations import Reading, analyse

Note = Callable[[str], None]
PROMPTS = 128
"""Of each kind at most; half make directions and probes, half are held against them."""
KINDS = ("local", "llamacpp")


def read_activations(
    folder: RunFolder,
    *,
    data: Path | None,
    note: Note = lambda _: None,
    prompts: int = PROMPTS,
    root: Path | None = None,
) -> Weighed:
    """Analyse each variant that has a base, and append one piece of evidence for each. Raises InputError as loading the
    run's suites and weights does (FTS-104, 111, 112, 121, 122, 124)."""
    locked, plan, place = folder.read(LockedSpec), folder.read(Plan), root or project_of(folder).root
    requests = requests_of(locked, place)
    pairs = {name: v.against for name, v in locked.variants.items() if v.against is not None}
    reasons = {}
    for name, base in pairs.items():
        reason = plan.not_possible.get(f"weights of {name}") or _why_not(requests[base], requests[name])
        if reason is not None:
            reasons[name] = reason
    possible = {name: base for name, base in pairs.items() if name not in reasons}
    reports: dict[str, WeightReport] = {}
    if possible:
        tasks, _ = load_suites(locked, place, data)
        chosen = choose_prompts(tasks, prompts, locked.spec.seed)
        reports, more = _reports(possible, requests, chosen, note)
        reasons |= more
    return Weighed(reports, reasons, append_new(folder, plan, reports))


def _why_not(base: Request, tuned: Request) -> str | None:
    reason = why_no_weights(base, tuned)
    if reason is None and tuned.definition.kind not in KINDS:
        reason = f"the provider kind {tuned.definition.kind} lets nobody read a model's first tokens and layers"
    return reason


def _reports(
    pairs: Mapping[str, str], requests: Mapping[str, Request], prompts: Prompts, note: Note
) -> tuple[dict[str, WeightReport], dict[str, str]]:
    """Reports, and reasons for variants whose engine cannot load them or whose numbers cannot be compared."""
    wanted = dict.fromkeys(name for pair in pairs.items() for name in reversed(pair))
    resolved = {name: PROVIDERS.get(requests[name].definition.kind).resolve(requests[name]) for name in wanted}
    try:
        readings = read_variants(resolved, prompts, note)
    except EngineError as error:
        return {}, dict.fromkeys(pairs, str(error).splitlines()[0])
    reports, reasons = {}, {}
    for name, base in pairs.items():
        found = _report(name, readings[base], readings[name], prompts)
        if isinstance(found, str):
            reasons[name] = found
        else:
            reports[name] = found
            if readings[name].no_layers is not None:
                reasons[name] = f"layers: {readings[name].no_layers}"
    return reports, reasons


def _report(name: str, base: Reading, tuned: Reading, prompts: Prompts) -> WeightReport | str:
    try:
        return analyse(name, base, tuned, prompts)
    except ValueError as error:
        return str(error)
