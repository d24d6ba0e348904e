"""From curves and words of one panel to named arms, a risk table, statistics and doubts."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from functools import partial
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
from survrecon.digitizing.words.arms import Assignment, CurveName, assign, curves_in_order
from survrecon.digitizing.words.counts import CountKind, CountTable
from survrecon.digitizing.words.layout import text_lines
from survrecon.digitizing.words.names import legend_text, name_texts, same_name
from survrecon.digitizing.words.placed import placed_statistics, statistic_doubts, tone_of, with_arms
from survrecon.digitizing.words.risk_rows import find_counts
from survrecon.digitizing.words.risk_table import read_counts
from survrecon.digitizing.words.row_names import named_behind_keys
from survrecon.digitizing.words.scene import (
    DrawnCurve,
    Surroundings,
    could_be_taken_for,
    hex_colour,
    limits_of,
    on_estimates,
    without_limits,
)
from survrecon.digitizing.words.settings import COUNTS, NAMES
from survrecon.digitizing.words.ties import has_key, key_side, trusted_keys
from survrecon.records.readings import SURE

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
    begins: float = 0.0,
    caption: str = "",
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
    begins : float
        Time at which the plot begins: 0, or a landmark, whose patients are all there are.
    caption : str
        The figure's caption, which may state an arm's number of patients with its name.
    arm_names : sequence of str or None
        Names that the caller gives, in the order of the curves as found (top curve at the end first).
    """
    table = find_counts(words, axis, bottom=floor + 1, taken=labels)
    table = table if table is None else named_behind_keys(table, words, around)
    in_table = {id(w) for w in table.words} if table is not None else set()
    free = [w for w in words if id(w) not in in_table | {id(w) for w in labels}]
    found = _assigned(curves, free, table, trusted_keys(around, words, curves), caption)
    found, warnings = on_estimates(curves, found)
    doubts = list(found.doubts)
    if begins > 0:
        warnings.append(
            f"the time axis begins at {begins:g}, a landmark: patients are those at risk then, and none leaves before"
        )
    order = _real_curves(curves, found, table, doubts, warnings, named_by_caller=arm_names is not None)
    arms = _told_apart([_arm(p, curves[k], found, k, arm_names) for p, k in enumerate(order)], doubts)
    lone = len(order) == 1 and (table is None or len(table.rows) == 1)
    bare = table is None and sum(not w.vertical for w in free) < len(curves)
    doubts += [d for place, k in enumerate(order) for d in _of_curve(arms[place], curves[k])]
    doubts += [] if lone else _unnamed(arms, NAMES.none_printed if bare else 0.0)
    late, counts = False, None
    if table is not None:
        owners = _owners(table, found, order, arms)
        doubts += _ownerless(table, owners)
        read = read_counts(table, owners, arms, around, doubts, warnings)
        late, counts = read.late_entry, read.table
        arms = _with_patients(arms, table, owners, counts, doubts, begins=None if late else begins)
    names = _printed_names(arms, [found.names.get(k) for k in order])
    printed = _statistics(free, names, around, [curves[k] for k in order])
    printed = _with_events(printed, found, order, arms)
    doubts += statistic_doubts(printed)
    arms = [_with_stated(arm, printed) for arm in arms]
    return Assembled(
        arms=tuple(arms),
        risk_table=counts,
        printed=tuple(printed),
        warnings=tuple(warnings),
        doubts=tuple(doubts),
        late_entry=late,
    )


def _assigned(
    curves: Sequence[DrawnCurve], free: Sequence[Word], table: CountTable | None, around: Surroundings, caption: str
) -> Assignment:
    """Return names and rows by curve, from the words that are neither tick labels nor of the risk table."""
    known = [row.name for row in table.rows if row.name] if table is not None else []
    side = key_side(around, [w for w in free if not w.vertical])
    keyed = partial(has_key, around, side=side)
    texts = name_texts(free, known, keyed)
    if len(curves) == 1 and not known and not any(keyed(t.first) for t in texts):
        texts = legend_text(free, keyed) or texts
    sentences = [" ".join(line.text for line in text_lines(free)), caption]
    return _unnumbered(assign(curves, texts, table, around, sentences))


_NUMBERED = re.compile(r"^\d{1,2}:\s*(?=\S)")


def _unnumbered(found: Assignment) -> Assignment:
    """Return names without the numbers by which a legend, "1: Placebo", says whose the rows 1, 2, 3 of a table are."""
    if len(found.names) < 2 or not all(_NUMBERED.match(name.name) for name in found.names.values()):
        return found
    names = {k: replace(name, name=_NUMBERED.sub("", name.name)) for k, name in found.names.items()}
    return replace(found, names=names)


