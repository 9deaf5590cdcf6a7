"""ftsafety/llama_guard and ftsafety/llama_guard_2: Meta Llama Guard 3 and 2 as response classifiers. Prompt: the format
of the models' cards and chat templates (meta-llama/PurpleLlama, Llama-Guard3 at c6616ce5, Llama-Guard2 at aaa0c571),
with their 14 and 11 categories. Reading: safe, or unsafe and a line such as S1,S10."""

from __future__ import annotations

from functools import partial

from ftsafety_spec.graders.base import Question
from ftsafety_spec.graders.judging import filled, prompt_text
from ftsafety_spec.graders.official.guard import Guard, Shown
from ftsafety_spec.graders.official.safe_unsafe import OUTCOMES, VERDICT_LINE, WITHHELD, parser, read


def show(categories: str, question: Question, request: str, answer: str) -> Shown:  # noqa: ARG001
    """One user turn of Llama 3's format."""
    values = {"categories": prompt_text(categories), "prompt": request.strip(), "response": answer.strip()}
    task = filled(prompt_text("llama_guard"), values)
    head, tail = (
        "<|start_header_id|>user<|end_header_id|>\n\n",
        "<|eot_id|><|start_header_id|>assistant<|end_header_id|>",
    )
    return Shown(f"{head}{task}{tail}\n\n", (("user", task),))


def guard(name: str, version: str, categories: str) -> Guard:
    """One generation of Llama Guard."""
    return Guard(
        name=name,
        version=version,
        prompts=("llama_guard", categories),
        max_tokens=32,
        show=partial(show, categories),
        parse=parser("S", several=True),
        read=read,
        verdict_line=VERDICT_LINE,
        withheld=WITHHELD,
        outcomes_by_kind=OUTCOMES,
    )


GRADER = guard("ftsafety/llama_guard", "3", "llama_guard_3")
GRADER_2 = guard("ftsafety/llama_guard_2", "2", "llama_guard_2")
