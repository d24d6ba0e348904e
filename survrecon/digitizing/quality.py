"""The grade of a reading by what must hold inside the figure; printed results have no say here."""

from __future__ import annotations

import re
from collections import defaultdict
from dataclasses import dataclass, field, replace
from itertools import combinations
from typing import TYPE_CHECKING

import numpy as np

from survrecon.digitizing.result import Dash, DigitizedArm, DigitizedFigure, DigitizedRiskTable, Doubt, NameSource
from survrecon.digitizing.settings import WEIGHT_OF_DOUBTS, QualitySettings
from survrecon.model.grade import Grade, ReadingGrade

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from survrecon.arrays import BoolArray, FloatArray

__all__ = ["Evidence", "graded", "impossible_cells"]

_SETTINGS = QualitySettings()


@dataclass(frozen=True, kw_only=True, slots=True)
class Evidence:
    """One thing that speaks against a reading.

    Parameters
    ----------
    weight : float
        How much (see `QualitySettings`).
    reason : str
        What, in words.
    doubt : Doubt or None
        The doubt that says so to the reader, where it is new.
    field : str
        What it is about, where there is no such doubt.
    """

    weight: float
    reason: str
    doubt: Doubt | None = None
    field: str = ""

    @property
    def about(self) -> str:
        """The field that it is about."""
        return self.doubt.field if self.doubt is not None else self.field


def graded(
    figure: DigitizedFigure, table: DigitizedRiskTable | None, settings: QualitySettings = _SETTINGS
) -> DigitizedFigure:
    """Return a figure with its grade, and with the doubts that come of holding its parts against each other.

    Parameters
    ----------
    figure : DigitizedFigure
        What was read.
    table : DigitizedRiskTable or None
        The numbers at risk that hold: those that are stated, else those of the figure.
    settings : QualitySettings
        The thresholds.
    """
    table = None if figure.late_entry else table
    found = [
        *_against_table(figure, table, settings),
        *_of_ends(figure, table, settings),
        *_of_curves(figure, settings),
        *_of_axes(figure, settings),
        *_of_names(figure, settings),
        *_of_rows(figure, table, settings),
        *_of_marks(figure, settings),
    ]
    doubts = [one.doubt for one in found if one.doubt is not None]
    settled = _settled_by_table(figure, table, settings)
    for doubt in figure.doubts:
        base = WEIGHT_OF_DOUBTS.get(doubt.field, settings.other_doubt)
        known = doubt.arm in settled and "risk_table" in doubt.options and doubt.field == "arm name"
        weight = base * (1 - max(doubt.confidence, settings.settled if known else 0.0))
        found += [Evidence(weight=weight, reason=f"{doubt.where}: {doubt.why}", field=doubt.field)]
    found = [one for one in found if one.weight > 0]
    found.sort(key=lambda one: -one.weight)
    total = _total(found, settings)
    grade = (
        Grade.UNRELIABLE
        if total >= settings.unreliable_from
        else Grade.CHECK
        if total >= settings.check_from
        else Grade.GOOD
    )
    reasons = tuple(dict.fromkeys(one.reason for one in found))
    reading = ReadingGrade(grade=grade, internal=grade, reasons=reasons)
    said = [
        f"{arm.name}: drawn down to {arm.survival[0]:.3f} at time 0, where its first events are taken to be"
        for arm in figure.arms
        if arm.first_drop and _starts_low(arm, settings)
    ]
    return replace(figure, doubts=(*figure.doubts, *doubts), reading=reading, warnings=(*figure.warnings, *said))


def _total(found: Sequence[Evidence], settings: QualitySettings) -> float:
    """Return the sum of weights: what is said twice counts once, and many doubts of a kind as a few."""
    once = {one.reason: one for one in reversed(found)}.values()  # the heaviest of those said twice
    by_field: dict[str, float] = defaultdict(float)
    for one in once:
        by_field[one.about] += one.weight
    heaviest = {about: max(one.weight for one in once if one.about == about) for about in by_field}
    return sum(min(sum_, max(heaviest[about], settings.most_of_a_kind)) for about, sum_ in by_field.items())


def _at(arm: DigitizedArm, time: FloatArray) -> FloatArray:
    """Return survival at times; 1 before the first point."""
    place = np.searchsorted(arm.time, time, side="right") - 1
    return np.where(place < 0, 1.0, arm.survival[place.clip(0)])


