"""Sizes, places and colours in plots and pages, and the names of a report's files."""

from __future__ import annotations

from dataclasses import dataclass

__all__ = [
    "CURVES",
    "DASHES",
    "DRAWING",
    "DRAWN_OVERLAY",
    "ENDPOINT_TABLES",
    "FOREST_FILE",
    "LETTERS",
    "OVERLAY",
    "REPORT_FILES",
    "RESIDUALS",
    "RESULT_PLOTS",
    "RISK_TABLE",
    "SHAPE_PLOTS",
    "SHAPE_TABLES",
    "STRIP",
    "TEXT",
    "ArmDashes",
    "CurveLook",
    "CurvesLayout",
    "EndpointTables",
    "LettersInCurves",
    "ResidualsLayout",
    "ResultPlots",
    "RiskTableLayout",
    "ShapePlots",
    "ShapeTables",
    "StripLayout",
    "TextSettings",
]


@dataclass(frozen=True, kw_only=True, slots=True)
class CurvesLayout:
    """The figure of the rebuilt curves.

    Parameters
    ----------
    width, axes_height, gap, foot : float
        Inches: the figure; the axes; the axis labels below them; what stands at the foot.
    head, head_line, head_top : float
        Inches above the axes; more for each line of words; where the first line stands below the top.
    left, right : float
        Ends of the axes, as shares of the width.
    words_left : float
        Where words above and below begin, as a share of the width.
    foot_top, foot_line : float
        Inches of the first line at the foot above the bottom, and between lines.
    time_margin, survival_top : float
        The time axis as a multiple of the curves' end; the top of the survival axis: a line at 1 stays whole.
    survival_step : float
        Between ticks of the survival axis.
    tick_slack : float
        Multiple of an end by which a tick may pass it: rounding of times.
    title_size, words_size, tick_size, foot_size, watermark_size : float
        Points.
    watermark_alpha : float
        Opacity: curves stay readable below.
    watermark_angle : float
        Degrees.
    grid_width : float
        Points.
    """

    width: float = 8.0
    axes_height: float = 3.7
    gap: float = 0.5
    foot: float = 0.75
    head: float = 0.335
    head_line: float = 0.205
    head_top: float = 0.24
    left: float = 0.18
    right: float = 0.845
    words_left: float = 0.02
    foot_top: float = 0.46
    foot_line: float = 0.16
    time_margin: float = 1.01
    survival_top: float = 1.03
    survival_step: float = 0.2
    tick_slack: float = 1.001
    title_size: float = 11.5
    words_size: float = 9
    tick_size: float = 8.5
    foot_size: float = 7.2
    watermark_size: float = 17
    watermark_alpha: float = 0.38
    watermark_angle: float = 18
    grid_width: float = 0.6


@dataclass(frozen=True, kw_only=True, slots=True)
class ResidualsLayout:
    """The plot of rebuilt minus read survival, its time axis right below that of the curves.

    Parameters
    ----------
    width, height : float
        Inches.
    bottom, axes_height : float
        The axes, as shares of the height.
    reach : float
        The survival axis as a multiple of the largest residual.
    reach_of_resolution : float
        It is at least this multiple of the resolution, so that the grey zone is seen whole.
    smallest_reach : float
        Per cent: an axis of no height cannot be drawn.
    line_width, line_alpha, point_size : float
        Points; opacity of the line between points; points.
    label_top, label_step : float
        Height of the first arm's name and between names, as shares of the axes.
    label_size, words_size : float
        Points.
    """

    width: float = 8.0
    height: float = 1.75
    bottom: float = 0.27
    axes_height: float = 0.6
    reach: float = 1.15
    reach_of_resolution: float = 1.5
    smallest_reach: float = 1e-4
    line_width: float = 0.7
    line_alpha: float = 0.6
    point_size: float = 3.2
    label_top: float = 0.9
    label_step: float = 0.18
    label_size: float = 8
    words_size: float = 8.5


@dataclass(frozen=True, kw_only=True, slots=True)
class RiskTableLayout:
    """The numbers at risk under the curves.

    Parameters
    ----------
    line, top : float
        Inches of a row, and of the heading below the time axis.
    names_right : float
        Where the names end, as a share of the axes' width.
    size, name_size, range_size : float
        Points of a number, of a name, and of a range over draws, which is wider.
    """

    line: float = 0.185
    top: float = -0.58
    names_right: float = -0.035
    size: float = 8
    name_size: float = 7.5
    range_size: float = 6.5


