"""Where an arm's follow-up ends: with its curve, unless the figure cuts it off."""

from __future__ import annotations

import pytest

from survrecon.digitizing.ends import with_ends
from tests.digitizing.made import a_figure, a_table, an_arm

TIMES = [0, 6, 12, 18, 24, 30]


def ended(end: float, last: list[int | None], *, level: float = 0.5) -> tuple[float | None, bool, list[str]]:
    """Return end and cut of an arm that is drawn to ``end``, with its last two numbers at risk, and what was said."""
    table = a_table(TIMES, A=[100, 90, 80, 60, *last])
    figure = with_ends(a_figure(an_arm("A", [6, 12, end], [0.9, level, level])), table)
    return figure.arms[0].ends_at, figure.arms[0].cut, [said for said in figure.warnings if "cut" not in said]


@pytest.mark.parametrize(
    ("end", "last", "ends_at", "cut"),
    [
        (28.5, [20, 0], 28.5, False),  # by itself, before a column of nobody
        (30.0, [20, 7], 30.0, True),  # with the axis, while seven are followed
        (24.1, [20, None], 24.1, True),  # in the middle, at a column of twenty
        (27.3, [20, None], 27.3, False),  # by itself, between columns
        (32.0, [20, 7], 32.0, True),  # at the plot's edge
        (31.0, [20, 7], 31.0, False),  # between last tick and edge
    ],
)
def test_the_end_of_an_arm(end: float, last: list[int | None], ends_at: float, cut: bool) -> None:
    assert ended(end, last) == (ends_at, cut, [])


def test_a_curve_that_falls_to_zero_is_not_cut() -> None:
    assert ended(30.0, [20, 7], level=0.0) == (30.0, False, [])


def test_who_is_counted_beside_the_end_is_there() -> None:
    assert ended(29.9, [20, 7]) == (30.0, True, [])


def test_small_disagreements_are_reconciled_on_record() -> None:
    end, cut, (said,) = ended(29.0, [20, 7])
    assert (end, cut) == (30.0, True)
    assert said == "A: the curve ends at 29, patients are at risk until 30: they are followed to there"
    end, cut, (said,) = ended(25.2, [0, 0])
    assert (end, cut) == (25.2, False)
    assert "nobody is at risk from 24" in said


def test_a_curve_that_was_lost_has_no_known_end() -> None:
    assert ended(20.0, [20, 7])[:2] == (None, False)


def test_the_curve_itself_stays_as_it_was_read() -> None:
    table = a_table(TIMES, A=[100, 90, 80, 60, 20, 7])
    figure = with_ends(a_figure(an_arm("A", [6, 12, 29.0], [0.9, 0.5, 0.5])), table)
    assert (figure.arms[0].time[-1], figure.arms[0].ends_at) == (29.0, 30.0)
    assert figure.warnings[-1] == "A: curve cut at 30"
