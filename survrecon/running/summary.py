"""Run a record of printed numbers: rebuild it, check each number by leaving it out, weight draws by facts."""

from __future__ import annotations

from dataclasses import replace
from functools import cache
from math import log
from typing import TYPE_CHECKING

from survrecon.analysis.comparison import compare_arms, contrast_draws, hazard_ratio_of
from survrecon.analysis.results import Comparison, arms_of
from survrecon.callers import option_name
from survrecon.checks.agreement import check_arm, check_comparisons, check_fact, mark_constraints_as_used
from survrecon.checks.results import Agreement, LandmarkRatio, RecordResult, Scenario, Verdict, without_verdict
from survrecon.checks.settings import MEASURED_COVERAGE
from survrecon.errors import ConstraintError, ReconstructionError
from survrecon.files.outputs import sha256_of
from survrecon.model.diagnostics import fewest_draws
from survrecon.model.estimate import Estimate, Interval, Scale, Status
from survrecon.model.published import Bound, PublishedFact, Quantity
from survrecon.model.quantities import QUANTITIES
from survrecon.model.repair import estimate_resolution
from survrecon.model.settings import NUMERICAL_NOISE
from survrecon.reconstruction.summary.draws import draw_summary
from survrecon.reconstruction.summary.inputs import PrintedMedian, SummaryArm, SurvivalPoint, scenarios, summary_arms
from survrecon.reconstruction.summary.reconstruct import reconstruct_summary
from survrecon.records.readings import Basis, ReadValue, readings_csv
from survrecon.running.folder import generator
from survrecon.running.joint import join_other_cutoff
from survrecon.weighting.constrain import constrain
from survrecon.weighting.constraints import constraints_of

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Mapping, Sequence

    import numpy as np

    from survrecon.model.ipd import PseudoIPD, Reconstruction
    from survrecon.records.folder import FigureRecord
    from survrecon.records.schema import RecordDocument
    from survrecon.weighting.constraints import Constrained, Constraint

__all__ = [
    "LEFT_OUT_DRAWS",
    "SCENARIO_DRAWS",
    "check_left_out",
    "checkable_facts",
    "landmark_ratios",
    "printed_numbers",
    "record_constraints",
    "run_summary_record",
    "weight_curves",
    "weight_summary",
    "why_not_buildable",
]

_SEEDED = {
    SummaryArm: ("name", "n", "points", "median", "median_not_reached", "events", "events_at_least", "bounds"),
    SurvivalPoint: ("time", "survival", "rounding"),
    PrintedMedian: ("time", "rounding", "low", "high", "level"),
}
"""What of an arm's printed numbers its random stream depends on, in order: a field that is added moves no stream."""


def printed_numbers(arms: Sequence[SummaryArm]) -> str:
    """Return the text that a summary record's random streams start from: its printed numbers, without arms' names."""
    return "[" + ", ".join(_seeding(replace(arm, name="")) for arm in arms) + "]"


def _seeding(value: object) -> str:
    """Return a value as it stands in the text of a random stream."""
    if isinstance(value, tuple):
        return "(" + ", ".join(map(_seeding, value)) + ("," if len(value) == 1 else "") + ")"
    for kind, fields in _SEEDED.items():
        if isinstance(value, kind):
            return f"{kind.__name__}({', '.join(f'{name}={_seeding(getattr(value, name))}' for name in fields)})"
    return repr(value)


def weight_curves(
    record: FigureRecord, rebuilt: Mapping[str, Reconstruction], wanted: Sequence[Constraint], *, draws: int, seed: int
) -> Constrained | None:
    """Weight draws of arms that were read from a figure; ``None`` where nothing is asked for."""
    if not wanted:
        return None
    pixel = record.document.axes.resolution_time
    reading = {
        name: (estimate_resolution(record.curves[name]).time if pixel is None else pixel) / 2 for name in rebuilt
    }
    rng = generator(seed, "constraints")
    return constrain(list(rebuilt.values()), wanted, draws=draws, time_reading=reading, rng=rng)


