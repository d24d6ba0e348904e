"""Obtained against published: margins, fixed beforehand, and verdicts."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from survrecon.estimate import Interval
from survrecon.published import Explained, PublishedFact

__all__ = ["Agreement", "Verdict"]


class Verdict(StrEnum):
    """What a comparison with the paper comes to."""

    AGREES = "agrees"
    DIFFERS = "differs"
    INCONCLUSIVE = "inconclusive"
    USED_AS_INPUT = "used as input"
    NOT_BUILDABLE = "not buildable"
    NOT_CHECKABLE = "not checkable"
    NOT_REPORTED = "not reported"


@dataclass(frozen=True, kw_only=True, slots=True)
class Agreement:
    """One check.

    Parameters
    ----------
    quantity : str
        What is compared, ``hazard_ratio``, ``hazard_ratio_se``, ``logrank_z``, ``median``, ...
    label : str
        The same in words, with time and arm.
    fact : PublishedFact or None
        The printed fact; ``None`` where the paper reports none.
    published, obtained : float or None
        Both on the natural scale (hazard ratio, months, fraction).
    difference : float or None
        Obtained minus published, on the log scale for ratios.
    interval : Interval or None
        95% interval of the difference over the draws, widened by the rounding of the printed number.
    margin : float or None
        Largest difference that still agrees, on the scale of ``difference``.
    verdict : Verdict
        See ``Verdict``.
    note : str
        Model named beside it, how it was left out, why there is no verdict.
    explanation : Explained or None
        The recorded reason of a difference.
    """

    quantity: str
    label: str
    fact: PublishedFact | None
    published: float | None
    obtained: float | None
    difference: float | None
    interval: Interval | None
    margin: float | None
    verdict: Verdict
    note: str = ""
    explanation: Explained | None = None
