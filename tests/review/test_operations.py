"""Operations on a working record: what each does, and that no curve ever rises or leaves its frame."""

from __future__ import annotations

from contextlib import suppress
from typing import Any

import numpy as np
import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule, run_state_machine_as_test

from survrecon.errors import ReviewError
from survrecon.review.log import REDO, UNDO, ReaderProgress, continued
from survrecon.review.operations import OPERATIONS, applied, differences, problems
from survrecon.review.record import as_figure, record_parts
from survrecon.review.state import ReviewDoubtItem, ReviewState, level_at, state_bytes
from tests.review.made import a_reading, a_state

START = a_state()


def did(op: str, state: ReviewState = START, **given: Any) -> ReviewState:
    return applied(state, op, given)


def corners(state: ReviewState, arm: str = "a1") -> list[tuple[float, float]]:
    found = state.arm(arm)
    assert found is not None
    return list(found.corners)


def test_an_unedited_reading_is_the_reading() -> None:
    """Nothing is lost on the way to pixels and back, not even the last digit of the record."""
    again = as_figure(START)
    for arm, other in zip(a_reading().arms, again.arms, strict=True):
        assert np.allclose(arm.time, other.time, rtol=0, atol=1e-9)
        assert np.allclose(arm.survival, other.survival, rtol=0, atol=1e-12)
        assert (arm.n, arm.name, arm.n_source) == (other.n, other.name, other.n_source)
    assert again.reading is not None
    assert ReviewState.model_validate_json(state_bytes(START)) == START


def test_a_dragged_corner_stops_between_its_neighbours() -> None:
    before = corners(START)
    for x, y in ((0.0, 0.0), (1e4, 1e4), (before[2][0], -50.0)):
        moved = corners(did("move_corner", arm="a1", index=2, x=x, y=y))
        assert before[1][0] < moved[2][0] < before[3][0]
        assert before[1][1] <= moved[2][1] <= before[3][1]
    assert corners(did("move_corner", arm="a1", index=2, x=before[2][0] + 1, y=before[2][1] + 2))[2] == (
        before[2][0] + 1,
        before[2][1] + 2,
    )


def test_steps_are_added_and_removed() -> None:
    more = did("insert_corner", arm="a1", x=120.0, y=160.0)
    assert len(corners(more)) == len(corners(START)) + 1
    place = corners(more).index((120.0, 160.0))
    assert corners(did("delete_corner", more, arm="a1", index=place)) == corners(START)
    with pytest.raises(ReviewError, match="a place without a corner"):
        did("insert_corner", more, arm="a1", x=120.0, y=170.0)


def test_a_stretch_is_redrawn_but_never_upwards() -> None:
    new = did("redraw", arm="a1", corners=[[60.0, 60.0], [90.0, 88.0], [99.0, 90.0]])
    assert level_at(tuple(corners(new)), 95.0) == 88.0
    with pytest.raises(ReviewError, match="survival never rises"):
        did("redraw", arm="a1", corners=[[200.0, 60.0], [230.0, 70.0]])


def test_curves_are_swapped_where_they_meet_and_swapped_back() -> None:
    crossing = did("redraw", arm="a1", corners=[[70.0, 55.0], [130.0, 110.0], [260.0, 235.0]])
    swapped = did("swap_after", crossing, arm="a1", other="a2", x=128.0)
    assert level_at(tuple(corners(swapped)), 300.0) == level_at(tuple(corners(crossing, "a2")), 300.0)
    back = did("swap_after", swapped, arm="a1", other="a2", x=128.0)
    assert [(arm.corners, arm.marks or ()) for arm in back.arms] == [
        (arm.corners, arm.marks or ()) for arm in crossing.arms
    ]
    assert [arm.marks for arm in swapped.arms] == [(), (150.0, 270.0)]
    with pytest.raises(ReviewError, match="a place where the curves meet"):
        did("swap_after", arm="a1", other="a2", x=300.0)


def test_marks_go_with_the_curve_that_is_swapped_or_given() -> None:
    given = did("give_marks", arm="a1", to="a2", indices=[1])
    assert [len(arm.marks or ()) for arm in given.arms] == [1, 1]
    assert did("move_mark", arm="a1", index=0, x=1e5).arms[0].marks == (270.0, 330.0)  # no further than its curve
    assert did("set_marks", arm="a1", marks=None).arms[0].marks is None
    assert did("delete_mark", did("add_mark", arm="a2", x=100.0), arm="a2", index=0).arms[1].marks == ()


