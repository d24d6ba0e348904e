"""Tolerances of the inputs of one arm, how points at visits are told from landmarks, and the search of `spread`."""

from __future__ import annotations

from dataclasses import dataclass
from math import e

__all__ = ["INPUTS", "SPREADING", "VISIT_STEPS", "InputSettings", "SpreadingSettings", "VisitStepSettings"]


@dataclass(frozen=True, kw_only=True, slots=True)
class InputSettings:
    """How close inputs of one arm may be, and how far apart, before they are moved, or a warning says so."""

    digits: int = 10
    """Digits of inputs that make another random stream: what is beyond them is round-off of units and percent."""
    stream_seeds: int = 2**63
    """Range of the number by which the caller's generator begins an arm's stream."""
    same_time: float = 3e-6
    """Part of the follow-up up to which a printed time and a drop are one: times of one step differ less in files."""
    beyond_slip: float = 1.01
    """How much farther than the reading of times a number is moved beside a drop, so that it stands clear of it."""
    near_drop: float = 1e-9
    """Part by which a drop may be beyond the slip of times and still count as near, for round-off."""
    count_rounding: float = 0.5
    """Patients by which a number at risk may lie above the curve: a count is a whole number."""
    far_off: float = 0.10
    """Ten percentage points between rebuilt curve and points: more than a step of the last patients."""
    marks_beyond: float = 2.0
    """Times the curve's length: marks farther out may be in another unit."""
    coarsest: float = 0.49
    """Largest resolution of survival that a curve of clicks is given: half of all of it would tell nothing."""


@dataclass(frozen=True, kw_only=True, slots=True)
class VisitStepSettings:
    """When few points of several events each are steps at visits, not landmarks that a paper chose."""

    most_parts: int = 500
    """Drops of one patient that the fall between two landmarks is split into, at most."""
    whole_unit: float = 0.01
    """Of a unit of time, from one: visits at whole months, say."""
    seed: int = 20
    """Of the simulated landmarks: a judgement is the same whatever else is drawn."""
    decodable: float = 1.0
    """Rounding unit times patients: beyond it any drop is possible, and decoding tells nothing."""
    rounding: float = 0.51
    """Of a printed unit, within which levels are met."""
    particles: int = 800
    """Of the decoder."""
    simulated: int = 10
    """Trials in which landmarks are tried to be decoded as steps."""
    even_odds: float = 11.0
    """Drops at which steps are as likely as landmarks."""
    each_drop: float = 0.5
    """What each drop more adds to the log odds."""
    left_out: float = 2.0
    """What a visit left out between others adds to them."""
    by_rule: float = -1.0
    """What times that follow a rule add to them: papers choose even times, or ever rarer ones."""
    least_survival: float = 1e-4
    """Survival below which the hazard of simulated patients is told no better."""
    earliest_leaving: float = 0.8
    """Part of the follow-up up to which the first of the simulated patients leave, at most."""
    latest_leaving: float = 1.25
    """Part of the follow-up until which the last of them are followed."""
    first_time: float = 1e-6
    """Part of the follow-up before which nobody leaves: a time is above 0."""


@dataclass(frozen=True, kw_only=True, slots=True)
class SpreadingSettings:
    """The search of the method `spread`, which shifts the censorings of an interval to meet a total of events."""

    halvings: int = 12
    """Halvings of the share of the largest shift."""
    neighbours: int = 9
    """Shares tried around the one that was found."""
    around: float = 0.1
    """How far around it."""
    largest_shift: float = 0.95
    """Largest shift towards an end of an interval, where 1 would have all leave there."""
    shifts: tuple[float, ...] = (-0.25, 0.25, -0.5, 0.5)
    """Shifts of single intervals that are tried."""
    gain: float = 2.0
    """Squared standard deviations that a shift must gain over even spreading: Akaike's price of a number."""
    stretch: float = 3 * e
    """Times the resolution: moves the curve by at most three times that, as -S ln S <= 1/e."""
    uniform: float = 12.0
    """1 over the variance of a number that is uniform from 0 to 1, as what rounding to whole events leaves of one."""
    least_variance: float = 1e-12
    """Of the points of a curve."""


INPUTS = InputSettings()
VISIT_STEPS = VisitStepSettings()
SPREADING = SpreadingSettings()