def _real_curves(
    curves: Sequence[DrawnCurve],
    found: Assignment,
    table: CountTable | None,
    doubts: list[Doubt],
    warnings: list[str],
    *,
    named_by_caller: bool,
) -> list[int]:
    """Return the curves in order, without lines that bear no name where as many are named as rows are counted."""
    order = curves_in_order(curves, found, table.rows if table is not None else ())
    if named_by_caller:
        return order
    named = [k for k in order if k in found.names or k in found.rows.values()]
    counted = sum(r.kind is CountKind.AT_RISK for r in table.rows) if table is not None else 0
    if named and len(named) < len(order) and counted in (0, len(named)):
        limits = {j for k, pair in limits_of(curves).items() if k in named for j in pair}
        unnamed = [k for k in order if k not in {*named, *limits}]
        if not unnamed:
            return named
        # a row for each of the others tells that these are all, unless a line left out looks like one that was kept
        alike = any(could_be_taken_for(curves[k], curves[j]) for k in named for j in unnamed)
        doubts.append(
            Doubt(
                where="plot",
                read=", ".join(hex_colour(curves[k].colour) for k in unnamed),
                confidence=SURE if counted and not alike else 0.0,
                why="lines that bear no name were left out",
                options=("arms",),
                field="curve",
            )
        )
        return named
    if not named:
        order, told = without_limits(curves, order)
        warnings += [told] if told is not None else []
    return order


def _arm(place: int, curve: DrawnCurve, found: Assignment, k: int, arm_names: Sequence[str] | None) -> DigitizedArm:
    """Return one curve with its name."""
    own = found.names.get(k)
    given = arm_names[place] if arm_names is not None and place < len(arm_names) else None
    source = NameSource.GIVEN if given else NameSource(own.source if own else "none")
    n = own.n if own is not None else None
    return DigitizedArm(
        name=given or (own.name if own else f"arm {place + 1}"),
        name_source=source,
        colour=hex_colour(curve.colour),
        dash=Dash(curve.dash),
        line_width=curve.line_width,
        followed=curve.followed,
        first_drop=curve.first_drop,
        dot_height=curve.dot_height,
        aslant=curve.aslant,
        time=curve.time,
        survival=curve.survival,
        censor_times=curve.censor_times,
        n=n,
        n_source=None if n is None else CountSource.LEGEND,
    )


def _told_apart(arms: Sequence[DigitizedArm], doubts: list[Doubt]) -> list[DigitizedArm]:
    """Return arms of which no two bear one name."""
    made: list[DigitizedArm] = []
    for place, arm in enumerate(arms):
        name = arm.name
        while any(name == other.name for other in made):
            name = f"{name} ({place + 1})"
        if name != arm.name:
            why = f"two curves bear the name {arm.name!r}"
            doubts.append(_name_doubt(place, name, why))
        made.append(replace(arm, name=name))
    return made


def _unnamed(arms: Sequence[DigitizedArm], sure: float) -> list[Doubt]:
    """Return a doubt for each curve without a name; ``sure`` is how sure it is that the figure prints none."""
    why = "the figure prints no name for it" if sure else "no name was found for it"
    return [
        _name_doubt(place, arm.name, why, sure) for place, arm in enumerate(arms) if arm.name_source is NameSource.NONE
    ]


def _name_doubt(place: int, name: str, why: str, sure: float = 0.0) -> Doubt:
    """Return the doubt about the name of a curve."""
    return Doubt(
        where=f"curve {place + 1}",
        read=name,
        confidence=sure,
        why=why,
        options=("arm_names",),
        field="arm name",
        arm=name,
    )


def _of_curve(arm: DigitizedArm, curve: DrawnCurve) -> list[Doubt]:
    """Return the doubts about a curve itself."""
    return [
        Doubt(
            where=f"curve of {arm.name}",
            read=f"S({curve.time[-1]:.4g}) = {curve.survival[-1]:.3f}",
            confidence=confidence,
            why=remark,
            options=("crop",),
            otherwise="take another copy of the figure",
            field="curve",
            arm=arm.name,
        )
        for confidence, remarks in ((COUNTS.misread, curve.remarks), (0.0, curve.contradictions))
        for remark in remarks
    ]


def _owners(table: CountTable, found: Assignment, order: Sequence[int], arms: Sequence[DigitizedArm]) -> dict[int, int]:
    """Return the place of the arm of each row: those of numbers at risk as assigned, the others by their heading."""
    place = {k: p for p, k in enumerate(order)}
    owners = {i: place[k] for i, k in found.rows.items() if k in place}
    by_name = {table.rows[i].name: p for i, p in owners.items() if table.rows[i].name}
    for i, row in enumerate(table.rows):
        called = max(by_name, key=lambda name: same_name(name, row.name), default="")
        if row.kind is not CountKind.AT_RISK and (same_name(called, row.name) > NAMES.surely_same or len(arms) == 1):
            owners[i] = by_name.get(called, 0)
    return owners


