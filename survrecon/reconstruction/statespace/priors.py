"""The priors of the state-space method: every number of its model that the figure does not give.

`survrecon.reconstruction.statespace.model` has the equations. Each field says what it means, in which unit, and where
its value comes from:

* *simulated trials*: set by hand so that intervals of `python -m benchmarks coverage` (250 trials of
  ``benchmarks/simulated.py``, seed 1) hold their nominal share; seed 99 was kept apart to check it;
* *crowded marks*: the same on ``benchmarks/crowded.py``, seed 3;
* *whole months*: the same on ``benchmarks/months.py``, seed 13;
* *by hand*: chosen on a few simulated arms of our own, or by reasoning, and not tuned further.

No value was set on patients of a real trial. ``docs/model.md`` shows how accuracy and coverage change where those that
matter most are halved or doubled.
"""

from __future__ import annotations

from dataclasses import dataclass, field, fields

from survrecon.model.show import BriefRepr

__all__ = [
    "DEFAULT_PRIORS",
    "CensoringPrior",
    "DecodingPrior",
    "EventPrior",
    "MarkModel",
    "PlacementPrior",
    "Priors",
    "ReadingModel",
]


class _Stated(BriefRepr):
    """Shown by the fields that are not the default: a call that makes the same."""

    def __repr__(self) -> str:
        usual = type(self)()
        told = [
            f"{one.name}={getattr(self, one.name)!r}"
            for one in fields(self)  # type: ignore[arg-type]
            if getattr(self, one.name) != getattr(usual, one.name)
        ]
        return f"{type(self).__name__}({', '.join(told)})"


@dataclass(frozen=True, kw_only=True, repr=False)
class CensoringPrior(_Stated):
    """When patients are censored: how dense censoring is beside an even spread, and how trials end."""

    level_sd: float = 1.2
    """Standard deviation of a path's usual log density of censoring, relative to an even spread; simulated trials.
    Wide, because trials lose patients early, evenly or at the cut-off: see docs/model.md."""
    level_kept: float = 0.4
    """Part of that level that stays between printed numbers at risk, which settle how many are censored; simulated
    trials."""
    level_before_closing: float = -2.5
    """Usual log density of censoring in the printed interval in which the trial begins to end; simulated trials."""
    changes: float = 6.0
    """How often the density of censoring changes in a follow-up, on average; simulated trials."""
    pinned_sd: float = 0.4
    """Standard deviation of a log density about its level, where a number at risk is printed ahead; simulated
    trials."""
    pinned_lowest: float = -4.0
    """Lowest log density there, where it is not near its level; by hand."""
    pinned_highest: float = 1.5
    """Highest log density there; by hand."""
    pinned_usual: float = 0.85
    """Share of densities that are near their level there, the others are uniform; simulated trials."""
    open_sd: float = 0.5
    """Standard deviation of a log density about its level, where no number at risk is printed ahead; simulated
    trials."""
    open_lowest: float = -5.0
    """Lowest log density there: nobody leaves until the cut-off; by hand."""
    open_highest: float = 2.0
    """Highest log density there: most leave at the start; by hand."""
    open_usual: float = 0.7
    """Share of densities that are near their level there; simulated trials."""
    open_usual_ending: float = 0.9
    """The same of paths whose trial has an ending of its own; simulated trials."""
    closing_sd: float = 0.5
    """Standard deviation of the log density of censoring once the trial ends; by hand."""
    shortest_closing: float = 0.02
    """Shortest part of the follow-up in which a trial ends; by hand."""
    at_cutoff: float = 0.5
    """Share of the trials in which short endings are as likely as long ones, by the log of their lengths; in the others
    an ending of any length is as likely; simulated trials."""
    nobody_before: float = 0.25
    """Share of the trials in which nobody drops out before the ending; simulated trials. See docs/model.md."""
    most_before: float = 0.6
    """Largest share of patients who drop out before it, of the other trials; simulated trials."""
    few_before: float = 0.01
    """Share of patients from where on more drop-out is as much rarer; simulated trials."""
    none_before_fits: float = 0.1
    """Drop-out at the first ending that gives the total of events, below which it may be none; by hand."""
    even_parts: tuple[float, ...] = (0.0, 0.05, 0.2, 0.5)
    """Parts of those censored after the last printed number that leave evenly, one an island in turn, the others early
    or late; simulated trials."""
    tilt_sd: float = 3.0
    """Standard deviation of the log of how much denser censoring is at the end than at the start, with a known total;
    simulated trials."""
    steepest_tilt: float = 14.0
    """Largest such log that is considered; by hand."""
    convention_kept: float = 0.5
    """Share of paths whose fall across a printed time is counted as the table's convention says; simulated trials,
    since points beside a printed time are a column off."""
    convention_mixed: float = 0.3
    """Share of paths in which such a fall is partly on both sides; by hand."""
    beyond_table: float = 0.25
    """How long patients still at risk at the last printed time may go on, as a part of the last printed interval, where
    the curve ends there; by hand."""
    after_zero: float = 0.1
    """How much longer patients might have been seen than a curve that reaches 0, as a part of the follow-up; by
    hand."""
    longest_open: float = 0.5
    """How much longer than a last drop patients may be followed on, as a part of the follow-up; whole months."""


