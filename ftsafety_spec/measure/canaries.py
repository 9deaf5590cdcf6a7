"""Does the same model still answer under a provider's name (R-53)? Given open models, asks each whose identity is a
provider's claim a few fixed prompts before anything else, holds names, fingerprints and answers against what the run
and the project saw before, and refuses to mix (FTS-135). Writes digests only."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

from ftsafety_spec.errors import InputError, Where
from ftsafety_spec.measure.progress import Progress
from ftsafety_spec.records.base import digest_text, now
from ftsafety_spec.records.canary import CanaryAnswers, another_model
from ftsafety_spec.records.folder import RunFolder
from ftsafety_spec.records.identity import Identity
from ftsafety_spec.records.journal import Journal, read_journal
from ftsafety_spec.records.store import Store

if TYPE_CHECKING:
    from inspect_ai.model import Model

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


async def check_claims(
    folder: RunFolder,
    store: Store,
    models: Mapping[str, Model],
    identities: Mapping[str, Identity],
    again: bool,
    progress: Progress,
    pay: Callable[[str, int, int], None],
) -> None:
    """Ask the canaries of these models and write down what came. `again`: answers from before are to be mixed with new
    ones; `pay` is told variant, tokens in, tokens out. Raises InputError FTS-135 where another model answers."""
    for variant, model in models.items():
        digest = identities[variant].digest()
        before = _known(folder, store, digest)
        try:
            seen = await _ask(model, digest, lambda *used, name=variant: pay(name, *used))
        except Exception as error:  # what fails here fails in the run itself, and is told there
            progress.note(f"{variant}: the fixed prompts were not answered ({type(error).__name__})")
            continue
        changes = another_model(before, seen) if again else ()
        if changes:
            raise _other(variant, changes, folder)
        row = seen.model_dump(mode="json")
        store.put_canaries(digest, row)
        with Journal(folder.journal / "canaries.jsonl", batch=1) as journal:
            journal.append(row)


def _known(folder: RunFolder, store: Store, digest: str) -> list[CanaryAnswers]:
    rows = [*store.canaries(digest), *read_journal(folder.journal / "canaries.jsonl")]
    return [CanaryAnswers.read(row) for row in rows if row.get("identity") == digest]


async def _ask(model: Model, digest: str, pay: Callable[[int, int], None]) -> CanaryAnswers:
    """Each prompt twice, at temperature 0, with what the provider calls itself in its replies."""
    from inspect_ai.model import GenerateConfig

    config = GenerateConfig(temperature=0.0, max_tokens=TOKENS)
    asked = [prompt for prompt in PROMPTS for _ in range(TIMES)]
    with _listening(model) as fingerprints:
        outputs = await asyncio.gather(*(model.generate(prompt, config=config) for prompt in asked))
    answers: dict[str, tuple[str, ...]] = {}
    for prompt, output in zip(asked, outputs, strict=True):
        key = digest_text(prompt)
        answers[key] = (*answers.get(key, ()), digest_text(output.completion))
        if output.usage is not None:
            pay(output.usage.input_tokens, output.usage.output_tokens)
    models = tuple(dict.fromkeys(output.model for output in outputs))
    return CanaryAnswers(identity=digest, at=now(), models=models, fingerprints=tuple(fingerprints), answers=answers)


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
            heard[found[:200]] = None
        return reply

    api.generate = listen
    try:
        yield heard
    finally:
        del api.generate


def _other(variant: str, changes: Sequence[str], folder: RunFolder) -> InputError:
    return InputError(
        f"another model answers for {variant} than before: {'; '.join(changes)}. Its answers are not mixed.",
        code="FTS-135",
        where=Where(file=str(folder.root), key=f"models.{variant}"),
        hint="`ftsafety run SPEC --forget --out NEW` asks all anew; a snapshot instead of an alias stays the same.",
    )
