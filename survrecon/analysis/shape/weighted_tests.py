"""Fleming and Harrington's weighted log-rank tests, and the largest of several (MaxCombo).

Weights S(t-)^rho (1 - S(t-))^gamma of the pooled Kaplan-Meier estimate: (0, 0) is the log-rank test, rho weights early
events, gamma late ones. Over draws a p value has no single number that is right, so its median and range are given.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from functools import lru_cache
from typing import TYPE_CHECKING

import numpy as np

from survrecon.analysis.cox import risk_sets
from survrecon.analysis.shape.settings import MAX_COMBO
from survrecon.errors import AnalysisError
from survrecon.model.kaplan_meier import tied

if TYPE_CHECKING:
    from collections.abc import Sequence

    from survrecon.arrays import FloatArray
    from survrecon.model.ipd import PseudoIPD

__all__ = [
    "USUAL_WEIGHTS",
    "FlemingHarrington",
    "PValueDraws",
    "TestSide",
    "WeightedStatistics",
    "largest_of",
    "p_value_draws",
    "summarized_p",
    "weighted_statistics",
]


class TestSide(StrEnum):
    """What counts as evidence."""

    __test__ = False  # no test of ours, whatever pytest makes of the name

    TWO_SIDED = "two-sided"
    TREATMENT_BETTER = "one-sided, fewer events under treatment"


@dataclass(frozen=True, slots=True, order=True)
class FlemingHarrington:
    """One weight, S(t-)^rho (1 - S(t-))^gamma.

    Parameters
    ----------
    rho, gamma : float
        From 0: how much early events weigh more, and how much late ones do.

    Examples
    --------
    >>> str(FlemingHarrington(0, 1)), str(FlemingHarrington(0, 0))
    ('Fleming-Harrington (0, 1)', 'Fleming-Harrington (0, 0), the log-rank test')
    """

    rho: float
    gamma: float

    def __post_init__(self) -> None:
        if not (0 <= self.rho < np.inf and 0 <= self.gamma < np.inf):
            raise AnalysisError(
                "weights", "rho and gamma from 0", f"({self.rho:g}, {self.gamma:g})", "give others, 0 and 1 say"
            )

    def __str__(self) -> str:
        plain = ", the log-rank test" if self.rho == self.gamma == 0 else ""
        return f"Fleming-Harrington ({self.rho:g}, {self.gamma:g}){plain}"


USUAL_WEIGHTS = tuple(FlemingHarrington(*pair) for pair in ((0, 0), (0, 1), (1, 0), (1, 1)))
"""No emphasis, late, early and middle events."""


@dataclass(frozen=True, kw_only=True, slots=True, eq=False)
class WeightedStatistics:
    """The weighted statistics of one pair of data sets.

    Parameters
    ----------
    z : array of float, shape (w,)
        Positive where the treatment has more events than expected; NaN without events.
    correlation : array of float, shape (w, w)
        Of the statistics, if the hazards are equal.
    """

    z: FloatArray
    correlation: FloatArray


def weighted_statistics(
    control: PseudoIPD, treatment: PseudoIPD, weights: Sequence[FlemingHarrington] = USUAL_WEIGHTS
) -> WeightedStatistics:
    """Return the weighted log-rank statistics of the treatment against the control.

    References
    ----------
    Fleming and Harrington, Counting Processes and Survival Analysis, 1991, section 7.2.

    Examples
    --------
    >>> from survrecon.model.ipd import PseudoIPD
    >>> a = PseudoIPD(time=[1, 3, 5, 6, 8, 9], event=[1, 1, 0, 1, 1, 0])
    >>> b = PseudoIPD(time=[2, 4, 7, 9, 10, 11], event=[1, 0, 1, 0, 1, 0])
    >>> weighted_statistics(a, b).z.round(3).tolist()
    [-1.147, -1.078, -1.074, -1.054]
    """
    time_0, time_1 = tied(control.time, treatment.time)
    sets = risk_sets(time_0, time_0[control.event], time_1, time_1[treatment.event])
    times, n0, n1, d, d1 = sets
    n = n0 + n1
    # Events less expected ones, their hypergeometric variance, and the pooled survival just before.
    surplus = d1 - d * n1 / n
    variance = d * (n1 / n) * (n0 / n) * (n - d) / np.maximum(n - 1, 1)
    before = np.concatenate([[1.0], sets.survival])[:-1]
    w = np.array([before**one.rho * (1 - before) ** one.gamma for one in weights]).reshape(len(weights), times.size)
    covariance = (w * variance) @ w.T
    own = np.sqrt(np.diag(covariance))
    z = np.divide(w @ surplus, own, out=np.full(own.size, np.nan), where=own > 0)
    scale = np.outer(own, own)
    return WeightedStatistics(z=z, correlation=np.divide(covariance, scale, out=np.eye(own.size), where=scale > 0))


def largest_of(statistics: WeightedStatistics, side: TestSide = TestSide.TWO_SIDED) -> float:
    """Return the p value of the largest of several weighted statistics (MaxCombo); NaN where one has none.

    With z = A x, x standard normal in as many dimensions as z has, the event is that x lies outside the region where
    no |z| (or no -z) reaches the largest one that was found. In a direction u the region ends at a distance r(u), so
    that p is the mean over directions of P(|x| > r(u)), a chi distribution's tail.

    References
    ----------
    Lee, Some versatile tests based on the simultaneous use of weighted log-rank statistics, Biometrics 52 (1996)
    721-725; Karrison, Versatile tests for comparing survival curves based on weighted log-rank statistics,
    Stata Journal 16 (2016) 678-690.
    """
    if not np.isfinite(statistics.z).all():
        return float("nan")
    from scipy.special import gammaincc

    two_sided = side is TestSide.TWO_SIDED
    largest = float(np.abs(statistics.z).max() if two_sided else (-statistics.z).max())
    values, vectors = np.linalg.eigh(statistics.correlation)
    kept = values > MAX_COMBO.smallest_share * values.sum()
    A = vectors[:, kept] * np.sqrt(values[kept])
    # A ray meets the border where its steepest statistic reaches the largest value; some rays never do.
    reach = A @ _directions(A.shape[1]).T
    steepest = np.abs(reach).max(axis=0) if two_sided else reach.max(axis=0)
    meets = steepest * largest > 0
    border = largest / steepest[meets]
    beyond = float(gammaincc(A.shape[1] / 2, border**2 / 2).sum() / steepest.size)
    return beyond if largest >= 0 else 1 - beyond


@lru_cache(maxsize=4)
def _directions(dimensions: int) -> FloatArray:
    """Return unit vectors (m, dimensions) that cover the sphere evenly."""
    if dimensions == 1:
        return np.array([[1.0], [-1.0]])
    if dimensions == 2:
        angle = 2 * np.pi * (np.arange(MAX_COMBO.angles) + 0.5) / MAX_COMBO.angles
        return np.stack([np.cos(angle), np.sin(angle)], axis=1)
    from scipy.special import ndtri
    from scipy.stats import qmc

    rng = np.random.default_rng(0)  # of the shift of the net alone: the same directions at every call
    net = qmc.Sobol(dimensions, rng=rng).random_base2(MAX_COMBO.log2_directions)
    normal = ndtri(net)
    return np.asarray(normal / np.linalg.norm(normal, axis=1, keepdims=True))


@dataclass(frozen=True, kw_only=True, slots=True)
class PValueDraws:
    """A p value over draws of the patients.

    Parameters
    ----------
    name : str
        The test, with its weights and its side.
    z : float or None
        Median of the statistic over draws, positive where the treatment has more events; None of a MaxCombo.
    median, low, high : float
        The p value's median over draws and its whole range; NaN where most draws have none.
    central : float
        Of the central data set.
    draws : int
        Data sets that have one.
    """

    name: str
    z: float | None
    median: float
    low: float
    high: float
    central: float
    draws: int


def p_value_draws(
    central: WeightedStatistics,
    draws: Sequence[WeightedStatistics],
    weights: Sequence[FlemingHarrington] = USUAL_WEIGHTS,
    side: TestSide = TestSide.TWO_SIDED,
) -> tuple[PValueDraws, ...]:
    """Return the p value of each weight and of the largest of them, over draws."""
    from scipy.special import ndtr

    def single(one: WeightedStatistics) -> FloatArray:
        return 2 * ndtr(-np.abs(one.z)) if side is TestSide.TWO_SIDED else np.asarray(ndtr(one.z))

    z = np.array([one.z for one in draws])
    p, own = np.array([single(one) for one in draws]), single(central)
    found = [summarized_p(f"{weight}, {side}", p[:, i], float(own[i]), z[:, i]) for i, weight in enumerate(weights)]
    if len(weights) > 1:
        among = ", ".join(f"({one.rho:g}, {one.gamma:g})" for one in weights)
        largest = np.array([largest_of(one, side) for one in draws])
        found.append(summarized_p(f"MaxCombo over {among}, {side}", largest, largest_of(central, side), None))
    return tuple(found)


def summarized_p(name: str, p: FloatArray, central: float, z: FloatArray | None) -> PValueDraws:
    """Return the median and range of p values (k,) and of their statistics over draws, those that have one."""
    known = p[np.isfinite(p)]
    most = 2 * known.size > p.size
    return PValueDraws(
        name=name,
        z=None if z is None or not most else float(np.nanmedian(z)),
        median=float(np.median(known)) if most else float("nan"),
        low=float(known.min()) if most else float("nan"),
        high=float(known.max()) if most else float("nan"),
        central=central,
        draws=int(known.size),
    )
