"""What `run` does with cumulative incidences: one cause, with and without a word of competing events; two causes."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import numpy as np
import pytest

from survrecon.records.folder import read_figure
from tests.digitizing.rendered import Arm, Look, render_panels, simulate

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from tests.cli.conftest import Call

RISING = Look(rising=True)
COUNTS = ("--n", "Control=80,Drug=80")


def drawn(path: Path, title: str, names: tuple[str, ...] = ("Control", "Drug")) -> Path:
    rng = np.random.default_rng(4)
    arms: list[Arm] = [simulate(rng, name, 80, median=9 + 3 * k) for k, name in enumerate(names)]
    return render_panels(path, [(title, arms, RISING)])


@pytest.mark.parametrize(
    ("title", "estimator", "ratios"),
    [("Relapse", "Kaplan-Meier assumed", 1), ("Relapse, with Gray's test", "competing events", 0)],
)
def test_a_hazard_ratio_only_without_a_word_of_competing_events(
    survrecon: Callable[..., Call], tmp_path: Path, title: str, estimator: str, ratios: int
) -> None:
    figure = drawn(tmp_path / "f.svg", title)
    call = survrecon("run", figure, *COUNTS, "-o", tmp_path / "out", "--draws", 5)
    assert call.status == 0, call.err
    report = json.loads((tmp_path / "out" / "report.json").read_text())
    assert len(report["contrasts"]) == ratios
    assert read_figure(tmp_path / "out").document.digitized.estimator == estimator
    assert estimator in call.err
    assert len(report["arms"]) == 2


def test_who_says_that_curves_are_one_minus_survival_gets_the_ratio(
    survrecon: Callable[..., Call], tmp_path: Path
) -> None:
    figure = drawn(tmp_path / "f.svg", "Relapse, with Gray's test")
    call = survrecon("run", figure, "--one-minus-survival", *COUNTS, "-o", tmp_path / "out", "--draws", 5)
    assert call.status == 0, call.err
    assert json.loads((tmp_path / "out" / "report.json").read_text())["contrasts"]


def test_several_causes_are_read_and_not_rebuilt(survrecon: Callable[..., Call], tmp_path: Path) -> None:
    names = ("Drug, relapse", "Drug, death", "Control, relapse", "Control, death")
    figure = drawn(tmp_path / "f.svg", "Events", names)
    counts = [word for name in names for word in ("--n", f'"{name}"=80')]
    read = survrecon("digitize", figure, *counts, "-o", tmp_path / "record")
    assert read.status == 0, read.err
    assert read_figure(tmp_path / "record").document.digitized.estimator == "several causes"
    call = survrecon("run", figure, *counts, "-o", tmp_path / "out")
    assert call.status == 2
    assert "several causes, competing events" in call.err
    assert not (tmp_path / "out" / "ipd.csv").exists()
