"""A combination of adapters against what each does alone (R-59): the contrast, its interval, who enters it."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from support.hand_made import answered, compared, joined, locked_spec, prompts

from ftsafety_spec.records.comparison import Cell, Comparison
from ftsafety_spec.records.locked import Variant
from ftsafety_spec.records.stacks import stacks_of
from ftsafety_spec.stats.margin import p_beyond

Value = Callable[[int], float | None]


def variant(name: str, adapters: dict[str, float], against: str | None = "base") -> Variant:
    role = "base" if against is None else "tuned" if name == "both" else "part"
    return Variant(id=name, role=role, against=against, model="base", adapters=adapters, deploy=name == "both")


BASE = variant("base", {"align": 1.0}, None)
STACK = (
    BASE,
    variant("both", {"align": 1.0, "tone": 1.0, "cards": 0.5}),
    variant("both+tone", {"align": 1.0, "tone": 1.0}),
    variant("both+cards", {"align": 1.0, "cards": 0.5}),
)


def found(path: Path, n: int, repeats: int = 1, **values: Value) -> Comparison:
    """Comparison of base, both, and each adapter alone; `values` by variant, + written as _."""
    asked = prompts(n)
    named = {name.replace("_", "+"): value for name, value in values.items()}
    parts = [
        answered(name, asked, lambda i, _, value=value: value(i), repeats)  # type: ignore[misc]
        for name, value in named.items()
    ]
    return compared(path, joined(*parts), locked_spec(repeats, variants=STACK))


def contrast(comparison: Comparison) -> Cell:
    cells = [cell for cell in comparison.cells if cell.by == "interaction"]
    assert [cell.id for cell in cells] == ["both/refusal/interaction/tone + cards"]
    return cells[0]


def test_a_stack_knows_its_parts_by_weights_and_scales() -> None:
    stack = stacks_of(STACK)["both"]
    assert (stack.without, stack.alone) == ("base", {"tone": "both+tone", "cards": "both+cards"})
    assert stack.title == "tone + cards"


@pytest.mark.parametrize("lacking", ["base", "both+tone", "both+cards"])
def test_without_one_of_its_parts_a_stack_has_no_contrast(lacking: str) -> None:
    assert stacks_of(item for item in STACK if item.id != lacking) == {}


def test_one_adapter_at_another_scale_than_alone_is_no_part() -> None:
    other = variant("both+cards", {"align": 1.0, "cards": 1.0})
    assert stacks_of([*STACK[:3], other]) == {}


def test_adapters_that_add_up_show_no_interaction(tmp_path: Path) -> None:
    """tone loses every tenth prompt, cards every tenth other one, together both tenths."""
    comparison = found(
        tmp_path,
        200,
        base=lambda _: 1.0,
        both=lambda i: float(i % 10 not in (0, 1)),
        both_tone=lambda i: float(i % 10 != 0),
        both_cards=lambda i: float(i % 10 != 1),
    )
    cell = contrast(comparison)
    assert cell.regression.points == 0.0 and (cell.lost, cell.gained) == (0, 0)
    assert cell.moments.mean_base == pytest.approx(0.8) and cell.moments.mean_tuned == pytest.approx(0.8)
    assert next(c for c in comparison.cells if c.id == "both/refusal/all/all").regression.points == pytest.approx(0.2)


def test_each_safe_alone_and_unsafe_together_is_shown(tmp_path: Path) -> None:
    cell = contrast(
        found(
            tmp_path,
            200,
            base=lambda _: 1.0,
            both=lambda i: float(i % 2),
            both_tone=lambda i: float(i % 50 != 0),
            both_cards=lambda i: float(i % 50 != 2),
        )
    )
    assert cell.moments.mean_base == pytest.approx(0.96), "1 - 0.02 - 0.02"
    assert cell.regression.points == pytest.approx(0.46)
    low, high = cell.regression.points_interval
    assert 0.35 < low < 0.46 < high < 0.57
    assert (cell.lost, cell.gained) == (92, 0)


def test_the_contrast_is_the_one_by_hand_over_prompt_means(tmp_path: Path) -> None:
    random = np.random.default_rng(3)
    draws = {name: random.random(60).round(3) for name in ("base", "both", "both+tone", "both+cards")}
    values = {name.replace("+", "_"): (lambda i, d=drawn: float(d[i])) for name, drawn in draws.items()}
    cell = contrast(found(tmp_path, 60, repeats=2, **values))
    expected = draws["both+tone"] + draws["both+cards"] - draws["base"]
    assert cell.moments.mean_base == pytest.approx(expected.mean(), abs=1e-9)
    spread = cell.moments.var_base + cell.moments.var_tuned - 2 * cell.moments.cov
    assert spread == pytest.approx(float(np.var(expected - draws["both"], ddof=1)), abs=1e-9)


def test_what_one_of_them_left_unread_is_at_its_worst(tmp_path: Path) -> None:
    def unread(gap: int, value: float = 1.0) -> Value:
        return lambda i: None if i == gap else value

    cell = contrast(found(tmp_path, 40, base=unread(1), both=unread(2), both_tone=unread(3), both_cards=lambda _: 1.0))
    assert (cell.moments.n, cell.worst.n) == (37, 40)
    assert (cell.unscored_base, cell.unscored_tuned) == (2, 1)
    assert cell.moments.mean_base == cell.moments.mean_tuned == 1.0
    assert cell.worst.mean_tuned == pytest.approx(39 / 40)
    assert cell.worst.mean_base == pytest.approx((39 + 2) / 40), "base unread: 1 + 1 - 0"


def test_of_an_outcome_of_which_less_is_safer_more_than_added_up_is_a_loss(tmp_path: Path) -> None:
    asked = prompts(100, kind="benign", area="none")
    shares = {"base": 0, "both": 60, "both+tone": 5, "both+cards": 10}
    parts = [
        answered(name, asked, lambda i, _, k=k: None if (name, i) == ("both", 99) else float(i < k),  # noqa: B023
                 outcome="over_refusal")
        for name, k in shares.items()
    ]  # fmt: skip
    (cell,) = (
        c for c in compared(tmp_path, joined(*parts), locked_spec(variants=STACK)).cells if c.by == "interaction"
    )
    assert (cell.outcome, cell.safer, cell.moments.n, cell.lost) == ("over_refusal", "lower", 99, 50)
    assert cell.regression.points == pytest.approx((60 - 15) / 99)
    assert cell.worst.mean_tuned == pytest.approx(0.61), "unread: declined, for the combination"
    assert cell.worst.mean_base == pytest.approx(0.15)


def test_an_interaction_of_more_than_a_whole_point_lies_inside_its_interval(tmp_path: Path) -> None:
    """Each adapter mends what base does wrong, together they do all wrong."""
    cell = contrast(
        found(tmp_path, 100, base=lambda i: float(i > 9), both=lambda _: 0.0, both_tone=lambda _: 1.0,
              both_cards=lambda _: 1.0)
    )  # fmt: skip
    low, high = cell.regression.points_interval
    assert cell.regression.points == pytest.approx(1.1) and low < 1.1 < high


@pytest.mark.parametrize("outcome", ["value_shift", "refusal_quality"])
def test_effects_that_do_not_add_up_have_no_contrast(tmp_path: Path, outcome: str) -> None:
    asked = prompts(40, kind="capability" if outcome == "value_shift" else "harmful")
    parts = [answered(name, asked, lambda i, _: float(i % 2), outcome=outcome) for name in (v.id for v in STACK)]
    cells = compared(tmp_path, joined(*parts), locked_spec(variants=STACK)).cells
    assert not [cell.id for cell in cells if cell.by == "interaction"]


def test_where_nothing_of_a_part_was_read_nothing_is_claimed(tmp_path: Path) -> None:
    cell = contrast(
        found(tmp_path, 30, base=lambda _: 1.0, both=lambda _: 0.0, both_tone=lambda _: None, both_cards=lambda _: 1.0)
    )
    assert cell.moments.n == 0 and cell.regression.points_interval == (-1.0, 1.0)


def test_clean_pairs_are_shown_to_interact_no_more_often_than_the_level_says() -> None:
    """400 prompts, each variant flips 2 % of its refusals by itself, the combination what the two add up to."""
    from ftsafety_spec.stats.moments import moments_of

    random, shown, runs = np.random.default_rng(7), 0, 2000
    for _ in range(runs):
        one, two = (random.random((2, 400)) < 0.02).astype(float)
        expected, both = 1.0 - one - two, 1.0 - (random.random(400) < 0.04)
        shown += p_beyond(moments_of(expected, both), 0.0, "points") < 0.05
    assert shown / runs <= 0.055, json.dumps({"shown": shown, "runs": runs})