def _ownerless(table: CountTable, owners: Mapping[int, int]) -> list[Doubt]:
    """Return the doubts about rows of numbers at risk for which no curve was found."""
    return [
        Doubt(
            where=f"numbers at risk, row {row.name!r}",
            read=", ".join(c.word.text for c in row.printed),
            confidence=0.0,
            why="no curve was found for it",
            options=("arms", "risk_table"),
            field="curve",
            arm=row.name or None,
        )
        for i, row in enumerate(table.rows)
        if row.kind is CountKind.AT_RISK and i not in owners
    ]


def _with_patients(
    arms: Sequence[DigitizedArm],
    table: CountTable,
    owners: Mapping[int, int],
    counts: DigitizedRiskTable | None,
    doubts: list[Doubt],
    *,
    begins: float | None,
) -> list[DigitizedArm]:
    """Return arms with their number of patients: the first column's where the plot begins, else a column of totals."""
    made = list(arms)
    for place, arm in enumerate(arms):
        row = next((table.rows[i] for i, p in owners.items() if p == place and table.rows[i].patients), None)
        printed = counts.rows.get(arm.name) if counts is not None else None
        of_all = counts is not None and begins is not None and abs(float(counts.times[0]) - begins) < COUNTS.no_time
        first = printed[0] if printed and of_all else None
        first = first or None  # a first cell that is read as 0 is in doubt as such, and no number of patients
        n = first if first is not None else (row.patients if row is not None else None)
        others = {m for m in (arm.n, row.patients if row is not None else None) if m is not None and m != n}
        if n is None:
            continue
        if others:
            read = f"{n}; {', '.join(map(str, sorted(others)))}"
            doubts.append(_patients_doubt(arm.name, read, f"the figure states two numbers; {n} is used"))
        made[place] = replace(arm, n=n, n_source=CountSource.RISK_TABLE)
    return made


def _patients_doubt(arm: str, read: str, why: str) -> Doubt:
    """Return the doubt about an arm's number of patients."""
    return Doubt(
        where=f"patients of {arm}",
        read=read,
        confidence=COUNTS.misread,
        why=why,
        options=("n",),
        field="n",
        arm=arm,
    )


def _printed_names(arms: Sequence[DigitizedArm], found: Sequence[CurveName | None]) -> dict[str, str]:
    """Return, for each arm, its name as the figure prints it, which differs where the caller names the arms."""
    names: dict[str, str] = {}
    for arm, own in zip(arms, found, strict=True):
        names[arm.name] = own.name if own is not None and own.name not in names.values() else arm.name
    return names


def _statistics(
    words: Sequence[Word], printed_names: Mapping[str, str], around: Surroundings, curves: Sequence[DrawnCurve]
) -> list[PrintedStatistic]:
    """Return the printed statistics, each of the arm whose printed name or colour it bears."""
    given = {printed: name for name, printed in printed_names.items()}
    colours = {printed_names[name]: curve.colour for name, curve in zip(printed_names, curves, strict=True)}
    found = with_arms(placed_statistics(words), list(given), tone=tone_of(around, colours))
    return [
        replace(s, arm=given.get(s.arm or ""), of=given.get(s.of or ""), over=given.get(s.over or "")) for s in found
    ]


def _with_events(
    statistics: Sequence[PrintedStatistic], found: Assignment, order: Sequence[int], arms: Sequence[DigitizedArm]
) -> list[PrintedStatistic]:
    """Return statistics with the events that stand in a legend's columns."""
    made = list(statistics)
    for place, k in enumerate(order):
        own, name = found.names.get(k), arms[place].name
        told = any(s.arm == name and s.quantity == "events" for s in made)
        if own is not None and own.events is not None and not told:
            events = float(own.events)
            made.append(PrintedStatistic(quantity="events", value=events, text=own.text, arm=name, decimals=0))
    return made


def _with_stated(arm: DigitizedArm, statistics: Sequence[PrintedStatistic]) -> DigitizedArm:
    """Return an arm with the number of patients that is printed of it, where neither table nor legend has one."""
    own = (s.value for s in statistics if s.quantity == "n" and s.arm == arm.name and s.value)
    size = next(own, None)
    return arm if size is None or arm.n is not None else replace(arm, n=int(size), n_source=CountSource.LEGEND)
