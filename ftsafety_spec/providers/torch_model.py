"""One base model in memory with its adapters, by transformers and PEFT.
Given a folder of safetensors and PEFT folders, generates batches for a stack of adapters, each at its scale. A scale
is PEFT's own: it multiplies lora_alpha / r (or lora_alpha / sqrt(r)). Never reads pickle."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from ftsafety_spec.errors import EngineError, Where
from ftsafety_spec.providers.engine_model import Draw, Reply
from ftsafety_spec.providers.torch_draw import processors, reply_logprobs

Scales = tuple[float, ...]


@dataclass(frozen=True)
class Prompt:
    """A templated prompt as token ids, and the seed of its noise (None: fresh)."""

    ids: tuple[int, ...]
    seed: int | None


@dataclass
class TorchModel:
    """A loaded model; `adapters` are ids in the order of a stack's scales. Not thread-safe: one batch at a time."""

    model: Any
    tokenizer: Any
    adapters: tuple[str, ...]
    current: Scales = ()

    def encode(self, messages: Sequence[Mapping[str, str]]) -> tuple[int, ...]:
        """Token ids of the chat, through this model's own template."""
        text = self.tokenizer.apply_chat_template(
            [dict(message) for message in messages], add_generation_prompt=True, tokenize=False
        )
        return tuple(self.tokenizer(text, add_special_tokens=False)["input_ids"])

    def encode_raw(self, text: str) -> tuple[int, ...]:
        """Token ids of a text as it stands, with the begin-of-sequence token that its tokenizer puts first."""
        return tuple(self.tokenizer(text)["input_ids"])

    def generate(self, scales: Scales, draw: Draw, prompts: Sequence[Prompt]) -> list[Reply]:
        """Answers to a batch, in order. Out of memory halves the batch. Raises EngineError."""
        import torch

        try:
            with self.stacked(scales), torch.inference_mode():
                return self._batch(draw, prompts)
        except torch.OutOfMemoryError as error:
            if len(prompts) == 1:
                raise EngineError("not enough memory for a single prompt.") from error
        except (RuntimeError, ValueError, IndexError) as error:
            raise EngineError(f"generation failed: {type(error).__name__}: {error}") from error
        half = len(prompts) // 2
        return self.generate(scales, draw, prompts[:half]) + self.generate(scales, draw, prompts[half:])

    def stacked(self, scales: Scales) -> AbstractContextManager[Any]:
        """Inside, the adapters with a scale other than 0 are active at their scales, and no others."""
        if not self.adapters:
            return nullcontext()
        if not any(scales):
            return self.model.disable_adapter()  # type: ignore[no-any-return]
        if scales != self.current:
            self._switch(scales)
            self.current = scales
        return nullcontext()

    def _switch(self, scales: Scales) -> None:
        from peft.tuners.lora import LoraLayer

        active = [_inner(number) for number, scale in enumerate(scales) if scale]
        self.model.base_model.set_adapter(active[0] if len(active) == 1 else active, inference_mode=True)
        for module in self.model.modules():
            if isinstance(module, LoraLayer):
                for number, scale in enumerate(scales):
                    if scale:
                        module.set_scale(_inner(number), scale)

    def _batch(self, draw: Draw, prompts: Sequence[Prompt]) -> list[Reply]:
        import torch

        ends = self._ends()
        width = max(len(prompt.ids) for prompt in prompts)
        pad = self.tokenizer.pad_token_id if self.tokenizer.pad_token_id is not None else ends[0]
        device = self.model.device
        ids = torch.tensor([[pad] * (width - len(p.ids)) + list(p.ids) for p in prompts], device=device)
        mask = torch.tensor([[0] * (width - len(p.ids)) + [1] * len(p.ids) for p in prompts], device=device)
        stop = {"stop_strings": list(draw.stop), "tokenizer": self.tokenizer} if draw.stop else {}
        found = self.model.generate(
            input_ids=ids,
            attention_mask=mask,
            generation_config=_greedy(draw, ends, pad),
            logits_processor=processors(draw, prompts),
            **stop,
        )
        new = found.sequences[:, width:].tolist()
        extra = reply_logprobs(draw, found, self.tokenizer)
        return [self._reply(draw, prompts[row], new[row], ends, extra[row]) for row in range(len(prompts))]

    def _ends(self) -> list[int]:
        given = self.model.generation_config.eos_token_id
        ends = given if isinstance(given, list) else [given]
        return list(dict.fromkeys(end for end in [*ends, self.tokenizer.eos_token_id] if end is not None)) or [-1]

    def _reply(
        self, draw: Draw, prompt: Prompt, new: Sequence[int], ends: Sequence[int], logprobs: list[Any] | None
    ) -> Reply:
        length = next((number for number, token in enumerate(new) if token in ends), len(new))
        text = self.tokenizer.decode(new[:length], skip_special_tokens=True)
        cuts = [text.index(mark) for mark in draw.stop if mark in text]
        whole = length < len(new) or bool(cuts) or length < draw.max_tokens
        return Reply(
            text=text[: min(cuts)] if cuts else text,
            stop="stop" if whole else "max_tokens",
            tokens_in=len(prompt.ids),
            tokens_out=length,
            logprobs=None if logprobs is None else {"content": logprobs[:length]},
        )


def load(
    base: Path, adapters: Mapping[str, Path], *, dtype: str, device: str | None, trust_remote_code: bool
) -> TorchModel:
    """Load weights (a folder of safetensors, or a GGUF file, which is widened to `dtype`) and adapters. Raises
    EngineError."""
    import torch
    from transformers import AutoModelForCausalLM, AutoTokenizer

    common: dict[str, Any] = {"trust_remote_code": trust_remote_code, "local_files_only": True}
    single = base.suffix == ".gguf"
    place_of, form = (base.parent, {"gguf_file": base.name}) if single else (base, {"use_safetensors": True})
    try:
        tokenizer = AutoTokenizer.from_pretrained(place_of, padding_side="left", **common, **(form if single else {}))
        model = AutoModelForCausalLM.from_pretrained(place_of, dtype=dtype, **form, **common)
        place = device or ("cuda" if torch.cuda.is_available() else "cpu")
        model = _with_adapters(model.to(place), adapters)
    except Exception as error:
        raise EngineError(
            f"transformers cannot load these weights: {type(error).__name__}: {error}", where=Where(file=str(base))
        ) from error
    return TorchModel(model.eval(), tokenizer, tuple(adapters))


def _with_adapters(model: Any, adapters: Mapping[str, Path]) -> Any:
    from peft import PeftModel

    for number, path in enumerate(adapters.values()):
        if number == 0:
            model = PeftModel.from_pretrained(model, path, adapter_name=_inner(0), use_safetensors=True)
        else:
            model.load_adapter(path, adapter_name=_inner(number), use_safetensors=True)
    return model


def _inner(number: int) -> str:
    # ids may hold dots, names of torch modules may not
    return f"adapter{number}"


def _greedy(draw: Draw, ends: Sequence[int], pad: int) -> Any:
    """A config of our own: defaults that a model brings (penalties, top_k) are no part of the deployment's settings."""
    from transformers import GenerationConfig

    return GenerationConfig(
        do_sample=False,
        max_new_tokens=draw.max_tokens,
        eos_token_id=list(ends),
        pad_token_id=pad,
        return_dict_in_generate=True,
        output_logits=bool(draw.top_logprobs),
    )
