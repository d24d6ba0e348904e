"""Simulated trials of many shapes with their figures.

Each has its own size (40 to 900 patients an arm), survival shape (constant, falling, rising and bent hazards,
log-normal, 30 or 60% that never fail), hazard ratio, allocation and censoring pattern: uniform, late, staggered entry
with drop-out, clustered at the data cut-off, steady drop-out, mostly at the cut-off. A quarter of the longer ones see
events at visits. The printed table has four to ten columns.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from benchmarks.cases import Arm, Case
from benchmarks.readers import read_arm
from survrecon.arrays import FloatArray
from survrecon.model.curve import RiskTable
from survrecon.model.ipd import PseudoIPD

__all__ = ["SHAPES", "figure_of", "simulate"]

_FEWEST_EVENTS = 3
_Times = Callable[[np.random.Generator, int], FloatArray]
SHAPES: tuple[_Times, ...] = (
    lambda rng, n: rng.exponential(size=n),
    lambda rng, n: rng.weibull(0.7, n),
    lambda rng, n: rng.weibull(1.5, n),
    lambda rng, n: np.exp(rng.standard_normal(n)),
    lambda rng, n: np.where(rng.random(n) < 0.3, np.inf, rng.exponential(size=n)),
    lambda rng, n: np.where(rng.random(n) < 0.6, np.inf, rng.exponential(size=n)),
    lambda rng, n: _bent(rng.exponential(size=n), 0.4),
    lambda rng, n: _bent(rng.exponential(size=n), 3.0),
)
_CENSORING: tuple[_Times, ...] = (
    lambda rng, n: rng.uniform(0, 1, n),
    lambda rng, n: rng.uniform(0.5, 1, n),
    lambda rng, n: np.minimum(1 - 0.6 * rng.random(n) ** 0.7, rng.exponential(8, n)),
    lambda rng, n: np.minimum(rng.uniform(0.93, 1, n), rng.exponential(12, n)),
    lambda rng, n: np.minimum(rng.exponential(0.8, n), rng.uniform(0.7, 1, n)),
    lambda rng, n: np.where(rng.random(n) < 0.9, rng.uniform(0.95, 1, n), rng.uniform(0, 1, n)),
)


def simulate(rng: np.random.Generator, *, smallest: int = 40, largest: int = 900) -> Case:
    """Return a trial with at least three events an arm; the same stream gives the same trial."""
    while True:
        patients = _patients(rng, smallest, largest)
        if min(arm.events for arm in patients) >= _FEWEST_EVENTS:
            return figure_of(patients, rng)


def _patients(rng: np.random.Generator, smallest: int, largest: int) -> tuple[PseudoIPD, PseudoIPD]:
    size = int(np.exp(rng.uniform(np.log(smallest), np.log(largest))))
    shape, censoring = SHAPES[rng.integers(len(SHAPES))], _CENSORING[rng.integers(len(_CENSORING))]
    scale = float(np.exp(rng.uniform(np.log(5), np.log(40))))
    cutoff = scale * rng.uniform(0.7, 4)
    visit = 1.5 if cutoff > 15 and rng.random() < 0.25 else 0.0
    effect, ratio = float(np.exp(rng.normal(0.2, 0.3))), float(rng.choice([1.0, 1.0, 1.0, 0.5, 2.0]))
    decimals = int(rng.integers(2, 4))
    control, treatment = (
        _arm(n, shape(rng, n) * scale * factor, censoring(rng, n) * cutoff, visit, decimals, rng)
        for n, factor in ((size + 1, 1.0), (int(size * ratio) + 1, effect))
    )
    return control, treatment


def _arm(
    n: int, failing: FloatArray, leaving: FloatArray, visit: float, decimals: int, rng: np.random.Generator
) -> PseudoIPD:
    if visit:
        failing = np.ceil(failing / visit) * visit
        failing = failing + np.where(rng.random(n) < 0.5, 0.0, rng.normal(0, 0.05 * visit, n))
    seen = np.maximum(np.round(np.minimum(failing, leaving), decimals), 0.01)
    return PseudoIPD(time=seen, event=failing <= leaving)


def _bent(exposure: FloatArray, factor: float) -> FloatArray:
    """Return times whose hazard changes by 1 / ``factor`` at half a unit."""
    return np.where(exposure < 0.5, exposure, 0.5 + (exposure - 0.5) * factor)


def figure_of(patients: tuple[PseudoIPD, PseudoIPD], rng: np.random.Generator) -> Case:
    """Return the figure of two arms, with a printed table of four to ten columns."""
    end = max(float(arm.time[-1]) for arm in patients)
    step = end / rng.integers(4, 11)
    unit = 10 ** np.floor(np.log10(step))
    step = unit * min((1, 2, 3, 5, 6, 10), key=lambda m: abs(m * unit - step))
    printed = np.arange(0, end + 1e-9, step)
    shift = float(rng.uniform(-0.5, 0.5))
    arms = []
    for arm in patients:
        points, marks = read_arm(arm, end, shift, rng)
        table = RiskTable(time=printed, at_risk=arm.at_risk(printed))
        arms.append(Arm(patients=arm, points=points, marks=marks, table=table))
    return Case(name="simulated", arms=(arms[0], arms[1]))
