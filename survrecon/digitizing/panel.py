"""From curves and words of one panel to named arms, a risk table, statistics and doubts."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from survrecon.digitizing.result import (
    CountSource,
    Dash,
    DigitizedArm,
    DigitizedRiskTable,
    Doubt,
    NameSource,
    PrintedStatistic,
)
from survrecon.digitizing.words.arms import from_legend, in_order, row_owners, without_limits
from survrecon.digitizing.words.contrasts import statistic_doubts, tone_of, with_arms
from survrecon.digitizing.words.names import clean_name
from survrecon.digitizing.words.placed import placed_statistics
from survrecon.digitizing.words.risk_table import find_rows, read_counts
from survrecon.digitizing.words.scene import Draft, DrawnCurve, Surroundings, hex_colour

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from survrecon.digitizing.geometry import Axis
    from survrecon.digitizing.words.words import Word

__all__ = ["Assembled", "assemble"]


@dataclass(frozen=True, kw_only=True)
class Assembled:
    """Named arms with everything printed around them."""

    arms: tuple[DigitizedArm, ...]
    risk_table: DigitizedRiskTable | None
    printed: tuple[PrintedStatistic, ...]
    warnings: tuple[str, ...]
    doubts: tuple[Doubt, ...]
    late_entry: bool


def assemble(
    curves: Sequence[DrawnCurve],
    words: Sequence[Word],
    axis: Axis,
    *,
    floor: float,
    labels: Sequence[Word],
    around: Surroundings,
    arm_names: Sequence[str] | None = None,
) -> Assembled:
    """Name the curves of one panel and read what is printed around them.

    Parameters
    ----------
    curves : sequence of DrawnCurve
        The curves.
    words : sequence of Word
        The panel's words.
    axis : Axis
        The time axis.
    floor : float
        Height of the lowest survival tick: counts stand below.
    labels : sequence of Word
        The tick labels.
    around : Surroundings
        Access to what stands beside the words.
    arm_names : sequence of str or None
        Names that the caller gives, in the order of the curves as found (top curve at the end first).
    """
    rows = find_rows(words, axis, top=floor + 1, taken=labels)
    in_rows = (
        {id(c.word) for r in rows for c in r.cells}
        | {id(r.label_word) for r in rows}
        | {id(r.group_word) for r in rows}
    )
    skip = {id(w) for w in labels} | in_rows
    drafts, legend_order = from_legend(curves, [w for w in words if id(w) not in skip], around)
    warnings: list[str] = []
    doubts: list[Doubt] = []
    owners = row_owners(rows, drafts, curves, around, doubts)
    for k, draft in enumerate(drafts):
        if draft is None and k in owners.values():
            row = next(r for r, owner in owners.items() if owner == k)
            name = clean_name(rows[row].group or rows[row].label)
            if name:
                drafts[k] = Draft(name, "risk table", name)
    order = in_order(curves, drafts, legend_order, rows, owners)
    named = [k for k in order if drafts[k] is not None or k in owners.values()]
    counted = sum(r.kind == "at risk" for r in rows)
    if arm_names is None and named and len(named) < len(order) and counted in (0, len(named)):
        left = ", ".join(hex_colour(curves[k].colour) for k in order if k not in named)
        warnings.append(f"lines that bear no name were left out: {left}")
        order = named
    if arm_names is None and not named:
        order = without_limits(curves, order, warnings)
    doubts += [
        Doubt(
            where=f"risk table row {(rows[i].group or rows[i].label)!r}",
            read=", ".join(str(c.count) for c in rows[i].cells),
            confidence=0.0,
            why="no curve was found for it",
            options=("arms", "risk_table"),
        )
        for i, r in enumerate(rows)
        if r.kind == "at risk" and i not in owners
    ]
    names: list[str] = []
    arms: list[DigitizedArm] = []
    printed_names: dict[str, str] = {}
    for place, k in enumerate(order):
        draft = drafts[k]
        given = arm_names[place] if arm_names is not None and place < len(arm_names) else None
        name = given or (draft.name if draft else f"arm {place + 1}")
        if name in names:
            name = f"{name} ({place + 1})"
        names.append(name)
        if draft is None and given is None:
            doubts.append(
                Doubt(
                    where=f"curve {place + 1}",
                    read=name,
                    confidence=0.0,
                    why="no name was found for it",
                    options=("arm_names",),
                )
            )
        doubts += [
            Doubt(
                where=f"curve of {name}",
                read=f"S({curves[k].time[-1]:.4g}) = {curves[k].survival[-1]:.3f}",
                confidence=0.3,
                why=remark,
                options=("crop",),
                otherwise="take another copy of the figure",
            )
            for remark in curves[k].remarks
        ]
        printed_names[name] = draft.name if draft and draft.name not in printed_names.values() else name
        c = curves[k]
        arms.append(
            DigitizedArm(
                name=name,
                name_source=NameSource.GIVEN if given else NameSource(draft.source if draft else "none"),
                colour=hex_colour(c.colour),
                dash=Dash(c.dash),
                line_width=c.line_width,
                time=c.time,
                survival=c.survival,
                censor_times=c.censor_times,
            )
        )
    statistics = _statistics([w for w in words if id(w) not in skip], printed_names, around, [curves[k] for k in order])
    doubts += statistic_doubts(statistics)
    arms = [_with_patients(arm, statistics) for arm in arms]
    table, late = read_counts(rows, owners, order, arms, axis, around, doubts, warnings)
    if table is not None:
        for place, arm in enumerate(arms):
            row_counts = table.rows.get(arm.name)
            if row_counts and row_counts[0] is not None and abs(float(table.times[0])) < 1e-9 and not late:
                if arm.n is not None and arm.n != row_counts[0]:
                    warnings.append(
                        f"{arm.name}: the legend says n = {arm.n}, the risk table {row_counts[0]}; the table is used"
                    )
                arms[place] = replace(arm, n=row_counts[0], n_source=CountSource.RISK_TABLE)
    return Assembled(
        arms=tuple(arms),
        risk_table=table,
        printed=tuple(statistics),
        warnings=tuple(warnings),
        doubts=tuple(doubts),
        late_entry=late,
    )


def _statistics(
    words: Sequence[Word], printed_names: Mapping[str, str], around: Surroundings, curves: Sequence[DrawnCurve]
) -> list[PrintedStatistic]:
    """Return the printed statistics, each of the arm whose printed name or colour it bears."""
    given = {printed: name for name, printed in printed_names.items()}
    colours = {printed: curve.colour for printed, curve in zip(given, curves, strict=True)}
    found = with_arms(placed_statistics(words), list(given), tone=tone_of(around, colours))
    return [
        replace(s, arm=given.get(s.arm or ""), of=given.get(s.of or ""), over=given.get(s.over or "")) for s in found
    ]


def _with_patients(arm: DigitizedArm, statistics: Sequence[PrintedStatistic]) -> DigitizedArm:
    """Return an arm with the number of patients that is printed of it."""
    own = (s.value for s in statistics if s.quantity == "n" and s.arm == arm.name and s.value)
    size = next(own, None)
    return arm if size is None else replace(arm, n=int(size), n_source=CountSource.LEGEND)
