"""Every threshold of the reading of words, with its unit and reason."""

from __future__ import annotations

from dataclasses import dataclass

__all__ = ["LAYOUT", "LayoutSettings"]


@dataclass(frozen=True, kw_only=True, slots=True)
class LayoutSettings:
    """When words form lines, and lines tables; all in heights of the words."""

    level: float = 0.45
    """Word heights: words whose middles differ by less stand on one line; half a height would join lines set solid."""
    gap: float = 1.2
    """Word heights: the widest space between words of one line; columns of tables stand further apart."""
    overlap: float = 0.5
    """Word heights: neighbours may overlap by this, as boxes of recognised words are drawn too wide."""
    rows_apart: float = 3.2
    """Word heights: from one row of a table to the next, with room for a name over two lines."""
    column: float = 0.8
    """Word heights: edges or middles that differ by less stand in one column."""
    column_apart: float = 2.0
    """Word heights: middles of cells that follow each other closer belong to one column."""


LAYOUT = LayoutSettings()
