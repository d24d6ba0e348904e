"""Tracing on pictures small enough to check by hand."""

from __future__ import annotations

import numpy as np

from survrecon.arrays import monotone_fit
from survrecon.digitizing.raster.steps.edges import centre_line, merge_slivers, step_fit
from survrecon.digitizing.raster.tied import of_patients, whole_steps
from survrecon.digitizing.raster.trace import trace
from survrecon.digitizing.result import Dash, DigitizedArm, NameSource


def test_isotonic_pools_violators() -> None:
    """3 and 1 fall, so both become their mean 2."""
    assert monotone_fit(np.array([0.0, 3.0, 1.0, 4.0]), np.ones(4)).tolist() == [0.0, 2.0, 2.0, 4.0]


def test_step_fit_finds_the_steps_of_clean_data() -> None:
    levels, starts = step_fit(np.array([1.0] * 5 + [4.0] * 3 + [6.0] * 4), np.ones(12), price=0.1)
    assert levels.tolist() == [1.0, 4.0, 6.0]
    assert starts == [0, 5, 8]


def test_a_sliver_becomes_one_step_that_keeps_the_area() -> None:
    """A column at 2.5 between levels 1 and 4 is half covered: the step stands in its middle."""
    levels, starts = merge_slivers(np.array([1.0, 2.5, 4.0]), [0, 5, 6], 10, widest=1)
    assert levels == [1.0, 4.0]
    assert starts == [0.0, 5.5]


def _picture() -> np.ndarray:
    """A line two pixels thick: rows 3-4 until column 10, rows 9-10 from there, the stroke in columns 9-10."""
    ink = np.zeros((14, 20))
    ink[3:5, :11] = 1.0
    ink[9:11, 9:] = 1.0
    ink[3:11, 9:11] = 1.0
    return ink


def test_trace_follows_a_step() -> None:
    ink = _picture()
    path = trace(1.0 - ink, 1.0 - ink, first_row=3, slack=2)
    assert path.stop == 20
    assert path.cost == 0.0 + path.cost  # finite
    assert set(path.rows[:9].tolist()) <= {3, 4}
    assert set(path.rows[11:].tolist()) <= {9, 10}
    assert (np.diff(path.rows) >= 0).all()


def test_centre_line_is_exact_on_clean_ink() -> None:
    """Rows 3-4 have their middle at 4.0, rows 9-10 at 10.0, the stroke's middle is at column 10.0."""
    ink = _picture()
    path = trace(1.0 - ink, 1.0 - ink, first_row=3, slack=2)
    centre, weight, _ = centre_line(ink, path, 2.0)
    assert np.allclose(centre[:9], 4.0)
    assert np.allclose(centre[11:], 10.0)
    assert (weight == 1.0).all()


def test_trace_never_rises_and_ends_with_the_ink() -> None:
    ink = np.zeros((20, 30))
    ink[5, :15] = 1.0
    ink[2, 15:22] = 1.0  # higher up: not part of a falling curve
    path = trace(1.0 - ink, 1.0 - ink, first_row=5, slack=1)
    assert path.stop == 15


def test_a_drop_lower_than_a_patients_at_the_printed_number_is_joined() -> None:
    """At 0.50 with 10 of 40 at risk a patient's step is 0.05; one of 0.02 beside one of 0.05 is part of it."""
    time, survival = np.array([0.0, 4.0, 8.0, 8.4, 12.0]), np.array([1.0, 0.5, 0.48, 0.43, 0.43])
    free = whole_steps(time, survival, 40, pixel=0.002, column=0.1)
    assert len(free[0]) == 5  # a step of 1/40 and less cannot be told from noise without the table
    printed = (np.array([0.0, 6.0]), np.array([40.0, 10.0]))
    at, level = whole_steps(time, survival, 40, pixel=0.002, column=0.1, printed=printed)
    assert level.tolist() == [1.0, 0.5, 0.43, 0.43]
    assert 8.0 < at[2] < 8.4


def test_no_steps_are_counted_in_an_arm_of_no_patients() -> None:
    """A first number at risk that is read as 0 makes an arm of 0 patients."""
    arm = DigitizedArm(
        name="arm 1",
        name_source=NameSource.NONE,
        colour="#000000",
        dash=Dash.SOLID,
        line_width=1.0,
        time=np.array([0.0, 4.0, 9.0]),
        survival=np.array([1.0, 0.9, 0.9]),
        n=0,
    )
    assert of_patients(arm, None, pixel=0.002, column=0.1) is arm