def weight_summary(
    record: FigureRecord,
    arms: Sequence[SummaryArm],
    rebuilt: Mapping[str, Reconstruction],
    wanted: Sequence[Constraint],
    *,
    draws: int,
    seed: int,
) -> Constrained | None:
    """Weight draws of a summary record; draw i of every arm shares one follow-up design, so they stay together."""
    if not wanted:
        return None

    @cache
    def more(k: int) -> dict[str, list[PseudoIPD]]:
        made = reconstruct_summary(
            arms,
            record.document.follow_up,
            time_unit=record.document.axes.time_unit,
            draws=k,
            rng=generator(seed, printed_numbers(arms)),
        )
        most = fewest_draws(k, made)
        return {name: result.draws(most) for name, result in made.items()}

    def drawer(name: str) -> Callable[[int], list[PseudoIPD]]:
        return lambda k: more(k)[name]

    growing = [replace(result, drawer=drawer(name)) for name, result in rebuilt.items()]
    return constrain(growing, wanted, draws=draws, paired=True, rng=generator(seed, "constraints"))


def record_constraints(record: FigureRecord, wanted: Sequence[Constraint]) -> FigureRecord:
    """Note in the record's readings which printed facts weight the draws; the others are checks."""
    file = record.document.digitized.readings
    used = {constraint.fact.statement for constraint in wanted}
    readings = tuple(_said(reading, used) for reading in record.readings)
    if file is None or readings == record.readings:
        return record
    file = file.model_copy(update={"sha256": sha256_of(readings_csv(readings))})
    digitized = record.document.digitized.model_copy(update={"readings": file})
    return replace(record, readings=readings, document=record.document.model_copy(update={"digitized": digitized}))


def _said(reading: ReadValue, used: Collection[str]) -> ReadValue:
    if reading.basis not in (Basis.CHECK, Basis.CONSTRAINT):
        return reading
    return replace(reading, basis=Basis.CONSTRAINT if reading.used in used else Basis.CHECK)


LEFT_OUT_DRAWS = 60
"""Draws of a leave-one-out check: enough for the 95% interval of the difference."""


def checkable_facts(document: RecordDocument) -> tuple[PublishedFact, ...]:
    """Return the printed facts of single arms that can build or be checked, control first."""
    order = [document.control.name, *(arm.name for arm in document.treatments)]
    kinds = [row.key for row in QUANTITIES if row.builds]
    facts = [fact for fact in document.facts if fact.quantity in kinds]

    def place(fact: PublishedFact) -> tuple[int, bool, int, float]:
        """Survival probabilities first, in order of time."""
        return order.index(str(fact.arm)), fact.at is None, kinds.index(fact.quantity), fact.at or 0.0

    return tuple(sorted(facts, key=place))


def check_left_out(document: RecordDocument, fact: PublishedFact, rng: np.random.Generator) -> Agreement:
    """Rebuild a fact's arm without it, and without what derives from it, and compare.

    A median leaves together with its interval, for both come of the same stretch of the curve. Where
    nothing is left that fixes the arm's level, the fact is "not checkable".
    """
    arms = summary_arms(document, without=fact)
    mine = next(arm for arm in arms if arm.name == fact.arm)
    if fact.value == "not estimable":
        return without_verdict(fact, Verdict.NOT_CHECKABLE, "printed as not estimable: there is no number to compare")
    if not mine.is_buildable:
        return without_verdict(fact, Verdict.NOT_CHECKABLE, "nothing is left to build this arm from")
    try:
        drawn = draw_summary(
            arms,
            document.follow_up,
            time_unit=document.axes.time_unit,
            k=LEFT_OUT_DRAWS,
            rng=rng,
            only=[mine.name],
        )
    except ReconstructionError as error:
        return without_verdict(fact, Verdict.NOT_CHECKABLE, f"nothing can be built without it: {error.got}")
    left = "total events alone" if not mine.has_survival_point else "the arm's other printed numbers"
    return check_fact(
        fact,
        drawn.ipd[mine.name],
        widening=MEASURED_COVERAGE.widening(document.digitized.kind),
        explanations=document.explained,
        note=f"left out; rebuilt from {left}",
    )


