"""Times of published figures: which are taken, and what is told of them."""

from __future__ import annotations

from benchmarks.real_times import shares, spaced


def test_figures_are_taken_evenly() -> None:
    assert spaced(61, 12)[0] == 0
    assert spaced(61, 12)[-1] == 60
    assert len(spaced(61, 12)) == 12


def test_nine_of_ten_is_no_mean_of_two_figures() -> None:
    assert shares([3.0, 1.0, 2.0]) == (2.0, 3.0, 3.0)
    assert shares([float(k) for k in range(1, 21)])[1] == 18.0
