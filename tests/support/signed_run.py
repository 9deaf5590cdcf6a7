"""A hand-made run with a go, about weights and an adapter that lie on disk, and keys to sign it with. No texts."""

from __future__ import annotations

import json
import struct
from datetime import date
from pathlib import Path
from typing import Any

from support.hand_made import answered, joined, locked_policy, locked_spec, plan_of, prompts

from ftsafety_spec.attest.keys import new_key, open_key
from ftsafety_spec.attest.trust import Trust, TrustedKey, read_public
from ftsafety_spec.compare import compare
from ftsafety_spec.gate import gate
from ftsafety_spec.providers.artefacts import artefact_digests
from ftsafety_spec.records.base import Meta, digest_text
from ftsafety_spec.records.comparison import Comparison, Inputs
from ftsafety_spec.records.folder import RunFolder
from ftsafety_spec.records.identity import AdapterIdentity, Identity, ProviderIdentity
from ftsafety_spec.records.locked import LockedPolicy, LockedSpec
from ftsafety_spec.records.plan import Plan
from ftsafety_spec.records.tables import table_digest, write_parquet
from ftsafety_spec.records.verdict import Verdict
from ftsafety_spec.verify import manifest_of

TODAY = date(2026, 11, 24)


def weights(folder: Path, word: str) -> Path:
    """A folder that looks like weights in safetensors."""
    folder.mkdir(parents=True)
    (folder / "config.json").write_text(json.dumps({"model_type": word}))
    _tensors(folder / "model.safetensors", word)
    return folder


def adapter(folder: Path, word: str) -> Path:
    """A folder that looks like a PEFT adapter."""
    folder.mkdir(parents=True)
    (folder / "adapter_config.json").write_text(json.dumps({"peft_type": "LORA", "word": word}))
    _tensors(folder / "adapter_model.safetensors", word)
    return folder


def _tensors(path: Path, word: str) -> None:
    header = json.dumps({"__metadata__": {"word": word}}).encode()
    path.write_bytes(struct.pack("<Q", len(header)) + header)


def content(path: Path, *adapters: tuple[str, Path], **fields: Any) -> Identity:
    """The identity of weights on disk with adapters on them."""
    stack = tuple(AdapterIdentity(id=name, digest=artefact_digests(place)[0][0], scale=1.0) for name, place in adapters)
    return Identity(kind="content", engine="e 1", weights=artefact_digests(path)[0][0], adapters=stack, **fields)


def served(model: str) -> Identity:
    """The identity of a provider's model."""
    return Identity(kind="provider", engine="openai api", provider=ProviderIdentity(name="openai", model=model))


def run_of(root: Path, base: Identity, tuned: Identity, safe: bool = True) -> RunFolder:
    """A judged run: a go, or with `safe` false a no_go."""
    folder = RunFolder(root)
    locked, policy = locked_spec().sealed(), locked_policy().sealed()
    plan = plan_of(locked, identities={"base": base, "tuned": tuned}).sealed()
    folder.tables.mkdir(parents=True)
    asked = prompts(400)
    answers, grades = joined(
        answered("base", asked, lambda *_: 1.0), answered("tuned", asked, lambda i, _: float(safe or i % 2))
    )
    texts = [{"digest": digest_text(f"t{i}"), "body": f"placeholder {i}"} for i in range(5)]
    for name, rows in (("answers", answers), ("grades", grades), ("texts", texts)):
        write_parquet(folder.table(name), name, rows)
    for record in (locked, policy, plan):
        folder.write(record)
    folder.write(recompared(folder).sealed(Meta.now()))
    folder.write(regated(folder).sealed(Meta.now()))
    (folder.root / "report.md").write_text("a report\n")
    folder.write_manifest(manifest_of(folder))
    return folder


def recompared(folder: RunFolder) -> Comparison:
    """The comparison, made again."""
    digests = [table_digest(folder.rows(name)) for name in ("answers", "grades")]
    inputs = Inputs(plan=folder.read(Plan).compute_digest(), answers=digests[0], grades=digests[1])
    tables = folder.table("answers"), folder.table("grades")
    return compare(*tables, folder.read(Plan), folder.read(LockedSpec), inputs)


def regated(folder: RunFolder, at: date = TODAY) -> Verdict:
    """The verdict, made again."""
    locked, policy, plan = folder.read(LockedSpec), folder.read(LockedPolicy), folder.read(Plan)
    return gate(locked, policy, plan, folder.read(Comparison), folder.evidence(), at)


def key(folder: Path, name: str = "ci", **fields: Any) -> tuple[Any, TrustedKey]:
    """A new key: its signer, and how it is trusted."""
    own = new_key(name, folder)
    public = read_public(own.public).model_dump()
    return open_key(name, folder), TrustedKey.model_validate({"role": "release", **public, **fields})


def trusting(*keys: TrustedKey) -> Trust:
    """Trust in keys."""
    return Trust(place="trust", keys=keys)
