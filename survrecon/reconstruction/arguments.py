"""What `reconstruct` is called with: of the right types, whole where it counts, marks of n patients at most."""

from __future__ import annotations

from operator import index

import numpy as np
import numpy.typing as npt

from survrecon.curve import FloatArray, Repair, RiskTable, SurvivalCurve
from survrecon.errors import CurveError, ReconstructionError
from survrecon.repair import MARK_STRAY

__all__ = ["refuse_types", "rising_marks", "whole"]


def refuse_types(curve: object, risk_table: object, rng: object, arm: object) -> None:
    """Refuse what is not of the type that it stands for, a table of numbers in place of a ``RiskTable``, say."""
    rules = (
        (isinstance(curve, SurvivalCurve), "curve", "a SurvivalCurve", curve),
        (risk_table is None or isinstance(risk_table, RiskTable), "risk_table", "a RiskTable", risk_table),
        (rng is None or isinstance(rng, np.random.Generator), "rng", "a numpy Generator", rng),
        (isinstance(arm, str) and bool(arm.strip()), "arm", "a name", arm),
    )
    for holds, name, rule, value in rules:
        if not holds:
            raise ReconstructionError(name, rule, repr(value)[:80], "pass that instead")


def whole(name: str, value: int) -> int:
    """Return a whole number, of any type of integer."""
    try:
        return index(value)
    except TypeError:
        raise ReconstructionError(name, "a whole number", repr(value), "give an int") from None


def rising_marks(times: npt.ArrayLike, n: int, length: float) -> tuple[FloatArray, tuple[Repair, ...]]:
    """Return rising, finite censoring times, of no more patients than there are, and what was moved.

    A mark a little before 0, within the error of a click on a curve of this ``length``, is moved to 0 as points are.
    """
    try:
        marks = np.sort(np.asarray(times, dtype=float).ravel())
    except (TypeError, ValueError) as error:
        raise CurveError("censoring marks", "times are numbers", str(error), "correct or remove the mark") from None
    stray = -MARK_STRAY * length
    if not np.isfinite(marks).all() or (marks < stray).any():
        bad = marks[~(np.isfinite(marks) & (marks >= stray))][0]
        raise CurveError("censoring marks", "times are finite and 0 or later", f"{bad:g}", "correct or remove the mark")
    if marks.size > n:
        raise CurveError(
            "censoring marks", f"at most one a patient, {n}", f"{marks.size}", "correct n, or leave out the marks"
        )
    before = marks[marks < 0]
    if not before.size:
        return marks, ()
    where = f"{before.size} {'mark' if before.size == 1 else 'marks'}, from time {before[0]:.4g}"
    moved = Repair(what="censoring mark left of the origin moved to time 0", where=where, amount=float(-before[0]))
    return np.maximum(marks, 0.0), (moved,)
