"""Censoring marks a little before 0 are moved and said, as points are; far before 0 they are an error."""

from pathlib import Path

import numpy as np
import pytest

from survrecon.errors import CurveError
from survrecon.files.points import read_censor_times
from survrecon.reconstruction.reconstruct import reconstruct
from tests.build import curve

CURVE = curve(time=[0, 2, 5, 9], survival=[1, 0.8, 0.6, 0.3])


def test_a_mark_within_a_click_of_0_is_moved_and_said() -> None:
    result = reconstruct(CURVE, n=10, censor_times=[-0.02, 6.0])
    (repair,) = result.repairs
    assert str(repair) == "censoring mark left of the origin moved to time 0 (1 mark, from time -0.02; by at most 0.02)"
    assert result.given is not None
    np.testing.assert_array_equal(result.given.censor_times, [0.0, 6.0])


def test_a_mark_far_before_0_is_an_error() -> None:
    with pytest.raises(CurveError, match="times are finite and 0 or later; got -1"):
        reconstruct(CURVE, n=10, censor_times=[-1.0, 6.0])


def test_a_file_of_marks_may_hold_one_a_click_before_0(tmp_path: Path) -> None:
    path = tmp_path / "ticks.csv"
    path.write_text("time\n-0.02\n6\n", encoding="utf-8")
    np.testing.assert_array_equal(read_censor_times(path), [-0.02, 6.0])
    path.write_text("time\n-0.5\n6\n", encoding="utf-8")
    with pytest.raises(CurveError, match="line 2: a time from 0"):
        read_censor_times(path)
