"""Weight posterior draws by printed statistics (importance weights), and say how far paper and figure disagree."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from functools import cache
from math import inf
from typing import TYPE_CHECKING

import numpy as np

from survrecon.callers import option_name
from survrecon.errors import ConstraintError
from survrecon.model.estimate import Interval, format_decimals
from survrecon.model.ipd import PseudoIPD, Reconstruction, fixed_draws, nearest_to_middle
from survrecon.model.published import ModelKind, PublishedFact, Quantity
from survrecon.model.settings import DRAWS_QUANTILES, SEEDS
from survrecon.weighting.constraints import Constrained, Constraint, Constraints, UsedConstraint, constraint_of
from survrecon.weighting.search import ENOUGH, FEWEST, LEVELS, LEVELS_TOGETHER, WIDEN, Search, Weighted, resampled

if TYPE_CHECKING:
    from survrecon.arrays import FloatArray
    from survrecon.weighting.boxes import PrintedRange

__all__ = ["constrain", "described", "refusal"]

_NEAR = 2.0  # standard deviations: what lies closer is not named as the disagreement
_MOST_NAMED = 3
_TINY = 1e-12


def described(constraint: Constraint, found: tuple[FloatArray, list[PrintedRange]]) -> UsedConstraint:
    """Return a constraint with the estimate of the unweighted draws beside it."""
    likelihood, boxes = found
    value, interval = _figure_alone(boxes[0])
    return UsedConstraint(
        constraint=constraint,
        without=value,
        interval=interval,
        distance=max(_distance(box) for box in _nearest_range_per_number(boxes)),
        share=float(likelihood.mean()),
    )


def refusal(search: Search, weighted: Weighted, used: Sequence[UsedConstraint]) -> ConstraintError:
    """Return the error that says how far the paper lies from what the figure allows."""
    boxes = [box for _, found in search.boxes() for box in _nearest_range_per_number(found)]
    far = [box for box in boxes if _distance(box) > _NEAR]
    told = [_told(box) for box in sorted(far, key=_distance, reverse=True)[:_MOST_NAMED]]
    if not told and len(boxes) == 1:
        told = [f"{_told(boxes[0])}, and {used[0].share:.1%} of the draws print it"]
    if not told:
        least = min(used, key=lambda u: u.share)
        told = [
            "each printed number by itself is within reach of the figure, but hardly any data set prints all of them; "
            f"the fewest draws ({least.share:.1%}) print {least.constraint.printed}"
        ]
    size = len(search.arms[search.names[0]].draws)
    return ConstraintError(
        option_name("use"),
        f"an effective sample size of at least {FEWEST} data sets that agree with figure and paper",
        f"{weighted.effective_size:.1f} of {size} data sets per arm ({weighted.tried} combinations): {'; '.join(told)}",
        "look whether the printed number is of the same patients, data cut-off and an unadjusted model, and whether "
        "the figure was read right; hr-value and median-value leave printed intervals aside",
    )


def _nearest_range_per_number(boxes: Sequence[PrintedRange]) -> list[PrintedRange]:
    """Return the nearest range of each printed number; a median's limit has one range per scale of its band."""
    groups: dict[str, list[PrintedRange]] = {}
    for box in boxes:
        groups.setdefault(box.name.split(" (")[0], []).append(box)
    return [min(group, key=_distance) for group in groups.values()]


def _figure_alone(box: PrintedRange) -> tuple[float | None, Interval | None]:
    """Return mean and 95% interval of the draws; nothing where fewer than half have the number."""
    known = np.isfinite(box.values)
    if 2 * known.sum() <= known.size:
        return None, None
    measured = box.measured(box.values[known])
    ends = sorted(box.back(float(v)) for v in np.quantile(measured, DRAWS_QUANTILES))
    return box.back(float(measured.mean())), Interval(low=ends[0], high=ends[1])


def _distance(box: PrintedRange) -> float:
    """Return the distance of the draws' mean from the range, in their standard deviations."""
    known = np.isfinite(box.values)
    if np.isinf(box.low) and np.isinf(box.high) and box.low == box.high:  # printed as not reached
        return inf if known.all() else 0.0
    if 2 * known.sum() <= known.size:
        return inf
    values = box.measured(box.values[known])
    low, high = sorted(float(v) for v in box.measured(np.array([box.low, box.high])))
    off = max(low - float(values.mean()), float(values.mean()) - high, 0.0)
    spread = float(values.std())
    return off / spread if spread > _TINY else (inf if off > _TINY else 0.0)


