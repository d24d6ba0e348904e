"""Rebuild the patients of one arm: inputs checked, repaired, held against each other, then given to a method."""

from __future__ import annotations

from dataclasses import dataclass, replace
from enum import StrEnum
from operator import index
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

from survrecon.errors import CurveError, ReconstructionError
from survrecon.model.consistency import (
    check_columns,
    check_events,
    check_risk_table,
    events_range,
    resolve_convention,
)
from survrecon.model.convention import MOST_PATIENTS, PointKind
from survrecon.model.curve import AtRiskConvention, Repair, RiskTable, StepCurve, SurvivalCurve
from survrecon.model.ipd import Given, Reconstruction
from survrecon.model.kaplan_meier import snapped
from survrecon.model.repair import MARK_STRAY, repair_curve
from survrecon.reconstruction.guyot.guyot import guyot
from survrecon.reconstruction.guyot.spread import spread
from survrecon.reconstruction.point_kinds import PointsTakenAs, between_landmarks, judge_points, steps_instead
from survrecon.reconstruction.problem import Problem, Solver, beside_drops, stream_of
from survrecon.reconstruction.settings import INPUTS
from survrecon.reconstruction.statespace.engine import statespace
from survrecon.reconstruction.statespace.priors import DEFAULT_PRIORS, Priors, ReadingModel
from survrecon.reconstruction.statespace.reading import CurveDetail, judge_reading

if TYPE_CHECKING:
    from survrecon.arrays import FloatArray

__all__ = ["DEFAULT_SEED", "Method", "reconstruct", "refuse_types", "rising_marks", "whole_number"]


def refuse_types(curve: object, risk_table: object, rng: object, arm: object) -> None:
    """Refuse what is not of the type that it stands for, a table of numbers in place of a ``RiskTable``, say."""
    rules = (
        (isinstance(curve, SurvivalCurve), "curve", "a SurvivalCurve", curve),
        (risk_table is None or isinstance(risk_table, RiskTable), "risk_table", "a RiskTable", risk_table),
        (rng is None or isinstance(rng, np.random.Generator), "rng", "a numpy Generator", rng),
        (isinstance(arm, str) and bool(arm.strip()), "arm", "a name", arm),
    )
    for holds, name, rule, value in rules:
        if not holds:
            raise ReconstructionError(name, rule, repr(value)[:80], "pass that instead")


def whole_number(name: str, value: int) -> int:
    """Return a whole number, of any type of integer."""
    try:
        return index(value)
    except TypeError:
        raise ReconstructionError(name, "a whole number", repr(value), "give an int") from None


def rising_marks(times: npt.ArrayLike, n: int, length: float) -> tuple[FloatArray, tuple[Repair, ...]]:
    """Return rising, finite censoring times, of no more patients than there are, and what was moved.

    A mark a little before 0, within the error of a click on a curve of this ``length``, is moved to 0 as points are.
    """
    try:
        marks = np.sort(np.asarray(times, dtype=float).ravel())
    except (TypeError, ValueError) as error:
        raise CurveError("censoring marks", "times are numbers", str(error), "correct or remove the mark") from None
    stray = -MARK_STRAY * length
    if not np.isfinite(marks).all() or (marks < stray).any():
        bad = marks[~(np.isfinite(marks) & (marks >= stray))][0]
        raise CurveError("censoring marks", "times are finite and 0 or later", f"{bad:g}", "correct or remove the mark")
    if marks.size > n:
        raise CurveError(
            "censoring marks", f"at most one a patient, {n}", f"{marks.size}", "correct n, or leave out the marks"
        )
    before = marks[marks < 0]
    if not before.size:
        return marks, ()
    where = f"{before.size} {'mark' if before.size == 1 else 'marks'}, from time {before[0]:.4g}"
    moved = Repair(what="censoring mark left of the origin moved to time 0", where=where, amount=float(-before[0]))
    return np.maximum(marks, 0.0), (moved,)


DEFAULT_SEED = 0
_UNNAMED = "arm"
_OTHER_PRIORS = "priors other than the default"
_COARSE = "the curve is coarse: each of its few points stands for several events, whose times are not known"


class Method(StrEnum):
    """How to rebuild patients from a curve."""

    AUTO = "auto"
    """The best method at hand: ``statespace``."""
    GUYOT = "guyot"
    """The algorithm of 2012 as published; a total of events corrects the last interval only."""
    SPREAD = "spread"
    """Our extension of it: a total of events is spread over all intervals."""
    STATESPACE = "statespace"
    """Decoding or sampling of numbers at risk and events; gives draws."""


_SOLVERS: dict[Method, Solver] = {
    Method.AUTO: statespace,
    Method.GUYOT: guyot,
    Method.SPREAD: spread,
    Method.STATESPACE: statespace,
}