SCENARIO_DRAWS = 40
"""Draws of a scenario: its mean is then known to a sixth of the reconstruction error."""


def run_summary_record(
    record: FigureRecord, *, draws: int, seed: int, use: Sequence[str] = (), command: str = ""
) -> RecordResult:
    """Rebuild a summary record, or say why it cannot be.

    Parameters
    ----------
    record : FigureRecord
        Of kind ``summary``.
    draws : int
        Data sets per arm.
    seed : int
        The same seed gives the same result, whatever else is run.
    use : sequence of str
        Printed hazard ratios and p values that weight the draws.

    Raises
    ------
    ConstraintError
        If a statistic of ``use`` may not weight draws, or hardly any draw agrees with it.
    """
    document = record.document
    wanted = constraints_of(document, use)
    arms = summary_arms(document)
    reason = why_not_buildable(arms)
    if reason is not None:
        if wanted:
            raise ConstraintError(option_name("use"), "draws to be weighted", f"none: {reason}", "leave it out")
        return _not_buildable(record, reason, seed, command)
    return _rebuilt_record(record, arms, wanted, draws=draws, seed=seed, command=command)


def _rebuilt_record(
    record: FigureRecord,
    arms: Sequence[SummaryArm],
    wanted: Sequence[Constraint],
    *,
    draws: int,
    seed: int,
    command: str,
) -> RecordResult:
    """Rebuild the arms of a summary record, weight them, compare them and check what is printed."""
    document = record.document
    rebuilt = reconstruct_summary(
        arms,
        document.follow_up,
        time_unit=document.axes.time_unit,
        draws=draws,
        rng=generator(seed, printed_numbers(arms)),
    )
    draws = fewest_draws(draws, rebuilt)
    weighted = weight_summary(record, arms, rebuilt, wanted, draws=draws, seed=seed)
    unweighted, rebuilt = rebuilt, rebuilt if weighted is None else weighted.reconstructions
    comparisons = tuple(
        compare_arms(
            control=rebuilt[document.control.name],
            treatment=rebuilt[arm.name],
            milestones=document.survival_times,
            draws=draws,
            printed_tau=document.printed_tau(document.control.name, arm.name),
        )
        for arm in document.treatments
    )
    result = RecordResult(
        record=record,
        reconstructions=rebuilt,
        arms=arms_of(comparisons),
        comparisons=comparisons,
        checks=mark_constraints_as_used(_checks(record, arms, comparisons, seed), wanted),
        scenarios=_sensitivity(record, arms, comparisons[0], unweighted, draws, seed, weighted=weighted is not None),
        landmark_ratios=landmark_ratios(document),
        draws=draws,
        seed=seed,
        command=command,
        constraints=None if weighted is None else weighted.constraints,
    )
    return join_other_cutoff(result, streams=lambda both: printed_numbers(both.earlier) + printed_numbers(both.later))


def why_not_buildable(arms: Sequence[SummaryArm]) -> str | None:
    """Return why a record cannot be built: an arm with no printed survival point."""
    bare = [arm.name for arm in arms if not arm.has_survival_point]
    if not bare:
        return None
    but = ", but as a bound" if any(arm.bounds for arm in arms if arm.name in bare) else ""
    return f"no survival probability and no median is printed for {' and '.join(bare)}{but}"


def landmark_ratios(document: RecordDocument) -> tuple[LandmarkRatio, ...]:
    """Return ln S(treatment) / ln S(control) at every time printed for both arms.

    It is the hazard ratio if hazards are proportional up to that time and nothing else is known; its
    interval is that of rounding alone.
    """
    control = {fact.at: fact for fact in _known_survival(document, document.control.name)}
    return tuple(
        _landmark_ratio(fact, control[fact.at], arm.name, document.control.name)
        for arm in document.treatments
        for fact in _known_survival(document, arm.name)
        if fact.at in control
    )


