"""Vector figures are read to the precision of the drawing."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import numpy as np
import pytest

from survrecon.digitizing import FigureKind, digitize, digitize_panels
from survrecon.errors import DigitizingError
from tests.digitizing.rendered import Look, Rendered, draw_panel, render, render_panels, simulate

if TYPE_CHECKING:
    from pathlib import Path

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


@pytest.mark.parametrize(
    ("titles", "names"),
    [
        (("A", "B"), ["A", "B"]),
        (("(C)  Overall survival", "(D)  Overall survival"), ["C", "D"]),
        (("Panel A", "Panel B"), ["A", "B"]),
        (("A trial of one drug", "A trial of another drug"), ["1", "2"]),  # articles
        (("A trial of one drug", "Overall survival"), ["1", "2"]),
    ],
)
def test_centred_letters_name_the_panels(tmp_path: Path, titles: tuple[str, str], names: list[str]) -> None:
    rng = np.random.default_rng(3)
    arms = [simulate(rng, "Drug", 60, median=9), simulate(rng, "Control", 60, median=12)]
    path = render_panels(tmp_path / "figure.svg", [(title, arms, Look()) for title in titles])
    assert [figure.panel for figure in digitize_panels(path)] == names


def _glyphs(path: Path) -> Rendered:
    """Draw a figure and leave of its text but references to shapes of letters, as cairo writes it."""
    drawn = _figure(path, Look(table="plain"))
    path.write_text(re.sub(r"<!--.*?-->", "", path.read_text(encoding="utf-8"), flags=re.DOTALL), encoding="utf-8")
    return drawn


def test_letters_drawn_as_shapes_are_recognized_and_lines_read_as_drawn(tmp_path: Path) -> None:
    pytest.importorskip("rapidocr")
    drawn = _glyphs(tmp_path / "figure.svg")
    figure = digitize(drawn.path)
    assert figure.kind is FigureKind.VECTOR
    assert any("drawn as shapes" in warning for warning in figure.warnings)
    assert [a.name for a in figure.arms] == [a.name for a in drawn.arms]
    assert [a.n for a in figure.arms] == [len(a.time) for a in drawn.arms]
    for arm, truth in zip(figure.arms, drawn.arms, strict=True):
        assert np.allclose(np.unique(arm.survival), np.unique(truth.steps[1]), atol=1e-4)


@pytest.mark.slow
def test_letters_drawn_as_shapes_without_recognition(tmp_path: Path) -> None:
    drawn = _glyphs(tmp_path / "figure.svg")
    with pytest.raises(DigitizingError, match="give x_range= and y_range="):
        digitize(drawn.path, text=False)
    figure = digitize(drawn.path, text=False, x_range=(drawn.ticks[0], drawn.ticks[-1]), y_range=(0, 1))
    assert figure.kind is FigureKind.TRACED
    assert any("picture was traced" in warning for warning in figure.warnings)
    assert [a.name for a in figure.arms] == ["arm 1", "arm 2"]
    for arm, truth in zip(figure.arms, drawn.arms[::-1], strict=True):  # the upper curve first
        at = np.linspace(0, truth.time.max() * 0.99, 50)
        read = arm.survival[np.searchsorted(arm.time, at, side="right") - 1]
        assert np.abs(read - truth.survival(at)).mean() < 0.01


_NESTED = """<svg xmlns="http://www.w3.org/2000/svg" width="600" height="400" viewBox="0 0 600 400">
<g transform="matrix(1,0,0,-1,0,400)"><g transform="translate(100,80) scale(2)"><g transform="scale(0.5,0.5)">
<g fill="none" stroke="black" stroke-width="1">
<path d="M0,0 H400 M0,0 V280"/><path d="M0,0 v-6 M100,0 v-6 M200,0 v-6 M300,0 v-6 M400,0 v-6"/>
<g transform="rotate(90)"><path d="M0,0 v6 M140,0 v6 M280,0 v6"/></g></g>
<g fill="none" stroke-width="2">
<g transform="matrix(0,1,1,0,0,0)"><path stroke="#0000ff" d="M280,0 V50 H210 V150 H140 V250 H70 V390"/></g>
<g transform="translate(40,0)"><path stroke="#ff0000" transform="translate(-40,0)" d="M0,280 H80 V238 H260 V196 H380"/>
</g></g></g></g></g>
<g transform="translate(100,340)" font-size="14"><g transform="matrix(1,0,0,1,0,0)">
<text x="-4" y="0">0</text><text x="96" y="0">5</text><text x="192" y="0">10</text><text x="292" y="0">15</text>
<text x="392" y="0">20</text><text x="180" y="20">Months</text></g>
<g transform="translate(0,-340)"><text x="-36" y="325">0.0</text><text x="-36" y="185">0.5</text>
<text x="-36" y="45">1.0</text></g></g>
<text transform="translate(30,250) rotate(-90)" font-size="14">Overall survival</text></svg>"""


def test_nested_transforms(tmp_path: Path) -> None:
    """A drawing in layers, turned, mirrored and scaled as editors write it; 20 units of time are 400 of the page."""
    path = tmp_path / "figure.svg"
    path.write_text(_NESTED, encoding="utf-8")
    figure = digitize(path, arm_names=["Upper", "Lower"])
    upper, lower = figure.arms
    assert np.allclose(upper.time, [0, 4, 13, 19], atol=1e-3)
    assert np.allclose(upper.survival, [1, 0.85, 0.7, 0.7], atol=1e-4)
    assert np.allclose(lower.time, [0, 2.5, 7.5, 12.5, 19.5], atol=1e-3)
    assert np.allclose(lower.survival, [1, 0.75, 0.5, 0.25, 0.25], atol=1e-4)
    assert figure.time_unit == "months"


@pytest.mark.parametrize("form", FORMATS)
def test_a_risk_table_above_the_curves(tmp_path: Path, form: str) -> None:
    drawn = _figure(tmp_path / f"figure.{form}", Look(table="plain", table_above=True))
    figure = digitize(drawn.path)
    assert [a.name for a in figure.arms] == [a.name for a in drawn.arms]
    assert figure.risk_table is not None
    assert figure.risk_table.times.tolist() == drawn.ticks
    assert {k: list(v) for k, v in figure.risk_table.rows.items()} == drawn.table
    assert [a.n for a in figure.arms] == [len(a.time) for a in drawn.arms]


def test_numbers_above_the_curves_are_no_risk_table_without_its_heading(tmp_path: Path) -> None:
    drawn = _figure(tmp_path / "figure.svg", Look(table="plain", table_above=True, table_heading="Trial 1"))
    assert digitize(drawn.path).risk_table is None


def test_a_crop_chooses_a_panel(tmp_path: Path) -> None:
    drawn = _figure(tmp_path / "figure.pdf", Look())
    whole = digitize(drawn.path)
    part = digitize(drawn.path, crop=(0, 0, 504, 360))
    assert [a.survival.tolist() for a in part.arms] == [a.survival.tolist() for a in whole.arms]


@pytest.mark.slow
def test_a_page_that_holds_a_picture_is_read_as_one(tmp_path: Path) -> None:
    from PIL import Image

    pytest.importorskip("rapidocr")
    drawn = _figure(tmp_path / "figure.png", Look(table="plain"))
    path = tmp_path / "scan.pdf"
    Image.open(drawn.path).convert("RGB").save(path, resolution=130)
    figure = digitize(path)
    assert figure.kind is FigureKind.TRACED
    assert [a.n for a in figure.arms] == [90, 95]


@pytest.mark.parametrize("form", ["pdf", "svg"])
def test_a_landmark_begins_the_axis_and_its_patients_are_those_of_the_first_column(tmp_path: Path, form: str) -> None:
    from matplotlib.figure import Figure

    figure = Figure(figsize=(6, 5))
    axes = figure.add_axes((0.2, 0.35, 0.7, 0.6))
    at = {"Control": ([12, 15, 20, 30, 44, 48], [1, 0.9, 0.8, 0.6, 0.5, 0.5])}
    at["Drug"] = ([12, 16, 24, 33, 40, 48], [1, 0.95, 0.9, 0.8, 0.7, 0.7])
    for name, (time, survival) in at.items():
        axes.plot(time, survival, drawstyle="steps-post", label=name)
    axes.set(xlim=(12, 48), ylim=(0, 1), xticks=[12, 24, 36, 48], xlabel="Months", ylabel="Survival from landmark")
    axes.legend(loc="lower left")
    figure.text(0.02, 0.2, "Number at risk")
    for k, (name, row) in enumerate({"Control": (90, 60, 40, 5), "Drug": (80, 70, 50, 9)}.items()):
        figure.text(0.02, 0.15 - 0.05 * k, name)
        for i, count in enumerate(row):
            figure.text(0.2 + 0.7 * i / 3, 0.15 - 0.05 * k, str(count), ha="center")
    figure.savefig(tmp_path / f"figure.{form}")
    read = digitize(tmp_path / f"figure.{form}")
    assert {arm.name: arm.n for arm in read.arms} == {"Control": 90, "Drug": 80}
    assert all(arm.time[0] == 0 and arm.survival[0] == 1 and arm.time[1] > 12 for arm in read.arms)
    assert any("begins at 12, a landmark" in warning for warning in read.warnings)
