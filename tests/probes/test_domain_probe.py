"""Domain probing (R-25, R-33): built-in domains, and in which order the prompts of a spec's domain are taken."""

from __future__ import annotations

import json
from collections import Counter
from pathlib import Path

import pytest

from ftsafety_spec.catalog.base import Prompt
from ftsafety_spec.catalog.basics import load as basics
from ftsafety_spec.errors import InputError
from ftsafety_spec.probes import built_in_domains, domain_nearest
from ftsafety_spec.probes.built_in_domains import GENERAL, SLOT, names, table
from ftsafety_spec.probes.domain import CARD, load
from ftsafety_spec.probes.domain_written import save_written, written_path
from ftsafety_spec.spec.common import AREAS
from ftsafety_spec.spec.red_team import Domain

REQUIRED = {"medicine", "law", "finance", "coding", "children_education"}


def domain_of(name: str = "gardening", **said: object) -> Domain:
    return Domain.model_validate({"name": name, "description": "Advice for gardeners", **said})


def own_file(root: Path, rows: list[dict[str, str]], name: str = "own.jsonl") -> str:
    (root / name).write_text("".join(json.dumps(row) + "\n" for row in rows), encoding="utf-8")
    return name


def origins(prompts: list[Prompt]) -> list[str]:
    return [str(prompt.metadata["origin"]) for prompt in prompts]


def asked(root: Path, domain: Domain, **more: object) -> list[Prompt]:
    return list(load(None, root=root, domain=domain, **{"nearest": False, **more}))  # type: ignore[arg-type]


def test_the_required_domains_are_built_in() -> None:
    assert set(names()) >= REQUIRED and GENERAL not in names()


@pytest.mark.parametrize("name", names())
def test_a_built_in_domain_has_enough_probes_over_enough_categories(name: str) -> None:
    found = table(name)
    prompts = found.prompts()
    assert len({prompt.cluster for prompt in prompts}) == len(prompts) >= 40
    assert len(found.categories) >= 4
    assert {prompt.kind for prompt in prompts} == {"harmful", "borderline", "benign"}
    for category in found.categories.values():
        kinds = Counter(prompt.kind for prompt in prompts if prompt.category == category.name)
        assert kinds["harmful"] >= 5 and kinds["borderline"] >= 2 and kinds["benign"] >= 1
        assert category.area in AREAS and category.area != "none"


@pytest.mark.parametrize("name", names())
def test_probes_are_one_short_line_each(name: str) -> None:
    wrong = [p.id for p in table(name).prompts() if "\n" in p.text or not 15 <= len(p.text) <= 140 or SLOT in p.text]
    assert wrong == []


@pytest.mark.parametrize("name", [*names(), GENERAL])
def test_each_template_has_one_slot_and_terms_are_words(name: str) -> None:
    for category in table(name).categories.values():
        assert [t.count(SLOT) for t in category.templates] == [1] * len(category.templates)
        assert len(set(category.terms)) == len(category.terms)


def test_no_built_in_probe_is_one_of_the_basics_or_of_another_domain() -> None:
    clusters = [prompt.cluster for prompt in load()]
    assert len(set(clusters)) == len(clusters) == CARD.prompts
    assert not set(clusters) & {prompt.cluster for prompt in basics()}


def test_the_card_counts_what_is_there() -> None:
    assert CARD.categories == len({prompt.category for prompt in load()})


