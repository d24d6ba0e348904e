"""The bytes of files of patients: each time to ten digits, each name as the csv module writes it."""

from __future__ import annotations

import csv
from typing import TYPE_CHECKING

import numpy as np
import pytest

from survrecon.files.ipd_csv import write_draws, write_patients
from survrecon.model.ipd import PseudoIPD

if TYPE_CHECKING:
    from pathlib import Path

TIMES = np.array([0.0, 1e-7, 0.1 + 0.2, 1 / 3, 12.0, 123456.789, 98765432109.0, 1e12])


@pytest.mark.parametrize("name", ["placebo", "5 % of %s, %%", 'the "new" drug, 5 mg', "Plazebo ä\nzwei"])
def test_rows_are_those_of_the_csv_module(name: str, tmp_path: Path) -> None:
    arms = [
        PseudoIPD(time=TIMES, event=np.arange(TIMES.size) % 3 == 0, arm=name),
        PseudoIPD(time=np.array([2.5]), event=np.array([True]), arm="other"),
    ]
    rows = [(f"{t:.10g}", int(e), arm.arm) for arm in arms for t, e in zip(arm.time, arm.event, strict=True)]

    def same(path: Path, header: str, lines: list[tuple[object, ...]]) -> None:
        with (tmp_path / "expected.csv").open("w", encoding="utf-8", newline="") as stream:
            csv.writer(stream, lineterminator="\n").writerows([header.split(","), *lines])
        assert path.read_bytes() == (tmp_path / "expected.csv").read_bytes()

    same(write_patients(tmp_path / "ipd.csv", arms), "time,event,arm", [*rows])
    draws = write_draws(tmp_path / "ipd_draws.csv", {arm.arm: [arm, arm] for arm in arms})
    same(draws, "draw,time,event,arm", [(number, *row) for number in (1, 2) for row in rows])
