"""Every threshold of axes and panels, with its unit and reason."""

from __future__ import annotations

from dataclasses import dataclass

__all__ = [
    "CALIBRATION",
    "LABELS",
    "REGIONS",
    "TITLES",
    "CalibrationSettings",
    "LabelSettings",
    "RegionSettings",
    "TitleSettings",
]


@dataclass(frozen=True, kw_only=True, slots=True)
class LabelSettings:
    """When numbers are the tick labels of an axis."""

    stray: float = 0.12
    """Tick spacings: how far a label's centre may stray from its tick; a one-digit number is centred to a tenth."""
    least_stray: float = 2.0
    """Pixels or points: boxes of recognised words are no finer."""
    level: float = 0.5
    """Word heights: labels of one row differ less in height."""
    overlap: float = 0.5
    """Share of the narrower label: labels of one column overlap by more."""
    most_runs: int = 6
    """Panels side by side or one under the other that are looked for in one row or column of numbers."""
    highest: float = 120.0
    """Value: a survival axis in percent ends at 100, or one tick above."""
    fraction: float = 1.2
    """Value: a survival axis in fractions ends at 1, or one tick above."""
    percent: float = 5.0
    """Value: an axis that ends lower and above ``fraction`` is taken only with ``small_labels`` from 0 on."""
    small_labels: int = 4
    """Labels: an axis up to 1.4 (a hazard) or 4% (rare events) has as many; two or three may be anything."""
    finest: int = 50
    """Steps between first and last value: labels are round numbers; those of a table are not."""
    enough: int = 6
    """Labels of both axes together: with fewer a panel is taken only where no other has as many."""
    fewest: int = 5
    """Labels of both axes together: with fewer any four numbers of a table would make a panel."""
    above: float = 0.3
    """Word heights: the row of time labels may begin this far above the lowest survival label."""
    below_spans: float = 0.6
    """Heights of the survival axis: how far below it the time labels may stand, where the axis is cut ..."""
    below_heights: float = 6.0
    """... and word heights, where it is not."""
    before: float = 4.0
    """Word heights: the first time label may stand this far left of the survival labels' right edge."""
    shortest: float = 0.3
    """Heights of the survival axis: a time axis is not shorter."""
    per_label: float = 0.05
    """Heights of the survival axis that one more label of a time axis outweighs, where two rows are in question."""
    same_row: float = 50.0
    """Pixels or points: panels that begin within this height of each other are counted from left to right."""
    exact: float = 1e-6
    """Steps: what arithmetic leaves of a whole number of them."""
    alike: float = 0.6
    """Share of characters: a text that resembles the number expected at its place so much is a misread label."""
    odd: float = 0.3
    """Confidence of a number among the labels that breaks their progression, at most."""
    repaired: float = 0.5
    """Confidence of a label that was read otherwise and taken for the number that the progression demands."""
    same_width: float = 0.25
    """Share: panels that have one survival axis in common are equally wide within this."""


@dataclass(frozen=True, kw_only=True, slots=True)
class CalibrationSettings:
    """When strokes are tick marks, and when they are evenly spaced."""

    faint: float = 0.06
    """Share of full contrast: below it a stroke is not told from noise."""
    of_peak: float = 0.4
    """Share of the strongest stroke: below it ink is the foot of a blurred one."""
    of_noise: float = 3.0
    """Times the median contrast of the line: below it ink is texture."""
    agree: float = 1.25
    """Pixels between a tick and the fitted axis: marks are drawn to whole pixels and blurred by one more."""
    widest: float = 5.0
    """Pixels: a tick mark of a small picture is no wider ..."""
    widest_share: float = 0.008
    """... nor than this share of a large one."""
    reach: float = 0.42
    """Tick spacings around a label within which its mark is sought: nearer to it than to the next label."""
    reach_heights: float = 0.75
    """Word heights: and not further than this ..."""
    least_reach: float = 6.0
    """... or this many pixels, for labels of five pixels."""
    most_ticks: float = 0.5
    """Share of the labels whose marks must agree, where there are more than three."""
    least_score: float = 1.5
    """Marks found, less half their residual: fewer prove nothing."""
    residual_cost: float = 0.5
    """Marks that a pixel of residual outweighs, when lines of pixels are compared."""
    near_best: float = 0.2
    """Share of the labels: lines that show fewer marks than the best by no more are averaged with it."""
    same_mark: float = 0.75
    """Pixels: a mark seen in two lines of pixels is straight."""
    uneven: float = 0.12
    """Tick spacings: how far a designer's tick is off an even scale at most; further off it is another stroke."""
    label_slack: float = 0.35
    """Word heights: how far a label's centre may be off its mark, against the other labels, where ticks are uneven."""
    label_precision: float = 2.0
    """Pixels or points from a label's centre to its tick, where no marks are found."""
    outward: int = 12
    """Pixels above the labels in which marks are sought beyond the axis line: they may point inwards."""
    inward: int = 15
    """Pixels right of the labels of a vertical axis, for the same reason."""
    swallowed: float = 0.4
    """Word heights: a label's box that reaches further out than the others' holds the tick mark too."""


