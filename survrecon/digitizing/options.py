"""What a caller may state about a figure."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

__all__ = ["Options"]


@dataclass(frozen=True, kw_only=True)
class Options:
    """What a caller may state about a figure; everything not stated is read from it.

    Parameters
    ----------
    page : int
        Page of a PDF, from 1.
    panel : str or None
        Letter or title of the panel to read.
    crop : tuple of float or None
        ``x0, y0, x1, y1`` in pixels of an image, or points of a page, to read alone.
    arms : int or None
        Number of curves.
    arm_names : sequence of str or None
        Their names, in the order of the result.
    x_range, y_range : tuple of float or None
        Values at the first and last tick of each axis.
    y_unit : {"fraction", "percent"} or None
        Unit of the survival axis.
    one_minus_survival : bool or None
        Whether the curves rise.
    time_unit : str or None
        Unit of the time axis.
    n : mapping of str to int
        Patients by arm.
    text : bool
        Whether to read text by character recognition where there is no text layer.
    """

    page: int = 1
    panel: str | None = None
    crop: tuple[float, float, float, float] | None = None
    arms: int | None = None
    arm_names: Sequence[str] | None = None
    x_range: tuple[float, float] | None = None
    y_range: tuple[float, float] | None = None
    y_unit: str | None = None
    one_minus_survival: bool | None = None
    time_unit: str | None = None
    n: Mapping[str, int] = field(default_factory=dict)
    text: bool = True

    @property
    def percent(self) -> bool | None:
        """Whether the survival axis is said to be in percent."""
        return None if self.y_unit is None else self.y_unit == "percent"
