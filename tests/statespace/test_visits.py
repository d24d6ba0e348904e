"""Patients seen at visits: censorings at visits, and those who are followed on after the last drop."""

import numpy as np
import pytest

from survrecon.model.curve import SurvivalCurve
from survrecon.model.ipd import PseudoIPD
from survrecon.reconstruction.reconstruct import reconstruct
from survrecon.reconstruction.statespace.decode import smoothed
from survrecon.reconstruction.statespace.patients import Visits, find_visits
from survrecon.reconstruction.statespace.priors import DEFAULT_PRIORS
from survrecon.reconstruction.statespace.timeline import Timeline, stepped_timeline

N = 120


def every(apart: float) -> PseudoIPD:
    """Patients with a median of a year, followed for two to three years, all seen at visits."""
    rng = np.random.default_rng(1)
    died, left = rng.exponential(12 / np.log(2), N), rng.uniform(12, 36, N)
    return PseudoIPD(time=apart * np.ceil(np.minimum(died, left) / apart), event=died <= left)


def drops(arm: PseudoIPD) -> SurvivalCurve:
    times, survival = arm.kaplan_meier()
    return SurvivalCurve(time=np.append(0.0, times), survival=np.append(1.0, np.round(survival, 4)))


def ends_with_a_drop() -> Timeline:
    """Steps at 1 to 4, the last of them at the end of the points; patients may be seen until 6."""
    times, levels = np.arange(1.0, 5), np.array([0.9, 0.8, 0.7, 0.6])
    return stepped_timeline(times, levels, 4.0, None, None, 1e-6, np.random.default_rng(0), DEFAULT_PRIORS, 6.0)


@pytest.mark.parametrize("apart", [1.0, 3.0])
def test_censorings_of_draws_lie_at_visits(apart: float) -> None:
    """They lay anywhere between them, where nobody was seen."""
    result = reconstruct(drops(every(apart)), n=N, points="steps")
    for one in (result.ipd, *result.draws(20)):
        np.testing.assert_array_equal(one.time % apart, 0.0)
        assert one.time[0] >= apart


def test_draws_between_two_drops_differ_in_how_many_leave_at_each_visit() -> None:
    """40 patients over four visits: equal chances give 10 with a standard deviation of 2.7, uneven ones of 8 or so."""
    visits, rng = Visits(apart=1.0, exact=True), np.random.default_rng(2)
    first = []
    for _ in range(200):
        placed = visits.placed(5.0, 9.0, rng.random(40), rng, 1.5)
        assert placed is not None
        assert set(placed) <= {5.0, 6.0, 7.0, 8.0}
        first.append(np.count_nonzero(placed == 5.0))
    assert 8 < np.mean(first) < 12
    assert np.std(first) > 5


def test_no_visit_lies_between_two_that_follow_each_other_but_the_first_of_them() -> None:
    visits = Visits(apart=3.0, exact=True)
    assert visits.between(6.0, 9.0) == (2, 1)
    assert visits.between(0.0, 3.0) == (1, 0)
    assert visits.placed(0.0, 3.0, np.array([0.5]), None, 1.5) is None


def test_visits_that_a_file_rounds_come_before_those_who_leave_at_them() -> None:
    """Every four months, in years to two decimals: 0.33, 0.67, 1 and so on."""
    time = np.round(np.arange(1, 13) / 3, 2)
    visits = find_visits(np.append(0.0, time), 1 - np.arange(13) / 20)
    assert visits is not None
    assert not visits.exact
    late = visits.times(np.arange(1, 13)) - time
    assert (late > 0).all()
    assert (late < 0.1).all()


def test_days_and_odd_times_are_no_visits() -> None:
    rng = np.random.default_rng(3)
    fall = 1 - np.arange(41) / 50
    assert find_visits(np.append(0.0, np.sort(rng.uniform(0, 30, 40))), fall) is None
    assert find_visits(np.append(0.0, np.sort(rng.choice(1000, 40, replace=False) + 1.0)), fall) is None
    assert find_visits(np.arange(4.0), fall[:4]) is None


def test_a_last_drop_leaves_room_for_those_followed_on() -> None:
    """The last slot has no length; with hardly any weight, half of those at risk at the last drop were missing."""
    closed = stepped_timeline(
        np.arange(1.0, 5),
        np.array([0.9, 0.8, 0.7, 0.6]),
        4.0,
        None,
        None,
        1e-6,
        np.random.default_rng(0),
        DEFAULT_PRIORS,
    )
    assert closed.weight[-1] < 1e-5
    assert ends_with_a_drop().weight[-1] > 0.01


def test_those_followed_on_are_not_taken_to_leave_before_the_last_drop() -> None:
    """Of 32 censored 24 were seen after the last drop: by a first pass that share is theirs in the second."""
    line = ends_with_a_drop()
    weight = smoothed(line, np.array([[2], [2], [2], [2], [24]]), DEFAULT_PRIORS.decoding)
    assert weight[-1] == pytest.approx(24 / 32, abs=0.05)
    np.testing.assert_allclose(weight[:-1], weight[0], rtol=0.05)
