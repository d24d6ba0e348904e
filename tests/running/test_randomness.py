"""Numbers of a record come of its content, an arm's place and the seed."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np
import pytest

from survrecon import read_figure, reconstruct, run_record
from survrecon.reconstruction.summary.inputs import PrintedMedian, SummaryArm, SurvivalPoint
from survrecon.records.new import new_record
from survrecon.running.summary import printed_numbers
from tests.statespace.figures import simulated, trace

if TYPE_CHECKING:
    from pathlib import Path


def one_curve_twice(folder: Path) -> Path:
    """A record of which both arms have the same points."""
    points = trace(simulated(40, 1), 1)
    rows = "".join(f"{t:.6f},{s:.6f}\n" for t, s in zip(points.time, points.survival, strict=True))
    file = folder / "points.csv"
    file.write_text("time,survival\n" + rows)
    new_record(folder / "twice", arms={"a": file, "b": file}, n={"a": 40, "b": 40}, time_unit="months")
    return folder / "twice"


def test_arms_of_one_curve_have_streams_of_their_own(tmp_path: Path) -> None:
    record = read_figure(one_curve_twice(tmp_path))
    found = run_record(record, draws=30)
    first, second = (arm.draws for arm in found.arms)
    assert not any(np.array_equal(one.time, other.time) for one in first for other in second)
    assert (found.comparisons[0].hazard_ratio.reconstruction_se or 0) > 0
    alone = reconstruct(record.curves["a"], n=40).draws(30)
    assert all(np.array_equal(one.time, other.time) for one, other in zip(first, alone, strict=True))


def test_a_record_under_another_name_gives_the_same(tmp_path: Path) -> None:
    record = read_figure(one_curve_twice(tmp_path))
    renamed = replace(record, name="another")
    first, second = (run_record(one, draws=20).comparisons[0] for one in (record, renamed))
    assert first.log_hazard_ratios.tolist() == second.log_hazard_ratios.tolist()


@pytest.mark.slow
def test_printed_numbers_under_another_name_give_the_same() -> None:
    record = read_figure("quiredex_ttp_2012-10")
    first, second = (run_record(one, draws=10) for one in (record, replace(record, name="another")))
    assert [check.obtained for check in first.checks] == [check.obtained for check in second.checks]
    ratios = [[s.hazard_ratio.value for s in one.scenarios] for one in (first, second)]
    assert ratios[0] == ratios[1]


def test_the_streams_of_printed_numbers_start_from_a_text_that_is_written_down() -> None:
    """A field that is added to an arm, or another way in which Python prints one, moves no random number."""
    arm = SummaryArm(
        name="placebo",
        n=9,
        points=(SurvivalPoint(time=6.0, survival=0.5, rounding=0.005),),
        median=PrintedMedian(time=7.1, rounding=0.05, low=5.0),
        bounds=("survival > 0.2 at 24",),
    )
    assert printed_numbers([arm, SummaryArm(name="drug", n=8, events=3)]) == (
        "[SummaryArm(name='', n=9, points=(SurvivalPoint(time=6.0, survival=0.5, rounding=0.005),), "
        "median=PrintedMedian(time=7.1, rounding=0.05, low=5.0, high=None, level=0.95), median_not_reached=False, "
        "events=None, events_at_least=0, bounds=('survival > 0.2 at 24',)), "
        "SummaryArm(name='', n=8, points=(), median=None, median_not_reached=False, events=3, events_at_least=0, "
        "bounds=())]"
    )
