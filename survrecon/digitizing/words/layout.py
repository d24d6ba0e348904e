"""The layout of a figure's text: words become lines, and lines become tables with heads, rows and cells."""

from __future__ import annotations

from dataclasses import dataclass
from statistics import median
from typing import TYPE_CHECKING

import numpy as np

from survrecon.digitizing.geometry import Box
from survrecon.digitizing.words.settings import LAYOUT, LayoutSettings

if TYPE_CHECKING:
    from collections.abc import Sequence

    from survrecon.digitizing.words.words import Word

__all__ = ["TableRow", "TextLine", "TextTable", "clusters", "text_lines", "text_tables"]


@dataclass(frozen=True, kw_only=True, slots=True)
class TextLine:
    """Words that stand on one line close together.

    Parameters
    ----------
    words : tuple of Word
        From left to right; at least one.
    """

    words: tuple[Word, ...]

    @property
    def text(self) -> str:
        """The words with a space between neighbours."""
        return " ".join(w.text for w in self.words)

    @property
    def first(self) -> Word:
        """The word at the left."""
        return self.words[0]

    @property
    def box(self) -> Box:
        """The place of the whole line."""
        return around(self.words)

    @property
    def cx(self) -> float:
        """Centre along x."""
        return (self.box.x0 + self.box.x1) / 2

    @property
    def cy(self) -> float:
        """Centre along y."""
        return median(w.cy for w in self.words)

    @property
    def size(self) -> float:
        """Height of the text."""
        return median(w.size for w in self.words)

    @property
    def confidence(self) -> float:
        """How sure the least sure word is."""
        return min(w.confidence for w in self.words)

    @property
    def colour(self) -> tuple[float, float, float] | None:
        """Colour of the first word, where it is known."""
        return self.first.colour


@dataclass(frozen=True, kw_only=True, slots=True)
class TableRow:
    """One row of a table.

    Parameters
    ----------
    label : tuple of TextLine
        The lines of the row's name, from the top; empty where it has none.
    cells : tuple of TextLine or None
        One for each column of the table, None where the row is empty.
    cy : float
        Height of the row's middle.
    """

    label: tuple[TextLine, ...]
    cells: tuple[TextLine | None, ...]
    cy: float

    @property
    def name(self) -> str:
        """The text of the row's name."""
        return " ".join(line.text for line in self.label)


@dataclass(frozen=True, kw_only=True, slots=True)
class TextTable:
    """Lines of text that stand in rows and columns.

    Parameters
    ----------
    heads : tuple of tuple of TextLine
        For each column the lines that stand over it, from the top; empty where there are none.
    places : tuple of float
        The columns' centres.
    rows : tuple of TableRow
        From the top.
    """

    heads: tuple[tuple[TextLine, ...], ...]
    places: tuple[float, ...]
    rows: tuple[TableRow, ...]

    def head(self, column: int) -> str:
        """Return the text over a column."""
        return " ".join(line.text for line in self.heads[column])


def around(words: Sequence[Word]) -> Box:
    """Return the smallest box that holds words."""
    return Box(
        x0=min(w.box.x0 for w in words),
        y0=min(w.box.y0 for w in words),
        x1=max(w.box.x1 for w in words),
        y1=max(w.box.y1 for w in words),
    )


def clusters(places: Sequence[float], apart: float) -> list[list[int]]:
    """Return groups of indices whose places follow each other less than ``apart`` apart, in order of place.

    Examples
    --------
    >>> clusters([0.0, 10.0, 0.4, 10.2], apart=1.0)
    [[0, 2], [1, 3]]
    """
    order = sorted(range(len(places)), key=lambda k: places[k])
    groups: list[list[int]] = []
    for k in order:
        if groups and places[k] - places[groups[-1][-1]] < apart:
            groups[-1].append(k)
        else:
            groups.append([k])
    return groups


def text_lines(words: Sequence[Word], settings: LayoutSettings = LAYOUT) -> list[TextLine]:
    """Join upright words that stand on one line close together, from the top left."""
    rest = sorted((w for w in words if not w.vertical), key=lambda w: (w.cy, w.box.x0))
    lines: list[list[Word]] = []
    for word in sorted(rest, key=lambda w: w.box.x0):
        fitting = [line for line in lines if _continues(line[-1], word, settings)]
        if fitting:
            min(fitting, key=lambda line: word.box.x0 - line[-1].box.x1).append(word)
        else:
            lines.append([word])
    made = [TextLine(words=tuple(line)) for line in lines]
    return sorted(made, key=lambda line: (line.cy, line.box.x0))


