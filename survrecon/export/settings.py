"""Numbers of exports."""

from __future__ import annotations

__all__ = ["DAYS_IN"]

DAYS_IN = {"days": 1.0, "weeks": 7.0, "months": 30.4375, "years": 365.25}
"""Days in each unit: a year has 365.25, a month a twelfth of them."""
