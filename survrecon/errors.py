"""One error tree: ``SurvreconError`` and one child per stage.

Every message answers four questions: where, which rule, what was found, what to do.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from survrecon.callers import NamedOption, Wording, in_python

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

__all__ = [
    "AnalysisError",
    "BatchError",
    "ConstraintError",
    "CurveError",
    "DigitizingError",
    "MissingPatientsError",
    "PublishedError",
    "ReconstructionError",
    "RecordError",
    "ReportError",
    "ReviewError",
    "SurvreconError",
]


class SurvreconError(ValueError):
    """Input that survrecon cannot use, or a question that the input cannot answer.

    Parameters
    ----------
    where : str
        The place: a file with its row or key, an arm, an argument.
    rule : str
        What must hold there.
    got : str
        What was found instead, with its value.
    advice : str
        What the reader can do about it. This and the other three may name options by `survrecon.callers.option_name`.
    index : int or None
        Of values given as an array, which is at fault, so that whoever took them from a file can name its line.

    Examples
    --------
    >>> print(SurvreconError("placebo.csv, line 3", "time is a number", "'4,5.1'", "correct the cell"))
    placebo.csv, line 3: time is a number; got '4,5.1'. What to do: correct the cell.
    """

    so_far: Any = None
    """Of a figure, what was found before: a `survrecon.digitizing.so_far.ReadingSoFar`. It stays in its process."""
    left_in: Path | None = None
    """Where the picture of it was written."""
    doubts: tuple[str, ...] = ()
    """What was doubtful before, in words of the command line."""
    next_call: str = ""
    """The call that goes on from here, to be pasted into a shell."""

    def __init__(self, where: str, rule: str, got: str, advice: str, *, index: int | None = None) -> None:
        self.where = Wording(where)
        self.rule = Wording(rule)
        self.got = Wording(got)
        self.advice = Wording(advice)
        self.index = index
        super().__init__(self.told(in_python))

    def told(self, spell: Callable[[NamedOption], str]) -> str:
        """Return the message with options as ``spell`` writes them, such as `survrecon.callers.in_shell`."""
        where, rule, got, advice = (part.spelled(spell) for part in (self.where, self.rule, self.got, self.advice))
        return f"{where}: {rule}; got {got}. What to do: {advice}."

    def at(self, where: str) -> SurvreconError:
        """Return the same error with its place made more specific, such as the file that an arm came from."""
        wider = type(self)(
            f"{Wording(where).marked}: {self.where.marked}", self.rule, self.got, self.advice, index=self.index
        )
        wider.so_far, wider.left_in, wider.doubts = self.so_far, self.left_in, self.doubts
        return wider

    def __reduce__(self) -> tuple[type[SurvreconError], tuple[Wording, ...], dict[str, int | None]]:
        """Rebuild from its parts, so that the error survives a worker process."""
        return type(self), (self.where, self.rule, self.got, self.advice), {"index": self.index}


class CurveError(SurvreconError):
    """Points of a curve, a risk table or censoring marks that cannot be used."""


class RecordError(SurvreconError):
    """A record folder of ``digitized_curves/`` that breaks its format."""


class MissingPatientsError(RecordError):
    """Arms whose number of patients is neither printed nor typed: nothing can be rebuilt of them."""

    arms: tuple[str, ...] = ()
    """Their names."""


class PublishedError(SurvreconError):
    """A published fact that contradicts itself."""


class ReconstructionError(SurvreconError):
    """Inputs that no data set can satisfy, or a method asked for what it does not give."""


class AnalysisError(SurvreconError):
    """Patients that cannot be analysed as asked."""


class ConstraintError(SurvreconError):
    """A printed statistic that cannot weight the draws, or that hardly any draw agrees with."""


class DigitizingError(SurvreconError):
    """A figure that cannot be read."""


class ReportError(SurvreconError):
    """A report that cannot be written or rebuilt."""


class ReviewError(SurvreconError):
    """An edit of a reading that cannot be, or a review that cannot be opened, accepted or compared."""


class BatchError(SurvreconError):
    """A manifest that cannot be run as it stands, or a folder that a batch cannot use."""
