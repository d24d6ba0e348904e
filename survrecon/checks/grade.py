"""The grade of a reading by printed results: they may lower it, and never choose what is read."""

from __future__ import annotations

from dataclasses import dataclass
from math import log
from typing import TYPE_CHECKING

from survrecon.checks.contrasts import published_log_se
from survrecon.checks.results import JUDGED, Agreement, Verdict
from survrecon.model.grade import Grade, ReadingGrade
from survrecon.model.published import Bound, Quantity

if TYPE_CHECKING:
    from collections.abc import Sequence

__all__ = ["PrintSettings", "against_print"]


@dataclass(frozen=True, kw_only=True, slots=True)
class PrintSettings:
    """How far a rebuilt result may be from a printed one before the reading is in question."""

    gross_log_ratio: float = 0.4
    """Difference of ln HR, 1.5 times the ratio: no model, stratum or rounding of one figure moves it as far."""
    gross_errors: float = 3.0
    """Printed standard errors of ln HR that it must be off as well: small trials differ more between models."""
    gross_median: float = 0.3
    """Share of a printed median that the rebuilt one is off: another arm's, or another time axis."""
    contradictions: int = 2
    """Gross contradictions of different quantities from which a reading is unreliable; one may be a misread number."""


_SETTINGS = PrintSettings()


def against_print(
    reading: ReadingGrade | None,
    checks: Sequence[Agreement],
    exchanged: Sequence[str] = (),
    settings: PrintSettings = _SETTINGS,
) -> ReadingGrade | None:
    """Return a reading's grade beside that by printed results; what has no verdict says nothing.

    Parameters
    ----------
    reading : ReadingGrade or None
        By what holds inside the figure; None where no program read it.
    checks : sequence of Agreement
        Printed results against rebuilt ones.
    exchanged : sequence of str
        What says that arms may be exchanged.
    settings : PrintSettings
        The thresholds.

    Returns
    -------
    ReadingGrade or None
        With ``against_print``, which is None where nothing was compared.
    """
    compared = [check for check in checks if check.verdict in JUDGED]
    if reading is None or not (compared or exchanged):
        return None if reading is None else reading.alone
    differing = [check for check in compared if check.verdict is Verdict.DIFFERS and check.explanation is None]
    gross = {check.fact.label for check in differing if _gross(check, settings)}
    grade = Grade.CHECK if differing or exchanged else Grade.GOOD
    if len(gross) >= settings.contradictions:
        grade = Grade.UNRELIABLE
    return reading.lowered(grade, [*(check.label for check in differing), *dict.fromkeys(exchanged)])


def _gross(check: Agreement, settings: PrintSettings) -> bool:
    """Whether no difference of models, populations or rounding explains a check."""
    if check.difference is None or check.fact.bound is not Bound.EXACT:
        return False
    if check.quantity == Quantity.HAZARD_RATIO.value:
        printed = published_log_se(check.fact)
        least = settings.gross_errors * printed[0] if printed is not None else 0.0
        return abs(check.difference) > max(settings.gross_log_ratio, least)
    if check.quantity == Quantity.MEDIAN.value and check.published and check.obtained:
        return abs(log(check.obtained / check.published)) > settings.gross_median
    return False
