"""What is stated about the survival axis against what it shows: a unit or a direction that cannot be."""

from __future__ import annotations

from survrecon.digitizing.geometry import Axis
from survrecon.digitizing.options import Options
from survrecon.errors import DigitizingError

__all__ = ["MOST_OF_FRACTION", "refuse_unit", "turned_round"]

MOST_OF_FRACTION = 1.5
"""A survival axis that goes beyond this is in percent."""


def refuse_unit(where: str, axis: Axis, title: str | None, options: Options) -> None:
    """Refuse a stated unit that the ticks of the survival axis contradict.

    An axis in percent may end at 1, where rare events are shown; its title then has a percent sign.

    Raises
    ------
    DigitizingError
        If the unit cannot be that of the axis.
    """
    low, high = float(axis.values.min()), float(axis.values.max())
    if options.y_unit == "fraction" and high > MOST_OF_FRACTION:
        rule, shown, other = "a survival axis in fractions, from 0 to 1", "that is in percent", "percent"
    elif options.y_unit == "percent" and high <= MOST_OF_FRACTION and "%" not in (title or ""):
        rule, shown, other = "a survival axis in percent, from 0 to 100", "that is in fractions", "fraction"
    else:
        return
    raise DigitizingError(
        f"{where}: --y-unit",
        rule,
        f"ticks from {low:g} to {high:g}, an axis {shown}",
        f"leave it out, or give --y-unit {other}; give --y-range if the ticks were misread",
    )


def turned_round(where: str, *, rising: bool) -> DigitizingError:
    """Return the error of a figure whose curves run the other way than is stated; ``rising`` is what was stated."""
    stated, shown = ("rise from 0", "fall from full survival") if rising else ("fall from full survival", "rise from 0")
    return DigitizingError(
        f"{where}: --one-minus-survival", f"curves that {stated}, as stated", f"curves that {shown}", "leave it out"
    )
