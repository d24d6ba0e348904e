"""The likelihood of a printed number, by hand: 1 where the data set's own number rounds to it, else 0."""

from __future__ import annotations

from math import log

import numpy as np
import pytest

from survrecon.analysis.cox import ContrastDraws, CoxStatus
from survrecon.model.kaplan_meier import BandTransform, KaplanMeier, kaplan_meier
from survrecon.weighting.boxes import arm_boxes, contrast_boxes
from survrecon.weighting.constraints import Constraint
from tests.weighting.trials import fact


def fits(log_hr: list[float], se: list[float] | None = None, z: list[float] | None = None) -> ContrastDraws:
    k = len(log_hr)
    return ContrastDraws(
        log_hr=np.array(log_hr),
        se=np.array(se or [0.2] * k),
        z=np.array(z or [0.0] * k),
        status=(CoxStatus.CONVERGED,) * k,
    )


def ratio(**keys: object) -> Constraint:
    return Constraint(fact=fact("hazard_ratio", **({"of": "drug", "over": "placebo", "decimals": 2} | keys)))


def test_a_hazard_ratio_holds_within_its_rounding() -> None:
    """0.62 stands for 0.615 to 0.625; NaN prints nothing."""
    found, _ = contrast_boxes(
        ratio(value=0.62), fits([log(0.6149), log(0.6151), log(0.6249), log(0.6251), np.nan]), turned=False
    )
    assert found.tolist() == [0, 1, 1, 0, 0]


def test_a_ratio_printed_the_other_way_round_is_compared_as_printed() -> None:
    """1.61 of placebo over drug: the draws' drug over placebo must lie in 1/1.615 to 1/1.605."""
    printed = ratio(of="placebo", over="drug", value=1.61)
    found, _ = contrast_boxes(printed, fits([-log(1.6149), -log(1.6151), log(1.61)]), turned=True)
    assert found.tolist() == [1, 0, 0]


def test_its_interval_holds_too_unless_left_aside() -> None:
    """0.50 with SE 0.2: 0.5 e^(-0.392) = 0.338, 0.5 e^(0.392) = 0.740; with SE 0.21: 0.331 and 0.755."""
    printed = ratio(value=0.5, interval=[0.34, 0.74])
    draws = fits([log(0.5), log(0.5)], se=[0.2, 0.21])
    assert contrast_boxes(printed, draws, turned=False)[0].tolist() == [1, 0]
    aside = Constraint(fact=printed.fact, value_only=True)
    assert contrast_boxes(aside, draws, turned=False)[0].tolist() == [1, 1]


def test_p_values() -> None:
    """p = 0.05 stands for 0.045 to 0.055, |z| from 1.919 to 2.005; either sign where none is printed."""
    z = [1.9, -1.96, 1.96, 2.01]
    exact = fact("logrank_p", value=0.05, decimals=2)
    assert contrast_boxes(Constraint(fact=exact), fits([0.0] * 4, z=z), turned=False)[0].tolist() == [0, 1, 1, 0]
    down = Constraint(fact=exact, direction=-1)
    assert contrast_boxes(down, fits([0.0] * 4, z=z), turned=False)[0].tolist() == [0, 1, 0, 0]


def test_a_bound_of_p_is_one_sided() -> None:
    """p < 0.001 is |z| above 3.29."""
    below = Constraint(fact=fact("logrank_p", value=0.001, decimals=3, bound="less than"), direction=1)
    found, _ = contrast_boxes(below, fits([0.0] * 4, z=[3.2, 3.3, 8.0, -8.0]), turned=False)
    assert found.tolist() == [0, 1, 1, 0]


@pytest.mark.parametrize(
    ("keys", "direction", "held"),
    [
        ({"value": 0.0012, "decimals": 4, "sides": 1}, -1, [0, 1, 0, 0]),
        ({"value": 0.0012, "decimals": 4, "sides": 1}, 0, [0, 1, 0, 1]),
        ({"value": 0.0012, "decimals": 4}, -1, [1, 0, 0, 0]),
        ({"value": 0.001, "decimals": 3, "sides": 1, "bound": "less than"}, -1, [1, 0, 0, 0]),
        ({"value": 0.999, "decimals": 3, "sides": 1}, 1, [0, 0, 0, 1]),
        ({"value": 0.05, "decimals": 2, "bound": "more than"}, -1, [0, 0, 1, 0]),
    ],
    ids=["one-sided", "without direction", "two-sided", "bound", "above a half", "two-sided, more than"],
)
def test_sides_of_a_p(keys: dict[str, object], direction: int, held: list[int]) -> None:
    """0.0012 is z 3.0349 to 3.0369 one-sided and 3.2377 to 3.2400 two-sided; 0.9985 one-sided is z 2.968."""
    printed = Constraint(fact=fact("logrank_p", **keys), direction=direction)
    found, (box,) = contrast_boxes(printed, fits([0.0] * 4, z=[-3.239, -3.036, -1.9, 3.036]), turned=False)
    assert found.tolist() == held
    assert box.back(float(box.measured(np.array([0.03]))[0])) == pytest.approx(0.03)