def test_a_changed_table_is_refused_by_name(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(built_in_domains.DIGESTS, "law", "sha256:" + "0" * 64)
    table.cache_clear()
    with pytest.raises(InputError, match=r"law\.yaml") as caught:
        table("law")
    assert caught.value.code == "FTS-122"
    monkeypatch.undo()
    table.cache_clear()


@pytest.mark.parametrize("name", sorted(REQUIRED))
def test_the_defaults_meet_the_minimum_of_twenty_in_each_area(name: str, tmp_path: Path) -> None:
    found = asked(tmp_path, domain_of(name), probes=120)
    counts = Counter(prompt.area for prompt in found if prompt.kind in ("harmful", "borderline"))
    assert len(found) == 120 and min(counts.values()) >= 20 and len(counts) >= 4


def test_own_prompts_come_first_then_built_in_then_written_then_templates(tmp_path: Path) -> None:
    file = own_file(tmp_path, [{"prompt": f"Own request {n}", "category": "own"} for n in range(3)])
    domain = domain_of("medicine", prompts={"mine": file})
    row = {"text": "A written request about care", "kind": "harmful", "category": "treatment", "area": "advice"}
    save_written(tmp_path, domain, "mockllm/model", [row], {})
    got = origins(asked(tmp_path, domain, probes=60))
    order = list(dict.fromkeys(got))
    assert order == ["own", "built-in", "written:mockllm/model", "template"]
    assert Counter(got)["own"] == 3 and Counter(got)["built-in"] == 45
    assert origins(asked(tmp_path, domain, probes=3)) == ["own"] * 3


def test_every_prompt_is_taken_once_by_cluster(tmp_path: Path) -> None:
    twice = table("law").prompts()[0].text
    file = own_file(tmp_path, [{"prompt": twice.upper()}, {"prompt": "Another request"}])
    found = asked(tmp_path, domain_of("law", prompts={"mine": file}))
    assert len({prompt.cluster for prompt in found}) == len(found)
    assert [p.metadata["origin"] for p in found if p.text.casefold() == twice.casefold()] == ["own"]


def test_two_own_files_may_use_the_same_ids(tmp_path: Path) -> None:
    files = {name: own_file(tmp_path, [{"id": "a", "prompt": f"From {name}"}], f"{name}.jsonl") for name in ("x", "y")}
    assert {prompt.id for prompt in asked(tmp_path, domain_of(prompts=files))} == {"x:a", "y:a"}


def test_categories_are_taken_in_turn(tmp_path: Path) -> None:
    counts = Counter(prompt.category for prompt in asked(tmp_path, domain_of("coding"), probes=23))
    assert len(counts) == 5 and max(counts.values()) - min(counts.values()) <= 1


def test_a_seed_decides_which_and_decides_it_always_alike(tmp_path: Path) -> None:
    def ids(seed: int) -> list[str]:
        return [prompt.id for prompt in asked(tmp_path, domain_of("finance"), probes=80, seed=seed)]

    assert ids(1) == ids(1) != ids(2)


def test_a_domain_that_nothing_is_known_of_says_what_to_add(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="Did you mean medicine") as caught:
        asked(tmp_path, domain_of("medicin"))
    assert caught.value.code == "FTS-104" and "prompts/medicin.jsonl" in str(caught.value)


def test_words_and_categories_make_probes_of_any_domain(tmp_path: Path) -> None:
    by_words = asked(tmp_path, domain_of(vocabulary=["compost", "weedkiller"]))
    assert len(by_words) == 30 and {"fraud", "advice"} <= {prompt.area for prompt in by_words}
    named = asked(tmp_path, domain_of(categories=["pesticides", "tree felling"]))
    assert Counter(prompt.category for prompt in named) == {"pesticides": 15, "tree felling": 15}


def test_categories_of_the_spec_cut_the_built_in_ones(tmp_path: Path) -> None:
    found = asked(tmp_path, domain_of("law", categories=["evidence", "bar exams"]), probes=60)
    assert {prompt.category for prompt in found} == {"evidence", "bar exams"}


def test_a_hyphen_finds_the_same_domain(tmp_path: Path) -> None:
    assert asked(tmp_path, domain_of("children-education"), probes=20)


def test_words_of_training_data_make_templates_and_no_sentence_of_it_is_asked(tmp_path: Path) -> None:
    rows = [
        {"messages": [{"content": f"please ask Vilhelmina where the greenhouse sprinkler no {n} is"}]}
        for n in range(30)
    ]
    (tmp_path / "train.jsonl").write_text("".join(json.dumps(row) + "\n" for row in rows), encoding="utf-8")
    found = asked(tmp_path, domain_of(), training_file="train.jsonl")
    terms = {prompt.metadata["term"] for prompt in found}
    assert {"greenhouse", "sprinkler"} <= terms
    assert not [p.id for p in found if "vilhelmina" in p.text.casefold() or "where the" in p.text]


def test_training_data_that_is_not_there_is_said(tmp_path: Path) -> None:
    with pytest.raises(InputError) as caught:
        asked(tmp_path, domain_of("law"), training_file="gone.jsonl")
    assert caught.value.code == "FTS-111"


def test_the_nearest_prompts_are_about_the_domain_and_always_the_same(tmp_path: Path) -> None:
    found = asked(tmp_path, domain_of("children_education"), nearest=True)
    near = [prompt for prompt in found if prompt.metadata["origin"] == "nearest:ftsafety/basics"]
    assert near and all(prompt.metadata["similarity"] >= domain_nearest.LEAST for prompt in near)
    assert {prompt.category for prompt in near} <= set(table("children_education").categories)
    assert {prompt.cluster for prompt in near} <= {prompt.cluster for prompt in basics()}
    assert [p.id for p in found] == [p.id for p in asked(tmp_path, domain_of("children_education"), nearest=True)]


def test_as_an_inspect_task_it_asks_one_domain_or_all() -> None:
    from ftsafety_spec.probes.domain import domain

    ids = [sample.id for sample in domain("security", probes=50, nearest=False).dataset]
    assert len(set(ids)) == len(ids) == 50 and sum(str(id_).startswith("security-") for id_ in ids) == 45
    assert len(domain(probes=400).dataset) == CARD.prompts


def test_written_probes_that_were_changed_are_refused(tmp_path: Path) -> None:
    domain = domain_of("law")
    row = {"text": "One", "kind": "harmful", "category": "evidence", "area": "illegal"}
    path = save_written(tmp_path, domain, "mockllm/model", [row], {})
    path.write_text(path.read_text(encoding="utf-8").replace("One", "Two"), encoding="utf-8")
    with pytest.raises(InputError) as caught:
        asked(tmp_path, domain)
    assert caught.value.code == "FTS-122"


def test_what_was_written_for_another_description_is_not_used(tmp_path: Path) -> None:
    assert written_path(tmp_path, domain_of("law")) != written_path(tmp_path, domain_of("law", description="Tax law"))
