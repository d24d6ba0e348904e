"""The figure of a result: the same at every call, and nothing drawn beyond what is known."""

from __future__ import annotations

import re
from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np
import pytest

from survrecon.model.curve import AtRiskConvention
from survrecon.records.schema import NOT_GIVEN
from survrecon.report.content.fit import band, convention_of, last_time, points_beside_curves, printed_risk, tick_times
from survrecon.report.page import record_page
from survrecon.report.pictures import pictures_of
from survrecon.report.plots.curves import curves_figure, rendered_curves
from tests.report.browser import loads

if TYPE_CHECKING:
    from survrecon.checks.results import RecordResult
    from tests.report.conftest import MakeResult


def test_nothing_of_a_summary_is_drawn_beyond_its_last_printed_point(result: RecordResult) -> None:
    axes = curves_figure(result).axes[0]
    ends = [float(np.max(np.asarray(line.get_xdata(), dtype=float))) for line in axes.lines]
    assert max(ends) == 24.0
    assert all(last_time(result, arm) == 24.0 for arm in result.arms)
    for collection in axes.collections:
        assert collection.get_datalim(axes.transData).x1 <= 24.0


def test_figures_are_the_same_at_every_call(result: RecordResult) -> None:
    first, again = rendered_curves(result), rendered_curves(result)
    assert first == again
    assert b"<dc:date>" not in first[0]
    assert b"@import" not in first[0]
    assert not re.search(rb"(href|src)=\"https?:", first[0])


def test_printed_points_carry_interval_or_rounding(result: RecordResult) -> None:
    median, survival = points_beside_curves(result, "placebo")
    assert (median.time, median.survival, median.bar, median.is_median) == (18.0, 0.5, (17.5, 18.5), True)
    assert survival.bar == pytest.approx((0.395, 0.405))
    assert not survival.is_interval


def test_printed_numbers_at_risk_stand_beside_the_rebuilt(make_result: MakeResult) -> None:
    result = make_result("traced")
    times = tick_times(result, 45.0)
    assert times.tolist() == [0, 12, 24]
    assert printed_risk(result, "placebo", np.array([0.0, 6.0, 12.0])) == ["60", "", "39"]
    assert printed_risk(result, "drug", times) is None


@pytest.mark.parametrize(("end", "step"), [(24.0, 3.0), (60.0, 12.0), (4.0, 0.5), (900.0, 112.5)])
def test_ticks_are_few_and_round(result: RecordResult, end: float, step: float) -> None:
    times = tick_times(result, end)
    assert times[1] == step
    assert len(times) <= 10


def test_rebuilt_numbers_at_risk_count_as_the_printed_ones(make_result: MakeResult) -> None:
    result = make_result("traced")
    arm, table = result.arms[0], result.record.risk_tables["placebo"]
    assert convention_of(result, result.arms[1]) is AtRiskConvention.BEFORE  # no table
    ties = np.array([0.0, *arm.central.time[:3]])
    for convention in (AtRiskConvention.AFTER, AtRiskConvention.BEFORE):
        printed = replace(table, time=ties, at_risk=arm.central.at_risk(ties, convention))
        for declared in (convention, AtRiskConvention.AUTO):
            tables = {"placebo": replace(printed, convention=declared)}
            assert convention_of(replace(result, record=replace(result.record, risk_tables=tables)), arm) is convention


def test_a_figure_of_one_arm_without_draws(make_result: MakeResult) -> None:
    result = make_result("manual")
    arm = replace(result.arms[0], draws=(result.arms[0].central,))
    alone = replace(result, arms=(arm,), comparisons=(), draws=1, checks=())
    axes = curves_figure(alone).axes[0]
    assert len(axes.collections) == 2  # the bars of the printed median and probability, no band
    assert "at risk (rebuilt)" in [text.get_text() for text in axes.texts]
    assert loads(record_page(alone, pictures_of(alone))) == []


def test_the_band_holds_the_draws(result: RecordResult) -> None:
    drawn = band(result.arms[0].draws, 24.0, level=1.0, steps=25)
    curves = np.stack([draw.survival_at(drawn.time) for draw in result.arms[0].draws])
    assert (drawn.low == curves.min(axis=0)).all()
    assert (drawn.high == curves.max(axis=0)).all()


@pytest.mark.parametrize(
    ("endpoint", "label", "title"),
    [
        ("time to progression", "without progression", "EXAMPLE: time to progression"),
        ("overall survival", "overall survival", "EXAMPLE: overall survival"),
        (NOT_GIVEN, "survival", "EXAMPLE: survival"),
    ],
)
def test_the_axis_is_named_by_what_it_shows(result: RecordResult, endpoint: str, label: str, title: str) -> None:
    document = result.record.document
    analysis = document.analysis.model_copy(update={"endpoint": endpoint})
    record = replace(result.record, document=document.model_copy(update={"analysis": analysis}))
    figure = curves_figure(replace(result, record=record))
    assert figure.axes[0].get_ylabel() == label
    assert figure.texts[0].get_text().startswith(title)