def test_a_bound_of_a_hazard_ratio() -> None:
    assert contrast_boxes(ratio(value=0.5, bound="less than"), fits([log(0.3), log(0.6)]), turned=False)[
        0
    ].tolist() == [1, 0]
    assert contrast_boxes(ratio(value=0.5, bound="more than"), fits([log(0.3), log(0.6)]), turned=False)[
        0
    ].tolist() == [0, 1]


def test_the_level_of_an_interval() -> None:
    """0.50 with SE 0.2 at 90%: 0.5 e^(-0.329) = 0.360 and 0.5 e^(0.329) = 0.695."""
    draws = fits([log(0.5)], se=[0.2])
    for level, held in ((0.9, 1), (0.95, 0)):
        printed = ratio(value=0.5, interval={"low": 0.36, "high": 0.69, "level": level})
        assert contrast_boxes(printed, draws, turned=False)[0].tolist() == [held]


CURVES = [kaplan_meier(np.arange(1, 11) + late, [1] * 10) for late in (0.0, 0.04, 0.2)]
"""Ten events a month apart: the median is the middle of the flat at a half, 5.5 months and a little later."""


def ones(curves: list[KaplanMeier]) -> np.ndarray[tuple[int], np.dtype[np.float64]]:
    return np.full(len(curves), 10.0)


def test_a_median_holds_within_rounding_and_the_reading_of_time() -> None:
    """5.5 stands for 5.45 to 5.55; half a pixel of 0.2 widens that to 5.25 to 5.75."""
    printed = Constraint(fact=fact("median", arm="drug", value=5.5, decimals=1))
    assert arm_boxes(printed, CURVES, ones(CURVES), 0.0)[0].tolist() == [1, 1, 0]
    assert arm_boxes(printed, CURVES, ones(CURVES), 0.2)[0].tolist() == [1, 1, 1]


def test_limits_of_a_median_are_averaged_over_the_bands() -> None:
    """The bands of ten events give 3 to 8 (plain), 3 to none (log), 1 to 8 (log-log): each printed by one in three."""
    told = {BandTransform.PLAIN: [3, 8], BandTransform.LOG: [3, "not reached"], BandTransform.LOG_LOG: [1, 8]}
    for interval in told.values():
        printed = Constraint(fact=fact("median", arm="drug", value=5.5, interval=interval, decimals=1))
        assert arm_boxes(printed, CURVES[:1], ones(CURVES[:1]), 0.0)[0].tolist() == pytest.approx([1 / 3])
    wrong = Constraint(fact=fact("median", arm="drug", value=5.5, interval=[2, 8], decimals=1))
    assert arm_boxes(wrong, CURVES[:1], ones(CURVES[:1]), 0.0)[0].tolist() == [0]


def test_a_median_not_reached() -> None:
    quiet = kaplan_meier(range(1, 11), [1, 1] + [0] * 8)
    printed = Constraint(fact=fact("median", arm="drug", value="not reached"))
    assert arm_boxes(printed, [CURVES[0], quiet], np.array([10.0, 2]), 0.0)[0].tolist() == [0, 1]


def test_survival_at_a_time() -> None:
    """At 4 months six of ten are left, until a quarter past 4 if the axis is read to a quarter; 0.7 just before."""
    printed = Constraint(fact=fact("survival", arm="drug", at=4, value=0.6, decimals=1))
    assert arm_boxes(printed, CURVES, ones(CURVES), 0.0)[0].tolist() == [1, 0, 0]
    assert arm_boxes(printed, CURVES, ones(CURVES), 0.1)[0].tolist() == [1, 1, 0]
    beyond = Constraint(fact=fact("survival", arm="drug", at=20, value=0.8, decimals=1))
    ends = kaplan_meier(range(1, 11), [1, 1] + [0] * 8)
    assert arm_boxes(beyond, [ends], np.array([2.0]), 0.0)[0].tolist() == [0]


def test_events_at_least() -> None:
    printed = Constraint(fact=fact("events_at_least", arm="drug", value=10, decimals=0))
    assert arm_boxes(printed, CURVES, np.array([9.0, 10, 11]), 0.0)[0].tolist() == [0, 1, 1]
