"""Whole months, weeks and visits: one point a drop is a step, told by the data or stated, and said."""

from pathlib import Path

import numpy as np
import pytest

from survrecon.errors import CurveError, ReconstructionError, RecordError
from survrecon.model.convention import PointKind
from survrecon.model.curve import RiskTable, SurvivalCurve
from survrecon.model.ipd import PseudoIPD
from survrecon.reconstruction.reconstruct import reconstruct
from survrecon.reconstruction.statespace.patients import visit_unit
from survrecon.records.folder import read_figure
from survrecon.records.new import new_record
from survrecon.running.record import run_record
from tests.build import followed

N = 120
TAKEN = "points are taken as steps at whole months"


def in_whole_months(seed: int = 1, n: int = N) -> PseudoIPD:
    """Patients with a median of a year, followed for two to three years, all seen in whole months."""
    rng = np.random.default_rng(seed)
    died, left = rng.exponential(12 / np.log(2), n), rng.uniform(12, 36, n)
    return PseudoIPD(time=np.ceil(np.minimum(died, left)), event=died <= left)


def drops(arm: PseudoIPD, decimals: int = 4) -> SurvivalCurve:
    times, survival = arm.kaplan_meier()
    return SurvivalCurve(time=np.append(0.0, times), survival=np.append(1.0, np.round(survival, decimals)))


def both_corners(arm: PseudoIPD, decimals: int = 4) -> SurvivalCurve:
    lower = drops(arm, decimals)
    return SurvivalCurve(time=np.repeat(lower.time, 2)[1:], survival=np.repeat(lower.survival, 2)[:-1])


def printed(arm: PseudoIPD) -> RiskTable:
    at = np.arange(0.0, 31, 6)
    return RiskTable(time=at, at_risk=arm.at_risk(at))


def median(arm: PseudoIPD) -> float:
    times, survival = arm.kaplan_meier()
    return float(times[np.argmax(survival <= 0.5)])


@pytest.mark.parametrize("with_table", [True, False])
@pytest.mark.parametrize("seed", [1, 2, 3])
def test_drops_of_whole_months_are_told_from_landmarks(seed: int, with_table: bool) -> None:
    """Events were spread over the month, unsaid: 91 for 88, and medians half a month early."""
    arm = in_whole_months(seed)
    result = reconstruct(drops(arm), n=N, risk_table=printed(arm) if with_table else None)
    totals = [draw.events for draw in result.draws(60)]
    assert min(totals) <= arm.events <= max(totals) <= min(totals) + 4
    if min(totals) == max(totals):
        assert result.ipd.events == arm.events
    assert median(result.ipd) == median(arm)
    assert set(result.ipd.time[result.ipd.event]) <= set(arm.time[arm.event])
    assert any(said.startswith(TAKEN) for said in result.assumptions)


@pytest.mark.parametrize("method", ["auto", "spread", "guyot"])
def test_every_method_puts_events_at_whole_months(method: str) -> None:
    arm = in_whole_months()
    result = reconstruct(drops(arm), n=N, risk_table=printed(arm), method=method)
    assert set(result.ipd.time[result.ipd.event]) <= set(arm.time[arm.event])


@pytest.mark.slow
def test_three_decimals_of_many_patients_are_decoded() -> None:
    """A printed unit is half a patient: steps of one could not be told apart, steps of several can."""
    arm = in_whole_months(4, n=400)
    for points in (drops(arm, 3), both_corners(arm, 3)):
        result = reconstruct(points, n=400, risk_table=printed(arm), events=arm.events)
        assert followed(result).path == "decoded"
        totals = [draw.events for draw in result.draws(20)]
        assert totals == [arm.events] * 20


def test_draws_follow_patients_on_after_the_last_drop() -> None:
    """A list of drops ends before the follow-up does: everybody was taken to leave at the last drop."""
    arm = in_whole_months(5)
    points = drops(arm)
    result = reconstruct(points, n=N, risk_table=printed(arm))
    last = float(points.time[-1])
    assert arm.time[-1] > last
    assert any("end with a drop" in said for said in result.assumptions)
    ends = [float(draw.time[-1]) for draw in result.draws(40)]
    assert min(ends) >= last
    assert np.mean([end > last for end in ends]) > 0.5


