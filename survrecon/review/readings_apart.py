"""Two readings of one figure apart: facts that differ, which looking again settles; and how far they are by chance.

By chance is by the reading model's noise, and by what a ratio makes of it.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np

from survrecon.analysis.cox import contrast_draws
from survrecon.model.convention import CurveDetail, PointKind
from survrecon.model.repair import repair_curve
from survrecon.reconstruction.reconstruct import reconstruct
from survrecon.reconstruction.statespace.priors import DEFAULT_PRIORS, ReadingModel
from survrecon.reconstruction.statespace.reading import judge_reading

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from survrecon.arrays import FloatArray
    from survrecon.model.curve import RiskTable, SurvivalCurve
    from survrecon.model.ipd import PseudoIPD, Reconstruction
    from survrecon.model.published import PublishedFact
    from survrecon.records.folder import FigureRecord
    from survrecon.review.settings import AgreementSettings

__all__ = [
    "OF_CURVES",
    "REBUILT_FROM",
    "ArmInputs",
    "FactApart",
    "ReadingNoise",
    "cells_apart",
    "exchanged_after",
    "facts_apart",
    "log_ratio",
    "matched_arms",
    "noise_of",
    "ratio_error",
    "reread",
]

_NONE = "none"
AT_RISK, _EXCHANGED = "numbers at risk", "identity after a crossing"
REBUILT_FROM = ("curve", "n", "total events", "marks", "time axis", "survival axis", "time unit", AT_RISK, _EXCHANGED)
"""Facts that patients are rebuilt from: where one differs, so do ratios, by more than chance."""
OF_CURVES = ("curve", "time axis", "survival axis", "time unit", _EXCHANGED)
"""Those that make curves what they are: where one was settled, the other reader's curves are others."""
_PLACES = 60
"""Times at which curves of other names are held against each other."""
_UNIFORM = 12**-0.5
"""Standard deviation of rounding, in units of what is rounded to."""
_HEIGHT_TO_WIDTH = 2 / 3
"""Height of a figure over its width: where no pixel is declared, a hand is off as far along both axes."""


@dataclass(frozen=True, kw_only=True)
class FactApart:
    """One fact that two readers have differently.

    Parameters
    ----------
    field : str
        What it is: ``"n"``, ``"numbers at risk"``, ``"arm name"`` ... (see `survrecon.digitizing.Doubt`).
    one, other : str
        What each has.
    arm : str or None
        Of which arm, by the first reader's name.
    at : float or None
        At which time.
    """

    field: str
    one: str
    other: str
    arm: str | None = None
    at: float | None = None

    @property
    def place(self) -> str:
        """What differs, and of what."""
        of = f" of {self.arm}" if self.arm is not None else ""
        when = f" at time {self.at:g}" if self.at is not None else ""
        return f"{self.field}{of}{when}"


def matched_arms(one: FigureRecord, other: FigureRecord) -> dict[str, str]:
    """Return the arms that both readers have: by name, and those left over by where their curves run."""
    left = [arm.name for arm in one.document.arms if arm.name in one.curves]
    right = [arm.name for arm in other.document.arms if arm.name in other.curves]
    plain = {" ".join(name.casefold().split()): name for name in right}
    found = {name: plain[key] for name in left if (key := " ".join(name.casefold().split())) in plain}
    rest = [name for name in left if name not in found]
    free = [name for name in right if name not in found.values()]
    while rest and free:
        far = {(a, b): _distance(one, a, other, b) for a in rest for b in free}
        a, b = min(far, key=lambda pair: far[pair])
        found[a] = b
        rest.remove(a)
        free.remove(b)
    return {name: found[name] for name in left if name in found}


def _distance(one: FigureRecord, a: str, other: FigureRecord, b: str) -> float:
    curves = [repair_curve(record.curves[name])[0] for record, name in ((one, a), (other, b))]
    time = np.linspace(0.0, min(float(curve.time[-1]) for curve in curves), _PLACES)
    s = [_levels((curve.time, curve.survival), time) for curve in curves]
    return float(np.abs(s[0] - s[1]).mean())


def _levels(steps: tuple[FloatArray, FloatArray], time: FloatArray) -> FloatArray:
    place = np.searchsorted(steps[0], time, side="right") - 1
    return np.asarray(np.where(place < 0, 1.0, steps[1][place.clip(0)]))


