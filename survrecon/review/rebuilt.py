"""What is rebuilt from a working record after an edit: curves, residuals, numbers at risk, the grade, no hazard ratio.

Corrections are made by what the picture shows: ratios, differences from printed numbers and verdicts come once the
reader has accepted (`accepted_result`).
"""

from __future__ import annotations

import tempfile
from collections import OrderedDict
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from survrecon.callers import in_shell
from survrecon.errors import SurvreconError
from survrecon.model.convention import AtRiskConvention
from survrecon.records.folder import with_files
from survrecon.report.json import plain, result_to_dict
from survrecon.review.operations import differences
from survrecon.review.record import record_parts
from survrecon.review.settings import REBUILDING
from survrecon.running.record import rebuild_arm, run_record

if TYPE_CHECKING:
    from survrecon.arrays import FloatArray
    from survrecon.model.ipd import PseudoIPD, Reconstruction
    from survrecon.records.folder import FigureRecord, FilesRead
    from survrecon.records.schema import Arm
    from survrecon.review.record import RecordParts
    from survrecon.review.state import ReviewState

__all__ = ["Rebuilder", "accepted_result", "error_words", "record_in_memory"]

_KEPT = 24
"""Arms whose rebuilt patients are kept, so that an edit of one arm leaves the others alone, and an undo is quick."""
_SHOWN = 40
"""Letters of a value in the list of differences."""


def error_words(error: SurvreconError) -> dict[str, str]:
    """Return an error in its four parts, as the page shows it."""
    parts = {"where": error.where, "rule": error.rule, "got": error.got, "advice": error.advice}
    return {key: part.spelled(in_shell) for key, part in parts.items()}


def record_in_memory(parts: RecordParts, name: str = "review", read_before: FilesRead | None = None) -> FigureRecord:
    """Return a record as `survrecon.records.folder.read_figure` reads it, of files that are gone when this returns.

    ``read_before`` is as for `survrecon.records.folder.with_files`.

    Raises
    ------
    SurvreconError
        If points are no survival curve.
    """
    with tempfile.TemporaryDirectory(prefix="survrecon-") as place:
        folder = Path(place) / name
        folder.mkdir()
        for file, text in parts.files.items():
            (folder / file).write_text(text, encoding="utf-8")
        return with_files(folder, parts.document, read_before)


class Rebuilder:
    """Rebuilds the arms of working records for a look, each once as long as nothing of it changes."""

    def __init__(self, draws: int = REBUILDING.draws, seed: int = REBUILDING.seed) -> None:
        self.draws = draws
        self.seed = seed
        self._kept: OrderedDict[str, tuple[Reconstruction, list[PseudoIPD]]] = OrderedDict()
        self._read_before: FilesRead = {}

    def result(self, state: ReviewState, seen: ReviewState | None) -> dict[str, Any]:
        """Return what the page shows beside the curves.

        Parameters
        ----------
        state : ReviewState
            The working record.
        seen : ReviewState or None
            The program's reading, if the reader may see it.
        """
        told = None if seen is None else _told(seen, state)
        try:
            parts = record_parts(state, seen)
            if len(self._read_before) > _KEPT:
                self._read_before.clear()
            record = record_in_memory(parts, read_before=self._read_before)
        except SurvreconError as error:
            return {"grade": None, "arms": [], "differences": told, "error": error_words(error)}
        reading = parts.figure.reading
        arms = [
            self._arm(state, record, arm) | {"id": one.id}
            for one, arm in zip(state.arms, parts.document.arms, strict=True)
        ]
        found = None if reading is None else {"grade": str(reading.internal), "reasons": list(reading.reasons)}
        remarks = list(parts.document.digitized.remarks)
        cleaned: dict[str, Any] = plain(
            {"grade": found, "arms": arms, "draws": self.draws, "differences": told, "remarks": remarks, "error": None}
        )
        return cleaned

    def _arm(self, state: ReviewState, record: FigureRecord, arm: Arm) -> dict[str, Any]:
        empty: dict[str, Any] = {"n": arm.n, "events": None, "curve": None, "residuals": [], "at_risk": []}
        if arm.n is None:
            said = {"where": f"arm {arm.name}", "rule": "its number of patients", "got": "none"}
            return empty | {"error": said | {"advice": "type N, or the number at risk at time 0"}}
        try:
            made, draws = self._rebuilt(record, arm)
        except SurvreconError as error:
            return empty | {"error": error_words(error)}
        times, after = made.ipd.kaplan_meier()
        end = float(made.ipd.time[-1])
        x = state.time_axis.pixel(np.concatenate([[0.0], times, [end]]))
        y = state.heights(np.concatenate([[1.0], after, after[-1:] if after.size else [1.0]]))
        points = record.curves[arm.name]
        residuals = made.ipd.residuals_from(points)
        events = [ipd.events for ipd in draws]
        return {
            "n": arm.n,
            "events": made.ipd.events,
            "events_interval": [min(events), max(events)],
            "curve": np.column_stack([x, y]),
            "residual_mean": float(np.abs(residuals).mean()) if residuals.size else 0.0,
            "residual_largest": float(np.abs(residuals).max(initial=0.0)),
            "residuals": _thinned(state, points.time, residuals),
            "at_risk": _at_risk(record, arm, made, draws),
            "error": None,
        }

    def _rebuilt(self, record: FigureRecord, arm: Arm) -> tuple[Reconstruction, list[PseudoIPD]]:
        """Return an arm's patients and draws, those from before where nothing of the arm changed."""
        table, marks = record.risk_tables.get(arm.name), record.censor_times.get(arm.name)
        curve = record.curves[arm.name]
        told = () if table is None else table.events
        parts = (arm.n, arm.events, told, arm.ends_at, arm.cut, record.document.arms.index(arm), curve.resolution)
        arrays = [curve.time, curve.survival] + ([] if table is None else [table.time, table.at_risk])
        key = repr((parts, [a.tobytes() for a in arrays], None if marks is None else marks.tobytes()))
        if key not in self._kept:
            made = rebuild_arm(record, arm, self.seed, quick=True)
            self._kept[key] = (made, made.draws(self.draws) if made.has_draws else [made.ipd])
        self._kept.move_to_end(key)
        while len(self._kept) > _KEPT:
            self._kept.popitem(last=False)
        return self._kept[key]


