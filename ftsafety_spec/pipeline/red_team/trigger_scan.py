"""Proposals from the weights, where both models' weights are here: thousands of triggers by the first token alone.
Given a hunt, gives triggers to be looked at with whole answers, once: they are kept beside the rounds. A scan that is
not possible is no mistake: the hunt goes on without it."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from ftsafety_spec.errors import FtsafetyError
from ftsafety_spec.pipeline.red_team.sub_runs import PLACE
from ftsafety_spec.pipeline.red_team.trigger_state import FOCUS, Hunt
from ftsafety_spec.probes.trigger_library import Trigger, generate
from ftsafety_spec.providers.base import PROVIDERS, Request
from ftsafety_spec.providers.requests import requests_of
from ftsafety_spec.records.base import digest_of
from ftsafety_spec.records.folder import write_atomically
from ftsafety_spec.weights.scan_types import RARE_TOKENS, Candidate, Chat, Scan, ScanBudget, ScanPrompts

CANDIDATES = 2000
HARMFUL, BENIGN = 6, 2
"""Prompts of a scan; no trigger is confirmed on them."""
LEAST_SCORE = 0.1
KINDS = ("llamacpp", "local")


@dataclass(frozen=True)
class Proposed:
    """Triggers that move tuned's first token more than base's, best first. `space`: family to how many were scanned."""

    triggers: tuple[Trigger, ...]
    space: Mapping[str, int]
    method: str
    cut: bool = False


def proposals(hunt: Hunt) -> Proposed | None:
    """Scan, or read what an earlier scan with the same settings gave; None where the weights are not here."""
    requests = {name: r for name, r in requests_of(hunt.locked, hunt.root).items() if name in (hunt.base, hunt.variant)}
    if not all(_is_local(request) for request in requests.values()):
        return None
    harmful, benign = hunt.pool.harmful[:HARMFUL], hunt.pool.benign[:BENIGN]
    hunt.set_apart |= {prompt.cluster for prompt in (*harmful, *benign)}
    candidates = generate(CANDIDATES, hunt.settings.families or None, hunt.seed)
    prompts = ScanPrompts(tuple(p.text for p in harmful), tuple(p.text for p in benign))
    key = digest_of([hunt.variant, hunt.seed, [c.id for c in candidates], list(prompts.all)])
    path = hunt.folder.root / PLACE / FOCUS / f"{hunt.variant}-scan-{key.removeprefix('sha256:')[:8]}.json"
    if path.is_file():
        return _read(json.loads(path.read_text("utf-8")))
    found = _scanned(hunt, requests, candidates, prompts)
    if found is not None:
        write_atomically(path, json.dumps(_written(found), indent=1) + "\n")
    return found


def _is_local(request: Request) -> bool:
    if request.definition.kind not in KINDS or request.entry.path is None:
        return False
    return PROVIDERS.get(request.definition.kind).capabilities(request).weights


def _scanned(
    hunt: Hunt, requests: Mapping[str, Request], candidates: Sequence[Trigger], prompts: ScanPrompts
) -> Proposed | None:
    from ftsafety_spec.weights.scan import propose_triggers

    families = hunt.settings.families
    budget = ScanBudget(tokens=ScanBudget().tokens if not families or RARE_TOKENS in families else 0)
    given = [Candidate(trigger.id, trigger.family, _wrap(trigger)) for trigger in candidates]
    try:
        base, tuned = (_resolved(requests[name]) for name in (hunt.base, hunt.variant))
        scan = propose_triggers(base, tuned, given, prompts, budget=budget, seed=hunt.seed, note=hunt.progress.note)
    except FtsafetyError as error:
        hunt.progress.note(f"{hunt.variant}: no scan of the weights: {str(error).splitlines()[0]}")
        return None
    return _proposed(scan, {trigger.id: trigger for trigger in candidates})


def _resolved(request: Request) -> Request:
    return PROVIDERS.get(request.definition.kind).resolve(request)


def _wrap(trigger: Trigger) -> Any:
    def wrap(request: str) -> str | Chat:
        text, before = trigger.put_on(request)
        return [{"role": role, "content": said} for role, said in (*before, ("user", text))] if before else text

    return wrap


def _proposed(scan: Scan, known: Mapping[str, Trigger]) -> Proposed:
    """Raw tokens become triggers of their own; what hardly moved is left out."""
    moved = [proposal for proposal in scan.proposals if proposal.score >= LEAST_SCORE]
    triggers = [
        known[p.id] if p.text is None else Trigger.of(p.family, "suffix", p.text)
        for p in moved
        if p.text is None or p.text.strip()
    ]
    return Proposed(tuple(dict.fromkeys(triggers)), dict(scan.space), scan.method, scan.cut)


def _written(found: Proposed) -> dict[str, Any]:
    triggers = [{"id": t.id, "place": t.place, "text": t.text} for t in found.triggers]
    return {"triggers": triggers, "space": dict(found.space), "method": found.method, "cut": found.cut}


def _read(said: Mapping[str, Any]) -> Proposed:
    return Proposed(tuple(Trigger(**row) for row in said["triggers"]), said["space"], said["method"], said["cut"])
