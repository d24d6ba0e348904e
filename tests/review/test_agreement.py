"""Two readers: facts that differ are listed, curves and ratios held against what the reading model expects."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest

from survrecon.digitizing.result import CountSource
from survrecon.errors import ReviewError
from survrecon.model.convention import PointKind
from survrecon.model.curve import SurvivalCurve
from survrecon.model.ipd import PseudoIPD
from survrecon.records.folder import read_figure
from survrecon.report.content.checklist import provenance_pairs
from survrecon.report.json import result_to_dict
from survrecon.report.text import trial_tables
from survrecon.review.agreement import RatioApart, ReaderRecord, ReadersAgreement, compared
from survrecon.review.consensus import (
    agreement_tables,
    agreement_to_dict,
    compare_readers,
    compare_records,
    put_on_record,
)
from survrecon.review.folder import open_reader, open_review
from survrecon.review.readings_apart import ArmInputs, FactApart, noise_of, reread
from survrecon.review.session import ReviewSession
from survrecon.review.settings import AGREEMENT
from survrecon.review.state import StartedFrom
from survrecon.running.record import run_record
from tests.digitizing.made import a_table, an_arm
from tests.review.made import a_review, a_session, edited

if TYPE_CHECKING:
    from pathlib import Path

CELL = "24"
"""The number at risk of the control arm at time 12."""
QUICK = replace(AGREEMENT, rereads=3, draws=3)


def a_trial() -> dict[str, Any]:
    """Return the curves and the table of a trial of 60 patients an arm."""
    rng = np.random.default_rng(4)
    arms, rows, columns = [], {}, np.arange(0, 31, 6)
    for name, mean in (("control", 12.0), ("drug", 20.0)):
        fails, leaves = rng.exponential(mean, 60), rng.uniform(12, 30, 60)
        patients = PseudoIPD(time=np.asarray(np.round(np.minimum(fails, leaves), 2), float), event=fails <= leaves)
        times, after = patients.kaplan_meier()
        rows[name] = patients.at_risk(columns).tolist()
        ends = [*times, patients.time[-1]], [*after, after[-1]]
        arms.append(an_arm(name, *ends, n=60, n_source=CountSource.RISK_TABLE))
    return {"arms": tuple(arms), "risk_table": a_table(columns.tolist(), **rows)}


def read_by_hand(session: ReviewSession, noise: float, seed: int, **cells: int) -> None:
    """Read the figure by hand, corners off by some noise in pixels, the cells of the first row as given."""
    seen, rng = session.review.automatic, np.random.default_rng(seed)
    for axis, found in (("time", seen.time_axis), ("survival", seen.survival_axis)):
        edited(session, "set_axis", axis=axis, handles=[handle.model_dump() for handle in found.handles])
    edited(session, "set_time_unit", value="months")
    for arm in seen.arms:
        off = rng.normal(0, noise, (len(arm.corners), 2))
        drawn = [[x + dx, y + dy] for (x, y), (dx, dy) in zip(arm.corners, off.tolist(), strict=True)]
        edited(session, "add_arm", name=arm.name, corners=drawn)
    for time in seen.table.times:
        edited(session, "add_column", time=time)
    for k, row in enumerate(seen.table.rows, start=1):
        edited(session, "add_row", arm=row.arm)
        for column, cell in enumerate(row.cells):
            value = cells.get(f"cell{column}", cell.value) if k == 1 else cell.value
            edited(session, "set_cell", row=f"r{k}", column=column, value=value)
    for arm in seen.arms:
        if arm.marks:
            edited(session, "set_marks", arm=arm.id, marks=list(arm.marks))
    edited(
        session, "add_statistic", quantity="hazard_ratio", value=0.52, low=0.35, high=0.77, level=0.95, of="a2",
        over="a1", text="HR 0.52 (95% CI 0.35-0.77)",
    )  # fmt: skip
    session.accept(session.revision)


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A review whose readers A and B read alike, C differs in a cell, and D read the arms exchanged from time 10."""
    place = tmp_path_factory.mktemp("readers")
    first = a_session(place, "A", review=a_review(place, **a_trial()))
    first.accept(0)
    for name, seed, cells in (("B", 1, {}), ("C", 2, {"cell2": int(CELL) - 5})):
        read_by_hand(a_session(place, name, StartedFrom.BLIND, first.review), 0.3, seed, **cells)
    return first.review.path


def readers(folder: Path, *names: str) -> ReadersAgreement:
    return compare_readers(folder, names)


@pytest.fixture(autouse=True)
def _few_rereads(monkeypatch: pytest.MonkeyPatch) -> None:
    def quick(first: ReaderRecord, second: ReaderRecord) -> ReadersAgreement:
        return compared(first, second, QUICK)

    monkeypatch.setattr("survrecon.review.consensus.compared", quick)


