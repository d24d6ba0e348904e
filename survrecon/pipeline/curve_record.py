"""A record whose points were read from a figure: rebuilt, compared, checked."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from itertools import chain

from survrecon.agreement import Agreement, check_arm, check_comparisons, not_twice
from survrecon.analysis.comparison import compare_arms, summarize_arm
from survrecon.analysis.results import ArmSummary, Comparison, arms_of
from survrecon.constraints.selection import constraints_of
from survrecon.convention import PointKind
from survrecon.errors import RecordError
from survrecon.figure import FigureRecord
from survrecon.information.entry import what_would_help
from survrecon.ipd import Reconstruction
from survrecon.pipeline.randomness import generator
from survrecon.pipeline.weighting import said_in_readings, weight_curves
from survrecon.published import Quantity
from survrecon.reconstruction.reconstruct import Method, reconstruct
from survrecon.record import Arm, RecordDocument
from survrecon.result import RecordResult

__all__ = ["run_curve_record"]

_CORES = -1  # joblib's sign for all of them


def run_curve_record(
    record: FigureRecord,
    *,
    draws: int,
    seed: int,
    method: Method | str = Method.AUTO,
    points: PointKind | str | None = None,
    tau: float | None = None,
    what_helps: bool = False,
    use: Sequence[str] = (),
    command: str = "",
) -> RecordResult:
    """Rebuild every arm from its points and compare treatments with the control.

    Parameters
    ----------
    record : FigureRecord
        Of any kind but ``summary``.
    draws, seed : int
        Data sets an arm, for methods that draw, and where randomness starts.
    method : Method
        How to rebuild.
    points : PointKind, optional
        What the points are; as the record says where not stated.
    tau : float, optional
        Horizon of the restricted mean, in the record's time unit.
    what_helps : bool
        Also say what further information would narrow each hazard ratio most.
    use : sequence of str
        Printed statistics that weight the draws.

    Raises
    ------
    RecordError
        If an arm has no points.
    ConstraintError
        If a statistic of ``use`` may not weight draws, or hardly any draw agrees with it.
    """
    document = record.document
    wanted = constraints_of(document, use)
    order = (document.control, *document.treatments)
    rebuilt = {arm.name: _rebuild(record, arm, seed, method, points) for arm in order}
    weighted = weight_curves(record, rebuilt, wanted, draws=draws, seed=seed)
    rebuilt = rebuilt if weighted is None else dict(weighted.reconstructions)
    times = document.survival_times
    comparisons = tuple(
        compare_arms(
            control=rebuilt[document.control.name],
            treatment=rebuilt[arm.name],
            milestones=times,
            draws=draws,
            tau=tau,
            printed_tau=document.printed_tau(document.control.name, arm.name),
        )
        for arm in document.treatments
    )
    if comparisons:
        arms = arms_of(comparisons)
    else:
        arms = (summarize_arm(rebuilt[document.control.name], milestones=times, draws=draws),)
    return RecordResult(
        record=said_in_readings(record, wanted),
        reconstructions=rebuilt,
        arms=arms,
        comparisons=comparisons,
        checks=not_twice(_checks(document, arms, comparisons, rebuilt), wanted),
        what_would_help=tuple(
            what_would_help(control=rebuilt[document.control.name], treatment=rebuilt[arm.name], seed=seed, jobs=_CORES)
            for arm in document.treatments
            if what_helps
        ),
        draws=draws if any(result.has_draws for result in rebuilt.values()) else 1,
        seed=seed,
        command=command,
        constraints=None if weighted is None else weighted.constraints,
    )


def _rebuild(
    record: FigureRecord, arm: Arm, seed: int, method: Method | str, points: PointKind | str | None
) -> Reconstruction:
    if arm.name not in record.curves:
        raise RecordError(
            f"{record.name}, arm {arm.name}", "every arm has points", "none", "add its CSV, or remove the arm"
        )
    return reconstruct(
        record.curves[arm.name],
        n=arm.n,
        risk_table=record.risk_tables.get(arm.name),
        events=arm.events,
        censor_times=record.censor_times.get(arm.name),
        method=method,
        rng=generator(seed, record.document.arms.index(arm)),
        arm=arm.name,
        points=record.document.axes.points if points is None else points,
    )


def _checks(
    document: RecordDocument,
    arms: Sequence[ArmSummary],
    comparisons: Sequence[Comparison],
    rebuilt: Mapping[str, Reconstruction],
) -> tuple[Agreement, ...]:
    """Check contrasts first, then every arm; totals of events built the arm and check nothing."""
    contrasts = check_comparisons(comparisons, document.facts, document.explained)
    singles = chain.from_iterable(
        check_arm(
            arm,
            document.facts,
            document.explained,
            used=document.facts_of(Quantity.EVENTS, arm.name),
            identified=rebuilt[arm.name].diagnostics.get("events_low")
            == rebuilt[arm.name].diagnostics.get("events_high"),
            pixel=document.axes.resolution_time or 0.0,
        )
        for arm in arms
    )
    return (*contrasts, *singles)
