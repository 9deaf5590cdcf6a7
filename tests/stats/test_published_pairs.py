"""Paired bounds against statsmodels, scipy and published worked examples (issue 6, "To be met").

Complete response of 161 patients before and after consolidation therapy (Cavo et al. 2012, Blood 120): 59 both times, 6
before only, 16 after only, 80 never; and airway hyper-responsiveness of 21 children (Bentur et al. 2009): 1, 1, 7, 12.
Figures: Fagerland, Lydersen and Laake, "Statistical Analysis of Contingency Tables" (2017), chapter 8, as their R
package `contingencytables` prints and tests them."""

from __future__ import annotations

import math

import numpy as np
import pytest
import statsmodels.api as sm
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import stats as scipy_stats
from scipy.special import ndtri
from statsmodels.stats.contingency_tables import mcnemar
from statsmodels.stats.proportion import _confint_riskratio_paired_nam

from ftsafety_spec.records.comparison import Moments
from ftsafety_spec.stats.margin import optimistic, p_beyond, pessimistic, regression_of, statistic
from ftsafety_spec.stats.moments import appended, moments_of
from ftsafety_spec.stats.ordinal import sign_test

CAVO = (59, 6, 16, 80)


def pairs(both: int, second: int, first: int, neither: int) -> Moments:
    """Counts of pairs that were safe: both, tuned only, base only, neither."""
    base = [1.0] * both + [0.0] * second + [1.0] * first + [0.0] * neither
    tuned = [1.0] * both + [1.0] * second + [0.0] * first + [0.0] * neither
    return moments_of(base, tuned)


def test_the_published_difference_and_ratio_are_ours() -> None:
    found = regression_of(pairs(*CAVO), "higher", 0.95)
    assert found.points == pytest.approx(0.0621, abs=5e-5)
    assert found.relative is not None and 1 - found.relative == pytest.approx(0.8667, abs=5e-5)


def test_the_published_wald_interval_is_ours_without_pseudo_prompt_and_t() -> None:
    """-0.0621 (-0.1184 to -0.0058), with the divisor n and the normal quantile."""
    m = pairs(*CAVO)
    error = math.sqrt((m.var_base + m.var_tuned - 2 * m.cov) / m.n * (m.n - 1) / m.n)
    difference, z = m.mean_tuned - m.mean_base, float(ndtri(0.975))
    assert (difference - z * error, difference + z * error) == pytest.approx((-0.1184, -0.0058), abs=5e-5)
    assert difference / error == pytest.approx(statistic(m, 0.0, "points") * math.sqrt(m.n / (m.n - 1)))


def test_the_published_exact_conditional_mcnemar_test_is_the_sign_test() -> None:
    assert sign_test(16, 6) == pytest.approx(0.052479, abs=5e-7)
    assert sign_test(7, 1) == pytest.approx(mcnemar([[1, 1], [7, 12]], exact=True).pvalue)


@pytest.mark.parametrize(
    ("method", "low", "high"),
    [
        ("Wald", 0.0058, 0.1184),
        ("Tango 1998", 0.0054, 0.1240),
        ("Newcombe 1998", 0.0046, 0.1186),
        ("Agresti & Min 2005", 0.0045, 0.1182),
        ("Bonett & Price 2012", 0.0032, 0.1195),
    ],
)
def test_our_interval_holds_the_published_ones_of_the_difference(method: str, low: float, high: float) -> None:
    ours = regression_of(pairs(*CAVO), "higher", 0.95).points_interval
    assert ours[0] <= low and ours[1] >= high - 0.003, method
    assert ours[1] - ours[0] <= 1.2 * (high - low), "and is not much wider"


@pytest.mark.parametrize(
    ("method", "low", "high"),
    [
        ("Wald", 0.7597, 0.9886),
        ("Tang et al. 2003", 0.7476, 0.9876),
        ("Bonett & Price 2006", 0.7579, 0.9910),
        ("MOVER Wilson", 0.7592, 0.9866),
    ],
)
def test_our_interval_is_near_the_published_ones_of_the_ratio(method: str, low: float, high: float) -> None:
    found = regression_of(pairs(*CAVO), "higher", 0.95).interval
    assert found is not None
    ours = (1 - found[1], 1 - found[0])
    assert ours[0] <= low + 0.005 and ours[1] >= high, method
    assert ours[1] - ours[0] <= 1.2 * (high - low)


