"""What a figure's curves are: Kaplan-Meier estimates, taken for such, or cumulative incidences of competing events."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from survrecon.callers import option_name
from survrecon.digitizing.panels.settings import TITLES
from survrecon.digitizing.result import Doubt
from survrecon.errors import DigitizingError
from survrecon.model.convention import Estimator

if TYPE_CHECKING:
    from collections.abc import Sequence

    from survrecon.digitizing.result import DigitizedArm, DigitizedRiskTable, PrintedStatistic

__all__ = ["EstimatorRead", "estimator_of", "few_events", "refuse_hazard"]

_COMPETING = re.compile(
    r"competing|\bGray['\u2019`\u00b4]?s\b|\bGray\s+(?:test|p\b|model)|Fine.{0,5}Gray|Aalen|sub-?distribution|\bsHR\b|\bCIF\b",
    re.IGNORECASE,
)
_HAZARD = re.compile(r"cumulative\s+hazard|cum\.?\s+hazard|Nelson|hazard\s+(?:function|estimate)", re.IGNORECASE)
_CAUSE = re.compile(
    r"death|died|dying|mortality|relaps|recurr|progress|\bNRM\b|\bTRM\b|\bcause|competing|transplant|discharge|cancer|"
    r"cardiovascular|toxicit|metasta|failure|revision|dialysis|infection",
    re.IGNORECASE,
)


@dataclass(frozen=True, kw_only=True)
class EstimatorRead:
    """What a figure's curves are taken for, and why.

    Parameters
    ----------
    estimator : Estimator
        What they are taken for.
    evidence : str
        The words that say so, or the names of the causes.
    """

    estimator: Estimator
    evidence: str = ""

    @property
    def remarks(self) -> list[str]:
        """What is said of it beside the curves."""
        if self.estimator is Estimator.ASSUMED:
            return [
                "Kaplan-Meier assumed: the rising curves were read as 1 - S, and no word speaks of competing events"
            ]
        if self.estimator is Estimator.COMPETING:
            return [
                f"cumulative incidence with competing events ({self.evidence!r}): 1 less the curve is no "
                "Kaplan-Meier estimate, and no hazard ratio is put forward"
            ]
        if self.estimator is Estimator.CAUSES:
            return [f"cumulative incidences of several causes in one panel: {self.evidence}"]
        return []


def refuse_hazard(where: str, title: str | None) -> None:
    """Refuse curves of a cumulative hazard, which are no survival curves.

    Raises
    ------
    DigitizingError
        If the survival axis's title says so.
    """
    if title is not None and _HAZARD.search(title):
        raise DigitizingError(
            where,
            "survival curves, or 1 less them",
            f"a cumulative hazard H ({title!r})",
            f"take its points, and give S = exp(-H) as points, or {option_name('crop')} to a survival panel",
        )


def estimator_of(
    texts: Sequence[str], names: Sequence[str], *, rising: bool, rows: int | None, stated: bool | None
) -> EstimatorRead:
    """Tell what a panel's curves are from its own words.

    Parameters
    ----------
    texts : sequence of str
        Its title, legend, axis titles, notes in the plot, and its own caption.
    names : sequence of str
        The curves' names.
    rising : bool
        Whether the curves rise.
    rows : int or None
        Rows of numbers at risk, where there is a table.
    stated : bool or None
        What the caller says of rising curves; a caller who says that they are 1 - S has decided.

    Examples
    --------
    >>> estimator_of(["Gray's test"], ["A", "B"], rising=True, rows=2, stated=None).estimator.value
    'competing events'
    >>> names = ["A, relapse", "A, death", "B, relapse", "B, death"]
    >>> estimator_of([], names, rising=True, rows=2, stated=None).estimator.value
    'several causes'
    >>> estimator_of([], ["A", "B"], rising=True, rows=2, stated=None).estimator.value
    'Kaplan-Meier assumed'
    """
    if stated is not None or not rising:
        return EstimatorRead(estimator=Estimator.KAPLAN_MEIER)
    causes = _causes(names, rows)
    if causes:
        return EstimatorRead(estimator=Estimator.CAUSES, evidence="; ".join(causes))
    hit = next((text for text in texts if _COMPETING.search(text)), None)
    if hit is not None:
        found = _COMPETING.search(hit)
        assert found is not None
        around = hit[max(0, found.start() - TITLES.quoted) : found.end() + TITLES.quoted].strip()
        return EstimatorRead(estimator=Estimator.COMPETING, evidence=around)
    return EstimatorRead(estimator=Estimator.ASSUMED)


def _causes(names: Sequence[str], rows: int | None) -> list[str]:
    """Return the causes that the curves' names tell apart, where one group has a curve of each.

    Names are a group and a cause, in either order, each group with the same causes; or causes alone. Strata of
    patients read alike: so the names must speak of events, or the table must count fewer groups than there are curves.
    """
    if len(names) < 2:
        return []
    parts = [_split(name) for name in names]
    if all(len(part) == 2 for part in parts):
        for own in (0, 1):
            groups, causes = ({part[k] for part in parts} for k in (1 - own, own))
            if len(causes) < 2 or len(groups) * len(causes) != len(names):
                continue
            spoken = sum(_CAUSE.search(cause) is not None for cause in causes) >= 2
            counted = rows is not None and rows == len(groups) < len(names)
            if spoken or counted:
                return sorted(causes)
    spoken_names = [name for name in names if _CAUSE.search(name)]
    alone = len(spoken_names) == len(names) and (rows is None or rows < len(names))
    return list(names) if alone else []


def _split(name: str) -> list[str]:
    """Return a name's two parts, before and after a comma, colon, slash or dash."""
    parts = [part.strip().lower() for part in re.split(r"\s*[,:/;]\s*|\s+[-–—]\s+", name, maxsplit=1)]
    return parts if len(parts) == 2 and all(parts) else [name.lower()]


def few_events(
    arms: Sequence[DigitizedArm], table: DigitizedRiskTable | None, printed: Sequence[PrintedStatistic]
) -> list[Doubt]:
    """Return the doubt about rising curves whose implied events fall short of the printed ones in every arm alike.

    Where a competing event takes patients away, 1 less the cumulative incidence is above the Kaplan-Meier estimate,
    and each of its steps stands for fewer patients than had the event.
    """
    totals = {s.arm: s.value for s in printed if s.quantity == "events" and s.arm and s.value}
    shares = {}
    for arm in arms:
        counts = None if table is None else table.rows.get(arm.name)
        if counts is None or table is None or not totals.get(arm.name):
            return []
        known = [(float(t), float(c)) for t, c in zip(table.times, counts, strict=True) if c is not None]
        if len(known) < 2:
            return []
        shares[arm.name] = _implied(arm, known) / float(totals[arm.name] or 1)
    low, high = 1 - TITLES.implied_most, 1 - TITLES.implied
    if not shares or not all(low <= share <= high for share in shares.values()):
        return []
    return [
        Doubt(
            where="curves",
            read=", ".join(f"{name} {share:.0%} of the printed events" for name, share in shares.items()),
            confidence=TITLES.implied,
            why="cumulative incidence with competing events?",
            options=("one_minus_survival",),
            field="curve",
        )
    ]


def _implied(arm: DigitizedArm, known: Sequence[tuple[float, float]]) -> float:
    """Return the events that a curve's steps stand for, given the numbers at risk."""
    times, counts = zip(*known, strict=True)
    before = np.interp(arm.time[1:], times, counts)
    drop = arm.survival[:-1] - arm.survival[1:]
    return float((before * drop / np.maximum(arm.survival[:-1], TITLES.nobody)).sum())
