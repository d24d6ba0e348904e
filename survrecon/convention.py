"""How a printed number at risk counts, and how large one can be."""

from __future__ import annotations

from enum import StrEnum

__all__ = ["MOST_PATIENTS", "AtRiskConvention"]

MOST_PATIENTS = 1_000_000
"""More than any trial or registry has in an arm: beyond it a number is mistyped."""


class AtRiskConvention(StrEnum):
    """Which patients a printed number at risk at time t counts."""

    BEFORE = "before"
    """Patients with time >= t, as R's survival prints."""
    AFTER = "after"
    """Patients with time > t, as lifelines prints."""
    AUTO = "auto"
    """Whichever of the two the curve allows; ``before`` where both fit."""
