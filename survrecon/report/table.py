"""A table and the lines around it, for a terminal or for a pipe."""

from __future__ import annotations

import sys
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Literal, TextIO
from unicodedata import category, combining, east_asian_width

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from rich.console import RenderableType
    from rich.text import Text

__all__ = ["TextTable", "clean", "show"]

_GAP = "  "
_WIDEST_GROUP = 18  # what a narrow terminal must spare for the line above a group


@dataclass(frozen=True, kw_only=True, slots=True)
class TextTable:
    """A heading, rows under named columns, and notes below them.

    Parameters
    ----------
    heading : str
        One line above.
    columns : tuple of str
        Column names.
    rows : tuple of tuple of str
        As many cells a row as columns.
    notes : tuple of str
        Lines below.
    numeric : tuple of str
        Names of the columns that are aligned to the right.
    styles : mapping of str to str
        Terminal style of a cell by its text (verdicts).
    grouped : tuple of str
        On a terminal, columns that become a line above the rows that share them.
    stacked : mapping of str to str
        On a terminal, columns that become a dim line in the cell of another column.
    unbroken : tuple of str
        On a terminal, columns whose cells stay on one line.
    """

    heading: str
    columns: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]
    notes: tuple[str, ...] = ()
    numeric: tuple[str, ...] = ()
    styles: Mapping[str, str] = field(default_factory=dict)
    grouped: tuple[str, ...] = ()
    stacked: Mapping[str, str] = field(default_factory=dict)
    unbroken: tuple[str, ...] = ()

    def plain(self) -> str:
        """Return aligned text: no colour, no box, the same at every width, empty columns left out."""
        shown = [self.columns.index(column) for column in self._filled()]
        lines = [[self.columns[i] for i in shown], *([clean(row[i]) for i in shown] for row in self.rows)]
        widths = [max(_width(line[j]) for line in lines) for j in range(len(shown))]
        right = [self.columns[i] in self.numeric for i in shown]
        table = [_GAP.join(map(_padded, line, widths, right)).rstrip() for line in lines]
        rule = [_GAP.join("-" * width for width in widths)]
        parts = [clean(self.heading), *table[:1], *rule, *table[1:], *(clean(note) for note in self.notes)]
        return "\n".join(parts) + "\n"

    def rich(self) -> RenderableType:
        """Return the table for a terminal; names are shown as they are, never read as markup."""
        from rich.box import SIMPLE_HEAD
        from rich.console import Group
        from rich.table import Table
        from rich.text import Text

        shown = [c for c in self._filled() if c not in self.grouped and c not in self.stacked]
        table = Table(box=SIMPLE_HEAD, title=Text(clean(self.heading), "bold"), title_justify="left", pad_edge=False)
        groups = [" ".join(clean(row[self.columns.index(c)]) for c in self.grouped) for row in self.rows]
        widest = min(max(map(_width, groups), default=0), _WIDEST_GROUP)
        for column in shown:
            least = widest if column == shown[0] else None
            side: Literal["left", "right"] = "right" if column in self.numeric else "left"
            table.add_column(column, justify=side, no_wrap=column in self.unbroken, overflow="fold", min_width=least)
        for i, (row, group) in enumerate(zip(self.rows, groups, strict=True)):
            cells = {column: clean(cell) for column, cell in zip(self.columns, row, strict=True)}
            if group and (i == 0 or group != groups[i - 1]):
                table.add_section()
                table.add_row(Text(group, "bold cyan"))
            table.add_row(*(self._stack(column, cells) for column in shown))
        return Group(table, *(Text(clean(note)) for note in self.notes), Text(""))

    def _filled(self) -> list[str]:
        """Return the columns that hold anything."""
        return [column for i, column in enumerate(self.columns) if any(row[i] for row in self.rows)]

    def _stack(self, column: str, cells: Mapping[str, str]) -> Text:
        """Return a cell with the cells stacked on it below, each after its column's name."""
        from rich.text import Text

        lines = [Text(cells[column], self.styles.get(cells[column], ""))]
        lines += [Text(f"{c}: {cells[c]}", "dim") for c, on in self.stacked.items() if on == column and cells[c]]
        return Text("\n").join(lines)


def show(tables: Sequence[TextTable], stream: TextIO | None = None) -> None:
    """Write tables: for a terminal in colour and to its width, otherwise as plain text."""
    out = sys.stdout if stream is None else stream
    if not out.isatty():
        out.write("\n".join(table.plain() for table in tables))
        return
    from rich.console import Console

    console = Console(file=out, highlight=False)
    for table in tables:
        console.print(table.rich())


def clean(text: str) -> str:
    r"""Return ``text`` on one line without control characters, such as colour codes in a name.

    Examples
    --------
    >>> clean("two\nlines")
    'two lines'
    """
    spaced = " ".join(text.split())
    return "".join(" " if category(c) in ("Cc", "Cf") else c for c in spaced)


def _width(text: str) -> int:
    """Return the columns that a terminal gives to ``text``."""
    return sum(0 if combining(c) else 2 if east_asian_width(c) in "WF" else 1 for c in text)


def _padded(text: str, width: int, right: bool) -> str:
    fill = " " * (width - _width(text))
    return fill + text if right else text + fill
