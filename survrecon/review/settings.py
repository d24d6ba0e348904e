"""Numbers that the review goes by, each with its unit and reason."""

from __future__ import annotations

from dataclasses import dataclass

__all__ = ["AGREEMENT", "EDITING", "REBUILDING", "SERVING", "AgreementSettings", "EditingSettings"]


@dataclass(frozen=True, kw_only=True)
class EditingSettings:
    """What an edit of a curve may do."""

    least_step: float = 1e-3
    """Pixels from a corner to the next at least: a thousandth, so that no two are at one time."""
    slack: float = 3.0
    """Pixels by which a joined stretch may lie above the curve before it, and is then taken to its level: the width of
    a line and a click's error."""
    crossing_reach: float = 0.05
    """Share of the picture's width within which curves are swapped where they meet, if not where it was said."""
    off_frame: float = 3.0
    """Pixels by which a curve may lie outside survival from 0 to 1 after a new calibration before it is a problem."""


@dataclass(frozen=True, kw_only=True)
class RebuildingSettings:
    """What is rebuilt after an edit."""

    draws: int = 50
    """Data sets after an edit: enough for the curve and its numbers at risk, in half a second."""
    accepted_draws: int = 200
    """Data sets when the reader accepts, as of a run."""
    seed: int = 0
    """Where randomness starts, as of a run."""


@dataclass(frozen=True, kw_only=True)
class ServingSettings:
    """The local server."""

    most_bytes: int = 8_000_000
    """Of a request's body: a curve of 2,000 corners takes a hundredth of it."""
    pen_free_after: float = 15.0
    """Seconds without a word from the tab that holds the pen after which another one may take it: three of its signs of
    life."""
    most_points: int = 5000
    """Clicks of one request to follow the ink."""
    token_bytes: int = 24
    """Of randomness in the token of the address: 192 bits."""


@dataclass(frozen=True, kw_only=True)
class AgreementSettings:
    """When two readings agree."""

    axis_share: float = 0.02
    """Share of an axis by which its ends may differ and be one: a misread end is off by more, and what is less is a
    matter of pixels, which the curves show."""
    times_share: float = 1e-6
    """Share of the longest time by which two printed times may differ and be one."""
    swapped_gain: float = 0.5
    """Exchanged arms fit this share of the distance of those of one name, or better, to be told as exchanged."""
    swapped_least: float = 0.01
    """Mean distance, a fraction of survival, below which arms of one name are the same whatever fits better."""
    places: int = 200
    """Times at which two curves are compared."""
    independent_places: int = 20
    """Independent differences that they count as: a curve's line is followed over stretches, not pixel by pixel."""
    longest_shift: float = 0.02
    """Share of the follow-up by which curves are moved to find how far they are apart in time."""
    shifts: int = 81
    """Steps of that: a two-thousandth of the follow-up each, less than a pixel."""
    shift_digits: int = 5
    """Decimals of survival within which two shifts fit as well; the smaller one is told."""
    usual_n: int = 200
    """Patients of an arm whose number is not known, where its reading is judged."""
    draws: int = 100
    """Data sets per arm for the hazard ratio of a reader, simulated ones too: of ten, chance would be a part of it."""
    rereads: int = 12
    """Simulated readers from whom the reading part of a standard error is told: to a fifth of itself."""
    level: float = 0.95
    """Share of cases in which readers who are as good as the reading model says are found to agree."""


EDITING = EditingSettings()
REBUILDING = RebuildingSettings()
SERVING = ServingSettings()
AGREEMENT = AgreementSettings()
