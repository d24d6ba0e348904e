"""Figures whose words stand in the plot: direct labels, legends with numbers, insets, guide lines, symbols as marks."""

from __future__ import annotations

from typing import TYPE_CHECKING

from examples.gallery.journals.sheet import (
    Sheet,
    band,
    curves,
    guide,
    label_curves,
    label_ends,
    legend_rows,
    sheet_of,
    shown,
    words,
)
from examples.gallery.journals.tables import plain_table
from examples.gallery.journals.trial import Trial
from examples.gallery.journals.truth import Printed

if TYPE_CHECKING:
    from examples.gallery.journals.trial import Look

__all__ = [
    "dark_bands",
    "direct_labels",
    "dotted",
    "events_in_legend",
    "four_lines",
    "inset",
    "line_widths",
    "median_guides",
    "milestones",
    "symbols",
]

_EN_DASH = "–"
_BELOW_AXIS = 0.75  # inches from the time axis to a table's title
_MIDDLE_DOT = str.maketrans({".": "·"})


def direct_labels(look: Look) -> tuple[Sheet, Printed]:
    """Draw colour, names over two lines beside the curves and in the table, the ratio in a sentence."""
    trial = Trial(look)
    sheet = sheet_of(trial)
    curves(sheet)
    label_curves(sheet, coloured=False)
    ratio = trial.ratio(f"{{:.2f}} (95% CI, {{:.2f}}{_EN_DASH}{{:.2f}})")
    words(sheet, *look.words_at, (f"Hazard ratio, {ratio}", trial.p("P={}")))
    cells = [[str(c) for c in row] for row in trial.counts()]
    plain_table(sheet, cells, top=look.margins.bottom - _BELOW_AXIS, title="No. at Risk")
    return sheet, Printed(ratio=True, p=trial.p("{}"))


def dotted(look: Look) -> tuple[Sheet, Printed]:
    """Draw black, solid and dotted, decimal points at mid-height, numbers censored in brackets, few pixels."""
    from examples.gallery.journals.tables import with_second

    trial = Trial(look)
    sheet = sheet_of(trial)
    curves(sheet, marks=("|",) if look.groups[0].width > 1 else ())
    legend_rows(sheet, look.size[0] - 1.9, look.size[1] - 0.45, [g.name for g in look.groups])
    ratio = trial.ratio("{:.2f} (95% CI {:.2f}-{:.2f})").replace("-", _EN_DASH).translate(_MIDDLE_DOT)
    words(sheet, *look.words_at, (f"HR {ratio}", trial.p("p={}").translate(_MIDDLE_DOT)))
    cells = with_second(trial.counts(), trial.censored())
    plain_table(sheet, cells, top=look.margins.bottom - 0.66, title="Number at risk (number censored)", x=0.08)
    return sheet, Printed(ratio=True, p=trial.p("{}"))


def inset(look: Look) -> tuple[Sheet, Printed]:
    """Draw rising curves flat on the floor of a whole axis, and again in an inset with an axis of its own."""
    from dataclasses import replace

    from examples.gallery.journals.sheet import frame

    trial = Trial(look)
    sheet = sheet_of(trial)
    curves(sheet)
    within = sheet.axes.inset_axes((0.22, 0.3, 0.72, 0.66))
    highest = max(float(1 - c.lowest) for c in trial.curves)
    top = next(v for v in (0.05, 0.1, 0.15, 0.2, 0.3, 0.4, 0.5) if v > highest)
    near = replace(look, highest=top, survival_step=top / 5, xlabel="", ylabel="")
    frame(within, near)
    curves(sheet, within)
    label_curves(sheet, within, coloured=False)
    cells = [[str(c) for c in row] for row in trial.counts()]
    plain_table(sheet, cells, top=look.margins.bottom - _BELOW_AXIS, title="No. at Risk")
    return sheet, Printed()


def events_in_legend(look: Look) -> tuple[Sheet, Printed]:
    """Draw a framed legend that counts events, and a table with right-aligned names close to the first cells."""
    trial = Trial(look)
    sheet = sheet_of(trial)
    curves(sheet)
    events = [f"{ipd.events} events" for ipd in trial.arms.values()]
    legend_rows(sheet, look.margins.left + 0.25, look.margins.bottom + 0.5, [g.name for g in look.groups],
                columns=events, framed=True, column_at=1.3)  # fmt: skip
    words(sheet, *look.words_at, (trial.p("Log-rank $P$ = {}"),))
    cells = [[str(c) for c in row] for row in trial.counts()]
    plain_table(sheet, cells, top=look.margins.bottom - 0.68, title="No. at risk", right_aligned=True)
    return sheet, Printed(p=trial.p("{}"), events=True)


def median_guides(look: Look) -> tuple[Sheet, Printed]:
    """Draw guide lines to the medians, which are printed in the colours of the arms, as is the table."""
    trial = Trial(look)
    sheet = sheet_of(trial)
    curves(sheet, marks=("|",))
    full = 100.0 if look.percent else 1.0
    medians = {}
    for k, group in enumerate(look.groups):
        half = trial.curves[k].median()
        guide(sheet, half, full / 2, color=group.colour)
        medians[group.name] = trial.median(k, "{:.1f}")
        text = trial.median(k, "Median, {:.1f} mo\n(95% CI: {}, {})")
        sheet.axes.text((half or 0.0) + (0.01 if k else -0.01) * look.end, 0.03 * full, text, color=group.colour,
                        ha="left" if k else "right", va="bottom", weight="bold")  # fmt: skip
    legend_rows(sheet, look.size[0] - 1.7, look.size[1] - 0.5, [g.name for g in look.groups])
    words(sheet, 0.52, 0.78, (f"HR, {trial.cox.ratio:.2f}", trial.ratio("(95% CI: {1:.2f}, {2:.2f})")), weight="bold")
    cells = [[str(c) for c in row] for row in trial.counts()]
    plain_table(sheet, cells, top=look.margins.bottom - 0.7, title="No. at Risk", coloured=True, right_aligned=True)
    return sheet, Printed(ratio=True, medians=medians)


