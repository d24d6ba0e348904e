"""Visits: whole months or weeks, every third month, at which alone patients are seen to fail or to leave.

Where all drops of a curve lie at multiples of one time, so do the censorings that no drop shows. A patient censored at
the time of a drop was still at risk there.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from survrecon.reconstruction.statespace.settings import GRID

if TYPE_CHECKING:
    from survrecon.arrays import FloatArray, IntArray

__all__ = ["Visits", "find_visits", "visit_unit"]


def visit_unit(time: FloatArray) -> float | None:
    """Return the time of which all times (m,) are multiples, as visits are, or ``None``.

    Examples
    --------
    >>> visit_unit(np.array([0.0, 6, 9, 12, 18]))
    3.0
    >>> visit_unit(np.array([0.0, 5.1, 7.9, 12.2, 17.7])) is None
    True
    """
    times = np.unique(time[time > 0])
    if times.size < 2:
        return None
    shortest = float(np.diff(np.append(0.0, times)).min())
    for parts in range(1, GRID.visit_parts + 1):
        unit = shortest / parts
        whole = np.round(times / unit)
        unit = float((whole @ times) / (whole @ whole))  # least squares: visits may be rounded to two decimals
        if unit > 0 and np.abs(times - unit * np.round(times / unit)).max() <= GRID.off_visit * unit:
            return unit
    return None


@dataclass(frozen=True, kw_only=True, slots=True)
class Visits:
    """Times at which the patients of one arm were seen.

    Parameters
    ----------
    apart : float
        Time between them; the first is one such time after the start.
    exact : bool
        Whether drops lie at them to the last digit. Where they were rounded, censorings are put a little later, after
        whatever fell at the same visit in another arm.
    """

    apart: float
    exact: bool

    def times(self, number: FloatArray | IntArray) -> FloatArray:
        """Return when the visits of these numbers (m,) were."""
        late = 0.0 if self.exact else GRID.off_visit * self.apart
        return np.asarray(np.round(number * self.apart + late, GRID.digits))

    def latest(self, time: FloatArray) -> FloatArray:
        """Return the latest visit up to each time (m,), which must be after the first of an interval between drops."""
        return self.times(np.floor(time / self.apart + GRID.off_visit))

    def between(self, left: float, right: float) -> tuple[int, int]:
        """Return the first visit from ``left`` on, after the start, and how many there are before ``right``."""
        first = max(int(np.ceil(left / self.apart - GRID.off_visit)), 1)
        return first, max(int(np.ceil(right / self.apart - GRID.off_visit)) - first, 0)

    def placed(
        self, left: float, right: float, places: FloatArray, rng: np.random.Generator | None, shape: float
    ) -> FloatArray | None:
        """Return times of censoring at visits from ``left`` to before ``right``; ``None`` where there is none.

        Parameters
        ----------
        left, right : float
            Neighbouring drops, or printed times.
        places : array of float, shape (m,)
            From 0 to 1, how early each patient leaves.
        rng : Generator or None
            For how many leave at each visit, which is as uneven as decoding takes it to be between drops; ``None`` has
            them even.
        shape : float
            Of the gamma number of patients who leave at each visit.
        """
        first, number = self.between(left, right)
        if not number:
            return None
        share = np.ones(number) if rng is None else rng.standard_gamma(shape, number)
        up_to = np.cumsum(share)
        return self.times(first + np.searchsorted(up_to, places * up_to[-1]).clip(max=number - 1))


def find_visits(time: FloatArray, survival: FloatArray) -> Visits | None:
    """Return the visits at which a curve of steps (m,) drops; ``None`` where its drops lie at no multiples of one time.

    Examples
    --------
    >>> find_visits(np.arange(7.0), 1 - 0.1 * np.arange(7))
    Visits(apart=1.0, exact=True)
    """
    drops = np.unique(time[np.diff(survival, prepend=1.0) < 0])
    apart = visit_unit(drops) if drops.size >= GRID.fewest_visits else None
    if apart is None or drops[-1] > GRID.most_visits * apart:
        return None
    off = np.abs(drops - apart * np.round(drops / apart)).max()
    return Visits(apart=apart, exact=bool(off <= GRID.exact_visit * apart))