def facts_apart(
    one: FigureRecord, other: FigureRecord, pairs: Mapping[str, str], settings: AgreementSettings
) -> Iterator[FactApart]:
    """Name every fact in which two records differ.

    Parameters
    ----------
    one, other : FigureRecord
        The readers' records.
    pairs : mapping of str to str
        Their arms, as of `matched_arms`.
    settings : AgreementSettings
        By how much the ends of an axis may differ.
    """
    if len(one.document.arms) != len(other.document.arms):
        names = [", ".join(arm.name for arm in record.document.arms) for record in (one, other)]
        counts = [str(len(record.document.arms)) for record in (one, other)]
        yield FactApart(field="curve", one=f"{counts[0]} arms: {names[0]}", other=f"{counts[1]} arms: {names[1]}")
    yield from _of_axes(one, other, settings)
    arms = [{arm.name: arm for arm in record.document.arms} for record in (one, other)]
    for a, b in pairs.items():
        if a != b:
            yield FactApart(field="arm name", arm=a, one=a, other=b)
        mine, theirs = arms[0][a], arms[1][b]
        for name, values in (("n", (mine.n, theirs.n)), ("total events", (mine.events, theirs.events))):
            if values[0] != values[1]:
                yield FactApart(field=name, arm=a, one=_shown(values[0]), other=_shown(values[1]))
        if (mine.censored is None) != (theirs.censored is None):
            shown = ["shown" if arm.censored is not None else _NONE for arm in (mine, theirs)]
            yield FactApart(field="marks", arm=a, one=shown[0], other=shown[1])
    yield from _of_directions(one, other, pairs)


def _shown(value: object) -> str:
    return _NONE if value is None else f"{value:g}" if isinstance(value, float) else str(value)


def _of_axes(one: FigureRecord, other: FigureRecord, settings: AgreementSettings) -> Iterator[FactApart]:
    """Compare units, and the ends of both axes."""
    left, right = one.document.axes, other.document.axes
    for what, key in (
        ("time unit", "time_unit"), ("survival axis", "survival_unit"), ("direction of the axis", "one_minus_survival"),
    ):  # fmt: skip
        values = getattr(left, key), getattr(right, key)
        if values[0] != values[1]:
            words = [("1 - S" if v else "S") if isinstance(v, bool) else str(v) for v in values]
            yield FactApart(field=what, one=words[0], other=words[1])
    for what, key in (("time axis", "time_range"), ("survival axis", "survival_range")):
        ends = getattr(left, key), getattr(right, key)
        if ends[0] is None or ends[1] is None:
            continue
        span = abs(ends[0][1] - ends[0][0])
        if any(abs(a - b) > settings.axis_share * span for a, b in zip(*ends, strict=True)):
            words = [f"{low:g} to {high:g}" for low, high in ends]
            yield FactApart(field=what, one=words[0], other=words[1])


def cells_apart(
    one: Mapping[str, Mapping[float, int]],
    other: Mapping[str, Mapping[float, int]],
    pairs: Mapping[str, str],
    settings: AgreementSettings,
) -> Iterator[FactApart]:
    """Compare numbers at risk, cell by cell.

    Parameters
    ----------
    one, other : mapping
        Each reader's numbers, by arm and time.
    pairs : mapping of str to str
        The arms of both.
    settings : AgreementSettings
        By how much two times may differ and be one.
    """
    for a, b in pairs.items():
        mine, theirs = dict(one.get(a, {})), dict(other.get(b, {}))
        same = settings.times_share * max([*mine, *theirs], default=0.0)
        for at in sorted(mine):
            beside = next((t for t in theirs if abs(t - at) <= same), None)
            value = None if beside is None else theirs.pop(beside)
            if value != mine[at]:
                yield FactApart(field=AT_RISK, arm=a, at=at, one=_shown(mine[at]), other=_shown(value))
        for at in sorted(theirs):
            yield FactApart(field=AT_RISK, arm=a, at=at, one=_NONE, other=_shown(theirs[at]))


def _of_directions(one: FigureRecord, other: FigureRecord, pairs: Mapping[str, str]) -> Iterator[FactApart]:
    """Compare the controls, and what is printed: values, intervals, and of which arm over which they are."""
    controls = [record.document.control.name for record in (one, other)]
    if len(one.document.arms) > 1 and pairs.get(controls[0], controls[0]) != controls[1]:
        yield FactApart(field="direction", one=f"control {controls[0]}", other=f"control {controls[1]}")
    back = {b: a for a, b in pairs.items()}
    told = [_told(record.document.published, names) for record, names in ((one, {}), (other, back))]
    for key in dict.fromkeys([*told[0], *told[1]]):
        mine, theirs = told[0].get(key, _NONE), told[1].get(key, _NONE)
        if mine != theirs:
            yield FactApart(field=key, one=mine, other=theirs)


