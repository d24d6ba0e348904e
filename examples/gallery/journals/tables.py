"""Tables of numbers at risk as journals set them: under or inside the plot, boxed, coloured, of several rows."""

from __future__ import annotations

from typing import TYPE_CHECKING

from examples.gallery.journals.sheet import group_tone

if TYPE_CHECKING:
    from collections.abc import Sequence

    from examples.gallery.journals.sheet import Sheet

__all__ = ["boxed_table", "coloured_rows", "plain_table", "right_named_table", "three_rows_table", "with_second"]

_BELOW_TITLE = 1.5  # lines from the title to the first row


def plain_table(
    sheet: Sheet,
    cells: Sequence[Sequence[str]],
    *,
    top: float,
    title: str,
    x: float = 0.1,
    bold: bool = True,
    coloured: bool = False,
    right_aligned: bool = False,
    hanging: float = 0.12,
    times: Sequence[float] | None = None,
) -> None:
    """Draw a table under the plot, its title at ``top`` inches, names over one or more lines with a hanging indent.

    Right-aligned names end at the left of the plot's first column.
    """
    times = times or sheet.trial.times
    left = sheet.inch(times[0]) - 0.28
    sheet.write(left if right_aligned else x, top, title, weight="bold" if bold else "normal",
                ha="right" if right_aligned else "left")  # fmt: skip
    level = top - sheet.line * 1.1
    for group, row in zip(sheet.look.groups, cells, strict=True):
        tone = group_tone(group, coloured=coloured)
        for k, part in enumerate(group.lines):
            place = left if right_aligned else x + (hanging if k else 0.0)
            sheet.write(place, level - sheet.line * k, part, color=tone, ha="right" if right_aligned else "left")
        for at, cell in zip(times, row, strict=True):
            sheet.write(sheet.inch(at), level, cell, color=tone, ha="center")
        level -= sheet.line * (len(group.lines) + (0.15 if len(group.lines) > 1 else 0.0))


def with_second(first: Sequence[Sequence[int]], second: Sequence[Sequence[int]]) -> list[list[str]]:
    """Return cells of two numbers, the second in brackets."""
    return [[f"{a} ({b})" for a, b in zip(*rows, strict=True)] for rows in zip(first, second, strict=True)]


def right_named_table(sheet: Sheet, *, low: float, title: str, keys: bool) -> None:
    """Draw a table inside the plot from ``low``, in shares of the axis; names and, where asked, keys at its right."""
    look, axes = sheet.look, sheet.axes
    bottom, high = axes.get_ylim()
    pitch = 1.5 * sheet.line / (look.size[1] - look.margins.bottom - look.margins.top) * (high - bottom)
    level = bottom + low * (high - bottom)
    rows = list(zip(look.groups, sheet.trial.counts(), strict=True))
    for group, row in reversed(rows):
        for at, count in zip(sheet.trial.times, row, strict=True):
            axes.text(at, level, str(count), ha="center", va="center")
        name_at = look.end * (1 + look.pads[1] + 0.03)
        axes.text(name_at, level, group.name, ha="left", va="center")
        if keys:
            axes.plot([look.end * 1.35, look.end * 1.43], [level, level], color=group.colour, lw=group.width,
                      linestyle=group.dash, clip_on=False)  # fmt: skip
        level += pitch
    axes.text(-0.5 * look.pads[0] * look.end, level, title, ha="left", va="center")


def boxed_table(sheet: Sheet, *, top: float, x: float, name_width: float, heads: Sequence[str]) -> None:
    """Draw a table of ruled boxes with a row of its own times, not aligned with the axis."""
    look, trial = sheet.look, sheet.trial
    pitch, wide = 1.5 * sheet.line, (look.size[0] - x - 0.3 - name_width) / len(heads)
    edges = [x, *(x + name_width + wide * k for k in range(len(heads) + 1))]
    for k in range(len(look.groups) + 2):
        sheet.rule((edges[0], edges[-1]), (top - pitch * k, top - pitch * k))
    for edge in edges:
        sheet.rule((edge, edge), (top, top - pitch * (len(look.groups) + 1)))
    rows = [list(heads), *([str(c) for c in row] for row in trial.counts())]
    for k, row in enumerate(rows):
        level = top - pitch * (k + 0.5)
        if k:
            sheet.write(x + 0.06, level, look.groups[k - 1].name)
        for j, cell in enumerate(row):
            sheet.write(edges[j + 1] + wide / 2, level, cell, ha="center", weight="bold" if not k else "normal")


def coloured_rows(sheet: Sheet, *, top: float, x: float, title: str) -> None:
    """Draw a table of coloured rows, names in white on the full colour."""
    from matplotlib.colors import to_rgb

    look = sheet.look
    pitch, name_end = 1.6 * sheet.line, sheet.inch(0.0) - 0.18
    sheet.write(name_end, top, title)
    for k, (group, row) in enumerate(zip(look.groups, sheet.trial.counts(), strict=True)):
        level = top - pitch * (k + 0.95)
        pale = tuple(1 - 0.3 * (1 - v) for v in to_rgb(group.colour))
        sheet.tile(x, level - 0.45 * pitch, name_end, level + 0.45 * pitch, fc=group.colour)
        sheet.tile(name_end + 0.03, level - 0.45 * pitch, look.size[0] - 0.1, level + 0.45 * pitch, fc=pale)
        sheet.write((x + name_end) / 2, level, group.name, color="white", ha="center")
        for at, count in zip(sheet.trial.times, row, strict=True):
            sheet.write(sheet.inch(at), level, str(count), ha="center")


def three_rows_table(sheet: Sheet, *, top: float, x: float, coloured: bool) -> None:
    """Draw the table of KMunicate: a heading an arm over its rows at risk, censored and events, left-aligned."""
    trial, level = sheet.trial, top
    blocks = zip(trial.counts(), trial.censored(), trial.failed(), strict=True)
    for group, block in zip(sheet.look.groups, blocks, strict=True):
        sheet.write(x, level, group.name, weight="bold", color=group_tone(group, coloured=coloured))
        for head, row in zip(("At risk", "Censored", "Events"), block, strict=True):
            level -= sheet.line
            sheet.write(x + 0.1, level, head)
            for at, count in zip(trial.times, row, strict=True):
                sheet.write(sheet.inch(at) - 0.1, level, str(count), ha="left")
        level -= 1.2 * sheet.line