def _slack(figure: DigitizedFigure, settings: QualitySettings) -> tuple[float, float]:
    """Return by how much a level and a time may be off."""
    full = 100.0 if figure.percent else 1.0
    span = float(np.ptp(figure.time_axis.values)) if len(figure.time_axis.values) else 0.0
    level = settings.levels_off * figure.survival_axis.resolution / full
    return level, max(settings.columns_off * figure.time_axis.resolution, settings.time_off * span)


@dataclass(frozen=True, kw_only=True, slots=True)
class _RowAgainstCurve:
    """The filled cells of one arm's row, and the patients of the arm as far as they are known."""

    time: FloatArray
    count: FloatArray
    n: float = field(default=0.0)


_LOWEST = 0.01
"""Survival below which a number at risk tells nothing of N."""


def _row(arm: DigitizedArm, table: DigitizedRiskTable) -> _RowAgainstCurve | None:
    cells = [(t, c) for t, c in zip(table.times.tolist(), table.rows.get(arm.name, ()), strict=False) if c is not None]
    if not cells:
        return None
    time, count = (np.array(part, float) for part in zip(*cells, strict=True))
    # where N is not known it is at least what its first number had to come from
    first = float(_at(arm, time[:1])[0])
    return _RowAgainstCurve(time=time, count=count, n=float(arm.n or count[0] / max(first, _LOWEST)))


def _excess(arm: DigitizedArm, row: _RowAgainstCurve, slack: tuple[float, float]) -> FloatArray:
    """Return by how many patients each number lies above what the curve allows, 0 where it does not.

    At most N S(t-) patients are at risk at a time, and from one column to the next at most the share that survives.
    """
    level, slip = slack
    before, after = _at(arm, row.time - slip), _at(arm, row.time + slip)
    # above the curve, with the level that may be off
    allowed = row.n * np.minimum(before + level, 1.0)
    # above the share that survives since the column before; a level near 0 tells no share
    kept = np.minimum((before[1:] + level) / np.maximum(after[:-1] - level, level), 1.0)
    allowed[1:] = np.minimum(allowed[1:], np.ceil(row.count[:-1] * kept))
    return np.maximum(row.count - np.ceil(allowed), 0.0)


def impossible_cells(
    figure: DigitizedFigure, table: DigitizedRiskTable, settings: QualitySettings = _SETTINGS
) -> dict[str, list[float]]:
    """Return, by arm, the times of the numbers at risk that its curve, or the rest of its row, does not allow.

    Of a row that rises somewhere, the fewest numbers are named without which it never does.
    """
    slack = _slack(figure, settings)
    found = {}
    for arm in figure.arms:
        row = _row(arm, table)
        if row is None:
            continue
        above = row.count > np.ceil(row.n * np.minimum(_at(arm, row.time - slack[1]) + slack[0], 1.0))
        kept = _longest_fall(np.where(above, -1.0, row.count))
        found[arm.name] = [float(t) for k, t in enumerate(row.time) if k not in kept]
    return {name: times for name, times in found.items() if times}


def _longest_fall(count: FloatArray) -> set[int]:
    """Return the places of the longest part of a row that never rises; numbers below 0 are none."""
    length, before = np.ones(len(count), int), np.full(len(count), -1)
    for k in range(len(count)):
        for j in range(k):
            if count[j] >= count[k] >= 0 and length[j] + 1 > length[k]:
                length[k], before[k] = length[j] + 1, j
    length[count < 0] = 0
    place = int(length.argmax()) if len(count) else -1
    kept = set()
    while place >= 0 and length[place] > 0:
        kept.add(place)
        place = int(before[place])
    return kept


def _against_table(
    figure: DigitizedFigure, table: DigitizedRiskTable | None, settings: QualitySettings
) -> Iterator[Evidence]:
    """Hold each row of numbers at risk against its curve."""
    if table is None:
        return
    slack = _slack(figure, settings)
    rows = {arm.name: row for arm in figure.arms if (row := _row(arm, table)) is not None}
    against: dict[str, FloatArray] = {}
    for arm in figure.arms:
        if arm.name not in rows:
            continue
        row = rows[arm.name]
        excess = against[arm.name] = _excess(arm, row, slack)
        over = excess > 0
        if over.any():
            yield _of_excess(arm, row, excess, over, settings)
    yield from _exchanged(figure, rows, against, slack, settings)


