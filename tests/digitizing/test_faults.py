"""Files that are no figure: one clear message each, quickly and without harm."""

from __future__ import annotations

import io
import zipfile
from typing import TYPE_CHECKING

import numpy as np
import pytest
from PIL import Image

from survrecon.digitizing import digitize
from survrecon.digitizing.raster.ocr import available
from survrecon.errors import DigitizingError
from tests.digitizing.rendered import Look, render, simulate

if TYPE_CHECKING:
    from pathlib import Path

_COPIES = '<g id="a0"><rect width="1" height="1"/></g>' + "".join(
    f'<g id="a{k}">' + f'<use href="#a{k - 1}"/>' * 10 + "</g>" for k in range(1, 8)
)
SVG = '<svg xmlns="http://www.w3.org/2000/svg" width="300" height="200" viewBox="0 0 300 200">{}</svg>'


def _write(path: Path, data: bytes | str) -> Path:
    path.write_bytes(data.encode() if isinstance(data, str) else data)
    return path


def _png(width: int, height: int) -> bytes:
    out = io.BytesIO()
    Image.new("RGB", (width, height), "white").save(out, "PNG")
    return out.getvalue()


def _zip() -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        archive.writestr("a.txt", "x")
    return out.getvalue()


@pytest.mark.parametrize(
    ("name", "data", "message"),
    [
        ("none.png", b"", "an empty file"),
        ("zip.png", _zip(), "zip archive"),
        ("text.png", b"no picture at all", "none of them"),
        ("white.png", _png(800, 600), "one colour"),
        ("tiny.png", _png(20, 20), "at least 150"),
        ("huge.png", _png(10_000, 200), "at most 6000"),
        ("cut.png", _png(800, 600)[:200], "damaged"),
        ("cut.pdf", b"%PDF-1.4\n1 0 obj\n<<", "damaged"),
        ("script.svg", SVG.format("<script>alert(1)</script>"), "a script"),
        ("handler.svg", SVG.format('<rect onload="x()" width="1" height="1"/>'), "an event handler"),
        ("remote.svg", SVG.format('<image href="http://localhost:9/a.png"/>'), "another file"),
        ("local.svg", SVG.format('<image href="file:///etc/passwd"/>'), "another file"),
        (
            "entity.svg",
            '<?xml version="1.0"?><!DOCTYPE svg [<!ENTITY a "b">]>' + SVG.format("<text>&a;</text>"),
            "entity",
        ),
        ("copies.svg", SVG.format(_COPIES), "200,000 elements"),
        ("cut.svg", SVG.format("")[:60] + "<svg", "well-formed"),
    ],
)
def test_one_message_each(tmp_path: Path, name: str, data: bytes | str, message: str) -> None:
    path = _write(tmp_path / name, data)
    with pytest.raises(DigitizingError, match=message) as error:
        digitize(path)
    assert str(path) in str(error.value)
    assert "What to do:" in str(error.value)


def test_a_missing_file(tmp_path: Path) -> None:
    with pytest.raises(DigitizingError, match="no such file"):
        digitize(tmp_path / "absent.png")


def test_a_photograph_has_no_axes(tmp_path: Path) -> None:
    noise = np.random.default_rng(1).random((20, 30, 3))
    photo = Image.fromarray((255 * noise).astype(np.uint8)).resize((600, 400), Image.Resampling.BICUBIC)
    photo.save(tmp_path / "photo.jpg")
    with pytest.raises(DigitizingError, match="axes"):
        digitize(tmp_path / "photo.jpg")


def test_a_page_that_is_not_there(tmp_path: Path) -> None:
    rng = np.random.default_rng(0)
    drawn = render(tmp_path / "figure.pdf", [simulate(rng, "Drug", 50, median=10)], Look())
    with pytest.raises(DigitizingError, match="a page from 1 to 1"):
        digitize(drawn.path, page=2)


@pytest.mark.skipif(not available(), reason="rapidocr cannot be imported")
def test_a_bar_chart_has_no_curves(tmp_path: Path) -> None:
    from matplotlib.figure import Figure

    chart = Figure(dpi=120)
    chart.subplots().bar(range(6), [3, 5, 2, 8, 6, 4])
    chart.savefig(tmp_path / "bars.png")
    with pytest.raises(DigitizingError, match="bar chart"):
        digitize(tmp_path / "bars.png")
