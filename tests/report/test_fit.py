"""Residuals and numbers at risk by hand; the checklist's answers; readings in page and JSON; arrows."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np
import pytest

from survrecon.checks.results import JUDGED
from survrecon.model.convention import CurveDetail
from survrecon.model.curve import AtRiskConvention, Resolution, RiskTable, SurvivalCurve
from survrecon.model.diagnostics import SolutionPath, StateSpaceDiagnostics
from survrecon.model.estimate import Interval
from survrecon.model.ipd import PseudoIPD
from survrecon.model.published import Quantity
from survrecon.records.readings import Basis, ReadKind, ReadValue
from survrecon.report.content.checklist import ChecklistItem, checklist, doubtful_cells
from survrecon.report.content.fit import last_time, points_beside_curves, residuals, risk_cells
from survrecon.report.json import dump_json, result_to_dict
from survrecon.report.page import record_page
from survrecon.report.pictures import pictures_of
from survrecon.report.plots.curves import curves_figure, rendered_residuals
from tests.report.browser import loads

if TYPE_CHECKING:
    from survrecon.checks.results import RecordResult
    from tests.report.conftest import MakeResult

READINGS = (
    ReadValue(
        what=ReadKind("time axis, first and last tick"),
        read="0 to 30",
        typed="0 to 36",
        option="--x-range",
        used="0 to 36",
        place="tick marks",
        basis=Basis.TYPED,
    ),
    ReadValue(what=ReadKind("time unit"), option="--time-unit", used="months", basis=Basis.ASSUMED),
    ReadValue(what=ReadKind("patients"), arm="placebo", read="60", used="60", place="legend"),
    ReadValue(what=ReadKind("control arm"), typed="placebo", used="placebo", option="--control", basis=Basis.TYPED),
    ReadValue(what=ReadKind("hazard ratio"), read="0.55 (0.33 to 0.92)", used="0.55 (0.33 to 0.92)", basis=Basis.CHECK),
    ReadValue(
        what=ReadKind.AT_RISK, arm="placebo", at=0.0, read="60", confidence=0.99, used="60", option="--risk-table"
    ),
    ReadValue(
        what=ReadKind.AT_RISK, arm="placebo", at=12.0, read="39", confidence=0.41, used="39", option="--risk-table"
    ),
    ReadValue(what=ReadKind.AT_RISK, arm="placebo", at=24.0, confidence=0.0, option="--risk-table", basis=Basis.UNUSED),
    ReadValue(
        what=ReadKind.AT_RISK, arm="placebo", at=36.0, read="7", confidence=0.3, typed="9", used="9", basis=Basis.TYPED
    ),
)


@pytest.fixture
def by_hand(make_result: MakeResult) -> RecordResult:
    """Four patients: events at 1, 2 and 4, one censored at 3.

    S is 3/4 from 1 on, 3/4 x 2/3 = 1/2 from 2 on, and 0 from 4 on, where one patient is at risk. The curve was
    read as 0.74, 0.52 and 0 there. The table prints 4, 3 and 2 before 0, 1.5 and 3.5; at 3.5 one is left.
    """
    result = make_result("traced")
    ipd = PseudoIPD(time=np.array([1.0, 2, 3, 4]), event=np.array([True, True, False, True]), arm="placebo")
    points = (np.array([0.0, 1, 2, 4]), np.array([1, 0.74, 0.52, 0]))
    curve = SurvivalCurve(time=points[0], survival=points[1], resolution=Resolution(survival=0.005))
    table = RiskTable(time=np.array([0, 1.5, 3.5]), at_risk=np.array([4, 3, 2]), convention=AtRiskConvention.BEFORE)
    arm = replace(result.arms[0], n=4, central=ipd, draws=(ipd,))
    record = replace(result.record, curves={"placebo": curve}, risk_tables={"placebo": table}, readings=READINGS)
    return replace(result, record=record, arms=(arm, result.arms[1]))


def item(result: RecordResult, start: str) -> ChecklistItem:
    return next(item for item in checklist(result) if item.item.startswith(start))


def test_residuals(by_hand: RecordResult) -> None:
    """0, 0.75 - 0.74, 0.5 - 0.52, 0: largest 0.02 at 2; root of (0.01^2 + 0.02^2) / 4."""
    (one,) = residuals(by_hand)
    assert one.arm == "placebo"
    assert one.difference == pytest.approx([0, 0.01, -0.02, 0])
    assert one.largest == pytest.approx(0.02)
    assert one.largest_at == 2
    assert one.root_mean_square == pytest.approx((0.0005 / 4) ** 0.5)
    assert one.resolution == 0.005


def test_curves_of_printed_numbers_have_no_residuals(make_result: MakeResult) -> None:
    assert residuals(make_result("summary")) == ()


def test_numbers_at_risk(by_hand: RecordResult) -> None:
    cells = risk_cells(by_hand)
    assert [(c.time, c.printed, c.rebuilt, c.difference) for c in cells] == [
        (0, 4, 4, 0),
        (1.5, 3, 3, 0),
        (3.5, 2, 1, -1),
    ]
    assert "1 of 3 not met" in item(by_hand, "Numbers at risk").found
    assert "convention stated: patients with time >= t" in item(by_hand, "Numbers at risk").assumed


def test_a_range_over_draws_stands_beside(by_hand: RecordResult) -> None:
    other = PseudoIPD(time=np.array([1.0, 2, 3.6, 4]), event=np.array([True, True, False, True]), arm="placebo")
    arm = replace(by_hand.arms[0], draws=(by_hand.arms[0].central, other))
    last = risk_cells(replace(by_hand, arms=(arm, by_hand.arms[1])))[-1]
    assert (last.rebuilt, last.lowest, last.highest) == (1, 1, 2)


def test_the_residual_plot_is_the_same_at_every_call(by_hand: RecordResult) -> None:
    found = residuals(by_hand)
    assert rendered_residuals(by_hand, found) == rendered_residuals(by_hand, found)
    assert b"<svg" in rendered_residuals(by_hand, found)


def test_what_is_not_given_is_told(make_result: MakeResult) -> None:
    result = make_result("manual")
    assert item(result, "Numbers at risk").given == "no"
    assert "steps of the curve alone" in item(result, "Numbers at risk").assumed
    assert item(result, "Total events").given == "in part"  # the drug's 20 events stand in the record
    assert item(result, "Censoring marks").given == "no"
    assert "resolution not stated" in item(result, "Curves").assumed
    assert item(result, "Patients").found == "placebo 60 (Table 1); drug 60 (Table 1)"
    assert item(result, "Covariates").given == "no"
    names = [entry.item for entry in checklist(result)]
    assert "Time unit" not in names  # nothing was read from a figure


def test_a_summary_has_no_curves(make_result: MakeResult) -> None:
    result = make_result("summary")
    assert (item(result, "Curves").given, item(result, "Curves").found) == (
        "no",
        "built from printed numbers, not read from a figure",
    )
    follow_up = item(result, "Follow-up")  # recruitment and cut-off are printed, a median is not
    assert (follow_up.given, follow_up.found) == ("in part", "printed: recruitment and data cut-off")
    assert checklist(make_result(built=False)) == ()


ALONE = StateSpaceDiagnostics(
    path=SolutionPath.DECODED, kind=CurveDetail.STEPS, noise=1e-6, widened=1.0, unique=True, forced=0, histories=80,
    distinct_histories=(80, 80, 80, 80), events_low=3, events_high=3,
)  # fmt: skip


def test_uniqueness_and_width(by_hand: RecordResult) -> None:
    """Draws of HR 0.56, 0.57, 0.58: 2.5% of three on the log scale is 0.56 (0.57/0.56)^0.05 = 0.5605."""
    made = by_hand.reconstructions
    unique = {"placebo": replace(made["placebo"], diagnostics=ALONE)}
    alone = {"drug": replace(made["drug"], drawer=None)}
    result = replace(by_hand, reconstructions=unique | alone)
    found = item(result, "Is the solution unique").found
    assert "placebo: yes" in found
    assert "drug: not known, method summary returns one data set" in found
    assert "0.560 to 0.579" in item(result, "Width").found
    assert "SE of ln HR 0.020 beside a sampling SE of 0.260" in item(result, "Width").found


def test_checks_that_could_be_made(by_hand: RecordResult) -> None:
    checks = item(by_hand, "Checks")
    judged = [c for c in by_hand.checks if c.verdict in JUDGED]
    assert checks.found == f"{len(judged)} made: 1 agrees, 1 inconclusive, 2 differs; built from, so no check: 1"
    assert (checks.given, checks.assumed) == ("in part", "not printed or not given: restricted means")
    bare = by_hand.record.document.model_copy(update={"published": ()})
    assert (
        "not printed or not given: hazard ratio"
        in item(replace(by_hand, record=replace(by_hand.record, document=bare), checks=()), "Checks").assumed
    )


def test_doubtful_cells_are_those_that_nobody_typed(by_hand: RecordResult) -> None:
    assert [cell.at for cell in doubtful_cells(READINGS)] == [12, 24]
    doubts = item(by_hand, "Doubtful")
    assert doubts.found.startswith("2 of 4 numbers at risk are doubtful; 2 values typed otherwise than read")
    assert item(by_hand, "Time unit").assumed == "months are assumed"
    assert item(by_hand, "Control arm").found == "placebo, typed"


def test_the_page_marks_what_was_typed_otherwise(by_hand: RecordResult) -> None:
    page = record_page(by_hand, pictures_of(by_hand))
    assert loads(page) == []
    assert "2 values were typed otherwise than read" in page
    assert page.count("read and typed differ") == 1  # the cell is marked by its colour
    assert page.count('class="apart"') == 1 + 2 + 1  # the row; typed and used cell; the number at risk not met
    assert page.count('class="doubtful"') == 3
    assert "see the checks below" in page
    assert "Reconstructed, no covariates." in page
    agreed = tuple(reading for reading in READINGS if not reading.disagrees)
    calm = record_page(replace(by_hand, record=replace(by_hand.record, readings=agreed)), ())
    assert "Nothing was typed that differs" in calm


def test_the_same_facts_as_data(by_hand: RecordResult) -> None:
    report = json.loads(dump_json(result_to_dict(by_hand)))
    axis, unit, patients = report["readings"][:3]
    assert (axis["read"], axis["typed"], axis["disagrees"]) == ("0 to 30", "0 to 36", True)
    assert (unit["read"], unit["used"], unit["basis"]) == (None, "months", "assumed")
    assert (patients["read"], patients["used"]) == (60, 60)
    (fit,) = report["residuals"]
    assert (fit["points"], fit["largest"], fit["largest_at"]) == (4, pytest.approx(0.02), 2.0)
    assert report["risk_table"][-1] == {
        "arm": "placebo", "time": 3.5, "printed": 2, "rebuilt": 1, "lowest": 1, "highest": 1, "difference": -1,
    }  # fmt: skip
    assert {entry["item"] for entry in report["checklist"]} == {entry.item for entry in checklist(by_hand)}


def _with_median_interval(result: RecordResult, low: float, high: float | None) -> RecordResult:
    facts = tuple(
        fact.model_copy(update={"interval": Interval(low=low, high=high)})
        if fact.quantity is Quantity.MEDIAN and fact.arm == "placebo"
        else fact
        for fact in result.record.document.published
    )
    document = result.record.document.model_copy(update={"published": facts})
    return replace(result, record=replace(result.record, document=document))


@pytest.mark.parametrize(("high", "arrows"), [(20.0, 0), (300.0, 1), (None, 1)])
def test_an_interval_that_goes_on_past_the_axis_ends_in_an_arrow(
    make_result: MakeResult, high: float | None, arrows: int
) -> None:
    result = _with_median_interval(make_result("manual"), 15.0, high)
    median = next(point for point in points_beside_curves(result, "placebo") if point.is_median)
    assert median.is_interval
    figure = curves_figure(result)
    edge = figure.axes[0].get_xlim()[1]
    drawn = [line for line in figure.axes[0].lines if line.get_marker() == ">"]
    assert [float(np.asarray(line.get_xdata(), float)[0]) for line in drawn] == [edge] * arrows
    said = any("Arrows: the interval goes on." in text.get_text() for text in figure.texts)
    assert said == bool(arrows)


def test_a_curve_may_run_on_past_the_last_tick(by_hand: RecordResult) -> None:
    """The last tick is at 3, the curve was read to 4, and so far it is shown."""
    axes = by_hand.record.document.axes.model_copy(update={"time_range": (0.0, 3.0)})
    document = by_hand.record.document.model_copy(update={"axes": axes})
    result = replace(by_hand, record=replace(by_hand.record, document=document))
    assert last_time(result, result.arms[0]) == 4.0
    assert last_time(result, result.arms[1]) == 3.0  # without a curve, the axis


def test_a_figure_is_as_high_as_its_words(make_result: MakeResult) -> None:
    two, one = make_result("manual"), make_result("manual")
    alone = curves_figure(replace(one, comparisons=(), checks=()))
    assert curves_figure(two).get_figheight() - alone.get_figheight() == pytest.approx(2 * 0.205)