def test_statsmodels_score_interval_of_the_ratio_is_tang_s() -> None:
    both, second, first, neither = CAVO
    found = _confint_riskratio_paired_nam([[both, second], [first, neither]]).confint
    assert found == pytest.approx([0.7476, 0.9876], abs=5e-5)


counts = st.tuples(st.integers(20, 400), st.integers(0, 20), st.integers(0, 40), st.integers(0, 40))


@settings(max_examples=80, deadline=None)
@given(counts)
def test_the_pessimistic_end_is_no_better_than_the_score_interval_s(found: tuple[int, int, int, int]) -> None:
    """One-sided 95 % of Fieller's interval with a lost prompt, against 90 % two-sided of Tang, Tang & Chan 2003."""
    both, second, first, neither = found
    if not second + first:
        return
    table = [[both, second], [first, neither]]
    score = float(np.real(_confint_riskratio_paired_nam(table, alpha=0.10).confint[0]))
    high = pessimistic(pairs(*found), 0.95)
    assert high is not None
    assert high >= (1 - score) * 0.94 - 0.002, "never much below it"
    assert high <= (1 - score) + 3.5 / both, "nor far above: a prompt and its spread"


@settings(max_examples=60, deadline=None)
@given(st.integers(0, 25), st.integers(0, 25))
def test_a_shown_loss_is_one_by_the_exact_test_as_well(lost: int, gained: int) -> None:
    """Of 200 prompts: where the optimistic end lies above 0, the exact one-sided McNemar test rejects at 10 %; where
    that rejects at 1 %, the end lies above 0."""
    exact = scipy_stats.binomtest(gained, lost + gained, alternative="less").pvalue if lost + gained else 1.0
    m = pairs(150 - gained, gained, lost, 50 - lost)
    low = optimistic(m, 0.95, "points")
    assert low is not None
    assert exact < 0.10 if low > 0 else exact >= 0.01
    assert (p_beyond(m, 0.0, "points") < 0.05) == (low > 0)


def test_the_statistic_is_that_of_clustered_ols() -> None:
    """The paired difference of prompt means is a regression on the variant with prompts' own intercepts, and errors
    clustered by prompt (CR1 with the factor C / (C - 1))."""
    rng = np.random.default_rng(4)
    n, repeats = 60, 3
    chance = rng.beta(8, 2, n)
    base, tuned = (rng.binomial(1, c, (repeats, n)).T.astype(float) for c in (chance, chance * 0.8))
    answers = np.concatenate([base.ravel(), tuned.ravel()])
    prompt = np.tile(np.repeat(np.arange(n), repeats), 2)
    variant = np.repeat([0.0, 1.0], n * repeats)
    design = np.column_stack([variant, np.eye(n)[prompt]])
    fit = sm.OLS(answers, design).fit(
        cov_type="cluster", cov_kwds={"groups": prompt, "use_correction": False, "df_correction": False}
    )
    m = moments_of(base.mean(axis=1), tuned.mean(axis=1))
    assert m.mean_tuned - m.mean_base == pytest.approx(float(fit.params[0]))
    assert statistic(m, 0.0, "points") == pytest.approx(float(fit.tvalues[0]) * math.sqrt((n - 1) / n))


def test_the_bound_is_scipy_s_t_interval_of_the_prompts_and_one_more() -> None:
    m = pairs(*CAVO)
    d = np.array([0.0] * 139 + [-1.0] * 6 + [1.0] * 16 + [1.0])
    expected = scipy_stats.ttest_1samp(d, 0).confidence_interval(0.90).high
    found = pessimistic(m, 0.95, "points")
    assert found is not None
    assert expected <= found <= 1.02 * expected, "the score test of many prompts adds a little"
    more = appended(m, 1.0, 0.0)
    assert (more.n, more.mean_base - more.mean_tuned) == (162, pytest.approx(d.mean()))
