"""One simulated arm of 200 patients, and its figure."""

from dataclasses import dataclass

import numpy as np
import pytest

from survrecon.arrays import FloatArray
from survrecon.model.curve import RiskTable, SurvivalCurve
from survrecon.model.ipd import PseudoIPD


@dataclass(frozen=True)
class SimulatedArm:
    """Patients, the lower corners of their curve, and their risk table every six months."""

    patients: PseudoIPD
    time: FloatArray
    survival: FloatArray
    table: RiskTable

    @property
    def curve(self) -> SurvivalCurve:
        return SurvivalCurve(time=self.time, survival=self.survival)

    @property
    def median(self) -> float:
        return float(self.time[self.survival <= 0.5][0])


@pytest.fixture(scope="session")
def arm() -> SimulatedArm:
    rng = np.random.default_rng(20120109)
    event, censoring = 18 * rng.weibull(1.2, 200), rng.uniform(6, 44, 200)
    patients = PseudoIPD(time=np.asarray(np.minimum(event, censoring), dtype=float).round(3), event=event <= censoring)
    times, survival = patients.kaplan_meier()
    at = np.arange(0, 42, 6.0)
    return SimulatedArm(
        patients=patients,
        time=np.append(0, times),
        survival=np.append(1, survival),
        table=RiskTable(time=at, at_risk=patients.at_risk(at)),
    )
