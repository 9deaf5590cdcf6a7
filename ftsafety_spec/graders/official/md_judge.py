"""ftsafety/md_judge: MD-Judge v0.1 (OpenSafetyLab/MD-Judge-v0.1, Apache-2.0), SALAD-Bench's own evaluator (Li et al.
2024, arXiv 2402.05044). Prompt: the model card's `evaluation_template`, equal in the public carriers that were compared
(2026-11-25). Reading: line 1 safe or unsafe, line 2 one category."""

from __future__ import annotations

from ftsafety_spec.graders.base import Question
from ftsafety_spec.graders.judging import filled, prompt_text
from ftsafety_spec.graders.official.guard import Guard, Shown
from ftsafety_spec.graders.official.safe_unsafe import OUTCOMES, VERDICT_LINE, WITHHELD, parser, read


def show(question: Question, request: str, answer: str) -> Shown:  # noqa: ARG001
    """`[INST] … [/INST]`, as Mistral's template writes one user message."""
    task = filled(prompt_text("md_judge"), {"prompt": request, "response": answer})
    return Shown(f"[INST] {task} [/INST]\n", (("user", task),))


GRADER = Guard(
    name="ftsafety/md_judge",
    version="0.1",
    prompts=("md_judge",),
    max_tokens=16,
    show=show,
    parse=parser("O", several=False),
    read=read,
    verdict_line=VERDICT_LINE,
    withheld=WITHHELD,
    outcomes_by_kind=OUTCOMES,
)
