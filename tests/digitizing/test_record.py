"""A digitized figure as a record: printed facts with their direction, unread cells, late entry, missing n."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np
import pytest

from survrecon.digitizing import DigitizedFigure, DigitizedRiskTable, digitize
from survrecon.digitizing.words.printed import statistics_in
from survrecon.errors import RecordError
from survrecon.model.published import Bound, ModelKind, Quantity
from survrecon.running.as_read import ArmNumbers, prefer_typed
from survrecon.running.facts import events_so_far, printed_facts
from survrecon.running.figure_record import digitized_record
from survrecon.running.record import rebuild_arm
from tests.build import curve
from tests.build import table as at_risk_table
from tests.digitizing.made import a_table
from tests.digitizing.rendered import Look, render, simulate

if TYPE_CHECKING:
    from pathlib import Path


@pytest.fixture(scope="module")
def figure(tmp_path_factory: pytest.TempPathFactory) -> DigitizedFigure:
    rng = np.random.default_rng(5)
    arms = [simulate(rng, "Placebo", 90, median=10), simulate(rng, "Nivolumab", 95, median=16)]
    return digitize(render(tmp_path_factory.mktemp("figure") / "figure.svg", arms, Look(table="plain")).path)


def _facts(*lines: str, arm: str | None = None, arms: tuple[str, ...] = ("A", "B")) -> tuple[list[object], list[str]]:
    printed = [replace(s, arm=arm) for line in lines for s in statistics_in(line)]
    facts, remarks = printed_facts(printed, arms=arms, control="A", time_unit="months", source="figure")
    return list(facts), remarks


def test_a_hazard_ratio_without_direction_is_taken_over_control_and_says_so() -> None:
    (fact,), remarks = _facts("HR 0.65 (95% CI 0.48-0.88)")
    assert (fact.of, fact.over, fact.model) == ("B", "A", ModelKind.NOT_STATED)  # type: ignore[attr-defined]
    assert "assumed" in fact.note  # type: ignore[attr-defined]
    assert remarks == []


def test_a_named_direction_and_model_are_kept() -> None:
    (fact,), _ = _facts("Stratified HR, A vs B 1.54")
    assert (fact.of, fact.over, fact.model) == ("A", "B", ModelKind.STRATIFIED)  # type: ignore[attr-defined]
    assert fact.note is None  # type: ignore[attr-defined]


def test_with_three_arms_a_ratio_of_nobody_is_said_not_taken() -> None:
    facts, remarks = _facts("HR 0.65", arms=("A", "B", "C"))
    assert facts == []
    assert "HR 0.65" in remarks[0]


def test_bounds_medians_and_milestones_in_another_unit() -> None:
    (p,), _ = _facts("p < 0.001")
    assert (p.quantity, p.bound, p.number) == (Quantity.P_VALUE, Bound.LESS_THAN, 0.001)  # type: ignore[attr-defined]
    (median, later), _ = _facts("median 13 months", "5-year 22%", arm="B")
    assert (median.quantity, median.arm, median.number) == (Quantity.MEDIAN, "B", 13)  # type: ignore[attr-defined]
    assert (later.at, later.number, later.decimals) == (60, 0.22, 2)  # type: ignore[attr-defined]


@pytest.mark.parametrize(
    ("line", "arm"),
    [
        ("Male: median 13 months", "Male"),
        ("FEMALE, median 13 months", "Female"),
        ("Female on drug: median 13 months", "Female on drug"),
        ("Male and Female: median 13 months", None),
        ("Males: median 13 months", None),
        ("median 13 months", None),
    ],
)
def test_a_median_is_of_the_arm_that_its_words_name(line: str, arm: str | None) -> None:
    facts, remarks = _facts(line, arms=("Male", "Female", "Female on drug"))
    assert [fact.arm for fact in facts] == [arm] * (arm is not None)  # type: ignore[attr-defined]
    assert len(remarks) == (arm is None)


def test_a_misread_interval_is_said_not_taken() -> None:
    facts, remarks = _facts("HR 0.65 (95% CI 0.78-0.88)")
    assert facts == []
    assert "inside its interval" in remarks[0]


def test_an_unread_cell_is_left_out_alone(figure: DigitizedFigure, tmp_path: Path) -> None:
    table = figure.risk_table
    assert table is not None
    rows = {name: (row[0], None, *row[2:]) if name == "Placebo" else row for name, row in table.rows.items()}
    holed = DigitizedRiskTable(times=table.times, rows=rows, confidence=table.confidence)
    record = digitized_record(tmp_path / "record", replace(figure, risk_table=holed))
    assert table.times[1] not in record.risk_tables["Placebo"].time
    assert record.risk_tables["Nivolumab"].at_risk.tolist() == list(table.rows["Nivolumab"])
    assert any("are not used: not read" in text for text in record.document.digitized.remarks)


def test_late_entry_is_refused_unless_accepted(figure: DigitizedFigure, tmp_path: Path) -> None:
    late = replace(figure, late_entry=True)
    with pytest.raises(RecordError, match="late_entry=True"):
        digitized_record(tmp_path / "record", late)
    assert not (tmp_path / "record").exists()
    record = digitized_record(tmp_path / "record", late, late_entry=True)
    assert record.document.analysis.naive is not None
    assert not record.risk_tables


def test_what_is_given_wins_and_what_was_read_is_kept_beside_it(figure: DigitizedFigure, tmp_path: Path) -> None:
    record = digitized_record(tmp_path / "record", figure, n={"Placebo": 91}, events={"Nivolumab": 64})
    placebo, nivolumab = record.document.arms
    assert (placebo.n, placebo.place) == (91, "given by hand; read: 90")
    assert nivolumab.events == 64


@pytest.mark.parametrize(
    ("line", "printed"),
    [
        ("HR 0.55 (90% CI 0.40-0.76)", "0.55 (90% CI 0.40 to 0.76)"),
        ("HR 0.55 (99.67% CI, 0.40 to 0.76)", "0.55 (99.67% CI 0.40 to 0.76)"),
        ("Hazard ratio, 0.55 (CI 96%: 0.40-0.76)", "0.55 (96% CI 0.40 to 0.76)"),
        ("HR [95.8% CI] 0.55 [0.40, 0.76]", "0.55 (95.8% CI 0.40 to 0.76)"),
        ("HR 98.9% confidence interval: 0.55 (0.40-0.76)", "0.55 (98.9% CI 0.40 to 0.76)"),
        ("HR 0.55 (95% CI 0.40-0.76)", "0.55 (0.40 to 0.76)"),
        ("HR < 0.50", "<0.50"),
        ("median 13.2 mo (90% CI 10.1-15.3)", "13.2 (90% CI 10.1 to 15.3)"),
        ("median >60 months", ">60"),
        ("12-month survival > 90%", ">0.90"),
        ("Log-rank P = 0.0012 (one\u2010sided)", "0.0012 (one-sided)"),
        ("P (1-sided) = .0012", "0.0012 (one-sided)"),
        ("P > 0.05", ">0.05"),
        ("P = 1.2e-5", "0.000012"),
    ],
)
def test_levels_bounds_and_sides_are_kept(line: str, printed: str) -> None:
    (fact,), remarks = _facts(line, arm="B")
    assert fact.printed == printed  # type: ignore[attr-defined]
    assert remarks == []


def test_a_level_that_is_not_printed_is_told() -> None:
    (fact,), _ = _facts("HR, A vs B 0.55 (0.40-0.76)")
    assert fact.interval.level == 0.95  # type: ignore[attr-defined]
    assert fact.note == "level of the interval not printed: 95% taken"  # type: ignore[attr-defined]


def test_an_interval_that_cannot_be_read_is_told() -> None:
    (fact,), (remark,) = _facts("HR, A vs B 0.55 (95% CrI 0.40-0.76)")
    assert fact.interval is None  # type: ignore[attr-defined]
    assert remark == "printed with an interval that could not be read: HR, A vs B 0.55 (95% CrI 0.40-0.76)"


@pytest.mark.parametrize(
    ("line", "kinds"),
    [
        ("Log-rank p = 0.03", [("logrank_p", None)]),
        ("Log-rank (Mantel-Cox) p = 0.03", [("logrank_p", None)]),
        ("Stratified logrank test: P = 0.03", [("logrank_p", None)]),
        ("p = 0.03", [("p_value", None)]),
        ("p = 0.03 (log-rank), p = 0.04 (Gehan-Breslow-Wilcoxon)", [("logrank_p", None), ("p_value", "Wilcoxon")]),
        ("Wald p = 0.03", [("p_value", "Wald")]),
        ("Cox model, p = 0.03", [("p_value", "Cox")]),
        ("Weighted log-rank p = 0.03", [("p_value", "other")]),
        ("Log-rank test for trend: p = 0.03", [("p_value", "other")]),
    ],
)
def test_a_p_value_is_of_the_test_that_its_words_name(line: str, kinds: list[tuple[str, str | None]]) -> None:
    facts, _ = _facts(line)
    assert [(fact.quantity, fact.test) for fact in facts] == kinds  # type: ignore[attr-defined]


@pytest.mark.slow
def test_events_in_brackets_are_on_record_and_met_by_every_draw(tmp_path: Path) -> None:
    rng = np.random.default_rng(8)
    arms = [simulate(rng, "Placebo", 150, median=10), simulate(rng, "Nivolumab", 160, median=16)]
    look = Look(table="plain", table_events=True, table_heading="Number at risk (events)")
    figure = digitize(render(tmp_path / "figure.pdf", arms, look).path)
    record = digitized_record(tmp_path / "record", figure)
    assert record.document.risk_table is not None
    assert record.document.risk_table.events is not None
    assert record.document.risk_table.events.file == "risk_table_events.csv"
    for arm, truth in zip(record.document.arms, arms, strict=True):
        table = record.risk_tables[arm.name]
        assert table.events == tuple(int((truth.event & (truth.time < t)).sum()) for t in table.time)
        made = rebuild_arm(record, arm, seed=1)
        used = made.given
        assert used is not None
        for one in [made.ipd, *made.draws(10)]:
            assert [int((one.event & (one.time < t)).sum()) for t in table.time] == list(table.events)


def test_events_so_far_are_told_by_those_censored_and_left_open_where_all_do_not_add_up() -> None:
    """100 patients: 70 and 20 censored leave 10 events; 30 + 48 + 25 are 103, by 3 who leave at 24 itself."""
    table = a_table([0, 12, 24], A=[100, 70, 30])
    remarks: list[str] = []
    censored = replace(table, extra={"A": {"censored": (0, 20, 48)}})
    assert events_so_far("A", censored, 100, remarks) == (0, 10, 22)
    both = replace(table, extra={"A": {"censored": (0, 20, 48), "events": (0, 10, 25)}})
    assert events_so_far("A", both, 100, remarks) == (0, 10, None)
    assert remarks == ["events so far of A at time 24 are left open: all do not add up to 100"]
    falling = replace(table, extra={"A": {"censored": (0, 20, 65)}})
    assert events_so_far("A", falling, 100, remarks) == ()
    assert events_so_far("A", table, 100, remarks) == ()
    assert events_so_far("A", both, None, remarks) == ()


def test_events_so_far_that_the_curve_does_not_allow_are_not_used() -> None:
    """S falls to 0.9 by 12, by 10 patients of 100 at most; 15 are told."""
    remarks: list[str] = []
    points = curve([0, 6, 30], [1, 0.9, 0.9], 0.001)
    told = replace(at_risk_table([0, 12], [100, 70]), events=(0, 15))
    numbers = ArmNumbers(n=100, table=told, events=None, marks=0)
    found = prefer_typed("A", points, numbers, remarks)
    assert found.table is not None
    assert found.table.events == ()
    assert remarks[0].startswith("events so far of A beside the numbers at risk are not used: events so far, time 12")
    kept = prefer_typed("A", points, replace(numbers, table=replace(told, events=(0, 9))), remarks)
    assert kept.table is not None
    assert kept.table.events == (0, 9)
    assert remarks[-1] == "A: events so far beside the numbers at risk are held to: 9 up to 12"
