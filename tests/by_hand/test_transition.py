"""The transition of the model on three patients, every step by hand.

Three patients, S falls from 1 to 2/3 in the second of four bins and to 1/3 in the fourth; nothing is printed.

Bin 2, n = 3, its hazard smoothed to 0.1 by the events around and to 0.2 by three bins:
    d    0.7 Poisson(d; 0.3)             0.3 Geometric(d; 0.6)            sum
    0    0.7 x 0.740818 = 0.518573       0.3 x 0.625000 = 0.187500        0.706073
    1    0.7 x 0.222245 = 0.155572       0.3 x 0.234375 = 0.070313        0.225884
    2    0.7 x 0.033337 = 0.023336       0.3 x 0.087891 = 0.026367        0.049703
    3    0.7 x 0.003334 = 0.002334       0.3 x 0.032959 = 0.009888        0.012221
The point 2/3 is read with noise 0.1, so d = 1, S = 2/3 has log density 0; d = 0, S = 1 has -1/2 (10/3)^2 = -5.5556, as
has d = 2. One event leaves n = 2 and S = 2/3; one of those two censored leaves n = 1; the event in bin 4 then takes S
to 0: the curve's 1/3 asks for two at risk.

Balance of an interval: of 3 at the start 1 is printed at the end, and S falls at once to 2/3: 3 x 2/3 - 1 = 1 was
censored.
"""

from __future__ import annotations

import numpy as np
import pytest

from survrecon.reconstruction.statespace.censoring import CensoringBalance
from survrecon.reconstruction.statespace.model import ArmModel
from survrecon.reconstruction.statespace.particles import Particles, island_plan
from survrecon.reconstruction.statespace.priors import DEFAULT_PRIORS
from survrecon.reconstruction.statespace.reading import CurveDetail, PointReading
from survrecon.reconstruction.statespace.timeline import Timeline, sampled_timeline
from tests.build import table

READ = PointReading(detail=CurveDetail.TRACE, grid=0.0, noise=0.1, bias=0.0)


def line_of(levels: list[float], printed: dict[float, int] | None = None) -> Timeline:
    risk = table(list(printed), list(printed.values())) if printed else None
    time = np.arange(1.0, len(levels) + 1)
    return sampled_timeline(time, np.array(levels), READ, risk, None, DEFAULT_PRIORS.censoring)


def three_patients() -> tuple[ArmModel, Particles]:
    line = line_of([0.99, 2 / 3, 2 / 3, 1 / 3])
    model = ArmModel(line, READ, 3, None, DEFAULT_PRIORS, island_plan(2, 2, 4), np.random.default_rng(0))
    model.emission.noise[:] = 0.1
    model.events.hazard[:], model.events.nearby[:] = 0.1, 0.2
    return model, model.initial_state()


def test_density_of_the_events_of_three_patients() -> None:
    model, state = three_patients()
    by_hand = [0.706073, 0.225884, 0.049703, 0.012221]
    np.testing.assert_allclose(model.event_densities(1, 3, state)[:, 0], by_hand, atol=2e-6)
    np.testing.assert_allclose(
        np.exp(model.log_event_density(1, np.arange(4)[:, None], state))[:, 0], by_hand, atol=2e-6
    )


def test_density_of_the_point_after_each_number_of_events() -> None:
    model, state = three_patients()
    after = state.survival * (1 - np.arange(3)[:, None] / 3)
    found = model.log_emission_density(1, after, state)[:, 0]
    np.testing.assert_allclose(found, [-0.5 * (10 / 3) ** 2, 0, -0.5 * (10 / 3) ** 2], atol=1e-9)


def test_events_and_censorings_move_the_state() -> None:
    model, state = three_patients()
    model.fail(1, np.array([1, 1, 0, 3]), state, np.zeros(4))
    np.testing.assert_allclose(state.survival, [2 / 3, 2 / 3, 1, 0])
    np.testing.assert_array_equal(state.at_risk, [2, 2, 3, 0])
    np.testing.assert_array_equal(state.events, [1, 1, 0, 3])
    state.at_risk = np.array([1, 2, 3, 0])  # of the first path one of two was censored
    model.fail(3, np.array([1, 1, 1, 0]), state, np.zeros(4))
    np.testing.assert_allclose(state.survival, [0, 1 / 3, 2 / 3, 0])


def test_balance_of_three_patients() -> None:
    line = line_of([2 / 3] * 6, {0: 3, 6: 1})
    balance = CensoringBalance(line, None, 0.0, DEFAULT_PRIORS.censoring)
    found = balance.remaining(1, np.array([2, 3]), np.array([2 / 3, 1.0]), np.array([1, 0]))
    np.testing.assert_allclose(found, [1, 1])


def test_a_printed_number_is_met_or_impossible() -> None:
    """One is printed: of three at risk two leave, of none at risk it cannot be."""
    line = line_of([2 / 3] * 6, {0: 3, 6: 1})
    model = ArmModel(line, READ, 3, None, DEFAULT_PRIORS, island_plan(2, 2, 4), np.random.default_rng(0))
    state = model.initial_state()
    state.at_risk = np.array([3, 1, 0, 2])
    j = int(np.flatnonzero(line.printed == 1)[0])
    censored, cost = model.draw_censored(j, state)
    np.testing.assert_array_equal(censored, [2, 0, 0, 1])
    np.testing.assert_array_equal(state.at_risk, [1, 1, 0, 1])
    assert np.asarray(cost)[2] == pytest.approx(-1e300)


def test_paths_are_led_to_the_total_by_what_is_still_to_come() -> None:
    """Two events in all, three patients, one printed at the end: the credit is highest for those on course."""
    line = line_of([2 / 3] * 6 + [1 / 3] * 14, {0: 3, 20: 1})
    model = ArmModel(line, READ, 3, 2, DEFAULT_PRIORS, island_plan(2, 2, 4), np.random.default_rng(0))
    state = model.initial_state()
    state.events = np.array([0, 1, 2, 3])
    assert model.total_course(3, state) is None, "led only every tenth bin"
    assert model.course is not None
    credit = model.total_course(9, state)
    mean, _, spread = model.course
    assert credit is not None
    np.testing.assert_allclose(credit, -0.5 * ((np.arange(4) + mean[9] - 2) / spread[9]) ** 2)
