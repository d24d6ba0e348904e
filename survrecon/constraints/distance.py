"""How far paper and figure are apart, in words and in standard deviations of the draws."""

from __future__ import annotations

from collections.abc import Sequence
from math import inf

import numpy as np

from survrecon.constraints.boxes import Box
from survrecon.constraints.results import Constraint, UsedConstraint
from survrecon.constraints.search import FEWEST, Search
from survrecon.constraints.weighting import Weighted
from survrecon.curve import FloatArray
from survrecon.errors import ConstraintError
from survrecon.estimate import Interval, format_decimals

__all__ = ["described", "refusal"]

_NEAR = 2.0  # standard deviations: what lies closer is not named as the disagreement
_MOST_NAMED = 3
_TINY = 1e-12


def described(constraint: Constraint, found: tuple[FloatArray, list[Box]]) -> UsedConstraint:
    """Return a constraint beside what the draws say before weighting."""
    likelihood, boxes = found
    value, interval = _figure_alone(boxes[0])
    return UsedConstraint(
        constraint=constraint,
        without=value,
        interval=interval,
        distance=max(_distance(box) for box in _one_a_number(boxes)),
        share=float(likelihood.mean()),
    )


def refusal(search: Search, weighted: Weighted, used: Sequence[UsedConstraint]) -> ConstraintError:
    """Return the error that says how far the paper lies from what the figure allows."""
    boxes = [box for _, found in search.boxes() for box in _one_a_number(found)]
    far = [box for box in boxes if _distance(box) > _NEAR]
    told = [_told(box) for box in sorted(far, key=_distance, reverse=True)[:_MOST_NAMED]]
    if not told and len(boxes) == 1:
        told = [f"{_told(boxes[0])}, and {used[0].share:.1%} of the draws print it"]
    if not told:
        least = min(used, key=lambda u: u.share)
        told = [
            "each printed number by itself is within reach of the figure, but hardly any data set prints all of them; "
            f"the fewest draws ({least.share:.1%}) print {least.constraint.printed}"
        ]
    size = len(search.arms[search.names[0]].draws)
    return ConstraintError(
        "--use",
        f"an effective sample size of at least {FEWEST} data sets that agree with figure and paper",
        f"{weighted.effective_size:.1f} of {size} data sets an arm ({weighted.tried} combinations): {'; '.join(told)}",
        "look whether the printed number is of the same patients, data cut-off and an unadjusted model, and whether "
        "the figure was read right; hr-value and median-value leave printed intervals aside",
    )


def _one_a_number(boxes: Sequence[Box]) -> list[Box]:
    """Return the nearest box of each printed number: a median's limit has one a scale of its band."""
    groups: dict[str, list[Box]] = {}
    for box in boxes:
        groups.setdefault(box.name.split(" (")[0], []).append(box)
    return [min(group, key=_distance) for group in groups.values()]


def _figure_alone(box: Box) -> tuple[float | None, Interval | None]:
    """Return mean and 95% interval of the draws; nothing where fewer than half have the number."""
    known = np.isfinite(box.values)
    if 2 * known.sum() <= known.size:
        return None, None
    measured = box.measured(box.values[known])
    ends = sorted(box.back(float(v)) for v in np.quantile(measured, [0.025, 0.975]))
    return box.back(float(measured.mean())), Interval(low=ends[0], high=ends[1])


def _distance(box: Box) -> float:
    """Return how far the draws' mean is from the box, in their standard deviations."""
    known = np.isfinite(box.values)
    if np.isinf(box.low) and np.isinf(box.high) and box.low == box.high:  # printed as not reached
        return inf if known.all() else 0.0
    if 2 * known.sum() <= known.size:
        return inf
    values = box.measured(box.values[known])
    low, high = sorted(float(v) for v in box.measured(np.array([box.low, box.high])))
    off = max(low - float(values.mean()), float(values.mean()) - high, 0.0)
    spread = float(values.std())
    return off / spread if spread > _TINY else (inf if off > _TINY else 0.0)


def _told(box: Box) -> str:
    value, interval = _figure_alone(box)
    if value is None or interval is None:
        return f"printed {box.name} {box.printed}, and most draws have none"
    figure = f"{format_decimals(value, box.decimals)} ({interval.format(box.decimals)})"
    if box.sides:
        figure = f"{value:.2g} ({interval.low:.2g} to {interval.high:.2g})"
    distance = _distance(box)
    how = "out of reach" if np.isinf(distance) else f"{distance:.1f} standard deviations of the draws"
    return f"printed {box.name} {box.printed} lies {how} from what the figure allows: {figure}"
