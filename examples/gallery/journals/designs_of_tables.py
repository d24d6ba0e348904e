"""Figures whose tables are out of the ordinary: inside the plot, with events and N, coloured, of three rows."""

from __future__ import annotations

from typing import TYPE_CHECKING

from examples.gallery.journals.sheet import Sheet, band, curves, label_curves, legend_rows, sheet_of, words
from examples.gallery.journals.tables import coloured_rows, plain_table, right_named_table, three_rows_table
from examples.gallery.journals.trial import Trial
from examples.gallery.journals.truth import Printed

if TYPE_CHECKING:
    from examples.gallery.journals.trial import Look

__all__ = ["beside_plot", "coloured", "inside", "statistics_inside", "three_rows", "with_totals"]


def inside(look: Look) -> tuple[Sheet, Printed]:
    """Draw the table inside the plot, with names and keys at its right, outside the frame."""
    trial = Trial(look)
    sheet = sheet_of(trial)
    curves(sheet, marks=("|",), mark_size=4)
    words(sheet, *look.words_at, (trial.p("Log rank P-value = {}"),))
    right_named_table(sheet, low=0.06, title="Patients at risk", keys=True)
    return sheet, Printed(p=trial.p("{}"))


def with_totals(look: Look) -> tuple[Sheet, Printed]:
    """Draw columns of events and patients left of a table that begins after time 0, its keys and names at the right."""
    trial = Trial(look)
    sheet = sheet_of(trial)
    curves(sheet)
    sheet.axes.set_xlabel("")
    sheet.write(look.size[0] - 0.1, look.margins.bottom - 0.2, f"({look.unit.lower()})", ha="right")
    words(sheet, 0.03, 0.14, (trial.p("p={} (df=1)"),))
    top, x = look.margins.bottom - 0.55, 0.25
    sheet.write(x, top, "O", ha="center")
    sheet.write(x + 0.45, top, "N", ha="center")
    sheet.write(sheet.inch(trial.times[1]) - 0.2, top, "Number of patients at risk :")
    sheet.rule((x - 0.15, look.size[0] - 0.1), (top - 0.09, top - 0.09))
    for k, (group, ipd) in enumerate(zip(look.groups, trial.arms.values(), strict=True)):
        level = top - sheet.line * (k + 1.2)
        sheet.write(x, level, str(ipd.events), ha="center")
        sheet.write(x + 0.45, level, str(ipd.n), ha="center")
        for at, count in zip(trial.times[1:], ipd.at_risk(trial.times[1:]), strict=True):
            sheet.write(sheet.inch(at), level, str(count), ha="center")
        end = sheet.inch(look.end)
        sheet.rule((end + 0.25, end + 0.6), (level, level), color=group.colour, lw=group.width, linestyle=group.dash)
        sheet.write(end + 0.7, level, group.name)
    return sheet, Printed(p=trial.p("{}"), first_time=trial.times[1], events=True)


def statistics_inside(look: Look) -> tuple[Sheet, Printed]:
    """Draw a ruled table of statistics in the plot, a column an arm, its heads in colour over several lines."""
    trial = Trial(look)
    sheet = sheet_of(trial)
    curves(sheet, marks=("s",), mark_size=2.5)
    margins, pitch = look.margins, sheet.line
    left, top = margins.left + 0.1, margins.bottom + 1.15
    columns = (left + 2.35, left + 3.5)
    for group, at, ipd in zip(look.groups, columns, trial.arms.values(), strict=True):
        for j, part in enumerate((*group.lines, f"$n$={ipd.n}")):
            sheet.write(at, top - pitch * j, part, ha="center", color=group.colour)
    level = top - pitch * (len(look.groups[0].lines) + 1.1)
    events = [f"{ipd.events} ({100 * ipd.events / ipd.n:.1f})" for ipd in trial.arms.values()]
    medians = [trial.median(k, "{:.1f} ({}–{})") for k in range(len(trial.arms))]
    for head, cells in (("Number of events, $n$ (%)", events), ("Median PFS, months (95% CI)", medians)):
        sheet.rule((left, columns[-1] + 0.6), (level + 0.55 * pitch, level + 0.55 * pitch), lw=0.6)
        sheet.write(left + 0.03, level, head)
        for at, cell in zip(columns, cells, strict=True):
            sheet.write(at, level, cell, ha="center")
        level -= 1.1 * pitch
    for head, cell in (("Hazard ratio (95% CI)", trial.ratio("{:.2f} ({:.2f}–{:.2f})")), ("$P$ value", trial.p("{}"))):
        sheet.rule((left, columns[-1] + 0.6), (level + 0.55 * pitch, level + 0.55 * pitch), lw=0.6)
        sheet.write(left + 0.03, level, head)
        sheet.write(sum(columns) / 2, level, cell, ha="center")
        level -= 1.1 * pitch
    rows = [[str(c) for c in row] for row in trial.counts()]
    plain_table(sheet, rows, top=margins.bottom - 0.5, title="No. at risk", bold=False, coloured=True, x=0.05)
    medians_of = {g.name: trial.median(k, "{:.1f}") for k, g in enumerate(look.groups)}
    return sheet, Printed(ratio=True, p=trial.p("{}"), medians=medians_of, events=True)


