"""Numbers of a record come of its content, an arm's place and the seed."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np
import pytest

from survrecon import read_figure, reconstruct, run_record
from survrecon.records.new import new_record
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
