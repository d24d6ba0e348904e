"""Events told up to the columns of a risk table: refused where they cannot be, else met by every draw."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np
import pytest

from survrecon.errors import CurveError, ReconstructionError
from survrecon.model.consistency import check_columns
from survrecon.reconstruction.reconstruct import reconstruct
from survrecon.reconstruction.statespace.backward import _settled
from survrecon.reconstruction.statespace.timeline import Timeline, told_ahead
from tests.build import curve, followed, steps, table
from tests.statespace.figures import corners, simulated, trace

if TYPE_CHECKING:
    from survrecon.arrays import FloatArray
    from survrecon.model.curve import RiskTable
    from survrecon.model.ipd import PseudoIPD


def so_far(arm: PseudoIPD, at: FloatArray) -> tuple[int, ...]:
    return tuple(int(arm.event[arm.time < t].sum()) for t in at)


def told_table(arm: PseudoIPD, every: float = 3.0) -> RiskTable:
    at = np.arange(0, arm.time[-1], every)
    return replace(table(at, arm.at_risk(at)), events=so_far(arm, at))


def missed(draws: list[PseudoIPD], told: RiskTable) -> int:
    """Return in how many draws a number at risk or of events so far is not the printed one."""
    return sum(
        so_far(one, told.time) != told.events or one.at_risk(told.time).tolist() != told.at_risk.tolist()
        for one in draws
    )


def test_what_two_columns_tell() -> None:
    """Ten patients, S = 0.8 from 2 and 0.4 from 5, six at risk at 4: with 2 events by 4 two were censored before.

    With six at risk at 4 the curve so far (one drop by a fifth) allows 1.5 to 2 events, so 2 give or take its reading;
    and the four who are not at risk any more are 2 events and 2 censored, 3 and 1, or 4 and none.
    """
    fallen = steps([0, 2, 5], [1, 0.8, 0.4], 1e-9)
    printed = table([0, 4], [10, 6])
    check_columns(fallen, 10, replace(printed, events=(0, 2)))
    for events in ((0, 0), (0, 4), (0, 5)):
        with pytest.raises(ReconstructionError, match=r"events so far, time 4: .* allow 1 to 2; got"):
            check_columns(fallen, 10, replace(printed, events=events))
    with pytest.raises(ReconstructionError, match="allow 3 to 2"):  # of 9 events 3 at least are before 4
        check_columns(fallen, 10, replace(printed, events=(0, 2)), 9)


@pytest.mark.parametrize("events", [(0, 3, 2), (0, -1, 2), (1, 2), (0, None, 1, 2)])
def test_counts_that_fall_or_are_none_are_refused(events: tuple[int | None, ...]) -> None:
    with pytest.raises(CurveError, match="risk table, events so far"):
        replace(table([0, 4, 8], [10, 6, 2]), events=events)


def test_the_last_column_tells_the_total() -> None:
    printed = table([0, 4, 8], [10, 6, 0])
    assert printed.total_events is None
    assert replace(printed, events=(0, 2, 5)).total_events == 5
    assert replace(printed, at_risk=np.array([10, 6, 1]), events=(0, 2, 5)).total_events is None
    assert replace(printed, events=(0, None, 5)).at_columns(printed.at_risk > 0).events == (0, None)


def test_draws_that_miss_are_turned_within_the_columns() -> None:
    """Three bins to a column: 2 events told in the first three bins, 3 in all; numbers at risk stay as they are."""
    line = _line(told=[-1, -1, 2, -1, -1, 3], can_fail=[True, True, False, True, True, True])
    events = np.array([[1, 0, 0, 1, 1, 0], [1, 2, 0, 0, 0, 0], [1, 1, 0, 0, 0, 1]]).T
    censored = np.array([[0, 0, 3, 0, 1, 1], [0, 1, 0, 2, 0, 1], [0, 0, 2, 0, 1, 1]]).T
    turned, new_events, new_censored = _settled(line, events, censored, None)
    assert turned == 2
    assert np.array_equal(new_events + new_censored, events + censored)
    assert new_events[:3].sum(axis=0).tolist() == [2, 2, 2]
    assert new_events.sum(axis=0).tolist() == [3, 3, 3]
    assert new_events[:, 0].tolist() == [1, 0, 1, 1, 0, 0]  # no bin where the curve falls has anybody to turn
    assert np.array_equal(new_events[:, 2], events[:, 2])


def _line(told: list[int], can_fail: list[bool]) -> Timeline:
    size = len(told)
    every, none = np.arange(size, dtype=float), np.full(size, -1)
    return Timeline(
        left=every, right=every + 1, points=((),) * size, can_fail=np.array(can_fail), step=none, printed=none,
        end=np.full(size, size - 1), target=np.zeros(size, dtype=int), hazard=every, weight=np.ones(size),
        told=np.array(told),
    )  # fmt: skip


def test_what_is_told_next() -> None:
    assert told_ahead(_line([-1, 4, -1, 9, -1], [True] * 5)).tolist() == [4, 4, 9, 9, -1]
    assert told_ahead(replace(_line([-1, -1], [True] * 2), told=None)).tolist() == [-1, -1]


def test_every_draw_of_a_trace_meets_them() -> None:
    """Of 700 patients a row of the picture is two, so that the curve alone leaves the events open."""
    arm = simulated(700, 3, censoring=1.5)
    told, points = told_table(arm), trace(arm, 3)
    made = reconstruct(points, n=700, risk_table=told)
    assert missed([made.ipd, *made.draws(15)], told) == 0
    assert followed(made).forced == 0
    assert not [note for note in made.warnings if "events" in note]


@pytest.mark.slow
@pytest.mark.parametrize("total", [False, True])
@pytest.mark.parametrize("kind", ["trace", "corners"])
def test_every_draw_meets_them_with_and_without_a_total(kind: str, total: bool) -> None:
    for seed in range(3):
        arm = simulated(250, seed)
        told = told_table(arm, 2.0)
        points = trace(arm, seed) if kind == "trace" else corners(arm)
        made = reconstruct(points, n=250, risk_table=told, events=int(arm.event.sum()) if total else None)
        assert missed([made.ipd, *made.draws(30)], told) == 0
        assert not total or {one.events for one in made.draws(30)} == {int(arm.event.sum())}


@pytest.mark.slow
def test_without_them_draws_spread_more() -> None:
    arm = simulated(700, 3, censoring=1.5)
    told, points = told_table(arm), trace(arm, 3)
    without = reconstruct(points, n=700, risk_table=replace(told, events=())).draws(40)
    made = reconstruct(points, n=700, risk_table=told).draws(40)
    assert missed(without, told) > 30
    assert np.std([one.events for one in made]) < 0.5 * np.std([one.events for one in without])


@pytest.mark.slow
def test_nearly_possible_ones_are_met_by_turning() -> None:
    """One event more than there were, in each column from the third on."""
    arm = simulated(250, 5)
    right = told_table(arm, 3.0)
    told = replace(right, events=tuple(d + (k > 1) for k, d in enumerate(right.events) if d is not None))
    made = reconstruct(trace(arm, 5), n=250, risk_table=told)
    assert missed([made.ipd, *made.draws(30)], told) == 0


def test_a_drop_at_the_very_time_leaves_them_open() -> None:
    points = curve([0, 2, 4, 4, 6, 9], [1, 0.9, 0.9, 0.7, 0.7, 0.7])
    told = replace(table([0, 4, 6], [10, 9, 6]), events=(0, 1, 3))
    made = reconstruct(points, n=10, risk_table=told, points="steps")
    assert any("left open at time 4" in said for said in made.assumptions)


def test_other_methods_say_that_they_know_none() -> None:
    arm = simulated(60, 2)
    made = reconstruct(corners(arm), n=60, risk_table=told_table(arm, 4.0), method="guyot")
    assert any("not used by the method guyot" in note for note in made.warnings)
