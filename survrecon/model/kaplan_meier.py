"""The Kaplan-Meier estimate with its Greenwood sums, its pointwise bands, and where they cross a half.

Times that differ by round-off are one time, as R's survfit and coxph have it by default (``timefix``). It stands below
`survrecon.analysis` and imports nothing of it, so that a reconstruction may use it too.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

from survrecon.model.estimate import Interval, normal_quantile
from survrecon.model.settings import ENDS_BEFORE, NUMERICAL_NOISE, USUAL_LEVEL

if TYPE_CHECKING:
    from survrecon.arrays import FloatArray

__all__ = ["FLAT", "BandTransform", "KaplanMeier", "kaplan_meier", "snapped", "tied"]

_Floats = npt.NDArray[np.float64]
_TOLERANCE = float(np.sqrt(np.finfo(float).eps))
"""R's: of the times' mean size, and absolutely. Files of 15 and 17 digits differ by far less, clicks by far more."""


def tied(*times: _Floats) -> tuple[_Floats, ...]:
    """Return arrays of times in which times that differ by round-off alone, within or across arrays, are equal.

    Examples
    --------
    >>> tied(np.array([0.3, 1.0]), np.array([0.1 + 0.2]))[1].tolist()
    [0.3]
    """
    every = _distinct(times[0] if len(times) == 1 else np.concatenate(times)) if times else np.empty(0)
    gaps = np.diff(every)
    close = gaps <= _TOLERANCE * max(1.0, float(np.abs(every).mean())) if every.size else gaps > 0
    if not close.any():
        return times
    first = every[np.append(True, ~close)]
    return tuple(first[np.searchsorted(first, array, side="right") - 1] for array in times)


def _distinct(times: _Floats) -> _Floats:
    """Return times in order, each once; quickly where they are in order already."""
    steps = np.diff(times)
    if times.size and np.all(steps >= 0):
        distinct: _Floats = times[np.append(True, steps > 0)]
        return distinct
    return np.unique(times)


def snapped(times: _Floats, to: _Floats) -> _Floats:
    """Return times moved onto those of ``to`` (rising) from which they differ by round-off alone.

    Examples
    --------
    >>> snapped(np.array([0.1 + 0.2, 0.5]), np.array([0.0, 0.3])).tolist()
    [0.3, 0.5]
    """
    if not (times.size and to.size):
        return times
    right = np.clip(np.searchsorted(to, times), 1, max(to.size - 1, 1))
    right = np.minimum(right, to.size - 1)
    left = np.maximum(right - 1, 0)
    nearest = np.where(np.abs(times - to[left]) <= np.abs(times - to[right]), to[left], to[right])
    close = np.abs(times - nearest) <= _TOLERANCE * max(1.0, float(np.abs(to).mean()))
    return np.where(close, nearest, times)


FLAT = NUMERICAL_NOISE
"""Products of at most a thousand factors 1 - d/n carry 1e-13; a real step is at least 1/n."""


class BandTransform(StrEnum):
    """The scale on which a pointwise confidence band is symmetric."""

    PLAIN = "plain"
    LOG = "log"
    """R's default."""
    LOG_LOG = "log-log"
    """The default of SAS and lifelines, and ours."""


