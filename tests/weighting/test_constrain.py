"""Draws under constraints: they narrow to the truth at the nominal rate, or are refused."""

from __future__ import annotations

import numpy as np
import pytest

from benchmarks.printed import printed_contrast
from survrecon import constrain
from survrecon.analysis.comparison import compare_arms
from survrecon.analysis.cox import contrast, contrast_draws
from survrecon.errors import ConstraintError, ReconstructionError
from survrecon.model.ipd import PseudoIPD, Reconstruction
from survrecon.model.kaplan_meier import kaplan_meier
from survrecon.reconstruction.reconstruct import reconstruct
from survrecon.weighting.constraints import Constraint
from survrecon.weighting.search import Screen, Search
from tests.statespace.figures import trace
from tests.weighting.trials import data_set, fact, reconstruction

HAZARDS = {"placebo": 0.06, "drug": 0.04}
ARMS = [reconstruction(name, hazard, seed=3) for name, hazard in HAZARDS.items()]
RATIO = fact("hazard_ratio", of="drug", over="placebo", value=0.66, decimals=2)


def width(values: list[float]) -> float:
    low, high = np.quantile(values, [0.05, 0.95])
    return float(high - low)


@pytest.mark.slow
def test_the_truth_stays_inside_at_the_nominal_rate_and_intervals_narrow() -> None:
    """Truth and draws come from one population, so a 90% interval of the weighted draws holds the truth in 90%.

    2 trials: of 4 totals of events at least 3 (3.6 expected, standard deviation 0.6), of 2 hazard ratios at
    least 1 (1.8, 0.4).
    """
    events_in, ratios_in, before, after = 0, 0, [], []
    for trial in range(2):
        rng = np.random.default_rng([11, trial])
        truth = {name: data_set(rng, name, hazard) for name, hazard in HAZARDS.items()}
        arms = [reconstruction(name, hazard, seed=1000 + trial) for name, hazard in HAZARDS.items()]
        printed = printed_contrast(truth["placebo"], truth["drug"], of="drug", over="placebo")
        result = constrain(arms, printed, rng=np.random.default_rng(trial))
        found = result.reconstructions
        weighted = {name: arm.draws(200) for name, arm in found.items()}
        for arm in arms:
            name = arm.ipd.arm
            totals = [float(d.events) for d in weighted[name]]
            low, high = np.quantile(totals, [0.05, 0.95])
            events_in += bool(low <= truth[name].events <= high)
            before.append(width([float(d.events) for d in arm.draws(200)]))
            after.append(width(totals))
        ratios = contrast_draws(weighted["placebo"], weighted["drug"]).log_hr
        true = contrast(truth["placebo"], truth["drug"]).log_hr
        ratios_in += bool(np.quantile(ratios, 0.05) <= true <= np.quantile(ratios, 0.95))
        off = np.abs(np.exp(ratios) - (printed[0].number or 0)).max()
        assert off <= 0.005 + 1e-9 or any("wider" in text for text in result.constraints.assumptions)
    assert events_in >= 3
    assert ratios_in >= 1
    assert np.mean(after) < 0.8 * np.mean(before)


@pytest.mark.slow
@pytest.mark.parametrize("seed", [1])
def test_points_of_a_trace_without_a_risk_table(seed: int) -> None:
    """The printed hazard ratio, interval and p bring the data sets nearer to the patients behind the figure."""
    rng = np.random.default_rng([5, seed])
    truth = [data_set(rng, name, hazard, n=150) for name, hazard in HAZARDS.items()]
    arms = [
        reconstruct(trace(ipd, seed), n=ipd.n, arm=ipd.arm, rng=np.random.default_rng([seed, k]))
        for k, ipd in enumerate(truth)
    ]
    plain = compare_arms(control=arms[0], treatment=arms[1])
    found = constrain(
        arms, printed_contrast(*truth, of="drug", over="placebo"), rng=np.random.default_rng(seed)
    ).reconstructions
    weighted = compare_arms(control=found["placebo"], treatment=found["drug"])
    true = contrast(*truth).log_hr
    assert np.ptp(weighted.log_hazard_ratios) < np.ptp(plain.log_hazard_ratios)
    assert np.abs(weighted.log_hazard_ratios - true).mean() < np.abs(plain.log_hazard_ratios - true).mean()
    assert (weighted.hazard_ratio.reconstruction_se or 0) < (plain.hazard_ratio.reconstruction_se or 0)
    for before, after, ipd in zip(plain.arms, weighted.arms, truth, strict=True):
        assert before.events.value is not None
        assert after.events.value is not None
        assert abs(after.events.value - ipd.events) <= abs(before.events.value - ipd.events) + 1


