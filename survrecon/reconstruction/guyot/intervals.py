"""One interval of a risk table, and the forward pass through it that Guyot's algorithm repeats."""

from __future__ import annotations

from dataclasses import dataclass, replace
from itertools import pairwise
from math import ceil
from typing import TYPE_CHECKING, Literal

import numpy as np

from survrecon.model.curve import AtRiskConvention, RiskTable, StepCurve

if TYPE_CHECKING:
    from survrecon.arrays import FloatArray

__all__ = ["Passage", "RiskInterval", "forward", "split"]

_INSIDE = 1e-6  # share of an interval that keeps censoring times off its ends
_HALF = 0.5 + 1e-9  # a half is rounded down: the printed number then asks for a censored patient, if for anyone


@dataclass(frozen=True, kw_only=True, slots=True, eq=False)
class RiskInterval:
    """The drops of a curve between two printed numbers at risk.

    Parameters
    ----------
    lower, upper : float
        Its ends; the last interval ends with the curve.
    time : array of float, shape (k,)
        Times at which the curve drops.
    survival : array of float, shape (k,)
        Survival just after each.
    at_risk : int
        Patients who enter.
    left : int or None
        Patients who must be left at the end; ``None`` in the last interval, after which nothing is printed.
    """

    lower: float
    upper: float
    time: FloatArray
    survival: FloatArray
    at_risk: int
    left: int | None

    @property
    def width(self) -> float:
        """Its length."""
        return self.upper - self.lower

    @property
    def leaving(self) -> int:
        """The most patients who may leave in it."""
        return self.at_risk - (self.left or 0)


@dataclass(frozen=True, kw_only=True, slots=True, eq=False)
class Passage:
    """What a forward pass through an interval gives.

    Parameters
    ----------
    deaths : list of int, length k
        Events at each drop, d_k.
    censored : array of float
        Times of the patients censored on the way.
    at_risk : list of int, length k
        Patients at risk at each drop, n_k.
    curve : list of float, length k
        Kaplan-Meier estimate of the rebuilt patients just after each drop.
    survival : float
        The same at the interval's end.
    left : int
        Patients left at the end.
    """

    deaths: list[int]
    censored: FloatArray
    at_risk: list[int]
    curve: list[float]
    survival: float
    left: int

    @property
    def events(self) -> int:
        """Events in the interval."""
        return sum(self.deaths)

    def closed(self, interval: RiskInterval) -> Passage:
        """Return the passage with patients above the printed number censored at the interval's end."""
        surplus = self.left - (interval.left or 0)
        end = np.full(surplus, interval.lower + (1 - _INSIDE) * interval.width)
        return replace(self, censored=np.append(self.censored, end), left=self.left - surplus)


def split(curve: StepCurve, n: int, table: RiskTable | None) -> list[RiskInterval]:
    """Cut a repaired curve at the times of its risk table.

    A drop at a printed time belongs to the interval that follows it where the number counts patients with
    time >= t, and to the one before it where it counts time > t. N patients enter the first interval at
    time 0, wherever the table starts. An interval after which nobody is left ends with the curve if the
    curve ends in it.
    """
    drop = np.diff(curve.survival, prepend=1.0) < 0
    time, survival = curve.time[drop], curve.survival[drop]
    after = table is not None and table.convention is AtRiskConvention.AFTER
    end = float(curve.time[-1])
    rows: list[tuple[float, int]] = (
        [] if table is None else list(zip(table.time.tolist(), table.at_risk.tolist(), strict=True))
    )
    if rows and rows[0][0] == 0 and not after:
        rows = rows[1:]
    bounds = [(0.0, n), *rows]
    side: Literal["left", "right"] = "right" if after else "left"
    cuts = [0, *np.searchsorted(time, [t for t, _ in rows], side=side).tolist(), time.size]
    intervals = []
    for ((lower, entering), (upper, left)), (first, stop) in zip(pairwise(bounds), pairwise(cuts), strict=False):
        last = end if left == 0 and lower < end < upper else upper
        intervals.append(
            RiskInterval(
                lower=lower,
                upper=last,
                time=time[first:stop],
                survival=survival[first:stop],
                at_risk=entering,
                left=left,
            )
        )
    lower, entering = bounds[-1]
    intervals.append(
        RiskInterval(
            lower=lower,
            upper=max(end, lower),
            time=time[cuts[-2] :],
            survival=survival[cuts[-2] :],
            at_risk=entering,
            left=None,
        )
    )
    return intervals


def forward(interval: RiskInterval, survival: float, censored: int, shift: float = 0.0) -> Passage:
    """Spread the censored over an interval, then walk through its drops: steps 2 and 3 of the paper.

    At drop k the number of events solves S_k = S (1 - d_k/n_k) for the Kaplan-Meier value S of the patients
    rebuilt so far: d_k = round(n_k (1 - S_k/S)), halves down.

    Parameters
    ----------
    interval : Interval
        Where to walk.
    survival : float
        Kaplan-Meier estimate of the rebuilt patients at its start.
    censored : int
        Patients to censor on the way.
    shift : float from -1 to 1
        Zero spreads the censored evenly, as the paper does; towards 1 they leave late, towards -1 early
        (our extension, see `spread`).
    """
    share = np.arange(1, censored + 1) / (censored + 1)
    if shift:
        share = share ** ((1 - shift) / max(1 + shift, _INSIDE))
    times = interval.lower + interval.width * np.clip(share, _INSIDE, 1 - _INSIDE)
    gone = np.searchsorted(times, interval.time, side="left").tolist()
    most, total = interval.leaving, 0
    deaths, exposed, curve = [], [], []
    for target, lost in zip(interval.survival.tolist(), gone, strict=True):
        at_risk = interval.at_risk - lost - total
        d = 0
        if at_risk > 0 and target < survival:
            d = min(ceil(at_risk * (1 - target / survival) - _HALF), most - total)
            survival *= 1 - d / at_risk
            total += d
        deaths.append(d)
        exposed.append(at_risk)
        curve.append(survival)
    kept = min(censored, interval.at_risk - total)
    return Passage(
        deaths=deaths,
        censored=times[:kept],
        at_risk=exposed,
        curve=curve,
        survival=survival,
        left=interval.at_risk - total - kept,
    )
