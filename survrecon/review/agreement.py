"""What two readers of one figure agree on: facts that differ, curves and ratios that are as far apart as chance has it.

Facts are right or wrong and are settled by looking again, never averaged. Curves and ratios differ between any two
readings; the reading model says by how much, E(A - B)^2 = 2 sigma^2, and sigma is in the draws already. So within that
one reading is used and nothing is added, and what goes beyond it is told, and added once.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from math import sqrt
from typing import TYPE_CHECKING

import numpy as np
from scipy.special import stdtrit
from scipy.stats import chi2

from survrecon.analysis.comparison import compare_arms
from survrecon.errors import ReviewError, SurvreconError
from survrecon.model.repair import repair_curve
from survrecon.review.readings_apart import (
    REBUILT_FROM,
    ArmInputs,
    FactApart,
    cells_apart,
    exchanged_after,
    facts_apart,
    matched_arms,
    noise_of,
    ratio_error,
)
from survrecon.review.settings import AGREEMENT, REBUILDING, AgreementSettings
from survrecon.running.arm_patients import without_zero_counts
from survrecon.running.record import rebuild_arm

if TYPE_CHECKING:
    from collections.abc import Mapping

    from survrecon.arrays import FloatArray
    from survrecon.model.ipd import Reconstruction
    from survrecon.records.folder import FigureRecord
    from survrecon.records.schema import Arm

__all__ = ["CurveApart", "RatioApart", "ReaderRecord", "ReadersAgreement", "compared"]


@dataclass(frozen=True, kw_only=True)
class ReaderRecord:
    """A reader's record: by whom, and what the reader started from.

    ``cells`` are the numbers at risk as they were read, by arm and time, those among them that the curve does not
    allow and the record leaves out; where not given, those of the record.
    """

    name: str
    record: FigureRecord
    started_from: str | None = None
    cells: Mapping[str, Mapping[float, int]] | None = None

    @property
    def at_risk(self) -> Mapping[str, Mapping[float, int]]:
        """The numbers at risk by arm and time."""
        if self.cells is not None:
            return self.cells
        tables = self.record.risk_tables
        return {arm: dict(zip(t.time.tolist(), t.at_risk.tolist(), strict=True)) for arm, t in tables.items()}


@dataclass(frozen=True, kw_only=True)
class CurveApart:
    """How far two readings of a curve are apart.

    Parameters
    ----------
    arm : str
        Its name, as the first reader has it.
    mean, largest, largest_at : float
        Mean and largest absolute difference of survival, and when.
    time_shift : float
        By how much the second reading is later, where it then fits best.
    root_mean_square, expected : float
        Of the differences, and what the reading model expects of them.
    within : bool
        Whether they are within that.
    excess : float
        Standard deviation of a reading beyond the model's, a fraction of survival; 0 within it.
    """

    arm: str
    mean: float
    largest: float
    largest_at: float
    time_shift: float
    root_mean_square: float
    expected: float
    within: bool
    excess: float


@dataclass(frozen=True, kw_only=True)
class RatioApart:
    """How far two rebuilt hazard ratios are apart, on the log scale.

    Parameters
    ----------
    of, over : str
        Of which arm over which.
    values : tuple of float
        Each reader's hazard ratio.
    difference : float
        Of their logarithms, second minus first.
    reading_error : float or None
        The reading part of a log ratio's standard error, pooled over both readings; None where facts differ that
        ratios are rebuilt from, as the difference is then none of chance.
    standard_error : float
        Its whole standard error, of the reading that is used.
    within : bool
        Whether the difference is within the reading model's.
    excess : float
        Standard deviation beyond it, which rests on one difference; 0 within it.
    """

    of: str
    over: str
    values: tuple[float, float]
    difference: float
    reading_error: float | None
    standard_error: float
    within: bool
    excess: float

    @property
    def with_excess(self) -> float:
        """The standard error with the excess added, once."""
        return sqrt(self.standard_error**2 + self.excess**2)


@dataclass(frozen=True, kw_only=True)
class ReadersAgreement:
    """What came of comparing two readers; the first one's reading is used where they agree.

    ``settled`` are facts that differed and that the first of the two, the consensus, has settled.
    """

    readers: tuple[str, str]
    started_from: tuple[str | None, str | None]
    facts: tuple[FactApart, ...]
    curves: tuple[CurveApart, ...]
    ratios: tuple[RatioApart, ...] = ()
    notes: tuple[str, ...] = field(default=())
    settled: tuple[FactApart, ...] = ()

    @property
    def agrees(self) -> bool:
        """Whether no fact differs, and nothing goes beyond the reading model."""
        return not self.facts and all([one.within for one in self.curves] + [one.within for one in self.ratios])


def compared(first: ReaderRecord, second: ReaderRecord, settings: AgreementSettings = AGREEMENT) -> ReadersAgreement:
    """Compare two readers' records of one figure.

    Parameters
    ----------
    first, second : ReaderRecord
        The readers; the first one's reading is used where they agree.
    settings : AgreementSettings
        When two readings agree.

    Raises
    ------
    ReviewError
        If they are of different figures, or neither reader read the figure without the program.
    """
    _refuse_other_figure(first, second)
    if first.started_from == second.started_from == "automatic":
        raise ReviewError(
            f"{first.name}, {second.name}", "a second reader, who read the figure blind",
            "two who started from the program's reading", "have one read it blind, from the figure alone",
        )  # fmt: skip
    pairs = matched_arms(first.record, second.record)
    curves = {a: (_steps(first.record, a), _steps(second.record, b)) for a, b in pairs.items()}
    facts = [
        *facts_apart(first.record, second.record, pairs, settings),
        *cells_apart(first.at_risk, second.at_risk, pairs, settings),
        *exchanged_after(curves, pairs, settings),
    ]
    apart = tuple(_curve_apart(first, second, a, b, curves[a], settings) for a, b in pairs.items())
    by_chance = not any(fact.field in REBUILT_FROM for fact in facts)
    ratios, notes = _ratios(first, second, pairs, settings, by_chance=by_chance)
    notes += [
        f"{one.name} corrected the program's reading and did not read the figure independently"
        for one in (first, second)
        if one.started_from == "automatic"
    ]
    return ReadersAgreement(
        readers=(first.name, second.name),
        started_from=(first.started_from, second.started_from),
        facts=tuple(facts),
        curves=apart,
        ratios=tuple(ratios),
        notes=tuple(notes),
    )


def _refuse_other_figure(first: ReaderRecord, second: ReaderRecord) -> None:
    one, other = (reader.record.document.digitized.image_sha256 for reader in (first, second))
    if one is not None and other is not None and one != other:
        got = f"{first.record.document.digitized.figure} and {second.record.document.digitized.figure}"
        raise ReviewError(
            f"{first.name}, {second.name}",
            "two readings of one figure file",
            got,
            "name two records of the same figure",
        )


_Steps = tuple["FloatArray", "FloatArray"]


def _steps(record: FigureRecord, arm: str) -> _Steps:
    """Return an arm's curve as steps: times, and survival from each on."""
    curve, _ = repair_curve(record.curves[arm])
    return curve.time, curve.survival