def test_arms_are_split_merged_named_and_deleted() -> None:
    split = did("split_arm", arm="a1", x=150.0, name="rest")
    assert [arm.name for arm in split.arms] == ["control", "drug", "rest"]
    merged = did("merge_arms", split, arm="a1", other="a3")
    grid = np.linspace(51, 330, 200)
    levels = [[level_at(tuple(corners(state)), x) for x in grid] for state in (START, merged)]
    assert levels[0] == levels[1]
    with pytest.raises(ReviewError, match="no other arm has"):
        did("rename_arm", arm="a1", name=" drug ")
    gone = did("delete_arm", arm="a2")
    assert [row.arm for row in gone.table.rows] == ["a1", None]
    assert (gone.statistics[0].of, gone.statistics[0].over) == (None, "a1")


def test_a_stretch_is_given_to_another_arm() -> None:
    drawn = did("add_arm", name="new", corners=[[50.0, 50.0], [90.0, 52.0]])
    given = did("give_stretch", drawn, arm="a1", to="a3", x_from=120.0, x_to=220.0)
    assert level_at(tuple(corners(given, "a3")), 200.0) == level_at(tuple(corners(START)), 200.0)
    assert level_at(tuple(corners(given)), 200.0) == level_at(tuple(corners(START)), 119.0)
    assert level_at(tuple(corners(given)), 300.0) == level_at(tuple(corners(START)), 300.0)


def test_an_axis_end_read_as_06_is_typed_and_every_time_follows() -> None:
    wrong = did("set_handle", axis="time", index=1, value=3.0)
    right = did("set_handle", wrong, axis="time", index=1, value=30.0)
    assert as_figure(wrong).arms[0].time[-1] == pytest.approx(2.8)
    assert as_figure(right).arms[0].time[-1] == pytest.approx(28)
    assert corners(right) == corners(START)
    with pytest.raises(ReviewError, match="times that rise to the right"):
        did("set_handle", axis="time", index=1, value=-1.0)
    with pytest.raises(ReviewError, match="rise from the bottom to the top"):
        did("set_axis", axis="survival", handles=[{"pixel": 50, "value": 0}, {"pixel": 450, "value": 1}])


def test_a_calibration_that_puts_a_curve_outside_is_a_problem() -> None:
    off = did("move_handle", axis="survival", index=0, pixel=150.0)
    assert "between survival 0 and 1" in str(problems(off)[0])
    assert as_figure(off).arms[0].survival.max() <= 1


def test_a_cell_at_time_0_is_the_number_of_patients_where_that_came_from_the_table() -> None:
    assert did("set_cell", row="r1", column=0, value=150).arms[0].n == 150
    stated = did("set_n", arm="a1", value=120)
    assert did("set_cell", stated, row="r1", column=0, value=150).arms[0].n == 120
    with pytest.raises(ReviewError, match="integer"):
        did("set_cell", row="r1", column=0, value=14.5)


def test_rows_columns_and_times() -> None:
    more = did("add_column", time=9.0)
    assert more.table.times == (0.0, 6.0, 9.0, 12.0, 18.0, 24.0)
    assert did("delete_column", more, column=2).table.times == START.table.times
    assert did("set_row", row="r2", arm=None, kind="not used").table.rows[1].arm is None
    with pytest.raises(ReviewError, match="one row of at risk an arm"):
        did("set_row", row="r2", arm="a1", kind="at risk")
    with pytest.raises(ReviewError, match="each later than the one before"):
        did("set_times", times=[0, 6, 5, 18, 24])


def doubtful(field: str, arm: str, time: float | None = None) -> ReviewState:
    """The reading, with a doubt about a field of an arm."""
    doubt = ReviewDoubtItem(id="d9", field=field, text="doubtful", arm=arm, time=time)
    return START.model_copy(update={"doubts": (doubt,)})


def open_doubts(state: ReviewState) -> list[str | None]:
    return [doubt.arm for doubt in state.doubts if not doubt.resolved]