def _thinned(state: ReviewState, time: FloatArray, residuals: FloatArray) -> list[list[float]]:
    """Return residuals by their place, the largest of each pixel column."""
    worst: dict[int, list[float]] = {}
    for x, off in zip(state.time_axis.pixel(time).tolist(), residuals.tolist(), strict=True):
        if abs(off) >= abs(worst.get(round(x), [0.0, 0.0])[1]):
            worst[round(x)] = [x, off]
    return list(worst.values())


def _at_risk(record: FigureRecord, arm: Arm, made: Reconstruction, draws: list[PseudoIPD]) -> list[dict[str, Any]]:
    """Return printed beside rebuilt numbers at risk, with their range over the draws."""
    table = record.risk_tables.get(arm.name)
    if table is None:
        return []
    given = None if made.given is None else made.given.risk_table
    convention = table.convention if given is None else given.convention
    convention = AtRiskConvention.BEFORE if convention is AtRiskConvention.AUTO else convention
    rebuilt = made.ipd.at_risk(table.time, convention)
    every = np.array([ipd.at_risk(table.time, convention) for ipd in draws])
    return [
        {"time": time, "printed": printed, "rebuilt": count, "low": low, "high": high}
        for time, printed, count, low, high in zip(
            table.time, table.at_risk, rebuilt, every.min(axis=0), every.max(axis=0), strict=True
        )
    ]


def _told(before: ReviewState, after: ReviewState) -> list[str]:
    """Return in words what a person changed of the program's reading."""
    said = []
    for place, (old, new) in differences(before, after).items():
        if place.startswith("doubts"):
            continue
        if isinstance(old, list) and isinstance(new, list):
            said.append(f"{place}: {len(old)} replaced by {len(new)}")
        else:
            said.append(f"{place}: {str(old)[:_SHOWN]} to {str(new)[:_SHOWN]}")
    return said


def accepted_result(folder: Path, draws: int = REBUILDING.accepted_draws) -> dict[str, Any]:
    """Return what a record that was accepted says: contrasts, checks, and the grade by printed results.

    Raises
    ------
    SurvreconError
        If nothing can be rebuilt from it.
    """
    told = result_to_dict(run_record(folder, draws=draws, seed=REBUILDING.seed))
    return {key: told[key] for key in ("contrasts", "checks", "reading")}
