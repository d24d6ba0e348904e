"""How results show themselves: a short ``repr``, and summaries, plots and pages that the report provides.

Tables, plots and HTML belong to `survrecon.report`, which stands above every result type and alone imports
matplotlib. So that ``result.plot()`` works, a result asks by name for what the report lends it, at the time of the
call: no module of a result imports the report, and importing survrecon loads no plotting library.
"""

from __future__ import annotations

from dataclasses import fields, is_dataclass
from enum import Enum
from importlib import import_module
from pathlib import PurePath
from typing import TYPE_CHECKING, Any

import numpy as np

from survrecon.model.estimate import Estimate

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from matplotlib.axes import Axes

__all__ = ["BriefRepr", "Shown", "report_function"]

_LENDER = "survrecon.report.showing"
"""The module that lends results what they show; its public functions take a result first."""
_LONGEST_REPR = 300  # letters: three lines of a terminal
_LONGEST_VALUE = 60  # letters of one field


def report_function(name: str) -> Callable[..., Any]:
    """Return the function of `survrecon.report.showing` with that name, imported when it is first needed."""
    function: Callable[..., Any] = getattr(import_module(_LENDER), name)
    return function


class BriefRepr:
    """Base class of dataclasses whose ``repr`` gives the length of long fields instead of printing them.

    Examples
    --------
    >>> from survrecon.model.curve import SurvivalCurve
    >>> SurvivalCurve(time=[0, 2, 5], survival=[1, 0.8, 0.6])
    SurvivalCurve(time=<3 values>, survival=<3 values>, time_unit='months')
    """

    __slots__ = ()

    def __repr__(self) -> str:
        shown = [
            f"{one.name}={_brief(value)}"
            for one in fields(self)  # type: ignore[arg-type]  # every subclass is a dataclass
            if one.repr and (value := getattr(self, one.name)) is not None and not _empty(value)
        ]
        text = ", ".join(shown)
        return f"{type(self).__name__}({_cut(text, _LONGEST_REPR)})"


class Shown(BriefRepr):
    """Base class of results: ``summary``, ``plot``, ``report``, and what a notebook shows."""

    __slots__ = ()

    def summary(self) -> str:
        """Return the result as tables of plain text, to print."""
        text: str = report_function("summary")(self)
        return text

    def plot(self, ax: Axes | None = None) -> Axes:
        """Draw the result's curves.

        Parameters
        ----------
        ax : matplotlib.axes.Axes, optional
            Where to draw; a new figure of pyplot where left out.

        Returns
        -------
        matplotlib.axes.Axes
            The axes that hold the curves, to be drawn on or saved (``.figure.savefig``).
        """
        axes: Axes = report_function("plot")(self, ax)
        return axes

    def report(self, path: str | Path) -> Path:
        """Write the result as one HTML page that needs no other file, and return its path.

        Parameters
        ----------
        path : str or Path
            The page; of a folder that exists, ``report.html`` in it.
        """
        written: Path = report_function("report")(self, path)
        return written

    def _repr_html_(self) -> str:
        """Return what a notebook shows: the tables of `summary`."""
        html: str = report_function("html")(self)
        return html


def _empty(value: Any) -> bool:
    return isinstance(value, str | tuple | list | dict) and not value


def _cut(text: str, length: int) -> str:
    return text if len(text) <= length else text[: length - 3] + "..."


def _brief(value: Any) -> str:
    """Return a short text for a value; of a long one, its length."""
    if isinstance(value, np.ndarray):
        return f"<{value.size} values>" if value.ndim <= 1 else f"<{' x '.join(map(str, value.shape))} values>"
    if isinstance(value, Enum):
        return repr(value.value)
    if isinstance(value, PurePath):
        return repr(value.name)
    if isinstance(value, Estimate):
        return f"<{value.format()}>"
    if isinstance(value, float):
        return f"{value:.6g}"
    if isinstance(value, dict | tuple | list):
        text = f"<{len(value)} items>"
        if isinstance(value, tuple | list) and all(isinstance(one, str | int | float) for one in value):
            text = repr(value) if len(repr(value)) <= _LONGEST_VALUE else text
        return f"<{', '.join(map(repr, value))}>" if _named(value) else text
    if is_dataclass(value) and not isinstance(value, type):
        text = f"{type(value).__name__}(...)"
        return repr(value) if isinstance(value, BriefRepr) and len(repr(value)) <= _LONGEST_VALUE else text
    if callable(value):
        return "<function>"
    return _cut(repr(value), _LONGEST_VALUE) if isinstance(value, str | int | bool) else f"<{type(value).__name__}>"


def _named(value: Any) -> bool:
    """Return whether a mapping has names few and short enough to be shown."""
    return isinstance(value, dict) and sum(len(repr(key)) + 2 for key in value) <= _LONGEST_VALUE