def test_doubts_about_what_is_no_more_are_settled() -> None:
    weak = doubtful("numbers at risk", "a1", 12.0)
    assert open_doubts(did("delete_row", weak, row="r1")) == []
    assert open_doubts(did("delete_column", weak, column=2)) == []
    assert open_doubts(did("delete_column", weak, column=3)) == ["a1"]
    assert open_doubts(did("set_row", weak, row="r1", arm="a1", kind="not used")) == []
    assert open_doubts(did("delete_row", weak, row="r2")) == ["a1"]
    free = did("delete_row", weak, row="r2")
    assert open_doubts(did("set_row", free, row="r1", arm="a2", kind="at risk")) == ["a2"]
    assert open_doubts(did("delete_arm", doubtful("arm name", "a1"), arm="a1")) == []
    assert open_doubts(did("delete_arm", weak, arm="a1")) == [None]
    assert open_doubts(did("set_marks", doubtful("marks", "a2"), arm="a2", marks=[100.0])) == []


def test_printed_numbers_are_typed_and_checked() -> None:
    more = did("add_statistic", quantity="median", arm="a1", value=12.5)
    assert more.statistics[-1].decimals == 1
    assert did("set_statistic", statistic="s1", model="stratified").statistics[0].model == "stratified"
    with pytest.raises(ReviewError, match="inside its interval"):
        did("set_statistic", statistic="s1", value=0.9)
    with pytest.raises(ReviewError, match="one of value, low"):
        did("set_statistic", statistic="s1", colour="red")


def test_a_curve_that_falls_is_no_1_minus_s() -> None:
    with pytest.raises(ReviewError, match="survival never rises"):
        did("set_one_minus_survival", value=True)
    bare = did("delete_arm", did("delete_arm", arm="a1"), arm="a2")
    rising = did("set_one_minus_survival", bare, value=True)
    drawn = did("add_arm", rising, name="x", corners=[[50.0, 450.0], [100.0, 400.0], [200.0, 420.0]])
    assert [y for _, y in corners(drawn)] == [450.0, 400.0, 400.0]


@pytest.mark.parametrize(
    ("op", "given"),
    [
        ("nonsense", {}),
        ("read_again", {}),
        ("move_corner", {"arm": "a1", "index": 2, "x": "left", "y": 3}),
        ("move_corner", {"arm": "a1", "index": 2}),
        ("move_corner", {"arm": "a1", "index": 99, "x": 1, "y": 1}),
        ("move_corner", {"arm": "a1", "index": 2, "x": 1, "y": 1, "z": 1}),
        ("move_corner", {"arm": "a1", "index": 2, "x": float("nan"), "y": 1}),
        ("set_n", {"arm": "a9", "value": 3}),
        ("set_n", {"arm": "a1", "value": -3}),
        ("set_events", {"arm": "a1", "value": 300}),
        ("rename_arm", {"arm": "a1", "name": "  "}),
        ("set_time_unit", {"value": "fortnights"}),
        ("add_arm", {"name": "x", "corners": []}),
        ("resolve_doubt", {"doubt": "d99", "resolved": True}),
    ],
)
def test_what_cannot_be_is_one_error(op: str, given: dict[str, Any]) -> None:
    with pytest.raises(ReviewError):
        applied(START, op, given)


def test_differences_name_the_place() -> None:
    moved = did("move_corner", arm="a1", index=2, x=101.0, y=152.0)
    assert differences(START, moved) == {"arms.a1.corners[2]": ([[100.0, 150.0]], [[101.0, 152.0]])}
    assert differences(START, START) == {}