def _known_survival(document: RecordDocument, arm: str) -> list[PublishedFact]:
    """Return the printed survival probabilities of an arm that are no bounds."""
    return [fact for fact in document.facts_of(Quantity.SURVIVAL, arm) if fact.bound is Bound.EXACT]


def _landmark_ratio(treatment: PublishedFact, control: PublishedFact, of: str, over: str) -> LandmarkRatio:
    def ratio(shift: float) -> float:
        upper = min((treatment.number or 0) + shift * treatment.rounding, 1 - NUMERICAL_NOISE)
        lower = max((control.number or 0) - shift * control.rounding, NUMERICAL_NOISE)
        return log(upper) / log(lower)

    return LandmarkRatio(
        at=treatment.at or 0.0,
        ratio=Estimate(
            value=ratio(0), interval=Interval(low=ratio(1), high=ratio(-1)), scale=Scale.LOG, of=of, over=over
        ),
        note="ratio of ln S; the interval is that of rounding alone",
    )


def _checks(
    record: FigureRecord, arms: Sequence[SummaryArm], comparisons: Sequence[Comparison], seed: int
) -> tuple[Agreement, ...]:
    document = record.document
    widening = MEASURED_COVERAGE.widening(record.kind)
    contrasts = check_comparisons(comparisons, document.facts, document.explained, widening=widening)
    areas = [fact for fact in document.facts if not fact.quantity.definition.builds]
    facts = checkable_facts(document)
    return (
        *contrasts,
        *(
            check
            for arm in arms_of(comparisons)
            for check in check_arm(arm, areas, document.explained, widening=widening)
        ),
        *(check_left_out(document, fact, generator(seed, printed_numbers(arms), fact.label)) for fact in facts),
    )


def _sensitivity(
    record: FigureRecord,
    arms: Sequence[SummaryArm],
    main: Comparison,
    rebuilt: Mapping[str, Reconstruction],
    draws: int,
    seed: int,
    *,
    weighted: bool,
) -> tuple[Scenario, ...]:
    """Return the hazard ratio of the first contrast as printed, and under each scenario; draws are not weighted."""
    ratio, found = main.hazard_ratio, []
    if weighted:
        found = [Scenario(name="as printed, weighted", description="draws weighted by constraints", hazard_ratio=ratio)]
        fits = contrast_draws(rebuilt[main.over].draws(draws), rebuilt[main.of].draws(draws))
        ratio = hazard_ratio_of(fits, of=main.of, over=main.over)
    found.append(Scenario(name="as printed", description="all draws", hazard_ratio=ratio))
    for variation in scenarios(arms, record.document.follow_up):
        try:
            drawn = draw_summary(
                arms,
                record.document.follow_up,
                time_unit=record.document.axes.time_unit,
                k=SCENARIO_DRAWS,
                rng=generator(seed, printed_numbers(arms), variation.name),
                variation=variation,
            )
        except ReconstructionError as error:
            found.append(
                Scenario(
                    name=variation.name,
                    description=f"{variation.description}: contradicts the printed numbers ({error.got})",
                    hazard_ratio=Estimate(value=None, status=Status.NOT_ESTIMABLE, of=main.of, over=main.over),
                )
            )
            continue
        fits = contrast_draws(drawn.ipd[main.over], drawn.ipd[main.of])
        found.append(
            Scenario(
                name=variation.name,
                description=variation.description,
                hazard_ratio=hazard_ratio_of(fits, of=main.of, over=main.over),
            )
        )
    return tuple(found)


def _not_buildable(record: FigureRecord, reason: str, seed: int, command: str) -> RecordResult:
    document = record.document
    never_build = [row.key for row in QUANTITIES if row.is_checked and not row.builds]
    checks = (*(fact for quantity in never_build for fact in document.facts_of(quantity)), *checkable_facts(document))
    return RecordResult(
        record=record,
        reconstructions={},
        arms=(),
        comparisons=(),
        checks=tuple(without_verdict(fact, Verdict.NOT_BUILDABLE, reason) for fact in checks),
        landmark_ratios=landmark_ratios(document),
        not_buildable=reason,
        seed=seed,
        command=command,
    )