@dataclass(frozen=True, kw_only=True, repr=False)
class EventPrior(_Stated):
    """How many events fall in a time bin."""

    window_events: float = 10.0
    """Events over which the hazard is smoothed; simulated trials. Fewer let it follow single steps, which favours few
    patients: see docs/model.md."""
    seen_part: float = 0.8
    """Part of the patients who leave that are taken for events when the window is chosen; by hand."""
    visit: float = 0.3
    """Share of bins in which events come as at a visit: geometric, by the hazard of the neighbouring bins alone;
    simulated trials ("visits are common")."""
    visit_least: float = 0.02
    """Least mean number of events at a visit; by hand."""
    clumped: float = 2.0
    """Variance of numbers of events relative to a Poisson distribution's, from where on they are taken to come in
    clumps (negative binomial); simulated trials with visits."""
    clump_block: float = 3.0
    """Events expected in a block of bins, by which that variance is found; by hand."""
    fewest_blocks: int = 8
    """Blocks below which it is not asked; by hand."""
    early_blocks: float = 0.6
    """Part of the blocks that count, since a fall by 1 / N is less than an event later; by hand."""
    burst: float = 0.005
    """Chance of a burst of events between two clicks, where everything may happen at once; simulated trials."""
    burst_size: float = 0.03
    """Mean size of a burst, as a part of the patients at risk; by hand."""
    last_fails: float = 0.5
    """Odds of the last patient to fail at the end of a curve, per hazard of the follow-up that is not seen; simulated
    trials."""
    tie: float = 1.2
    """Cost, in log, of each further patient who fails at the same time, where patients are seen all the time; by
    hand."""
    tie_several: float = 2.0
    """Mean events a drop, from which on patients are taken to be seen at visits and ties cost little; whole months."""
    many: float = 3.0
    """Cost, in log, of many failing together; by hand."""
    many_power: float = 1.5
    """Power by which a larger such number is rarer; by hand."""
    unseen_least: float = 0.01
    """Least chance of an event after the last column of a trace, where the total needs it; by hand."""
    unseen_further: float = 1.5
    """Cost, in log, of each further event there; by hand."""


