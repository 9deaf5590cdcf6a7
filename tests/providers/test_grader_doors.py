"""What engines offer beside chats, for graders: raw texts completed as they stand, and texts classified. On the small
instruct model and on tiny random ones; then whole graders on them."""

from __future__ import annotations

import asyncio
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from support.small_models import smollm2, tiny_classifier, tiny_llama, words

from ftsafety_spec.errors import InputError
from ftsafety_spec.graders.base import Question
from ftsafety_spec.pipeline.grader_models import panel_of
from ftsafety_spec.providers import llamacpp, local
from ftsafety_spec.providers.base import NoAnswer, Request
from ftsafety_spec.providers.engine_model import Draw, doors_of
from ftsafety_spec.records.locked import LockedSpec
from ftsafety_spec.spec.provider import Provider
from ftsafety_spec.spec.spec import Generation, ModelEntry, Spec

pytestmark = pytest.mark.slow
RAW = "<|im_start|>user\nSay yes.<|im_end|>\n<|im_start|>assistant\n"
DRAW = Draw(temperature=0.0, top_p=None, max_tokens=8, seed=None)
SETTINGS = {"title": "t", "concurrency": 2, "context_tokens": 512, "threads": 1}


def request(kind: str, path: Path, grading: bool = True) -> Request:
    definition = Provider.model_validate({**SETTINGS, "kind": kind})
    entry = ModelEntry(provider="p", path=str(path))
    return Request("judge", entry, (), definition, path.parent, Generation(max_tokens=8), grading=grading)


def locked(tmp_path: Path, kind: str, path: Path, *serves: str) -> LockedSpec:
    suite = {"title": "s", "revised": date(2026, 11, 1), "tasks": {"t": {"prompts": "a.jsonl"}}}
    spec = {
        "title": "t",
        "owner": "o",
        "policy": "p",
        "models": {"base": {"provider": "p", "path": "w"}, "tuned": {"provider": "p", "path": "v", "deploy": True}},
        "grader_models": {"judge": {"serves": list(serves), "provider": "p", "path": str(path)}},
        "suites": {"own": suite},
    }
    provider = Provider.model_validate({**SETTINGS, "kind": kind})
    assert tmp_path
    return LockedSpec(name="x", spec=Spec.model_validate(spec), providers={"p": provider}, variants={})


def test_llama_cpp_completes_a_raw_text_as_it_stands() -> None:
    """With the template's own tokens written out, a raw text gives what the chat gives."""
    wanted = request("llamacpp", smollm2())
    with llamacpp.PROVIDER.open({"judge": wanted}) as models:

        async def both() -> tuple[Any, Any, Any]:
            complete = doors_of(models["judge"]).complete
            assert complete is not None
            system = (
                "<|im_start|>system\nYou are a helpful AI assistant named SmolLM, trained by Hugging Face<|im_end|>\n"
            )
            chat = await models["judge"].generate("Say yes.")
            return chat, await complete(system + RAW, DRAW), await complete("Once upon a", DRAW)

        chat, raw, plain = asyncio.run(both())
        assert chat.completion.strip() == raw.text.strip()
        assert raw.tokens_in == chat.usage.input_tokens, "its special tokens were read as such"
        assert plain.text.strip() and plain.tokens_in < 8, "no template was put around it"
        with pytest.raises(NoAnswer, match="context"):
            asyncio.run(doors_of(models["judge"]).complete("word " * 2000, DRAW))  # type: ignore[misc,arg-type]


def test_the_local_engine_completes_a_raw_text_as_transformers_does(tmp_path: Path) -> None:
    import torch
    from transformers import AutoModelForCausalLM, AutoTokenizer

    folder = tiny_llama(tmp_path / "tiny")
    text = words(range(5))
    with local.PROVIDER.open({"judge": request("local", folder)}) as models:
        complete = doors_of(models["judge"]).complete
        assert complete is not None
        reply = asyncio.run(_once(complete, text))
    tokenizer = AutoTokenizer.from_pretrained(folder)
    model = AutoModelForCausalLM.from_pretrained(folder)
    ids = tokenizer(text, return_tensors="pt")
    with torch.inference_mode():
        found = model.generate(**ids, max_new_tokens=8, do_sample=False)
    expected = tokenizer.decode(found[0, ids["input_ids"].shape[1] :], skip_special_tokens=True)
    assert reply.text == expected and reply.tokens_in == 5


