"""Where everything came from: digests, identities, prompt sets, graders, versions, overrides, what was declared.
Given a view, gives facts to compare letter by letter."""

from __future__ import annotations

from ftsafety_spec.records.claims import as_seen
from ftsafety_spec.records.identity import Identity
from ftsafety_spec.report import numbers, words
from ftsafety_spec.report.blocks import Block, Cell, Code, Column, Facts, Heading, Section, Table, Text
from ftsafety_spec.report.cascades import cascades
from ftsafety_spec.report.grader_models import grader_models
from ftsafety_spec.report.graders import graders
from ftsafety_spec.report.view import ReportView


def provenance(view: ReportView) -> Section:
    """The section on origins."""
    verdict, locked = view.verdict, view.locked
    facts: tuple[tuple[str, Cell], ...] = (
        ("Run folder", Code(view.folder_name)),
        ("Spec", (locked.name, Code(verdict.inputs.spec))),
        ("Policy", (verdict.policy.name, Code(verdict.policy.digest))),
        ("Policy extends", ", ".join(verdict.policy.extends) or "nothing"),
        ("Plan", Code(verdict.inputs.plan)),
        ("Comparison", Code(verdict.inputs.comparison)),
        ("Evidence of people", Code(verdict.inputs.evidence)),
        ("Verdict", Code(verdict.compute_digest())),
        ("Answers", Code(view.comparison.inputs.answers)),
        ("Grades", Code(view.comparison.inputs.grades)),
        ("Judged as of", verdict.as_of),
        ("Measured", _measured(view)),
        ("Overrides on the command line", ", ".join(verdict.overrides or locked.overrides) or "none"),
        ("Tools", ", ".join(f"{name} {version}" for name, version in locked.plugins.items()) or "not recorded"),
    )
    blocks: list[Block] = [Facts(facts), Heading("Who answered"), _identities(view)]
    if view.comparison.unequal:
        blocks.append(Text(f"Base and tuned were not asked alike: {', '.join(view.comparison.unequal)}.", "warning"))
    blocks += [_pairing(view), *graders(view), *grader_models(view), *cascades(view), _datasets(view)]
    blocks += [Heading("As declared, not checked"), _declared(view), _sources(view)]
    return Section("provenance", "Where this came from", tuple(blocks))


def _measured(view: ReportView) -> str:
    first, last = view.comparison.measured_from, view.comparison.measured_to or view.verdict.measured_at
    return f"{first} to {last}" if first and last else last or "unknown"


def _identities(view: ReportView) -> Table:
    columns = (Column("Variant"), Column("Proof"), Column("Weights and adapters"), Column("Engine"), Column("Template"))
    seen = {name: as_seen(item, view.canaries) for name, item in view.plan.identities.items()}
    rows = tuple((name, *_identity(item)) for name, item in seen.items())
    return Table("Identities", columns, rows, stack=True)


def _identity(item: Identity) -> tuple[Cell, ...]:
    proof = {
        "content": "hashed weights",
        "provider": "a provider's claim",
        "recorded": "recorded answers, as declared",
    }[item.kind]
    parts: list[str | Code] = [Code(numbers.short(digest)) for digest in (item.weights, item.recording) if digest]
    for adapter in item.adapters:
        parts += [f"+ {adapter.id} × {adapter.scale:g}", Code(numbers.short(adapter.digest))]
    if item.provider:
        claim = [item.provider.name, item.provider.model, item.provider.job, item.provider.checkpoint]
        parts.append(" ".join(part for part in claim if part))
        parts.append(f"fingerprint {item.provider.fingerprint or 'none given'}")
    engine = ", ".join(part for part in (item.engine, item.dtype, item.quantization) if part)
    template: Cell = (
        "chat",
        Code(numbers.short(item.chat_template)),
        "system prompt",
        Code(numbers.short(item.system_prompt)),
    )
    return (proof, tuple(parts) or "unknown", engine, template)


def _pairing(view: ReportView) -> Table:
    columns = (
        Column("Variant"),
        Column("Paired", numeric=True),
        Column("Only base", numeric=True),
        Column("Only tuned", numeric=True),
        Column("Left out"),
    )
    rows = tuple(
        (
            item.variant,
            numbers.count(item.paired),
            numbers.count(item.base_only),
            numbers.count(item.tuned_only),
            numbers.words(item.excluded),
        )
        for item in view.comparison.pairing
    )
    return Table("Prompts that both answered", columns, rows, stack=True)


def _datasets(view: ReportView) -> Table:
    columns = (Column("Prompts of"), Column("Prompts", numeric=True), Column("Digest"))
    rows = tuple(
        (f"{item.suite}.{item.task}", numbers.count(item.prompts), Code(item.digest)) for item in view.plan.datasets
    )
    return Table("Prompt sets", columns, rows, fold=True, stack=True)


def _declared(view: ReportView) -> Facts:
    spec, facts = view.locked.spec, view.verdict.facts
    training = spec.training
    data = ", ".join(f"{name} ({item.source})" for name, item in training.data.items())
    sources = ", ".join(f"{name} ({item.source})" for name, item in spec.adapters.items())
    risk = ", ".join(f"{words.plain(name).lower()}: {level}" for name, level in spec.risk.model_dump().items() if level)
    pairs: list[tuple[str, Cell]] = [
        ("Owner of the spec", spec.owner),
        ("Context", words.CONTEXT[facts.context]),
        ("Risk", f"tier {facts.tier}, {numbers.plural(facts.points, 'point')}; {risk or 'nothing declared'}"),
        ("Left out, counted at its highest", ", ".join(facts.undeclared) or "nothing"),
        ("Training method", training.method or "not declared"),
        ("Training data", data or "not declared"),
        ("Hyperparameters", numbers.words(training.hyperparameters) if training.hyperparameters else "not declared"),
        ("Sources of adapters", sources or "no adapters"),
        ("Generation", numbers.words(spec.deployment.generation.model_dump(exclude_none=True))),
        ("Answers to each prompt", numbers.count(spec.repeats)),
    ]
    return Facts(tuple(pairs))


def _sources(view: ReportView) -> Table:
    files = [(item.path, item.digest) for item in (*view.locked.sources, *view.policy.sources)]
    files += list(view.locked.files.items())
    rows = tuple((path, Code(digest)) for path, digest in dict(files).items())
    return Table("Files that took part", (Column("File"), Column("Digest")), rows, fold=True, stack=True)
