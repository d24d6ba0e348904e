"""The grade of a reading: what must hold inside a figure, and what it weighs where it does not."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from survrecon.digitizing import DigitizedFigure, Doubt
from survrecon.digitizing.quality import graded, impossible_cells
from survrecon.digitizing.result import Dash, NameSource
from survrecon.model.grade import Grade
from tests.digitizing.made import a_figure, a_table, an_arm, an_axis

HIGH = an_arm("A", [6, 12, 18, 29], [0.9, 0.8, 0.7, 0.7])
LOW = an_arm("B", [6, 12, 18, 25], [0.7, 0.5, 0.3, 0.3], n=80)
TIMES = [0, 6, 12, 18, 24, 30]
TABLE = a_table(TIMES, A=[100, 98, 84, 70, 30, 0], B=[80, 78, 50, 30, 5, 0])


def of(figure: DigitizedFigure) -> tuple[Grade, str]:
    made = graded(figure, figure.risk_table)
    assert made.reading is not None
    return made.reading.grade, "; ".join(made.reading.reasons)


def test_what_fits_together_is_good_without_a_reason() -> None:
    assert of(a_figure(HIGH, LOW, table=TABLE)) == (Grade.GOOD, "")


def test_a_single_number_above_its_curve_is_to_be_checked() -> None:
    table = a_table(TIMES, A=[100, 98, 84, 90, 30, 0], B=TABLE.rows["B"])
    figure = graded(a_figure(HIGH, LOW, table=table), table)
    assert figure.reading is not None
    assert figure.reading.grade is Grade.CHECK
    (doubt,) = figure.doubts
    assert (doubt.field, doubt.arm, doubt.time, doubt.options) == ("numbers at risk", "A", 18.0, ("risk_table",))
    assert impossible_cells(figure, table) == {"A": [18.0]}


def test_rows_of_the_other_arm_are_unreliable_and_named() -> None:
    table = a_table(TIMES, A=[80, 78, 50, 30, 5, 0], B=[100, 98, 84, 70, 30, 0])
    exchanged = a_figure(replace(HIGH, n=80), replace(LOW, n=100), table=table)
    grade, reasons = of(exchanged)
    assert grade is Grade.UNRELIABLE
    assert "when these two rows are exchanged" in reasons


def test_of_a_row_that_rises_the_fewest_numbers_go() -> None:
    table = a_table(TIMES, A=[100, 9, 84, 70, 30, 0])
    assert impossible_cells(a_figure(HIGH), table) == {"A": [6.0]}


def test_numbers_at_risk_without_a_first_column_tell_no_contradiction() -> None:
    late = a_table(TIMES[1:], A=[98, 84, 70, 30, 0])
    assert of(a_figure(replace(HIGH, n=None), table=late))[0] is Grade.GOOD


@pytest.mark.parametrize(
    ("arm", "reason"),
    [
        (replace(HIGH, followed=0.5), "its ink shows in 50%"),
        (replace(HIGH, survival=np.array([0.9, 0.85, 0.8, 0.7, 0.7])), "does not start at full survival"),
        (replace(HIGH, name="334 279 265 239"), "hardly the name of an arm"),
        (replace(HIGH, name="HR 0.65"), "hardly the name of an arm"),
        (replace(HIGH, name="A vs B"), "hardly the name of an arm"),
        (replace(HIGH, name="26 events"), "hardly the name of an arm"),
    ],
)
def test_what_is_no_curve_or_no_name_is_to_be_checked(arm: object, reason: str) -> None:
    grade, reasons = of(a_figure(arm))  # type: ignore[arg-type]
    assert grade is Grade.CHECK
    assert reason in reasons


@pytest.mark.parametrize("name", ["1992-2004", "LVEF <40%", "500 mg", "Group 1", "60-69"])
def test_names_with_numbers_are_names(name: str) -> None:
    assert of(a_figure(replace(HIGH, name=name)))[0] is Grade.GOOD


def test_groups_of_a_score_are_called_by_numbers_and_one_alone_is_not() -> None:
    table = a_table(TIMES, **{"0": TABLE.rows["A"], "1-2": TABLE.rows["B"]})
    assert of(a_figure(replace(HIGH, name="0"), replace(LOW, name="1-2"), table=table)) == (Grade.GOOD, "")
    assert of(a_figure(replace(HIGH, name="0"), replace(LOW, name="Drug")))[0] is Grade.CHECK


def test_a_letter_that_another_name_begins_with_is_the_rest_of_a_name() -> None:
    grade, reasons = of(a_figure(replace(HIGH, name="P"), replace(LOW, name="Placebo, no baseline drug")))
    assert grade is Grade.CHECK
    assert "the rest of this name was not read" in reasons
    for name, other in (("A", "AB"), ("A", "B plus anything"), ("N", "Node+")):
        assert of(a_figure(replace(HIGH, name=name), replace(LOW, name=other)))[0] is Grade.GOOD


def test_dots_that_stand_upright_may_hatch_a_band() -> None:
    """Dotted lines are as high as they are wide, however many they are."""
    dotted = [replace(arm, dash=Dash.DOTTED, dot_height=1.4) for arm in (HIGH, LOW)]
    assert of(a_figure(*dotted))[0] is Grade.GOOD
    grade, reasons = of(a_figure(dotted[0], replace(dotted[1], dot_height=3.4)))
    assert grade is Grade.CHECK
    assert "curve of B: its dots stand 3 times as high" in reasons


def test_slopes_between_the_events_of_few_patients_are_in_doubt() -> None:
    """A patient of 40 is a step of several pixels high; of 4,000 none is seen."""
    few, many = (replace(HIGH, n=n, aslant=0.6) for n in (40, 4000))
    grade, reasons = of(a_figure(few, replace(LOW, aslant=0.1)))
    assert grade is Grade.CHECK
    assert "60% of its fall is drawn aslant" in reasons
    assert of(a_figure(many, LOW))[0] is Grade.GOOD


def test_a_name_that_was_typed_is_in_no_doubt() -> None:
    assert of(a_figure(replace(HIGH, name="26 events", name_source=NameSource.GIVEN)))[0] is Grade.GOOD


def test_two_curves_on_one_line_may_be_one_arm() -> None:
    grade, reasons = of(a_figure(HIGH, replace(HIGH, name="C")))
    assert grade is Grade.CHECK
    assert "coincides with C" in reasons


def test_an_axis_that_does_not_fit_its_ticks() -> None:
    bent = an_axis([0, 6, 12, 18, 24, 30], 10.0, residuals=np.array([0, 0, 9.0, 0, 0, 0]))
    grade, reasons = of(a_figure(HIGH, time_axis=bent))
    assert grade is Grade.CHECK
    assert "time axis: a tick is off" in reasons


def test_unevenly_spaced_ticks_tell_by_the_mean_spacing_and_pieces_tell_nothing() -> None:
    """A tick at 1 that is off by 0.2 is off by 20% of the way to 0, and by 3% of the mean way between ticks."""
    times = [0, 1, 3, 6, 12, 18, 30]
    off = an_axis(times, 10.0, residuals=np.array([0, 2.0, 0, 0, 0, 0, 0]))
    far = an_axis(times, 10.0, residuals=np.array([0, 9.0, 0, 0, 0, 0, 0]))
    assert of(a_figure(HIGH, time_axis=off))[0] is Grade.GOOD
    assert of(a_figure(HIGH, time_axis=far))[0] is Grade.CHECK
    assert of(a_figure(HIGH, time_axis=replace(far, pieces=True)))[0] is Grade.GOOD


def test_a_first_drop_that_is_seen_is_said() -> None:
    low = replace(HIGH, survival=np.array([0.9, 0.85, 0.8, 0.7, 0.7]))
    figure = graded(a_figure(replace(low, first_drop=True)), None)
    assert figure.reading is not None
    assert (figure.reading.grade, figure.doubts) == (Grade.GOOD, ())
    assert any("drawn down to 0.900 at time 0" in said for said in figure.warnings)


def test_an_end_far_from_the_last_number_at_risk() -> None:
    short = an_arm("A", [6, 12, 18], [0.9, 0.8, 0.8])
    grade, reasons = of(a_figure(short, table=a_table(TIMES, A=[100, 90, 80, 70, 30, 11])))
    assert grade is Grade.CHECK
    assert "11 patients are still at risk at 30" in reasons


def test_marks_on_one_arm_alone_are_a_doubt() -> None:
    figure = graded(a_figure(replace(HIGH, censor_times=np.array([3.0])), LOW), None)
    (doubt,) = figure.doubts
    assert (doubt.field, doubt.arm) == ("marks", "B")
    assert figure.reading is not None
    assert figure.reading.grade is Grade.GOOD  # one of many things that tell who was censored
    assert figure.reading.reasons == ("marks of B: no censoring mark was found on it, as on A",)


def test_doubts_weigh_by_field_and_confidence_and_many_of_a_kind_as_a_few() -> None:
    def doubt(field: str, confidence: float, where: str = "here") -> Doubt:
        return Doubt(where=where, read="", confidence=confidence, why="?", options=(), field=field)

    assert of(a_figure(HIGH, doubts=(doubt("numbers at risk", 0.7),)))[0] is Grade.GOOD
    assert of(a_figure(HIGH, doubts=(doubt("curve", 0.0),)))[0] is Grade.CHECK
    many = tuple(doubt("arm name", 0.0, str(k)) for k in range(9))
    assert of(a_figure(HIGH, doubts=many))[0] is Grade.CHECK
    assert of(a_figure(HIGH, doubts=(*many, doubt("curve", 0.0), doubt("n", 0.0, "n"))))[0] is Grade.UNRELIABLE


def test_a_doubt_as_a_record_keeps_it() -> None:
    doubt = Doubt(
        where="risk table, A, time 6", read="95", confidence=0.4, why="weak reading", options=("risk_table",),
        field="numbers at risk", arm="A", time=6.0,
    )  # fmt: skip
    kept = doubt.recorded()
    assert kept.model_dump(exclude={"text"}) == {
        "field": "numbers at risk", "arm": "A", "time": 6.0, "read": "95", "option": "risk_table",
    }  # fmt: skip
    assert "override with --risk-table" in kept.text