async def _once(complete: Any, text: str) -> Any:
    return await complete(text, DRAW)


def test_a_folder_without_a_template_grades_but_answers_no_prompts(tmp_path: Path) -> None:
    folder = tiny_classifier(tmp_path / "classifier")
    assert local.PROVIDER.resolve(request("local", folder))
    with pytest.raises(InputError, match="chat template"):
        local.PROVIDER.resolve(request("local", folder, grading=False))


def test_a_classifier_gives_a_probability_for_each_label_and_none_for_what_is_too_long(tmp_path: Path) -> None:
    import torch
    from transformers import AutoModelForSequenceClassification, AutoTokenizer

    folder = tiny_classifier(tmp_path / "classifier", positions=32)
    texts = [words(range(n, n + 2 + n)) for n in range(5)] + [words(range(40))]
    with local.PROVIDER.open({"judge": request("local", folder)}) as models:
        classify = doors_of(models["judge"]).classify
        assert classify is not None
        found = asyncio.run(_classified(classify, texts))
        with pytest.raises(NoAnswer):
            asyncio.run(models["judge"].generate("hello"))
    assert found[-1] == {}, "nothing is cut in silence"
    tokenizer = AutoTokenizer.from_pretrained(folder)
    model = AutoModelForSequenceClassification.from_pretrained(folder)
    for text, labels in zip(texts[:-1], found, strict=False):
        with torch.inference_mode():
            alone = torch.softmax(model(**tokenizer(text, return_tensors="pt")).logits, -1)[0].tolist()
        assert labels == pytest.approx({"LABEL_0": alone[0], "LABEL_1": alone[1]}, abs=1e-4)
        assert sum(labels.values()) == pytest.approx(1.0, abs=1e-6)


async def _classified(classify: Any, texts: list[str]) -> list[dict[str, float]]:
    found: list[dict[str, float]] = await classify(texts)
    return found


def test_toxigens_grader_runs_on_a_local_classifier(tmp_path: Path) -> None:
    folder = tiny_classifier(tmp_path / "classifier")
    panel = panel_of(locked(tmp_path, "local", folder, "ftsafety/toxigen_roberta"), tmp_path)
    questions = [Question("A request.", words(range(n, n + 9)), "harmful") for n in range(6)]
    found = asyncio.run(_graded(panel, "ftsafety/toxigen_roberta", questions))
    assert all(readings[0].value in (0.0, 1.0) and readings[0].sure is not None for readings in found)
    assert panel.behind["ftsafety/toxigen_roberta"].identity.kind == "content"


def test_a_grader_of_texts_refuses_a_model_that_classifies_nothing(tmp_path: Path) -> None:
    panel = panel_of(locked(tmp_path, "llamacpp", smollm2(), "ftsafety/toxigen_roberta"), tmp_path)
    with pytest.raises(InputError) as caught:
        asyncio.run(_graded(panel, "ftsafety/toxigen_roberta", [Question("A request.", "An answer.", "harmful")]))
    assert caught.value.code == "FTS-127"


def test_a_small_model_that_cannot_judge_scores_nothing(tmp_path: Path) -> None:
    """A real model behind every text grader: whatever it says in the wrong form is unscored with a reason."""
    names = ("ftsafety/wildguard", "ftsafety/md_judge", "ftsafety/harmbench", "ftsafety/strongreject")
    panel = panel_of(locked(tmp_path, "llamacpp", smollm2(), *names), tmp_path)
    question = Question("Name a fruit.", "An apple is a fruit.", "harmful")

    async def all_of() -> dict[str, Any]:
        try:
            return {name: (await panel.get(name).grade([question]))[0] for name in names}
        finally:
            await panel.close()

    for name, readings in asyncio.run(all_of()).items():
        assert readings and all(item.value is None or 0 <= item.value <= 1 for item in readings), name
        assert all(item.reason for item in readings), name
        assert not any(item.failed for item in readings), name


async def _graded(panel: Any, name: str, questions: list[Question]) -> Any:
    try:
        return await panel.get(name).grade(questions)
    finally:
        await panel.close()