def _at(steps: _Steps, time: FloatArray) -> FloatArray:
    place = np.searchsorted(steps[0], time, side="right") - 1
    return np.asarray(np.where(place < 0, 1.0, steps[1][place.clip(0)]))


def _inputs(record: FigureRecord, arm: Arm) -> ArmInputs:
    """Return what an arm of a record is rebuilt from."""
    assert arm.n is not None
    return ArmInputs(
        curve=record.curves[arm.name],
        n=arm.n,
        table=without_zero_counts(record.risk_tables.get(arm.name), arm),
        events=arm.events,
        marks=record.censor_times.get(arm.name),
        points=record.document.axes.points,
    )


def _arm(record: FigureRecord, name: str) -> Arm:
    return next(arm for arm in record.document.arms if arm.name == name)


def _curve_apart(
    first: ReaderRecord,
    second: ReaderRecord,
    a: str,
    b: str,
    curves: tuple[_Steps, _Steps],
    settings: AgreementSettings,
) -> CurveApart:
    one, other = curves
    end = min(float(one[0][-1]), float(other[0][-1]))
    time = np.linspace(0.0, end, settings.places)
    off = _at(other, time) - _at(one, time)
    # what chance makes of the levels, and of the times of the steps
    expected = 0.0
    for reader, name, steps in ((first, a, one), (second, b, other)):
        arm = _arm(reader.record, name)
        noise = noise_of(_inputs(reader.record, arm.model_copy(update={"n": arm.n or settings.usual_n})))
        falls = np.diff(np.append(1.0, steps[1]))
        expected += noise.whole**2 + float((falls**2).sum()) * noise.time / sqrt(np.pi) / max(end, noise.time)
    square = float((off**2).mean())
    limit = float(chi2.ppf(settings.level, settings.independent_places)) / settings.independent_places
    within = square <= limit * expected
    worst = int(np.abs(off).argmax())
    return CurveApart(
        arm=a,
        mean=float(np.abs(off).mean()),
        largest=float(np.abs(off[worst])),
        largest_at=float(time[worst]),
        time_shift=_time_shift(one, other, time, settings),
        root_mean_square=sqrt(square),
        expected=sqrt(expected),
        within=within,
        excess=0.0 if within else sqrt(max(square - expected, 0.0) / 2),
    )


