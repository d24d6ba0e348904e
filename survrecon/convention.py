"""How a printed number at risk counts."""

from __future__ import annotations

from enum import StrEnum

__all__ = ["AtRiskConvention"]


class AtRiskConvention(StrEnum):
    """Which patients a printed number at risk at time t counts."""

    BEFORE = "before"
    """Patients with time >= t, as R's survival prints."""
    AFTER = "after"
    """Patients with time > t, as lifelines prints."""
    AUTO = "auto"
    """Whichever of the two the curve allows; ``before`` where both fit."""