def coloured(look: Look) -> tuple[Sheet, Printed]:
    """Draw rows of the table in colours, names in white, the ratio and its interval on two lines."""
    trial = Trial(look)
    sheet = sheet_of(trial)
    curves(sheet, marks=("+",), mark_size=5)
    label_curves(sheet, coloured=True)
    ratio = trial.ratio("HR {:.3f}\n95% CI {:.3f}–{:.3f}").split("\n")
    words(sheet, *look.words_at, (trial.p("log(rank) test: $P$ = {}"), *ratio))
    coloured_rows(sheet, top=look.margins.bottom - 0.7, x=0.1, title="Number at risk ($n$)")
    return sheet, Printed(ratio=True, p=trial.p("{}"))


def three_rows(look: Look) -> tuple[Sheet, Printed]:
    """Draw bands, and a left-aligned table of at risk, censored and events for each arm."""
    trial = Trial(look)
    sheet = sheet_of(trial)
    band(sheet, alpha=0.2)
    curves(sheet)
    legend_rows(sheet, look.size[0] - 2.1, look.size[1] - 0.5, [g.name for g in look.groups])
    three_rows_table(sheet, top=look.margins.bottom - 0.62, x=0.1, coloured=False)
    return sheet, Printed()


def beside_plot(look: Look) -> tuple[Sheet, Printed]:
    """Draw a table of patients and medians at the right of the plot, names over two lines, and circles as marks."""
    trial = Trial(look)
    sheet = sheet_of(trial)
    curves(sheet, marks=("o",), mark_size=3.5)
    label_curves(sheet, coloured=False)
    x, top = look.size[0] - look.margins.right + 0.95, look.size[1] - 0.3
    for at, head in ((x, ("No. of", "Patients")), (x + 1.05, ("Median Survival", "(95% CI)", "mo"))):
        for j, part in enumerate(head):
            sheet.write(at, top - sheet.line * j, part, ha="center", weight="bold" if part != "mo" else "normal")
    level = top - 4 * sheet.line
    for k, (group, ipd) in enumerate(zip(look.groups, trial.arms.values(), strict=True)):
        for j, part in enumerate(group.lines):
            sheet.write(x - 0.35, level + sheet.line * (len(group.lines) - 1 - j), part, ha="right", weight="bold")
        sheet.write(x, level, str(ipd.n), ha="center")
        sheet.write(x + 1.05, level, trial.median(k, "{:.1f} ({}–{})"), ha="center")
        level -= sheet.line * 2.6
    sheet.write(x - 1.1, level, "Hazard ratio for death,")
    sheet.write(x - 0.95, level - sheet.line, trial.ratio("{:.2f} (95% CI, {:.2f}–{:.2f})"))
    sheet.write(x - 1.1, level - 2 * sheet.line, trial.p("P={}"))
    rows = [[str(c) for c in row] for row in trial.counts()]
    plain_table(sheet, rows, top=look.margins.bottom - 0.72, title="No. at Risk")
    medians = {g.name: trial.median(k, "{:.1f}") for k, g in enumerate(look.groups)}
    return sheet, Printed(ratio=True, p=trial.p("{}"), medians=medians)
