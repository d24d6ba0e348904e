"""Trials seen in whole months, weeks or at visits: patients, and the points of their curves, one or two a drop."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from survrecon.model.curve import RiskTable, SurvivalCurve
from survrecon.model.ipd import PseudoIPD

if TYPE_CHECKING:
    from survrecon.arrays import FloatArray

__all__ = ["Arm", "Trial", "landmark_arm", "simulate"]

_FEWEST_EVENTS = 3
_UNITS = (("months", 1.0), ("weeks", 1.0), ("months", 3.0), ("weeks", 6.0), ("months", 2.0))
"""Unit of the axis, and how far apart patients are seen in it."""
_LANDMARKS = (
    ("months", (6, 12, 18, 24, 30, 36)),
    ("months", (6, 12, 24, 36, 48, 60)),
    ("months", (3, 6, 9, 12, 15, 18, 21, 24)),
    ("months", (12, 24, 36, 48, 60)),
    ("months", tuple(range(3, 37, 3))),
    ("weeks", (12, 24, 36, 48, 60, 72)),
    ("months", (3, 6, 12, 18, 24)),
)


@dataclass(frozen=True, kw_only=True)
class Arm:
    """True patients, the points of their curve, and what is told beside them."""

    patients: PseudoIPD
    points: SurvivalCurve
    table: RiskTable | None
    events: int | None


@dataclass(frozen=True, kw_only=True)
class Trial:
    """Two arms, control first, with how they were seen and printed."""

    arms: tuple[Arm, Arm]
    unit: str
    apart: float
    decimals: int
    corners: bool
    with_table: bool
    with_total: bool


def simulate(rng: np.random.Generator) -> Trial:
    """Return a trial of 60 to 400 patients an arm; the same stream gives the same trial."""
    while True:
        unit, apart = _UNITS[int(rng.choice(len(_UNITS), p=[0.4, 0.2, 0.2, 0.1, 0.1]))]
        n = int(np.exp(rng.uniform(np.log(60), np.log(400))))
        decimals, corners = int(rng.choice([3, 4, 4])), bool(rng.random() < 0.25)
        with_table, with_total = bool(rng.random() < 0.75), bool(rng.random() < 0.3)
        visits = rng.uniform(10, 36)
        median, ratio = visits * rng.uniform(0.25, 1.0), float(np.exp(rng.normal(-0.2, 0.3)))
        shape, start = float(rng.choice([0.8, 1.0, 1.4])), float(rng.choice([0.0, 0.4, 0.6]))
        arms = [_patients(rng, n, median / factor, shape, start, visits, apart) for factor in (1.0, ratio)]
        if min(arm.events for arm in arms) >= _FEWEST_EVENTS:
            break
    end = max(float(arm.time[-1]) for arm in arms)
    every = apart * max(round(end / apart / rng.integers(4, 9)), 1)
    at = np.arange(0.0, end + 1e-9, every)
    drawn = [
        Arm(
            patients=arm,
            points=_points(arm, decimals, corners, unit),
            table=RiskTable(time=at, at_risk=arm.at_risk(at)) if with_table else None,
            events=arm.events if with_total else None,
        )
        for arm in arms
    ]
    return Trial(
        arms=(drawn[0], drawn[1]),
        unit=unit,
        apart=apart,
        decimals=decimals,
        corners=corners,
        with_table=with_table,
        with_total=with_total,
    )


def landmark_arm(rng: np.random.Generator) -> Arm:
    """Return an arm of the same sizes, seen all the time, of which a paper prints survival at a few times."""
    unit, times = _LANDMARKS[int(rng.integers(len(_LANDMARKS)))]
    at = np.array(times, dtype=float)
    n, decimals = int(np.exp(rng.uniform(np.log(60), np.log(400)))), int(rng.choice([2, 3, 4]))
    died = rng.weibull(float(rng.choice([0.8, 1.0, 1.4])), n) * at[-1] * rng.uniform(0.3, 1.2)
    left = np.minimum(at[-1] * rng.uniform(float(rng.choice([0.0, 0.4, 0.8])), 1.25, n), at[-1])
    patients = PseudoIPD(time=np.round(np.minimum(died, left), 2) + 0.01, event=died <= left)
    printed = np.append(0.0, at)
    table = RiskTable(time=printed, at_risk=patients.at_risk(printed)) if rng.random() < 0.6 else None
    survival = np.round(patients.survival_at(printed), decimals)
    return Arm(
        patients=patients,
        points=SurvivalCurve(time=printed, survival=survival, time_unit=unit),
        table=table,
        events=patients.events if rng.random() < 0.3 else None,
    )


def _patients(
    rng: np.random.Generator, n: int, median: float, shape: float, start: float, visits: float, apart: float
) -> PseudoIPD:
    died = median * (rng.exponential(1 / np.log(2), n)) ** (1 / shape)
    left = visits * rng.uniform(start, 1.2, n)
    seen = np.maximum(np.ceil(np.minimum(died, left)), 1.0)
    event = (died <= left) & (seen <= np.ceil(visits))
    return PseudoIPD(time=np.minimum(seen, np.ceil(visits)) * apart, event=event)


def _points(arm: PseudoIPD, decimals: int, corners: bool, unit: str) -> SurvivalCurve:
    times, after = arm.kaplan_meier()
    after = np.round(after, decimals)
    time, survival = np.append(0.0, times), np.append(1.0, after)
    if corners:
        time, survival = np.append(0.0, np.repeat(times, 2)), np.append(1.0, _corner_levels(after))
    return SurvivalCurve(time=time, survival=survival, time_unit=unit)


def _corner_levels(after: FloatArray) -> FloatArray:
    before = np.append(1.0, after)[: after.size]
    return np.column_stack([before, after]).ravel()