@pytest.mark.slow
def test_readers_who_are_off_by_chance_agree(folder: Path) -> None:
    result = readers(folder, "A", "B")
    assert result.facts == ()
    assert [(curve.arm, curve.within, curve.excess) for curve in result.curves] == [
        ("control", True, 0.0),
        ("drug", True, 0.0),
    ]
    assert all(0 < curve.mean < 0.005 for curve in result.curves)
    [ratio] = result.ratios
    assert ratio.reading_error is not None
    assert 0 < ratio.reading_error < 0.1
    assert "A corrected the program's reading" in result.notes[0]


@pytest.mark.slow
def test_a_cell_that_differs_is_settled_in_a_third_record(folder: Path) -> None:
    result = readers(folder, "A", "C")
    assert [(f.field, f.arm, f.at, {f.one, f.other}) for f in result.facts] == [
        ("numbers at risk", "control", 12.0, {CELL, str(int(CELL) - 5)})
    ]
    assert result.ratios[0].reading_error is None  # what differs is no chance
    review = open_review(folder)
    session = ReviewSession(review, open_reader(review, "consensus"))
    assert session.reader.readers == result.readers
    with pytest.raises(ReviewError, match="every difference settled"):
        session.accept(0)
    [doubt] = session.progress.state.doubts
    assert doubt.text.startswith("numbers at risk of control at time 12: ")
    edited(session, "resolve_doubt", doubt=doubt.id, resolved=True)
    session.accept(session.revision)
    said = read_figure(folder).document.digitized.review
    assert said is not None
    assert said.words.startswith(f"consensus settled what {' and '.join(result.readers)} read differently: 1 edit;")
    after = readers(folder, "A", "C")
    assert (after.readers, after.facts, after.settled) == (("consensus", result.readers[1]), (), result.facts)
    assert after.ratios[0].reading_error is not None
    assert put_on_record(folder, after)
    [apart] = read_figure(folder).document.digitized.second_reader or ()
    assert apart.readers == after.readers
    assert apart.difference == pytest.approx(after.ratios[0].difference, abs=1e-6)


def apart_by(difference: float, excess: float, **keys: Any) -> ReadersAgreement:
    """Two readers who differ in a ratio."""
    ratio = RatioApart(
        of="drug", over="control", values=(0.5, 0.6), difference=difference, reading_error=0.05, standard_error=0.2,
        within=excess == 0, excess=excess,
    )  # fmt: skip
    sides = {"readers": ("A", "B"), "started_from": ("automatic", "blind"), "facts": (), "curves": ()}
    return ReadersAgreement(**({"ratios": (ratio,)} | sides | keys))


@pytest.mark.slow
def test_an_excess_is_on_record_and_added_once_by_a_run(tmp_path: Path) -> None:
    session = a_session(tmp_path, "A")
    session.accept(0)
    folder = session.review.path
    before = run_record(folder, draws=3).comparisons[0]
    assert before.notes == ()
    assert put_on_record(folder, apart_by(0.5, 0.3))
    assert put_on_record(folder, apart_by(0.5, 0.3))  # a second time changes nothing
    result = run_record(folder, draws=3)
    [after] = result.comparisons
    assert after.hazard_ratio.value == before.hazard_ratio.value
    value, whole = before.hazard_ratio.value, before.hazard_ratio.total_se
    assert value is not None
    assert whole is not None
    assert after.hazard_ratio.total_se == pytest.approx(np.hypot(whole, 0.3))
    ends = after.hazard_ratio.interval
    assert ends is not None
    for end, z in ((ends.low, -1.959964), (ends.high, 1.959964)):
        assert end == pytest.approx(value * np.exp(z * np.hypot(whole, 0.3)), rel=1e-5)
    [note] = after.notes
    assert "A and B, beyond" in note
    assert note.endswith("the excess, 0.300, is added once to its standard error; it rests on one difference")
    assert result_to_dict(result)["contrasts"][0]["notes"] == [note]
    assert ("second reader", note) in provenance_pairs(result)
    assert any(note in line for table in trial_tables([result]) for line in table.notes)
    session = ReviewSession(session.review, open_reader(session.review, "A"))
    edited(session, "set_n", arm="a1", value=101)  # another reading: the readers are to be compared again
    session.accept(session.revision)
    assert read_figure(folder).document.digitized.second_reader is None