class AnyEdits(RuleBasedStateMachine):
    """Any operations in any order: no curve rises, survival stays from 0 to 1, undoing all gives the first bytes."""

    def __init__(self) -> None:
        super().__init__()
        self.progress = ReaderProgress(start=START)
        self.frame = START.frame

    def _try(self, op: str, **given: Any) -> None:
        with suppress(ReviewError):
            self.progress = continued(self.progress, op, given, "2026-01-01T00:00:00Z")

    def _arm(self, k: int) -> str:
        arms = self.progress.state.arms
        return arms[k % len(arms)].id if arms else "a1"

    places = st.floats(-50, 600)
    arms = st.integers(0, 5)

    @rule(arm=arms, index=st.integers(0, 9), x=places, y=places)
    def move(self, arm: int, index: int, x: float, y: float) -> None:
        self._try("move_corner", arm=self._arm(arm), index=index, x=x, y=y)

    @rule(arm=arms, x=places, y=places)
    def insert(self, arm: int, x: float, y: float) -> None:
        self._try("insert_corner", arm=self._arm(arm), x=x, y=y)

    @rule(arm=arms, index=st.integers(0, 9))
    def delete(self, arm: int, index: int) -> None:
        self._try("delete_corner", arm=self._arm(arm), index=index)

    @rule(arm=arms, drawn=st.lists(st.tuples(places, places), min_size=1, max_size=6))
    def redraw(self, arm: int, drawn: list[tuple[float, float]]) -> None:
        self._try("redraw", arm=self._arm(arm), corners=[list(corner) for corner in drawn])

    @rule(name=st.sampled_from("xyz"), drawn=st.lists(st.tuples(places, places), min_size=1, max_size=6))
    def add(self, name: str, drawn: list[tuple[float, float]]) -> None:
        self._try("add_arm", name=name, corners=[list(corner) for corner in drawn])

    @rule(op=st.sampled_from(["swap_after", "merge_arms"]), arm=arms, other=arms, x=places)
    def combine(self, op: str, arm: int, other: int, x: float) -> None:
        where = {"x": x} if op == "swap_after" else {}
        self._try(op, arm=self._arm(arm), other=self._arm(other), **where)

    @rule(arm=arms, other=arms, ends=st.tuples(places, places))
    def give(self, arm: int, other: int, ends: tuple[float, float]) -> None:
        self._try("give_stretch", arm=self._arm(arm), to=self._arm(other), x_from=min(ends), x_to=max(ends))

    @rule(arm=arms, x=places, name=st.sampled_from("pqr"))
    def split(self, arm: int, x: float, name: str) -> None:
        self._try("split_arm", arm=self._arm(arm), x=x, name=name)

    @rule(arm=arms, x=places)
    def mark(self, arm: int, x: float) -> None:
        self._try("add_mark", arm=self._arm(arm), x=x)

    @rule(axis=st.sampled_from(["time", "survival"]), index=st.integers(0, 1), pixel=places)
    def calibrate(self, axis: str, index: int, pixel: float) -> None:
        self._try("move_handle", axis=axis, index=index, pixel=pixel)

    @rule(row=st.sampled_from(["r1", "r2"]), column=st.integers(0, 5), value=st.integers(-1, 200))
    def cell(self, row: str, column: int, value: int) -> None:
        self._try("set_cell", row=row, column=column, value=value)

    @rule(arm=arms)
    @precondition(lambda self: len(self.progress.state.arms) > 2)
    def drop(self, arm: int) -> None:
        self._try("delete_arm", arm=self._arm(arm))

    @rule(what=st.sampled_from([UNDO, REDO]))
    def turn(self, what: str) -> None:
        self._try(what)

    @invariant()
    def no_curve_rises(self) -> None:
        state = self.progress.state
        for arm in state.arms:
            x, y = (np.array(part) for part in zip(*arm.corners, strict=True))
            assert (np.diff(x) > 0).all()
            assert (np.diff(y) >= 0).all()
            survival = state.survival(y)
            assert (np.diff(survival) <= 1e-12).all()
            assert ((survival >= 0) & (survival <= 1)).all()
            marks = np.array(arm.marks or ())
            assert ((marks >= x[0]) & (marks <= x[-1])).all()

    def teardown(self) -> None:
        back = self.progress
        while back.steps:
            back = continued(back, UNDO, {}, "2026-01-01T00:00:00Z")
        assert state_bytes(back.state) == state_bytes(START)


TestAnyEdits = AnyEdits.TestCase
TestAnyEdits.settings = settings(max_examples=8, stateful_step_count=25)


@pytest.mark.slow
def test_any_edits_for_longer() -> None:
    run_state_machine_as_test(AnyEdits, settings=settings(max_examples=150, stateful_step_count=50))


def test_every_operation_is_on_the_page_or_tested_here() -> None:
    """The page's list of operations in the developers' notes is the table itself."""
    from pathlib import Path

    page = (Path(__file__).parents[2] / "docs" / "review_interface.md").read_text(encoding="utf-8")
    assert not [name for name in OPERATIONS if f"`{name}`" not in page]


def test_a_record_of_a_state_without_axes_says_what_is_missing() -> None:
    blank = START.model_copy(update={"time_axis": type(START.time_axis)()})
    with pytest.raises(ReviewError, match="two lines"):
        record_parts(blank)