@pytest.mark.parametrize(
    ("time", "decimals"),
    [((6, 12, 18, 24, 30, 36), 3), ((3, 6, 12, 18, 24), 4), ((12, 24, 36), 2), (tuple(range(3, 34, 3)), 3)],
)
def test_landmarks_of_a_paper_remain_landmarks(time: tuple[int, ...], decimals: int) -> None:
    rng = np.random.default_rng(7)
    died, left = rng.exponential(20, 200), rng.uniform(15, 45, 200)
    arm = PseudoIPD(time=np.minimum(died, left), event=died <= left)
    at = np.array([0.0, *time])
    points = SurvivalCurve(time=at, survival=np.round(arm.survival_at(at), decimals))
    result = reconstruct(points, n=200, risk_table=RiskTable(time=at, at_risk=arm.at_risk(at)))
    assert "points are landmarks, not steps: events are spread evenly between them" in result.assumptions
    assert not set(at) & set(result.ipd.time[result.ipd.event])


def test_what_is_stated_is_used_and_said() -> None:
    arm = in_whole_months()
    as_steps = reconstruct(drops(arm), n=N, risk_table=printed(arm), points="steps")
    assert as_steps.assumptions[0] == "points are steps, as stated: the events of each drop fall at its time"
    totals = [draw.events for draw in as_steps.draws(20)]  # 88 to 90 are possible, none is identified
    assert min(totals) <= arm.events <= max(totals) <= min(totals) + 4
    assert as_steps.ipd.events in totals
    assert as_steps.given is not None
    assert as_steps.given.points is PointKind.STEPS
    for kind in (PointKind.LANDMARKS, PointKind.CLICKS):
        other = reconstruct(drops(arm), n=N, points=kind)
        assert other.assumptions[0].startswith(f"points are {kind}, as stated")
        assert not set(other.ipd.time[other.ipd.event]) <= set(arm.time[arm.event])


def test_landmarks_that_the_table_excludes_are_refused_with_what_fits() -> None:
    arm = in_whole_months()
    with pytest.raises(CurveError, match="state that the points are steps"):
        reconstruct(drops(arm), n=N, risk_table=printed(arm), points="landmarks")


def test_clicks_that_stand_for_several_events_are_said() -> None:
    """Points at odd times, which fall by several patients each, were spread without a word."""
    arm = in_whole_months(6, n=300)
    at = np.sort(np.random.default_rng(1).uniform(0.5, 20, 24))
    survival = np.interp(at, np.append(0.0, arm.kaplan_meier()[0]), np.append(1.0, arm.kaplan_meier()[1]))
    result = reconstruct(SurvivalCurve(time=np.append(0.0, at), survival=np.append(1.0, np.round(survival, 3))), n=300)
    assert any(said.startswith("points are taken as clicks") for said in result.assumptions)


def test_an_unknown_kind_is_one_error() -> None:
    with pytest.raises(ReconstructionError, match="points: one of auto, steps, landmarks, clicks; got 'corners'"):
        reconstruct(drops(in_whole_months()), n=N, points="corners")


@pytest.mark.parametrize(
    ("time", "unit"),
    [([0, 6, 9, 12, 18], 3.0), ([1.38, 2.76, 4.14, 6.9], 1.38), ([0, 5.1, 7.9, 12.2, 17.7], None), ([4], None)],
)
def test_time_between_visits(time: list[float], unit: float | None) -> None:
    found = visit_unit(np.array(time, dtype=float))
    assert found is None if unit is None else found == pytest.approx(unit)


def write(folder: Path, arm: PseudoIPD) -> tuple[Path, Path]:
    points, table = drops(arm), printed(arm)
    path, risk = folder / "a.csv", folder / "risk.csv"
    rows = zip(points.time.tolist(), points.survival.tolist(), strict=True)
    path.write_text("time,survival\n" + "".join(f"{t},{s}\n" for t, s in rows), encoding="utf-8")
    counts = zip(table.time.tolist(), table.at_risk.tolist(), strict=True)
    risk.write_text("time,a\n" + "".join(f"{t},{k}\n" for t, k in counts), encoding="utf-8")
    return path, risk


def test_a_record_keeps_it_and_a_run_may_state_another(tmp_path: Path) -> None:
    path, risk = write(tmp_path, in_whole_months())
    record = new_record(tmp_path / "record", arms={"a": path}, risk_table=risk, points="clicks")
    assert read_figure(record.folder).document.axes.points is PointKind.CLICKS
    kept = run_record(record, draws=4)
    assert "points are clicks, as stated: events fall between them" in kept.reconstructions["a"].assumptions
    stated = run_record(record, draws=4, points="steps")
    assert (
        "points are steps, as stated: the events of each drop fall at its time"
        in stated.reconstructions["a"].assumptions
    )
    with pytest.raises(RecordError, match="points: one of auto, steps, landmarks, clicks; got 'dots'"):
        new_record(tmp_path / "other", arms={"a": path}, risk_table=risk, points="dots")