def _told(box: PrintedRange) -> str:
    value, interval = _figure_alone(box)
    if value is None or interval is None:
        return f"printed {box.name} {box.printed}, and most draws have none"
    figure = f"{format_decimals(value, box.decimals)} ({interval.format(box.decimals)})"
    if box.sides:
        figure = f"{value:.2g} ({interval.low:.2g} to {interval.high:.2g})"
    distance = _distance(box)
    how = "out of reach" if np.isinf(distance) else f"{distance:.1f} standard deviations of the draws"
    return f"printed {box.name} {box.printed} lies {how} from what the figure allows: {figure}"


_SEED = 0


def constrain(
    arms: Sequence[Reconstruction],
    facts: Sequence[PublishedFact | Constraint],
    *,
    draws: int = 200,
    time_reading: float | Mapping[str, float] = 0.0,
    paired: bool = False,
    rng: np.random.Generator | None = None,
) -> Constrained:
    """Weight the draws of all arms of a trial by statistics that the paper prints.

    What is weighted are pairs of draws, one of each arm, from the joint prior of their follow-up that pairs them
    everywhere else (`Reconstruction.shared_follow_up`): of 200 per arm up to 40,000 trials. A trial has weight 1 if it
    prints the paper's numbers after the paper's rounding, else 0: hazard ratio and its Wald limits by Cox's model with
    Efron ties, log-rank p, Kaplan-Meier median, its limits by the plain, log and log-log bands (a third each),
    survival at a time. The pairs returned are resampled by weight, so that whatever is computed of them holds both
    figure and printed statistics. More data sets are drawn, up to four times as many, where few print everything; if
    fewer than 50 still do, each printed number is taken 0.05 or 0.2 standard deviations of the draws wider on either
    side, and assumptions say so.

    Parameters
    ----------
    arms : sequence of Reconstruction
        Of a method that draws, each under its own name.
    facts : sequence of PublishedFact or Constraint
        Unadjusted, of the same patients and data. A ``Constraint`` may leave an interval aside.
    draws : int
        Data sets per arm to return.
    time_reading : float or mapping of str to float
        How far off the times of the points may be, in their unit: half a pixel. Printed times are
        compared within their rounding and this.
    paired : bool
        Whether draw i of every arm belongs together, as where they share a follow-up design.
    rng : Generator or None
        Pairs draws; ``None`` is a fixed seed, so that runs repeat.

    Returns
    -------
    Constrained
        Reconstructions by arm, whose draws belong together one by one, and what was used with the effective
        sample size. ``compare_arms`` takes the reconstructions as any others.

    Raises
    ------
    ConstraintError
        If a method gives one data set only, a fact may not be used, or fewer than 50 effective data sets
        agree with both figure and paper; the message says how far apart they are.

    References
    ----------
    Kish, Survey Sampling, 1965, section 11.7, for the effective sample size.

    Examples
    --------
    >>> from survrecon import PublishedFact, SurvivalCurve, compare_arms, reconstruct
    >>> months = np.arange(0, 37.0)
    >>> rebuilt = [
    ...     reconstruct(SurvivalCurve(time=months, survival=np.exp(-months / mean).round(2)), n=150, arm=arm)
    ...     for arm, mean in (("placebo", 20), ("drug", 30))
    ... ]
    >>> fact = PublishedFact(quantity="hazard_ratio", of="drug", over="placebo", value=0.7, decimals=1,
    ...                      model="unadjusted", place="text", source="paper")
    >>> found = constrain(rebuilt, [fact])
    >>> comparison = compare_arms(control=found.reconstructions["placebo"], treatment=found.reconstructions["drug"])
    >>> bool((np.abs(np.exp(comparison.log_hazard_ratios) - 0.7) <= 0.05).all())
    True
    """
    named = _named(arms)
    plain = [fact.fact if isinstance(fact, Constraint) else fact for fact in facts]
    wanted = [f if isinstance(f, Constraint) else constraint_of(f, plain, list(named)) for f in facts]
    if not wanted:
        raise ConstraintError("facts", "at least one printed statistic", "none", "compare the arms as they are")
    seed = int((np.random.default_rng(_SEED) if rng is None else rng).integers(SEEDS))
    reading = time_reading if isinstance(time_reading, Mapping) else dict.fromkeys(named, time_reading)
    search, weighted = _searched(named, wanted, draws, reading, paired, seed)
    used = tuple(map(described, wanted, search.boxes()))
    if weighted.effective_size < FEWEST:
        raise refusal(search, weighted, used)
    report = Constraints(
        used=used,
        effective_sample_size=weighted.effective_size,
        data_sets=len(search.arms[search.names[0]].draws),
        combinations=weighted.tried,
        assumptions=_assumptions(wanted, search.widen),
    )
    rows = resampled(weighted, draws, np.random.default_rng([seed, 0]))
    sets = {name: [search.arms[name].draws[i] for i in rows[:, m]] for m, name in enumerate(search.names)}
    middle = nearest_to_middle(*sets.values())
    return Constrained(
        reconstructions={name: _weighted(named[name], sets[name], middle, report) for name in named},
        constraints=report,
    )