def _continues(last: Word, word: Word, settings: LayoutSettings) -> bool:
    """Return whether a word goes on with a line that ends in another one."""
    size = min(last.size, word.size)
    gap = word.box.x0 - last.box.x1
    level = abs(word.cy - last.cy) < settings.level * size
    return level and -settings.overlap * size < gap < settings.gap * size


def text_tables(lines: Sequence[TextLine], settings: LayoutSettings = LAYOUT) -> list[TextTable]:
    """Return the tables that lines of text form: at least two rows of at least two columns each.

    A line that begins a row is its name; lines over a column, no further than the rows are apart, are its head.
    """
    rows = [sorted((lines[k] for k in group), key=lambda line: line.box.x0) for group in _levels(lines, settings)]
    tables: list[list[list[TextLine]]] = []
    for row in rows:
        if len(row) < 2:
            continue
        near = [t for t in tables if _aligned(t[-1], row, settings)]
        if near:
            near[-1].append(row)
        else:
            tables.append([row])
    return [_table(rows_of, lines, settings) for rows_of in tables if len(rows_of) >= 2]


def _levels(lines: Sequence[TextLine], settings: LayoutSettings) -> list[list[int]]:
    """Return the groups of lines that stand at one height."""
    if not lines:
        return []
    size = float(np.median([line.size for line in lines]))
    return clusters([line.cy for line in lines], settings.level * size)


def _aligned(above: Sequence[TextLine], below: Sequence[TextLine], settings: LayoutSettings) -> bool:
    """Return whether two rows follow each other and share two columns."""
    size = max(above[0].size, below[0].size)
    if below[0].cy - above[0].cy > settings.rows_apart * size:
        return False
    shared = sum(any(_same_column(a, b, settings) for b in below) for a in above)
    return shared >= 2


def _same_column(a: TextLine, b: TextLine, settings: LayoutSettings) -> bool:
    """Return whether two lines share an edge or their middle."""
    reach = settings.column * max(a.size, b.size)
    return min(abs(a.box.x0 - b.box.x0), abs(a.box.x1 - b.box.x1), abs(a.cx - b.cx)) < reach


def _table(rows: Sequence[Sequence[TextLine]], lines: Sequence[TextLine], settings: LayoutSettings) -> TextTable:
    """Return the table of rows; those above that begin over a column and not over the rows' names are heads."""
    most = max(len(row) for row in rows)
    left = min(row[1].box.x0 for row in rows if len(row) == most)
    start = next(k for k, row in enumerate(rows) if len(row) == most or row[0].cx < left)
    body = rows[start:]
    inside = [line for row in body for line in (row if row[0].cx > left else row[1:])]
    size = float(np.median([line.size for line in inside]))
    groups = clusters([line.cx for line in inside], settings.column_apart * size)
    places = [float(np.median([inside[k].cx for k in group])) for group in groups]
    made = []
    for row in body:
        named = row[0].cx <= left
        cells: list[TextLine | None] = [None] * len(places)
        for line in row[1:] if named else row:
            cells[int(np.abs(np.array(places) - line.cx).argmin())] = line
        made.append(TableRow(label=(row[0],) if named else (), cells=tuple(cells), cy=row[0].cy))
    used = {id(line) for row in body for line in row}
    over = [line for line in lines if id(line) not in used and line.cy < made[0].cy]
    heads = tuple(_heads(place, over, made[0].cy, settings) for place in places)
    return TextTable(heads=heads, places=tuple(places), rows=tuple(made))


def _heads(place: float, over: Sequence[TextLine], top: float, settings: LayoutSettings) -> tuple[TextLine, ...]:
    """Return the lines over a column, each close to the one under it."""
    found: list[TextLine] = []
    for line in sorted(over, key=lambda line: -line.cy):
        stands_over = line.box.x0 - line.size < place < line.box.x1 + line.size
        if stands_over and 0 < top - line.cy < settings.rows_apart * line.size:
            found.insert(0, line)
            top = line.cy
    return tuple(found)
