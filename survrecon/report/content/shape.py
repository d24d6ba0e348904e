"""What is told of the shape of hazards: as tables of words, and as plain values."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

import numpy as np

from survrecon.model.estimate import format_decimals
from survrecon.report.content.words import NOT_REAL, error_texts, estimate_text, p_text
from survrecon.report.json import estimate_to_dict
from survrecon.report.settings import SHAPE_TABLES
from survrecon.report.table import TextTable

if TYPE_CHECKING:
    from collections.abc import Sequence

    from survrecon.analysis.shape.results import ArmShape, BandedCurve, ContrastShape, IntervalRatio, SurvivalShape
    from survrecon.analysis.shape.weighted_tests import PValueDraws

__all__ = ["READING", "SAMPLING", "shape_tables", "shape_to_dict"]

READING = "reading: 95% of the draws"
SAMPLING = "sampling: 95% CI of the central data set"
"""The two bands of every curve, in words."""


def shape_tables(shape: SurvivalShape) -> list[TextTable]:
    """Return the smoothed hazards, and for each contrast its ratios over time, its times, and the weighted tests."""
    tables = [_hazards(shape)]
    for one in shape.contrasts:
        tables += [_ratios(one, shape.time_unit), _ratio_over_time(one, shape), _times(one, shape), _tests(one)]
    last = tables[-1]
    return [*tables[:-1], replace(last, notes=(*last.notes, *shape.notes, NOT_REAL))]


def _hazards(shape: SurvivalShape) -> TextTable:
    rows = [row for arm in shape.arms for row in _hazard_rows(arm)]
    return TextTable(
        heading=f"Smoothed hazard, events a patient and {shape.time_unit.removesuffix('s')}",
        columns=("arm", f"time, {shape.time_unit}", "at risk", "at risk over draws", "hazard", READING, SAMPLING),
        rows=tuple(rows),
        numeric=(f"time, {shape.time_unit}", "at risk"),
    )


def _hazard_rows(arm: ArmShape) -> list[tuple[str, ...]]:
    rows: list[tuple[str, ...]] = []
    counts = zip(arm.ticks, arm.at_risk, arm.at_risk_low, arm.at_risk_high, strict=True)
    for time, n, low, high in counts:
        if time > arm.hazard.x[-1]:
            break
        place = int(np.abs(arm.hazard.x - time).argmin())
        drawn = f"{low} to {high}" if low < high else ""
        rows.append((arm.name, f"{time:g}", str(n), drawn, *_at(arm.hazard, place, SHAPE_TABLES.hazard_digits)))
    return rows


def _at(curve: BandedCurve, place: int, digits: int) -> tuple[str, str, str]:
    """Return value, reading band and sampling band of a curve at one of its points, as words."""
    reading = ""
    if curve.reading_low is not None and curve.reading_high is not None:
        reading = _range(curve.reading_low[place], curve.reading_high[place], digits)
    return (
        _number(curve.value[place], digits),
        reading,
        _range(curve.sampling_low[place], curve.sampling_high[place], digits),
    )


def _number(value: float, digits: int) -> str:
    return f"{value:#.{digits}g}" if np.isfinite(value) else "none"


def _range(low: float, high: float, digits: int) -> str:
    return f"{_number(low, digits)} to {_number(high, digits)}"


def _ratios(one: ContrastShape, unit: str) -> TextTable:
    rows = [_ratio_row(part, one) for part in (*one.piecewise, *one.landmarks)]
    return TextTable(
        heading=f"Hazard ratio by interval and from landmarks on, {one.of} over {one.over} ({unit})",
        columns=("interval", "hazard ratio (95% CI)", "sampling SE", "reconstruction SE", "events", "at risk before"),
        rows=tuple(rows),
        notes=("standard errors of ln HR; of patients still at risk at the time, who are no longer randomized",),
    )


def _ratio_row(part: IntervalRatio, one: ContrastShape) -> tuple[str, ...]:
    when = f"after {part.start:.4g}" + ("" if part.end is None else f", up to {part.end:.4g}")
    return (
        when,
        estimate_text(part.hazard_ratio),
        *error_texts(part.hazard_ratio),
        ", ".join(f"{name} {part.events[name]}" for name in (one.over, one.of)),
        ", ".join(f"{name} {part.at_risk[name]}" for name in (one.over, one.of)),
    )


def _ratio_over_time(one: ContrastShape, shape: SurvivalShape) -> TextTable:
    places = _spread(one.ratio_over_time.x.size)
    rows = [
        (f"{one.ratio_over_time.x[k]:.4g}", *_at(one.ratio_over_time, k, SHAPE_TABLES.ratio_digits)) for k in places
    ]
    return TextTable(
        heading=f"Hazard ratio over time, {one.of} over {one.over}, by smoothed scaled Schoenfeld residuals",
        columns=(f"time, {shape.time_unit}", "hazard ratio", READING, SAMPLING),
        rows=tuple(rows),
        numeric=(f"time, {shape.time_unit}",),
    )


def _times(one: ContrastShape, shape: SurvivalShape) -> TextTable:
    places = _spread(one.quantiles.x.size)
    rows = [
        (
            f"{one.quantiles.x[k]:.3f}",
            *(_number(time, SHAPE_TABLES.time_digits) for time in one.quantile_times[:, k]),
            *_at(one.quantiles, k, SHAPE_TABLES.ratio_digits),
        )
        for k in places
    ]
    return TextTable(
        heading=f"Times by which a share has had the event ({shape.time_unit}); level ratios are those of a model of "
        "accelerated failure times",
        columns=("share", one.over, one.of, f"{one.of} over {one.over}", READING, SAMPLING),
        rows=tuple(rows),
        numeric=("share",),
    )


def _spread(size: int) -> list[int]:
    """Return the places of some points of a curve, evenly spread."""
    return sorted({int(k) for k in np.linspace(0, size - 1, min(size, SHAPE_TABLES.rows))})


def _tests(one: ContrastShape) -> TextTable:
    return TextTable(
        heading=f"Tests, {one.of} against {one.over}",
        columns=("test", "z, median over draws", "p, median over draws", "p, range over draws", "p, central data set"),
        rows=tuple(_test_row(test) for test in (*one.tests, one.proportional_hazards)),
        notes=(f"z is positive where {one.of} has more events than expected, or where ln HR rises",),
    )


def _test_row(test: PValueDraws) -> tuple[str, ...]:
    drawn = f"{_p(test.low)} to {_p(test.high)}" if test.draws > 1 else ""
    z = "" if test.z is None else format_decimals(test.z, 2)
    return test.name, z, _p(test.median), drawn, _p(test.central)


def _p(value: float) -> str:
    return p_text(value) if np.isfinite(value) else "none"


def shape_to_dict(shape: SurvivalShape) -> dict[str, Any]:
    """Return the shape of hazards as a mapping of plain names; arrays and what is not finite are left to the writer."""
    return {
        "time_unit": shape.time_unit,
        "draws": shape.draws,
        "notes": list(shape.notes),
        "notice": NOT_REAL,
        "arms": [_arm_to_dict(arm) for arm in shape.arms],
        "contrasts": [_contrast_to_dict(one) for one in shape.contrasts],
    }


def _arm_to_dict(arm: ArmShape) -> dict[str, Any]:
    return {
        "name": arm.name,
        "n": arm.n,
        "hazard": arm.hazard.columns("time", "value") | {"bandwidth": arm.bandwidth},
        "log_cumulative_hazard": arm.log_cumulative.columns("time", "value"),
        "at_risk": {"time": arm.ticks, "n": arm.at_risk, "low": arm.at_risk_low, "high": arm.at_risk_high},
    }


def _contrast_to_dict(one: ContrastShape) -> dict[str, Any]:
    times = {"control_time": one.quantile_times[0], "treatment_time": one.quantile_times[1]}
    return {
        "of": one.of,
        "over": one.over,
        "hazard_ratio_over_time": one.ratio_over_time.columns("time", "value"),
        "scaled_schoenfeld_residuals": {"time": one.residual_times, "value": one.residuals},
        "quantile_ratio": one.quantiles.columns("share", "value") | times,
        "piecewise_hazard_ratio": _ratios_to_dicts(one.piecewise),
        "landmark_hazard_ratio": _ratios_to_dicts(one.landmarks),
        "tests": [_test_to_dict(test) for test in (*one.tests, one.proportional_hazards)],
    }


def _ratios_to_dicts(parts: Sequence[IntervalRatio]) -> list[dict[str, Any]]:
    return [
        {"after": part.start, "until": part.end, "events": part.events, "at_risk": part.at_risk}
        | {"hazard_ratio": estimate_to_dict(part.hazard_ratio)}
        for part in parts
    ]


def _test_to_dict(test: PValueDraws) -> dict[str, Any]:
    return {
        "name": test.name,
        "z_median": test.z,
        "p_median": test.median,
        "p_low": test.low,
        "p_high": test.high,
        "p_central": test.central,
        "draws": test.draws,
    }
