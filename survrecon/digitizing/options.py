"""What a caller may state about a figure."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, fields
from pathlib import Path
from typing import TYPE_CHECKING, Any

from survrecon.callers import option_name
from survrecon.errors import DigitizingError
from survrecon.files.option_kinds import (
    ARM_NAMES,
    COUNTS_BY_ARM,
    CROP,
    FLAG,
    PANEL,
    RANGE,
    TABLE_FILE,
    WORDS_FILE,
    OptionDef,
    OptionRole,
    check_values,
    choice_of,
    whole_from,
)
from survrecon.files.option_text import TIME_UNITS, Y_UNITS

if TYPE_CHECKING:
    from survrecon.digitizing.geometry import Axis

__all__ = ["FIGURE_OPTIONS", "MOST_OF_FRACTION", "Options", "options_for", "refuse_unit", "turned_round"]

_CHOOSES, _OVERRIDES = OptionRole.CHOOSES, OptionRole.OVERRIDES

FIGURE_OPTIONS = (
    OptionDef(name="page", kind=whole_from(1), role=_CHOOSES, help="Page of a PDF."),
    OptionDef(name="panel", kind=PANEL, role=_CHOOSES, help="The panel to read, by letter or title; all for each."),
    OptionDef(name="crop", kind=CROP, role=_CHOOSES, help="Read this part alone; pixels, or points of a page."),
    OptionDef(
        name="words", kind=WORDS_FILE, role=_CHOOSES, help="JSON of the words: read if it is there, else written."
    ),
    OptionDef(name="arms", kind=whole_from(1), role=_OVERRIDES, help="Number of curves."),
    OptionDef(name="arm_names", kind=ARM_NAMES, role=_OVERRIDES, help="Names of the arms, in the order of the result."),
    OptionDef(name="x_range", kind=RANGE, role=_OVERRIDES, help="Values at the first and last tick of the time axis."),
    OptionDef(name="y_range", kind=RANGE, role=_OVERRIDES, help="The same of the survival axis."),
    OptionDef(name="y_unit", kind=choice_of(*Y_UNITS), role=_OVERRIDES, help="Unit of the survival axis."),
    OptionDef(name="one_minus_survival", kind=FLAG, role=_OVERRIDES, help="The axis shows incidence, 1 - S."),
    OptionDef(name="risk_table", kind=TABLE_FILE, role=OptionRole.RECORD, help="CSV, instead of the printed one."),
    OptionDef(name="time_unit", kind=choice_of(*TIME_UNITS), role=_OVERRIDES, help="The figure's."),
    OptionDef(
        name="n", kind=COUNTS_BY_ARM, role=OptionRole.RECORD, help="Patients by arm; default as printed.", default={}
    ),
    OptionDef(
        name="text", kind=FLAG, role=OptionRole.READER, help="Read text that is drawn, as in an image.", default=True
    ),
)
"""What may be stated about a figure: the one declaration, which `survrecon.running.options` extends for a run."""


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
    words : path or None
        JSON of the figure's words with their places. Where it is there, its words are used in place of those of the
        text layer or of character recognition, which may so be corrected by hand; where it is not, it is written.

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
    words: str | Path | None = None

    def __post_init__(self) -> None:
        """Refuse what no figure can have."""
        check_values(
            FIGURE_OPTIONS, {option.name: getattr(self, option.name) for option in fields(self)}, DigitizingError
        )
        if self.arms is not None and self.arm_names is not None and self.arms != len(self.arm_names):
            raise DigitizingError(
                f"{option_name('arms')}, {option_name('arm_names')}",
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
        f"{where}: {option_name('y_unit')}",
        rule,
        f"ticks from {low:g} to {high:g}, an axis {shown}",
        f"leave it out, or give {option_name('y_unit', other)}; "
        f"give {option_name('y_range')} if the ticks were misread",
    )


def turned_round(where: str, *, rising: bool) -> DigitizingError:
    """Return the error of a figure whose curves run the other way than is stated; ``rising`` is what was stated."""
    stated, shown = ("rise from 0", "fall from full survival") if rising else ("fall from full survival", "rise from 0")
    return DigitizingError(
        f"{where}: {option_name('one_minus_survival')}",
        f"curves that {stated}, as stated",
        f"curves that {shown}",
        "leave it out",
    )
