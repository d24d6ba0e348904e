"""How far the reading of a figure can be relied on: its grade, its reasons, and what of it is doubtful."""

from __future__ import annotations

from enum import StrEnum
from typing import TYPE_CHECKING

from pydantic import Field

from survrecon.model.document import Document

if TYPE_CHECKING:
    from collections.abc import Iterable

__all__ = ["Grade", "ReadingDoubt", "ReadingGrade", "lowest"]


class Grade(StrEnum):
    """How far a reading can be relied on."""

    GOOD = "good"
    """Everything in the figure fits together."""
    CHECK = "check"
    """Something speaks against a part of it: to be looked at before use."""
    UNRELIABLE = "unreliable"
    """The figure contradicts the reading: nothing is rebuilt from it."""


_DIFFERS = ": rebuilt and printed differ"
"""Ends a reason that comes of a printed result."""
_FROM_LOWEST = (Grade.UNRELIABLE, Grade.CHECK, Grade.GOOD)


def lowest(grades: Iterable[Grade | None]) -> Grade:
    """Return the lowest of some grades; those that are not given say nothing.

    Examples
    --------
    >>> lowest([Grade.GOOD, None, Grade.CHECK])
    <Grade.CHECK: 'check'>
    """
    return min((grade for grade in grades if grade is not None), key=_FROM_LOWEST.index, default=Grade.GOOD)


class ReadingGrade(Document):
    """The grade of a reading: by what must hold inside the figure, and, apart and only downwards, by printed results.

    Parameters
    ----------
    grade : Grade
        The lower of the two.
    internal : Grade
        By what must hold inside the figure alone.
    against_print : Grade or None
        By printed results; None where none was compared.
    reasons : tuple of str
        What speaks against the reading, in words.
    """

    grade: Grade
    internal: Grade
    against_print: Grade | None = None
    reasons: tuple[str, ...] = ()

    @property
    def alone(self) -> ReadingGrade:
        """The grade by what holds inside the figure, before anything printed was compared."""
        inner = tuple(reason for reason in self.reasons if not reason.endswith(_DIFFERS))
        return ReadingGrade(grade=self.internal, internal=self.internal, reasons=inner)

    def lowered(self, to: Grade, differing: Iterable[str]) -> ReadingGrade:
        """Return the grade beside that by printed results, which may only lower it.

        Parameters
        ----------
        to : Grade
            By printed results.
        differing : iterable of str
            The quantities whose rebuilt value differs.
        """
        every = tuple(dict.fromkeys([*self.alone.reasons, *(f"{label}{_DIFFERS}" for label in differing)]))
        return ReadingGrade(grade=lowest([self.internal, to]), internal=self.internal, against_print=to, reasons=every)


class ReadingDoubt(Document):
    """Something read that may be wrong, as a record keeps it.

    Parameters
    ----------
    field : str
        What was read: ``"curve"``, ``"arm name"``, ``"numbers at risk"`` ... (see `survrecon.digitizing.Doubt`).
    arm : str or None
        Whose.
    time : float or None
        Where on the time axis, in the figure's unit.
    read : str
        What was read there; empty where nothing was.
    option : str or None
        The name of the option that states it instead.
    text : str
        The doubt in a sentence.
    """

    field: str
    arm: str | None = None
    time: float | None = None
    read: str = ""
    option: str | None = None
    text: str = Field(min_length=1)

    def __str__(self) -> str:
        return self.text