def _told(facts: Sequence[PublishedFact], names: Mapping[str, str]) -> dict[str, str]:
    """Return printed facts in words, by what they are of: a second of a kind is counted."""
    told: dict[str, str] = {}
    for fact in facts:
        arm = "" if fact.arm is None else f" of {names.get(fact.arm, fact.arm)}"
        at = "" if fact.at is None else f" at {fact.at:g}"
        key = f"{fact.quantity.definition.words}{at}{arm}"
        while key in told:
            key += ", another"
        over = ""
        if fact.of is not None and fact.over is not None and not fact.has_no_direction:
            over = f", {names.get(fact.of, fact.of)} over {names.get(fact.over, fact.over)}"
        told[key] = f"{fact.printed}{over}"
    return told


def exchanged_after(
    curves: Mapping[str, tuple[tuple[FloatArray, FloatArray], tuple[FloatArray, FloatArray]]],
    pairs: Mapping[str, str],
    settings: AgreementSettings,
) -> Iterator[FactApart]:
    """Name pairs of arms whose curves one reader has exchanged from some time on, or as a whole.

    Parameters
    ----------
    curves : mapping
        By the first reader's name of an arm: both readings as times and levels.
    pairs : mapping of str to str
        The arms of both readers.
    settings : AgreementSettings
        How much better exchanged arms must fit.
    """
    names = list(pairs)
    for i, a in enumerate(names):
        for b in names[i + 1 :]:
            end = min(float(steps[0][-1]) for name in (a, b) for steps in curves[name])
            time = np.linspace(0.0, end, settings.places)
            s = {(name, k): _levels(curves[name][k], time) for name in (a, b) for k in (0, 1)}
            same = np.abs(s[a, 0] - s[a, 1]) + np.abs(s[b, 0] - s[b, 1])
            crossed = np.abs(s[a, 0] - s[b, 1]) + np.abs(s[b, 0] - s[a, 1])
            # the place from which on exchanging them gains most
            gain = np.cumsum((same - crossed)[::-1])[::-1]
            k = int(gain.argmax())
            after = same[k:].mean(), crossed[k:].mean()
            if after[0] > 2 * settings.swapped_least and after[1] < settings.swapped_gain * after[0]:
                yield FactApart(field=_EXCHANGED, arm=a, at=float(time[k]), one=f"{a} and {b}", other="exchanged")


@dataclass(frozen=True, kw_only=True)
class ArmInputs:
    """What one arm is rebuilt from."""

    curve: SurvivalCurve
    n: int
    table: RiskTable | None = None
    events: int | None = None
    marks: np.ndarray[tuple[int, ...], np.dtype[np.float64]] | None = None
    points: PointKind = PointKind.AUTO

    def rebuilt(self, arm: str) -> Reconstruction:
        """Return the arm's patients."""
        return reconstruct(
            self.curve, n=self.n, risk_table=self.table, events=self.events, censor_times=self.marks, arm=arm,
            points=self.points,
        )  # fmt: skip


@dataclass(frozen=True, kw_only=True)
class ReadingNoise:
    """Standard deviations of a reading: of a level, of a shift that all levels share, and of a time.

    ``chosen`` says that the points are clicks, whose places a reader chooses: another one chooses others.
    """

    level: float
    shift: float
    time: float
    chosen: bool = False

    @property
    def whole(self) -> float:
        """Of a level, both parts together."""
        return float(np.hypot(self.level, self.shift))


def noise_of(inputs: ArmInputs, model: ReadingModel = DEFAULT_PRIORS.reading) -> ReadingNoise:
    """Return how far off an arm's points are as the reading model has it.

    Parameters
    ----------
    inputs : ArmInputs
        The arm.
    model : ReadingModel
        The model's numbers.
    """
    curve = inputs.curve
    order = np.argsort(curve.time, kind="stable")
    time, survival = curve.time[order], curve.survival[order]
    found = judge_reading(time, survival, inputs.n, curve.resolution, inputs.points, model)
    by_hand = found.detail is CurveDetail.CLICKS
    level = max(found.noise, model.click_noise) if by_hand else found.noise
    declared = 0.0 if curve.resolution is None else curve.resolution.time * _UNIFORM
    slip = level * _HEIGHT_TO_WIDTH * float(time[-1]) if by_hand else 0.0
    return ReadingNoise(level=level, shift=found.bias, time=max(declared, slip), chosen=by_hand)


