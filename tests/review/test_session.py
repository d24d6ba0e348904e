"""A reader at work: every edit is on the disk, the log makes the record again, byte for byte."""

from __future__ import annotations

import errno
import json
import shutil
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest

from survrecon.digitizing.source import LONGEST_SIDE
from survrecon.digitizing.words.risk_table import LATE_ENTRY, NO_LATE_ENTRY
from survrecon.errors import ReviewError, SurvreconError
from survrecon.files.points import read_points
from survrecon.records.folder import RECORD_FILE, read_figure
from survrecon.report.content.checklist import provenance_pairs
from survrecon.report.json import result_to_dict
from survrecon.review.folder import accepted_parts, make_review, open_reader, open_review
from survrecon.review.rebuilt import Rebuilder
from survrecon.review.session import ReviewSession, StaleRevisionError
from survrecon.review.state import StartedFrom, state_bytes
from survrecon.running.accept import accept_edits
from survrecon.running.record import rebuild_arm, run_record
from tests.digitizing.made import a_table
from tests.review.made import a_review, a_session, edited, with_few_draws

if TYPE_CHECKING:
    from pathlib import Path

    from survrecon.model.curve import SurvivalCurve
    from survrecon.model.ipd import Reconstruction
    from survrecon.records.folder import FigureRecord
    from survrecon.records.schema import Arm


def again(session: ReviewSession) -> ReviewSession:
    """Return the same reader as after closing everything."""
    review = open_review(session.review.path)
    return ReviewSession(review, open_reader(review, session.reader.name))


def lines(session: ReviewSession) -> list[dict[str, object]]:
    return [json.loads(line) for line in session.reader.log.path.read_text(encoding="utf-8").splitlines()]


def test_every_edit_is_a_line_and_a_reload_loses_nothing(tmp_path: Path) -> None:
    session = a_session(tmp_path, "A. Reader")
    edited(session, "set_n", arm="a1", value=120)
    edited(session, "move_corner", arm="a1", index=2, x=101.0, y=151.0)
    session.undo(2)
    told = lines(session)
    assert [line["what"] for line in told] == ["set_n", "move_corner", "undo"]
    assert {line["who"] for line in told} == {"A. Reader"}
    assert told[0]["from"] == {"arms.a1.n": 100, "arms.a1.n_source": "risk table"}
    assert told[0]["to"] == {"arms.a1.n": 120, "arms.a1.n_source": "given"}
    back = again(session)
    assert state_bytes(back.progress.state) == state_bytes(session.progress.state)
    assert (back.revision, len(back.progress.undone)) == (3, 1)
    back.redo(3)
    back.undo(4)
    back.undo(5)
    assert state_bytes(back.progress.state) == state_bytes(back.reader.start)


def test_what_cannot_be_changes_neither_state_nor_log(tmp_path: Path) -> None:
    session = a_session(tmp_path)
    edited(session, "set_n", arm="a1", value=120)
    before = session.reader.log.path.read_bytes(), state_bytes(session.progress.state)
    with pytest.raises(ReviewError):
        edited(session, "set_n", arm="a1", value=-1)
    with pytest.raises(ReviewError, match="changes something"):
        edited(session, "set_n", arm="a1", value=120)
    with pytest.raises(StaleRevisionError):
        session.edit(0, "set_n", {"arm": "a1", "value": 90})
    with pytest.raises(ReviewError, match="page's operations"):
        session.edit(1, "read_again", {"reading": {}})
    with pytest.raises(ReviewError, match="done again"):
        session.redo(1)
    assert before == (session.reader.log.path.read_bytes(), state_bytes(session.progress.state))


def test_a_line_cut_short_is_dropped_and_a_changed_one_is_noticed(tmp_path: Path) -> None:
    session = a_session(tmp_path)
    edited(session, "set_n", arm="a1", value=120)
    log = session.reader.log.path
    whole = log.read_bytes()
    log.write_bytes(whole + b'{"n": 2, "what": "set_')
    back = again(session)
    assert back.revision == 1
    assert log.read_bytes() == whole
    assert back.reader.log.cut_short is not None
    assert back.reader.log.cut_short.read_bytes() == b'{"n": 2, "what": "set_\n'
    assert again(session).reader.log.cut_short is None
    log.write_bytes(whole.replace(b'"value": 120', b'"value": 125'))
    with pytest.raises(ReviewError, match="line 1: a line as the program wrote it"):
        again(session)


