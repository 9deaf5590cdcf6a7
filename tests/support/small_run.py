"""A small project, its locked spec, plan and run folder, without composition: what measuring needs and no more."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path
from typing import Any

from ftsafety_spec.catalog.load import load_suites
from ftsafety_spec.graders.panel import Panel
from ftsafety_spec.graders.uses import grader_uses
from ftsafety_spec.measure import Measured, Stop, measure
from ftsafety_spec.providers.requests import generation_key_of, requests_of
from ftsafety_spec.records.folder import RunFolder
from ftsafety_spec.records.locked import LockedSpec, Variant
from ftsafety_spec.records.plan import Dataset, Estimate, Job, Plan
from ftsafety_spec.records.tables import table_digest
from ftsafety_spec.spec.policy import PolicyFacts
from ftsafety_spec.spec.provider import Provider
from ftsafety_spec.spec.spec import Spec

AREAS = ("fraud", "cyber", "violence")
KINDS = ("harmful", "harmful", "borderline", "benign")


@dataclass
class Quiet:
    """A progress display that keeps what it was told."""

    total: int = -1
    cached: int = -1
    seen: int = 0
    readings: int = 0
    ended: int = 0
    notes: list[str] = field(default_factory=list)

    def started(self, total_calls: int, cached: int) -> None:
        self.total, self.cached = total_calls, cached

    def answered(self, variant: str, task: str, tokens: int, usd: float | None, seconds: float) -> None:  # noqa: ARG002
        self.seen += 1

    def graded(self, n: int) -> None:
        self.readings += n

    def note(self, message: str) -> None:
        self.notes.append(message)

    def finished(self) -> None:
        self.ended += 1


@dataclass
class Project:
    """A user's project on disk: `prompts` placeholder prompts in one task of one suite."""

    root: Path
    prompts: int = 12
    repeats: int = 1
    temperature: float = 0.0
    seed: int = 7
    adapters: tuple[str, ...] = ("tone",)
    system_prompt: str | None = None
    budget: dict[str, Any] = field(default_factory=dict)
    tasks: dict[str, Any] | None = None
    graders: dict[str, Any] = field(default_factory=dict)
    base: dict[str, Any] = field(default_factory=lambda: {"path": "base.gguf"})
    tuned: dict[str, Any] | None = None
    kind: str = "llamacpp"
    provider: dict[str, Any] = field(default_factory=dict)
    salt: str = ""
    panel: Panel = field(default_factory=Panel)

    def write_prompts(self) -> None:
        rows = [
            {
                "id": f"p{n}",
                "prompt": f"Placeholder request number {n}{self.salt}.",
                "area": AREAS[n % 3],
                "kind": KINDS[n % 4],
                "category": "placeholder",
            }
            for n in range(self.prompts)
        ]
        (self.root / "prompts.jsonl").write_text("".join(json.dumps(row) + "\n" for row in rows))

    def locked(self) -> LockedSpec:
        self.root.mkdir(parents=True, exist_ok=True)
        self.write_prompts()
        if self.system_prompt is not None:
            (self.root / "system.txt").write_text(self.system_prompt)
        stack = dict.fromkeys(self.adapters, 1.0)
        tuned = self.tuned or {"of": "base", "adapters": stack}
        spec = Spec.model_validate(
            {
                "title": "small",
                "owner": "o",
                "policy": "p",
                "models": {"base": {"provider": "own", **self.base}, "tuned": {**tuned, "deploy": True}},
                "adapters": {name: {"path": f"adapters/{name}", "source": "internal"} for name in self.adapters},
                "deployment": {
                    "system_prompt": "system.txt" if self.system_prompt is not None else None,
                    "generation": {"temperature": self.temperature, "max_tokens": 64},
                },
                "suites": {
                    "own": {
                        "title": "own",
                        "revised": date(2026, 11, 1),
                        "use": "domain",
                        "graders": self.graders,
                        "tasks": self.tasks or {"asked": {"prompts": "prompts.jsonl"}},
                    }
                },
                "repeats": self.repeats,
                "seed": self.seed,
                "budget": self.budget,
            }
        )
        own = self.tuned is not None and "of" not in self.tuned
        variants = {
            "base": Variant(id="base", role="base", against=None, model="base", adapters={}, deploy=False),
            "tuned": Variant(
                id="tuned",
                role="tuned",
                against="base",
                model="tuned" if own else "base",
                adapters={} if own else stack,
                deploy=True,
            ),
        }
        provider = Provider.model_validate({"title": "own", "kind": self.kind, **self.provider})
        return LockedSpec(name="small", spec=spec, providers={"own": provider}, variants=variants)

    def plan(self, locked: LockedSpec, adapter: Any) -> Plan:
        tasks, _ = load_suites(locked, self.root, None)
        identities = {name: adapter.identify(request) for name, request in requests_of(locked, self.root).items()}
        zero = "sha256:" + "0" * 64
        return Plan(
            spec=locked.compute_digest(),
            policy=zero,
            facts=PolicyFacts(tier="low", points=0, undeclared=[], context="adapter", adapter_source="internal"),
            identities=identities,
            graders=tuple(grader_uses(locked, tasks, self.panel)),
            datasets=tuple(
                Dataset(
                    suite=task.suite,
                    task=task.task,
                    benchmark=None,
                    digest=task.digest,
                    licence=None,
                    prompts=len(task.prompts),
                    whole=True,
                    by_area={},
                    by_kind={},
                )
                for task in tasks
            ),
            jobs=tuple(
                Job(
                    variant=name,
                    suite=task.suite,
                    task=task.task,
                    prompts=len(task.prompts),
                    repeats=self.repeats,
                    generation_key=generation_key_of(identities[name], locked, task),
                    cached=0,
                    calls=0,
                    tokens_in=0,
                    tokens_out=0,
                    usd=None,
                    seconds=None,
                )
                for name in locked.variants
                for task in tasks
            ),
            order_seed=self.seed,
            estimate=Estimate(calls=0, cached=0, tokens_in=0, tokens_out=0, usd=None, seconds=None),
        )

    def run(self, adapter: Any, name: str = "run", **options: Any) -> tuple[Measured, RunFolder, Quiet]:
        """Plan and measure into `runs/<name>`."""
        from support.fake_provider import registry_of

        locked = self.locked()
        folder = RunFolder(self.root / "runs" / name)
        folder.write(locked.sealed())
        plan = self.plan(locked, adapter).sealed()
        folder.write(plan)
        quiet = options.pop("progress", None) or Quiet()
        stop = options.pop("stop", None) or Stop()
        providers = options.pop("providers", None) or registry_of(adapter)
        measured = measure(
            folder,
            locked,
            plan,
            self.root,
            None,
            progress=quiet,
            stop=stop,
            providers=providers,
            **{"panel": self.panel, **options},
        )
        return measured, folder, quiet


def digests(folder: RunFolder) -> dict[str, str]:
    """Digest of each table."""
    return {name: table_digest(folder.rows(name)) for name in ("answers", "grades", "texts")}
