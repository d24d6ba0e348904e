"""Numbers of the fits that somebody chose, each with its unit and reason."""

from __future__ import annotations

from dataclasses import dataclass

__all__ = [
    "EXTRAPOLATING",
    "IDENTIFYING",
    "MAXIMISING",
    "ExtrapolationSettings",
    "IdentificationSettings",
    "MaximisationSettings",
]


@dataclass(frozen=True, kw_only=True, slots=True)
class MaximisationSettings:
    """Newton's method over many data sets at once."""

    most_steps: int = 120
    """Steps after which a data set counts as not converged; an ordinary fit takes 4 to 10, a flat one some 40."""
    most_halvings: int = 30
    """Times that a step which lowers the likelihood is halved before the data set is given up."""
    gain: float = 1e-9
    """Log likelihood that a further Newton step would gain, below which a data set has converged."""
    longest_step: float = 3.0
    """Largest change of a log scale, log shape or logit in one step: e^3 is a factor of 20."""
    stuck_gain: float = 1e-5
    """Promised gain of a step that raises nothing, below which that is taken for rounding of the derivatives."""
    rounding: float = 1e-12
    """Relative fall of the log likelihood that is rounding: sums of some hundred terms are known to 1e-13."""
    worth_converged: float = 1e-4
    """Log likelihood by which a start that did not converge must be higher than one that did, to be kept."""
    least_curvature: float = 1e-8
    """Smallest eigenvalue of the scaled curvature that counts as positive; round-off is some 1e-12."""


@dataclass(frozen=True, kw_only=True, slots=True)
class IdentificationSettings:
    """When the data tell the parameters of a family."""

    profile_fall: float = 0.5
    """Fall of the profile log likelihood below which two values of a parameter are not told apart."""
    interval_fall: float = 1.9207
    """Half of the 95% quantile of chi-squared with 1 degree of freedom: the fall at a 95% profile limit."""
    shape_from: float = 5.0
    """|Q| of the generalised gamma from which on its profile is looked at; those of known distributions are 0 and 1."""
    shape_to: float = 20.0
    """|Q| up to which it is looked at: the distribution hardly changes beyond."""
    largest_log_se: float = 5.0
    """Standard error of a log scale, log shape or logit beyond which it is not told: a factor of e^10 either way."""
    failed_share: float = 0.01
    """Share of draws whose fit fails, beyond which a family has no pooled summary."""
    cured_shares: tuple[float, ...] = (
        1e-6, 0.001, 0.01, 0.03, 0.06, 0.1, 0.15, 0.2, 0.25, 0.3, 0.35, 0.4, 0.45, 0.5, 0.55, 0.6, 0.65, 0.7, 0.75, 0.8,
        0.85, 0.9, 0.95, 0.98,
    )  # fmt: skip
    """Cured shares at which the profile is taken; the first stands for none."""


@dataclass(frozen=True, kw_only=True, slots=True)
class ExtrapolationSettings:
    """What is said of times beyond the data."""

    samples: int = 4_000
    """Parameter samples of all draws together, from which intervals are quantiles: a width is known to 2%."""
    at_once: int = 500
    """Sets of parameters whose curves are held in memory together: some 10 MB."""
    fewest_at_risk: int = 10
    """Patients at risk below which a time is warned of: a step of the curve is then a tenth or more of what is left."""
    follow_up_multiple: float = 3.0
    """Multiples of the last event time beyond which a time is warned of."""
    grid: int = 180
    """Steps of the grid on which survival is integrated up to the horizon: a mean is then known to 1e-4 of it."""
    output_times: int = 60
    """Times up to the horizon at which survival and hazard are given."""
    horizon_multiple: float = 2.0
    """Multiples of the longest follow-up to which is extrapolated where no horizon is stated."""


MAXIMISING = MaximisationSettings()
IDENTIFYING = IdentificationSettings()
EXTRAPOLATING = ExtrapolationSettings()
