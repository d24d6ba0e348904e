"""Simulated trials whose censoring marks run together: several hundred patients an arm, most of them censored.

Arms of 300 to 1,000 patients, 8 to 45% of whom have their event. The others are censored at the data cut-off after
a long accrual, at yearly visits, or early; times are exact, or whole days, weeks, months or columns of a picture that
was digitized before, so that many patients share one mark, and at 600 pixels hundreds of marks touch.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

import numpy as np

from benchmarks.simulated import SHAPES, figure_of
from survrecon.arrays import FloatArray
from survrecon.model.ipd import PseudoIPD

if TYPE_CHECKING:
    from benchmarks.cases import Case

__all__ = ["simulate_crowded"]

_FEWEST, _MOST = 300, 1000
_EVENTS = (0.08, 0.45)
_DAY = 1 / 30.4375
_YEAR = 12.0
_Cut = Callable[[np.random.Generator, int], FloatArray]
_CENSORING: tuple[_Cut, ...] = (
    lambda rng, n: rng.uniform(0.35, 1, n),
    lambda rng, n: 1 - 0.8 * rng.random(n) ** 0.7,
    lambda rng, n: np.minimum(1 - 0.5 * rng.random(n) ** 1.5, rng.exponential(4, n)),
    lambda rng, n: np.minimum(rng.uniform(0.7, 1, n), rng.exponential(2, n)),
    lambda rng, n: np.where(rng.random(n) < 0.8, rng.beta(6, 2.5, n), rng.uniform(0, 1, n)),
    lambda rng, n: rng.uniform(0, 1, n),
)


def simulate_crowded(rng: np.random.Generator) -> Case:
    """Return a trial; the same stream gives the same trial."""
    size = int(np.exp(rng.uniform(np.log(_FEWEST), np.log(_MOST))))
    treated = int(np.clip(size * rng.choice([1.0, 1.0, 0.5, 2.0]), _FEWEST, _MOST))
    end = float(rng.uniform(24, 120))
    shape, censoring = SHAPES[rng.integers(len(SHAPES))], _CENSORING[rng.integers(len(_CENSORING))]
    effect = float(np.exp(rng.normal(0.2, 0.25)))
    scale = _scale(shape, censoring, float(rng.uniform(*_EVENTS)), rng)
    unit = float(rng.choice([0.0, _DAY, _DAY, 7 * _DAY, 1.0, end / 600 * rng.uniform(0.5, 3)]))
    events_too = unit < 1 or rng.random() < 0.5
    visits = rng.random() < 0.25
    arms = []
    for n, factor in ((size, 1.0), (treated, effect)):
        leaving = censoring(rng, n) * end
        if visits:  # half are last seen about a yearly visit
            seen = np.maximum(np.floor(leaving / _YEAR), 0.5) * _YEAR + rng.normal(0, 1, n)
            leaving = np.where(rng.random(n) < 0.5, np.clip(seen, 0.1, leaving), leaving)
        failing = shape(rng, n) * scale * factor * end
        event = failing <= leaving
        seen = np.where(event, failing, leaving)
        if unit:
            seen = np.where(event & (not events_too), seen, np.maximum(np.round(seen / unit), 1) * unit)
        arms.append(PseudoIPD(time=np.maximum(seen, 1e-3), event=event))
    return figure_of((arms[0], arms[1]), rng)


def _scale(shape: _Cut, censoring: _Cut, share: float, rng: np.random.Generator) -> float:
    """Return the scale, in parts of the follow-up, by which about that share of patients has its event."""
    failing, leaving = shape(rng, 4000), censoring(rng, 4000)
    tried = np.geomspace(0.05, 100, 60)
    shares = (failing * tried[:, None] <= leaving).mean(axis=1)
    return float(tried[np.argmin(np.abs(shares - share))])