def milestones(look: Look) -> tuple[Sheet, Printed]:
    """Draw lines at landmarks with survival printed beside each curve, and medians in a heading without keys."""
    trial = Trial(look)
    sheet = sheet_of(trial)
    curves(sheet, marks=("+",), mark_size=7)
    found = []
    for time in (look.end / 3, 2 * look.end / 3):
        guide(sheet, time)
        for k, (group, ipd) in enumerate(zip(look.groups, trial.arms.values(), strict=True)):
            text = trial.milestone(k, time, f"{{:.0f}}% ({{:.0f}}{_EN_DASH}{{:.0f}})")
            level = float(shown(ipd.survival_at([time]), look)[0])
            up = 0.03 * (100.0 if look.percent else 1.0)
            sheet.axes.text(time + (0.01 if k else -0.01) * look.end, level + (up if k else -up), text, weight="bold",
                            color=group.colour, ha="left" if k else "right", va="bottom" if k else "top")  # fmt: skip
            found.append(text)
    x = look.size[0] - 3.3
    sheet.write(x, look.size[1] - 0.2, f"Median OS (95% CI), {look.unit.lower()}", weight="bold")
    for k, (group, ipd) in enumerate(zip(look.groups, trial.arms.values(), strict=True)):
        text = f"{group.name} (n = {ipd.n}): {trial.median(k)}"
        sheet.write(x, look.size[1] - 0.2 - sheet.line * (k + 1), text, weight="bold", color=group.colour)
    sheet.write(x, look.size[1] - 0.2 - sheet.line * 3, trial.p("$P$ = {}"), weight="bold")
    cells = [[str(c) for c in row] for row in trial.counts()]
    plain_table(sheet, cells, top=look.margins.bottom - 0.68, title="No. at risk", coloured=True, right_aligned=True)
    medians = {g.name: trial.median(k, "{:.1f}") for k, g in enumerate(look.groups)}
    return sheet, Printed(p=trial.p("{}"), medians=medians, milestones=found)


def symbols(look: Look) -> tuple[Sheet, Printed]:
    """Draw open symbols as marks, labels at the ends of the curves with numbers of patients, and no table."""
    trial = Trial(look)
    sheet = sheet_of(trial)
    curves(sheet, marks=("o", "^", "s"), mark_size=4.5)
    texts = [f"{group.name}\n(n={ipd.n})" for group, ipd in zip(look.groups, trial.arms.values(), strict=True)]
    label_ends(sheet, texts, apart=0.16)
    ratio = f"Hazard ratio {trial.ratio('{:.2f}, 95% CI {:.2f} to {:.2f}')}"
    p = trial.p("log-rank P={}")
    words(sheet, 0.03, 0.12, (ratio, p) if len(trial.arms) == 2 else (p,))
    return sheet, Printed(ratio=len(trial.arms) == 2, p=trial.p("{}"), risk=False)


def four_lines(look: Look) -> tuple[Sheet, Printed]:
    """Draw four lines of two colours told apart by dash, named by the coloured rows of the table and a legend."""
    trial = Trial(look)
    sheet = sheet_of(trial)
    curves(sheet)
    x = look.margins.left + 0.2 if look.rising else look.size[0] - look.margins.right - 2.5
    legend_rows(sheet, x, look.size[1] - 0.4, [" ".join(g.shown) for g in look.groups], framed=True, column_at=1.9)
    cells = [[str(c) for c in row] for row in trial.counts()]
    plain_table(sheet, cells, top=look.margins.bottom - 0.72, title="Number at risk", coloured=True, right_aligned=True)
    return sheet, Printed()


def line_widths(look: Look) -> tuple[Sheet, Printed]:
    """Draw black lines that differ in width alone, with bands where asked, named at the right of their ends."""
    from examples.gallery.journals.tables import boxed_table

    trial = Trial(look)
    sheet = sheet_of(trial)
    curves(sheet)
    label_ends(sheet, [" ".join(g.shown) for g in look.groups], apart=0.06)
    heads = [f"{t:g}" for t in trial.times]
    boxed_table(sheet, top=look.margins.bottom - 0.62, x=0.35, name_width=1.25, heads=heads)
    return sheet, Printed()


def dark_bands(look: Look) -> tuple[Sheet, Printed]:
    """Draw bands nearly as dark as their curves, names at the ends, and the table inside the plot."""
    from examples.gallery.journals.sheet import frame
    from examples.gallery.journals.tables import right_named_table

    trial = Trial(look)
    sheet = sheet_of(trial)
    frame(sheet.axes, look, percent_sign=look.percent)
    band(sheet, alpha=0.65)
    curves(sheet)
    label_ends(sheet, [" ".join(g.shown) for g in look.groups], apart=0.06)
    right_named_table(sheet, low=0.07, title="Patients at risk:", keys=False)
    return sheet, Printed()