def test_what_comes_back() -> None:
    found = constrain(ARMS, [RATIO], draws=120)
    assert list(found.reconstructions) == ["placebo", "drug"]
    for name, arm in found.reconstructions.items():
        assert len(arm.draws(120)) == 120
        assert arm.ipd.arm == name
        assert any(arm.ipd is d for d in arm.draws(120))
        assert arm.diagnostics.effective_sample_size == round(found.constraints.effective_sample_size, 1)
        assert arm.diagnostics.constraints == "hazard ratio, drug over placebo, 0.66"
        assert arm.diagnostics.largest_residual is None
        assert any("unadjusted" in text for text in arm.assumptions)
        with pytest.raises(ReconstructionError, match="at most the 120 draws that were made; got 121"):
            arm.draws(121)
    one = [f.log_hr for f in map(contrast, *(arm.draws(120) for arm in found.reconstructions.values()))]
    assert np.abs(np.exp(one) - 0.66).max() <= 0.005 + 1e-9
    used = found.constraints.used[0]
    assert 0 < used.share < 1
    assert used.interval is not None
    assert used.without == pytest.approx(2 / 3, abs=0.08)
    assert found.constraints.effective_sample_size >= 50
    assert "Effective sample size" in found.constraints.summary


@pytest.mark.slow
def test_the_same_seed_gives_the_same_draws() -> None:
    first, second = (constrain(ARMS, [RATIO], draws=60, rng=np.random.default_rng(4)) for _ in range(2))
    other = constrain(ARMS, [RATIO], draws=60, rng=np.random.default_rng(5))
    times = [np.concatenate([d.time for d in f.reconstructions["drug"].draws(60)]) for f in (first, second, other)]
    assert np.array_equal(times[0], times[1])
    assert not np.array_equal(times[0], times[2])


@pytest.mark.slow
def test_swapping_the_arms_inverts_the_hazard_ratio() -> None:
    one = constrain(ARMS, [RATIO], draws=60).reconstructions
    two = constrain(ARMS[::-1], [RATIO], draws=60).reconstructions
    straight = compare_arms(control=one["placebo"], treatment=one["drug"], draws=60).hazard_ratio
    swapped = compare_arms(control=two["drug"], treatment=two["placebo"], draws=60).hazard_ratio
    assert straight.value is not None
    assert swapped.value is not None
    assert straight.value * swapped.value == pytest.approx(1, abs=1e-9)
    assert straight.reconstruction_se == pytest.approx(swapped.reconstruction_se, abs=1e-9)


def test_a_ratio_far_from_the_figure_is_refused_with_the_distance() -> None:
    """The draws' own mean, interval and standard deviation say how far 0.30 lies from them."""
    q = contrast_draws(ARMS[0].draws(200), ARMS[1].draws(200)).log_hr
    away = (q.mean() - np.log(0.305)) / q.std()
    low, high = np.exp(np.quantile(q, [0.025, 0.975]))
    with pytest.raises(ConstraintError) as caught:
        constrain(ARMS, [fact("hazard_ratio", of="drug", over="placebo", value=0.30, decimals=2)])
    assert (
        f"printed hazard ratio, drug over placebo 0.30 lies {away:.1f} standard deviations of the draws from what "
        f"the figure allows: {np.exp(q.mean()):.2f} ({low:.2f} to {high:.2f})"
    ) in str(caught.value)
    assert "an effective sample size of at least 50" in str(caught.value)


def test_numbers_that_only_together_contradict_the_figure_are_refused() -> None:
    """A hazard ratio of 0.66 with about 50 events an arm has p near 0.04, not 0.60."""
    with pytest.raises(ConstraintError, match=r"printed log-rank p 0\.60 lies"):
        constrain(ARMS, [RATIO, fact("logrank_p", value=0.60, decimals=2)])


