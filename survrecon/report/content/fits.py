"""Fitted models in words: how they compare in each arm, and what they say up to the horizon."""

from __future__ import annotations

from typing import TYPE_CHECKING

from survrecon.analysis.fits.choice import HANGS_ON_THE_READING, HANGS_ON_THE_SAMPLE
from survrecon.report.content.words import NOT_REAL
from survrecon.report.table import TextTable

if TYPE_CHECKING:
    from collections.abc import Sequence

    from survrecon.analysis.fits.choice import CriterionSpread, ModelChoice
    from survrecon.analysis.fits.extrapolation import Extrapolation, ModelExtrapolation
    from survrecon.analysis.fits.pooling import PooledValues

__all__ = ["choice_tables", "extrapolation_tables", "fit_tables"]


def fit_tables(extrapolation: Extrapolation, choice: Sequence[ModelChoice]) -> list[TextTable]:
    """Return a table of the models of each arm, and one of what they say up to the horizon."""
    return [*choice_tables(choice), *extrapolation_tables(extrapolation)]


def choice_tables(choice: Sequence[ModelChoice]) -> list[TextTable]:
    """Return how the models of each arm compare, one table an arm."""
    columns = (
        "model",
        "AIC",
        "BIC",
        "behind the best (95% of draws)",
        "lowest in draws",
        "lowest in bootstraps",
        "note",
    )
    found = []
    for arm in dict.fromkeys(one.arm for one in choice):
        rows = tuple(
            (
                one.model,
                f"{one.aic:.1f}",
                f"{one.bic:.1f}",
                _spread(one.behind_best),
                _share(one.lowest_in_draws),
                _share(one.lowest_in_bootstraps),
                "" if one.identified else f"not identified: {one.reason}",
            )
            for one in choice
            if one.arm == arm
        )
        notes = ["behind the best: AIC less the lowest in the same draw, median and 95% range over draws"]
        if any(one.lowest_in_draws is not None for one in choice):
            notes.append(f"lowest in draws: share of reconstructions with the lowest AIC: {HANGS_ON_THE_READING}")
        if any(one.lowest_in_bootstraps is not None for one in choice):
            notes.append(f"lowest in bootstraps: {HANGS_ON_THE_SAMPLE}")
        heading = "Models of all arms jointly" if arm == "joint" else f"Models of {arm}"
        found.append(
            TextTable(
                heading=heading, columns=columns, rows=rows, notes=tuple(notes), numeric=columns[1:3],
                stacked={"note": "model"},
            )
        )  # fmt: skip
    return found


def extrapolation_tables(result: Extrapolation) -> list[TextTable]:
    """Return what the identified models of each arm say up to the horizon, one table an arm."""
    unit, found = result.fits.time_unit, []
    for arm in result.fits.arm_names:
        models = result.of_arm(arm)
        if not models:
            continue
        times = [f"S({time:g})" for time in models[0].milestones]
        rows = tuple(
            (
                one.model,
                _pooled(one.mean, 0, 1),
                *_errors(one.mean),
                "not reached" if one.median is None else _pooled(one.median, 0, 1),
                *(_pooled(one.milestone_survival, place, 3) for place in range(len(times))),
                _floor(one),
            )
            for one in models
        )
        columns = ("model", f"mean to {result.horizon:g} (95% CI)", "sampling SE", "reconstruction SE", "median")
        low, high = result.range_of_means(arm)
        caution = result.caution(arm)
        notes = (
            f"range of the means over models: {low:.1f} to {high:.1f} {unit}; models are not averaged",
            f"standard errors are of the log mean; horizon {result.horizon:g} {unit}, {result.horizon_rule}",
            f"fewer than ten at risk from {caution.few_at_risk:.1f}, beyond three times the last event from "
            f"{caution.far:.1f} {unit}",
            NOT_REAL,
        )
        found.append(TextTable(heading=f"{arm}, {unit}", columns=(*columns, *times, "floor"), rows=rows, notes=notes))
    return found


def _pooled(pooled: PooledValues, place: int, decimals: int) -> str:
    low, high = (
        f"{limit:.{decimals}f}" if limit < float("inf") else "NR" for limit in (pooled.low[place], pooled.high[place])
    )
    return f"{pooled.value[place]:.{decimals}f} ({low} to {high})"


def _errors(pooled: PooledValues) -> tuple[str, str]:
    between = pooled.se_reconstruction
    return f"{pooled.se_sampling[0]:.3f}", "" if between is None else f"{between[0]:.3f}"


def _spread(spread: CriterionSpread | None) -> str:
    return "" if spread is None else f"{spread.median:.1f} ({spread.low:.1f} to {spread.high:.1f})"


def _share(share: float | None) -> str:
    return "" if share is None else f"{100 * share:.0f}%"


def _floor(one: ModelExtrapolation) -> str:
    floor = one.floor
    if floor is None:
        return ""
    within = f"; within the data in {100 * floor.within_data:.0f}%" if floor.within_data else ""
    if floor.first is None:
        return f"never binds beyond the data{within}"
    return f"binds in {100 * floor.share:.0f}% of samples, first at {floor.first:.1f}{within}"
