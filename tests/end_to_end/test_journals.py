"""Figures in journals' styles, two looks of each: what they show is true, and none is read wrong in silence."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pandas as pd
import pytest

from examples.gallery.journals.figures import JOURNAL_FIGURES, JournalFigure, drawn
from examples.gallery.journals.score import Score, State, score
from survrecon.digitizing.raster.ocr import available

if TYPE_CHECKING:
    from pathlib import Path

DRAWS = 20
QUICK: set[tuple[str, bool]] = set()
"""What is read in the fast suite: none, as the gallery's figures are; these take several seconds each."""
IN_SILENCE: dict[tuple[str, bool], str] = {}
"""Faults that these figures have shown: read wrong and nothing says so."""
BY_NAME = {figure.name: figure for figure in JOURNAL_FIGURES}


def looks() -> list[Any]:
    """Return every figure in each look, marked where it is slow or known to be read wrong in silence."""
    found = []
    for name in BY_NAME:
        for second in (False, True):
            marks: list[Any] = [] if (name, second) in QUICK else [pytest.mark.slow]
            if (name, second) in IN_SILENCE:
                marks.append(pytest.mark.xfail(strict=True, reason=IN_SILENCE[name, second]))
            found.append(pytest.param(name, second, marks=marks, id=f"{name}-{second + 1}"))
    return found


def read(figure: JournalFigure, folder: Path, *, second: bool) -> Score:
    """Draw and run a figure."""
    if not available():
        pytest.skip("no character recognition")
    truth = drawn(figure, folder, second=second)
    return score(folder / f"figure{figure.suffix}", truth, folder / "run", draws=DRAWS)


@pytest.mark.parametrize(("name", "second"), looks())
def test_right_or_told(tmp_path: Path, name: str, second: bool) -> None:
    found = read(BY_NAME[name], tmp_path, second=second)
    assert found.state in (State.RIGHT, State.FLAGGED, State.REFUSED), found
    if (name, second) in QUICK:
        assert found.state is State.RIGHT, found


@pytest.mark.parametrize("second", [False, True])
@pytest.mark.parametrize("name", ["three-rows", "events-and-totals"])
def test_the_truth_is_that_of_the_patients(tmp_path: Path, name: str, second: bool) -> None:
    truth = drawn(BY_NAME[name], tmp_path, second=second)
    assert json.loads((tmp_path / "truth.json").read_text(encoding="utf-8")) == truth
    patients = pd.read_csv(tmp_path / "patients.csv")
    for arm in truth["arms"]:
        own = patients[patients["arm"] == arm["name"]]
        assert arm["n"] == len(own)
        assert arm["ends_at"] == pytest.approx(own["time"].max())
        assert arm["risk"]["counts"] == [(own["time"] >= t).sum() for t in arm["risk"]["times"]]
        if arm["events"] is not None:
            assert arm["events"] == own["event"].sum()


def test_each_figure_has_two_looks_of_other_patients() -> None:
    for figure in JOURNAL_FIGURES:
        first, second = figure.looks
        assert first.seed != second.seed
        assert (first.size, first.dpi) != (second.size, second.dpi)


@pytest.mark.slow
def test_exchanged_names_are_not_right(tmp_path: Path) -> None:
    figure = BY_NAME["three-rows"]
    truth = drawn(figure, tmp_path)
    one, other = truth["arms"]
    one["name"], other["name"] = other["name"], one["name"]
    found = score(tmp_path / "figure.png", truth, tmp_path / "run", draws=DRAWS)
    assert "names" in found.wrong