@dataclass(frozen=True, kw_only=True, repr=False)
class ReadingModel(_Stated):
    """How the points of a curve were read: what they are, and how far they are off."""

    finest_noise: float = 1e-5
    """Least standard deviation of a point of a trace, a fraction of survival: the last digit of most files."""
    least_click: float = 2e-4
    """Least standard deviation of a click, a fraction of survival; by hand."""
    line_shift: float = 0.29
    """Standard deviation of the shift that all points of a line share, in rows: uniform over one row."""
    between_rows: float = 0.43
    """Standard deviation, in rows, of a line read between the rows of a picture: measured on the gallery's pictures."""
    even_gaps: float = 0.02
    """Relative range of the gaps between points of an automatic trace; by hand."""
    fewest_columns: int = 40
    """Points of an automatic trace, at least; by hand."""
    decodable: float = 0.25
    """Rounding unit times patients, up to which steps can be told apart; by hand: a quarter of a patient."""
    decodable_drops: float = 1.0
    """The same of points that are known to be drops, of several patients each, so that few are possible; by hand."""
    events_a_drop: float = 2.5
    """Mean events between points that are clicks or landmarks, not steps, at least; by hand."""
    few_drops: int = 60
    """Drops below which such points may be clicks; by hand."""
    few_landmarks: int = 20
    """Drops below which such points may be landmarks, from nearly each of which survival falls to the next; by hand."""
    landmark_falls: float = 0.8
    """Share of the landmarks from which it falls, at least; by hand."""
    plateau_points: float = 12.0
    """Independent points that a long plateau of a trace counts as, where no numbers at risk are printed; simulated
    trials: with more, too few paths meet it."""
    click_noise: float = 0.0018
    """Usual standard deviation of a click, a fraction of survival: three quarters of a pixel of a figure 400 pixels
    high."""
    click_noise_sd: float = 0.7
    """Standard deviation of its log; by hand."""
    click_before: float = 0.4
    """Weight of a click that shows the curve before the events of its bin; simulated trials (a hand is off in time)."""
    click_earlier: float = 0.1
    """Weight of a click that shows the curve before the last events; simulated trials."""
    click_within: float = 0.5
    """Weight of a click that shows the curve at its own time; simulated trials."""
    click_slip: float = 0.02
    """Weight of a click that slipped; by hand."""
    slip_scale: float = 3.0
    """Mean distance of a slip, in standard deviations of a click; by hand."""
    click_reach: int = 2
    """Bins by which a click beside a printed time may be off; simulated trials."""


@dataclass(frozen=True, kw_only=True, repr=False)
class MarkModel(_Stated):
    """How many patients a censoring mark hides, and where marks are read."""

    read_late: float = 0.3
    """Share of marks read a bin after their patient left; simulated trials: without it an event beside a printed time
    was lost, and 95% intervals of traces with all inputs held 80%."""
    read_early: float = 0.15
    """Share of marks read a bin before; simulated trials."""
    unmarked: float = 2.0
    """Cost, in log, of a patient censored at a printed time without a mark; by hand."""
    unmarked_most: int = 20
    """Patients beyond which it costs no more; by hand."""
    least_hidden: float = 0.003
    """Least mean number of patients that a mark hides; by hand."""
    touching: float = 1.5
    """Bins within which the next mark runs into one; by hand."""
    crowd_width: float = 2.0
    """Bins near a mark whose patients it hides, where neighbours tell how many; by hand."""
    crowd: float = 0.03
    """Chance that a mark begins a stretch of marks that run together, where no number is printed ahead; simulated
    trials."""
    last_crowd: float = 0.7
    """The same of the last mark of a curve; simulated trials: trials end with many patients."""
    beyond_left: float = 2.0
    """Patients whom such a stretch hides beyond those who are left; by hand."""
    bins_a_patient: float = 0.7
    """Bins that each further patient of a run takes; by hand."""
    width_sd: float = 0.5
    """Standard deviation of its log; by hand."""
    crowded: float = 0.35
    """Part of the censored without a mark of their own, from where on runs of marks are followed; crowded marks."""
    bandwidths: tuple[float, ...] = (0.005, 0.01, 0.02, 0.04)
    """Standard deviations of the kernel that smooths the density of marks, as parts of the follow-up; crowded marks."""
    bandwidth_freedom: float = 0.28
    """Cost of a bandwidth: numbers that a kernel estimate fits, times the bandwidth: 1 / (2 sqrt(pi))."""
    least_support: float = 0.05
    """Least support of a bandwidth, relative to the one that marks support most; by hand."""
    widest_mark: int = 8
    """Columns that a mark may be wide; by hand."""
    exact_time: float = 1e-5
    """Part of the follow-up: times of a file that are rounded as finely are exact."""
    tied_by_chance: float = 0.02
    """Ties of marks and steps by rounding, from where on a mark may stand on either side of its step; by hand."""


