"""What each method reports of itself, typed: how well it met its inputs, and how far its draws can be relied on."""

from __future__ import annotations

from dataclasses import dataclass, fields
from enum import StrEnum
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Mapping

    from survrecon.model.convention import CurveDetail
    from survrecon.model.ipd import Reconstruction

__all__ = [
    "Diagnostics",
    "GuyotDiagnostics",
    "SolutionPath",
    "SpreadDiagnostics",
    "StateSpaceDiagnostics",
    "SummaryDiagnostics",
    "fewest_draws",
]


class SolutionPath(StrEnum):
    """How the state-space method found its data sets."""

    DECODED = "decoded"
    """Numbers at risk and events from the heights of steps."""
    SAMPLED = "sampled"
    """By a particle filter, where steps cannot be told apart."""


@dataclass(frozen=True, kw_only=True)
class Diagnostics:
    """What any method reports; ``None`` where it does not apply.

    Parameters
    ----------
    largest_residual : float or None
        Largest distance of the rebuilt curve from the points, a fraction of survival.
    events_low, events_high : int or None
        Totals of events that the inputs allow.
    resolution_survival : float or None
        How finely survival was read.
    constraints : str or None
        Printed statistics that weighted the draws.
    effective_sample_size : float or None
        Of those weights.
    """

    largest_residual: float | None = None
    events_low: int | None = None
    events_high: int | None = None
    resolution_survival: float | None = None
    constraints: str | None = None
    effective_sample_size: float | None = None

    def to_dict(self) -> dict[str, Any]:
        """Return what applies, by name, as plain values.

        >>> Diagnostics(largest_residual=0.004).to_dict()
        {'largest_residual': 0.004}
        """
        values = {one.name: getattr(self, one.name) for one in fields(self)}
        return {
            name: str(value) if isinstance(value, StrEnum) else list(value) if isinstance(value, tuple) else value
            for name, value in values.items()
            if value is not None
        }


@dataclass(frozen=True, kw_only=True)
class GuyotDiagnostics(Diagnostics):
    """What Guyot's algorithm reports.

    Parameters
    ----------
    converged : bool
        Whether the printed number of every interval was met by its loop.
    not_converged_at : tuple of float
        Ends of the other intervals.
    """

    converged: bool
    not_converged_at: tuple[float, ...] = ()


@dataclass(frozen=True, kw_only=True)
class SpreadDiagnostics(GuyotDiagnostics):
    """What our extension of it reports.

    Parameters
    ----------
    shifts : tuple of float
        By interval: towards late (positive) or early (negative) censoring.
    stretch : float
        Of the curve, to meet a total of events.
    """

    shifts: tuple[float, ...]
    stretch: float


@dataclass(frozen=True, kw_only=True)
class StateSpaceDiagnostics(Diagnostics):
    """What the state-space method reports.

    Parameters
    ----------
    path : SolutionPath
        How data sets were found.
    kind : CurveDetail
        What points were followed as.
    noise : float
        Standard deviation of a point, a fraction of survival.
    widened : float
        How much more noise than found was needed.
    unique : bool
        Whether one data set alone fits.
    forced : int
        Draws whose total of events had to be adjusted.
    histories : int
        Draws that the single data set was chosen from.
    distinct_histories : tuple of int
        Ancestral sample size: by quarter of the time bins, how many of these draws differ there in the particles that
        they go through. Where they are few, draws share their past, and intervals of what happens then may be too
        narrow.
    """

    path: SolutionPath
    kind: CurveDetail
    noise: float
    widened: float
    unique: bool
    forced: int
    histories: int
    distinct_histories: tuple[int, ...]


@dataclass(frozen=True, kw_only=True)
class SummaryDiagnostics(Diagnostics):
    """What a reconstruction from printed numbers reports.

    Parameters
    ----------
    draws : int
        Data sets that print the paper's numbers.
    proposals_accepted : float
        Share of the proposals that did.
    accrual_shape, tail_hazard : str or None
        Median and range over the draws: of the shape of entry, and of the hazard after the last printed point over the
        mean hazard before.
    """

    draws: int
    proposals_accepted: float
    accrual_shape: str
    tail_hazard: str | None = None


def fewest_draws(wanted: int, made: Mapping[str, Reconstruction]) -> int:
    """Return how many data sets every arm that was rebuilt from printed numbers has, ``wanted`` at most."""
    found = (one.diagnostics for one in made.values())
    return min([wanted, *(one.draws for one in found if isinstance(one, SummaryDiagnostics))])
