"""One report from receipt to evidence: the checks in order, the spot check, the result. Given a planned run and a
report, gives what is appended to the run. Asks a model in the spot check only."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from datetime import date
from pathlib import Path

from ftsafety_spec import __version__
from ftsafety_spec.errors import VerificationError, Where
from ftsafety_spec.measure import Progress, Stop
from ftsafety_spec.pipeline.prepare import Options, Prepared, lock_folder, measurement_digest, prepare
from ftsafety_spec.pipeline.stages import add_evidence
from ftsafety_spec.pipeline.verification.drawing import commit
from ftsafety_spec.pipeline.verification.received import Received, source_digest
from ftsafety_spec.pipeline.verification.rerun import askable
from ftsafety_spec.pipeline.verification.spot_check import Spot, spot_check
from ftsafety_spec.pipeline.verification.wanting import Asked, asked_of
from ftsafety_spec.records.base import now
from ftsafety_spec.records.evaluation_report import EvaluationReport, Which
from ftsafety_spec.records.evidence import By, Evidence
from ftsafety_spec.records.folder import RunFolder
from ftsafety_spec.records.locked import LockedPolicy, LockedSpec
from ftsafety_spec.records.plan import Plan
from ftsafety_spec.records.provider_report import Covered, Looked, ProviderReport, SpotCheck
from ftsafety_spec.verify.reported.consistency import consistency
from ftsafety_spec.verify.reported.coverage import coverage, uncovered
from ftsafety_spec.verify.reported.decide import decide
from ftsafety_spec.verify.reported.fresh import freshness
from ftsafety_spec.verify.reported.graders import graders
from ftsafety_spec.verify.reported.index import Results
from ftsafety_spec.verify.reported.model import same_model
from ftsafety_spec.verify.reported.wanted import WantedPrompt

NOT_AGAIN = "cannot be asked again here"


@dataclass(frozen=True)
class Verified:
    """What came out. `left`: prompts that are still to be measured; `added`: it is new evidence of the run."""

    body: ProviderReport
    folder: RunFolder
    asked: Asked
    left: tuple[WantedPrompt, ...]
    added: bool


@dataclass
class _Looking:
    """What was looked at so far. `again`: what was measured again."""

    results: Results
    looked: list[Looked] = field(default_factory=list)
    check: SpotCheck | None = None


def run_for(spec: str, options: Options) -> Prepared:
    """The planned run of a spec that a report is taken in by. One that is there stays as it is: planning it anew would
    change the plan that its comparison was made of. Raises SpecError and InputError as `prepare` does."""
    prepared = prepare(spec, options, keep=True)
    folder = prepared.folder
    plan = folder.read(Plan)
    if measurement_digest(plan) != measurement_digest(prepared.plan):
        lock_folder(folder, prepared.locked, prepared.policy, prepared.plan)  # says what differs
    return replace(prepared, locked=folder.read(LockedSpec), policy=folder.read(LockedPolicy), plan=plan)


def check_report(
    prepared: Prepared,
    received: Received,
    variant: str,
    on: date,
    *,
    data: Path | None,
    spot: Spot | None,
    progress: Progress,
    stop: Stop,
) -> Verified:
    """Check a report about `variant`. `spot` None: nothing is measured again, and nothing is accepted. Raises
    VerificationError FTS-139 where the report is about another model, IncompleteError where the spot check was cut
    short, InputError and EngineError as measuring does."""
    asked = asked_of(prepared.locked, prepared.policy, prepared.plan, prepared.project.root, data, variant)
    looking = _look(received, asked, on, prepared)
    committed = commit(prepared.folder, received.report, variant, received.form, source_digest(received.path))
    if spot is not None and not any(item.state == "fails" for item in looking.looked):
        looking.check, found = spot_check(looking.results, prepared, committed, asked, spot, progress, stop)
        looking.looked += found
    decided = decide(looking.looked, _counted(looking, asked), looking.check, (spot or Spot()).power)
    valid = [signer.key.name for signer in received.signers if signer.state == "valid" and signer.key is not None]
    body = ProviderReport(
        result=decided.result,
        report=received.report.compute_digest(),
        by=received.report.made_by.name,
        variant=variant,
        signed_by=", ".join(valid) or None,
        measured_to=received.report.measured_to,
        looked=tuple(looking.looked),
        covered=decided.covered,
        spot_check=looking.check,
        lacks=decided.lacks,
    )
    added = _append(prepared, body, asked)
    return Verified(body, prepared.folder, asked, tuple(uncovered(looking.results)), added)


def _look(received: Received, asked: Asked, on: date, prepared: Prepared) -> _Looking:
    """Everything that needs no model."""
    report, wanted = received.report, asked.wanted
    same, why = same_model(report.model, wanted.tuned)
    if same == "other":
        raise VerificationError(
            f"{why}: it is none of {wanted.variant} of this spec.",
            code="FTS-139",
            where=Where(file=str(received.path)),
            hint="Nothing of it was taken in. `--variant` names another model of the spec.",
        )
    usable: set[Which] = {"tuned"}
    if report.base is None or same_model(report.base, wanted.base)[0] != "other":
        usable.add("base")
    looking = _Looking(Results(report, wanted, frozenset(usable)))
    looking.looked.append(Looked(check="schema", state="holds", sentence="The report is in the published form."))
    looking.looked.append(_signature(received))
    looking.looked.append(freshness(report, on, wanted.base_days))
    looking.looked.append(Looked(check="model", state="holds" if same == "same" else "unclear", sentence=_said(why)))
    looking.looked += _settings(report, prepared)
    looking.looked.append(graders(looking.results))
    looking.looked += consistency(report)
    return looking


def _counted(looking: _Looking, asked: Asked) -> list[Covered]:
    """Coverage. What no spot check here can look at counts for nothing, and is said."""
    can, results = askable(asked.tasks), looking.results
    closed = [
        f"{task.suite}.{task.task}"
        for task in results.wanted.tasks
        if any(p.key not in can and results.has("tuned", p.key) for p in results.wanted.of(task))
    ]
    if closed:
        sentence = f"Results of {', '.join(closed)} cannot be asked again by a spot check, and count for nothing."
        looking.looked.append(Looked(check="spot check", state="unclear", sentence=sentence))
    names = {f"task {name}" for name in closed}
    return [
        row.model_copy(update={"weight": 0.0, "note": NOT_AGAIN}) if row.need in names else row
        for row in coverage(results)
    ]


def _signature(received: Received) -> Looked:
    valid = [signer for signer in received.signers if signer.state == "valid"]
    if valid:
        return Looked(check="signature", state="holds", sentence=f"Signed by {'; '.join(s.why for s in valid)}.")
    why = "; ".join(signer.why for signer in received.signers) or "nobody signed it"
    return Looked(check="signature", state="unclear", sentence=f"No trusted signature: {why}.")


def _settings(report: EvaluationReport, prepared: Prepared) -> list[Looked]:
    """Settings that answers depend on, as far as the report names them."""
    own, odd = prepared.locked.spec.deployment.generation, []
    if report.temperature is not None and abs(report.temperature - own.temperature) > 1e-9:
        odd.append(f"temperature {report.temperature:g}, the spec deploys at {own.temperature:g}")
    if report.max_tokens is not None and report.max_tokens != own.max_tokens:
        odd.append(f"at most {report.max_tokens} tokens, the spec {own.max_tokens}")
    if not odd:
        return []
    return [Looked(check="settings", state="unclear", sentence=f"Other settings: {'; '.join(odd)}.")]


def _append(prepared: Prepared, body: ProviderReport, asked: Asked) -> bool:
    """Add it to the run, unless the very same is there."""
    subject = (asked.wanted.spec, asked.wanted.tuned.digest())
    plain = body.body()
    if any(item.kind == "provider_report" and item.body == plain for item in prepared.folder.evidence()):
        return False
    by = By(name=f"ftsafety-spec {__version__}", role="tool")
    add_evidence(prepared.folder, Evidence(kind="provider_report", subject=subject, by=by, at=now(), body=plain))
    return True


def _said(why: str) -> str:
    return f"{why[0].upper()}{why[1:]}."
