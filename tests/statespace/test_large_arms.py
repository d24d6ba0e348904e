"""Arms of tens of thousands of patients: one patient's step is less than survival is rounded by."""

import numpy as np
import pytest

from survrecon.model.convention import PointKind
from survrecon.reconstruction.reconstruct import reconstruct
from survrecon.reconstruction.statespace.reading import CurveDetail, points_for_sampling, points_in_order
from tests.statespace.figures import columns, corners, printed, simulated, trace

MANY = 60_000


@pytest.mark.parametrize("points", [PointKind.AUTO, PointKind.STEPS])
def test_steps_less_than_their_rounding_are_followed_in_columns(points: PointKind) -> None:
    """30,000 steps of 1/60,000 and survival to 1/100,000: whether stated to be steps or not, none is decoded."""
    curve = corners(simulated(MANY, 1))
    found = points_in_order(curve, MANY, points)
    assert found.in_columns
    assert found.read.detail is CurveDetail.TRACE
    assert 400 <= found.time.size <= 600
    assert found.read.noise * MANY > 1


def test_hundreds_of_steps_are_decoded_or_followed_one_by_one() -> None:
    found = points_in_order(corners(simulated(600, 1)), 600)
    assert (found.read.detail, found.in_columns) == (CurveDetail.STEPS, False)
    assert (points_for_sampling(found, 600).read.detail, points_for_sampling(found, 600).time.size) == (
        CurveDetail.DROPS,
        found.time.size,
    )


def test_few_points_of_a_large_arm() -> None:
    """A trace of 60 columns with its printed numbers."""
    arm = simulated(MANY, 2)
    every_tenth = slice(None, None, 10)
    at = columns(arm)[every_tenth]
    curve = trace(arm, 1, bias=0.0)
    few = type(curve)(time=at, survival=curve.survival[every_tenth])
    result = reconstruct(few, n=MANY, risk_table=printed(arm, 4.0))
    assert result.method == "statespace"
    assert result.ipd.n == MANY
    assert abs(result.ipd.events - arm.events) < 0.05 * arm.events


@pytest.mark.slow
@pytest.mark.parametrize("with_table", [True, False])
def test_steps_of_a_large_arm(with_table: bool) -> None:
    arm = simulated(MANY, 3)
    result = reconstruct(corners(arm), n=MANY, risk_table=printed(arm, 4.0) if with_table else None)
    events = [draw.events for draw in result.draws(40)]
    low, high = np.percentile(events, [1, 99])
    assert low <= arm.events <= high
    assert high - low < (0.1 if with_table else 0.6) * arm.events
    assert (result.diagnostics.largest_residual or 0) < 0.01
    assert any("followed in columns" in said for said in result.assumptions)
