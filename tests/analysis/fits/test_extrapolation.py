"""What fits say up to a horizon: closed forms of the exponential, Rubin's rules, cautions, the general population."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from survrecon.analysis.comparison import ArmData
from survrecon.analysis.fits.extrapolate import excess_of, extrapolate
from survrecon.analysis.fits.extrapolation import PopulationUse
from survrecon.analysis.fits.fit import fit_arms
from survrecon.analysis.fits.likelihood import LikelihoodOptions
from survrecon.analysis.fits.pooling import PoolingScale, pool_draws
from survrecon.analysis.fits.results import FitSet
from survrecon.errors import AnalysisError
from survrecon.model.external import Cohort, ExternalPoint, LifeTable, Population, Sex
from survrecon.model.ipd import PseudoIPD
from tests.analysis.fits.samples import gbsg2, lung

Z = 1.959964


def read_apart(central: PseudoIPD, draws: int, spread: float) -> ArmData:
    """Return draws whose times are all a little longer or shorter, as where the figure's axis is doubtful."""
    factors = np.exp(spread * np.random.default_rng(2).standard_normal(draws))
    return ArmData(central=central, draws=tuple(replace(central, time=central.time * factor) for factor in factors))


@pytest.fixture(scope="module")
def exponential() -> FitSet:
    return fit_arms([read_apart(arm, 60, 0.1) for arm in lung()], models="exponential", joint=True)


def test_the_exponential_has_closed_forms(exponential: FitSet) -> None:
    found = extrapolate(exponential, horizon=60, at=[12, 24]).get("exponential", "men")
    rates = exponential.get("exponential", "men").estimates[1:, 0]
    events = lung()[0].events
    # S, mean to 12 and median of each draw
    assert found.milestone_survival.draws[:, 0] == pytest.approx(np.exp(-12 * rates), rel=1e-6)
    assert found.restricted_mean.draws[:, 0] == pytest.approx((1 - np.exp(-12 * rates)) / rates, rel=1e-4)
    assert found.hazard.draws[:, 0] == pytest.approx(rates)
    assert found.median is not None
    assert found.median.draws[:, 0] == pytest.approx(np.log(2) / rates, rel=1e-4)
    # the log of the rate has variance 1 / events, and so has the log median; reading is the spread over draws
    assert found.median.se_sampling[0] == pytest.approx(events**-0.5, rel=1e-3)
    between = np.sqrt((1 + 1 / 60) * np.log(rates).var(ddof=1))
    assert found.median.se_reconstruction is not None
    assert found.median.se_reconstruction[0] == pytest.approx(between, rel=1e-3)
    assert found.median.scale is PoolingScale.LOG
    S = np.exp(-12 * rates)
    logit_se = np.sqrt(np.mean((12 * rates / (1 - S)) ** 2 / events))
    assert found.milestone_survival.se_sampling[0] == pytest.approx(logit_se, rel=1e-3)


@pytest.mark.slow
@pytest.mark.parametrize("model", ["weibull", "gengamma", "rp-hazard-1"])
def test_intervals_of_the_mixture_are_rubins_within_a_twentieth(model: str) -> None:
    fits = fit_arms([read_apart(gbsg2()[0], 40, 0.08)], models=model)
    found = extrapolate(fits, horizon=120, at=[36, 60]).get(model, "no")
    for pooled in (found.mean, found.milestone_survival, found.restricted_mean):
        low, high = pooled.rubin_band(Z)
        forward = pooled.scale.forward
        assert forward(pooled.high) - forward(pooled.low) == pytest.approx(forward(high) - forward(low), rel=0.05)


