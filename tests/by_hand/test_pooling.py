"""Pooling of draws and pairing of arms, every step by hand.

Three draws have ln HR -0.2, -0.4 and -0.6 with standard errors 0.3, 0.3 and 0.3.

    mean                     -0.4
    within, mean of squares   0.09
    between                  ((0.2)^2 + 0 + (0.2)^2) / 2 = 0.04, times 1 + 1/3 = 0.053333
    total                     0.143333, its root 0.378594
    95% limits                exp(-0.4 -+ 1.959964 x 0.378594)
"""

from __future__ import annotations

import numpy as np
import pytest

from survrecon.analysis.pairing import shared_part
from survrecon.model.estimate import Scale, pooled_estimate


def test_three_draws_are_pooled_by_rubins_rules() -> None:
    pooled = pooled_estimate([-0.2, -0.4, -0.6], [0.3, 0.3, 0.3], scale=Scale.LOG)
    assert pooled.value == pytest.approx(np.exp(-0.4))
    assert pooled.total_se == pytest.approx(0.378594, abs=1e-6)
    assert pooled.interval is not None
    assert pooled.interval.low == pytest.approx(np.exp(-0.4 - 1.959964 * 0.378594), rel=1e-5)
    assert pooled.interval.high == pytest.approx(np.exp(-0.4 + 1.959964 * 0.378594), rel=1e-5)


def test_arms_share_by_how_open_their_follow_up_is() -> None:
    """Of two arms whose follow-up is open the scores share 0.8.

    Draws 1.5% apart are half as open as 3%: a precision of 4 - 1 = 3 is added, and
    0.8 / sqrt(1 + 3 (1 - 0.8^4)) = 0.8 / sqrt(2.7712) = 0.48057 is shared.
    """
    open_ = np.array([90.0, 100.0, 110.0])
    half = 100 * (1 + 0.015 * np.array([-1.0, 1.0]))
    assert shared_part(open_) == pytest.approx(0.8)
    assert shared_part(half) == pytest.approx(0.48057, abs=1e-5)
