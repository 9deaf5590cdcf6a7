"""The order in which prompts are asked: every prefix looks like the whole, and adding prompts moves nothing else."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence

from hypothesis import given, settings
from hypothesis import strategies as st

from ftsafety_spec.catalog.base import Prompt
from ftsafety_spec.catalog.order import interleave, seeded_order
from ftsafety_spec.spec.common import PromptKind

KINDS: tuple[PromptKind, ...] = ("harmful", "borderline", "benign")
sizes = st.dictionaries(st.sampled_from("abcdefghijkl"), st.integers(0, 40), min_size=1, max_size=12)
labels = st.lists(st.tuples(st.sampled_from(["fraud", "cyber", "hate", "other"]), st.sampled_from(KINDS)), max_size=120)


def prompts_of(labelled: Sequence[tuple[str, PromptKind]]) -> list[Prompt]:
    return [Prompt(f"p{n}", f"Placeholder {n}.", kind, "c", area) for n, (area, kind) in enumerate(labelled)]


def worst_distance(merged: Sequence[str], size_of: Mapping[str, int]) -> float:
    """The largest |count − n · share| over all prefixes and strata."""
    total, seen, worst = len(merged), Counter[str](), 0.0
    for n, name in enumerate(merged, start=1):
        seen[name] += 1
        worst = max(worst, *(abs(seen[key] - n * size / total) for key, size in size_of.items()))
    return worst


@settings(deadline=None)
@given(sizes)
def test_in_every_prefix_each_stratum_is_within_one_of_its_share(size_of: dict[str, int]) -> None:
    merged = interleave({name: [name] * size for name, size in size_of.items()})
    assert Counter(merged) == Counter({name: size for name, size in size_of.items() if size})
    assert not merged or worst_distance(merged, size_of) < 1


@settings(deadline=None)
@given(labels, st.integers(0, 2**31 - 1))
def test_areas_and_kinds_within_areas_are_balanced_in_every_prefix(
    labelled: list[tuple[str, PromptKind]], seed: int
) -> None:
    ordered = seeded_order(prompts_of(labelled), seed)
    assert sorted(p.id for p in ordered) == sorted(f"p{n}" for n in range(len(labelled)))
    areas = [prompt.area for prompt in ordered]
    assert not areas or worst_distance(areas, Counter(areas)) < 1
    for area in set(areas):
        kinds = [prompt.kind for prompt in ordered if prompt.area == area]
        assert worst_distance(kinds, Counter(kinds)) < 1


@settings(deadline=None)
@given(labels, st.integers(0, 1000), st.randoms())
def test_the_order_does_not_depend_on_the_order_of_the_file(
    labelled: list[tuple[str, PromptKind]], seed: int, random: object
) -> None:
    prompts = prompts_of(labelled)
    shuffled = list(prompts)
    random.shuffle(shuffled)  # type: ignore[attr-defined]
    assert seeded_order(shuffled, seed) == seeded_order(prompts, seed)


@settings(deadline=None)
@given(labels, st.integers(0, 1000))
def test_adding_prompts_keeps_the_order_of_the_others_within_an_area_and_kind(
    labelled: list[tuple[str, PromptKind]], seed: int
) -> None:
    prompts = prompts_of(labelled)
    fewer = prompts[: len(prompts) // 2]
    kept = {prompt.id for prompt in fewer}
    for area, kind in set(labelled):
        more = [p.id for p in seeded_order(prompts, seed) if (p.area, p.kind) == (area, kind) and p.id in kept]
        assert more == [p.id for p in seeded_order(fewer, seed) if (p.area, p.kind) == (area, kind)]


def test_another_seed_is_another_order() -> None:
    prompts = prompts_of([("fraud", "harmful")] * 50)
    assert seeded_order(prompts, 1) != seeded_order(prompts, 2)
    assert seeded_order(prompts, 1) == seeded_order(prompts, 1)


def test_no_prompts_have_no_order() -> None:
    assert seeded_order([], 0) == [] and interleave({}) == []
