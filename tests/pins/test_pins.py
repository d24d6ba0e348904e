"""Results that only a deliberate change may move: ``python -m tests.pins`` writes them anew."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest

from survrecon.digitizing.raster.ocr import available
from tests.pins.__main__ import PINS
from tests.pins.trials import SUMMARIES, curves, figure_pin, gallery, pin, summary_pin

if TYPE_CHECKING:
    from pathlib import Path

PINNED: dict[str, dict[str, Any]] = json.loads(PINS.read_text(encoding="utf-8"))
SAME_TIME = 1e-9
"""Of the follow-up."""
SAME_SURVIVAL = 1e-5
"""What a least-squares fit to pixels may differ by between processors."""
OTHER_FONTS = 0.01
"""Of the axis: words of another font move the frame, and the pixel columns with it."""


@pytest.mark.parametrize("key", [" ".join(key) for key in curves()])
def test_reconstructions(key: str) -> None:
    found, expected = pin(*key.split(" ")), PINNED["reconstructions"][key]
    times, expected_times = found.pop("times"), expected.pop("times")
    assert found == expected
    np.testing.assert_allclose(times, expected_times, rtol=0, atol=SAME_TIME * expected_times[-1])


@pytest.mark.parametrize("name", SUMMARIES)
def test_summaries(name: str) -> None:
    assert summary_pin(name) == PINNED["summaries"][name]


@pytest.mark.slow
@pytest.mark.parametrize("name", gallery())
def test_figures(name: str, tmp_path: Path) -> None:
    """Everything where the drawn figure is the pinned one; with other fonts, what is printed and the curves nearly."""
    if name.endswith((".png", ".jpg")) and not available():
        pytest.skip("rapidocr cannot be imported")
    found, expected = figure_pin(name, tmp_path), PINNED["figures"][name]
    if found.pop("drawn") != expected.pop("drawn"):
        assert found["unit"] == expected["unit"]
        assert {arm: read["n"] for arm, read in found["arms"].items()} == {
            arm: read["n"] for arm, read in expected["arms"].items()
        }
        near = OTHER_FONTS
    else:
        near = SAME_SURVIVAL
    for arm, read in found["arms"].items():
        assert read.pop("survival") == pytest.approx(expected["arms"][arm].pop("survival"), abs=near)
        assert read.pop("end") == pytest.approx(expected["arms"][arm].pop("end"), rel=near)
    if near == SAME_SURVIVAL:
        assert found == expected
