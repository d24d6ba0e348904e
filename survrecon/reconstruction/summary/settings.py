"""Numerical tuning of patients who are rebuilt from printed numbers: attempts, grids and guards; no prior of curves."""

from __future__ import annotations

from dataclasses import dataclass
from math import log

__all__ = ["JOINT", "PROPOSALS", "SIMULATION", "JointSettings", "ProposalSettings", "SimulationSettings"]


@dataclass(frozen=True, kw_only=True, slots=True)
class ProposalSettings:
    """How often patients are proposed, along which curves, and when they print the paper's numbers."""

    attempts: int = 40
    """Attempts at completing a design before it is given up."""
    last_attempts: int = 120
    """Attempts before the printed numbers are refused, where too few designs were completed by then."""
    narrow_attempts: int = 12
    """Attempts after which a tail hazard beyond half to double is accepted where totals demand it."""
    waves: int = 4
    """Sets of designs that are tried before fewer draws than wanted are returned."""
    widest_tail: float = log(8)
    """Largest size of the log of the multiple that such a tail hazard may have."""
    tail_halvings: int = 10
    """Halvings of its range: to a thousandth of it, far less than one event."""
    grid: int = 400
    """Times at which follow-up and survival are told."""
    coarse: int = 5
    """The accrual shape is fitted on every fifth of them."""
    accrual_shapes: tuple[float, float] = (0.05, 30.0)
    """Range of the accrual shape: from almost everyone at once early, to almost everyone at once late."""
    shape_halvings: int = 20
    """Halvings of its log: to a hundred-thousandth of the range."""
    rounding_slack: float = 1e-9
    """Of survival, or of time: a value that falls on the edge of its rounding is within it."""
    limit_events: int = 2
    """Events between a limit of the median and the printed one up to which both are one: the bands cross one half
    at different events, and their mean falls between events."""
    limit_start: float = 0.07
    """How far survival at a limit of the median is from one half, before its standard error is known; usual sizes."""
    limit_rounds: int = 6
    """Rounds in which that error and survival are settled: each changes survival by a tenth of the round before."""
    band_rounds: int = 30
    """Rounds in which the edge of the log-log band is solved for; it contracts for every shift of interest."""
    limit_levels: tuple[float, float] = (0.02, 0.98)
    """Range of survival at a limit of the median: beyond it no paper prints one."""
    printed_levels: tuple[float, float] = (1e-3, 1 - 1e-6)
    """Range of survival at a printed point: a hazard is finite, and above 0."""
    strained_draws: float = 0.05
    """Share of the draws whose tail hazard is beyond half to double, from where on a warning says so."""
    strained_slack: float = 1e-3
    """Part of the multiple that it must be beyond them: bisection ends at the limit itself."""
    scenario_loss: float = 0.10
    """Yearly loss of one arm on top of that of both, in a scenario: a tenth of its patients, a badly kept arm."""


@dataclass(frozen=True, kw_only=True, slots=True)
class SimulationSettings:
    """The search for the multiple of the hazard by which patients of chance print the next printed point."""

    searches: int = 8
    """Tries for the number of events of a stretch, among a few hundred."""
    off_point: float = 1e3
    """Added to the distance of a log survival that does not print the point, so that any that does is nearer."""
    beyond: float = 2.0
    """A multiple that gives no event, or all of them, lies as far beyond the first, or the last, patient's."""
    never: float = 1e30
    """The multiple of the hazard at which a patient has the event who is not at risk."""
    least: float = 1e-9
    """Of a hazard, of survival, or of how many are left of one patient at risk who has the event."""
    least_hazard: float = 1e-12
    """Of the cumulative hazard that the log-log band divides by."""


@dataclass(frozen=True, kw_only=True, slots=True)
class JointSettings:
    """The model of two data cut-offs: how many further histories are made, and what is asked of them."""

    least_effective: int = 50
    """Effective sample size below which the facts of the later cut-off contradict those of the earlier in the model."""
    histories: int = 60
    """Further histories of a data set, at most: a printed probability is met by one of ten."""
    enough: float = 6.0
    """Further histories of a data set that print the later numbers, on average, from which on no more are made."""
    waves: int = 8
    """Sets of data sets that are tried for an effective sample size of half of what is wanted."""
    wave: int = 200
    """Data sets of each such set but the first, which has as many as are wanted."""
    tail_events: float = 3 / log(2) ** 2
    """What it is worth, in events, that a hazard is half to double another: 1 over the variance of its log."""
    pieces: int = 60
    """Pieces of the follow-up in which the hazard of the further histories is as uncertain as its events make it."""
    medians_apart: float = 0.5
    """How much the distance of two cut-offs' median follow-ups varies by chance, as a part of the standard error of the
    later one: they are medians of the same patients; simulated trials (`benchmarks/joint.py`)."""
    median_grid: int = 100
    """Times at which follow-up is told, for medians printed to a month."""
    least_shape: float = 1e-3
    """Of a gamma variable: where nothing happens, nothing is uncertain either."""
    within: float = 1e-9
    """Part by which a multiple stays within its limits, so that rounding gives no patient more or less."""
    below_one: float = 1 - 1e-12
    """Largest probability whose quantile is asked for."""
    least_survival: float = 1e-9
    """Survival below which the hazard is no longer told."""
    least_loss: float = 1e-12
    """Hazard of loss, per unit of time, where nobody is lost."""


PROPOSALS = ProposalSettings()
SIMULATION = SimulationSettings()
JOINT = JointSettings()
