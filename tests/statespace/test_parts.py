"""Slots, balance of an interval, choice of the middle draw."""

import numpy as np

from survrecon.model.curve import AtRiskConvention
from survrecon.reconstruction.statespace.censoring import CensoringBalance
from survrecon.reconstruction.statespace.decode import find_steps
from survrecon.reconstruction.statespace.patients import middle_draw
from survrecon.reconstruction.statespace.priors import DEFAULT_PRIORS
from survrecon.reconstruction.statespace.reading import CurveDetail, PointReading
from survrecon.reconstruction.statespace.timeline import sampled_timeline, stepped_timeline
from tests.build import table

RNG = np.random.default_rng(0)
TRACE = PointReading(detail=CurveDetail.TRACE, grid=0.01, noise=0.004, bias=0.003)


def test_steps_are_found_in_corners() -> None:
    time, survival = np.array([0, 2, 2, 5, 5, 7.0]), np.array([1, 1, 0.8, 0.8, 0.5, 0.5])
    times, levels = find_steps(time, survival, 1e-5)
    np.testing.assert_array_equal(times, [2, 5])
    np.testing.assert_array_equal(levels, [0.8, 0.5])


def test_a_printed_time_at_a_step_stands_on_the_side_of_its_convention() -> None:
    """At time 2 a step and a printed number: counted with time >= 2 it comes before the step, with > 2 after it."""
    for convention, events in (("before", [-1, 0, -1]), ("after", [0, -1, -1])):
        line = stepped_timeline(
            np.array([2.0]), np.array([0.5]), 4.0, table([0, 2], [4, 3], convention), None, 1e-6, RNG, DEFAULT_PRIORS
        )
        np.testing.assert_array_equal(line.step, events)
        assert line.counts_after == (convention == AtRiskConvention.AFTER)


def test_a_mark_that_rounding_put_before_a_step_belongs_after_it() -> None:
    """A patient marked at 2 - 1e-7 was at risk at the step at 2; the one marked at 1 was not."""
    marks = np.array([1.0, 2.0 - 1e-7])
    line = stepped_timeline(np.array([2.0]), np.array([0.5]), 4.0, None, marks, 1e-6, RNG, DEFAULT_PRIORS)
    assert line.marks is not None
    np.testing.assert_array_equal(line.marks, [1, 1])


def test_a_step_and_a_mark_at_a_printed_time_stay_together() -> None:
    """A file rounded the time 2 of both to 2 - 1e-7: the patient is still at risk at the step that is put at 2."""
    early = np.array([2.0 - 1e-7])
    line = stepped_timeline(early, np.array([0.5]), 4.0, table([0, 2], [4, 3]), early, 1e-6, RNG, DEFAULT_PRIORS)
    assert line.mark_times is not None
    np.testing.assert_array_equal(line.mark_times, [2])
    np.testing.assert_array_equal(line.right[line.step >= 0], [2])
    assert line.marks is not None
    np.testing.assert_array_equal(line.marks, [0, 0, 1])


def test_balance_of_an_even_interval() -> None:
    """Ten at risk, survival halves at once, two left at the end: 10 x 1/2 - 2 = 3 of those alive were censored.

    All censorings come after the fall, where everybody alive then would have lived on.
    """
    time, survival = np.arange(1.0, 11), np.full(10, 0.5)
    line = sampled_timeline(time, survival, TRACE, table([0, 10], [10, 2]), None, DEFAULT_PRIORS.censoring)
    balance = CensoringBalance(line, None, 0.0, DEFAULT_PRIORS.censoring)
    left = balance.remaining(1, np.array([5]), np.array([0.5]), np.array([5]))
    np.testing.assert_allclose(left, 3)


def test_middle_is_the_draw_between_two_extremes() -> None:
    events = np.array([[1, 2, 3], [1, 2, 3]])
    assert middle_draw(events, np.full_like(events, 5)) == 1


def test_middle_has_the_most_frequent_total() -> None:
    """Totals 4, 4, 4 and 9: their mean, 5.25, is nobody's; of the 4s the draw between the other two."""
    events = np.array([[1, 2, 3, 4], [3, 2, 1, 5]])
    assert middle_draw(events, np.full_like(events, 5)) == 1
