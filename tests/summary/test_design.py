"""Follow-up designs print the median follow-up by the method that the paper names."""

from __future__ import annotations

import numpy as np
import pytest

from survrecon.errors import ReconstructionError
from survrecon.model.document import FollowUp, FollowUpMethod
from survrecon.reconstruction.summary.design import (
    Design,
    Variation,
    draw_designs,
    follow_up_range,
    potential_follow_up,
)

GRID = np.linspace(0, 60, 241)
SURVIVAL = np.exp(-0.02 * GRID)


def designs(follow_up: FollowUp, k: int = 40, variation: Variation | None = None) -> Design:
    ranges = follow_up_range(follow_up, "months", where="test")
    return draw_designs(
        follow_up,
        ranges,
        "months",
        arms=("a", "b"),
        grid=GRID,
        pooled_survival=SURVIVAL,
        variation=variation or Variation(),
        k=k,
        rng=np.random.default_rng(1),
    )


def follow_up(method: FollowUpMethod, median: float | None) -> FollowUp:
    return FollowUp(
        recruitment_start="2001-01-01",
        recruitment_end="2003-01-01",
        data_cutoff="2005-01-01",
        median=median,
        method=method,
    )


def test_window_by_hand() -> None:
    """1 January 2001 to 2003 and 2005: 1461 and 731 days, 48.0 and 24.0 months of 30.4375 days."""
    shortest, longest = follow_up(FollowUpMethod.NOT_STATED, None).window("months") or (0, 0)
    assert shortest == pytest.approx(731 / 30.4375)
    assert longest == pytest.approx(1461 / 30.4375)


def test_shape_by_hand() -> None:
    """Uniform entry (shape 1): half of the patients are followed for more than the middle of the window.

    With shape 2, P(C > t) = ((48 - t) / 24)^2 is one half at t = 48 - 24 / sqrt(2) = 31.03.
    """
    shortest, longest = np.array([24.0, 24.0]), np.array([48.0, 48.0])
    share = potential_follow_up(np.array([36.0, 48 - 24 / np.sqrt(2)]), shortest, longest, np.array([1.0, 2.0]))
    assert share[0, 0] == pytest.approx(0.5)
    assert share[1, 1] == pytest.approx(0.5)


def test_reverse_kaplan_meier_median_is_met() -> None:
    found = designs(follow_up(FollowUpMethod.REVERSE_KAPLAN_MEIER, 33))
    administrative, not_lost = found.still_followed(GRID, "a")
    for row in administrative * not_lost:
        assert np.interp(0.5, row[::-1], GRID[::-1]) == pytest.approx(33, abs=0.55)  # printed to whole months


def test_all_patients_median_is_met() -> None:
    found = designs(follow_up(FollowUpMethod.ALL_PATIENTS, 25))
    administrative, not_lost = found.still_followed(GRID, "a")
    for row in administrative * not_lost * SURVIVAL:
        assert np.interp(0.5, row[::-1], GRID[::-1]) == pytest.approx(25, abs=0.55)


def test_survivors_median_is_met() -> None:
    """The median over censored patients: half of those censored at all are censored later."""
    found = designs(follow_up(FollowUpMethod.SURVIVORS, 34))
    administrative, not_lost = found.still_followed(GRID, "a")
    for row in administrative * not_lost:
        leaving = -np.diff(row) * (SURVIVAL[1:] + SURVIVAL[:-1]) / 2
        later = leaving[::-1].cumsum()[::-1] / leaving.sum()
        assert np.interp(0.5, later[::-1], GRID[:-1][::-1]) == pytest.approx(34, abs=0.6)


def test_method_not_stated_uses_only_methods_that_can_be() -> None:
    """No design has a median of 45 months over all patients when half have had the event by 35."""
    found = designs(follow_up(FollowUpMethod.NOT_STATED, 40), k=60)
    assert np.isfinite(found.shape).all()


def test_impossible_median_is_refused() -> None:
    with pytest.raises(ReconstructionError, match="median follow-up"):
        designs(follow_up(FollowUpMethod.REVERSE_KAPLAN_MEIER, 55))


def test_no_design_is_refused() -> None:
    with pytest.raises(ReconstructionError, match=r"follow_up\.assumed"):
        designs(FollowUp(data_cutoff="2005-01-01"))


def test_assumed_range_is_covered_and_can_be_pinned() -> None:
    assumed = FollowUp.model_validate(
        {"assumed": {"shortest": (10, 20), "longest": (40, 50), "reason": "nothing at all is printed"}}
    )
    found = designs(assumed, k=200)
    assert found.shortest.min() < 11
    assert found.shortest.max() > 19
    assert ((found.longest >= 40) & (found.longest <= 50)).all()
    assert (designs(assumed, variation=Variation(shortest_at=1.0)).shortest == 20).all()


def test_loss_of_one_arm_is_on_top() -> None:
    found = designs(follow_up(FollowUpMethod.NOT_STATED, None), variation=Variation(extra_yearly_loss=(("b", 0.1),)))
    assert np.allclose(found.loss["b"] - found.loss["a"], -np.log(0.9) / 12)
