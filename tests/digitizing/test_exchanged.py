"""Exchanged arms never turn into agreement: the curves of a figure change places, its words and numbers stay."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import pytest

from examples.gallery.figures import FIGURES
from survrecon.checks.results import RecordResult, Verdict
from survrecon.digitizing import DigitizedFigure, digitize
from survrecon.errors import SurvreconError
from survrecon.model.quantities import Quantity
from survrecon.running.figure_record import digitized_record
from survrecon.running.record import run_record

if TYPE_CHECKING:
    from pathlib import Path

_DRAWS = 30
_OF_TWO_ARMS = [figure.name for figure in FIGURES if "panels" not in figure.name and "one-arm" not in figure.name]


def exchanged(figure: DigitizedFigure) -> DigitizedFigure:
    """Return a figure whose first two curves bear each other's name, rows and numbers."""
    first, second, *others = figure.arms
    drawn = ("time", "survival", "censor_times", "colour", "dash", "line_width")
    arms = [
        replace(one, **{key: getattr(other, key) for key in drawn}) for one, other in ((first, second), (second, first))
    ]
    return replace(figure, arms=(*arms, *others))


def results(figure: DigitizedFigure, folder: Path) -> RecordResult | None:
    """Return what comes of a figure; None where nothing can be rebuilt from it."""
    try:
        return run_record(digitized_record(folder, figure), draws=_DRAWS)
    except SurvreconError:
        return None


def verdicts(result: RecordResult) -> set[Verdict]:
    """Return the verdicts on a result's hazard ratios."""
    return {check.verdict for check in result.checks if check.quantity == Quantity.HAZARD_RATIO}


@pytest.mark.slow
@pytest.mark.parametrize("name", _OF_TWO_ARMS)
def test_no_figure_of_the_gallery_agrees_when_its_arms_are_exchanged(name: str, tmp_path: Path) -> None:
    drawn = next(figure for figure in FIGURES if figure.name == name)
    path = tmp_path / name
    drawn.draw(path)
    figure = digitize(path)
    result = results(exchanged(figure), tmp_path / "exchanged")
    assert result is None or Verdict.AGREES not in verdicts(result)