def reconstruct(
    curve: SurvivalCurve,
    *,
    n: int,
    risk_table: RiskTable | None = None,
    events: int | None = None,
    censor_times: npt.ArrayLike | None = None,
    method: Method | str = Method.AUTO,
    rng: np.random.Generator | None = None,
    arm: str = _UNNAMED,
    points: PointKind | str = PointKind.AUTO,
    priors: Priors | None = None,
    quick: bool = False,
) -> Reconstruction:
    """Rebuild the patients of one arm from its Kaplan-Meier curve.

    Parameters
    ----------
    curve : SurvivalCurve
        Points as digitized; small imperfections are repaired and recorded.
    n : int
        Patients in the arm.
    risk_table : RiskTable or None
        Numbers at risk, times in the curve's unit; events so far at its columns, where it has them, are met too.
    events : int or None
        Total events of this endpoint in this arm.
    censor_times : array of float, shape (c,), or None
        Censoring marks, in the curve's unit; methods that do not use them say so.
    method : {"auto", "guyot", "spread", "statespace"}
        How.
    rng : Generator or None
        For methods that draw; ``None`` is a fixed seed, so that runs repeat. Random numbers come of it and of the
        inputs, so that unlike arms that are given the same seed do not share them. Arms that are alike in everything
        then have the same draws, and are paired anew where they are compared.
    arm : str
        The arm's name, for messages and tables.
    points : {"auto", "steps", "landmarks", "clicks"}
        What the points are. Told by the data where not stated; what they are taken for is among the assumptions.
    priors : Priors or None
        What the state-space method assumes of censoring, events and readings; ``None`` is the default. Fields that
        differ from it are among the assumptions of the result.
    quick : bool
        For a look while inputs are corrected: steps that exact decoding does not meet at once are sampled, and draws
        are taken from one decoding, so that they differ too little. Where steps are met at once the single data set
        is the same.

    Returns
    -------
    Reconstruction
        Exactly ``n`` patients, with every repair, assumption and warning. Its diagnostics hold the range of
        totals that the inputs allow (``events_low``, ``events_high``) and the largest distance between the
        rebuilt curve and the points (``largest_residual``, a fraction).

    Raises
    ------
    CurveError
        If the points are no survival curve, or the risk table cannot belong to it.
    ReconstructionError
        If the total of events is out of reach, or the method is unknown.

    Examples
    --------
    >>> from survrecon.model.curve import RiskTable, SurvivalCurve
    >>> curve = SurvivalCurve(time=[0, 2, 5, 9], survival=[1, 0.8, 0.6, 0.3])
    >>> table = RiskTable(time=[0, 5, 10], at_risk=[5, 4, 1])
    >>> result = reconstruct(curve, n=5, risk_table=table)
    >>> result.ipd.n, result.ipd.events
    (5, 3)
    """
    how = _method(method)
    n = whole_number("n", n)
    asked = _point_kind(points)
    refuse_types(curve, risk_table, rng, arm)
    events = _told_total(risk_table) if events is None else whole_number("events", events)
    priors = _stated_priors(priors)
    try:
        inputs = _checked(curve, n, risk_table, events, censor_times, asked, priors.reading)
    except (CurveError, ReconstructionError) as error:
        raise (error if arm == _UNNAMED else error.at(f"arm {arm}")) from None
    seeded = np.random.default_rng(DEFAULT_SEED) if rng is None else rng
    problem = Problem(
        curve=inputs.fixed,
        n=n,
        risk_table=inputs.agreed.table,
        events=events,
        censor_times=inputs.marks,
        rng=stream_of(seeded, curve, n=n, risk_table=inputs.agreed.table, events=events, censor_times=inputs.marks),
        arm=arm,
        digitized=curve,
        points=inputs.taken.kind,
        priors=priors,
        quick=quick,
    )
    asked_for = Given(
        curve=curve,
        n=n,
        risk_table=inputs.stated,
        events=events,
        censor_times=inputs.marks,
        method=str(how),
        points=asked,
        priors=priors,
    )
    return _with_inputs(_SOLVERS[how](problem), problem, inputs, asked_for)


@dataclass(frozen=True, kw_only=True, slots=True, eq=False)
class _Inputs:
    """Inputs of one arm that agree with each other, and what was done to get there.

    ``stated`` is the risk table as it was given, with times that differ by round-off alone made one.
    """

    fixed: StepCurve
    stated: RiskTable | None
    taken: PointsTakenAs
    agreed: _Agreed
    marks: FloatArray | None
    repairs: tuple[Repair, ...]