def _of_excess(
    arm: DigitizedArm, row: _RowAgainstCurve, excess: FloatArray, over: BoolArray, settings: QualitySettings
) -> Evidence:
    worst = int(excess.argmax())
    far = float(excess[worst]) > settings.clear_excess * row.n
    few = int(over.sum()) == 1
    weight = settings.one_cell if few else settings.large_excess if far else settings.small_excess
    place = f"numbers at risk of {arm.name}"
    number = f"{row.count[worst]:.0f} at time {row.time[worst]:g}"
    most = f"{row.count[worst] - excess[worst]:.0f}"
    why = (
        f"{number} is more than the {most} that the curve allows: a digit may be misread"
        if few
        else f"{int(over.sum())} of {len(over)} are more than the curve allows, {number} where it allows {most}: "
        "row and curve may be of different arms"
    )
    doubt = Doubt(
        where=place, read=number, confidence=0.0, why=why, options=("risk_table", "arm_names") if not few else
        ("risk_table",), field="numbers at risk", arm=arm.name, time=float(row.time[worst]),
    )  # fmt: skip
    return Evidence(weight=weight, reason=f"{place}: {why}", doubt=doubt)


def _exchanged(
    figure: DigitizedFigure,
    rows: Mapping[str, _RowAgainstCurve],
    against: Mapping[str, FloatArray],
    slack: tuple[float, float],
    settings: QualitySettings,
) -> Iterator[Evidence]:
    """Name pairs of arms whose rows fit their curves only when they are exchanged."""
    for a, b in combinations([arm for arm in figure.arms if arm.name in rows], 2):
        own = float(against[a.name].sum() + against[b.name].sum())
        other = float(_excess(a, rows[b.name], slack).sum() + _excess(b, rows[a.name], slack).sum())
        if own > 0 and other == 0:
            why = "the numbers at risk fit the curves when these two rows are exchanged: names or rows may be swapped"
            doubt = Doubt(
                where=f"arms {a.name} and {b.name}", read=f"{a.name}, {b.name}", confidence=0.0, why=why,
                options=("arm_names", "risk_table"), field="arm name", arm=a.name,
            )  # fmt: skip
            yield Evidence(weight=settings.exchanged, reason=f"arms {a.name} and {b.name}: {why}", doubt=doubt)


def _settled_by_table(figure: DigitizedFigure, table: DigitizedRiskTable | None, settings: QualitySettings) -> set[str]:
    """Return the arms whose numbers at risk fit their own curve, while any exchange of rows fits worse."""
    if table is None:
        return set()
    slack = _slack(figure, settings)
    rows = {arm.name: row for arm in figure.arms if (row := _row(arm, table)) is not None}
    arms = [arm for arm in figure.arms if arm.name in rows]

    def off(arm: DigitizedArm, row: _RowAgainstCurve) -> float:
        return float(_excess(arm, row, slack).sum())

    return {
        arm.name
        for arm in arms
        if off(arm, rows[arm.name]) == 0
        and len(arms) > 1
        and all(
            off(arm, rows[other.name]) + off(other, rows[arm.name]) > settings.clear_excess * rows[arm.name].n
            for other in arms
            if other is not arm
        )
    }


def _of_ends(
    figure: DigitizedFigure, table: DigitizedRiskTable | None, settings: QualitySettings
) -> Iterator[Evidence]:
    """Hold the end of each curve against the last number at risk."""
    if table is None:
        return
    span = float(np.ptp(figure.time_axis.values))
    for arm in figure.arms:
        row = _row(arm, table)
        if row is None or span <= 0:
            continue
        end, left = float(arm.time[-1]), row.count > 0
        last = float(row.time[left].max(initial=0.0))
        none_from = float(row.time[~left].min(initial=np.inf))
        short, beyond = (last - end) / span, (end - none_from) / span
        apart = max(short, beyond)
        if arm.survival[-1] <= 0 or apart <= settings.reconciled:
            continue
        counted = int(row.count[left][-1])
        why = (
            f"the curve ends at {end:.4g}, and {counted} patients are still at risk at {last:g}"
            if short > beyond
            else f"the curve goes on to {end:.4g}, and nobody is at risk from {none_from:g}"
        )
        weight = settings.ends_far_apart if apart > settings.lost_end else settings.ends_apart
        doubt = Doubt(
            where=f"end of {arm.name}", read=f"{end:.4g}", confidence=0.0, why=why, options=("crop", "risk_table"),
            field="end of follow-up", arm=arm.name, time=end,
        )  # fmt: skip
        yield Evidence(weight=weight, reason=f"end of {arm.name}: {why}", doubt=doubt)


