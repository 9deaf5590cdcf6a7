"""Analyses of the weights of a planned run (R-55): each compared variant against its base, as evidence beside the run.
Given a run folder, gives what was analysed and what is not possible here, with the reason. Writes nothing twice."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass
from pathlib import Path

from ftsafety_spec import __version__
from ftsafety_spec.errors import InputError
from ftsafety_spec.pipeline.stages import add_evidence, project_of
from ftsafety_spec.providers.base import PROVIDERS, Request
from ftsafety_spec.providers.requests import requests_of
from ftsafety_spec.records.base import digest_of, now
from ftsafety_spec.records.evidence import By, Evidence
from ftsafety_spec.records.folder import RunFolder
from ftsafety_spec.records.locked import LockedSpec
from ftsafety_spec.records.plan import Plan
from ftsafety_spec.records.weights import WeightReport
from ftsafety_spec.weights.weigh import weigh

Note = Callable[[str], None]


@dataclass(frozen=True)
class Weighed:
    """Variant to its report, or to the reason why there is none. `added`: variants whose evidence is new."""

    reports: dict[str, WeightReport]
    not_possible: dict[str, str]
    added: tuple[str, ...]


def weigh_once(folder: RunFolder, note: Note) -> Weighed:
    """What `run` does: variants whose weights this very spec pins and that were looked at before are not read again,
    and files that cannot be read are said to be so; the run goes on without them."""
    subject = folder.read(Plan).spec
    pieces = [item.body for item in folder.evidence() if item.kind == "weights" and subject in item.subject]
    known = [body for body in pieces if "rank" in body.get("analyses", ())]
    before = frozenset(str(body.get("variant")) for body in known)
    weighed = Weighed({}, {}, ())
    for name, variant in folder.read(LockedSpec).variants.items():
        if variant.against is None or name in before:
            continue
        try:
            one = weigh_run(folder, note, only=(name,))
        except InputError as error:
            note(f"the weights of {name} are not compared: {error}")
            one = Weighed({}, {name: str(error)}, ())
        weighed = Weighed(
            weighed.reports | one.reports, weighed.not_possible | one.not_possible, weighed.added + one.added
        )
    return weighed


def weigh_run(
    folder: RunFolder, note: Note = lambda _: None, root: Path | None = None, only: Collection[str] = ()
) -> Weighed:
    """Analyse and append one piece of evidence for each variant, or for those of `only`. Raises InputError FTS-111,
    FTS-124."""
    locked, plan = folder.read(LockedSpec), folder.read(Plan)
    requests = requests_of(locked, root or project_of(folder).root)
    reports: dict[str, WeightReport] = {}
    reasons: dict[str, str] = {}
    for name, variant in locked.variants.items():
        if variant.against is None or (only and name not in only):
            continue
        reason = plan.not_possible.get(f"weights of {name}") or why_no_weights(
            requests[variant.against], requests[name]
        )
        if reason is not None:
            reasons[name] = reason
            continue
        note(f"comparing the weights of {name} with those of {variant.against}")
        reports[name] = weigh(requests[variant.against], requests[name])
    return Weighed(reports, reasons, append_new(folder, plan, reports))


def append_new(folder: RunFolder, plan: Plan, reports: Mapping[str, WeightReport]) -> tuple[str, ...]:
    """Append what the run does not hold yet; the variants that it is of."""
    known = {digest_of(item.body) for item in folder.evidence() if item.kind == "weights"}
    new = tuple(name for name, report in reports.items() if digest_of(report.body()) not in known)
    for name in new:
        add_evidence(folder, _evidence(plan, reports[name]))
    return new


def why_no_weights(base: Request, tuned: Request) -> str | None:
    """Why the weights of one of the two are out of reach; None where both are here."""
    for request in (base, tuned):
        found = PROVIDERS.get(request.definition.kind).capabilities(request)
        if not found.weights or request.entry.path is None:
            return found.why_not.get("weights", f"the provider kind {request.definition.kind} gives no weights")
    return None


def _evidence(plan: Plan, report: WeightReport) -> Evidence:
    return Evidence(
        kind="weights",
        subject=(plan.spec,),
        by=By(name=f"ftsafety-spec {__version__}", role="tool"),
        at=now(),
        body=report.body(),
    )
