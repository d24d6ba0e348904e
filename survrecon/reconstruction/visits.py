"""Whether points at whole months, weeks or visits are the steps of patients seen then, or landmarks of a smooth curve.

Both are few, stand for several events each, and lie at round times. Two things tell them apart. Steps obey the
arithmetic of Kaplan-Meier estimates: each factor is 1 - d / n of whole numbers that follow from each other, from N and
from the risk table, within the rounding of the printed decimals. Landmarks of a trial like this one may do so by
chance; how often is found by simulating some. And a list of steps leaves out the months without an event, while papers
print few landmarks, at times that follow a rule.
"""

from __future__ import annotations

import numpy as np

from survrecon.curve import FloatArray, RiskTable, SurvivalCurve
from survrecon.ipd import PseudoIPD
from survrecon.reconstruction.states.decoding import decode, find_steps, heights
from survrecon.reconstruction.states.noise import grid_height
from survrecon.reconstruction.states.timeline import stepped_timeline

__all__ = ["seen_at_visits", "visit_unit"]

_SEED = 20
_OFF = 0.03  # of the time between visits: how far beside a multiple of it a visit may lie
_PARTS = 3  # of the shortest gap between points that the time between visits may be
_SAME_TIME = 2e-6  # of the follow-up, as where steps are decoded
_DECODABLE = 1.0  # rounding unit times patients: beyond it any drop is possible
_ROUNDED = 0.51  # of a printed unit
_PARTICLES, _SIMULATED = 800, 10
_AS_MANY, _EACH = 11.0, 0.5  # drops at which steps are as likely as landmarks, and what each more adds to the log odds
_LEFT_OUT, _BY_RULE = 2.0, -1.0  # what a visit left out between others adds, and times that follow a rule
_LEAST = 1e-4  # of survival


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
    for parts in range(1, _PARTS + 1):
        unit = shortest / parts
        whole = np.round(times / unit)
        unit = float((whole @ times) / (whole @ whole))  # least squares: visits may be rounded to two decimals
        if unit > 0 and np.abs(times - unit * np.round(times / unit)).max() <= _OFF * unit:
            return unit
    return None


def seen_at_visits(points: SurvivalCurve, n: int, table: RiskTable | None, events: int | None) -> float | None:
    """Return the time between visits where points, one a drop, are steps at visits; ``None`` where they are not.

    Parameters
    ----------
    points : SurvivalCurve
        As digitized: few, of several events each, never rising.
    n : int
        Number of patients.
    table : RiskTable or None
        Under a definite convention.
    events : int or None
        Total events, if told.
    """
    order = np.lexsort((-points.survival, points.time))
    time, survival = np.maximum(points.time[order], 0.0), np.clip(points.survival[order], 0.0, 1.0)
    unit, grid = visit_unit(time), grid_height(survival)
    if unit is None or grid == 0 or (np.diff(survival) > grid / 2).any():
        return None
    times, levels = find_steps(time, survival, grid)
    if not times.size:
        return None
    odds = _EACH * (times.size - _AS_MANY) + _by_their_times(times, unit)
    if grid * n <= _DECODABLE:
        if not _decodes(times, levels, n, grid, table, events, np.random.default_rng(_SEED)):
            return None
        odds -= np.log(_by_chance(times, levels, n, grid, table, events))
    return unit if odds > 0 else None


def _by_their_times(times: FloatArray, unit: float) -> float:
    """Return the log odds of steps by which visits have a point: papers choose even times, or ever rarer ones."""
    gaps = np.round(np.diff(np.append(0.0, times)) / unit)
    return _LEFT_OUT if (np.diff(gaps[1:]) < 0).any() else _BY_RULE


def _decodes(
    times: FloatArray,
    levels: FloatArray,
    n: int,
    grid: float,
    table: RiskTable | None,
    events: int | None,
    rng: np.random.Generator,
) -> bool:
    """Whether whole numbers of patients give these levels."""
    last = float(times[-1])
    line = stepped_timeline(times, levels, last, table, None, _SAME_TIME * last, rng)
    return decode(line, heights(line, levels, _ROUNDED * grid), n, events, _PARTICLES, rng) is not None


def _by_chance(
    times: FloatArray, levels: FloatArray, n: int, grid: float, table: RiskTable | None, events: int | None
) -> float:
    """Return how often landmarks of trials like this one would pass for steps, half a time more than found."""
    rng = np.random.default_rng(_SEED + 1)
    passed = 0
    for _ in range(_SIMULATED):
        arm = _seen_all_the_time(times, levels, n, table, rng)
        seen = np.round(arm.survival_at(times) / grid) * grid
        falls = seen < np.append(1.0, seen)[: seen.size] - grid / 2
        if not falls.any():
            continue
        printed = None
        if table is not None:
            printed = RiskTable(
                time=table.time, at_risk=arm.at_risk(table.time, table.convention), convention=table.convention
            )
        total = None if events is None else arm.events
        passed += _decodes(times[falls], seen[falls], n, grid, printed, total, rng)
    return (passed + 0.5) / (_SIMULATED + 1)


def _seen_all_the_time(
    times: FloatArray, levels: FloatArray, n: int, table: RiskTable | None, rng: np.random.Generator
) -> PseudoIPD:
    """Draw patients whose curve passes near the points, and who leave about as the printed numbers say."""
    hazard = -np.log(np.maximum(levels, _LEAST))
    knots, height = np.append(0.0, times), np.append(0.0, hazard)
    exposure = rng.exponential(size=n)
    end = float(times[-1])
    died = np.where(exposure <= height[-1], np.interp(exposure, height, knots), 2 * end)
    left = end * rng.uniform(rng.uniform(0.0, 0.8), 1.25, n)
    if table is not None and (table.time > 0).any():
        alive = np.exp(-np.interp(table.time, knots, height))
        stay = np.minimum.accumulate(np.clip(table.at_risk / (n * alive), 0.0, 1.0))
        left = np.interp(-rng.random(n), -np.append(stay, 0.0), np.append(table.time, 1.25 * max(end, table.time[-1])))
    time = np.maximum(np.minimum(died, left), 1e-6 * end)
    return PseudoIPD(time=time, event=(died <= left) & (died <= end))