def _named(arms: Sequence[Reconstruction]) -> dict[str, Reconstruction]:
    named = {arm.ipd.arm: arm for arm in arms}
    if len(named) < len(arms):
        raise ConstraintError("arms", "each its own name", ", ".join(a.ipd.arm for a in arms), "give arm= to each")
    for name, arm in named.items():
        if not arm.has_draws:
            raise ConstraintError(
                f"arm {name}",
                "constraints weight the draws of a method that samples",
                f"method {arm.method}, which returns one data set",
                "use the method statespace",
            )
    return named


def _searched(
    named: Mapping[str, Reconstruction],
    wanted: Sequence[Constraint],
    draws: int,
    reading: Mapping[str, float],
    paired: bool,
    seed: int,
) -> tuple[Search, Weighted]:
    """Draw, weight, and draw more while too few agree and there is hope; widen the boxes only if that fails."""
    base, levels = max(draws, 2 * ENOUGH), LEVELS_TOGETHER if paired else LEVELS
    shared = {name: arm.shared_follow_up for name, arm in named.items()}
    made = cache(lambda times: {name: arm.draws(times * base) for name, arm in named.items()})
    for widen in WIDEN:
        for times in levels:
            search = Search(made(times), wanted, reading=reading, paired=paired, seed=seed, shared=shared, widen=widen)
            weighted = search.run()
            size, further = weighted.effective_size, levels[-1] // times
            if size >= ENOUGH or 2 * (size + 1) * further < FEWEST:
                break
        if weighted.effective_size >= FEWEST:
            break
    return search, weighted


def _assumptions(wanted: Sequence[Constraint], widen: float) -> tuple[str, ...]:
    facts = [c.fact for c in wanted]
    found = ["printed statistics that weight the draws are of the figure's patients, data and an unadjusted model"]
    if widen:
        found.append(
            "too few draws print these statistics to the last decimal: each is taken "
            f"{widen:g} standard deviations of the draws wider on either side"
        )
    unstated = dict.fromkeys(f.label for f in facts if f.model is ModelKind.NOT_STATED)
    if unstated:
        found.append(f"the model behind {', '.join(unstated)} is not stated: taken as unadjusted")
    limits = [c.fact for c in wanted if c.fact.interval is not None and not c.value_only]
    if any(f.quantity is Quantity.HAZARD_RATIO for f in limits):
        found.append("printed intervals of hazard ratios are Wald's of Cox's model, ties by Efron; papers seldom say")
    if any(f.quantity is Quantity.MEDIAN for f in limits):
        found.append("printed intervals of medians come of the plain, log or log-log band, each as likely as another")
    found += [f"{f.label}: {f.note}" for f in facts if f.note and f.model is not None]
    return tuple(found)


def _weighted(arm: Reconstruction, sets: list[PseudoIPD], middle: int, report: Constraints) -> Reconstruction:
    return replace(
        arm,
        ipd=sets[middle],
        diagnostics=replace(
            arm.diagnostics,
            largest_residual=None,
            constraints="; ".join(used.constraint.printed for used in report.used),
            effective_sample_size=round(report.effective_sample_size, 1),
        ),
        assumptions=(*arm.assumptions, *report.assumptions),
        drawer=fixed_draws(arm.ipd.arm, sets),
        given=None,  # rebuilding from the figure alone would not give these draws again
    )