def _of_curves(figure: DigitizedFigure, settings: QualitySettings) -> Iterator[Evidence]:
    """Hold each curve against what a curve is: full survival first, followed by ink, not one line twice."""
    for arm in figure.arms:
        least = settings.solid_followed if arm.dash == "solid" else settings.broken_followed
        if arm.followed is not None and arm.followed < least:
            why = f"its ink shows in {arm.followed:.0%} of its columns alone"
            yield _curve_evidence(arm, f"S({arm.time[-1]:.4g}) = {arm.survival[-1]:.3f}", why, settings.little_ink)
        if arm.dot_height is not None and arm.dot_height >= settings.upright_dots:
            why = f"its dots stand {arm.dot_height:.0f} times as high as it is wide: they may hatch a band around it"
            yield _curve_evidence(arm, "dotted", why, settings.hatched)
        full = 100.0 if figure.percent else 1.0
        patient = full / (arm.n * figure.survival_axis.resolution) if arm.n else 0.0
        if arm.dash == Dash.SOLID and arm.aslant > settings.aslant and patient > settings.seen_step:
            why = f"{arm.aslant:.0%} of its fall is drawn aslant: when each event was is open, and levels are too low"
            yield _curve_evidence(arm, "slopes", why, settings.slopes)
        if _starts_low(arm, settings) and not arm.first_drop:
            why = "it does not start at full survival"
            yield _curve_evidence(arm, f"S(0) = {arm.survival[0]:.3f}", why, settings.not_full)
    level, _ = _slack(figure, settings)
    for a, b in combinations(figure.arms, 2):
        together = _together(a, b, level)
        if together > settings.one_line:
            why = f"coincides with {b.name} over {together:.0%} of the follow-up: the two may be one line"
            yield _curve_evidence(a, "two curves", why, settings.coincident)


def _starts_low(arm: DigitizedArm, settings: QualitySettings) -> bool:
    """Return whether a curve's first level is below full survival, by more than patients who die at once explain."""
    early = settings.early_events / arm.n if arm.n else 0.0
    return bool(arm.survival[0] < min(settings.late_start, max(settings.least_start, 1.0 - early)))


def _curve_evidence(arm: DigitizedArm, read: str, why: str, weight: float) -> Evidence:
    doubt = Doubt(
        where=f"curve of {arm.name}", read=read, confidence=0.0, why=why, options=("crop", "arms"), field="curve",
        arm=arm.name,
    )  # fmt: skip
    return Evidence(weight=weight, reason=f"curve of {arm.name}: {why}", doubt=doubt)


_PLACES = 200
"""Places along the time axis at which two curves are compared."""


def _together(a: DigitizedArm, b: DigitizedArm, level: float) -> float:
    """Return the share of the shorter follow-up over which two curves coincide, where both have fallen."""
    time = np.linspace(0.0, min(float(a.time[-1]), float(b.time[-1])), _PLACES)
    s, other = _at(a, time), _at(b, time)
    fallen = (s < 1 - level) | (other < 1 - level)
    return float((np.abs(s - other)[fallen] <= level).mean()) if fallen.any() else 0.0


def _of_axes(figure: DigitizedFigure, settings: QualitySettings) -> Iterator[Evidence]:
    """Hold each axis against its ticks."""
    for name, axis, option in (
        ("time axis", figure.time_axis, "x_range"),
        ("survival axis", figure.survival_axis, "y_range"),
    ):
        if axis.source == "given" or axis.pieces or not len(axis.positions):
            continue  # between ticks that are unevenly spaced an axis has scales of its own, as is said
        # ticks at 0, 1, 3, 6, 12 stand close together at first: what counts is how far times are off
        spacing = float(np.ptp(axis.positions)) / (len(axis.positions) - 1) if len(axis.positions) > 1 else np.inf
        off = float(np.abs(axis.residuals).max(initial=0.0)) / max(spacing, 1e-9)
        if off > settings.tick_off:
            why = f"a tick is off the fitted axis by {off:.0%} of the ticks' spacing"
            doubt = Doubt(
                where=name, read=", ".join(f"{v:g}" for v in axis.values), confidence=0.0, why=why, options=(option,),
                field=name,
            )  # fmt: skip
            yield Evidence(weight=settings.axis_off, reason=f"{name}: {why}", doubt=doubt)
        if len(axis.values) <= settings.few_ticks:
            yield Evidence(weight=settings.unproved_axis, reason=f"{name}: so few ticks fit any axis", field=name)


