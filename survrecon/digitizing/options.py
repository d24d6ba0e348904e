"""What a caller may state about a figure."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, fields
from math import isfinite
from numbers import Integral, Real
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from survrecon.errors import DigitizingError
from survrecon.files.option_text import TIME_UNITS, Y_UNITS, ends

if TYPE_CHECKING:
    from survrecon.digitizing.geometry import Axis

__all__ = ["MOST_OF_FRACTION", "Options", "options_for", "refuse_unit", "turned_round"]


def _whole(value: object) -> bool:
    return isinstance(value, Integral) and not isinstance(value, bool) and int(value) >= 1


def _name(value: object) -> bool:
    return isinstance(value, str) and bool(value.strip())


def _list_of(value: object) -> Sequence[Any]:
    """Return what is a sequence or a row of an array, but no text; else an empty one."""
    if isinstance(value, np.ndarray) and value.ndim == 1:
        return list(value.tolist())
    return value if isinstance(value, Sequence) and not isinstance(value, str | bytes) else ()


def _number(value: object) -> bool:
    try:
        return isinstance(value, Real) and not isinstance(value, bool) and isfinite(value)
    except OverflowError:  # an integer beyond all floats
        return False


def _numbers(value: object) -> bool:
    return all(map(_number, _list_of(value)))


def _ends(value: object) -> bool:
    try:
        return _numbers(value) and bool(ends(_list_of(value)))
    except ValueError:
        return False


def _names(value: object) -> bool:
    return len(_list_of(value)) > 0 and all(map(_name, _list_of(value)))


def _by_arm(value: object) -> bool:
    return isinstance(value, Mapping) and all(map(_name, value)) and all(map(_whole, value.values()))


_RULES: Mapping[str, tuple[Callable[[Any], bool], str]] = {
    "page": (_whole, "a whole number from 1"),
    "panel": (_name, "a letter or title, as text"),
    "crop": (lambda value: len(_list_of(value)) == 4 and _numbers(value), "four numbers x0, y0, x1, y1"),
    "arms": (_whole, "a whole number from 1"),
    "arm_names": (_names, "a list of names"),
    "x_range": (_ends, "two finite numbers, the lower end of the axis first"),
    "y_range": (_ends, "two finite numbers, the lower end of the axis first"),
    "y_unit": (lambda value: _name(value) and value in Y_UNITS, " or ".join(Y_UNITS)),
    "one_minus_survival": (lambda value: isinstance(value, bool), "True or False"),
    "time_unit": (
        lambda value: _name(value) and value in TIME_UNITS,
        ", ".join(TIME_UNITS[:-1]) + f" or {TIME_UNITS[-1]}",
    ),
    "risk_table": (lambda value: isinstance(value, str | Path), "the path of a CSV file"),
    "n": (_by_arm, "whole numbers from 1 by the names of arms"),
    "text": (lambda value: isinstance(value, bool), "True or False"),
}
"""What each option must be where it is stated, and that in words."""


@dataclass(frozen=True, kw_only=True)
class Options:
    """What a caller may state about a figure; everything not stated is read from it.

    Parameters
    ----------
    page : int or None
        Page of a PDF, from 1; the first where left out. Other files have none.
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
    risk_table : path or None
        CSV of numbers at risk that hold in place of the printed ones: they tell ``n`` where it is not stated, and
        bound the patients behind each step of a traced curve.
    text : bool
        Whether to read text by character recognition where there is no text layer.

    Raises
    ------
    DigitizingError
        If an option is not what it must be; the message names it.
    """

    page: int | None = None
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
    risk_table: str | Path | None = None
    text: bool = True

    def __post_init__(self) -> None:
        """Refuse what no figure can have."""
        for option in fields(self):
            value = getattr(self, option.name)
            holds, rule = _RULES[option.name]
            if not (value is None and option.default is None) and not holds(value):
                raise DigitizingError(option.name, rule, repr(value)[:80], "correct it, or leave it out")
        if self.arms is not None and self.arm_names is not None and self.arms != len(self.arm_names):
            raise DigitizingError(
                "--arms, --arm-names",
                "as many names as curves",
                f"{self.arms} curves, names {', '.join(self.arm_names)[:80]}",
                "correct one of the two, or leave it out",
            )

    @property
    def percent(self) -> bool | None:
        """Whether the survival axis is said to be in percent."""
        return None if self.y_unit is None else self.y_unit == "percent"


def options_for(path: str | Path, given: Mapping[str, Any]) -> Options:
    """Return what a caller states about the figure of a path.

    Raises
    ------
    DigitizingError
        If there is no such option, or it is not what it must be.
    """
    known = [option.name for option in fields(Options)]
    unknown = [name for name in given if name not in known]
    if unknown:
        raise DigitizingError(
            str(path),
            f"options among {', '.join(known)}",
            ", ".join(map(repr, unknown)),
            "correct or leave out the name",
        )
    try:
        return Options(**given)
    except DigitizingError as error:
        raise error.at(str(path)) from None


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
