"""``pool`` and ``indirect``: tables of contrasts in, a table, JSON or a forest plot out."""

from __future__ import annotations

import json
from math import log
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from tests.cli.conftest import Call

HEADER = "study,endpoint,of,over,source,yi,vi,vi_reconstruction,non_proportional_p,note"
ROWS = (
    f"First,OS,drug,placebo,published,{log(0.72):.6f},0.0144,0,,",
    f"Second,OS,drug,placebo,rebuilt,{log(0.85):.6f},0.0120,0.0020,0.01,",
    f"Third,OS,drug,placebo,published,{log(0.64):.6f},0.0225,0,,",
)


def table(folder: Path, *rows: str, name: str = "contrasts.csv", header: str = HEADER) -> Path:
    path = folder / name
    path.write_text("\n".join([header, *rows]) + "\n")
    return path


def test_rows_of_several_tables_are_pooled(survrecon: Callable[..., Call], tmp_path: Path) -> None:
    one, two = table(tmp_path, *ROWS[:2]), table(tmp_path, ROWS[2], name="more.csv")
    plot = tmp_path / "forest.svg"
    call = survrecon("pool", one, two, "--hartung-knapp", "-o", plot)
    assert call.status == 0, call.err
    assert "drug over placebo" in call.out
    assert "prediction interval" in call.out
    assert "rebuilt, not real, patients: Second" in call.out
    assert "may not be proportional in Second" in call.out
    drawn = plot.read_text()
    assert all(name in drawn for name in ("First", "Second", "Third", "pooled"))
    again = survrecon("pool", one, two, "-o", plot)
    assert again.status == 2
    assert "--overwrite" in again.err


def test_json_tells_the_parts(survrecon: Callable[..., Call], tmp_path: Path) -> None:
    call = survrecon("pool", table(tmp_path, *ROWS), "--method", "common", "--json")
    found = json.loads(call.out)
    w = [1 / v for v in (0.0144, 0.0120, 0.0225)]
    mean = sum(a * log(r) for a, r in zip(w, (0.72, 0.85, 0.64), strict=True)) / sum(w)
    assert log(found["estimate"]["value"]) == pytest.approx(mean, abs=1e-5)
    assert found["estimate"]["reconstruction_se"] == pytest.approx(w[1] / sum(w) * 0.002**0.5, rel=1e-6)
    assert [one["weight"] for one in found["trials"]] == pytest.approx([a / sum(w) for a in w])
    assert found["prediction_interval"] is None


def test_indirect_contrast(survrecon: Callable[..., Call], tmp_path: Path) -> None:
    other = table(tmp_path, ROWS[1].replace(",drug,", ",other,"), name="other.csv")
    call = survrecon("indirect", table(tmp_path, ROWS[0]), other, "--json")
    assert call.status == 0, call.err
    assert json.loads(call.out)["estimate"]["value"] == pytest.approx(0.72 / 0.85, rel=1e-5)
    loose = table(tmp_path, ROWS[1].replace(",placebo,", ",standard,"), name="loose.csv")
    refused = survrecon("indirect", tmp_path / "contrasts.csv", loose)
    assert refused.status == 2
    assert "unanchored" in refused.err


@pytest.mark.parametrize(
    ("rows", "header", "options", "message"),
    [
        (ROWS[:1], HEADER, (), "two trials or more"),
        ((ROWS[0], ROWS[0]), HEADER, (), "one row a trial"),
        (ROWS, HEADER.replace("vi,vi_", "variance,vi_"), (), "no vi"),
        (ROWS, HEADER, ("--measure", "rmst"), "rmst_difference"),
        (ROWS, HEADER, ("--tau", "12"), "no tau with a hazard ratio"),
        ((ROWS[0], ROWS[1].replace("0.0120,0.0020", "0.0020,0.0120")), HEADER, (), "a part of vi"),
        ((ROWS[0], ROWS[1].replace("0.0120", "narrow")), HEADER, (), "line 3, vi"),
        ((ROWS[0], "Second,OS,drug,placebo,,,,,,its direction is not established"), HEADER, (), "not established"),
        ((ROWS[0], "Second,OS"), HEADER, (), "10 cells"),
        (ROWS, HEADER, ("--level", "95"), "0.95 for 95%"),
        (ROWS, HEADER, ("-o", "forest.png"), "ends in .svg"),
    ],
)
def test_what_cannot_be_pooled_is_refused(
    survrecon: Callable[..., Call],
    tmp_path: Path,
    rows: tuple[str, ...],
    header: str,
    options: tuple[str, ...],
    message: str,
) -> None:
    call = survrecon("pool", table(tmp_path, *rows, header=header), *options)
    assert call.status == 2
    assert message in call.err


def test_differences_of_restricted_means(survrecon: Callable[..., Call], tmp_path: Path) -> None:
    header = "study,endpoint,of,over,time_unit,tau,rmst_difference,rmst_vi,rmst_vi_reconstruction"
    rows = ("First,OS,drug,placebo,months,24,1.5,0.5,0.1", "Second,OS,drug,placebo,months,24,0.5,0.5,0.1")
    call = survrecon("pool", table(tmp_path, *rows, header=header), "--measure", "rmst", "--method", "dl", "--json")
    assert call.status == 0, call.err
    found = json.loads(call.out)
    assert found["estimate"]["value"] == pytest.approx(1.0)
    assert found["estimate"]["reconstruction_se"] == pytest.approx((2 * 0.25 * 0.1) ** 0.5)
    apart = table(tmp_path, rows[0], rows[1].replace("24", "36"), header=header)
    assert "one tau" in survrecon("pool", apart, "--measure", "rmst").err