@dataclass(frozen=True, kw_only=True, slots=True, eq=False)
class KaplanMeier:
    """The Kaplan-Meier estimate of one data set.

    Parameters
    ----------
    time : array of float, shape (k,)
        Distinct times of events, rising.
    at_risk, events : array of int, shape (k,)
        Patients with time >= ``time``, and those of them whose event is then.
    survival : array of float, shape (k,)
        S just after each time.
    greenwood : array of float, shape (k,)
        Running sum of d / (n (n - d)), the variance of ln S; infinite once S is 0.
    n : int
        Patients.
    last : float
        The largest time, of an event or a censoring: the estimate ends here unless S is 0.
    """

    time: FloatArray
    at_risk: npt.NDArray[np.int64]
    events: npt.NDArray[np.int64]
    survival: FloatArray
    greenwood: FloatArray
    n: int
    last: float

    @property
    def lowest(self) -> float:
        """The last value of S; 1 without any event."""
        return float(self.survival[-1]) if self.survival.size else 1.0

    @property
    def reach(self) -> float:
        """The time up to which S is known: infinite once S is 0."""
        return np.inf if self.lowest == 0 else self.last

    def reaches(self, time: float) -> bool:
        """Whether S is known at a printed time, before which data may end by a pixel or two of a time axis."""
        return self.reach >= time * (1 - ENDS_BEFORE)

    def at(self, time: float) -> float:
        """Return S(t) at ``time``, carrying the last value forward."""
        index = int(np.searchsorted(self.time, time, side="right"))
        return float(self.survival[index - 1]) if index else 1.0

    def before(self, time: float) -> float:
        """Return S(t-), just before ``time``."""
        index = int(np.searchsorted(self.time, time, side="left"))
        return float(self.survival[index - 1]) if index else 1.0

    def greenwood_at(self, time: float) -> float:
        """Return the variance of ln S at ``time``."""
        index = int(np.searchsorted(self.time, time, side="right"))
        return float(self.greenwood[index - 1]) if index else 0.0

    def median(self) -> float | None:
        """Return the median, ``None`` where S stays above a half.

        Where S is exactly a half for a while, the middle of that while, as R and SAS have it; its
        beginning where nobody's event ends it.
        """
        return _first_at_half(self.time, self.survival)

    def band(
        self, transform: BandTransform = BandTransform.LOG_LOG, level: float = USUAL_LEVEL
    ) -> tuple[FloatArray, FloatArray]:
        """Return the pointwise confidence limits of S at ``time``, each (k,); NaN where S is 0.

        References
        ----------
        Kalbfleisch and Prentice, The Statistical Analysis of Failure Time Data, 2nd ed., section 1.4.1.
        """
        known = self.survival > 0
        S = np.where(known, self.survival, np.nan)
        half = normal_quantile(level) * np.sqrt(np.where(known, self.greenwood, np.nan))
        if transform is BandTransform.PLAIN:
            return S * (1 - half), S * (1 + half)
        log_s = np.log(S)
        if transform is BandTransform.LOG:
            return np.exp(log_s - half), np.exp(log_s + half)
        stretch = np.exp(half / -log_s)
        return np.exp(log_s * stretch), np.exp(log_s / stretch)

    def median_limits(self, transform: BandTransform = BandTransform.LOG_LOG, level: float = USUAL_LEVEL) -> Interval:
        """Return the interval of the median: where the band crosses a half; a limit not reached is ``None``.

        References
        ----------
        Brookmeyer and Crowley, A confidence interval for the median survival time, Biometrics 38 (1982) 29-41.

        Examples
        --------
        >>> km = kaplan_meier(range(1, 11), [1] * 10)
        >>> [km.median_limits(transform).format(0) for transform in BandTransform]
        ['3 to 8', '3 to NR', '1 to 8']
        """
        lower, upper = self.band(transform, level)
        return Interval(
            low=_first_at_half(self.time, lower),
            high=_first_at_half(self.time, upper),
            level=level,
        )


def kaplan_meier(time: npt.ArrayLike, event: npt.ArrayLike) -> KaplanMeier:
    """Return the Kaplan-Meier estimate of times (n,) and event flags (n,), in any order; round-off makes no times.

    Examples
    --------
    >>> km = kaplan_meier([1, 2, 2, 3], [1, 1, 0, 1])
    >>> km.survival.tolist(), km.median()
    ([0.75, 0.5, 0.0], 2.5)
    """
    t, flag = np.asarray(time, dtype=float), np.asarray(event, dtype=bool)
    order = np.argsort(t, kind="stable")
    (t,), flag = tied(t[order]), flag[order]
    # Event times, each once, with the events at it.
    seen = t[flag]
    first = np.flatnonzero(np.diff(seen, prepend=-np.inf) > 0)
    times = seen[first]
    d = np.diff(first, append=seen.size)
    # Numbers at risk just before, and Greenwood's terms, which have no end once nobody is left.
    n = t.size - np.searchsorted(t, times, side="left")
    left = n - d
    terms = np.divide(d, n * left, out=np.full(d.size, np.inf), where=left > 0)
    return KaplanMeier(
        time=times,
        at_risk=n,
        events=d,
        survival=np.cumprod(left / n),
        greenwood=np.cumsum(terms),
        n=int(t.size),
        last=float(t[-1]),
    )


def _first_at_half(time: FloatArray, curve: FloatArray) -> float | None:
    """Return the time at which a step curve reaches one half; the middle of the plateau if it stays there."""
    at_or_below = curve <= 0.5 + FLAT
    if not at_or_below.any():
        return None
    i = int(at_or_below.argmax())
    if curve[i] < 0.5 - FLAT:
        return float(time[i])
    below = curve < 0.5 - FLAT
    end = time[below.argmax()] if below.any() else time[i]
    return float(time[i] + end) / 2
