"""Closed sets: which patients a printed number at risk counts, and what the points of a curve are."""

from __future__ import annotations

from enum import StrEnum

__all__ = ["MOST_PATIENTS", "AtRiskConvention", "CurveDetail", "Estimator", "PointKind"]

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


class PointKind(StrEnum):
    """What the points of a curve are."""

    AUTO = "auto"
    """Told by the points themselves, and by what is known of their patients."""
    STEPS = "steps"
    """Each point is a drop: its events fall at its time."""
    LANDMARKS = "landmarks"
    """Survival at times of a reader's choice: events fall anywhere between two of them."""
    CLICKS = "clicks"
    """A person's clicks along the curve, a little off in both directions: events fall between them."""


class Estimator(StrEnum):
    """What a figure's curves are, as its words tell."""

    KAPLAN_MEIER = "Kaplan-Meier"
    """Falling curves, or rising ones that the caller says are 1 - S."""
    ASSUMED = "Kaplan-Meier assumed"
    """Rising curves, and no word that speaks of competing events: read as 1 - S."""
    COMPETING = "competing events"
    """Cumulative incidences of one cause: words of the figure speak of competing events."""
    CAUSES = "several causes"
    """Cumulative incidences of several causes in one panel."""


class CurveDetail(StrEnum):
    """How finely points tell a curve, which says how the state-space method follows them."""

    STEPS = "steps"
    """Corners of steps, finely read: numbers at risk can be decoded from the heights."""
    DROPS = "drops"
    """Times of steps as drawn, with survival too coarse to decode."""
    TRACE = "trace"
    """One point a pixel column."""
    CLICKS = "clicks"
    """Points by hand, or landmarks: events fall between them."""
