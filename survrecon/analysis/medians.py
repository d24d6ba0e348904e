"""Medians over draws: of survival, and of follow-up by the reverse Kaplan-Meier estimate."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial
from math import sqrt

import numpy as np

from survrecon.curve import FloatArray
from survrecon.estimate import Estimate, Interval, Scale, Status, normal_quantile
from survrecon.ipd import PseudoIPD
from survrecon.kaplan_meier import BandTransform, KaplanMeier, kaplan_meier

__all__ = ["median_draws", "pooled_median", "reverse_kaplan_meier"]


def median_draws(curves: Sequence[KaplanMeier]) -> FloatArray:
    """Return the median of each of k curves, (k,); infinite where it is not reached."""
    medians = (km.median() for km in curves)
    return np.array([np.inf if m is None else m for m in medians])


def reverse_kaplan_meier(data: PseudoIPD) -> KaplanMeier:
    """Return the estimate with events and censorings swapped: of potential follow-up.

    References
    ----------
    Schemper and Smith, A note on quantifying follow-up in studies of failure time, Control Clin Trials
    17 (1996) 343-346.
    """
    return kaplan_meier(data.time, ~data.event)


def pooled_median(
    curves: Sequence[KaplanMeier],
    *,
    transform: BandTransform = BandTransform.LOG_LOG,
    level: float = 0.95,
) -> Estimate:
    """Pool the medians of k curves by Rubin's rules on the log scale.

    The Brookmeyer-Crowley limits of one curve are not symmetric, so the two sides are pooled apart:
    a side's sampling error is the distance from the median to that limit over the normal quantile.
    With one curve the interval is that curve's own.

    Parameters
    ----------
    curves : sequence of KaplanMeier, length k
        One a draw.
    transform : BandTransform
        Scale of the pointwise band.

    Returns
    -------
    Estimate
        "not reached" where at least half of the draws do not come down to a half; otherwise pooled over
        those that do. A limit that most of them do not reach is ``None``. ``sampling_se`` is the mean of
        the two sides, or the lower alone where the upper is not reached.

    Examples
    --------
    >>> pooled_median([kaplan_meier(range(1, 11), [1] * 10)]).format(1)
    '5.5 (1.0 to 8.0)'
    """
    medians = median_draws(curves)
    reached = [km for km, m in zip(curves, medians, strict=True) if np.isfinite(m)]
    if 2 * len(reached) <= len(curves):
        return Estimate(value=None, status=Status.NOT_REACHED)
    values = medians[np.isfinite(medians)]
    limits = [km.median_limits(transform, level) for km in reached]
    positive = values.min() > 0 and all(limit.low is None or limit.low > 0 for limit in limits)
    scale = Scale.LOG if positive else Scale.IDENTITY
    q = np.log(values) if positive else values
    k = q.size
    between = (1 + 1 / k) * float(q.var(ddof=1)) if k > 1 else None
    interval, sides = _pooled_limits(q, limits, scale, between or 0.0, level)
    return Estimate(
        value=scale.inverse(float(q.mean())),
        interval=interval,
        sampling_se=sqrt(sum(sides) / len(sides)) if sides else None,
        reconstruction_se=None if between is None else sqrt(between),
        scale=scale,
        interval_at=partial(_interval_at, tuple(reached), q, transform, scale, between or 0.0),
    )


def _interval_at(
    curves: Sequence[KaplanMeier],
    q: FloatArray,
    transform: BandTransform,
    scale: Scale,
    between: float,
    level: float,
) -> Interval:
    """Return the pooled interval at a level: another one crosses a half at other events."""
    limits = [km.median_limits(transform, level) for km in curves]
    return _pooled_limits(q, limits, scale, between, level)[0]


def _pooled_limits(
    q: FloatArray, limits: Sequence[Interval], scale: Scale, between: float, level: float
) -> tuple[Interval, list[float]]:
    """Return the pooled interval of the medians ``q`` (k,), on ``scale``, and the sampling variances of its sides."""
    centre, z = float(q.mean()), normal_quantile(level)
    below = _side_variance(q, [i.low for i in limits], scale, z)
    above = _side_variance(q, [i.high for i in limits], scale, z)
    interval = Interval(
        low=None if below is None else scale.inverse(centre - z * sqrt(below + between)),
        high=None if above is None else scale.inverse(centre + z * sqrt(above + between)),
        level=level,
    )
    return interval, [v for v in (below, above) if v is not None]


def _side_variance(q: FloatArray, limits: Sequence[float | None], scale: Scale, z: float) -> float | None:
    """Return the mean squared error of one side, over the draws that reach it; ``None`` if half do not."""
    known = [
        (v, m) for v, m in zip(limits, q.tolist(), strict=True) if v is not None and (v > 0 or scale is not Scale.LOG)
    ]
    squares = [((scale.forward(v) - m) / z) ** 2 for v, m in known]
    return sum(squares) / len(squares) if 2 * len(squares) > len(limits) else None