def test_accepted_is_a_record_and_the_log_makes_it_again(tmp_path: Path) -> None:
    session = a_session(tmp_path, "A")
    edited(session, "set_cell", row="r1", column=2, value=60)
    edited(session, "move_corner", arm="a2", index=2, x=131.0, y=111.0)
    edited(session, "set_n", arm="a2", value=101)
    session.undo(session.revision)
    session.accept(session.revision)
    folder = session.review.path
    record = read_figure(folder)
    digitized = record.document.digitized
    assert digitized.review is not None
    assert digitized.review.words.startswith("A checked the program's reading: 2 edits; accepted ")
    told = {edit.file: edit.changes for edit in digitized.edits}
    assert set(told) == {"risk_table.csv", "drug.csv"}
    assert told["risk_table.csv"] == ("1 cell changed: control at 12, 59 to 60",)
    typed = [value for value in record.readings if value.typed]
    assert [(value.arm, value.at, value.read, value.used) for value in typed] == [("control", 12.0, "59", "60")]
    back = again(session)
    assert back.progress.accepted is not None
    parts = accepted_parts(back.review, back.reader, back.progress.accepted)
    for name, text in parts.texts.items():
        assert (folder / name).read_bytes() == text.encode(), name


def test_nothing_edited_is_the_automatic_record(tmp_path: Path) -> None:
    session = a_session(tmp_path)
    automatic = session.review.path / "automatic"
    before = {item.name: item.read_bytes() for item in automatic.iterdir()}
    session.accept(0)
    for name in ("control.csv", "drug.csv", "risk_table.csv", "readings.csv"):
        assert (session.review.path / name).read_bytes() == before[name]
    assert read_figure(session.review.path).document.digitized.edits == ()
    assert {item.name: item.read_bytes() for item in automatic.iterdir()} == before  # never written again


