"""Vector figures are read to the precision of the drawing."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from survrecon.digitizing import FigureKind, digitize, digitize_panels
from tests.digitizing.rendered import Look, Rendered, draw_panel, render, simulate

FORMATS = ["pdf", "svg"]
LOOKS = {
    "marks and table": Look(table="plain", marks="|"),
    "plus signs, percent": Look(table="bold", marks="+", percent=True, margin=0.04, spines="l"),
    "black, dashed": Look(colours=("black", "black"), dashes=("-", "--"), table="plain"),
    "filled bands": Look(band="fill", table="plain"),
    "circles": Look(marks="o", mark_size=4, table="plain"),
    "grey panel": Look(background="#EBEBEB", grid="white", spines="none", table="plain", margin=0.05),
}


def _figure(path: Path, look: Look, seed: int = 5) -> Rendered:
    rng = np.random.default_rng(seed)
    arms = [simulate(rng, "Placebo", 90, median=10), simulate(rng, "Nivolumab", 95, median=16)]
    return render(path, arms, look)


@pytest.mark.parametrize("form", FORMATS)
@pytest.mark.parametrize("name", LOOKS)
def test_every_drop_every_mark_every_count(tmp_path: Path, form: str, name: str) -> None:
    drawn = _figure(tmp_path / f"figure.{form}", LOOKS[name])
    figure = digitize(drawn.path)
    assert figure.kind is FigureKind.VECTOR
    assert [a.name for a in figure.arms] == [a.name for a in drawn.arms]
    for arm, truth in zip(figure.arms, drawn.arms, strict=True):
        t, s = truth.steps
        assert (np.diff(arm.survival) < 0).sum() == len(t) - 1
        times = arm.time[1:][np.diff(arm.survival) < 0]
        assert np.allclose(times, t[1:], atol=2e-3)
        assert np.allclose(np.unique(arm.survival), np.unique(s), atol=1e-4)
        assert arm.n == len(truth.time)
        if drawn.look.marks is None:
            assert arm.censor_times is None
        else:
            assert arm.censor_times is not None
            assert np.allclose(arm.censor_times, truth.censored, atol=2e-3)
    assert figure.risk_table is not None
    assert {k: list(v) for k, v in figure.risk_table.rows.items()} == drawn.table
    assert figure.time_unit == "months"


@pytest.mark.parametrize("form", FORMATS)
def test_what_the_drawing_program_merged(tmp_path: Path, form: str) -> None:
    """matplotlib merges steps closer than a ninth of a pixel; all others are there."""
    drawn = _figure(tmp_path / f"figure.{form}", Look(simplified=True))
    figure = digitize(drawn.path)
    for arm, truth in zip(figure.arms, drawn.arms, strict=True):
        drops = int((np.diff(arm.survival) < 0).sum())
        assert 0.95 * (len(truth.steps[0]) - 1) <= drops <= len(truth.steps[0]) - 1
        at = np.linspace(0.5, truth.time.max() * 0.99, 400)
        read = arm.survival[np.searchsorted(arm.time, at, side="right") - 1]
        assert np.median(np.abs(read - truth.survival(at))) < 1e-4


def test_rising_curves_are_turned(tmp_path: Path) -> None:
    look = Look(rising=True, ylabel="Cumulative incidence", legend="upper left")
    drawn = _figure(tmp_path / "figure.pdf", look)
    figure = digitize(drawn.path)
    assert figure.rising
    for arm, truth in zip(figure.arms, drawn.arms, strict=True):
        at = np.linspace(0, truth.time.max() * 0.99, 50)
        read = arm.survival[np.searchsorted(arm.time, at, side="right") - 1]
        assert np.abs(read - truth.survival(at)).mean() < 1e-3


def test_panels_of_a_page_are_told_apart(tmp_path: Path) -> None:
    from matplotlib.figure import Figure

    rng = np.random.default_rng(3)
    page = Figure(figsize=(11, 5))
    left = [simulate(rng, "Drug", 60, median=9), simulate(rng, "Control", 60, median=12)]
    right = [simulate(rng, "Drug", 60, median=19), simulate(rng, "Control", 60, median=22)]
    for k, (arms, letter) in enumerate(((left, "A"), (right, "B"))):
        axes = page.add_axes((0.07 + 0.5 * k, 0.15, 0.4, 0.7))
        draw_panel(page, axes, arms, Look(title=f"{letter}  Overall survival"))
    path = tmp_path / "page.pdf"
    page.savefig(path)
    found = digitize_panels(path)
    assert len(found) == 2
    for figure, truth in zip(found, (left, right), strict=True):
        drops = [(np.diff(a.survival) < 0).sum() for a in figure.arms]
        assert sorted(drops) == sorted(len(a.steps[0]) - 1 for a in truth)


def test_a_crop_chooses_a_panel(tmp_path: Path) -> None:
    drawn = _figure(tmp_path / "figure.pdf", Look())
    whole = digitize(drawn.path)
    part = digitize(drawn.path, crop=(0, 0, 504, 360))
    assert [a.survival.tolist() for a in part.arms] == [a.survival.tolist() for a in whole.arms]


def test_a_page_that_holds_a_picture_is_read_as_one(tmp_path: Path) -> None:
    from PIL import Image

    pytest.importorskip("rapidocr")
    drawn = _figure(tmp_path / "figure.png", Look(table="plain"))
    path = tmp_path / "scan.pdf"
    Image.open(drawn.path).convert("RGB").save(path, resolution=130)
    figure = digitize(path)
    assert figure.kind is FigureKind.TRACED
    assert [a.n for a in figure.arms] == [90, 95]
