"""What a reconstruction method is given: inputs of one arm that were repaired and agree with each other."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from survrecon.convention import PointKind
from survrecon.curve import FloatArray, Resolution, RiskTable, SurvivalCurve
from survrecon.ipd import Reconstruction

__all__ = ["Problem", "Solver"]


@dataclass(frozen=True, kw_only=True, slots=True, eq=False)
class Problem:
    """One arm, ready to be rebuilt.

    Parameters
    ----------
    curve : SurvivalCurve
        Repaired: from (0, 1), times rising strictly, survival never, resolution set.
    n : int
        Number of patients.
    risk_table : RiskTable or None
        Under a definite convention, and within what the curve allows.
    events : int or None
        Total events, within three times the resolution of what curve and table allow.
    censor_times : array of float, shape (c,), or None
        Rising times of censoring marks.
    rng : Generator
        For methods that draw.
    arm : str
        The arm's name.
    digitized : SurvivalCurve or None
        The points before repair, whose scatter tells how they were read; ``None`` where ``curve`` is as read.
    points : PointKind
        What they are, ``auto`` where nothing more than their scatter is to tell.
    """

    curve: SurvivalCurve
    n: int
    risk_table: RiskTable | None
    events: int | None
    censor_times: FloatArray | None
    rng: np.random.Generator
    arm: str
    digitized: SurvivalCurve | None = None
    points: PointKind = PointKind.AUTO

    @property
    def resolution(self) -> Resolution:
        """How finely the curve was read."""
        return self.curve.resolution or Resolution(survival=0.0)


Solver = Callable[[Problem], Reconstruction]
"""A method: what it returns carries its own diagnostics and warnings, none of the input's."""
