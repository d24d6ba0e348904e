"""A failure shows itself: what was found before, as a picture, as values and as doubts; never a traceback."""

from __future__ import annotations

import io
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from survrecon.digitizing import digitize
from survrecon.digitizing.overlay import draw_so_far
from survrecon.digitizing.raster import figure as raster_figure
from survrecon.digitizing.so_far import ReadingSoFar, Stage, reading_of, shows_itself
from survrecon.errors import DigitizingError, RecordError
from tests.digitizing.made import a_figure, an_arm
from tests.digitizing.rendered import Look, Rendered, render, simulate


@pytest.fixture(scope="module")
def drawn(tmp_path_factory: pytest.TempPathFactory) -> Rendered:
    rng = np.random.default_rng(5)
    arms = [simulate(rng, "Placebo", 90, median=10), simulate(rng, "Nivolumab", 95, median=16)]
    return render(tmp_path_factory.mktemp("figure") / "figure.svg", arms, Look(table="plain"))


def size(png: bytes | None) -> tuple[int, int]:
    assert png is not None
    width, height = Image.open(io.BytesIO(png)).size
    return width, height


def test_a_fault_of_the_program_is_an_error_that_names_its_stage() -> None:
    seen = ReadingSoFar(path=Path("a.png"), panel="B", stage=Stage.STEPS)

    def divide() -> float:
        return 1 / int(not seen.panel)

    with pytest.raises(DigitizingError) as error:
        shows_itself(seen, divide)
    assert str(error.value).startswith("a.png, panel B: a figure that the program was made for; got a fault")
    assert "setting steps and marks to their times (ZeroDivisionError" in str(error.value)
    assert error.value.so_far is seen


def test_an_error_for_the_reader_passes_and_bears_what_was_found_first() -> None:
    inner, outer = ReadingSoFar(path=Path("a.png")), ReadingSoFar(path=Path("a.png"))

    def fail() -> None:
        raise RecordError("here", "this", "that", "do it")

    with pytest.raises(RecordError) as error:
        shows_itself(outer, lambda: shows_itself(inner, fail))
    assert error.value.so_far is inner
    assert error.value.at("wider").so_far is inner


def test_a_figure_without_axes_shows_its_words(tmp_path: Path) -> None:
    path = tmp_path / "noise.png"
    noise = np.random.default_rng(1).integers(0, 255, (200, 300, 3), dtype=np.uint8)
    Image.fromarray(noise).save(path)
    with pytest.raises(DigitizingError) as error:
        digitize(path, text=False)
    seen = error.value.so_far
    assert seen.stage is Stage.PANELS
    assert size(draw_so_far(seen, "no axes"))[0] == 900


def test_what_the_stages_found_is_kept(drawn: Rendered, monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(*_: object, **__: object) -> None:
        raise IndexError("list index out of range")

    monkeypatch.setattr("survrecon.digitizing.panel_figure.assemble", fail)
    with pytest.raises(DigitizingError, match="fault of the program while reading names, tables") as error:
        digitize(drawn.path)
    seen = error.value.so_far
    assert len(seen.curves) == 2
    assert seen.time_axis is not None
    assert seen.words
    width, height = size(draw_so_far(seen, "a fault"))
    assert height > 0.5 * width


def test_panels_that_are_to_be_chosen_from_are_shown(tmp_path: Path) -> None:
    seen = ReadingSoFar(path=tmp_path / "a.png")
    assert draw_so_far(seen, "no picture yet") is None


def test_what_fails_after_the_reading_shows_all_of_it() -> None:
    figure = a_figure(an_arm("A", [6, 29], [0.9, 0.7]))
    assert size(draw_so_far(reading_of(figure), "no n"))[1] > size(figure.overlay())[1] - 40


def test_no_stage_of_a_picture_ends_in_a_traceback(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(*_: object, **__: object) -> None:
        raise ZeroDivisionError("float division by zero")

    path = tmp_path / "grey.png"
    Image.fromarray(np.random.default_rng(1).integers(0, 255, (200, 300, 3), dtype=np.uint8)).save(path)
    monkeypatch.setattr(raster_figure, "find_panels", fail)
    with pytest.raises(DigitizingError, match=r"reading the words \(ZeroDivisionError"):
        digitize(path, text=False)
