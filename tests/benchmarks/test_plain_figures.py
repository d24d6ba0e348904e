"""Plain simulated figures are drawn with their truth, and a drawing is read as drawn."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import numpy as np

from benchmarks.plain_figures import draw, measure
from survrecon.digitizing import digitize

if TYPE_CHECKING:
    from pathlib import Path

DRAWN_AS_PDF = 33
"""A seed whose figure is a drawing, so that no character recognition is needed."""


def test_a_drawing_is_read_as_drawn(tmp_path: Path) -> None:
    draw(tmp_path, single=False, rng=np.random.default_rng(DRAWN_AS_PDF))
    truth = json.loads((tmp_path / "truth.json").read_text(encoding="utf-8"))
    errors, wrong = measure(digitize(tmp_path / "figure.pdf"), truth)
    assert max(errors) < 1e-4
    assert not wrong
    assert sum(len(arm["time"]) for arm in truth["arms"]) > len(truth["arms"])
