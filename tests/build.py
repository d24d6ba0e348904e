"""Short forms of the types for tests, from plain lists."""

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

from survrecon.model.curve import AtRiskConvention, Resolution, RiskTable, StepCurve, SurvivalCurve
from survrecon.model.diagnostics import StateSpaceDiagnostics
from survrecon.model.ipd import PseudoIPD, Reconstruction


def curve(time: npt.ArrayLike, survival: npt.ArrayLike, resolution: float | None = None) -> SurvivalCurve:
    """Points of a curve."""
    return SurvivalCurve(
        time=np.asarray(time, dtype=float),
        survival=np.asarray(survival, dtype=float),
        resolution=None if resolution is None else Resolution(survival=resolution),
    )


def steps(time: npt.ArrayLike, survival: npt.ArrayLike, resolution: float) -> StepCurve:
    """A step curve, as points are once they are repaired."""
    return StepCurve(
        time=np.asarray(time, dtype=float),
        survival=np.asarray(survival, dtype=float),
        resolution=Resolution(survival=resolution),
    )


def table(time: npt.ArrayLike, at_risk: npt.ArrayLike, convention: str = "before") -> RiskTable:
    """Numbers at risk."""
    return RiskTable(
        time=np.asarray(time, dtype=float), at_risk=np.asarray(at_risk), convention=AtRiskConvention(convention)
    )


def patients(events: npt.ArrayLike, censored: npt.ArrayLike) -> PseudoIPD:
    """Patients by the times of their events and of their censorings."""
    time = np.concatenate([np.asarray(events, dtype=float), np.asarray(censored, dtype=float)])
    return PseudoIPD(time=time, event=np.arange(time.size) < np.size(events))


def rows(ipd: PseudoIPD) -> Sequence[tuple[float, bool]]:
    """(time, event) by patient, rounded to a millionth."""
    return [(round(float(t), 6), bool(e)) for t, e in zip(ipd.time, ipd.event, strict=True)]


def followed(result: Reconstruction) -> StateSpaceDiagnostics:
    """Return what the state-space method reports."""
    assert isinstance(result.diagnostics, StateSpaceDiagnostics)
    return result.diagnostics


def reach(result: Reconstruction) -> tuple[int, int]:
    """Return the totals of events that the inputs allow."""
    low, high = result.diagnostics.events_low, result.diagnostics.events_high
    assert low is not None
    assert high is not None
    return low, high