def reread(
    inputs: ArmInputs,
    patients: PseudoIPD,
    noise: ReadingNoise,
    rng: np.random.Generator,
    *,
    same_places: bool = False,
) -> ArmInputs:
    """Return an arm as another reader would read it who is as good: the rebuilt curve with noise of the reading model.

    Parameters
    ----------
    inputs : ArmInputs
        As it was read.
    patients : PseudoIPD
        As they were rebuilt from that.
    noise : ReadingNoise
        How far off a reading is.
    rng : Generator
        For the noise.
    same_places : bool
        Whether clicks are made where the first reader made them, a little off, and not elsewhere along the rebuilt
        curve: so a click close to a column of the risk table, where few are left, comes to lie on its other side.
    """
    if noise.chosen:
        return _clicked_beside(inputs, noise, rng) if same_places else _clicked_elsewhere(inputs, patients, noise, rng)
    time, seen = inputs.curve.time, inputs.curve.survival
    # near a step a point may be at either end of it, as it was read; rebuilt steps are off by a pixel at most
    pixel = 0.0 if inputs.curve.resolution is None else inputs.curve.resolution.time
    before = patients.survival_at(np.nextafter(time - pixel, -np.inf))
    after = patients.survival_at(time + pixel)
    level = np.clip(seen, after, before)
    at, place = np.unique(time, return_inverse=True)
    # points of one time, the two corners of a step, are off together in time
    moved = np.clip(at + rng.normal(0.0, noise.time, at.size), 0.0, None) if noise.time > 0 else at
    moved = np.maximum.accumulate(np.where(at > 0, moved, at))
    off = rng.normal(0.0, noise.level, seen.size) + rng.normal(0.0, noise.shift)
    first = (time == 0) | (level >= 1)
    read = np.clip(np.where(first, level, level + off), 0.0, 1.0)
    return replace(inputs, curve=replace(inputs.curve, time=moved[place], survival=read))


def _clicked_elsewhere(
    inputs: ArmInputs, patients: PseudoIPD, noise: ReadingNoise, rng: np.random.Generator
) -> ArmInputs:
    """Return as many clicks on the rebuilt curve, as dense as the first reader's, at other places along it."""
    time = np.sort(inputs.curve.time)
    # a place anywhere between those of the neighbours, the ends stay
    middle = (time[1:] + time[:-1]) / 2
    low, high = np.append(time[0], middle), np.append(middle, time[-1])
    place = rng.uniform(low, high)
    place[0], place[-1] = time[0], time[-1]
    seen = patients.survival_at(np.clip(place + rng.normal(0.0, noise.time, place.size), 0.0, None))
    off = rng.normal(0.0, noise.level, place.size) + rng.normal(0.0, noise.shift)
    read = np.clip(np.where(seen >= 1, seen, seen + off), 0.0, 1.0)
    return replace(inputs, curve=replace(inputs.curve, time=place, survival=read))


def _clicked_beside(inputs: ArmInputs, noise: ReadingNoise, rng: np.random.Generator) -> ArmInputs:
    """Return the first reader's clicks, each a little off from where it is."""
    time, seen = inputs.curve.time, inputs.curve.survival
    ends = (time == time.min()) | (time == time.max())
    moved = np.clip(time + rng.normal(0.0, noise.time, time.size), 0.0, time.max())
    off = rng.normal(0.0, noise.level, seen.size) + rng.normal(0.0, noise.shift)
    read = np.clip(np.where(seen >= 1, seen, seen + off), 0.0, 1.0)
    return replace(inputs, curve=replace(inputs.curve, time=np.where(ends, time, moved), survival=read))


def log_ratio(control: Reconstruction, treatment: Reconstruction, draws: int) -> float:
    """Return the log hazard ratio of treatment over control, the mean over draws as it is reported."""
    sets = [made.draws(draws) if made.has_draws else [made.ipd] for made in (control, treatment)]
    return float(contrast_draws(sets[0], sets[1]).log_hr.mean())


def ratio_error(
    readings: Sequence[tuple[tuple[ArmInputs, ArmInputs], tuple[Reconstruction, Reconstruction]]],
    *,
    rereads: int,
    draws: int,
    rng: np.random.Generator,
) -> float:
    """Return the reading part of the standard error of a log hazard ratio, pooled over readings of the same figure.

    The figure is read again by simulated readers who are as good as the reading model says of each reading, and rebuilt
    each time. Of clicks every second one of them chooses other places along the rebuilt curve, and every second one
    clicks where the reader did, a little off.

    Parameters
    ----------
    readings : sequence of tuples
        Of each reading, control and treatment as read, and what was rebuilt from them.
    rereads, draws : int
        How many readers for each reading, and data sets per arm of each.
    rng : Generator
        For their noise.
    """
    variances = []
    for arms, rebuilt in readings:
        noises = [noise_of(arm) for arm in arms]
        found = []
        for k in range(rereads):
            again = [
                reread(arm, made.ipd, noise, rng, same_places=bool(k % 2)).rebuilt(made.ipd.arm)
                for arm, made, noise in zip(arms, rebuilt, noises, strict=True)
            ]
            found.append(log_ratio(again[0], again[1], draws))
        variances.append(float(np.var(found, ddof=1)))
    return float(np.sqrt(np.mean(variances)))
