"""Drawing tokens reproducibly within a batch. Temperature 0 is the largest logit; above 0, each row gets Gumbel noise
from a generator of its own and then takes the largest (the Gumbel-max trick: exactly a draw from the softmax), so that
an answer depends on its seed and prompt and not on who shares its batch."""

from __future__ import annotations

import hashlib
import secrets
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from ftsafety_spec.providers.engine_model import Draw

if TYPE_CHECKING:
    from ftsafety_spec.providers.torch_model import Prompt


def processors(draw: Draw, prompts: Sequence[Prompt]) -> Any:
    """What `generate` applies to the logits (rows × vocabulary) at each step, in order."""
    from transformers import LogitsProcessorList, TemperatureLogitsWarper, TopPLogitsWarper

    if draw.temperature == 0:
        return LogitsProcessorList()
    steps: list[Any] = [TemperatureLogitsWarper(float(draw.temperature))]
    if draw.top_p is not None and draw.top_p < 1:
        steps.append(TopPLogitsWarper(draw.top_p))
    return LogitsProcessorList([*steps, _noise([row_seed(prompt) for prompt in prompts])])


def row_seed(prompt: Prompt) -> int:
    """63 bits from the seed and the prompt's tokens; fresh ones without a seed."""
    if prompt.seed is None:
        return secrets.randbits(63)
    text = f"{prompt.seed}:{','.join(map(str, prompt.ids))}"
    return int.from_bytes(hashlib.sha256(text.encode()).digest()[:8], "big") >> 1


def reply_logprobs(draw: Draw, found: Any, tokenizer: Any) -> list[list[dict[str, Any]] | None]:
    """For each row, the OpenAI form of log probabilities of the raw logits; None where not asked for."""
    rows = found.sequences.shape[0]
    if not draw.top_logprobs:
        return [None] * rows
    import torch

    new = found.sequences[:, -len(found.logits) :]
    logged = torch.log_softmax(torch.stack(found.logits, dim=1).float(), dim=-1)
    top = logged.topk(draw.top_logprobs, dim=-1)
    answers: list[list[dict[str, Any]] | None] = []
    for row in range(rows):
        content = []
        for step, token in enumerate(new[row].tolist()):
            best = zip(top.indices[row, step].tolist(), top.values[row, step].tolist(), strict=True)
            tops = [{"token": tokenizer.decode([other]), "logprob": value} for other, value in best]
            own = {"token": tokenizer.decode([token]), "logprob": logged[row, step, token].item()}
            content.append({**own, "top_logprobs": tops})
        answers.append(content)
    return answers


def _noise(seeds: Sequence[int]) -> Any:
    import torch
    from transformers import LogitsProcessor

    generators = [torch.Generator().manual_seed(seed) for seed in seeds]

    class GumbelNoise(LogitsProcessor):  # type: ignore[misc]
        def __call__(self, input_ids: Any, scores: Any) -> Any:  # noqa: ARG002
            waits = [torch.empty(scores.shape[1]).exponential_(generator=each) for each in generators]
            return scores.float() - torch.stack(waits).clamp_min(1e-20).log().to(scores.device)

    return GumbelNoise()
