"""Rebuilt patients, and what every reconstruction method returns."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Literal

import numpy as np
import numpy.typing as npt

from survrecon.arrays import nearest_to_mean
from survrecon.errors import AnalysisError, ReconstructionError
from survrecon.model.columns import StatedColumns, event_values, find_columns, unit_of
from survrecon.model.convention import PointKind
from survrecon.model.curve import AtRiskConvention, Repair, RiskTable, SurvivalCurve, read_only
from survrecon.model.diagnostics import Diagnostics
from survrecon.model.kaplan_meier import KaplanMeier, kaplan_meier
from survrecon.model.show import BriefRepr, Shown

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    import pandas as pd

    from survrecon.arrays import FloatArray, IntArray

__all__ = ["Given", "PseudoIPD", "Reconstruction", "fixed_draws", "nearest_to_middle"]


@dataclass(frozen=True, kw_only=True, slots=True, eq=False, repr=False)
class PseudoIPD(Shown):
    """Individual patient data of one arm, rebuilt from a figure: not the real patients.

    Parameters
    ----------
    time : array of float, shape (n,)
        Time to event or censoring, in ``time_unit``.
    event : array of bool, shape (n,)
        Whether the event was seen (True) or the patient censored (False).
    arm : str
        The arm's name.
    time_unit : str
        Unit of ``time``.

    Raises
    ------
    AnalysisError
        If shapes differ, a time is negative or missing, or there is no patient.
    """

    time: FloatArray
    event: npt.NDArray[np.bool_]
    arm: str = "arm"
    time_unit: str = "months"
    _estimate: KaplanMeier | None = field(default=None, init=False)

    def __post_init__(self) -> None:
        try:
            time, event = np.asarray(self.time, dtype=float), np.asarray(self.event)
        except (TypeError, ValueError) as error:
            raise AnalysisError(f"arm {self.arm}", "times are numbers", str(error), "correct the times") from None
        if time.ndim != 1 or time.shape != event.shape or time.size == 0:
            raise AnalysisError(
                f"arm {self.arm}",
                "one event flag a patient",
                f"shapes {time.shape} and {event.shape}",
                "give both columns",
            )
        if not np.isfinite(time).all() or time.min() < 0:
            row = int(np.argmin(np.isfinite(time) & (time >= 0)))
            raise AnalysisError(
                f"arm {self.arm}, row {row + 1}", "times are 0 or later", f"{time[row]}", "correct the time"
            )
        if event.dtype != np.bool_ and not np.isin(event, (0, 1)).all():
            row = int(np.argmin(np.isin(event, (0, 1))))
            raise AnalysisError(
                f"arm {self.arm}, row {row + 1}",
                "event is 1 or 0",
                f"{event[row]}",
                "write 1 for an event, 0 for censored",
            )
        order = np.lexsort((~event.astype(bool), time))  # events before censorings at the same time
        object.__setattr__(self, "time", read_only(time[order]))
        object.__setattr__(self, "event", read_only(event.astype(bool)[order]))

    @property
    def n(self) -> int:
        """Number of patients."""
        return int(self.time.size)

    @property
    def events(self) -> int:
        """Number of events."""
        return int(self.event.sum())

    def at_risk(self, times: npt.ArrayLike, convention: AtRiskConvention = AtRiskConvention.BEFORE) -> IntArray:
        """Return the number at risk at ``times`` under a convention (``auto`` reads as ``before``)."""
        side: Literal["left", "right"] = "right" if convention is AtRiskConvention.AFTER else "left"
        return np.asarray(
            self.n - np.searchsorted(self.time, np.asarray(times, dtype=float), side=side), dtype=np.int64
        )

    def kaplan_meier(self) -> tuple[FloatArray, FloatArray]:
        """Return the Kaplan-Meier curve: times of events (k,) and survival just after each (k,)."""
        return self.estimate.time, self.estimate.survival

    @property
    def estimate(self) -> KaplanMeier:
        """The Kaplan-Meier estimate, made when it is first asked for."""
        if self._estimate is None:
            object.__setattr__(self, "_estimate", kaplan_meier(self.time, self.event))
        assert self._estimate is not None
        return self._estimate

    def __getstate__(self) -> tuple[FloatArray, npt.NDArray[np.bool_], str, str]:
        """Return what is sent to another process: no estimate, which is made anew there if it is asked for."""
        return self.time, self.event, self.arm, self.time_unit

    def __setstate__(self, state: tuple[FloatArray, npt.NDArray[np.bool_], str, str]) -> None:
        """Take the patients as another process sent them."""
        for name, value in zip(("time", "event", "arm", "time_unit"), state, strict=True):
            object.__setattr__(self, name, value)
        object.__setattr__(self, "_estimate", None)

    def survival_at(self, times: npt.ArrayLike) -> FloatArray:
        """Return the Kaplan-Meier estimate at ``times``, carrying the last value forward."""
        event_times, survival = self.kaplan_meier()
        index = np.searchsorted(event_times, np.asarray(times, dtype=float), side="right")
        return np.concatenate([[1.0], survival])[index]

    def residuals_from(self, curve: SurvivalCurve) -> FloatArray:
        """Return rebuilt minus digitized survival at each point (m,), as a fraction.

        A point is known in time to the curve's resolution, so a step may be on either side of it: the survival nearest
        to it within that time counts.
        """
        slip = 0.0 if curve.resolution is None else curve.resolution.time
        low, high = self.survival_at(curve.time + slip), self.survival_at(curve.time - slip)
        return np.asarray(np.clip(curve.survival, low, high) - curve.survival)

    def to_frame(self) -> pd.DataFrame:
        """Return a data frame of n rows with columns ``time`` and ``event`` (1 event, 0 censored)."""
        import pandas as pd

        return pd.DataFrame({"time": self.time, "event": self.event.astype(int)})

    @classmethod
    def from_frame(cls, frame: pd.DataFrame, *, arm: str = "arm", time_unit: str | None = None) -> PseudoIPD:
        """Build from a data frame of one arm, with columns for time and event under their usual names.

        Parameters
        ----------
        frame : DataFrame
            Columns ``time`` and ``event``, or ``AVAL`` and ``CNSR``, say; a column of arms may hold one alone.
        arm : str
            The arm's name.
        time_unit : str or None
            Unit of the times; as the column's name tells where left out, else months.

        Raises
        ------
        AnalysisError
            If a column is missing or there are two for one role, the coding of the events is ambiguous, there are
            several arms, or the column's name tells another unit.
        """
        where, stated = f"arm {arm}", StatedColumns(options=False)
        columns = find_columns(list(map(str, frame.columns)), where=where, stated=stated, single_arm=True)
        if columns.arm is not None and len(arms := frame.iloc[:, columns.arm].unique()) > 1:
            found = ", ".join(map(str, arms))[:80]
            raise AnalysisError(where, "the patients of one arm", found, "select one value of the column of arms")
        told = unit_of(columns.names[columns.time])
        if None not in (told, time_unit) and told != time_unit:
            name = columns.names[columns.time]
            raise AnalysisError(where, f"{told}, as the column {name!r} tells", str(time_unit), "leave time_unit out")
        event = frame.iloc[:, columns.event]
        if columns.names[columns.event].lower() != "event" or event.dtype == object:
            values = [str(value) for value in event]
            coding, _ = event_values(values, columns.names[columns.event], where=where, stated=stated)
            event = event.map(dict(zip(event, (coding[value] for value in values), strict=True)))
        times = frame.iloc[:, columns.time].to_numpy()
        return cls(time=times, event=event.to_numpy(), arm=arm, time_unit=time_unit or told or "months")


@dataclass(frozen=True, kw_only=True, slots=True, eq=False, repr=False)
class Given(BriefRepr):
    """The inputs of one reconstruction as the caller gave them, so that it can be repeated with more.

    Parameters
    ----------
    curve : SurvivalCurve
        Points before repair.
    n : int
        Number of patients.
    risk_table : RiskTable or None
        Numbers at risk.
    events : int or None
        Total events.
    censor_times : array of float, shape (c,), or None
        Censoring marks, rising.
    method : str
        The method asked for.
    points : PointKind
        What the points were stated to be.
    priors : survrecon.Priors or None
        Of the state-space method; ``None`` is the default.
    """

    curve: SurvivalCurve
    n: int
    risk_table: RiskTable | None
    events: int | None
    censor_times: FloatArray | None
    method: str
    points: PointKind = PointKind.AUTO
    priors: Any = None


@dataclass(frozen=True, kw_only=True, slots=True, eq=False, repr=False)
class Reconstruction(Shown):
    """What a reconstruction method returns for one arm.

    Parameters
    ----------
    ipd : PseudoIPD
        The data set to use where one is wanted; with draws, the one closest to their middle.
    method : str
        Name of the method, with its extension where one was used.
    diagnostics : Diagnostics
        What the method reports of itself: largest residual against the curve, convergence, distinct histories, ...
    repairs : tuple of Repair
        Every change made to the input.
    assumptions : tuple of str
        What was assumed because the input does not say it.
    warnings : tuple of str
        What a reader must know before using the result.
    drawer : callable or None
        ``drawer(k)`` returns k data sets that all agree with the inputs; ``None`` where the method
        gives one data set only.
    given : Given or None
        The inputs; ``None`` where it was not rebuilt from points alone.
    shared_follow_up : float
        How much of what is open in its patients' follow-up the arm shares with the other arms of its trial, from 0
        to 1 (`survrecon.analysis.pairing`). Its draws are in an order that pairs them so, one by one, with those of
        another arm.
    """

    ipd: PseudoIPD
    method: str
    diagnostics: Diagnostics = field(default_factory=Diagnostics)
    repairs: tuple[Repair, ...] = ()
    assumptions: tuple[str, ...] = ()
    warnings: tuple[str, ...] = ()
    drawer: Callable[[int], list[PseudoIPD]] | None = None
    given: Given | None = None
    shared_follow_up: float = 0.0

    def to_frame(self) -> pd.DataFrame:
        """Return the rebuilt patients, ``.ipd``, as a data frame with columns ``time`` and ``event``."""
        return self.ipd.to_frame()

    @property
    def has_draws(self) -> bool:
        """Whether the method draws from a posterior distribution."""
        return self.drawer is not None

    def draws(self, k: int = 200) -> list[PseudoIPD]:
        """Return ``k`` posterior draws: data sets that are all consistent with the inputs.

        The same ``k`` gives the same data sets, whatever was asked before; another ``k`` gives others, of which these
        are no part. So ask once for as many as are wanted, and all arms of a trial for as many: draw i of one arm goes
        with draw i of another.

        Raises
        ------
        ReconstructionError
            If the method gives a single data set, or ``k`` is no number of data sets.
        """
        if not isinstance(k, int | np.integer) or k < 1:
            raise ReconstructionError("draws", "a whole number from 1", repr(k), "say how many data sets")
        if self.drawer is None:
            raise ReconstructionError(
                f"arm {self.ipd.arm}",
                "draws need a method that samples",
                f"method {self.method}, which returns one data set",
                "use its .ipd, or another method",
            )
        return self.drawer(k)


@dataclass(frozen=True, kw_only=True, slots=True, eq=False)
class _FixedDraws:
    """A sampler over a fixed list of data sets, which can be sent to another process."""

    arm: str
    data_sets: tuple[PseudoIPD, ...]

    def __call__(self, k: int) -> list[PseudoIPD]:
        if k > len(self.data_sets):
            raise ReconstructionError(
                f"arm {self.arm}",
                f"at most the {len(self.data_sets)} draws that were made",
                f"{k}",
                "rebuild with a larger draws=",
            )
        return list(self.data_sets[:k])


def fixed_draws(arm: str, data_sets: Sequence[PseudoIPD]) -> Callable[[int], list[PseudoIPD]]:
    """Return a sampler over a fixed list of posterior draws, which gives the first ``k`` of them."""
    return _FixedDraws(arm=arm, data_sets=tuple(data_sets))


_TIMES = 24  # enough to tell two curves apart; fewer than a risk table and a curve together have columns


def nearest_to_middle(*arms: Sequence[PseudoIPD]) -> int:
    """Return the index of the draw nearest to the mean of the draws, over all arms of a trial at once.

    Distance is Euclidean over survival, the share still at risk on a grid of times, and the number of
    events, each in standard deviations over the draws.

    Parameters
    ----------
    *arms : sequences of PseudoIPD, each of length k
        Paired draws.
    """
    features = np.concatenate([_features(draws) for draws in arms], axis=1)
    return nearest_to_mean(list(features.T), [1.0] * features.shape[1])


def _features(draws: Sequence[PseudoIPD]) -> np.ndarray[tuple[int, int], np.dtype[np.float64]]:
    grid = np.linspace(0, max(draw.time[-1] for draw in draws), _TIMES + 1)[1:]
    return np.array(
        [
            np.concatenate([draw.survival_at(grid), draw.at_risk(grid) / draw.n, [_TIMES * draw.events / draw.n]])
            for draw in draws
        ]
    )
