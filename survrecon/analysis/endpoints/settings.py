"""Numbers of the pairing of endpoints that somebody chose, each with its unit and reason."""

from __future__ import annotations

from dataclasses import dataclass

__all__ = ["ENDPOINTS", "EndpointSettings"]


@dataclass(frozen=True, kw_only=True, slots=True)
class EndpointSettings:
    """How progression-free and overall survival are put together."""

    least_matched: float = 0.5
    """Share of draws that must find a partner for the pairs to be used: fewer say more of the two readings than of
    the patients, and leaving the others out would move the curves."""
    sampling_draws: int = 40
    """Pairs of draws over which the correlation of sampling errors is taken: it hardly differs between draws."""
    times: int = 60
    """Times up to the horizon at which the curves are given."""
    crossing_sds: float = 1.96
    """Standard deviations over draws by which progression-free survival must exceed overall survival to cross it."""
    least_crossing: float = 0.005
    """Survival by which it must exceed it besides: half of the last digit of a printed percentage."""
    samples: int = 1_000
    """Samples of the parameters of both fits: what cost-effectiveness models usually take."""
    grid: int = 180
    """Steps up to the horizon on which fitted curves are integrated: a mean is then known to 1e-4 of it."""
    fitted_crossing: float = 0.001
    """Survival by which a fitted curve must exceed the other to count: below, no partition of patients is changed."""


ENDPOINTS = EndpointSettings()
