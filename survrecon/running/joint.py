"""A record of printed numbers together with another data cut-off of the same patients, beside the record alone."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np

from survrecon.analysis.comparison import compare_arms, contrast_draws, kaplan_meier_curves
from survrecon.analysis.medians import median_draws, survival_draws
from survrecon.checks.agreement import check_comparisons
from survrecon.checks.cutoffs import JointAnalysis, Narrowed, overlapping_pairs, two_cutoffs, why_not_joined
from survrecon.checks.results import draws_interval
from survrecon.errors import ReconstructionError, RecordError
from survrecon.model.estimate import Estimate, Interval, Scale
from survrecon.model.quantities import Quantity
from survrecon.model.settings import DECIMALS
from survrecon.reconstruction.summary.joint import draw_joint
from survrecon.records.folder import RECORD_FILE, read_document, record_folder
from survrecon.running.folder import generator

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence

    from survrecon.arrays import FloatArray
    from survrecon.checks.cutoffs import FactPair
    from survrecon.checks.results import RecordResult
    from survrecon.model.ipd import PseudoIPD
    from survrecon.reconstruction.summary.joint import JointDraws, TwoCutoffs
    from survrecon.records.folder import FigureRecord
    from survrecon.records.schema import RecordDocument

__all__ = ["join_other_cutoff"]

_CONTRASTS = (Quantity.HAZARD_RATIO, Quantity.LOGRANK_P)
"""What is checked against the joint analysis: nothing of a single arm, since those facts build it."""


def join_other_cutoff(result: RecordResult, *, streams: Callable[[TwoCutoffs], str]) -> RecordResult:
    """Return a result with the joint analysis beside it, where its record names another cut-off.

    Parameters
    ----------
    result : RecordResult
        Of the record alone.
    streams : callable
        The text that random streams start from: what both cut-offs print.
    """
    named = result.record.document.other_cutoff
    if named is None or not result.reconstructions:
        return result
    if result.constraints is not None:
        refused = "printed statistics weight the draws; run the record without them"
        return replace(result, joint=JointAnalysis(other=named.record, refused=refused))
    return replace(result, joint=_joined(result, named.record, streams))


def _joined(result: RecordResult, name: str, streams: Callable[[TwoCutoffs], str]) -> JointAnalysis:
    """Read the other record, ask whether the two may be joined, test what both print, and join them."""
    document = result.record.document
    try:
        other = read_document(_beside(result.record, name))
    except RecordError as error:
        return JointAnalysis(other=name, refused=f"the record cannot be read: {error.got}")
    is_later = _is_later(document, other)
    earlier, later = (other, document) if is_later else (document, other)
    joint = JointAnalysis(other=name, is_later=is_later)
    reasons = why_not_joined(earlier, later)
    if reasons:
        return replace(joint, refused="; ".join(reasons))
    cutoffs = two_cutoffs(earlier, later)
    text = streams(cutoffs)
    try:
        pairs = overlapping_pairs(cutoffs, generator(result.seed, text, "pairs"))
        joint = replace(joint, pairs=pairs)
        if any(pair.refuses for pair in pairs):
            return replace(joint, refused=_apart(pairs))
        drawn = draw_joint(cutoffs, k=result.draws, rng=generator(result.seed, text))
    except ReconstructionError as error:
        return replace(joint, refused=f"{error.rule}: {error.got}")
    return _with_results(joint, result, other, drawn)


def _beside(record: FigureRecord, name: str) -> str:
    """Return the folder of the other record: beside this one, or in the catalogue."""
    beside = record.folder.parent / name
    return str(beside if (beside / RECORD_FILE).is_file() else record_folder(name))


def _is_later(document: RecordDocument, other: RecordDocument) -> bool:
    windows = [one.follow_up.window(one.axes.time_unit) for one in (document, other)]
    return windows[0] is not None and windows[1] is not None and windows[0][1] > windows[1][1]


def _apart(pairs: Sequence[FactPair]) -> str:
    apart = (
        f"{pair.label}: {pair.earlier:g} and then {pair.later:g}, z = {pair.z:.1f}" for pair in pairs if pair.refuses
    )
    return f"not of the same patients, or assessed anew: {'; '.join(apart)}"


def _with_results(
    joint: JointAnalysis, result: RecordResult, other: RecordDocument, drawn: JointDraws
) -> JointAnalysis:
    """Compare the arms over the joint draws of the record's own cut-off, and check its printed contrasts."""
    document = result.record.document
    both = drawn.later if joint.is_later else drawn.earlier
    comparisons = tuple(
        compare_arms(
            control=both[one.over], treatment=both[one.of], milestones=document.survival_times, draws=result.draws
        )
        for one in result.comparisons
    )
    facts = [fact for fact in document.facts if fact.quantity in _CONTRASTS]
    alone = {name: made.draws(result.draws) for name, made in result.reconstructions.items()}
    borrowed_times = other.survival_times if joint.is_later else ()  # the later times are hardly seen at the earlier
    times = sorted({*document.survival_times, *borrowed_times})
    return replace(
        joint,
        borrowed=tuple(fact.statement for fact in other.facts if fact.quantity.definition.builds),
        quantities=tuple(_narrowed(result, alone, both, times)),
        checks=check_comparisons(comparisons, facts, document.explained),
        effective=drawn.effective,
        data_sets=drawn.data_sets,
        own_draws=both,
    )


def _narrowed(
    result: RecordResult,
    alone: Mapping[str, Sequence[PseudoIPD]],
    both: Mapping[str, Sequence[PseudoIPD]],
    times: Sequence[float],
) -> Iterator[Narrowed]:
    """Set every quantity by the cut-off alone beside the same by both."""
    for one in result.comparisons:
        ratios = [np.exp(contrast_draws(draws[one.over], draws[one.of]).log_hr) for draws in (alone, both)]
        yield _row(f"hazard ratio, {one.of} over {one.over}", ratios, DECIMALS.ratio, Scale.LOG)
    for name in alone:
        curves = [kaplan_meier_curves(draws[name]) for draws in (alone, both)]
        yield _row(
            f"events, {name}", [np.array([float(ipd.events) for ipd in draws[name]]) for draws in (alone, both)], 0
        )
        for at in times:
            yield _row(f"survival at {at:g}, {name}", [survival_draws(each, at) for each in curves], DECIMALS.survival)
        medians = [median_draws(each) for each in curves]
        if all(np.isfinite(each).all() for each in medians):
            yield _row(f"median, {name}", medians, DECIMALS.time)


def _row(label: str, draws: Sequence[FloatArray], decimals: int, scale: Scale = Scale.IDENTITY) -> Narrowed:
    alone, joint = (_estimate(each, scale) for each in draws)
    return Narrowed(label=label, alone=alone, joint=joint, decimals=decimals)


def _estimate(draws: FloatArray, scale: Scale) -> Estimate:
    low, high = draws_interval(draws)
    return Estimate(value=float(np.median(draws)), interval=Interval(low=low, high=high), scale=scale)
