"""Patients spread along a target: by hand, and against the Kaplan-Meier estimate of one data set."""

from __future__ import annotations

import numpy as np
import pytest

from survrecon.model.kaplan_meier import BandTransform, kaplan_meier
from survrecon.reconstruction.summary.inputs import PrintedMedian, SummaryArm, SurvivalPoint
from survrecon.reconstruction.summary.patients import PatientBatch, expected_departures, place_patients
from survrecon.reconstruction.summary.proposals import median_limits, prints_the_same

GRID = np.linspace(0, 10, 1001)


def test_expected_departures_by_hand() -> None:
    """No loss, everybody followed to 10: of 8 patients 8 (1 - S) have the event, nobody is censored before 10."""
    survival = np.exp(-0.1 * GRID)[None, :]
    followed = np.ones((1, GRID.size))
    events, administrative, lost = expected_departures(survival, followed, followed, 8)
    assert events[0] == pytest.approx(8 * (1 - survival[0]))
    assert administrative[0, -1] == 0
    assert lost[0, -1] == 0


def placed(draws: int, between: tuple[float, ...] = (), median: float = np.nan, seed: int = 0) -> PatientBatch:
    """Eight patients a draw; expected events t/2, so 5 by 10, and nobody leaves before 10; offset one half."""
    straight = np.tile(np.linspace(0, 5, GRID.size), (draws, 1))
    nothing, rng = np.zeros((draws, GRID.size)), np.random.default_rng(seed)
    medians, offset = np.full(draws, median), np.full(draws, 0.5)
    return place_patients(GRID, (straight, nothing, nothing), medians, offset, 8, rng, between=between)


def test_place_by_hand() -> None:
    """One event is expected in each stretch of 2, and is anywhere in it; three are censored at the end."""
    batch = placed(400, between=(2.0, 4.0, 6.0, 8.0))
    assert batch.event.tolist() == [[True] * 5 + [False] * 3] * 400
    assert (np.floor(batch.time[:, :5] / 2) == np.arange(5)).all()
    assert batch.time[:, :5].mean(axis=0) == pytest.approx([1, 3, 5, 7, 9], abs=5 * 2 / np.sqrt(12 * 400))
    assert (batch.time[:, 5:] == 10).all()
    assert batch.kaplan_meier()[0, :5] == pytest.approx([7 / 8, 6 / 8, 5 / 8, 4 / 8, 3 / 8])


def test_without_stretches_events_are_anywhere() -> None:
    """Five uniform times on 0 to 10: their number before 4 is binomial, of mean 2."""
    batch = placed(2000)
    before = ((batch.time < 4) & batch.event).sum(axis=1)
    assert (batch.events == 5).all()
    assert before.mean() == pytest.approx(2, abs=5 * np.sqrt(5 * 0.4 * 0.6 / 2000))
    assert before.var() == pytest.approx(5 * 0.4 * 0.6, rel=0.2)


def test_median_moves_the_event_that_crosses_one_half() -> None:
    """The fourth event takes S to 4/8 between 6 and 8; a printed median of 6.2 moves it there."""
    batch = placed(1, between=(2.0, 4.0, 6.0, 8.0), median=6.2)
    assert batch.time[0, 3] == pytest.approx(6.2)
    rest = (6.2 + batch.time[0, 4]) / 2
    assert batch.halved(batch.kaplan_meier())[0] == pytest.approx(rest), "at rest on 4/8 until the fifth event"


def random_batch(k: int, n: int) -> PatientBatch:
    rng = np.random.default_rng(3)
    death, leaving = rng.exponential(20, (k, n)), rng.uniform(10, 60, (k, n))
    time = np.minimum(death, leaving)
    return PatientBatch.in_order(time, death <= leaving, death > leaving)


def test_batch_agrees_with_one_at_a_time() -> None:
    batch = random_batch(20, 80)
    for lower, level in ((True, 0.95), (False, 0.95), (True, 0.8), (False, 0.8)):
        limits = median_limits(batch, lower=lower, level=level)
        for row, limit in enumerate(limits):
            one = kaplan_meier(batch.time[row], batch.event[row])
            bands = [one.median_limits(transform, level) for transform in BandTransform]
            limits_of_one = [band.low if lower else band.high for band in bands]
            expected = np.mean([np.nan if value is None else value for value in limits_of_one])
            assert limit == pytest.approx(expected, nan_ok=True)


def test_conditions_by_hand() -> None:
    """Ten patients, events at 1 to 6, then censored at 9: S(4) = 0.6, S at rest on 0.5 from 5 to 6, six events."""
    event = np.array([[True] * 6 + [False] * 4])
    batch = PatientBatch(time=np.array([[1.0, 2, 3, 4, 5, 6, 9, 9, 9, 9]]), event=event, lost=np.zeros_like(event))
    meets = SummaryArm(
        name="a",
        n=10,
        points=(SurvivalPoint(time=4, survival=0.6, rounding=0.005),),
        median=PrintedMedian(time=5.5, rounding=0.05),
        events=6,
        events_at_least=5,
    )
    assert all(found.all() for found in prints_the_same(batch, meets).values())
    misses = SummaryArm(
        name="a",
        n=10,
        points=(SurvivalPoint(time=4, survival=0.58, rounding=0.005),),
        median=PrintedMedian(time=7, rounding=0.5),
        events=7,
        events_at_least=8,
    )
    assert not any(found.any() for found in prints_the_same(batch, misses).values())
    open_end = SummaryArm(name="a", n=10, median_not_reached=True, events=6)
    assert not prints_the_same(batch, open_end)["median not reached"].any()
