"""Numerical tuning of the state-space method: sizes, tempering, look-ahead and guards. No statement about trials."""

from __future__ import annotations

from dataclasses import dataclass

__all__ = [
    "COLUMNS",
    "GRID",
    "GUARDS",
    "QUICK_SAMPLER",
    "SAMPLER",
    "ColumnSettings",
    "GridSettings",
    "Guards",
    "SamplerSettings",
]


@dataclass(frozen=True, kw_only=True, slots=True)
class SamplerSettings:
    """Sizes of the particle filter and decoder, and what helps them; results should not depend on it but by noise."""

    particles: int = 180
    """Particles of one island; islands share no ancestors."""
    islands: int = 12
    """Independent islands of a pass over a trace or over drops."""
    blurred_particles: int = 90
    """Particles where a patient's step is less than a row, and of clicks: many numbers at risk, none exactly."""
    blurred_islands: int = 24
    """Islands there."""
    fewest_islands: int = 6
    """Islands where marks that run together are taken in several ways."""
    click_islands: int = 48
    """Islands of clicks."""
    noise_particles: int = 120
    """Particles of each noise of clicks that is tried."""
    noises_tried: tuple[float, float, int] = (0.0004, 0.008, 7)
    """Noises of clicks that are tried, fractions of survival: lowest, highest, and how many between them in log."""
    store_every: int = 8
    """Time bins between states that are kept for backward sampling."""
    decoded: int = 400
    """Particles of the decoder."""
    search_factor: int = 4
    """Times as many until a first decoding is found."""
    harder: int = 8
    """Times as many for drops of several patients each."""
    decodings: int = 8
    """Independent decodings, over which the ways in which marks hide patients are shared out."""
    drawn_from: int = 8
    """Of these decodings, the first ones, which draws are taken from."""
    samplings: int = 2
    """Independent passes of the sampler that draws are taken from, where hardly anything shows numbers at risk."""
    candidates: tuple[int, int] = (80, 120)
    """Draws, decoded and sampled, that the single data set is chosen from."""
    common_total: float = 0.25
    """Share of these draws that agree on a total of events, from where on the single data set has it."""
    middle_weights: tuple[float, float] = (10.0, 2.0)
    """What a pull on the hazard ratio, and the number of events, count beside numbers at risk in that choice."""
    same_time: float = 2e-6
    """Times of a vector file closer than this part of the follow-up are one."""
    wider_rounding: tuple[float, ...] = (1.02, 1.02, 2.0, 4.0, 10.0)
    """Multiples of the rounding that are tried until a decoding is found."""
    wider_noise: tuple[float, ...] = (1.0, 2.0, 4.0, 8.0)
    """Multiples of the noise that are tried until a path is found."""
    temper_least: float = 4.0
    """Least divisor of the log evidence of islands: that of a hundred particles is known to a few units of its log.
    It sets the width of intervals where islands differ: see docs/model.md."""
    temper_most: float = 20.0
    """Largest divisor of it."""
    seeds: int = 2**63
    """Range of the seeds of an arm's runs."""
    poor: float = 0.5
    """Share of the particles, by effective sample size, below which they are resampled."""
    paths_tried: int = 60
    """Particles that a path drawn backward may go on from; of more, evenly spaced ones."""
    parts: int = 4
    """Parts of the time bins in which distinct histories are counted."""
    few_distinct: float = 0.5
    """Share of distinct histories among the draws, in a quarter of the follow-up, below which a warning says so."""
    jump_every: int = 4
    """Bins between which the density of censoring may change."""
    goal_every: int = 10
    """Bins between which paths are led to the total of events."""
    off_total: float = 50.0
    """Cost, in log, of each event that a path is off the total: no path is meant to be."""
    decoded_off_total: float = 30.0
    """The same of a decoded path."""
    beyond_spare: float = 10.0
    """Cost, in log, of each event of a decoded step that the total has none left for."""
    nearest: float = -18.0
    """Least log weight that is lent to a path for being near the curve ahead."""
    widest: float = 4.0
    """Standard deviations of a point up to which numbers of events are tried."""
    one_by_one: int = 100
    """Events of a bin up to which every number is tried."""
    spaced: int = 101
    """Numbers of events that are tried beyond it."""
    own_shift: float = 0.1
    """Standard deviation, in rows, of the shift of a line within an island."""
    between_clumps: float = 0.3
    """Events tried in bins without a clump, relative to the usual number."""
    endings_tried: int = 60
    """Beginnings of a trial's ending that are tried."""
    highest_level: float = 0.999
    """Quantile up to which a path's level of censoring is drawn."""
    tilts: int = 29
    """Tilts of the pattern of censoring that are tabulated."""
    goal_place: float = 0.2
    """Standard deviation of the mean place of an interval's censorings, as a part of it, when paths are led to the
    total."""
    goal_least: float = 0.5
    """Least standard deviation, in events, of the total that paths are led to."""
    goal_unseen: float = 0.1
    """Least part of the censored that is taken to have no mark there."""
    goal_shift: float = 1e-3
    """Shift of survival by which the change of the events to come is found."""
    columns: int = 400
    """Bins of the grid that clicks are laid on."""
    hidden_columns: float = 3.0
    """Columns after the last one of a trace in which its end may lie: a drop at the end has no width."""
    tried_events: int = 60
    """Numbers of events tried at one decoded step."""
    all_events: int = 8
    """Largest number of events of a step up to which all numbers are tried."""
    tried_part: float = 0.6
    """Part of a larger number that is tried, from the largest down."""
    tried_at_risk: int = 40
    """Numbers at risk tried for one number of events; more are thinned evenly."""
    stored_states: int = 400_000
    """States that a decoding keeps."""
    first_pass: int = 100
    """Paths by which the density of censoring is learnt from a first decoding."""
    crowd_rounds: int = 25
    """Rounds in which rates of crowded marks are estimated."""
    fewest_windows: int = 12
    """Windows of the follow-up that the hazard is smoothed over, at least: those of two bins on both sides more."""
    crowd_bins: int = 2000
    """Bins of the follow-up in which times of marks are counted."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Guards:
    """Small and large numbers that keep divisions, logarithms and exponentials within floating point."""

    impossible: float = -1e300
    """Log weight of what cannot be."""
    tiny: float = 1e-12
    """Instead of a division by 0."""
    small: float = 1e-9
    """Instead of a smallest mean or time."""
    vanishing: float = 1e-300
    """Before a logarithm of a density."""
    nothing: float = 1e-30
    """Before a logarithm of a share."""
    unlikely: float = -30.0
    """Log weight below the largest, from where on a particle is not drawn."""
    round_off: float = 1e-8
    """Of survival, by which products of many factors may be off."""
    steepest: float = 30.0
    """Largest cumulative hazard that is followed."""
    inverse: float = 12.0
    """Largest cumulative hazard of which the inverse of survival is taken."""
    lowest: float = 1e-4
    """Survival below which a cumulative hazard is not followed."""
    mean: float = 1e-4
    """Least mean number of events."""
    rate: float = 1e-7
    """Least hazard of a bin."""
    mark: float = 1e-6
    """Least number of patients a column, or hidden by a mark."""
    same: float = 1e-9
    """Times closer than this are one."""
    least_read: float = 0.1
    """Part of a level that a shift leaves of it, at least."""
    most_in_column: float = 1e5
    """Largest mean of patients who leave in a column."""
    most_marked: float = 300.0
    """Patients a column, beyond which chances are not told apart."""
    least_before: float = 1e-3
    """Drop-out instead of nobody, where a logarithm is taken."""
    fewest_expected: float = 3.0
    """Fewest events that the window of a hazard is chosen by."""
    longest_run: float = 30.0
    """Log of the most patients in a run of marks."""
    shortfall: float = 0.01
    """Least number of hidden patients, per bin with a mark, to which estimates of a printed interval are scaled."""
    open_part: float = 0.01
    """Least share of a kernel that lies on columns with a time of the grid."""
    narrowest: float = 0.1
    """Least standard deviation of a kernel, in columns."""
    underflow: float = 600.0
    """Mean whose chance of 0 is no number any more."""
    few: float = 8.0
    """Mean up to which a count is drawn term by term."""


@dataclass(frozen=True, kw_only=True, slots=True)
class GridSettings:
    """How a grid, of days, weeks, months or visits, is told from times, and rows from values."""

    fewest_marks: int = 20
    """Marks, and columns, that show a grid."""
    widest: float = 40.0
    """Most columns between its times."""
    finest: float = 1.1
    """Fewest columns between them."""
    on_grid: float = 0.9
    """Likeness in phase of marks, of what a grid gives, from where on they are on it."""
    false_alarms: float = 20.0
    """One in so many is found where there is none."""
    turn: float = 0.2
    """Step between the frequencies that are tried, in turns over the follow-up."""
    fine_turns: int = 141
    """Frequencies tried near the best one."""
    ambiguous: float = 0.08
    """Distance from two columns a turn within which a spacing and its mirror image cannot be told apart."""
    half_column: float = 0.6
    """Columns that one is off its time of the grid: a half and a little."""
    rounding: float = 1e-6
    """Rounding of times in files, as a part of the follow-up."""
    off_unit: float = 0.12
    """Part of a unit that times may be off it."""
    multiples: tuple[int, ...] = (3, 10, 40, 200)
    """Multiples of a unit by which it is refined, small ones first: they tell it well enough for larger ones."""
    off_visit: float = 0.03
    """Part of the time between visits that one may be off."""
    visit_parts: int = 3
    """Parts of the shortest gap between points that the time between visits may be."""
    fewest_visits: int = 5
    """Drops that lie at multiples of one time by chance once in a million."""
    most_visits: int = 150
    """Visits of a follow-up; more are days, or the rounding of a file."""
    exact_visit: float = 1e-6
    """Part of the time between visits within which drops lie at them exactly."""
    digits: int = 9
    """Digits of a visit's time; what is beyond them is round-off."""
    decimals: int = 6
    """Decimals of survival up to which a decimal grid is sought."""
    whole: float = 1e-6
    """Distance from a whole number within which a value is one."""
    fewest_levels: int = 6
    """Gaps between levels that show rows of pixels."""
    lowest_row: float = 5e-4
    """Least height of such a row, a fraction of survival."""
    off_row: float = 0.05
    """Part of a row that its multiples may be off."""


@dataclass(frozen=True, kw_only=True, slots=True)
class ColumnSettings:
    """When steps are followed in columns because they are too many, or ran together in pixels."""

    fewest: int = 100
    """Fewest columns of pixels in a figure's time axis."""
    most: int = 4000
    """Most of them."""
    most_decoded: int = 3000
    """Steps beyond which, and of so many patients, no path is found that meets all of them."""
    most_drops: int = 1000
    """Levels that are followed one by one where they are not decoded."""
    even: int = 500
    """Even columns that more of them are followed in."""
    row_of_patients: float = 7.0
    """Patients in the rows that such columns are taken to be read in."""


SAMPLER = SamplerSettings()
QUICK_SAMPLER = SamplerSettings(
    drawn_from=1, wider_rounding=SAMPLER.wider_rounding[:1], decoded=80, candidates=(16, 20), islands=3, particles=90,
    blurred_islands=6, fewest_islands=2, click_islands=12,
)  # fmt: skip
"""For a look, in half a second: one small decoding; steps that it does not meet at once are sampled by few islands."""
GUARDS = Guards()
GRID = GridSettings()
COLUMNS = ColumnSettings()