@dataclass(frozen=True, kw_only=True, slots=True)
class LettersInCurves:
    """How many letters have room in the figure of the rebuilt curves; what is longer is cut, or goes on below.

    Parameters
    ----------
    label, longest_label : int
        Of an arm's name at the end of its curve: of one line, and of all.
    name, longest_name : int
        The same beside its numbers at risk.
    title, head : int
        The first line above the curves, and the others.
    time_axis, survival_axis : int
        Names of the axes.
    watermark : int
        A line of what stands across the axes.
    residual_name : int
        Of an arm's name beside its residuals.
    """

    label: int = 14
    longest_label: int = 40
    name: int = 17
    longest_name: int = 48
    title: int = 92
    head: int = 108
    time_axis: int = 80
    survival_axis: int = 48
    watermark: int = 34
    residual_name: int = 18


@dataclass(frozen=True, kw_only=True, slots=True)
class CurveLook:
    """How the parts of a curve are drawn; widths and sizes in points, opacities from 0 to 1.

    Parameters
    ----------
    band_alpha, hatch_alpha : float
        The band over draws, filled, or hatched where a curve was not read from a figure.
    curve_width, summary_width, summary_alpha : float
        The rebuilt curve, and one of a summary record.
    click_size, read_width, read_alpha : float
        Points that a person placed; the broad line of a curve as read.
    band_order, read_order, curve_order, click_order, point_order, arrow_order : float
        What lies above what.
    marker_edge, interval_width, rounding_width : float
        Edge of a printed point; its bar where it is an interval, and where it is the rounding.
    beyond_axis : float
        Multiple of the axis at which a bar that goes on is cut: its cap is then out of sight.
    names_left : float
        Where the arms' names begin, as a share of the axes' width.
    name_gap, name_floor : float
        Least distance of two names, and how far the lowest may hang below 0, in survival.
    name_leading : float
        Lines of a name apart, as a multiple of its size.
    """

    band_alpha: float = 0.22
    hatch_alpha: float = 0.45
    curve_width: float = 1.6
    summary_width: float = 1.0
    summary_alpha: float = 0.65
    click_size: float = 1.6
    read_width: float = 4
    read_alpha: float = 0.2
    band_order: float = 1.5
    read_order: float = 1.8
    curve_order: float = 2
    click_order: float = 2.5
    point_order: float = 3
    arrow_order: float = 3.2
    marker_edge: float = 1.4
    interval_width: float = 1.0
    rounding_width: float = 2.4
    beyond_axis: float = 1.05
    names_left: float = 1.015
    name_gap: float = 0.075
    name_floor: float = 0.02
    name_leading: float = 1.05


@dataclass(frozen=True, kw_only=True, slots=True)
class ArmDashes:
    """Dashes of the arms, control first: lengths drawn and left out in turn, in line widths; empty is solid."""

    arms: tuple[tuple[float, ...], ...] = (
        (),
        (6.0, 1.6),
        (4.0, 1.4, 1.0, 1.4),
        (1.4, 1.2),
        (8.0, 2.0, 2.0, 2.0),
    )


@dataclass(frozen=True, kw_only=True, slots=True)
class StripLayout:
    """The small picture of one verdict: the margin as a zone, the interval of the difference as a bar.

    Parameters
    ----------
    width, padding : float
        Pixels.
    reach : float
        Margins shown on either side of no difference, the same in every strip; beyond it the bar is cut.
    """

    width: float = 132.0
    padding: float = 8.0
    reach: float = 4.0


@dataclass(frozen=True, kw_only=True, slots=True)
class TextSettings:
    """How numbers stand in a sentence.

    Parameters
    ----------
    smallest_p : float
        A p below it is printed as below it.
    small_p : float
        A p below it has a decimal more.
    smallest_share : float
        A share below it, but not 0, is printed as under it.
    largest_plain : float
        Numbers from here on are printed with an exponent.
    longest_diagnostic : int
        Letters of a diagnostic that a page shows.
    paper_decimals : int
        Of a printed ratio, where how it was printed is no longer known.
    same_value : float
        Relative difference within which two floats are one number.
    brief_width, gap, narrowest_endpoint : int
        Columns of a terminal: the table that is read in a minute; between two of its columns; of an endpoint at least.
    """

    smallest_p: float = 0.001
    small_p: float = 0.1
    smallest_share: float = 0.01
    largest_plain: float = 1e6
    longest_diagnostic: int = 160
    paper_decimals: int = 2
    same_value: float = 1e-9
    brief_width: int = 120
    gap: int = 2
    narrowest_endpoint: int = 12


