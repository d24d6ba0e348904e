"""Sizes of forest plots and digits of the tables beside them."""

from __future__ import annotations

from dataclasses import dataclass

__all__ = ["FOREST", "POOLED", "SYNTHESIS_TABLES", "ForestLayout", "PooledLayout", "SynthesisTables"]


@dataclass(frozen=True, kw_only=True, slots=True)
class ForestLayout:
    """Hazard ratios below each other.

    Parameters
    ----------
    width, top, row, foot : float
        Pixels: the drawing; above the first row; a row; below the last.
    names, left, right, numbers, verdicts : float
        Pixels from the left: names; the two ends of the scale; ratios in numbers; verdicts.
    base, apart, mark, thick, letters : float
        Pixels: of letters below the top of a row; of either ratio from the middle of its row; half a sign; a line of
        what the inputs allow; the letters.
    lowest, highest : float
        Ends of the scale: ratios beyond stand at its ends.
    ticks : tuple of float
        Ratios with a line.
    longest_name : int
        Letters.
    """

    width: float = 880
    top: float = 44
    row: float = 20
    foot: float = 30
    names: float = 8
    left: float = 300
    right: float = 620
    numbers: float = 634
    verdicts: float = 740
    base: float = 14
    apart: float = 3.5
    mark: float = 2.8
    thick: float = 2.4
    letters: float = 12
    lowest: float = 0.1
    highest: float = 10.0
    ticks: tuple[float, ...] = (0.1, 0.2, 0.5, 1.0, 2.0, 5.0, 10.0)
    longest_name: int = 44


@dataclass(frozen=True, kw_only=True, slots=True)
class PooledLayout:
    """The forest plot of several trials and their pooled effect.

    Parameters
    ----------
    width, line, foot : float
        Of the plot, of one row, and below the axis, in inches.
    left, right : float
        Of the axes, in shares of the width: names stand left of them, numbers right.
    margin : float
        Above the first and below the last row, in rows.
    square : float
        Side of the square of a trial that has all the weight, in points.
    diamond : float
        Half the height of the diamond, in rows.
    line_width, rule : float
        Of intervals and of the line of no effect, in points.
    words_size : float
        In points.
    value_at : float
        Where numbers begin, in widths of the axes.
    ratios : tuple of float
        Ratios that the axis may name: steps that look alike on a log axis.
    """

    width: float = 7.6
    line: float = 0.32
    foot: float = 0.6
    left: float = 0.24
    right: float = 0.74
    margin: float = 0.7
    square: float = 16.0
    diamond: float = 0.25
    line_width: float = 1.2
    rule: float = 0.8
    words_size: float = 9.0
    value_at: float = 1.03
    ratios: tuple[float, ...] = (0.1, 0.2, 0.3, 0.5, 0.7, 1.0, 1.5, 2.0, 3.0, 5.0, 10.0)


@dataclass(frozen=True, kw_only=True, slots=True)
class SynthesisTables:
    """Tables of several trials.

    Parameters
    ----------
    weight_decimals : int
        As papers print them.
    """

    weight_decimals: int = 0


FOREST = ForestLayout()
POOLED = PooledLayout()
SYNTHESIS_TABLES = SynthesisTables()