def test_bands_are_of_sampling_and_of_reading() -> None:
    values = np.exp(np.array([[0.0], [0.2], [0.4]]))
    pooled = pool_draws(values, np.full((3, 1), 0.09), values, PoolingScale.LOG)
    assert pooled.value[0] == pytest.approx(np.exp(0.2))
    assert pooled.sampling_band(1.0)[1][0] == pytest.approx(np.exp(0.5))
    assert pooled.reading_band(1.0)[1][0] == pytest.approx(np.exp(0.2 + np.sqrt(4 / 3) * 0.2))
    assert pooled.se_total[0] ** 2 == pytest.approx(0.09 + 4 / 3 * 0.04)
    alone = pool_draws(values[:1], np.full((1, 1), 0.09), values, PoolingScale.LOG)
    assert alone.se_reconstruction is None
    assert alone.reading_band(2.0)[0][0] == pytest.approx(1.0)


def test_differences_pair_the_draws(exponential: FitSet) -> None:
    found = extrapolate(exponential, horizon=60)
    for model in ("exponential", "exponential (joint)"):
        difference = found.mean_difference(model, of="women", over="men")
        means = [found.get(model, arm).mean for arm in ("women", "men")]
        assert difference.draws == pytest.approx(means[0].draws - means[1].draws)
        assert difference.low[0] < difference.value[0] < difference.high[0]
    apart = found.mean_difference("exponential", of="women", over="men")
    variance = sum(
        (found.get("exponential", arm).mean.draws * found.get("exponential", arm).mean.se_sampling) ** 2
        for arm in ("women", "men")
    )
    assert apart.se_sampling[0] == pytest.approx(np.sqrt(np.mean(variance)), rel=0.05)


def test_the_range_over_models_is_no_variance() -> None:
    found = extrapolate(fit_arms([gbsg2()[0]], models="weibull,lognormal"), horizon=240)
    means = [float(found.get(model, "no").mean.value[0]) for model in ("weibull", "lognormal")]
    assert found.range_of_means("no") == (min(means), max(means))
    assert found.get("weibull", "no").mean.se_reconstruction is None


def test_cautions_and_a_median_that_is_not_reached() -> None:
    arm = gbsg2()[1]
    found = extrapolate(fit_arms([arm], models="exponential"), horizon=400)
    caution = found.caution("yes")
    last = float(arm.time[arm.event][-1])
    assert caution.far == pytest.approx(3 * last)
    assert arm.at_risk([caution.few_at_risk])[0] == 10
    assert caution.at(caution.few_at_risk + 0.1) == "fewer than 10 at risk"
    assert caution.at(3 * last + 1) == "beyond three times the last event"
    assert caution.at(1.0) == ""
    short = extrapolate(found.fits, horizon=20)
    assert short.get("exponential", "yes").median is None
    median = next(row for row in short.rows() if row[3] == "median")
    assert median[4] is None
    assert median[-1] == "not reached"


def test_external_points_join_the_milestones() -> None:
    point = ExternalPoint(time=120, survival=0.3, source="registry")
    found = extrapolate(fit_arms([gbsg2()[0]], models="weibull"), horizon=240, at=[60], external=[point])
    assert found.external == (point,)
    assert found.get("weibull", "no").milestones.tolist() == [60, 120]


def test_horizons_that_cannot_be(exponential: FitSet) -> None:
    with pytest.raises(AnalysisError, match="a time above 0"):
        extrapolate(exponential, horizon=0)
    with pytest.raises(AnalysisError, match="up to the horizon, 60"):
        extrapolate(exponential, horizon=60, at=[70])
    assert extrapolate(exponential).horizon == pytest.approx(2 * max(arm.central.time[-1] for arm in exponential.arms))


TABLE = LifeTable(
    ages=np.arange(0.0, 111.0),
    years=np.array([2010.0, 2011.0, 2012.0]),
    q={
        sex: np.minimum(start * np.exp(0.1 * np.arange(111))[:, None] * np.array([1, 0.98, 0.96]), 1.0)
        for sex, start in ((Sex.MALE, 5e-5), (Sex.FEMALE, 3e-5))
    },
)


def cohort(**changes: float) -> Cohort:
    told = {"mean_age": 65.0, "sd_age": 10.0, "male": 0.6, "start_year": 2010.5, **changes}
    return Cohort.from_summary(**told)


