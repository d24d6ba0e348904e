"""How far off a person's clicks are, judged by the paths that may lie behind them."""

from __future__ import annotations

import numpy as np

from survrecon.reconstruction.states.filtering import Settings, run_filter
from survrecon.reconstruction.states.lookups import event_rates
from survrecon.reconstruction.states.noise import Kind, Reading
from survrecon.reconstruction.states.timeline import Timeline

__all__ = ["noise_of_clicks"]

_TRIED = np.geomspace(0.0004, 0.008, 7)
_USUAL, _SPREAD = 0.0018, 0.7  # three quarters of a pixel of a figure 400 pixels high, and the sd of its log
_PARTICLES = 120


def noise_of_clicks(line: Timeline, read: Reading, n: int, events: int | None, rng: np.random.Generator) -> float:
    """Return the standard deviation of a click in survival, a mean over its likely values.

    The distance of clicks from a smooth curve tells little: a hand that is a column early at a step is off by the
    step's height. So each of some values is given to an island of paths, and their evidence weighs them.

    Parameters
    ----------
    line : Timeline
        The slots.
    read : Reading
        Whose ``noise`` is the least possible.
    n, events : int, int or None
        Patients at the start; total events.
    rng : Generator
        For the paths.
    """
    assert read.kind is Kind.CLICKS
    tried = np.unique(np.maximum(_TRIED, read.noise))
    wider = tuple(float(value) for value in tried / read.noise)
    settings = Settings(islands=tried.size, particles=_PARTICLES, store_every=len(line) + 1, wider=wider)
    done = run_filter(line, read, n, events, settings, rng)
    prior = -0.5 * (np.log(tried / _USUAL) / _SPREAD) ** 2
    if done is not None:
        within = sum(point < 1 - 1e-9 for points in line.points for point in points)
        free = event_rates(line, n)[2].sum()  # points spent on the usual hazard tell nothing of the noise
        prior = prior + done.evidence - (within - free) * np.log(tried)
    weight = np.exp(prior - prior.max())
    return float(np.exp(np.average(np.log(tried), weights=weight)))
