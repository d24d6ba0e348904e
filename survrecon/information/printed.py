"""What a data set would have printed: its total events, its numbers at risk, its censoring marks."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from survrecon.curve import AtRiskConvention, FloatArray, RiskTable
from survrecon.information.results import Information
from survrecon.ipd import Given, PseudoIPD, Reconstruction

__all__ = ["missing", "told_apart", "usual_times", "with_more"]

_MOST_COLUMNS = 7
_STEPS = (1, 2, 2.5, 3, 4, 5, 6, 8, 10)
_MARK = 300
"""Censoring marks that a reader can tell apart on the axis of a figure read by eye or pixel: a mark is two of 600
pixels wide at least."""


def missing(given: Given) -> tuple[Information, ...]:
    """Return what an arm was rebuilt without."""
    has = {
        Information.EVENTS: given.events is not None,
        Information.RISK_TABLE: given.risk_table is not None,
        Information.MARKS: given.censor_times is not None,
    }
    return tuple(information for information, there in has.items() if not there)


def with_more(
    result: Reconstruction, given: Given, truth: PseudoIPD, more: tuple[Information, ...], at: FloatArray
) -> Given:
    """Return the inputs of an arm with what a data set would have printed beside them; what is given stays.

    Parameters
    ----------
    result : Reconstruction
        The arm as rebuilt now.
    given : Given
        Its inputs.
    truth : PseudoIPD
        The data set that is taken for the truth.
    more : tuple of Information
        What to add.
    at : array of float, shape (r,)
        Times of the numbers at risk.
    """
    added = set(more) & set(missing(given))
    if Information.EVENTS in added:
        given = replace(given, events=truth.events)
    if Information.RISK_TABLE in added:
        table = RiskTable(time=at, at_risk=truth.at_risk(at), convention=AtRiskConvention.BEFORE)
        given = replace(given, risk_table=table)
    if Information.MARKS in added:
        exact = result.diagnostics.get("kind") == "steps"
        gap = 0.0 if exact else float(given.curve.time.max()) / _MARK
        given = replace(given, censor_times=told_apart(truth.time[~truth.event], gap))
    return given


def usual_times(end: float) -> FloatArray:
    """Return evenly spaced round times from 0, at most seven, as tables under figures have them.

    Examples
    --------
    >>> usual_times(36).tolist()
    [0.0, 6.0, 12.0, 18.0, 24.0, 30.0, 36.0]
    >>> usual_times(0.9).tolist()
    [0.0, 0.2, 0.4, 0.6, 0.8]
    """
    unit = 10.0 ** np.floor(np.log10(end / _MOST_COLUMNS))
    step = next(m for m in _STEPS if end / (m * unit) < _MOST_COLUMNS) * unit
    return np.asarray(np.round(np.arange(int(end / step * (1 + 1e-12)) + 1) * step, 12))


def told_apart(times: FloatArray, gap: float) -> FloatArray:
    """Return the marks a reader sees: rising times, those less than ``gap`` after the one before left out.

    Examples
    --------
    >>> told_apart(np.array([3.0, 1.0, 1.0, 1.4]), 0.5).tolist()
    [1.0, 3.0]
    """
    seen: list[float] = []
    for time in np.unique(times).tolist():
        if not seen or time - seen[-1] >= gap:
            seen.append(time)
    return np.array(seen)