def _checked(
    curve: SurvivalCurve,
    n: int,
    table: RiskTable | None,
    events: int | None,
    censor_times: npt.ArrayLike | None,
    asked: PointKind,
    model: ReadingModel,
) -> _Inputs:
    """Repair the curve, tell what its points are, and hold all inputs against each other."""
    steps, repairs = repair_curve(curve)
    if table is not None:
        table = replace(table, time=snapped(table.time, steps.time))
    _refuse_number(n)
    definite = None if table is None else resolve_convention(n, table)[0]
    taken = judge_points(asked, curve, steps, n, definite, events, model)
    fixed = between_landmarks(steps, n) if taken.landmarks else steps
    try:
        agreed = _agreeing(curve, fixed, n, table, events, taken.kind, model)
    except (CurveError, ReconstructionError) as error:
        if not taken.landmarks:
            raise
        fixed, taken = steps, steps_instead(curve)
        agreed = _agreeing(curve, fixed, n, table, events, taken.kind, model)
        if asked is PointKind.LANDMARKS:
            advice = "state that the points are steps, which the inputs fit, or leave that out"
            raise type(error)(error.where, error.rule, error.got, advice) from None
    marks, moved = (None, ()) if censor_times is None else rising_marks(censor_times, n, float(fixed.time[-1]))
    return _Inputs(
        fixed=fixed,
        stated=table,
        taken=taken,
        agreed=agreed,
        marks=None if marks is None else snapped(marks, steps.time),
        repairs=(*repairs, *moved, *agreed.repairs),
    )


def _with_inputs(result: Reconstruction, problem: Problem, inputs: _Inputs, given: Given) -> Reconstruction:
    """Return what a method made, with what its inputs say of it."""
    low, high = events_range(problem.curve, problem.n, problem.risk_table)
    changed = problem.priors.changed() if result.method == Method.STATESPACE else ()
    return replace(
        result,
        diagnostics=replace(
            result.diagnostics,
            largest_residual=float(np.abs(result.ipd.residuals_from(problem.curve)).max()),
            events_low=min(low, result.ipd.events),
            events_high=max(high, result.ipd.events),
            resolution_survival=problem.resolution.survival,
        ),
        repairs=inputs.repairs,
        assumptions=(
            *_notes(given.curve, given.risk_table),
            *inputs.agreed.assumptions,
            *inputs.taken.assumptions,
            *result.assumptions,
            *((f"{_OTHER_PRIORS}: {', '.join(changed)}",) if changed else ()),
        ),
        warnings=(
            *inputs.agreed.warnings,
            *([_COARSE] if inputs.taken.landmarks else []),
            *result.warnings,
            *_unmet(problem, result),
        ),
        given=given,
    )


def _stated_priors(priors: Priors | None) -> Priors:
    if priors is None:
        return DEFAULT_PRIORS
    if not isinstance(priors, Priors):
        raise ReconstructionError("priors", "survrecon.Priors", repr(priors)[:80], "pass that, or leave it out")
    return priors


def _notes(curve: SurvivalCurve, table: RiskTable | None) -> tuple[str, ...]:
    """Return what the readers of files left out, each note once."""
    return tuple(dict.fromkeys((*curve.notes, *(table.notes if table is not None else ()))))


def _method(name: Method | str) -> Method:
    try:
        return Method(name)
    except ValueError:
        raise ReconstructionError(
            "method", f"one of {', '.join(Method)}", f"{name!r}", "choose one, or leave it out"
        ) from None


def _point_kind(name: PointKind | str) -> PointKind:
    try:
        return PointKind(name)
    except ValueError:
        raise ReconstructionError(
            "points", f"one of {', '.join(PointKind)}", f"{name!r}", "say what the points are, or leave it out"
        ) from None


def _refuse_number(n: int) -> None:
    if not 1 <= n <= MOST_PATIENTS:
        raise ReconstructionError(
            "n", f"from 1 to {MOST_PATIENTS} patients", f"{n}", "give the number of patients in the arm"
        )


@dataclass(frozen=True, kw_only=True, slots=True)
class _Agreed:
    """A table under a definite convention, its times beside the right drops, and what was done to get there."""

    table: RiskTable | None
    repairs: tuple[Repair, ...] = ()
    assumptions: tuple[str, ...] = ()
    warnings: tuple[str, ...] = ()


def _agreeing(
    points: SurvivalCurve,
    curve: StepCurve,
    n: int,
    table: RiskTable | None,
    events: int | None,
    kind: PointKind,
    model: ReadingModel,
) -> _Agreed:
    """Return what the inputs agree on; refuse what contradicts itself."""
    repairs: tuple[Repair, ...] = ()
    assumptions: tuple[str, ...] = ()
    warnings: tuple[str, ...] = ()
    if table is not None:
        table, assumptions = resolve_convention(n, table)
        steps = _read_as(points, n, kind, model) in (CurveDetail.STEPS, CurveDetail.DROPS)
        table, repairs = beside_drops(curve, n, table, steps=steps)
        warnings = check_risk_table(curve, n, table)
        check_columns(curve, n, table, events)
        if steps and table.events:
            table, more = _open_at_steps(curve, table)
            assumptions += more
    if events is not None:
        warnings += check_events(_as_clicked(points, curve, n, table, kind, model), n, table, events)
    if table is None or not (table.time > 0).any():
        low, high = events_range(curve, n, table)
        warnings += (
            "no numbers at risk: the amount and times of censoring rest on the steps of the curve alone, "
            f"which allow {low} to {high} events",
        )
    return _Agreed(table=table, repairs=repairs, assumptions=assumptions, warnings=warnings)