@dataclass(frozen=True, kw_only=True, repr=False)
class DecodingPrior(_Stated):
    """Censoring between steps that can be told apart, and what a decoded path may miss."""

    shape: float = 1.5
    """Shape of the negative binomial number of censorings between two steps; simulated trials of vector figures."""
    density_sd: float = 0.5
    """Standard deviation of the log density of censoring, relative to what the balance expects; simulated trials."""
    density_turns: float = 4.0
    """How fast that log density forgets: it keeps exp(-this) of itself over the follow-up; by hand."""
    burst: float = 9.0
    """Cost, in log, of a number of censorings that the negative binomial does not expect; by hand."""
    burst_marked: float = 12.0
    """The same beyond the marks; by hand."""
    burst_scale: float = 0.3
    """Size of such a burst, as a part of the patients at risk; by hand."""
    burst_least: float = 3.0
    """Least size of it, in patients; by hand."""
    least_censored: float = 1e-4
    """Least mean number censored between two steps; a guard."""
    least_marked: float = 1e-3
    """The same of the patients hidden by the marks between two steps; a guard."""
    least_hidden: float = 0.01
    """Least number of patients that marks hide, per mark; by hand."""
    missing_mark: float = 8.0
    """Cost, in log, of each mark at a printed time without a patient; by hand."""
    unmarked: float = 4.0
    """Cost, in log, of patients censored at a printed time without a mark; by hand."""
    bandwidth: float = 0.05
    """Standard deviation of the kernel by which the density of censoring is learnt from a first pass, as a part of the
    follow-up; simulated trials."""
    background: float = 0.1
    """Weight of an even spread in it; by hand."""


@dataclass(frozen=True, kw_only=True, repr=False)
class PlacementPrior(_Stated):
    """Where within a time bin patients leave, which one arm's figure does not show but the other arm's events ask."""

    evenly: float = 0.5
    """Share of draws in which patients leave evenly within long bins, the others late; simulated trials."""
    long_bin: float = 0.03
    """Part of the follow-up from which on a bin between steps is long; by hand."""
    shortest_part: float = 0.02
    """Shortest part of a long bin in which late patients leave; by hand."""
    hazard_sd: float = 0.5
    """Standard deviation of the log of the hazard after the last drop, relative to the follow-up's; by hand."""
    visit_shape: float = 1.5
    """Shape of the gamma number of patients censored at each visit: as uneven as between decoded steps; whole
    months."""
    hidden_sd: tuple[float, float] = (0.3, 1.5)
    """Range of the standard deviation of the log of how many patients marks hide beside what is expected; crowded
    marks."""
    hidden_marks: tuple[float, float] = (2.0, 60.0)
    """Range of the number of marks over which that changes; crowded marks."""
    hidden_shape: tuple[float, float] = (1.0, 20.0)
    """Range of the shape of the gamma factors by which one mark hides more than the next; crowded marks."""


@dataclass(frozen=True, kw_only=True, repr=False)
class Priors(_Stated):
    """All priors of the state-space method.

    Examples
    --------
    >>> priors = Priors(censoring=CensoringPrior(level_sd=0.6))
    >>> priors
    Priors(censoring=CensoringPrior(level_sd=0.6))
    >>> priors.changed()
    ('censoring.level_sd 0.6 (default 1.2)',)
    """

    censoring: CensoringPrior = field(default_factory=CensoringPrior)
    events: EventPrior = field(default_factory=EventPrior)
    reading: ReadingModel = field(default_factory=ReadingModel)
    marks: MarkModel = field(default_factory=MarkModel)
    decoding: DecodingPrior = field(default_factory=DecodingPrior)
    placement: PlacementPrior = field(default_factory=PlacementPrior)

    def changed(self) -> tuple[str, ...]:
        """Return the fields that are not the default, with both values."""
        found = []
        for part in fields(self):
            mine = getattr(self, part.name)
            usual = type(mine)()
            for one in fields(mine):
                value, default = getattr(mine, one.name), getattr(usual, one.name)
                if value != default:
                    found.append(f"{part.name}.{one.name} {_text(value)} (default {_text(default)})")
        return tuple(found)


def _text(value: float | tuple[float, ...]) -> str:
    return " to ".join(f"{one:g}" for one in value) if isinstance(value, tuple) else f"{value:g}"


DEFAULT_PRIORS = Priors()
"""The priors that are used where no others are given."""
