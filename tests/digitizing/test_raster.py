"""Raster figures: curves to a fraction of a pixel, in many looks and degradations."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest
from PIL import Image

from survrecon.digitizing import DigitizedFigure, FigureKind, digitize, draw_overlay
from survrecon.errors import DigitizingError
from tests.digitizing.rendered import Look, Rendered, degrade, render, simulate

if TYPE_CHECKING:
    from pathlib import Path

ocr = pytest.mark.skipif(
    not __import__("survrecon.digitizing.raster.ocr", fromlist=["available"]).available(),
    reason="rapidocr cannot be imported",
)
PLAIN = Look(table="plain")


def _figure(path: Path, look: Look, names: tuple[str, ...] = ("Placebo", "Nivolumab"), seed: int = 5) -> Rendered:
    rng = np.random.default_rng(seed)
    medians = (10.0, 17.0, 26.0, 45.0)
    return render(path, [simulate(rng, n, 100, median=m) for n, m in zip(names, medians, strict=False)], look)


def _errors(figure: DigitizedFigure, drawn: Rendered, *, by_name: bool = True) -> list[float]:
    """Mean absolute error of survival of each true arm."""
    out = []
    for truth in drawn.arms:
        at = np.linspace(0, min(drawn.end, truth.time.max()), 800)
        at = at[truth.survival(at) > drawn.look.bottom]  # what lies below is not drawn
        per_arm = {
            arm.name: float(
                np.abs(arm.survival[np.searchsorted(arm.time, at, side="right") - 1] - truth.survival(at)).mean()
            )
            for arm in figure.arms
        }
        out.append(per_arm[truth.name] if by_name else min(per_arm.values()))
    return out


@pytest.mark.parametrize(
    "look",
    [
        Look(),
        pytest.param(Look(marks="|"), marks=pytest.mark.slow),
        Look(spines="l", margin=0.04, percent=True, marks="+"),
        Look(colours=("black", "black"), dashes=("-", "--"), spines="l", margin=0.03),
        Look(band="fill"),
        pytest.param(Look(grid="#dddddd", minor=True, guide=True), marks=pytest.mark.slow),
        Look(bottom=0.2, marks="|"),
        Look(background="#EBEBEB", grid="white", spines="none", margin=0.05),
        Look(colours=("black", "#999999"), width=2.0, spines="l"),
    ],
    ids=["plain", "ticks", "percent plus", "dashed", "bands", "grid", "truncated", "grey panel", "grey levels"],
)
def test_curves_without_reading_text(tmp_path: Path, look: Look) -> None:
    """A pixel of these figures is 0.0028 to 0.0034 in survival; matplotlib moves lines by half of one both ways."""
    drawn = _figure(tmp_path / "figure.png", look)
    top = 100.0 if look.percent else 1.0
    figure = digitize(drawn.path, text=False, x_range=(0, 30), y_range=(look.bottom * top, top), arms=2)
    assert figure.kind is FigureKind.TRACED
    assert max(_errors(figure, drawn, by_name=False)) < 0.0045


@pytest.mark.parametrize(
    ("marks", "spines"),
    [("+", "l"), *(pytest.param(*p, marks=pytest.mark.slow) for p in (("|", "box"), ("|", "l"), ("+", "box")))],
)
def test_a_curve_that_ends_in_a_mark_ends_at_its_level(tmp_path: Path, marks: str, spines: str) -> None:
    """Neither the lower half of the last mark nor the frame behind it is a last stroke downwards."""
    rng = np.random.default_rng(6)
    whole = [simulate(rng, name, 60, median=median) for name, median in (("Placebo", 10.0), ("Nivolumab", 17.0))]
    cut = [replace(arm, time=np.minimum(arm.time, 24.0), event=arm.event & (arm.time < 23.0)) for arm in whole]
    look = Look(colours=("black", "#cc3311"), marks=marks, end=24.0, spines=spines, legend="lower left")
    drawn = render(tmp_path / "figure.png", cut, look)
    figure = digitize(drawn.path, x_range=(0, 24), y_range=(0, 1), arms=2, text=False)
    ends = sorted(float(truth.survival(np.array([24.0]))[0]) for truth in drawn.arms)
    assert np.allclose(sorted(arm.survival[-1] for arm in figure.arms), ends, atol=0.003)  # a pixel is 0.002


def test_ticks_are_found_within_half_a_pixel(tmp_path: Path) -> None:
    drawn = _figure(tmp_path / "figure.png", Look())
    figure = digitize(drawn.path, text=False, x_range=(0, 30), y_range=(0, 1))
    assert np.abs(figure.time_axis.residuals).max() < 0.75
    assert np.abs(figure.survival_axis.residuals).max() < 0.75


@ocr
def test_everything_is_read_by_recognition(tmp_path: Path) -> None:
    texts = ((0.45, 0.7, "HR 0.65 (95% CI 0.48-0.88)"), (0.45, 0.63, "p = 0.005"))
    drawn = _figure(tmp_path / "figure.png", Look(table="plain", marks="|", texts=texts))
    figure = digitize(drawn.path)
    assert [a.name for a in figure.arms] == ["Placebo", "Nivolumab"]
    assert [a.n for a in figure.arms] == [100, 100]
    assert max(_errors(figure, drawn)) < 0.003
    assert figure.risk_table is not None
    assert {k: list(v) for k, v in figure.risk_table.rows.items()} == drawn.table
    assert figure.risk_table.times.tolist() == drawn.ticks
    hr = next(s for s in figure.printed if s.quantity == "hazard_ratio")
    assert (hr.value, hr.low, hr.high) == (0.65, 0.48, 0.88)
    assert figure.time_unit == "months"
    assert ["every row begins with 100" in doubt.why for doubt in figure.doubts] == [True]
    for arm, truth in zip(figure.arms, drawn.arms, strict=True):
        assert arm.censor_times is not None
        away = np.abs(arm.censor_times[:, None] - truth.censored[None])
        assert (away.min(axis=0) < 0.25).mean() > 0.8
        assert (away.min(axis=1) < 0.25).mean() > 0.95


@ocr
@pytest.mark.parametrize(
    "worse",
    [
        {"quality": 40},
        pytest.param({"turn": 0.7, "quality": 85}, marks=pytest.mark.slow),
        pytest.param({"blur": 1.0, "quality": 80}, marks=pytest.mark.slow),
        pytest.param({"noise": 6.0, "quality": 90}, marks=pytest.mark.slow),
        pytest.param({"width": 560}, marks=pytest.mark.slow),
    ],
    ids=["jpeg", "turned", "blurred", "noisy", "small"],
)
def test_worse_copies(tmp_path: Path, worse: dict[str, Any]) -> None:
    drawn = _figure(tmp_path / "figure.png", PLAIN)
    copy = degrade(drawn.path, tmp_path / "copy.jpg", **worse)
    figure = digitize(copy)
    assert [a.name for a in figure.arms] == ["Placebo", "Nivolumab"]
    assert max(_errors(figure, drawn)) < 0.005
    assert figure.risk_table is not None
    assert {k: list(v) for k, v in figure.risk_table.rows.items()} == drawn.table


@ocr
@pytest.mark.slow
def test_three_black_curves_by_their_dashes(tmp_path: Path) -> None:
    look = Look(colours=("black",) * 3, dashes=("-", "--", ":"), table="plain", spines="l")
    drawn = _figure(tmp_path / "figure.png", look, names=("Stage I", "Stage II", "Stage III"))
    figure = digitize(drawn.path)
    assert [a.name for a in figure.arms] == ["Stage I", "Stage II", "Stage III"]
    assert [a.dash for a in figure.arms] == ["solid", "dashed", "dotted"]
    assert max(_errors(figure, drawn)) < 0.005


@ocr
def test_a_row_without_a_curve_is_told(tmp_path: Path) -> None:
    """The third arm has a row in the table but is drawn in the colour of the page."""
    look = Look(colours=("#1f77b4", "#d62728", "#fefefe"), table="plain")
    drawn = _figure(tmp_path / "figure.png", look, names=("Drug A", "Drug B", "Drug C"))
    figure = digitize(drawn.path)
    assert [a.name for a in figure.arms] == ["Drug A", "Drug B"]
    assert any("Drug C" in d.where and "no curve" in d.why for d in figure.doubts)


def test_two_solid_lines_of_one_colour_are_doubted(tmp_path: Path) -> None:
    drawn = _figure(tmp_path / "figure.png", Look(colours=("black", "black")))
    figure = digitize(drawn.path, text=False, x_range=(0, 30), y_range=(0, 1))
    assert len(figure.arms) == 2
    assert sum("same colour" in d.why for d in figure.doubts) == 2


def test_a_stretch_behind_something_opaque_is_doubted(tmp_path: Path) -> None:
    drawn = _figure(tmp_path / "figure.png", Look())
    pixels = np.asarray(Image.open(drawn.path).convert("RGB")).copy()
    pixels[80:520, 400:470] = 255  # a white box over the curves, tenth of the plot's width
    Image.fromarray(pixels).save(tmp_path / "box.png")
    clean = digitize(drawn.path, text=False, x_range=(0, 30), y_range=(0, 1))
    boxed = digitize(tmp_path / "box.png", text=False, x_range=(0, 30), y_range=(0, 1))
    assert not [d for d in clean.doubts if "hidden" in d.why]
    assert len([d for d in boxed.doubts if "hidden" in d.why]) == 2


def test_without_text_and_ranges_it_says_what_to_do(tmp_path: Path) -> None:
    drawn = _figure(tmp_path / "figure.png", Look())
    with pytest.raises(DigitizingError, match=r"x_range= and y_range="):
        digitize(drawn.path, text=False)


def test_the_overlay_is_a_larger_picture(tmp_path: Path) -> None:
    import io

    from PIL import Image

    drawn = _figure(tmp_path / "figure.png", Look(marks="|"))
    figure = digitize(drawn.path, text=False, x_range=(0, 30), y_range=(0, 1))
    sheet = Image.open(io.BytesIO(draw_overlay(figure)))
    with Image.open(drawn.path) as plain:
        assert sheet.width >= plain.width
        assert sheet.height > plain.height * sheet.width / plain.width


def test_results_cannot_be_changed(tmp_path: Path) -> None:
    drawn = _figure(tmp_path / "figure.png", Look())
    figure = digitize(drawn.path, text=False, x_range=(0, 30), y_range=(0, 1))
    for array in (figure.arms[0].time, figure.arms[0].survival, figure.image, figure.time_axis.residuals):
        with pytest.raises(ValueError, match="read-only"):
            array[0] = 0
