"""May this very artefact be deployed on this date? From a verified statement, digests and a date. Pure.
What is not known, not judged, judged only together with something else, or out of date is not admitted."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import date

from ftsafety_spec.attest.statement import Hex, Judged, VerdictPredicate
from ftsafety_spec.records.base import Digest, Part
from ftsafety_spec.spec.common import Action, Decision
from ftsafety_spec.spec.rule_words import describe_watch


class Artefact(Part):
    """What somebody wants to deploy. `digests`: of a path, each that its bytes can have; none for a provider's model,
    which has a name only. `uncovered`: files of a folder that no digest covers."""

    given: str
    digests: tuple[Digest, ...] = ()
    uncovered: tuple[str, ...] = ()


class Signer(Part):
    """Whose signature counted."""

    name: str
    role: str
    keyid: Hex


class Admission(Part):
    """The answer. `conditions`: what was not checked here and still has to hold, on which the verdict rests."""

    admitted: bool
    at: date
    artefacts: tuple[Artefact, ...]
    variants: tuple[str, ...]
    decision: Decision
    action: Action
    expires: str | None
    verdict: Digest
    title: str
    signed_by: tuple[Signer, ...]
    reasons: tuple[str, ...]
    conditions: tuple[str, ...]


def admit(artefacts: Sequence[Artefact], signed: VerdictPredicate, signed_by: Sequence[Signer], at: date) -> Admission:
    """Judge artefacts that are to be deployed together by a statement whose signature was found valid."""
    deployed = [item for item in signed.judged if item.deploy]
    fitting = [item for item in deployed if _makes_up(artefacts, item)]
    reasons = [*_not_go(signed, at), *([] if fitting else _unfit(artefacts, signed.judged))]
    reasons += [] if artefacts else ["Nothing was named that could be admitted."]
    return Admission(
        admitted=not reasons,
        at=at,
        artefacts=tuple(artefacts),
        variants=tuple(item.id for item in fitting),
        decision=signed.decision,
        action=signed.action,
        expires=signed.expires,
        verdict=signed.verdict,
        title=signed.title,
        signed_by=tuple(signed_by),
        reasons=tuple(reasons),
        conditions=tuple(_conditions(artefacts, fitting, signed)) if fitting else (),
    )


def _not_go(signed: VerdictPredicate, at: date) -> Iterator[str]:
    if signed.decision != "go":
        open_ = f"; open: {', '.join(signed.open_obligations)}" if signed.open_obligations else ""
        yield f"The decision is {signed.decision} (action {signed.action}){open_}."
    day = date.fromisoformat(signed.as_of[:10])
    if at < day:
        yield f"The verdict was given on {day.isoformat()}, which is after {at.isoformat()}."
    if signed.expires is not None and at > date.fromisoformat(signed.expires[:10]):
        yield f"The verdict expired on {signed.expires}: measure again."


def _makes_up(artefacts: Sequence[Artefact], item: Judged) -> bool:
    """All of them belong to the stack, and all that makes it what it is is among them: its adapters, or where there
    are none, its weights or the provider's model."""
    identity = item.identity
    adapters = {adapter.digest for adapter in identity.adapters}
    if not artefacts or not all(_belongs(artefact, item) for artefact in artefacts):
        return False
    given = {digest for artefact in artefacts for digest in artefact.digests}
    return adapters <= given if adapters else True


def _belongs(artefact: Artefact, item: Judged) -> bool:
    identity = item.identity
    if identity.kind == "recorded":
        return False
    if identity.provider is not None and not artefact.digests:
        return artefact.given in (identity.provider.model, f"{identity.provider.name}/{identity.provider.model}")
    known = {identity.weights, *(adapter.digest for adapter in identity.adapters)}
    return not known.isdisjoint(artefact.digests)


def _unfit(artefacts: Sequence[Artefact], judged: Sequence[Judged]) -> Iterator[str]:
    """Why artefacts are no stack that was judged: each stranger by itself, else what is wrong with all together."""
    if any(item.deploy and item.identity.kind == "recorded" for item in judged):
        yield "The verdict is about recorded answers: nothing shows which weights gave them."
        return
    strangers = [item for item in artefacts if not any(_belongs(item, known) for known in judged)]
    for item in strangers:
        seen = f" ({item.digests[0]})" if item.digests else ""
        yield f"{item.given}{seen} is not what this verdict is about."
    if strangers or not artefacts:
        return
    given = " with ".join(item.given for item in artefacts)
    names = [known for known in judged if any(_belongs(item, known) for item in artefacts)]
    if any(known.deploy for known in names):
        yield f"{given} alone was not judged: {'; '.join(_stack(item) for item in names)}."
    else:
        yield f"{given} was measured as {names[0].id}, which is not to be deployed: {_stack(names[0])}."


def _stack(item: Judged) -> str:
    adapters = " + ".join(f"{part.id} × {part.scale:g}" for part in item.identity.adapters)
    what = f"weights + {adapters}" if adapters else "weights"
    return f"{item.id} is {what}, {'to be deployed' if item.deploy else 'not to be deployed'}"


def _conditions(artefacts: Sequence[Artefact], fitting: Sequence[Judged], signed: VerdictPredicate) -> Iterator[str]:
    given = {digest for artefact in artefacts for digest in artefact.digests}
    for item in fitting:
        identity = item.identity
        scales = ", ".join(f"{part.id} at {part.scale:g}" for part in identity.adapters)
        if scales:
            yield f"{item.id}: adapters {scales}"
        if identity.weights is not None and identity.weights not in given:
            yield f"{item.id}: on the base weights {identity.weights}, which were not looked at here"
        if identity.provider is not None:
            yield f"{item.id}: the provider's name {identity.provider.model} is a claim; no bytes were seen"
        for what, found in (("system prompt", identity.system_prompt), ("chat template", identity.chat_template)):
            yield f"{item.id}: {what} {found or 'none'}"
        yield f"{item.id}: engine {identity.engine}" + (f", {identity.dtype}" if identity.dtype else "")
    for artefact in artefacts:
        if artefact.uncovered:
            yield f"{artefact.given}: no digest covers {', '.join(artefact.uncovered)}"
    if signed.monitoring is not None:
        yield f"monitoring: {describe_watch(signed.monitoring, signed.watch)}"