def test_two_groups_by_hand() -> None:
    """A man of 60.0 and a woman of 80.5 from the middle of 2010: hazards change at birthdays and new years."""
    two = Cohort(
        ages=np.array([60.0, 80.5]), sexes=(Sex.MALE, Sex.FEMALE), shares=np.array([3.0, 1.0]), start_year=2010.5
    )
    S, h = Population(table=TABLE, cohort=two, time_unit="years").survival_and_hazard(np.array([0.0, 0.5, 0.75]))
    man, woman = (-np.log1p(-TABLE.q[sex][:90]) for sex in (Sex.MALE, Sex.FEMALE))
    # the man: 60 in 2010 for half a year, then 60 in 2011; the woman: 80 for half a year, then 81, in these years
    first = np.array([man[60, 0], woman[80, 0]])
    second = np.array([man[60, 1], woman[81, 1]])
    alive = np.array([0.75, 0.25]) * np.exp(-0.5 * first - 0.25 * second)
    assert S[0] == 1
    assert S[2] == pytest.approx(alive.sum())
    assert h[2] == pytest.approx((alive * second).sum() / alive.sum())
    assert h[0] == pytest.approx(0.75 * first[0] + 0.25 * first[1])


@pytest.mark.slow
def test_a_simulated_cohort_of_a_million() -> None:
    """Patients who die year by year at the table's probabilities, by a walk through its cells."""
    rng = np.random.default_rng(11)
    group = cohort(mean_age=70.0)
    times = np.array([1.0, 5.0, 10.0, 20.0])
    S, h = Population(table=TABLE, cohort=group, time_unit="years").survival_and_hazard(times)
    count = 1_000_000
    place = rng.choice(group.shares.size, count, p=group.shares)
    age, male = group.ages[place], np.array([sex is Sex.MALE for sex in group.sexes])[place]
    alive, step = np.ones(count, dtype=bool), 0.25
    for start in np.arange(0, 20.25, step):
        seen = int(alive.sum())
        if start in times:
            assert seen / count == pytest.approx(S[times == start][0], rel=0.01)
        rate = np.empty(seen)
        for sex, mask in ((Sex.MALE, male), (Sex.FEMALE, ~male)):
            these = alive & mask
            year = np.full(int(these.sum()), 2010.5 + start)
            rate[mask[alive]] = TABLE.hazard(sex, age[these] + start + 1e-9, year)
        if start in times:
            assert rate.mean() == pytest.approx(h[times == start][0], rel=0.01)
        # a birthday within the step is missed by no one: ages of the cohort are halves
        alive[np.flatnonzero(alive)[rng.random(seen) < -np.expm1(-step * rate)]] = False


def test_the_hazard_at_the_mean_age_is_another() -> None:
    """The old leave first: after 20 years the group's hazard is far below that of its mean age."""
    _, group = Population(table=TABLE, cohort=cohort(), time_unit="years").survival_and_hazard(np.array([20.0]))
    alike = Population(table=TABLE, cohort=cohort(sd_age=0.0), time_unit="years")
    _, mean = alike.survival_and_hazard(np.array([20.0]))
    assert group[0] < 0.8 * mean[0]


def population() -> Population:
    return Population(table=TABLE, cohort=cohort())


@pytest.fixture(scope="module")
def lognormal() -> FitSet:
    return fit_arms([gbsg2()[0]], models="lognormal", endpoint="overall survival")


