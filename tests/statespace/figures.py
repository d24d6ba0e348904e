"""Patients first, then what a reader sees of their curve: corners of steps, one point a pixel column, clicks."""

import numpy as np

from survrecon.arrays import FloatArray
from survrecon.model.curve import AtRiskConvention, RiskTable, SurvivalCurve
from survrecon.model.ipd import PseudoIPD

WIDTH, HEIGHT = 600, 400


def simulated(n: int, seed: int, censoring: float = 1.0) -> PseudoIPD:
    """Patients with a hazard of 1/10 and censoring spread evenly over ``20 / censoring``."""
    rng = np.random.default_rng(seed)
    died, left = rng.exponential(10, n), rng.uniform(0, 20 / censoring, n)
    return PseudoIPD(time=np.asarray(np.round(np.minimum(died, left), 3) + 0.001, dtype=float), event=died <= left)


def corners(arm: PseudoIPD, decimals: int = 5) -> SurvivalCurve:
    """Both corners of every step up to the last patient, as a vector file holds them."""
    times, after = arm.kaplan_meier()
    levels = np.append(1.0, after)
    time = np.concatenate([[0.0], np.repeat(times, 2), [arm.time[-1]]])
    survival = np.concatenate([[1.0], np.column_stack([levels[:-1], levels[1:]]).ravel(), levels[-1:]])
    return SurvivalCurve(time=time, survival=np.round(survival, decimals))


def trace(arm: PseudoIPD, seed: int, bias: float = 0.3) -> SurvivalCurve:
    """One point a pixel column, 0.3 pixels of noise, a shared shift, rounded to rows."""
    x = columns(arm)
    rows = arm.survival_at(x) * HEIGHT + bias + np.random.default_rng(seed).normal(0, 0.3, x.size)
    return SurvivalCurve(time=x, survival=np.clip(np.round(rows) / HEIGHT, 0, 1))


def columns(arm: PseudoIPD) -> FloatArray:
    """Middles of the pixel columns that the curve reaches."""
    x = (np.arange(WIDTH) + 0.5) * arm.time[-1] / WIDTH
    return np.asarray(x[x <= arm.time[-1]])


def clicks(arm: PseudoIPD, seed: int, points: int = 80) -> SurvivalCurve:
    """Points near the curve, three quarters of a pixel off in both directions."""
    rng = np.random.default_rng(seed)
    x = np.linspace(0, arm.time[-1], points)
    y = arm.survival_at(x) + rng.normal(0, 0.75 / HEIGHT, points)
    return SurvivalCurve(time=np.abs(x + rng.normal(0, 0.5 * arm.time[-1] / WIDTH, points)), survival=np.clip(y, 0, 1))


def printed(arm: PseudoIPD, every: float, convention: AtRiskConvention = AtRiskConvention.BEFORE) -> RiskTable:
    """Numbers at risk at round times up to the last patient."""
    at = np.arange(0, arm.time[-1], every)
    return RiskTable(time=at, at_risk=arm.at_risk(at, convention), convention=convention)


def marks(arm: PseudoIPD, apart: float = 0.0) -> FloatArray:
    """Times of censoring, those closer than ``apart`` to the one before run into it."""
    times = np.unique(arm.time[~arm.event])
    return np.asarray(times[np.append(True, np.diff(times) > apart)[: times.size]])