def test_fifty_data_sets_are_not_enough_where_one_counts() -> None:
    """All weight on one draw of an arm: an effective sample size of 1 of any number."""
    alike = data_set(np.random.default_rng(0), "drug", 0.04)
    late = PseudoIPD(time=alike.time + 5, event=alike.event, arm="drug")
    lonely = Reconstruction(ipd=alike, method="test", drawer=lambda k: [alike, *[late] * (k - 1)])
    median = fact("median", arm="drug", value=round(float(np.median(alike.time)), 1), decimals=1)
    own = Search({"drug": lonely.draws(60)}, [Constraint(fact=median)], reading={"drug": 1.0}, paired=False, seed=0)
    kept = own.run()
    assert kept.rows.tolist() in ([[0]], [])
    assert kept.effective_size <= 1
    with pytest.raises(ConstraintError, match="an effective sample size of at least 50"):
        constrain([lonely], [median], time_reading=1.0)


def test_one_arm_by_its_median() -> None:
    drawn = ARMS[1]
    printed = round(float(np.median([median_of(d) or np.inf for d in drawn.draws(200)])), 0)
    found = constrain([drawn], [fact("median", arm="drug", value=printed, decimals=0)])
    assert all(abs((median_of(d) or 0) - printed) <= 0.5 + 1e-9 for d in found.reconstructions["drug"].draws(200))


def median_of(ipd: PseudoIPD) -> float | None:
    return kaplan_meier(ipd.time, ipd.event).median()


@pytest.mark.slow
def test_three_arms() -> None:
    """Both hazard ratios against the control hold in every combination."""
    arms = [*ARMS, reconstruction("high", 0.03, seed=4)]
    facts = [RATIO, fact("hazard_ratio", of="high", over="placebo", value=0.5, decimals=1)]
    found = constrain(arms, facts).reconstructions
    for name, printed, off in (("drug", 0.66, 0.005), ("high", 0.5, 0.05)):
        log_hr = contrast_draws(found["placebo"].draws(200), found[name].draws(200)).log_hr
        assert np.abs(np.exp(log_hr) - printed).max() <= off + 1e-9


def test_draws_that_belong_together_stay_together() -> None:
    """Draw i of one arm goes with draw i of the other alone."""
    found = constrain(ARMS, [RATIO], draws=60, paired=True).reconstructions
    made = {name: arm.draws(3200) for name, arm in zip(HAZARDS, ARMS, strict=True)}
    place = {
        name: [
            next(i for i, d in enumerate(sets) if np.array_equal(d.time, mine.time)) for mine in found[name].draws(60)
        ]
        for name, sets in made.items()
    }
    assert place["placebo"] == place["drug"]


def test_the_screen_loses_no_combination() -> None:
    """What an exact look at all combinations keeps is what the screen lets through to it, but for one in a hundred."""
    sets = {name: arm.draws(60) for name, arm in zip(HAZARDS, ARMS, strict=True)}
    search = Search(sets, [Constraint(fact=RATIO)], reading={}, paired=False, seed=0)
    rows = np.stack(np.meshgrid(np.arange(60), np.arange(60)), axis=-1).reshape(-1, 2)
    screened = search.weigh(rows)
    assert isinstance(search.screens.pop(("drug", "placebo")), Screen)
    exact = search.weigh(rows)
    assert exact.sum() > 50
    assert (screened <= exact).all()
    assert screened.sum() >= 0.99 * exact.sum()


@pytest.mark.parametrize(
    ("facts", "message"),
    [
        ([], "at least one printed statistic; got none"),
        (
            [
                fact(
                    "hazard_ratio", of="drug", over="placebo", value=0.6, decimals=1, model="adjusted", model_by=["age"]
                )
            ],
            "it is adjusted by age, and rebuilt patients have no covariates",
        ),
        ([fact("hazard_ratio", of="drug", over="other", value=0.6, decimals=1)], "it names other"),
        ([fact("events", arm="drug", value=6, decimals=0)], "events is no constraint"),
        ([fact("median", arm="drug", value="not estimable")], "it is printed as not estimable"),
    ],
    ids=["none", "adjusted", "stranger", "events", "not estimable"],
)
def test_facts_that_may_not_be_used(facts: list[object], message: str) -> None:
    with pytest.raises(ConstraintError, match=message):
        constrain(ARMS, facts)  # type: ignore[arg-type]


def test_a_method_without_draws_is_refused() -> None:
    single = Reconstruction(ipd=ARMS[0].ipd, method="guyot")
    with pytest.raises(ConstraintError, match="method guyot, which returns one data set"):
        constrain([single, ARMS[1]], [RATIO])


def test_arms_of_one_name_are_refused() -> None:
    with pytest.raises(ConstraintError, match="each its own name; got drug, drug"):
        constrain([ARMS[1], ARMS[1]], [RATIO])
