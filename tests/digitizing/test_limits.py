"""Which of three lines of one colour is the curve, and which are its confidence limits."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from survrecon.digitizing.words.scene import Colour, DrawnCurve, limits_of
from tests.digitizing.layouts import BLUE, RED, around, counts, curve, from_left, key, read

LEVELS = ((1.0, 0.85, 0.75, 0.68), (1.0, 0.8, 0.66, 0.58), (1.0, 0.74, 0.56, 0.47))
LOWER = ((1.0, 0.6, 0.45, 0.32), (1.0, 0.54, 0.35, 0.22), (1.0, 0.47, 0.25, 0.12))
NAMES = [from_left("Drug", 300, 80), from_left("Placebo", 300, 100)]
KEYS = around({"Drug": key(BLUE, 290, 80), "Placebo": key(RED, 290, 100)})


def _three(colour: Colour, levels: tuple[tuple[float, ...], ...] = LEVELS) -> list[DrawnCurve]:
    """A curve between its limits: the upper one first."""
    return [curve(*level, colour=colour) for level in levels]


def test_the_middle_of_three_lines_is_the_curve() -> None:
    assert limits_of(_three(BLUE)) == {1: (0, 2)}
    lines = _three(BLUE)
    assert limits_of([lines[2], lines[0], lines[1]]) == {2: (1, 0)}


@pytest.mark.parametrize(
    "third",
    [(1.0, 0.7, 0.8, 0.4), (1.0, 0.79, 0.64, 0.55)],
    ids=["crosses", "far nearer than the other"],
)
def test_lines_that_cross_or_stand_unevenly_are_three_arms(third: tuple[float, ...]) -> None:
    lines = [*_three(BLUE)[:2], curve(*third, colour=BLUE)]
    assert limits_of(lines) == {}


def test_two_lines_of_a_colour_are_two_arms() -> None:
    assert limits_of(_three(BLUE)[:2]) == {}


def test_a_name_goes_to_the_curve_and_not_to_its_limit() -> None:
    """Each arm is drawn as three lines alike: keys tell the colour alone, and any of them could bear the name."""
    lines = [*_three(BLUE), *_three(RED, LOWER)]
    table = counts(("Drug", ("120", "80", "60", "40")), ("Placebo", ("118", "50", "30", "15")))
    found = read([*NAMES, *table], lines, KEYS)
    assert [arm.name for arm in found.arms] == ["Drug", "Placebo"]
    assert [arm.survival[-1] for arm in found.arms] == [pytest.approx(0.58), pytest.approx(0.22)]
    assert sum("confidence limits" in told for told in found.warnings) == 2
    assert not any("left out" in doubt.why for doubt in found.doubts)


def test_a_line_left_out_that_looks_like_one_that_was_kept_is_a_doubt() -> None:
    """Two lines of one colour: which of them the name is of, nothing tells."""
    alike = [*_three(BLUE)[:2], curve(1.0, 0.5, 0.3, 0.2, colour=RED)]
    other = [alike[0], replace(alike[1], colour=(0.1, 0.7, 0.2)), alike[2]]
    table = counts(("Drug", ("120", "80", "60", "40")), ("Placebo", ("118", "50", "30", "15")))
    leader = replace(alike[0], survival=np.where(alike[0].time < 20, alike[0].survival, 0.6))
    along = [alike[0], leader, alike[2]]  # a line to a label, which runs along the curve up to there
    found = (read([*NAMES, *table], lines, KEYS) for lines in (alike, other, along))
    doubts = [[d for d in one.doubts if "left out" in d.why] for one in found]
    assert [d.confidence for [d] in doubts] == [0.0, pytest.approx(0.8), pytest.approx(0.8)]


def test_limits_of_a_curve_alone_that_are_as_solid_as_it_are_left_out() -> None:
    found = read([], _three(BLUE))
    assert [arm.survival[-1] for arm in found.arms] == [pytest.approx(0.58)]
    assert any("confidence limits" in told for told in found.warnings)
