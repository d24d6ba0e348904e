"""Layouts of words and curves for tests: a plot from (100, 50) to (400, 350), times 0 to 30, survival 0 to 1."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace

import numpy as np

from survrecon.arrays import FloatArray
from survrecon.digitizing.geometry import Axis, Box
from survrecon.digitizing.panel import Assembled, assemble
from survrecon.digitizing.words.counts import CountTable
from survrecon.digitizing.words.risk_rows import find_counts
from survrecon.digitizing.words.scene import Colour, DrawnCurve, Key, Surroundings
from survrecon.digitizing.words.words import Word

AXIS = Axis(
    offset=100.0,
    scale=10.0,
    values=np.array([0.0, 10.0, 20.0, 30.0]),
    positions=np.array([100.0, 200.0, 300.0, 400.0]),
    residuals=np.zeros(4),
    resolution=0.1,
    source="tick marks",
)
FLOOR = 350.0
BLACK: Colour = (0.1, 0.1, 0.1)
BLUE: Colour = (0.1, 0.2, 0.8)
RED: Colour = (0.8, 0.1, 0.1)


def word(text: str, x: float, y: float, *, confidence: float = 1.0, colour: Colour | None = None) -> Word:
    """Return a word of 12 points height with its middle at x, y."""
    half = 3.5 * len(text)
    box = Box(x0=x - half, y0=y - 6, x1=x + half, y1=y + 6)
    return Word(text=text, box=box, confidence=confidence, colour=colour)


def from_left(text: str, x: float, y: float, *, colour: Colour | None = None) -> Word:
    """Return a word that begins at x."""
    return word(text, x + 3.5 * len(text), y, colour=colour)


def labels() -> list[Word]:
    """Return the tick labels of both axes."""
    below = [word(f"{t}", 100 + 10 * t, 365) for t in (0, 10, 20, 30)]
    beside = [word(f"{s:.1f}", 80, 350 - 300 * s) for s in (0.0, 0.2, 0.4, 0.6, 0.8, 1.0)]
    return [*below, *beside]


def curve(*survival: float, colour: Colour = BLACK, dash: str = "solid", end: float = 30.0) -> DrawnCurve:
    """Return a curve with these values at times 0, 10, 20 ..., in steps of equal length between."""
    time = np.linspace(0.0, end, 61)
    level = np.interp(time, 10.0 * np.arange(len(survival)), survival)
    duty = 1.0 if dash == "solid" else 0.5
    return DrawnCurve(colour=colour, duty=duty, dash=dash, line_width=1.5, time=time, survival=level, censor_times=None)


def around(
    keys: Mapping[str, Key] | None = None,
    leader: Callable[[Box], tuple[float, float] | None] | None = None,
    *,
    side: int = -1,
) -> Surroundings:
    """Return the surroundings of words: their own colours, keys at one side by text, leader lines by place."""

    def place(time: FloatArray, survival: FloatArray) -> tuple[FloatArray, FloatArray]:
        return 100.0 + 10.0 * np.asarray(time, float), 350.0 - 300.0 * np.asarray(survival, float)

    return Surroundings(
        key=lambda w, at: (keys or {}).get(w.text) if at == side else None,
        ink=lambda w: w.colour or BLACK,
        reread=None,
        place=place,
        leader=leader,
    )


def key(colour: Colour, x: float, y: float, *, duty: float = 1.0) -> Key:
    """Return a sample of line that ends at x."""
    return Key(colour=colour, duty=duty, length=20.0, box=Box(x0=x - 20, y0=y - 2, x1=x, y1=y + 2))


def counts(*rows: tuple[str, Sequence[str]], heading: str = "Number at risk", top: float = 420.0) -> list[Word]:
    """Return a table of counts under the ticks: a heading, and rows of a name and cells."""
    words = [from_left(heading, 10, top - 25)] if heading else []
    for k, (label, cells) in enumerate(rows):
        y = top + 20 * k
        words += [from_left(label, 10, y)] if label else []
        words += [word(cell, 100.0 + 100 * i, y) for i, cell in enumerate(cells) if cell]
    return words


def read(
    words: Sequence[Word],
    curves: Sequence[DrawnCurve],
    surroundings: Surroundings | None = None,
    change: Callable[[Word], Word] | None = None,
) -> Assembled:
    """Name curves and read tables from words around the plot."""
    ticks = labels()
    every = [*ticks, *(change(w) if change else w for w in words)]
    return assemble(curves, every, AXIS, floor=FLOOR, labels=ticks, around=surroundings or around())


def moved(words: Sequence[Word], by: float) -> list[Word]:
    """Return words moved down."""
    return [replace(w, box=replace(w.box, y0=w.box.y0 + by, y1=w.box.y1 + by)) for w in words]


def found(words: Sequence[Word]) -> CountTable:
    """Return the table of counts among words under the ticks."""
    ticks = labels()
    table = find_counts([*ticks, *words], AXIS, bottom=FLOOR + 1, taken=ticks)
    assert table is not None
    return table


def row(values: Sequence[str], y: float) -> list[Word]:
    """Return the cells of a row, one a tick; an empty one is none."""
    return [word(text, 100 + 100 * k, y) for k, text in enumerate(values) if text]
