"""Places that a figure does not tell apart have one time, in columns of 0.1 here."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pytest

from survrecon.digitizing.raster.tied import at_the_same_times
from survrecon.digitizing.result import CountSource, Dash, DigitizedArm, NameSource

if TYPE_CHECKING:
    from collections.abc import Sequence


def arm(name: str, time: Sequence[float], survival: Sequence[float], marks: Sequence[float]) -> DigitizedArm:
    return DigitizedArm(
        name=name,
        name_source=NameSource.LEGEND,
        colour="#000000",
        dash=Dash.SOLID,
        line_width=2.0,
        time=np.array(time),
        survival=np.array(survival),
        censor_times=np.array(marks),
        n=10,
        n_source=CountSource.GIVEN,
    )


def test_strokes_in_one_place_tie_and_others_stay() -> None:
    first = arm("A", [0, 1.000, 3.000, 5], [1, 0.9, 0.8, 0.8], [])
    second = arm("B", [0, 1.010, 3.040, 5], [1, 0.9, 0.8, 0.8], [])
    one, two = at_the_same_times([first, second], 0.1)
    assert one.time[1] == two.time[1] == pytest.approx(1.005)
    assert (one.time[2], two.time[2]) == (3.0, 3.04)


def test_a_mark_or_an_end_at_anothers_event_is_censored_after_it() -> None:
    first = arm("A", [0, 1, 4.300, 5], [1, 0.9, 0.8, 0.8], [2.0, 4.9])
    second = arm("B", [0, 2, 4.250], [1, 0.5, 0.5], [4.250])
    one, two = at_the_same_times([first, second], 0.1)
    assert one.censor_times is not None
    assert two.censor_times is not None
    assert two.time[-1] == two.censor_times[-1] == 4.3
    assert one.censor_times.tolist() == [2.0, 4.9]
