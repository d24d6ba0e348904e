"""Panels of a figure: which words belong to which, and choosing among them."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from survrecon.callers import option_name
from survrecon.digitizing.geometry import Box
from survrecon.digitizing.result import DigitizedFigure, FailedPanel
from survrecon.digitizing.words.names import same_name
from survrecon.errors import DigitizingError

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from survrecon.digitizing.raster.axes import RasterAxes
    from survrecon.digitizing.words.labels import PanelLabels
    from survrecon.digitizing.words.words import Word

__all__ = ["Region", "choose", "read_each", "regions_of"]

_LETTER = re.compile(r"^(?:panel\s+)?[(\[]?([A-H])[)\].:]?(?:\s+(.+))?$", re.IGNORECASE)


@dataclass(frozen=True, kw_only=True)
class Region:
    """One panel: its letter and title, its part of the figure, its words."""

    name: str | None
    title: str | None
    box: Box
    labels: PanelLabels
    words: list[Word]
    axes: RasterAxes | None = None


def _frame(panel: PanelLabels) -> Box:
    x = [panel.time.position(v) for v in panel.time.values]
    y = [panel.survival.position(v) for v in panel.survival.values]
    left = min(w.box.x0 for w in panel.survival.words)
    return Box(x0=left, y0=min(y), x1=max(x), y1=max(y))


def regions_of(panels: Sequence[PanelLabels], words: Sequence[Word], shape: tuple[int, ...]) -> list[Region]:
    """Divide a figure among its panels."""
    frames = [_frame(p) for p in panels]
    height, width = float(shape[0]), float(shape[1])
    regions: list[Region] = []
    headings: list[list[Word]] = []
    for k, frame in enumerate(frames):
        below = [
            f for j, f in enumerate(frames) if j != k and f.y0 > frame.y1 and min(f.x1, frame.x1) > max(f.x0, frame.x0)
        ]
        above = [
            f for j, f in enumerate(frames) if j != k and f.y1 < frame.y0 and min(f.x1, frame.x1) > max(f.x0, frame.x0)
        ]
        right = [
            f for j, f in enumerate(frames) if j != k and f.x0 > frame.x1 and min(f.y1, frame.y1) > max(f.y0, frame.y0)
        ]
        left = [
            f for j, f in enumerate(frames) if j != k and f.x1 < frame.x0 and min(f.y1, frame.y1) > max(f.y0, frame.y0)
        ]
        lead = 0.12 * frame.height
        box = Box(
            x0=max((frame.x0 + f.x1) / 2 for f in left) if left else 0.0,
            y0=max(frame.y0 - lead, max(f.y1 for f in above)) if above else 0.0,
            x1=min(f.x0 - 0.35 * max(0.0, f.x0 - frame.x1) for f in right) if right else width,
            y1=min(f.y0 - 0.12 * f.height for f in below) if below else height,
        )
        start = max(f.x1 for f in left) if left else 0.0  # letters and names of rows stand left of the axis' numbers
        across = [w for w in words if w.cx <= box.x1 and box.y0 <= w.cy <= box.y1]
        inside = [w for w in across if w.cx >= box.x0 or (w.box.x0 > start and w.cy > frame.y1)]
        upper = [w for w in across if w.cx > start and w.cy < frame.y0 + 0.1 * frame.height]
        headings.append([w for w in upper if not w.vertical and w.number is None])
        regions.append(Region(name=None, title=None, box=box, labels=panels[k], words=inside))
    parts = list(zip(headings, frames, strict=True))
    named = [_heading(*part, anywhere=False) for part in parts]
    centred = [_heading(*part, anywhere=True) for part in parts]
    if len({name for name, _ in centred} - {None}) == len(panels):  # else a title may begin with an article
        named = [own if own[0] else other for own, other in zip(named, centred, strict=True)]
    return [
        replace(region, name=name or (str(k + 1) if len(panels) > 1 else None), title=title)
        for k, (region, (name, title)) in enumerate(zip(regions, named, strict=True))
    ]


def _heading(words: Sequence[Word], frame: Box, *, anywhere: bool) -> tuple[str | None, str | None]:
    """Return the letter and title above a panel; the letter at its left, or ``anywhere`` above it."""
    letters = sorted((w for w in words if _LETTER.match(w.text.strip())), key=lambda w: (w.box.x0, w.cy))
    for word in letters:
        hit = _LETTER.match(word.text.strip())
        assert hit is not None
        over = anywhere and word.box.x0 < frame.x1 and word.cy < frame.y0 - 0.5 * word.size
        if over or word.box.x0 < frame.x0 + 0.15 * frame.width:
            beside = [
                w.text
                for w in words
                if w is not word and abs(w.cy - word.cy) < 0.6 * word.size and w.box.x0 > word.box.x1
            ]
            return hit[1].upper(), hit[2] or (" ".join(beside) or None)
    above = [w for w in words if w.cy < frame.y0 - 0.5 * w.size]
    return None, max(above, key=lambda w: w.box.width).text if above else None


def choose(where: str, regions: Sequence[Region], wanted: str | None, *, every: bool) -> list[Region]:
    """Return the panels asked for.

    Raises
    ------
    DigitizingError
        If there are several and none or an unknown one is named.
    """
    if every or wanted == "all" or (wanted is None and len(regions) == 1):
        return list(regions)
    listing = "; ".join(" ".join([r.name or "", f"({r.title})" if r.title else ""]).strip() for r in regions)
    if wanted is None:
        raise DigitizingError(
            where,
            "one panel to read",
            f"{len(regions)} panels: {listing}",
            f"choose with {option_name('panel')}, or give {option_name('panel', 'all')} or {option_name('crop')}",
        )
    if not any(r.name or r.title for r in regions):
        raise DigitizingError(
            where,
            f"a panel called {wanted!r}",
            "a figure of one panel, without letter or title",
            f"leave {option_name('panel')} out",
        )
    exact = [r for r in regions if (r.name or "").lower() == wanted.strip().lower()]
    titled = [r for r in regions if r.title and (wanted.lower() in r.title.lower() or same_name(wanted, r.title) > 0.8)]
    if len(exact or titled) != 1:
        raise DigitizingError(where, f"a panel called {wanted!r}", f"panels {listing}", "name one of these")
    return exact or titled


def read_each(
    regions: Sequence[Region], read: Callable[[Region], DigitizedFigure], failed: list[FailedPanel] | None
) -> list[DigitizedFigure]:
    """Read panels; with a list for failures, one that cannot be read goes there and the others are still read."""
    figures = []
    for region in regions:
        try:
            figures.append(read(region))
        except DigitizingError as error:
            if failed is None:
                raise
            failed.append(FailedPanel(panel=region.name, error=error))
    return figures
