"""Which of many data sets to show: the one nearest to their middle."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from survrecon.ipd import PseudoIPD

__all__ = ["nearest_to_middle"]

_TIMES = 24  # enough to tell two curves apart; fewer than a risk table and a curve together have columns


def nearest_to_middle(*arms: Sequence[PseudoIPD]) -> int:
    """Return the index of the draw nearest to the mean of the draws, over all arms of a trial at once.

    Distance is Euclidean over survival, the share still at risk on a grid of times, and the number of
    events, each in standard deviations over the draws.

    Parameters
    ----------
    *arms : sequences of PseudoIPD, each of length k
        Paired draws.
    """
    features = np.concatenate([_features(draws) for draws in arms], axis=1)
    spread = features.std(axis=0)
    scaled = (features - features.mean(axis=0)) / np.where(spread > 0, spread, 1.0)
    return int(np.argmin((scaled**2).sum(axis=1)))


def _features(draws: Sequence[PseudoIPD]) -> np.ndarray[tuple[int, int], np.dtype[np.float64]]:
    grid = np.linspace(0, max(draw.time[-1] for draw in draws), _TIMES + 1)[1:]
    return np.array(
        [
            np.concatenate([draw.survival_at(grid), draw.at_risk(grid) / draw.n, [_TIMES * draw.events / draw.n]])
            for draw in draws
        ]
    )
