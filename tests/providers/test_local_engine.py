"""The local engine on a tiny random Llama: batches, adapters, scales, draws."""

from __future__ import annotations

import asyncio
import json
from collections import Counter
from pathlib import Path
from typing import Any

import pytest
from support.small_models import peft_lora, tiny_llama, words

from ftsafety_spec.errors import InputError
from ftsafety_spec.providers.base import NoAnswer, Request
from ftsafety_spec.providers.local import PROVIDER
from ftsafety_spec.spec.provider import Provider
from ftsafety_spec.spec.spec import AdapterEntry, Generation, ModelEntry

pytestmark = pytest.mark.slow
PROMPTS = [words(range(number, number + 1 + number % 7)) for number in range(24)]


@pytest.fixture(scope="module")
def root(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("project")
    tiny_llama(folder / "tiny")
    peft_lora(folder / "one", seed=1)
    peft_lora(folder / "two", seed=2)
    return folder


def request(root: Path, variant: str = "base", stack: dict[str, float] | None = None, **changes: Any) -> Request:
    generation = changes.pop("generation", Generation(max_tokens=12))
    settings = {"title": "t", "kind": "local", "concurrency": 8, "context_tokens": 256, **changes, "threads": 1}
    return Request(
        variant,
        ModelEntry(provider="local", path="tiny"),
        tuple((name, AdapterEntry(path=name), scale) for name, scale in (stack or {}).items()),
        Provider.model_validate(settings),
        root,
        generation,
    )


def answers(requests: list[Request], prompts: list[str], **config: Any) -> dict[str, list[Any]]:
    """Outputs by variant, all variants and prompts at once."""
    from inspect_ai.model import GenerateConfig

    async def all_of(models: Any) -> dict[str, list[Any]]:
        calls = [
            model.generate(prompt, config=GenerateConfig(**config)) for model in models.values() for prompt in prompts
        ]
        found = await asyncio.gather(*calls)
        size = len(prompts)
        return {name: found[place * size : (place + 1) * size] for place, name in enumerate(models)}

    with PROVIDER.open({item.variant: PROVIDER.resolve(item) for item in requests}) as models:
        return asyncio.run(all_of(models))


def texts(outputs: list[Any]) -> list[str]:
    return [output.completion for output in outputs]


def plain_texts(root: Path, prompts: list[str], apply: Any = None, most: int = 12) -> list[str]:
    """One prompt at a time by transformers alone; `apply` changes the model first."""
    import torch
    from transformers import AutoModelForCausalLM, AutoTokenizer

    tokenizer = AutoTokenizer.from_pretrained(root / "tiny")
    model = AutoModelForCausalLM.from_pretrained(root / "tiny", dtype=torch.float32).eval()
    if apply is not None:
        apply(model)
    found = []
    for prompt in prompts:
        text = tokenizer.apply_chat_template(
            [{"role": "user", "content": prompt}], add_generation_prompt=True, tokenize=False
        )
        ids = tokenizer(text, add_special_tokens=False, return_tensors="pt").input_ids
        with torch.inference_mode():
            out = model.generate(ids, attention_mask=torch.ones_like(ids), max_new_tokens=most, do_sample=False)
        found.append(tokenizer.decode(out[0, ids.shape[1] :], skip_special_tokens=True))
    return found


def add_lora(root: Path, stack: dict[str, float]) -> Any:
    """Adds scale · alpha / r · B A into the weights by hand: the definition that the engine is held against."""
    import torch
    from safetensors.torch import load_file

    def apply(model: Any) -> None:
        weights = dict(model.named_parameters())
        for name, scale in stack.items():
            config = json.loads((root / name / "adapter_config.json").read_text())
            tensors = load_file(root / name / "adapter_model.safetensors")
            for key in [key for key in tensors if "lora_A" in key]:
                target = key.replace("base_model.model.", "").replace(".lora_A", "")
                delta = tensors[key.replace("lora_A", "lora_B")] @ tensors[key]
                with torch.no_grad():
                    weights[target] += scale * config["lora_alpha"] / config["r"] * delta

    return apply


def test_a_batch_answers_as_one_prompt_at_a_time(root: Path) -> None:
    outputs = answers([request(root)], PROMPTS)["base"]
    expected = plain_texts(root, PROMPTS)
    assert len(set(expected)) > 5
    assert texts(outputs) == expected


@pytest.mark.parametrize("stack", [{"one": 1.0}, {"one": 0.5}, {"one": 1.0, "two": 0.7}, {"two": -1.0}])
def test_scales_are_multiples_of_alpha_over_rank(root: Path, stack: dict[str, float]) -> None:
    outputs = answers([request(root, stack=stack)], PROMPTS)["base"]
    expected = plain_texts(root, PROMPTS, add_lora(root, stack))
    assert texts(outputs) == expected
    assert expected != plain_texts(root, PROMPTS)


def test_variants_asked_together_answer_as_when_asked_alone(root: Path) -> None:
    stacks: dict[str, dict[str, float]] = {
        "base": {},
        "one": {"one": 1.0},
        "both": {"one": 1.0, "two": 1.0},
        "half": {"one": 0.5},
    }
    together = answers([request(root, name, stack) for name, stack in stacks.items()], PROMPTS)
    for name, stack in stacks.items():
        assert texts(together[name]) == plain_texts(root, PROMPTS, add_lora(root, stack)), name
    assert len({tuple(texts(outputs)) for outputs in together.values()}) == 4


def test_usage_leaves_padding_out_and_length_is_a_stop_reason(root: Path) -> None:
    outputs = answers([request(root)], PROMPTS)["base"]
    for prompt, output in zip(PROMPTS, outputs, strict=True):
        assert output.usage.input_tokens == len(prompt.split()) + 2
        assert len(output.completion.split()) <= output.usage.output_tokens <= 12
        assert (output.stop_reason == "max_tokens") == (output.usage.output_tokens == 12)
    # the random model also writes special tokens, which count but are no text
    assert sum(len(output.completion.split()) == output.usage.output_tokens for output in outputs) > 10


def test_a_draw_depends_on_its_seed_and_not_on_its_batch(root: Path) -> None:
    warm = request(root, generation=Generation(temperature=1.0, max_tokens=6))
    whole = texts(answers([warm], PROMPTS, seed=5)["base"])
    alone = texts(answers([warm], PROMPTS[:3], seed=5)["base"])
    other = texts(answers([warm], PROMPTS, seed=6)["base"])
    assert whole[:3] == alone
    assert sum(a != b for a, b in zip(whole, other, strict=True)) > 12


def test_draws_follow_the_softmax(root: Path) -> None:
    """400 draws of one token against the model's own probabilities: no cell off by more than five standard errors."""
    import torch
    from transformers import AutoModelForCausalLM, AutoTokenizer

    from ftsafety_spec.providers.engine_model import Draw
    from ftsafety_spec.providers.torch_model import Prompt, TorchModel

    tokenizer = AutoTokenizer.from_pretrained(root / "tiny", padding_side="left")
    model = TorchModel(AutoModelForCausalLM.from_pretrained(root / "tiny").eval(), tokenizer, ())
    ids = model.encode([{"role": "user", "content": PROMPTS[3]}])
    with torch.inference_mode():
        expected = torch.softmax(model.model(torch.tensor([ids])).logits[0, -1] / 1.5, -1)
    draw = Draw(1.5, None, 1, None)
    drawn = Counter(reply.text for reply in model.generate((), draw, [Prompt(ids, seed) for seed in range(400)]))
    for token in expected.topk(8).indices.tolist():
        share = expected[token].item()
        error = (share * (1 - share) / 400) ** 0.5
        assert abs(drawn[tokenizer.decode([token], skip_special_tokens=True)] / 400 - share) < 5 * error, token


def test_log_probabilities_are_given_when_asked_for(root: Path) -> None:
    output = answers([request(root)], PROMPTS[:2], logprobs=True, top_logprobs=3)["base"][0]
    content = output.choices[0].logprobs.content
    assert len(content) == output.usage.output_tokens
    assert all(len(item.top_logprobs) == 3 and item.logprob == item.top_logprobs[0].logprob <= 0 for item in content)


def test_a_prompt_that_does_not_fit_is_an_error_of_that_prompt(root: Path) -> None:
    with pytest.raises(NoAnswer, match="context_tokens 128"):
        answers([request(root, context_tokens=128)], [words(range(200))])


def test_identity_follows_content_and_not_place(root: Path, tmp_path: Path) -> None:
    import shutil

    first = PROVIDER.identify(request(root, stack={"one": 1.0}))
    for name in ("tiny", "one"):
        shutil.copytree(root / name, tmp_path / name)
    assert PROVIDER.identify(request(tmp_path, stack={"one": 1.0})) == first
    assert PROVIDER.identify(request(root, stack={"one": 0.5})).digest() != first.digest()
    (tmp_path / "tiny" / "chat_template.jinja").write_text("{{ messages }}")
    changed = PROVIDER.identify(request(tmp_path, stack={"one": 1.0}))
    assert changed.chat_template != first.chat_template
    peft_lora(tmp_path / "one", seed=3)
    retrained = PROVIDER.identify(request(tmp_path, stack={"one": 1.0}))
    assert retrained.adapters[0].digest != first.adapters[0].digest
    assert first.dtype == "float32" and first.kind == "content"


def test_a_folder_of_pickles_is_refused(tmp_path: Path) -> None:
    (tmp_path / "tiny").mkdir()
    (tmp_path / "tiny" / "pytorch_model.bin").write_bytes(b"\x80\x04")
    with pytest.raises(InputError, match="run code") as caught:
        PROVIDER.resolve(request(tmp_path))
    assert caught.value.code == "FTS-124"


def test_code_of_a_model_needs_trust(root: Path, tmp_path: Path) -> None:
    import shutil

    shutil.copytree(root / "tiny", tmp_path / "tiny")
    config = json.loads((tmp_path / "tiny" / "config.json").read_text())
    (tmp_path / "tiny" / "config.json").write_text(json.dumps({**config, "auto_map": {"AutoModel": "x.Y"}}))
    with pytest.raises(InputError, match="its own code") as caught:
        PROVIDER.resolve(request(tmp_path))
    assert caught.value.code == "FTS-124"


def test_an_adapter_of_another_width_is_refused(root: Path) -> None:
    import numpy as np
    from safetensors.numpy import save_file

    peft_lora(root / "wide", seed=1)
    name = "base_model.model.model.layers.0.self_attn.q_proj.lora_A.weight"
    save_file({name: np.zeros((2, 64), np.float32)}, root / "wide" / "adapter_model.safetensors")
    with pytest.raises(InputError, match="64 wide") as caught:
        PROVIDER.resolve(request(root, stack={"wide": 1.0}))
    assert caught.value.code == "FTS-124"


def test_dora_is_refused_at_another_scale(root: Path) -> None:
    peft_lora(root / "dora", seed=1, use_dora=True)
    with pytest.raises(InputError, match="use_dora"):
        PROVIDER.resolve(request(root, stack={"dora": 0.5}))
