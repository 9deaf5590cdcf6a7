"""What each layer of a torch model makes of chosen positions, without keeping the rest.
Given a model and positions, gives one tensor a layer during a forward pass. Changes nothing that the model computes."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from ftsafety_spec.errors import EngineError


def layers_of(model: Any) -> Any:
    """The blocks of a transformer, first to last. Raises EngineError where they cannot be told."""
    import torch

    wanted = getattr(model.config.get_text_config(), "num_hidden_layers", None)
    found = [part for part in model.modules() if isinstance(part, torch.nn.ModuleList) and len(part) == wanted]
    if len(found) != 1:
        raise EngineError(f"the layers of {type(model).__name__} cannot be told: {len(found)} lists of that length.")
    return found[0]


@contextmanager
def tapped(model: Any, at: Any) -> Iterator[list[Any]]:
    """Inside, a forward pass leaves what comes out of each block at `at` (rows, positions) in the list, as float32 on
    the processor. It is the residual stream, before the last norm."""
    states: list[Any] = []

    def keep(_module: Any, _given: Any, out: Any) -> None:
        stream = out[0] if isinstance(out, tuple) else out
        states.append(stream[at].float().cpu())

    hooks = [layer.register_forward_hook(keep) for layer in layers_of(model)]
    try:
        yield states
    finally:
        for hook in hooks:
            hook.remove()