def test_the_ratio_is_hidden_until_the_reader_has_accepted(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    session = a_session(tmp_path)
    with_few_draws(session, monkeypatch)
    before = session.result_view()
    assert (before["hidden_until_accepted"], before["accepted"]) == (True, None)
    words = json.dumps(before)
    assert not [word for word in ("hazard", "verdict", "against_print", "contrast") if word in words]
    assert {arm["id"] for arm in before["arms"]} == {"a1", "a2"}
    assert all(arm["error"] is None and arm["at_risk"] for arm in before["arms"])
    session.accept(0)
    after = session.result_view()["accepted"]
    assert after["contrasts"][0]["of"] == "drug"
    assert after["checks"]
    edited(session, "set_n", arm="a1", value=110)
    assert session.result_view()["accepted"] is None
    session.accept(session.revision)
    review = read_figure(session.review.path).document.digitized.review
    assert review is not None
    assert "1 of them after the rebuilt result had been seen" in review.words
    result = run_record(session.review.path, draws=2)
    assert result_to_dict(result)["provenance"]["review"]["edits"] == 1
    assert ("review", review.words) in provenance_pairs(result)


def test_after_an_edit_only_the_arm_that_changed_is_rebuilt(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    session = a_session(tmp_path)
    session._rebuilder = Rebuilder(draws=2)
    made = []

    def counted(record: FigureRecord, arm: Arm, seed: int, *, quick: bool = False) -> Reconstruction:
        made.append((arm.name, quick))
        return rebuild_arm(record, arm, seed, quick=quick)

    def noted(path: Path, **told: Any) -> SurvivalCurve:
        read.append(path.name)
        return read_points(path, **told)

    read: list[str] = []
    monkeypatch.setattr("survrecon.review.rebuilt.rebuild_arm", counted)
    monkeypatch.setattr("survrecon.files.points.read_points", noted)
    before = session.result_view()
    assert (made, before["draws"], len(read)) == ([("control", True), ("drug", True)], 2, 2)
    edited(session, "set_cell", row="r2", column=2, value=74)
    after = session.result_view()
    assert made[2:] == [("drug", True)]
    assert before["arms"][0] == after["arms"][0]
    session.undo(session.revision)
    assert (session.result_view()["arms"], len(made)) == (before["arms"], 3)
    assert len(read) == 2  # no curve was changed
    edited(session, "move_corner", arm="a1", index=2, x=101.0, y=160.0)
    session.result_view()
    assert (len(made), len(read)) == (4, 3)


@pytest.mark.slow
def test_a_look_shows_what_the_record_will_hold(tmp_path: Path) -> None:
    """Fewer particles are for speed: curve and numbers at risk are those of a run."""
    session = a_session(tmp_path)
    look = {arm["id"]: arm for arm in session.result_view()["arms"]}
    session.accept(session.revision)
    record = read_figure(session.review.path)
    for one, arm in zip(("a1", "a2"), record.document.arms, strict=True):
        full = rebuild_arm(record, arm, 0).ipd
        assert abs(look[one]["events"] - full.events) <= 2
        off = np.abs(full.residuals_from(record.curves[arm.name])).max()
        assert look[one]["residual_largest"] < off + 0.03
        table = record.risk_tables[arm.name]
        shown = np.array([cell["rebuilt"] for cell in look[one]["at_risk"]])
        assert np.abs(shown - full.at_risk(table.time)).max() <= 2


def test_an_arm_without_its_number_says_so_and_the_others_are_rebuilt(tmp_path: Path) -> None:
    session = a_session(tmp_path)
    session._rebuilder = Rebuilder(draws=2)
    edited(session, "add_arm", name="third", corners=[[50.0, 50.0], [200.0, 90.0]])
    arms = {arm["id"]: arm for arm in session.result_view()["arms"]}
    assert arms["a3"]["error"]["got"] == "none"
    assert arms["a1"]["error"] is None


def test_the_first_reader_sees_the_reading_and_the_second_one_nothing_of_it(tmp_path: Path) -> None:
    first = a_session(tmp_path, "A")
    second = a_session(tmp_path, "B", review=first.review)
    assert (first.reader.started_from, second.reader.started_from) == (StartedFrom.AUTOMATIC, StartedFrom.BLIND)
    view = second.state_view()
    assert (view["arms"], view["table"]["rows"], view["statistics"], view["doubts"]) == ([], [], [], [])
    assert view["figure"]["warnings"] == []
    assert second.result_view()["differences"] is None
    with pytest.raises(ReviewError, match="reads blind"):
        second.read_again(0, first.review.automatic)
    with pytest.raises(ReviewError, match="started from: automatic"):
        open_reader(first.review, "B", started_from=StartedFrom.AUTOMATIC)
    with pytest.raises(ReviewError, match="two lines"):
        second.accept(0)


def test_a_figure_that_nothing_can_read_is_read_by_hand(tmp_path: Path) -> None:
    """Two arms by clicks, calibration and table typed: a record of points by hand, which runs."""
    session = a_session(tmp_path, "B", StartedFrom.BLIND)
    edited(session, "set_axis", axis="time", handles=[{"pixel": 50, "value": 0}, {"pixel": 350, "value": 30}])
    edited(session, "set_axis", axis="survival", handles=[{"pixel": 450, "value": 0}, {"pixel": 50, "value": 1}])
    for arm in session.review.automatic.arms:
        edited(session, "add_arm", name=arm.name, corners=[list(corner) for corner in arm.corners])
    for k, arm in enumerate(session.progress.state.arms):
        edited(session, "set_n", arm=arm.id, value=100 + k)
    session.accept(session.revision)
    record = read_figure(session.review.path)
    assert (str(record.kind), record.document.digitized.edits) == ("manual", ())
    assert "drawn on the picture of the figure by a person" in record.document.digitized.how
    assert [arm.n for arm in record.document.arms] == [100, 101]


@pytest.mark.slow
def test_a_scan_of_10000_pixels_is_read_by_hand_on_a_smaller_picture(tmp_path: Path) -> None:
    from PIL import Image

    figure = tmp_path / "huge.png"
    Image.new("L", (10_000, 7_000), 255).save(figure)
    review = make_review(figure, {}, tmp_path / "review")
    known = review.automatic.figure
    assert review.image.shape[:2] == (known.height, known.width)
    assert max(known.height, known.width) <= LONGEST_SIDE
    assert known.height / known.width == pytest.approx(0.7, abs=0.01)
    assert "10000" in (known.message or "")


def test_numbers_that_cannot_belong_together_are_not_accepted(tmp_path: Path) -> None:
    session = a_session(tmp_path)
    edited(session, "set_events", arm="a1", value=100)
    with pytest.raises(SurvreconError, match="events"):
        session.accept(1)
    assert (session.revision, (session.review.path / RECORD_FILE).exists()) == (1, False)


def rising(folder: Path) -> ReviewSession:
    """A figure of which the program read 10 for 100, so that patients seemed to enter late."""
    table = a_table([0, 6, 12, 18, 24], control=[10, 75, 59, 44, 28], drug=[100, 95, 75, 64, 63])
    return a_session(folder, review=a_review(folder, late_entry=True, risk_table=table, warnings=(LATE_ENTRY,)))


def test_a_row_that_rose_by_a_misread_cell_is_corrected_and_accepted(tmp_path: Path) -> None:
    session = rising(tmp_path)
    (problem,) = session.state_view()["problems"]
    assert (problem["where"], problem["got"]) == ("numbers at risk of control", "10, 75, 59, 44, 28")
    edited(session, "set_cell", row="r2", column=4, value=62)  # what is wrong stays so
    with pytest.raises(ReviewError, match="never rise"):
        session.accept(session.revision)
    edited(session, "set_cell", row="r1", column=0, value=100)
    session.accept(session.revision)
    document = read_figure(session.review.path).document
    assert document.analysis.naive is None
    assert NO_LATE_ENTRY in document.digitized.remarks
    assert LATE_ENTRY not in document.digitized.remarks
    read = [one for one in read_figure(session.review.path).readings if one.typed and one.at == 0]
    assert [(one.arm, one.read, one.used) for one in read] == [("control", "10", "100")]
    changes = {edit.file: edit.changes for edit in document.digitized.edits}
    assert {"figure.toml", "risk_table.csv", "control.csv", "drug.csv"} <= set(changes)
    assert "as the program read it no record could be made: numbers at risk of control" in changes["control.csv"][0]
    again(session)


def test_rows_that_rise_as_printed_are_removed_and_the_record_says_what_that_means(tmp_path: Path) -> None:
    session = rising(tmp_path)
    for row, arm in (("r1", "a1"), ("r2", "a2")):
        edited(session, "delete_row", row=row)
        edited(session, "set_n", arm=arm, value=120)
    session.accept(session.revision)
    document = read_figure(session.review.path).document
    assert document.analysis.naive is not None
    assert "enter late" in document.analysis.naive
    assert document.risk_table is None


def test_a_record_edited_with_a_text_editor_is_not_overwritten_and_can_be_accepted(tmp_path: Path) -> None:
    session = a_session(tmp_path)
    session.accept(0)
    table = session.review.path / "risk_table.csv"
    table.write_text(table.read_text(encoding="utf-8").replace("59", "58"), encoding="utf-8")
    edited(session, "set_n", arm="a1", value=101)
    with pytest.raises(ReviewError, match=r"risk_table\.csv"):
        session.accept(session.revision)
    assert session.revision == 2  # the refusal is no acceptance
    [edit] = accept_edits(session.review.path, "C")
    assert (edit.reader, edit.changes) == ("C", ("1 cell changed: control at 12, 59 to 58",))
    assert read_figure(session.review.path).document.digitized.review is not None


@pytest.mark.parametrize(
    "line",
    [
        b"garbage",
        b"\xff\xfe",
        b"[]",
        b'{"n": 1, "what": ["a"], "with": {}, "when": "x", "state": "y"}',
        b'{"n": 1, "what": "nonsense", "with": {}, "when": "x", "state": "y"}',
        b'{"n": 1, "what": "set_n", "with": [1], "when": "x", "state": "y"}',
        b'{"n": 1, "what": "accept", "with": {}, "when": 5, "state": "y"}',
    ],
)
def test_a_damaged_log_is_one_error_and_stays_as_it_is(tmp_path: Path, line: bytes) -> None:
    session = a_session(tmp_path)
    log = session.reader.log.path
    log.write_bytes(line + b"\n")
    with pytest.raises(ReviewError, match=r"line 1: a line as the program wrote it.*restore the file"):
        again(session)
    assert log.read_bytes() == line + b"\n"


def test_files_of_a_review_that_were_changed_are_one_error(tmp_path: Path) -> None:
    review = a_session(tmp_path).review
    reading, reader = review.path / "automatic" / "reading.json", review.path / "readers" / "reader" / "reader.json"
    kept = reading.read_bytes()
    reading.write_text("{}", encoding="utf-8")
    with pytest.raises(ReviewError, match="got figure: a required key; got nothing"):
        open_review(review.path)
    reading.write_bytes(kept)
    reader.write_text("{}", encoding="utf-8")
    with pytest.raises(ReviewError, match="got no started_from"):
        open_reader(review, "reader")


def test_a_disk_that_takes_nothing_is_one_error_and_loses_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(*_: Any, **__: Any) -> int:
        raise OSError(errno.EROFS, "Read-only file system")

    session = a_session(tmp_path, "A")
    edited(session, "set_n", arm="a1", value=101)
    lines = session.reader.log.path.read_bytes()
    with monkeypatch.context() as broken:
        broken.setattr("os.fsync", refuse)
        with pytest.raises(ReviewError, match=r"Read-only file system.*make it one"):
            edited(session, "set_n", arm="a1", value=102)
        broken.setattr("os.open", refuse)
        with pytest.raises(ReviewError, match="a reader's edits are kept there"):
            open_reader(session.review, "B")
    assert session.reader.log.path.read_bytes() == lines
    edited(session, "set_n", arm="a1", value=103)
    assert a_session(tmp_path, "A", review=session.review).progress.state.arms[0].n == 103


def test_files_that_vanish_while_a_reader_works(tmp_path: Path) -> None:
    """Nothing is accepted or put into a log that is not as it was left; put back, it goes on."""
    session = a_session(tmp_path, "A")
    edited(session, "set_n", arm="a1", value=101)
    kept = session.review.path.rename(tmp_path / "kept")
    with pytest.raises(ReviewError, match="put the review's folder back"):
        edited(session, "set_n", arm="a1", value=102)
    with pytest.raises(ReviewError, match="put the review's folder back"):
        session.accept(session.revision)
    assert not session.review.path.exists()
    kept.rename(session.review.path)
    edited(session, "set_n", arm="a1", value=102)
    shutil.rmtree(session.review.path / "automatic")
    with pytest.raises(ReviewError, match="beside its readers"):
        make_review(session.review.path)


@pytest.mark.slow
def test_a_third_arm_where_the_program_read_two(tmp_path: Path) -> None:
    session = a_session(tmp_path, "A")
    edited(session, "add_arm", name="third", corners=[[50.0, 50.0], [200.0, 90.0], [330.0, 90.0]])
    edited(session, "set_n", arm="a3", value=40)
    edited(session, "add_row", arm="a3", kind="at risk")
    edited(session, "set_cell", row=session.progress.state.table.rows[-1].id, column=0, value=40)
    session.accept(session.revision)
    record = read_figure(session.review.path)
    assert [(arm.name, arm.n) for arm in record.document.arms] == [("control", 100), ("drug", 100), ("third", 40)]
    assert len(run_record(session.review.path, draws=2).arms) == 3
    again = a_session(tmp_path, "A", review=session.review)
    assert again.accepted_now


def test_names_that_some_computers_take_for_one_are_refused(tmp_path: Path) -> None:
    session = a_session(tmp_path, "Éva")
    for name in ("éva", "E\u0301va"):
        with pytest.raises(ReviewError, match=r"a name (that differs|of letters)"):
            open_reader(session.review, name)
    assert open_reader(session.review, "Éva").name == "Éva"


def test_a_run_whose_call_is_damaged_is_one_error(tmp_path: Path) -> None:
    session = a_session(tmp_path)
    session.accept(0)
    (session.review.path / "automatic" / "source.json").unlink()
    (session.review.path / "run.json").write_text("[]", encoding="utf-8")
    with pytest.raises(ReviewError, match=r"run\.json: the file that the run wrote"):
        make_review(session.review.path)


def test_points_that_rise_after_an_edit_are_refused(tmp_path: Path) -> None:
    session = a_session(tmp_path)
    session.accept(0)
    folder = session.review.path
    points, kept = folder / "drug.csv", (folder / RECORD_FILE).read_bytes()
    lines = points.read_text(encoding="utf-8").splitlines()
    before = lines[5]
    lines[5] = before.split(",")[0] + ",0.99"
    points.write_text("\n".join(lines) + "\n", encoding="utf-8")
    with pytest.raises(SurvreconError, match=r"drug\.csv, row 6: survival never rises; got 0\.99 after 0\.95"):
        accept_edits(folder)
    assert (folder / RECORD_FILE).read_bytes() == kept
    lines[5] = before.split(",")[0] + ",0.86"
    points.write_text("\n".join(lines) + "\n", encoding="utf-8")
    assert [edit.file for edit in accept_edits(folder)] == ["drug.csv"]


def test_the_same_call_goes_on_and_another_figure_is_refused(tmp_path: Path) -> None:
    review = a_review(tmp_path)
    assert make_review(tmp_path / "figure.png", output=review.path).automatic == review.automatic
    assert make_review(review.path).automatic == review.automatic
    other = tmp_path / "other.png"
    other.write_bytes((tmp_path / "figure.png").read_bytes() + b" ")
    with pytest.raises(ReviewError, match="the figure under review"):
        make_review(other, output=review.path)
    with pytest.raises(ReviewError, match="options that the review was started with"):
        make_review(tmp_path / "figure.png", {"arms": 3}, review.path)
    (tmp_path / "mine").mkdir()
    (tmp_path / "mine" / "notes.txt").write_text("mine", encoding="utf-8")
    with pytest.raises(ReviewError, match=r"holds other files: notes\.txt"):
        make_review(tmp_path / "figure.png", output=tmp_path / "mine")
    with pytest.raises(SurvreconError, match=r"a record holds|figure"):
        make_review(tmp_path / "mine")
    with pytest.raises(ReviewError, match="a name of letters"):
        open_reader(review, "../B")
    assert RECORD_FILE in {item.name for item in (review.path / "automatic").iterdir()}