_NO_NAME = re.compile(
    r"at\s*risk|\bnumber of\b|\bhazard\b|\bHR\b|\bP\s*[=<]|\bC[Il1]\b|\bmedian\b|^\d+\s+events?$|\bvs?\.|\bvs\b"
    r"|^(?!\d+\s*[-–]\s*\d+$)[\d\s.,()%/–-]+$",  # "1992-2004" and "60-69" name groups
    re.IGNORECASE,
)
"""Words of statistics and headings, and numbers alone but for ranges."""
_NUMBERED = re.compile(r"^[<>≥≤=]*\s*\d{1,2}(?:\s*[-–]\s*\d{1,2})?\+?$")
"""Groups of a count or a score, such as 0, 1-2 and >=3, of which one alone is no name."""


def _of_names(figure: DigitizedFigure, settings: QualitySettings) -> Iterator[Evidence]:
    """Hold each name against what a name can be."""
    numbered = len(figure.arms) > 1 and all(_NUMBERED.match(arm.name) for arm in figure.arms)
    for arm in figure.arms:
        if numbered or arm.name_source in (NameSource.GIVEN, NameSource.NONE):
            continue  # groups of a count or score; the reader has said where no name was found
        cut = _cut_short(arm.name, [other.name for other in figure.arms if other is not arm], settings)
        if cut or _NO_NAME.search(arm.name) or len(arm.name) > settings.longest_name:
            why = "the rest of this name was not read" if cut else "this is hardly the name of an arm"
            doubt = Doubt(
                where=f"name of a curve, {arm.name_source}", read=arm.name, confidence=0.0, why=why,
                options=("arm_names",), field="arm name", arm=arm.name,
            )  # fmt: skip
            yield Evidence(weight=settings.no_name, reason=f"name {arm.name!r}: {why}", doubt=doubt)


def _cut_short(name: str, others: Sequence[str], settings: QualitySettings) -> bool:
    """Return whether a name is a letter or two that words of another one begin with: "P" beside "Placebo, young".

    Names such as A and AB, or N and Node+, are whole: the other name must be as long as a phrase.
    """
    if len(name) > settings.shortest_piece or not name.isalpha():
        return False
    return any(
        len(other) >= settings.phrase and " " in other and len(other.split()[0]) > len(name) and other.startswith(name)
        for other in others
    )


def _of_rows(
    figure: DigitizedFigure, table: DigitizedRiskTable | None, settings: QualitySettings
) -> Iterator[Evidence]:
    """Hold the table against the arms: a row each, its cells read up to its end."""
    if table is None:
        return
    without = [arm.name for arm in figure.arms if arm.name not in table.rows]
    if without and table.rows:
        names = ", ".join(without)
        why = "no row of numbers at risk was found for it, as for others"
        doubt = Doubt(
            where=f"numbers at risk of {names}", read="", confidence=0.0, why=why, options=("risk_table",),
            field="numbers at risk", arm=without[0],
        )  # fmt: skip
        yield Evidence(weight=settings.no_row, reason=f"numbers at risk of {names}: {why}", doubt=doubt)
    unread = [share for row in table.rows.values() if (share := _unread(row)) > 0]
    if unread and sum(unread) / len(table.rows) > settings.unread_share:
        yield Evidence(
            weight=settings.unread, reason="numbers at risk: many cells could not be read", field="numbers at risk"
        )


def _unread(row: Sequence[int | None]) -> float:
    """Return the share of a row's cells, up to its last, that could not be read."""
    last = max((k for k, cell in enumerate(row) if cell is not None), default=-1)
    return sum(cell is None for cell in row[: last + 1]) / (last + 1) if last >= 0 else 0.0


def _of_marks(figure: DigitizedFigure, settings: QualitySettings) -> Iterator[Evidence]:
    """Name the arms without censoring marks where others have some."""
    marked = [arm for arm in figure.arms if arm.censor_times is not None and arm.censor_times.size]
    if not marked or len(marked) == len(figure.arms):
        return
    for arm in figure.arms:
        if arm not in marked:
            why = f"no censoring mark was found on it, as on {marked[0].name}"
            doubt = Doubt(
                where=f"marks of {arm.name}", read="0", confidence=0.0, why=why, options=(),
                otherwise="look at the overlay", field="marks", arm=arm.name,
            )  # fmt: skip
            yield Evidence(weight=settings.unmarked, reason=f"marks of {arm.name}: {why}", doubt=doubt)