@dataclass(frozen=True, kw_only=True, slots=True)
class ResultPlots:
    """The plots that results of Python give of themselves.

    Parameters
    ----------
    size : tuple of float
        Inches, width and height.
    dots_per_inch : int
        Of a picture in a notebook.
    survival_top : float
        Top of the survival axis: a line at 1 stays whole.
    curve_width, band_alpha : float
        Points; opacity of the band over draws.
    thin, thick, thick_alpha, point_size : float
        Of an estimate: its interval and what the data sets allow, in points; opacity of the latter; its point.
    wide_axis : float
        Times that an axis of ratios spans, from which on it has few ticks.
    few_ticks, many_ticks : tuple of float
        Where it then has ticks, and where otherwise: times a power of ten.
    """

    size: tuple[float, float] = (6.4, 4.0)
    dots_per_inch: int = 110
    survival_top: float = 1.03
    curve_width: float = 1.4
    band_alpha: float = 0.2
    thin: float = 0.8
    thick: float = 4.0
    thick_alpha: float = 0.4
    point_size: float = 4.5
    wide_axis: float = 4.0
    few_ticks: tuple[float, ...] = (1, 2, 5)
    many_ticks: tuple[float, ...] = (1, 1.2, 1.5, 2, 3, 4, 5, 6, 7, 8)


@dataclass(frozen=True, kw_only=True, slots=True)
class ShapeTables:
    """Tables of the shape of hazards.

    Parameters
    ----------
    rows : int
        Points of a curve in a table: enough to see its course.
    hazard_digits, ratio_digits, time_digits : int
        Significant digits: more would be noise.
    """

    rows: int = 8
    hazard_digits: int = 3
    ratio_digits: int = 3
    time_digits: int = 4


@dataclass(frozen=True, kw_only=True, slots=True)
class ShapePlots:
    """Plots of hazards and fits.

    Parameters
    ----------
    width, axes_height, head, foot : float
        Inches: the figure; its axes; what stands above them; the axis label and the legend below the numbers at risk.
    left, right : float
        Ends of the axes, as shares of the width.
    line, entry : float
        Inches of a row of numbers at risk, and of a row of the legend.
    longest_name : int
        Letters of a name beside its numbers at risk.
    below : float
        Inches from the axes down to the first row.
    names : float
        Where the names of rows end, as a share of the axes' width.
    curve_width, sampling_width : float
        Points of a curve, and of the limits by sampling.
    reading_alpha, sampling_alpha, residual_alpha : float
        Opacity of the two bands, and of the residuals.
    residual_size : float
        Points.
    words_size, tick_size : float
        Points.
    most_ticks : int
        Of an axis with numbers at risk.
    highest : float
        A band is cut at this multiple of the curve's highest value, so that the curve is not flat at the bottom.
    fewest_doublings, most_doublings : int
        Of a ratio, shown on either side of 1 on a logarithmic axis.
    ratio_margin : float
        Doublings beyond the curve, for its bands.
    """

    width: float = 7.6
    axes_height: float = 3.4
    head: float = 0.4
    foot: float = 0.3
    left: float = 0.2
    right: float = 0.97
    line: float = 0.17
    entry: float = 0.19
    longest_name: int = 20
    below: float = 0.52
    names: float = -0.03
    curve_width: float = 1.5
    external_size: float = 4.0
    """Points: the marker of survival that another source tells."""
    population_points: int = 200
    """Times at which the general population's survival is drawn."""
    sampling_width: float = 0.8
    reading_alpha: float = 0.3
    sampling_alpha: float = 0.09
    residual_alpha: float = 0.25
    residual_size: float = 2.5
    words_size: float = 9
    tick_size: float = 8
    most_ticks: int = 9
    highest: float = 2.5
    fewest_doublings: int = 2
    most_doublings: int = 6
    ratio_margin: float = 0.7


@dataclass(frozen=True, kw_only=True, slots=True)
class EndpointTables:
    """Tables of two endpoints of one trial.

    Parameters
    ----------
    rows : int
        Times at which the curves stand in a table.
    time_decimals : int
        Of mean times, as papers print them.
    """

    rows: int = 6
    time_decimals: int = 2


CURVES = CurvesLayout()
ENDPOINT_TABLES = EndpointTables()
SHAPE_TABLES = ShapeTables()
SHAPE_PLOTS = ShapePlots()
RESULT_PLOTS = ResultPlots()
RESIDUALS = ResidualsLayout()
RISK_TABLE = RiskTableLayout()
DRAWING = CurveLook()
LETTERS = LettersInCurves()
DASHES = ArmDashes()
STRIP = StripLayout()
TEXT = TextSettings()


OVERLAY = "overlay.png"
"""What was read, drawn on the figure; beside the record of a digitized one."""
DRAWN_OVERLAY = "overlay.svg"
"""What was read, drawn on white; beside the record of a figure that may not be kept."""
FOREST_FILE = "forest.svg"
"""Hazard ratios of an index, printed beside rebuilt."""
REPORT_FILES = ("report.json", "report.html", "curves.svg", "curves.png")
"""What a report consists of, in a run's folder."""
