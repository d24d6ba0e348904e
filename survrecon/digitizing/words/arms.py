"""Which curve bears which name and which row of counts, and which lines are no curves of their own."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import numpy as np

from survrecon.digitizing.result import Doubt
from survrecon.digitizing.words.names import clean_name, colour_distance, match_legend, same_name
from survrecon.digitizing.words.printed import lines_of
from survrecon.digitizing.words.scene import Draft, DrawnCurve, Surroundings
from survrecon.records.readings import SURE

if TYPE_CHECKING:
    from collections.abc import Sequence

    from survrecon.digitizing.words.risk_table import RiskRow
    from survrecon.digitizing.words.words import Word

__all__ = ["from_legend", "in_order", "row_owners", "without_limits"]

_NOT_A_NAME = re.compile(
    r"at\s*risk|censor|\bHR\b|hazard|\bp\s*[=<>]|p[\s-]*value|log-?\s*rank|\bCI\b|median|surviv|probab|%\)|"
    r"^\W*$|^number|^no\.|^time\b|months?\b|years?\b|days?\b|weeks?\b|^events?$|^strata$|^legend$|^group$|^arm$|"
    r"^treatment$|kaplan|estimate|proportion|subjects",
    re.IGNORECASE,
)


def from_legend(
    curves: Sequence[DrawnCurve], words: Sequence[Word], around: Surroundings
) -> tuple[list[Draft | None], dict[int, tuple[float, float]]]:
    """Return a draft name for each curve from keys and coloured labels, and where the words stand."""
    candidates: list[tuple[Word, str, np.ndarray]] = []
    drafts: list[Draft | None] = [None] * len(curves)
    lines = [(text, first) for text, first in lines_of([w for w in words if not w.vertical]) if first.plausible]
    left = {id(first) for _, first in lines if (found := around.key(first, -1)) is not None and found.length > 0}
    side = -1 if left else 1
    for text, first in lines:
        name = clean_name(text)
        if not name or (_NOT_A_NAME.search(name) and not re.search(r"n\s*=", text)):
            continue
        key = around.key(first, side)
        ink = around.ink(first)
        costs = np.full(len(curves), np.inf)
        for k, curve in enumerate(curves):
            if key is not None:
                costs[k] = 2.0 * colour_distance(key.colour, curve.colour) + 1.2 * abs(key.duty - curve.duty)
            if ink is not None and max(ink) - min(ink) > 0.2:
                tone = colour_distance(ink, curve.colour)
                if tone < 0.2:
                    costs[k] = min(costs[k], 0.35 + tone)
        if np.isfinite(costs).any() and (first.number is None or key is not None):
            candidates.append((first, text, costs))
    if not candidates:
        return drafts, {}
    matrix = np.stack([c for _, _, c in candidates], axis=1)
    pairs = match_legend(matrix, limit=0.75)
    where: dict[int, tuple[float, float]] = {}
    for k, j in pairs.items():
        word, text, _ = candidates[j]
        name = clean_name(text)
        drafts[k] = Draft(name, "legend" if around.key(word, side) is not None else "label", text)
        where[k] = (word.cy, word.cx)
    return drafts, where


def row_owners(
    rows: Sequence[RiskRow],
    drafts: Sequence[Draft | None],
    curves: Sequence[DrawnCurve],
    around: Surroundings,
    doubts: list[Doubt],
) -> dict[int, int]:
    """Match each row of numbers at risk to a curve: by name, by colour, else by order."""
    counted = [i for i, r in enumerate(rows) if r.kind == "at risk"]
    owners: dict[int, int] = {}
    if not counted:
        return owners
    costs = np.full((len(counted), len(curves)), np.inf)
    for a, i in enumerate(counted):
        row = rows[i]
        label = clean_name(row.group or row.label)
        word = row.group_word or row.label_word or row.cells[0].word
        ink = around.ink(word)
        key = around.key(word, -1)
        for k, curve in enumerate(curves):
            draft = drafts[k]
            if draft is not None and label:
                alike = same_name(label, draft.name)
                if alike > 0.75:
                    costs[a, k] = 1.0 - alike
            if ink is not None and max(ink) - min(ink) > 0.2 and colour_distance(ink, curve.colour) < 0.25:
                costs[a, k] = min(costs[a, k], 0.4 + colour_distance(ink, curve.colour))
            if key is not None and not np.isfinite(costs[a, k]):
                costs[a, k] = 0.8 + 2.0 * colour_distance(key.colour, curve.colour) + 1.2 * abs(key.duty - curve.duty)
    for a, k in match_legend(costs, limit=1.4).items():
        owners[counted[a]] = k
    left_rows = [i for i in counted if i not in owners]
    left_curves = [k for k in range(len(curves)) if k not in owners.values()]
    if len(left_rows) == len(left_curves) and left_rows:
        sure = 0.95 if len(left_rows) == 1 else 0.3
        ranked = sorted(left_curves, key=lambda k: -float(curves[k].survival[-1]))
        for i, k in zip(left_rows, ranked, strict=True):
            owners[i] = k
            if sure < SURE:
                doubts.append(
                    Doubt(
                        where=f"risk table row {rows[i].label!r}",
                        read=rows[i].label,
                        confidence=sure,
                        why="neither name nor colour ties this row to a curve; taken in the order of the curves' ends",
                        options=("arm_names", "risk_table"),
                        field="arm name",
                        arm=rows[i].label or None,
                    )
                )
    return owners


def without_limits(curves: Sequence[DrawnCurve], order: list[int], warnings: list[str]) -> list[int]:
    """Leave out broken lines above and below a solid one of their colour: its confidence limits."""
    out: set[int] = set()
    for k in order:
        if curves[k].dash != "solid":
            continue
        broken = [
            j for j in order if curves[j].dash != "solid" and colour_distance(curves[j].colour, curves[k].colour) < 0.1
        ]
        sides = {bool(_area(curves[j]) > _area(curves[k])) for j in broken}
        if len(broken) >= 2 and len(sides) == 2:
            out.update(broken)
    if out:
        warnings.append(f"{len(out)} broken lines around a solid one were taken for its confidence limits")
    return [k for k in order if k not in out]


def _area(curve: DrawnCurve) -> float:
    """Return the mean survival until the curve's end."""
    return float((np.diff(curve.time) * curve.survival[:-1]).sum() / max(float(curve.time[-1]), 1e-9))


def in_order(
    curves: Sequence[DrawnCurve],
    drafts: Sequence[Draft | None],
    legend: dict[int, tuple[float, float]],
    rows: Sequence[RiskRow],
    owners: dict[int, int],
) -> list[int]:
    """Order the curves as the risk table or else the legend does."""
    by_row = {k: rows[i].y for i, k in owners.items()}

    def rank(k: int) -> tuple[int, float, float]:
        if k in by_row:
            return 0, by_row[k], 0.0
        if k in legend and drafts[k] is not None and drafts[k].source == "legend":  # type: ignore[union-attr]
            return 1, round(legend[k][0] / 8), legend[k][1]
        return 2, -float(curves[k].survival[-1]), 0.0

    return sorted(range(len(curves)), key=rank)
