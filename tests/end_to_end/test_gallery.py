"""From figure files to hazard ratios, held to the patients that the figures were drawn from.

Nothing is typed: names, numbers of patients and numbers at risk are read. The bars are those of the method, not of
a figure: what is printed is read exactly; survival to the last decimal of a drawing, or to about two pixels of the
images drawn here; ln HR within 0.05, half the widest margin that a printed hazard ratio is judged by.
"""

from __future__ import annotations

import numpy as np
import pytest

from examples.gallery.figures import FIGURES
from survrecon.record import SourceKind
from tests.end_to_end.conftest import Measured

NAMES = [figure.name for figure in FIGURES]
DRAWN = 1e-4
TRACED = 0.004
LOG_RATIO = 0.05
MIDDLE, OUTER = 0.005, 0.02
"""Median and 90th percentile of the error of ln HR over the gallery."""


def events_allowed(n: int, kind: SourceKind, *, table: bool) -> float:
    """Return by how many events an arm may be off.

    A drawing gives steps and numbers at risk exactly, so every event. Survival that is off by a constant delta
    shifts a total by N delta; with one more for rounding, and without a risk table twice as many, since then the
    number at risk is itself an estimate.
    """
    if kind is SourceKind.VECTOR:
        return 0.5
    return (1 + TRACED * n) * (1 if table else 2)


@pytest.mark.parametrize("name", NAMES)
def test_what_is_printed_is_read_exactly(measured: Measured, name: str) -> None:
    for panel in measured(name):
        assert set(panel.names) == set(panel.panel.arms)
        for arm in panel.arms:
            assert (arm.name, arm.n) == (arm.name, arm.true_n)
            assert (arm.name, arm.cells_exact) == (arm.name, arm.cells)


@pytest.mark.parametrize("name", NAMES)
def test_survival(measured: Measured, name: str) -> None:
    for panel in measured(name):
        for arm in panel.arms:
            if panel.kind is SourceKind.VECTOR:
                assert arm.away_error < DRAWN, arm.name
            else:
                assert arm.mean_error < TRACED, arm.name


@pytest.mark.parametrize("name", NAMES)
def test_events(measured: Measured, name: str) -> None:
    for panel in measured(name):
        for arm in panel.arms:
            allowed = events_allowed(arm.true_n, panel.kind, table=arm.cells > 0)
            assert abs(arm.events - arm.true_events) <= allowed, arm.name


@pytest.mark.parametrize("name", NAMES)
def test_hazard_ratio(measured: Measured, name: str) -> None:
    for panel in measured(name):
        assert len(panel.contrasts) == len(panel.panel.arms) - 1
        for contrast in panel.contrasts:
            assert contrast.log_error < LOG_RATIO, contrast.of


def test_hazard_ratios_of_the_gallery(measured: Measured) -> None:
    errors = [c.log_error for name in NAMES for panel in measured(name) for c in panel.contrasts]
    assert np.median(errors) < MIDDLE
    assert np.quantile(errors, 0.9) < OUTER