def _time_shift(one: _Steps, other: _Steps, time: FloatArray, settings: AgreementSettings) -> float:
    """Return by how much later the second curve is where it then fits the first best."""
    most = settings.longest_shift * float(time[-1])
    shifts = np.linspace(-most, most, settings.shifts)
    left = _at(one, time)
    off = [float(np.abs(_at(other, time + shift) - left).mean()) for shift in shifts]
    best = min(range(len(shifts)), key=lambda k: (round(off[k], settings.shift_digits), abs(shifts[k])))
    return float(shifts[best])


def _ratios(
    first: ReaderRecord, second: ReaderRecord, pairs: dict[str, str], settings: AgreementSettings, *, by_chance: bool
) -> tuple[list[RatioApart], list[str]]:
    """Return the hazard ratios of both readings where both give them, and why others are left out."""
    found: list[RatioApart] = []
    notes: list[str] = []
    for control, treatment in first.record.document.contrasts:
        names = (control.name, treatment.name)
        if any(name not in pairs for name in names):
            notes.append(f"no hazard ratio of {names[1]} over {names[0]}: the readers do not have both arms")
            continue
        try:
            others = (pairs[names[0]], pairs[names[1]])
            found.append(_ratio(first, second, names, others, settings, by_chance=by_chance))
        except SurvreconError as error:
            notes.append(f"no hazard ratio of {names[1]} over {names[0]}: {error}")
    return found, notes


def _read(reader: ReaderRecord, names: tuple[str, str]) -> tuple[ArmInputs, ArmInputs]:
    """Return control and treatment as a reader read them."""
    control, treatment = (_inputs(reader.record, _arm(reader.record, name)) for name in names)
    return control, treatment


def _ratio(
    first: ReaderRecord,
    second: ReaderRecord,
    names: tuple[str, str],
    others: tuple[str, str],
    settings: AgreementSettings,
    *,
    by_chance: bool,
) -> RatioApart:
    """Rebuild both arms of both readers, and hold the difference against what reading is off by chance."""
    made: list[tuple[Reconstruction, Reconstruction]] = []
    ratios = []
    for reader, (control, treatment) in ((first, names), (second, others)):
        arms = [_arm(reader.record, name) for name in (control, treatment)]
        for arm in arms:
            if arm.n is None:
                raise ReviewError(f"arm {arm.name}", "its number of patients", "none", "settle it")
        rebuilt = [rebuild_arm(reader.record, arm, REBUILDING.seed) for arm in arms]
        made.append((rebuilt[0], rebuilt[1]))
        ratios.append(compare_arms(control=rebuilt[0], treatment=rebuilt[1], draws=settings.draws).hazard_ratio)
    values = [ratio.value for ratio in ratios]
    if values[0] is None or values[1] is None:
        raise ReviewError(f"{names[1]} over {names[0]}", "a hazard ratio of both readers", "none", "look at the curves")
    error = None
    if by_chance:
        read = [_read(reader, pair) for reader, pair in ((first, names), (second, others))]
        error = ratio_error(
            list(zip(read, made, strict=True)),
            rereads=settings.rereads,
            draws=settings.draws,
            rng=np.random.default_rng(REBUILDING.seed),
        )
    difference = float(np.log(values[1] / values[0]))
    # the error is told from few simulated readers: Student's t
    limit = float(stdtrit(2 * (settings.rereads - 1), 0.5 + settings.level / 2))
    within = error is not None and abs(difference) <= limit * sqrt(2) * error
    sampling, rebuilding = ratios[0].sampling_se or 0.0, ratios[0].reconstruction_se or 0.0
    return RatioApart(
        of=names[1],
        over=names[0],
        values=(values[0], values[1]),
        difference=difference,
        reading_error=error,
        standard_error=float(np.hypot(sampling, rebuilding)),
        within=within,
        excess=0.0 if within or error is None else sqrt(max(difference**2 / 2 - error**2, 0.0)),
    )
