"""Figures of two arms with the patients behind them, and their reconstruction from less or more of what they show."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from survrecon.reconstruction.reconstruct import Method, reconstruct

if TYPE_CHECKING:
    from collections.abc import Mapping

    from survrecon.arrays import FloatArray
    from survrecon.model.curve import RiskTable, SurvivalCurve
    from survrecon.model.ipd import PseudoIPD, Reconstruction
    from survrecon.reconstruction.statespace.priors import Priors

__all__ = ["INFORMATION", "POINTS", "Arm", "Case", "rebuild"]

POINTS = ("vector", "trace", "clicks")
INFORMATION = ("none", "events", "risk", "full", "ticks", "all")
_WITH_TABLE = ("risk", "full", "all")
_WITH_EVENTS = ("events", "full", "all")
_WITH_MARKS = ("ticks", "all")


@dataclass(frozen=True, kw_only=True)
class Arm:
    """The true patients of one arm, and what a reader sees of them; points and censoring marks by kind of points."""

    patients: PseudoIPD
    points: Mapping[str, SurvivalCurve]
    marks: Mapping[str, FloatArray]
    table: RiskTable


@dataclass(frozen=True, kw_only=True)
class Case:
    """A figure of two arms, control first."""

    name: str
    arms: tuple[Arm, Arm]


def rebuild(
    case: Case,
    points: str,
    information: str,
    *,
    method: Method | str = Method.AUTO,
    seed: int = 0,
    priors: Priors | None = None,
) -> tuple[Reconstruction, Reconstruction]:
    """Rebuild both arms from N and one level of information.

    Parameters
    ----------
    case : Case
        The figure.
    points : str
        One of `POINTS`.
    information : str
        ``none`` (the curve and N alone), ``events`` (and the total), ``risk`` (and the table), ``full`` (total and
        table), ``ticks`` (censoring marks), ``all``.
    method : Method
        Of `reconstruct`.
    seed : int
        Each arm gets its own stream of it.
    priors : Priors or None
        Of `reconstruct`.
    """
    control, treatment = (
        reconstruct(
            arm.points[points],
            n=arm.patients.n,
            risk_table=arm.table if information in _WITH_TABLE else None,
            events=arm.patients.events if information in _WITH_EVENTS else None,
            censor_times=arm.marks[points] if information in _WITH_MARKS else None,
            method=method,
            rng=np.random.default_rng([seed, k]),
            arm=("control", "treatment")[k],
            priors=priors,
        )
        for k, arm in enumerate(case.arms)
    )
    return control, treatment
