"""The report names the model behind each grader, and says where it is one of the models under test."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import replace

from ftsafety_spec.records.identity import Identity, ProviderIdentity
from ftsafety_spec.records.plan import Grading
from ftsafety_spec.report.grader_models import grader_models
from ftsafety_spec.report.json import RENDERER as JSON
from ftsafety_spec.report.markdown import RENDERER as MARKDOWN
from ftsafety_spec.report.view import ReportView

View = Callable[..., ReportView]


def grading(identity: Identity) -> Grading:
    return Grading(
        grader="ftsafety/wildguard",
        model="guard: weights 0123456789ab",
        identity=identity,
        cached=0,
        calls=3,
        tokens_in=30,
        tokens_out=9,
        usd=None,
        seconds=None,
    )


def judged_by(view: ReportView, identity: Identity) -> ReportView:
    return replace(view, plan=view.plan.model_copy(update={"grading": (grading(identity),)}))


def test_the_model_behind_a_grader_is_named(make_view: View) -> None:
    other = Identity(kind="content", engine="llama.cpp 1", weights="sha256:" + "9" * 64)
    view = judged_by(make_view(), other)
    text = MARKDOWN.render(view)
    assert "Models behind graders" in text and "guard: weights 0123456789ab" in text and "llama.cpp 1" in text
    assert json.loads(JSON.render(view))["grading"][0]["grader"] == "ftsafety/wildguard"
    (table,) = grader_models(view)
    assert table.rows[0][-1] == "no"  # type: ignore[attr-defined]


def test_a_grader_that_is_a_model_under_test_stands_out(make_view: View) -> None:
    view = make_view()
    (table,) = grader_models(judged_by(view, view.plan.identities["base"]))
    assert "yes" in str(table.rows[0][-1]) and "base" in str(table.rows[0][-1])  # type: ignore[attr-defined]


def test_without_such_graders_nothing_is_said(make_view: View) -> None:
    assert grader_models(make_view()) == []


def test_one_provider_and_one_name_are_one_model_and_adapters_change_nothing() -> None:
    def claim(name: str, model: str) -> Identity:
        return Identity(kind="provider", engine="api", provider=ProviderIdentity(name=name, model=model))

    assert claim("openai", "gpt-x").same_model(claim("openai", "GPT-x"))
    assert not claim("openai", "gpt-x").same_model(claim("openai", "gpt-y"))
    assert not claim("openai", "gpt-x").same_model(claim("anthropic", "gpt-x"))
    weights = Identity(kind="content", engine="a", weights="sha256:" + "1" * 64)
    assert weights.same_model(weights.model_copy(update={"engine": "b", "dtype": "float16"}))
    none = Identity(kind="recorded", engine="a")
    assert not none.same_model(none) and not weights.same_model(none)