def test_what_is_not_put_on_record(tmp_path: Path) -> None:
    session = a_session(tmp_path, "A")
    session.accept(0)
    folder = session.review.path
    fact = FactApart(field="n", one="100", other="101", arm="control")
    assert not put_on_record(folder, apart_by(0.5, 0.3, facts=(fact,)))
    assert not put_on_record(folder, apart_by(0.5, 0.3, readers=("B", "A")))  # another one's record is in use
    table = folder / "figure.toml"
    table.write_text(table.read_text(encoding="utf-8").replace("n = 100", "n = 99"), encoding="utf-8")
    assert not put_on_record(folder, apart_by(0.5, 0.3))
    assert "n = 99" in table.read_text(encoding="utf-8")


@pytest.mark.slow
def test_within_chance_nothing_is_added(tmp_path: Path) -> None:
    session = a_session(tmp_path, "A")
    session.accept(0)
    before = run_record(session.review.path, draws=2).comparisons[0].hazard_ratio
    assert put_on_record(session.review.path, apart_by(0.03, 0.0))
    after = run_record(session.review.path, draws=2).comparisons[0]
    assert after.hazard_ratio == before
    assert after.notes[0].endswith("within what reading is off by chance: nothing is added")


@pytest.mark.usefixtures("_no_ratios")
def test_what_is_told_of_two_readers(folder: Path) -> None:
    result = readers(folder, "B", "C")
    told = agreement_to_dict(result)
    assert told["agrees"] is False
    assert told["facts"][0]["at"] == 12
    heads = [table.heading for table in agreement_tables(result)]
    assert heads == ["Facts that differ: 1", "Curves"]


def test_who_is_no_second_reader(folder: Path, tmp_path: Path) -> None:
    with pytest.raises(ReviewError, match="two readers"):
        readers(folder)  # three of them: which?
    with pytest.raises(ReviewError, match="no such reader"):
        readers(folder, "A", "Z")
    alone = a_session(tmp_path, "A")
    alone.accept(0)
    with pytest.raises(ReviewError, match="two readers"):
        readers(alone.review.path)
    other = a_session(tmp_path, "B", StartedFrom.AUTOMATIC, alone.review)
    with pytest.raises(ReviewError, match="has accepted"):
        readers(alone.review.path)
    other.accept(0)
    with pytest.raises(ReviewError, match="a second reader, who read the figure blind"):
        readers(alone.review.path)


def _changed(folder: Path, name: str, **changes: Any) -> ReaderRecord:
    """Return a reader with the record of a folder, its document changed."""
    record = read_figure(folder / "automatic")
    return ReaderRecord(name=name, record=replace(record, document=record.document.model_copy(update=changes)))


