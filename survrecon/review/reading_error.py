"""How far apart two readings of one figure are by chance: the reading model's noise, and what a ratio makes of it."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np

from survrecon.analysis.cox import contrast_draws
from survrecon.model.convention import CurveDetail, PointKind
from survrecon.reconstruction.reconstruct import reconstruct
from survrecon.reconstruction.statespace.priors import DEFAULT_PRIORS, ReadingModel
from survrecon.reconstruction.statespace.reading import reading

if TYPE_CHECKING:
    from survrecon.model.curve import RiskTable, SurvivalCurve
    from survrecon.model.ipd import PseudoIPD, Reconstruction

__all__ = ["ArmInputs", "ReadingNoise", "log_ratio", "noise_of", "ratio_error", "reread"]

_UNIFORM = 12**-0.5
"""Standard deviation of rounding, in units of what is rounded to."""
_HEIGHT_TO_WIDTH = 2 / 3
"""Height of a figure over its width: where no pixel is declared, a hand is off as far along both axes."""


@dataclass(frozen=True, kw_only=True)
class ArmInputs:
    """What one arm is rebuilt from."""

    curve: SurvivalCurve
    n: int
    table: RiskTable | None = None
    events: int | None = None
    marks: np.ndarray[tuple[int, ...], np.dtype[np.float64]] | None = None
    points: PointKind = PointKind.AUTO

    def rebuilt(self, arm: str) -> Reconstruction:
        """Return the arm's patients."""
        return reconstruct(
            self.curve, n=self.n, risk_table=self.table, events=self.events, censor_times=self.marks, arm=arm,
            points=self.points,
        )  # fmt: skip


@dataclass(frozen=True, kw_only=True)
class ReadingNoise:
    """Standard deviations of a reading: of a level, of a shift that all levels share, and of a time.

    ``chosen`` says that the points are clicks, whose places a reader chooses: another one chooses others.
    """

    level: float
    shift: float
    time: float
    chosen: bool = False

    @property
    def whole(self) -> float:
        """Of a level, both parts together."""
        return float(np.hypot(self.level, self.shift))


def noise_of(inputs: ArmInputs, model: ReadingModel = DEFAULT_PRIORS.reading) -> ReadingNoise:
    """Return how far off an arm's points are as the reading model has it.

    Parameters
    ----------
    inputs : ArmInputs
        The arm.
    model : ReadingModel
        The model's numbers.
    """
    curve = inputs.curve
    order = np.argsort(curve.time, kind="stable")
    time, survival = curve.time[order], curve.survival[order]
    found = reading(time, survival, inputs.n, curve.resolution, inputs.points, model)
    by_hand = found.kind is CurveDetail.CLICKS
    level = max(found.noise, model.click_noise) if by_hand else found.noise
    declared = 0.0 if curve.resolution is None else curve.resolution.time * _UNIFORM
    slip = level * _HEIGHT_TO_WIDTH * float(time[-1]) if by_hand else 0.0
    return ReadingNoise(level=level, shift=found.bias, time=max(declared, slip), chosen=by_hand)


def reread(inputs: ArmInputs, patients: PseudoIPD, noise: ReadingNoise, rng: np.random.Generator) -> ArmInputs:
    """Return an arm as another reader would read it who is as good: the rebuilt curve with noise of the reading model.

    Parameters
    ----------
    inputs : ArmInputs
        As it was read.
    patients : PseudoIPD
        As they were rebuilt from that.
    noise : ReadingNoise
        How far off a reading is.
    rng : Generator
        For the noise.
    """
    if noise.chosen:
        return _clicked_elsewhere(inputs, patients, noise, rng)
    time, seen = inputs.curve.time, inputs.curve.survival
    # near a step a point may be at either end of it, as it was read; rebuilt steps are off by a pixel at most
    pixel = 0.0 if inputs.curve.resolution is None else inputs.curve.resolution.time
    before = patients.survival_at(np.nextafter(time - pixel, -np.inf))
    after = patients.survival_at(time + pixel)
    level = np.clip(seen, after, before)
    at, place = np.unique(time, return_inverse=True)
    # points of one time, the two corners of a step, are off together in time
    moved = np.clip(at + rng.normal(0.0, noise.time, at.size), 0.0, None) if noise.time > 0 else at
    moved = np.maximum.accumulate(np.where(at > 0, moved, at))
    off = rng.normal(0.0, noise.level, seen.size) + rng.normal(0.0, noise.shift)
    first = (time == 0) | (level >= 1)
    read = np.clip(np.where(first, level, level + off), 0.0, 1.0)
    return replace(inputs, curve=replace(inputs.curve, time=moved[place], survival=read))


def _clicked_elsewhere(
    inputs: ArmInputs, patients: PseudoIPD, noise: ReadingNoise, rng: np.random.Generator
) -> ArmInputs:
    """Return as many clicks on the rebuilt curve, as dense as the first reader's, at other places along it."""
    time = np.sort(inputs.curve.time)
    # a place anywhere between those of the neighbours, the ends stay
    middle = (time[1:] + time[:-1]) / 2
    low, high = np.append(time[0], middle), np.append(middle, time[-1])
    place = rng.uniform(low, high)
    place[0], place[-1] = time[0], time[-1]
    seen = patients.survival_at(np.clip(place + rng.normal(0.0, noise.time, place.size), 0.0, None))
    off = rng.normal(0.0, noise.level, place.size) + rng.normal(0.0, noise.shift)
    read = np.clip(np.where(seen >= 1, seen, seen + off), 0.0, 1.0)
    return replace(inputs, curve=replace(inputs.curve, time=place, survival=read))


def log_ratio(control: Reconstruction, treatment: Reconstruction, draws: int) -> float:
    """Return the log hazard ratio of treatment over control, the mean over draws as it is reported."""
    sets = [made.draws(draws) if made.has_draws else [made.ipd] for made in (control, treatment)]
    return float(contrast_draws(sets[0], sets[1]).log_hr.mean())


def ratio_error(
    arms: tuple[ArmInputs, ArmInputs],
    rebuilt: tuple[Reconstruction, Reconstruction],
    *,
    rereads: int,
    draws: int,
    rng: np.random.Generator,
) -> float:
    """Return the reading part of the standard error of a log hazard ratio.

    The figure is read again by simulated readers who are as good as the reading model says, and rebuilt each time.

    Parameters
    ----------
    arms : tuple of ArmInputs
        Control and treatment as read.
    rebuilt : tuple of Reconstruction
        What was rebuilt from them.
    rereads, draws : int
        How many readers, and data sets per arm of each.
    rng : Generator
        For their noise.
    """
    noises = [noise_of(arm) for arm in arms]
    found = []
    for _ in range(rereads):
        again = [
            reread(arm, made.ipd, noise, rng).rebuilt(made.ipd.arm)
            for arm, made, noise in zip(arms, rebuilt, noises, strict=True)
        ]
        found.append(log_ratio(again[0], again[1], draws))
    return float(np.std(found, ddof=1))
