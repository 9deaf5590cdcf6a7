"""vLLM with LoRA adapters, asked through Inspect: one base in memory, each adapter or stack beside it.
Given requests on Inspect's provider `vllm`, gives the folder that vLLM loads for each and the arguments that its server
needs for all of them. Starts nothing."""

from __future__ import annotations

import json
import os
import shutil
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from ftsafety_spec.providers.base import Request
from ftsafety_spec.providers.digests import cache_folder
from ftsafety_spec.providers.stacked_lora import next_rank, write_stack
from ftsafety_spec.providers.weights import PEFT_FILES, adapter_identity, read_stack
from ftsafety_spec.records.base import digest_of


def one_adapter(request: Request) -> list[str]:
    """The adapter's folder, none for the base. vLLM applies one adapter at scale 1.0: a stack, or another scale, is
    written once into the project's cache as one adapter of the same effect. Raises InputError FTS-124."""
    stack = [(adapter, scale) for adapter, scale in read_stack(request) if scale]
    if not stack:
        return []
    if len(stack) == 1 and stack[0][1] == 1.0:
        return [str(stack[0][0].path.resolve())]
    made_of = [adapter_identity(adapter, scale, request.root).model_dump(mode="json") for adapter, scale in stack]
    target = cache_folder(request.root) / "stacks" / digest_of(made_of).removeprefix("sha256:")
    if not target.exists():
        temporary = target.with_name(f"{target.name}.{os.getpid()}.tmp")
        shutil.rmtree(temporary, ignore_errors=True)
        write_stack(stack, temporary)
        temporary.replace(target)
    return [str(target.resolve())]


def server_args(requests: Iterable[Request]) -> dict[str, Any]:
    """Arguments for Inspect's model class, empty where no request has adapters. The server is made ready, with its
    adapters, before the first question: Inspect marks a model as ready before its adapter is loaded, so that of several
    first questions at once all but one met a server without it (seen with inspect-ai 0.3)."""
    folders = sorted({folder for request in requests for folder in one_adapter(request)})
    if not folders:
        return {}
    ranks = [int(json.loads((Path(folder) / PEFT_FILES[0]).read_text(encoding="utf-8"))["r"]) for folder in folders]
    loras = {"max_lora_rank": next_rank(max(ranks)), "max_loras": len(folders)}
    return {"lazy_init": False, "enable_lora": True, **loras}