@dataclass(frozen=True, kw_only=True, slots=True)
class RegionSettings:
    """What of a figure belongs to a panel, and what is running text."""

    lead: float = 0.12
    """Heights of a plot: a panel's letter and title stand within this above it, where another panel is above."""
    towards_right: float = 0.35
    """Share of the gap to the panel at the right that belongs to that one: its own axis labels and title."""
    heading: float = 0.1
    """Heights of a plot: a title may stand inside it, this far from the top."""
    letter: float = 0.15
    """Widths of a plot: a panel's letter stands no further right of the axis."""
    level: float = 0.6
    """Word heights: words of one line differ less in height."""
    alike: float = 0.8
    """Share of characters: a typed title that resembles a panel's so much names it."""
    few_words: int = 5
    """Words: a line of running text has more; names, titles and headings of tables have fewer."""
    sentence: float = 12.0
    """Word heights: a line of running text is longer."""
    set_solid: float = 1.9
    """Word heights from one line of running text to the next; rows of a legend stand as close, but are short."""
    size: float = 1.35
    """Times: lines of one paragraph are equally high within this."""
    flush: float = 3.0
    """Word heights: lines of a paragraph begin, or end, at one place but for an indent."""
    lines: int = 3
    """Lines: fewer are a title, or a note in a plot."""
    apart: float = 6.5
    """Word heights: what stands further from a panel, with nothing of it in between, belongs to something else."""
    sideways: float = 9.0
    """Word heights: names of rows and labels of curves may stand as far to the left or right."""
    few_panels: int = 12
    """Panels: more on one page are no Kaplan-Meier panels; only as many are tried."""
    inset_share: float = 0.05
    """Share of the outer time axis by which an inset's first and last tick may differ and still be the same range."""
    last_tick: float = 0.1
    """Share of a time axis that may follow its last tick."""
    picture: float = 0.02
    """Share of a page's area: a smaller picture is a logo."""
    fewest_pixels: float = 900.0
    """Pixels along the longer side of a part of a page that is traced: type of 6 points is then read."""
    most_pixels: float = 4000.0
    """Pixels along the longer side: more are reduced again before they are read."""
    picture_room: float = 0.04
    """Share of a picture's size around it that is read with it: letters and labels set in type."""


@dataclass(frozen=True, kw_only=True, slots=True)
class TitleSettings:
    """Where an axis's title stands."""

    beyond: float = 30.0
    """Pixels or points that a vertical axis's title may reach beyond the axis."""
    above: float = 0.3
    """Word heights: the time axis's title may begin this far above the foot of the tick labels."""
    below: float = 5.0
    """Word heights: and stands no lower than this."""
    left: float = 0.1
    """Widths of the plot: its middle stands no further left of the plot ..."""
    right: float = 0.05
    """... nor further right."""
    quoted: int = 40
    """Characters around a word that are quoted with it."""
    nobody: float = 1e-9
    """Survival below which nobody is left, so that a share of it is not taken."""
    from_caption: float = 0.5
    """Confidence of a time unit that the caption names and the axis's title does not."""
    sloppy: float = 0.5
    """Confidence that an axis with a percent sign that ends at 1 is in fractions after all."""
    implied: float = 0.05
    """Share: under competing events, implied events fall short of the printed ones by this at least ..."""
    implied_most: float = 0.30
    """... and at most: more is a misreading."""


LABELS = LabelSettings()
CALIBRATION = CalibrationSettings()
REGIONS = RegionSettings()
TITLES = TitleSettings()