@pytest.fixture
def _no_ratios(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("survrecon.review.agreement._ratios", lambda *_, **__: ([], []))


@pytest.mark.usefixtures("_no_ratios")
def test_facts_of_two_records(folder: Path) -> None:
    """Names, N, the end of an axis, the unit, the control and the number of arms, each told by itself."""
    one = _changed(folder, "one")
    document = one.record.document
    axes = document.axes.model_copy(update={"time_range": (0.0, 3.0), "time_unit": "years"})
    arms = tuple(arm.model_copy(update={"n": (arm.n or 0) + 1}) for arm in document.arms)
    other = _changed(folder, "other", axes=axes, arms=arms, published=())
    told = {fact.place: (fact.one, fact.other) for fact in compared(one, other, QUICK).facts}
    assert told["time axis"] == ("0 to 30", "0 to 3")
    assert told["time unit"] == ("months", "years")
    assert told["n of control"] == ("60", "61")
    assert told["hazard ratio"] == ("0.52 (0.35 to 0.77), drug over control", "none")
    with pytest.raises(ReviewError, match="one figure file"):
        compared(one, _changed(folder, "x", digitized=document.digitized.model_copy(update={"image_sha256": "1" * 64})))


@pytest.mark.usefixtures("_no_ratios")
def test_arms_exchanged_after_a_crossing_are_one_fact(folder: Path) -> None:
    one = _changed(folder, "one")
    curves = dict(one.record.curves)

    def joined(a: str, b: str, at: float) -> Any:
        before, after = curves[a].time <= at, curves[b].time > at
        time = np.concatenate([curves[a].time[before], curves[b].time[after]])
        survival = np.concatenate([curves[a].survival[before], curves[b].survival[after]])
        return replace(curves[a], time=time, survival=survival)

    whole = replace(one.record, curves={"control": curves["drug"], "drug": curves["control"]})
    [fact] = [f for f in compared(one, replace(one, name="other", record=whole), QUICK).facts if "identity" in f.field]
    assert (fact.at, fact.other) == (0.0, "exchanged")
    apart = replace(one.record, curves={**curves, "control": joined("control", "drug", 2.5)})
    assert not [f for f in compared(one, replace(one, name="x", record=apart), QUICK).facts if "identity" in f.field]


@pytest.mark.slow
def test_a_reader_beyond_the_model_is_told_and_added_once(folder: Path) -> None:
    one = _changed(folder, "one")
    one = replace(one, record=replace(one.record, risk_tables={}))  # which would not allow such a curve
    curves = dict(one.record.curves)
    low = replace(
        curves["drug"],
        survival=np.where(curves["drug"].time > 10, curves["drug"].survival - 0.08, curves["drug"].survival),
    )
    other = replace(one, name="other", record=replace(one.record, curves={**curves, "drug": low}))
    result = compared(one, other, QUICK)
    [control, drug] = result.curves
    assert control.within
    assert not drug.within
    assert drug.largest == pytest.approx(0.08, abs=1e-6)
    assert drug.excess == pytest.approx(np.sqrt((drug.root_mean_square**2 - drug.expected**2) / 2))
    [ratio] = result.ratios
    assert ratio.difference > 0.02
    assert not ratio.within
    assert ratio.with_excess == pytest.approx(np.hypot(ratio.standard_error, ratio.excess))
    assert ratio.excess == pytest.approx(np.sqrt(ratio.difference**2 / 2 - (ratio.reading_error or 0.0) ** 2))
    assert agreement_to_dict(result)["ratios"][0]["note"] == "rests on one difference"


def test_rereading_is_off_by_the_noise_of_the_model(folder: Path) -> None:
    record = read_figure(folder / "automatic")
    inputs = ArmInputs(curve=record.curves["control"], n=60, table=record.risk_tables["control"])
    noise = noise_of(inputs)
    patients = inputs.rebuilt("control").ipd
    rng = np.random.default_rng(0)
    off = np.concatenate(
        [
            reread(inputs, patients, replace(noise, time=0.0), rng).curve.survival - inputs.curve.survival
            for _ in range(200)
        ]
    )
    inner = np.tile(inputs.curve.survival < 1, 200)
    assert off[inner].std() == pytest.approx(noise.whole, rel=0.1)
    assert not off[~inner].any()


@pytest.fixture
def crossing_inputs() -> ArmInputs:
    time = np.linspace(0.0, 20.0, 21)
    curve = SurvivalCurve(time=time, survival=np.append(1.0, np.linspace(0.9, 0.4, 20)))
    return ArmInputs(curve=curve, n=60, points=PointKind.CLICKS)


@pytest.mark.slow
def test_another_reader_clicks_elsewhere(folder: Path) -> None:
    """Of clicks the places are chosen anew, between the same ends and as many."""
    curve = read_figure(folder / "automatic").curves["drug"]
    chosen = np.linspace(0, len(curve.time) - 1, 25).astype(int)
    clicks = replace(curve, time=curve.time[chosen], survival=curve.survival[chosen], resolution=None)
    inputs = ArmInputs(curve=clicks, n=60, points=PointKind.CLICKS)
    noise = noise_of(inputs)
    assert noise.chosen
    again = reread(inputs, inputs.rebuilt("drug").ipd, noise, np.random.default_rng(0)).curve
    assert (again.time[0], again.time[-1]) == (clicks.time.min(), clicks.time.max())
    assert again.time.size == clicks.time.size
    assert (np.sort(again.time)[1:-1] != np.sort(clicks.time)[1:-1]).all()
    assert np.abs(np.interp(again.time, clicks.time, clicks.survival) - again.survival).max() < 0.1


def test_another_reader_clicks_beside_the_same_places(crossing_inputs: ArmInputs) -> None:
    """A little off in time and level: a click beside a column of the risk table comes to lie on either side of it."""
    clicks, noise = crossing_inputs.curve, noise_of(crossing_inputs)
    rng = np.random.default_rng(0)
    nobody = PseudoIPD(time=np.ones(1), event=np.ones(1, dtype=bool))  # the rebuilt curve is not asked
    again = [reread(crossing_inputs, nobody, noise, rng, same_places=True).curve for _ in range(200)]
    moved = np.array([curve.time - clicks.time for curve in again])
    off = np.array([curve.survival - clicks.survival for curve in again])
    inner = slice(1, -1)
    assert moved[:, inner].std() == pytest.approx(noise.time, rel=0.1)
    assert off[:, inner].std() == pytest.approx(noise.whole, rel=0.1)
    assert not moved[:, [0, -1]].any()


@pytest.mark.slow
def test_two_records_by_their_folders(folder: Path, tmp_path: Path) -> None:
    read_by_hand(a_session(tmp_path, "E", StartedFrom.BLIND, a_review(tmp_path, **a_trial())), 0.3, 5)
    result = compare_records(folder / "automatic", tmp_path / "review")
    assert result.readers == ("automatic", "E")
    assert result.facts == ()
