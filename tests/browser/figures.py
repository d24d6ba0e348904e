"""A figure for the browser tests whose two curves cross, with a number at risk of 281 and an axis that ends at 60."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from examples.gallery import patients as true
from examples.gallery.drawing import Panel, Style, draw_figure, scanned

if TYPE_CHECKING:
    from pathlib import Path

    from survrecon.model.ipd import PseudoIPD

__all__ = ["crossing_curves", "two_panels", "unreadable_scan"]

END = 60.0
SMUDGE = 9.0
"""Pixels over which the numbers at the axes are smeared: nobody who has not read the paper knows them."""


def _trial() -> dict[str, PseudoIPD]:
    early = true.simulated(1082, {"Chemotherapy": 16.0}, 400, end=END, shape=1.5)
    late = true.simulated(1082 + 7919, {"Immunotherapy": 19.0}, 400, end=END, shape=0.8)
    return true.cut_at(early | late, END)


def crossing_curves(path: Path) -> Panel:
    """Draw two curves that cross in their second year; 281 patients of the first are at risk at 12 months."""
    panel = Panel(arms=_trial(), end=END, risk_times=tuple(np.arange(0.0, END + 1, 12.0).tolist()))
    style = Style(size=(7.0, 5.2), dpi=130, step=12, marks="|", table=True, legend="upper right")
    (drawn,) = draw_figure(path, [(panel, style)])
    return drawn


def two_panels(path: Path) -> list[Panel]:
    """Draw panels A and B, one beside the other: the whole trial, and its first two years."""
    style = Style(size=(5.6, 4.6), dpi=130, step=12, table=True, legend="upper right")
    ends = {"A": END, "B": END / 2}
    panels = [
        Panel(
            arms=true.cut_at(_trial(), end), end=end, letter=letter,
            risk_times=tuple(np.arange(0.0, end + 1, 12.0).tolist()),
        )
        for letter, end in ends.items()
    ]  # fmt: skip
    return draw_figure(path, [(panel, style) for panel in panels])


def unreadable_scan(folder: Path) -> tuple[Path, Panel]:
    """Draw the same trial in black and grey, and scan it with its numbers smudged: nothing says what its axes are."""
    from PIL import Image, ImageFilter

    panel = Panel(arms=_trial(), end=END)
    style = Style(size=(6.2, 4.8), dpi=120, step=12, colours=("#101010", "#909090"), width=1.8)
    source, target = folder / "clear.png", folder / "scan.jpg"
    (drawn,) = draw_figure(source, [(panel, style)])
    with Image.open(source) as opened:
        image = opened.convert("RGB")
    width, height = image.size
    for box in ((0, 0, round(0.116 * width), height), (0, round(0.875 * height), width, height)):
        image.paste(image.crop(box).filter(ImageFilter.GaussianBlur(SMUDGE)), box[:2])
    image.save(source)
    scanned(source, target, turned=0.0, blurred=0.7, quality=75)
    return target, drawn
