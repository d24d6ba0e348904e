"""Plot areas as arrays: step curves and lines in ink on paper, drawn without text or axes."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Sequence

    from survrecon.arrays import BoolArray, FloatArray

__all__ = ["BLACK", "BLUE", "GREY", "PAPER", "RED", "Plot"]

BLACK, GREY, BLUE, RED = (0.0, 0.0, 0.0), (0.6, 0.6, 0.6), (0.1, 0.4, 0.8), (0.8, 0.2, 0.1)
PAPER = np.array([1.0, 1.0, 1.0])


@dataclass(kw_only=True)
class Plot:
    """A plot area of 300 x 500 pixels, full survival in row 20."""

    area: FloatArray = field(default_factory=lambda: np.ones((300, 500, 3)))
    first_row: float = 20.5

    def box(
        self, rows: tuple[int, int], columns: tuple[int, int], colour: Sequence[float], *, alpha: float = 1.0
    ) -> None:
        """Fill a rectangle."""
        patch = self.area[rows[0] : rows[1], columns[0] : columns[1]]
        patch[...] = alpha * np.array(colour) + (1.0 - alpha) * patch

    def level(
        self,
        row: int,
        columns: tuple[int, int],
        colour: Sequence[float],
        *,
        width: int = 2,
        dash: tuple[int, int] = (1, 0),
    ) -> None:
        """Draw a level line, dashed by lengths of ink and gap."""
        on, off = dash
        for start in range(columns[0], columns[1], on + off):
            self.box((row, row + width), (start, min(start + on, columns[1])), colour)

    def curve(
        self,
        steps: Sequence[tuple[int, int]],
        colour: Sequence[float],
        *,
        end: int = 480,
        width: int = 2,
        dash: tuple[int, int] = (1, 0),
    ) -> None:
        """Draw a step curve from (0, 20) by its (column, row) corners, its strokes dashed like its levels."""
        row, start = 20, 0
        for column, below in [*steps, (end, -1)]:
            self.level(row, (start, column + (width if dash == (1, 0) else 0)), colour, width=width, dash=dash)
            if below >= 0:
                on, off = dash
                for top in range(row, below + width, on + off):
                    self.box((top, min(top + on, below + width)), (column, column + width), colour)
                row, start = below, column

    @property
    def empty(self) -> BoolArray:
        """No pixel that is left out."""
        return np.zeros(self.area.shape[:2], bool)
