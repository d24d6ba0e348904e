"""Character recognition for somebody who waits: more threads and an import beside it, and the same words."""

from __future__ import annotations

from threading import current_thread, main_thread
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest

from survrecon.digitizing.raster import ocr
from tests.digitizing.rendered import Look, render, simulate

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from survrecon.arrays import ImageArray
    from survrecon.digitizing.words.words import Word


def blank(size: int) -> ImageArray:
    return np.full((size, size, 3), 255, np.uint8)


def no_words(_image: ImageArray) -> list[Word]:
    return []


@pytest.mark.parametrize(
    ("processors", "beside", "threads"), [(1, False, 1), (1, True, 1), (2, False, 2), (2, True, 1), (8, True, 2)]
)
def test_what_is_done_beside_has_a_processor_of_its_own(
    processors: int, beside: bool, threads: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked: list[int] = []
    monkeypatch.setattr(ocr, "_processors", lambda: processors)
    monkeypatch.setattr(ocr, "_engine_of", asked.append)
    meanwhile: Callable[[], object] | None = dict if beside else None
    with ocr.on_several_processors(meanwhile):
        ocr._engine()
    ocr._engine()
    assert asked == [threads, 1]


def test_what_is_done_beside_is_over_when_the_words_are_read(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(ocr, "_found", no_words)
    done: list[bool] = []

    def meanwhile() -> None:
        done.append(current_thread() is main_thread())
        raise ImportError("told where the library is needed")

    with ocr.on_several_processors(meanwhile):
        assert ocr.read_words(blank(31)) == []
        assert done == [False]
    assert ocr.read_words(blank(32)) == []
    assert done == [False]


@pytest.mark.slow
@pytest.mark.skipif(not ocr.available(), reason="rapidocr cannot be imported")
def test_words_do_not_depend_on_the_number_of_threads(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    from PIL import Image

    arm = simulate(np.random.default_rng(5), "Nivolumab", 90, median=10)
    drawn = render(tmp_path / "figure.png", [arm], Look(table="plain"))
    image: Any = np.asarray(Image.open(drawn.path).convert("RGB"))
    one = ocr._found(image)
    monkeypatch.setattr(ocr, "_processors", lambda: 2)
    with ocr.on_several_processors():
        assert ocr._found(image) == one
    assert len(one) > 10