def _open_at_steps(curve: StepCurve, table: RiskTable) -> tuple[RiskTable, tuple[str, ...]]:
    """Return the table without events so far that may hold those of a drop at their very time or not, and say so."""
    told = np.array([d is not None for d in table.events]) & (table.time > 0)
    slip = INPUTS.same_time * float(curve.time[-1])
    at_drop = told & (curve.before(table.time - slip) > curve.at(table.time + slip))
    if not at_drop.any():
        return table, ()
    named = ", ".join(f"{t:g}" for t in table.time[at_drop])
    kept = tuple(None if out else d for d, out in zip(table.events, at_drop, strict=True))
    said = f"events so far are left open at time {named}: the curve falls there, and they may count that fall or not"
    return replace(table, events=kept), (said,)


def _as_clicked(
    points: SurvivalCurve,
    fixed: StepCurve,
    n: int,
    table: RiskTable | None,
    kind: PointKind,
    model: ReadingModel,
) -> StepCurve:
    """Return the curve with a resolution that allows for events between clicks at a printed time.

    Clicks are seldom at the printed times themselves, so events between two of them may belong to either interval.
    Points that are steps, or one a pixel column, tell the survival at every time.
    """
    if table is None or _read_as(points, n, kind, model) is not CurveDetail.CLICKS:
        return fixed
    before = fixed.before(table.time)
    following = np.append(fixed.survival, fixed.survival[-1])[np.searchsorted(fixed.time, table.time, side="left")]
    stale = float((before - following)[table.time > 0].max(initial=0.0))
    coarse = min(fixed.resolution.survival + stale, INPUTS.coarsest)
    return replace(fixed, resolution=replace(fixed.resolution, survival=coarse))


def _read_as(points: SurvivalCurve, n: int, kind: PointKind, model: ReadingModel) -> CurveDetail:
    """Return what the points are, in order of time."""
    order = np.lexsort((-points.survival, points.time))
    return judge_reading(points.time[order], points.survival[order], n, points.resolution, kind, model).detail


def _unmet(problem: Problem, result: Reconstruction) -> tuple[str, ...]:
    """Say which given numbers the rebuilt patients do not meet, and what was not used or is odd."""
    notes = []
    off = float(np.abs(result.ipd.residuals_from(problem.curve)).max())
    if off > max(INPUTS.far_off, 3 * problem.resolution.survival):
        notes.append(f"the rebuilt curve is up to {off:.3f} away from the points: inputs that hardly fit each other")
    if problem.risk_table is not None:
        table = problem.risk_table
        short = result.ipd.at_risk(table.time, table.convention) != table.at_risk
        if short.any():
            named = ", ".join(f"{t:g}" for t in table.time[short])
            notes.append(f"numbers at risk not met at time {named}")
        notes += _events_unmet(result, table)
    if problem.events is not None and result.ipd.events != problem.events:
        notes.append(f"total events not met: {problem.events} given, {result.ipd.events} rebuilt")
    if problem.censor_times is not None and result.method != "statespace":
        notes.append(f"censoring marks are not used by the method {result.method}")
    if problem.censor_times is not None and problem.censor_times.size:
        last, end = float(problem.censor_times[-1]), float(problem.curve.time[-1])
        if last > INPUTS.marks_beyond * end:
            notes.append(f"a censoring mark at time {last:g}, far beyond the last point at {end:g}: another unit?")
    return tuple(notes)


def _told_total(table: RiskTable | None) -> int | None:
    return None if table is None else table.total_events


def _events_unmet(result: Reconstruction, table: RiskTable) -> list[str]:
    """Say up to which columns the rebuilt patients have other events than are told, or that a method knows none."""
    told = [(t, d) for t, d in zip(table.time.tolist(), table.events, strict=False) if d is not None]
    if told and result.method != Method.STATESPACE:
        return [f"events so far at the columns of the risk table are not used by the method {result.method}"]
    ipd, after = result.ipd, table.convention is AtRiskConvention.AFTER
    missed = [f"{t:g}" for t, d in told if ipd.event[ipd.time <= t if after else ipd.time < t].sum() != d]
    return [f"events so far not met at time {', '.join(missed)}"] if missed else []
