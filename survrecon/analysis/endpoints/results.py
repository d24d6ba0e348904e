"""What comes of progression-free and overall survival of one trial together."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING

from survrecon.analysis.endpoints.dependence import Dependence
from survrecon.model.show import BriefRepr, Shown

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    import pandas as pd

    from survrecon.analysis.comparison import ArmData
    from survrecon.analysis.endpoints.fitted import EndpointFits
    from survrecon.arrays import FloatArray, IntArray
    from survrecon.model.estimate import Estimate

__all__ = [
    "CURVE_COLUMNS",
    "TIME_COLUMNS",
    "CurvesCross",
    "DrawPairing",
    "EndpointArm",
    "MovedMean",
    "PairedEndpoints",
    "ProgressedShare",
]


class DrawPairing(StrEnum):
    """How draws of the two endpoints were put together."""

    MATCHED = "matched"
    """Each pair can be of the same patients."""
    INDEPENDENT = "independent"
    """At random: too few draws have a partner that can be of the same patients."""


@dataclass(frozen=True, kw_only=True, slots=True, eq=False, repr=False)
class ProgressedShare(BriefRepr):
    """The share of patients alive with progression over time: overall less progression-free survival.

    Parameters
    ----------
    time : array of float, shape (T,)
        From 0 to the horizon.
    pfs, os : array of float, shape (T,)
        The two curves, means over the pairs of draws.
    value : array of float, shape (T,)
        Their difference; it is below 0 where the printed curves cross.
    se_sampling, se_reconstruction : array of float, shape (T,)
        Standard errors by the number of patients, and by what the figures leave open; the latter None with one pair.
    se_if_independent : array of float, shape (T,)
        The sampling error that would be taken for it were the two curves of different patients.
    low, high : array of float, shape (T,)
        95% interval of both sources of error.
    """

    time: FloatArray
    pfs: FloatArray
    os: FloatArray
    value: FloatArray
    se_sampling: FloatArray
    se_reconstruction: FloatArray | None
    se_if_independent: FloatArray
    low: FloatArray
    high: FloatArray


@dataclass(frozen=True, kw_only=True, slots=True)
class CurvesCross:
    """Where progression-free survival lies above overall survival by more than the reading leaves open.

    Parameters
    ----------
    first : float
        The time from which on it does.
    largest, at : float
        By how much at most, as survival, and when.
    """

    first: float
    largest: float
    at: float


@dataclass(frozen=True, kw_only=True, slots=True)
class MovedMean:
    """What leaving out draws without a partner does to the restricted mean of one endpoint.

    Parameters
    ----------
    shift : float
        Of the mean over draws, in their standard deviations.
    sd_ratio : float
        Standard deviation over the draws that are left, over that of all.
    """

    shift: float
    sd_ratio: float


@dataclass(frozen=True, kw_only=True, slots=True, eq=False, repr=False)
class EndpointArm(BriefRepr):
    """Both endpoints of one arm.

    Parameters
    ----------
    pfs, os : ArmData
        Central data sets, and the draws of the pairs, one by one of the same patients where draws were matched.
    progressed : ProgressedShare
        The share alive with progression over time.
    time_progressed : mapping of Dependence to Estimate
        The area between the curves up to the horizon: the mean time alive with progression. Values are the same;
        sampling errors and intervals hang on which two times are of one patient.
    crossing : CurvesCross or None
        Where the printed curves cross.
    moved : mapping of str to MovedMean
        By endpoint, "pfs" and "os".
    late_deaths : int
        Deaths of the central data sets beyond the progression-free events: as many patients at least died after their
        progression-free time was censored.
    """

    pfs: ArmData
    os: ArmData
    progressed: ProgressedShare
    time_progressed: Mapping[Dependence, Estimate]
    crossing: CurvesCross | None
    moved: Mapping[str, MovedMean]
    late_deaths: int = 0

    @property
    def name(self) -> str:
        """The arm's name."""
        return self.os.name

    @property
    def n(self) -> int:
        """Number of patients."""
        return self.os.central.n


CURVE_COLUMNS = (
    *("arm", "time", "survival_pfs", "survival_os", "progressed", "low", "high", "se_sampling", "se_reconstruction"),
    "se_if_independent",
)
"""Columns of `PairedEndpoints.curve_rows`."""
TIME_COLUMNS = ("arm", "dependence", "time_progressed", "low", "high", "se_sampling", "se_reconstruction")
"""Columns of `PairedEndpoints.time_rows`."""


@dataclass(frozen=True, kw_only=True, slots=True, eq=False, repr=False)
class PairedEndpoints(Shown):
    """Progression-free and overall survival of one trial, in pairs of draws.

    Parameters
    ----------
    arms : tuple of EndpointArm
        Control first.
    time_unit : str
        Of all times.
    tau : float
        The horizon of the area between the curves.
    tau_rule : str
        Why this one.
    pairing : DrawPairing
        How draws were put together.
    pairs : array of int, shape (k, 2)
        Places of the draws of each pair, from 0.
    admissible : float
        Share of all pairs of draws that can be of the same patients, in every arm.
    unmatched : float
        Share of draws without a partner.
    time_slack : float
        How much later a progression-free time may seem than the overall one of the same patient, by the reading.
    trial : str
        Its name.
    seed : int
        Of everything that is drawn at random.
    notes : tuple of str
        What a reader must know.
    from_summary : bool
        Whether patients are of records of printed numbers, which every plot then says.
    fits : EndpointFits or None
        Both endpoints fitted, where models were named.
    """

    arms: tuple[EndpointArm, ...]
    time_unit: str
    tau: float
    tau_rule: str
    pairing: DrawPairing
    pairs: IntArray
    admissible: float
    unmatched: float
    time_slack: float = 0.0
    trial: str = ""
    seed: int = 0
    notes: tuple[str, ...] = ()
    from_summary: bool = False
    fits: EndpointFits | None = None

    def arm(self, name: str) -> EndpointArm:
        """Return the arm of a name.

        Raises
        ------
        KeyError
            If there is none.
        """
        return {one.name: one for one in self.arms}[name]

    def to_frame(self) -> pd.DataFrame:
        """Return both curves and the share progressed over time: what ``endpoints.csv`` holds."""
        import pandas as pd

        return pd.DataFrame(list(self.curve_rows()), columns=list(CURVE_COLUMNS))

    def curve_rows(self) -> Iterator[tuple[str | float | None, ...]]:
        """Return the rows of `to_frame`."""
        for arm in self.arms:
            one = arm.progressed
            read = [None] * one.time.size if one.se_reconstruction is None else one.se_reconstruction.tolist()
            parts = (one.time, one.pfs, one.os, one.value, one.low, one.high, one.se_sampling)
            for row in zip(*(part.tolist() for part in parts), read, one.se_if_independent.tolist(), strict=True):
                yield arm.name, *row

    def time_rows(self) -> Iterator[tuple[str | float | None, ...]]:
        """Return the mean time alive with progression, one row an arm and way in which patients' times go together."""
        for arm in self.arms:
            for dependence, found in arm.time_progressed.items():
                limits = (None, None) if found.interval is None else (found.interval.low, found.interval.high)
                errors = found.sampling_se, found.reconstruction_se
                yield arm.name, str(dependence), found.value, *limits, *errors
