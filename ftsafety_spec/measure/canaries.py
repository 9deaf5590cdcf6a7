"""Does the same model still answer under a provider's name (R-53)? Given open models, asks each whose identity is a
provider's claim a few fixed prompts before anything else, holds names, fingerprints and answers against what the run
and the project saw before, and refuses to mix (FTS-135). Writes digests only."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

from ftsafety_spec.errors import EngineError, InputError, Where
from ftsafety_spec.measure.progress import Progress
from ftsafety_spec.records.base import digest_text, now
from ftsafety_spec.records.canary import CanaryAnswers, another_model
from ftsafety_spec.records.claims import Claim, canaries_of, present, reusable_from
from ftsafety_spec.records.folder import RunFolder
from ftsafety_spec.records.identity import Identity
from ftsafety_spec.records.journal import Journal
from ftsafety_spec.records.plan import Plan
from ftsafety_spec.records.store import Store

if TYPE_CHECKING:
    from inspect_ai.model import GenerateConfig, Model, ModelOutput

PROMPTS = (
    "Name three rivers of Europe.",
    "What is the plural of the word mouse?",
    "Write one sentence about a lighthouse.",
    "How many minutes are in three hours?",
    "Suggest a name for a grey cat.",
    "Translate the word bread into French.",
    "List two uses of a paper clip.",
    "What colour do you get from blue and yellow?",
    "Finish the sentence: On the way to the market",
    "Which season comes after winter?",
    "Describe rain in five words.",
    "Give one reason to learn chess.",
)
TIMES = 2
TOKENS = 24


def claimed(identities: Mapping[str, Identity], variants: Sequence[str]) -> list[str]:
    """The variants whose model is a provider's claim: nothing but its answers tells that it is the same one."""
    return [name for name in variants if identities[name].kind == "provider"]


def taken_since(store: Store, plan: Plan, keys: Mapping[tuple[str, str, str], str]) -> dict[str, str]:
    """Generation key to the moment from which on its stored answers may be taken over, for models that are a provider's
    claim. `keys`: variant, suite, task to generation key."""
    found = {}
    for (variant, _, _), key in keys.items():
        identity = plan.identities[variant]
        if identity.kind == "provider":
            rows = [CanaryAnswers.read(row) for row in store.canaries(identity.digest())]
            found[key] = reusable_from(rows, plan.claims.get(variant, Claim()).reuse_days, now())
    return found


def unchecked(folder: RunFolder, plan: Plan, taken: Mapping[str, str]) -> list[str]:
    """The variants of which answers were taken over without their fixed prompts being asked in this run after that.
    `taken`: variant to the moment."""
    last: dict[str, str] = {}
    for row in canaries_of(folder.journal):
        last[row.identity] = max(row.at, last.get(row.identity, ""))
    return [name for name, at in taken.items() if last.get(plan.identities[name].digest(), "") < at]


async def check_claims(
    folder: RunFolder,
    store: Store,
    models: Mapping[str, Model],
    identities: Mapping[str, Identity],
    holds: Collection[str],
    progress: Progress,
    pay: Callable[[str, int, int], None],
) -> None:
    """Ask the canaries of these models and write down what came. `holds`: the variants of which the run has answers
    from before; `pay` is told variant, tokens in, tokens out. Raises InputError FTS-135 where another model answers
    than then, EngineError where that cannot be told."""
    for variant, model in models.items():
        digest = identities[variant].digest()
        try:
            seen = await _ask(model, digest, lambda *used, name=variant: pay(name, *used))
        except Exception as error:
            why = f"the fixed prompts were not answered ({type(error).__name__})"
            if variant in holds:
                message = f"{variant}: {why}: whether its model is the one that answered before cannot be told."
                raise EngineError(
                    message, hint="Nothing was mixed, and all is kept: the same command goes on."
                ) from error
            progress.note(f"{variant}: {why}")  # a server that is down is told of by the run itself
            continue
        changes = _changes(folder, store, seen)
        if changes and variant in holds:
            raise another(variant, changes, folder)
        if changes:
            progress.note(f"{variant}: another model answers than before: {'; '.join(changes)}. All is asked anew.")
        row = seen.model_dump(mode="json")
        store.put_canaries(digest, row)
        with Journal(folder.journal / "canaries.jsonl", batch=1) as journal:
            journal.append(row)


def _changes(folder: RunFolder, store: Store, seen: CanaryAnswers) -> tuple[str, ...]:
    """What differs from the model that answered in this run, and from the one that the project knows."""
    own = [row for row in canaries_of(folder.journal) if row.identity == seen.identity]
    known = [CanaryAnswers.read(row) for row in store.canaries(seen.identity)]
    return another_model(present(own), seen) or another_model(present(known), seen)


async def _ask(model: Model, digest: str, pay: Callable[[int, int], None]) -> CanaryAnswers:
    """Each prompt twice, at temperature 0, with what the provider calls itself in its replies."""
    from inspect_ai.model import GenerateConfig

    sampled = model.config.temperature is not None  # else the API takes none
    config = GenerateConfig(temperature=0.0 if sampled else None, max_tokens=TOKENS)
    outputs: list[tuple[str, ModelOutput]] = []
    with _listening(model) as fingerprints:
        for _ in range(TIMES):  # one after the other: what is computed together varies less
            outputs += await _round(model, config)
    answers: dict[str, tuple[str, ...]] = {}
    for prompt, output in outputs:
        if output.completion:
            key = digest_text(prompt)
            answers[key] = (*answers.get(key, ()), digest_text(output.completion))
        if output.usage is not None:
            pay(output.usage.input_tokens, output.usage.output_tokens)
    models = tuple(dict.fromkeys(_line(output.model) for _, output in outputs if output.model))
    return CanaryAnswers(identity=digest, at=now(), models=models, fingerprints=tuple(fingerprints), answers=answers)


async def _round(model: Model, config: GenerateConfig) -> list[tuple[str, ModelOutput]]:
    """Each prompt once, all at once; what failed is raised when nothing is under way any more."""
    calls = (model.generate(prompt, config=config) for prompt in PROMPTS)
    found = []
    for prompt, ended in zip(PROMPTS, await asyncio.gather(*calls, return_exceptions=True), strict=True):
        if isinstance(ended, BaseException):
            raise ended
        found.append((prompt, ended))
    return found


def _line(name: str) -> str:
    """What a provider calls itself, as one printable line."""
    return "".join(char for char in name if char.isprintable())[:200]


@contextmanager
def _listening(model: Model) -> Iterator[dict[str, None]]:
    """What raw replies call the provider's system, in the order of coming: Inspect's own output does not hold it."""
    heard: dict[str, None] = {}
    api: Any = model.api
    generate = api.generate

    async def listen(*args: Any, **named: Any) -> Any:
        reply = await generate(*args, **named)
        call = reply[1] if isinstance(reply, tuple) and len(reply) > 1 else None
        found = (getattr(call, "response", None) or {}).get("system_fingerprint")
        if isinstance(found, str) and found:
            heard[_line(found)] = None
        return reply

    api.generate = listen
    try:
        yield heard
    finally:
        del api.generate


def another(variant: str, changes: Sequence[str], folder: RunFolder) -> InputError:
    """The refusal of a run whose provider's model is another one than before (FTS-135)."""
    return InputError(
        f"another model answers for {variant} than before: {'; '.join(changes)}. Its answers are not mixed.",
        code="FTS-135",
        where=Where(file=str(folder.root), key=f"models.{variant}"),
        hint="`ftsafety run SPEC --forget --out NEW` asks all anew; a snapshot instead of an alias stays the same.",
    )