def test_a_floor_binds_late_and_says_how_often(lognormal: FitSet) -> None:
    free = extrapolate(lognormal, horizon=480).get("lognormal", "no")
    found = extrapolate(lognormal, horizon=480, population=population()).get("lognormal", "no")
    assert free.floor is None
    assert found.floor is not None
    assert found.floor.share == 1.0
    assert found.floor.first is not None
    last = found_last_event()
    assert last <= found.floor.first < 480
    assert found.floor.within_data == 1.0  # a log-normal hazard starts at 0
    assert found.mean.value[0] < free.mean.value[0]
    hazards = population().survival_and_hazard(found.times)[1]
    assert (found.hazard.value >= hazards * (1 - 1e-9)).all()
    early = found.times < last
    assert found.hazard.value[early] == pytest.approx(free.hazard.value[early])
    grid = np.linspace(0, 480, 48001)
    larger = np.maximum(lognormal.fits[0].hazard(grid)[0], population().survival_and_hazard(grid)[1])
    upto = np.concatenate([[0.0], np.cumsum((larger[1:] + larger[:-1]) / 2 * np.diff(grid))])
    assert found.survival.draws[0] == pytest.approx(np.exp(-np.interp(found.times, grid, upto)), abs=5e-4)
    # once it binds for good, survival falls as the population's does
    alive = population().survival_and_hazard(found.times[-2:])[0]
    assert found.survival.value[-1] / found.survival.value[-2] == pytest.approx(alive[1] / alive[0], rel=1e-3)


def found_last_event() -> float:
    arm = gbsg2()[0]
    return float(arm.time[arm.event][-1])


def test_a_floor_that_never_binds() -> None:
    fits = fit_arms([gbsg2()[0]], models="exponential", endpoint="overall survival")
    found = extrapolate(fits, horizon=90, population=population()).get("exponential", "no")
    assert found.floor is not None
    assert (found.floor.share, found.floor.first, found.floor.within_data) == (0.0, None, 0.0)


def test_excess_adds_the_populations_hazard() -> None:
    people = population()
    background = excess_of(people, "overall survival")
    fits = fit_arms(
        [gbsg2()[0]], models="weibull", endpoint="overall survival", options=LikelihoodOptions(background=background)
    )
    found = extrapolate(fits, horizon=240, population=people, population_use="excess")
    fit, one = fits.fits[0], found.get("weibull", "no")
    alive, hazard = people.survival_and_hazard(one.times)
    assert one.survival.draws[0] == pytest.approx(fit.survival(one.times)[0] * alive)
    assert one.hazard.draws[0] == pytest.approx(fit.hazard(one.times)[0] + hazard)
    assert found.population_use is PopulationUse.EXCESS
    with pytest.raises(AnalysisError, match="fitted so and then added to it"):
        extrapolate(fits, horizon=240)


@pytest.mark.parametrize("endpoint", ["time to progression", None, "survival"])
def test_only_endpoints_that_count_every_death(endpoint: str | None) -> None:
    fits = fit_arms([gbsg2()[0]], models="weibull", endpoint=endpoint)
    with pytest.raises(AnalysisError, match="every death is an event"):
        extrapolate(fits, horizon=240, population=population())


@pytest.mark.parametrize("endpoint", ["overall survival", "PFS", "Disease-free survival"])
def test_endpoints_that_do(endpoint: str) -> None:
    fits = fit_arms([gbsg2()[0]], models="exponential", endpoint=endpoint)
    found = extrapolate(fits, horizon=900, population=population())
    assert found.notes == (
        "life table: mortality of 2012, its last year, is taken for later years",
        "life table: mortality at 110, its last age, is taken for higher ages",
    )


def test_populations_that_cannot_be() -> None:
    with pytest.raises(AnalysisError, match="a share between 0 and 1"):
        cohort(male=60)
    with pytest.raises(AnalysisError, match="a first year no later"):
        Population(table=TABLE, cohort=cohort(start_year=1999.0))
    with pytest.raises(AnalysisError, match="rows of each sex"):
        Population(table=replace(TABLE, q={Sex.MALE: TABLE.q[Sex.MALE]}), cohort=cohort())
    with pytest.raises(AnalysisError, match="from the youngest patient"):
        Population(table=replace(TABLE, ages=TABLE.ages + 50), cohort=cohort())
    with pytest.raises(AnalysisError, match="one of days, weeks, months, years"):
        Population(table=TABLE, cohort=cohort(), time_unit="cycles")
