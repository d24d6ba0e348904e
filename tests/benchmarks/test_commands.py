"""``python -m benchmarks`` runs what it is asked to run, and the benchmarks run."""

from pathlib import Path

import pandas as pd
import pytest

from benchmarks import coverage, results
from benchmarks.__main__ import commands
from benchmarks.accuracy import score
from benchmarks.cases import INFORMATION, POINTS
from benchmarks.digitized import own_cases
from benchmarks.running import side_by_side
from benchmarks.simulated import simulate
from survrecon.reconstruction.reconstruct import Method


def test_everything_with_its_inputs() -> None:
    names = [command[0] for command in commands(["--cases", "there", "--jobs", "2"])]
    usual = ["accuracy", "accuracy", "coverage", "speed", "catalogue", "constraints", "batch", "months", "fuzz"]
    assert names == [*usual, "review_speed", "two_readers"]


def test_a_selection_and_its_options() -> None:
    found = commands(["accuracy", "speed", "--cases", "there", "--quick"])
    assert found == [
        ["accuracy", "--jobs", "1", "--quick"],
        ["accuracy", "--cases", "there", "--jobs", "1", "--quick"],
        ["speed", "--quick"],
    ]


def test_a_folder_of_figures_is_handed_on() -> None:
    assert commands(["digitizing", "--figures", "there"]) == [["digitizing", "there"]]
    assert commands(["digitizing", "--figures", "there", "--quick"]) == [["digitizing", "there", "--quick"]]


def test_parts_of_a_benchmark_are_handed_on() -> None:
    assert commands(["fuzz", "words", "--count", "40"]) == [["fuzz", "--jobs", "1", "words", "--count", "40"]]


@pytest.mark.parametrize("wrong", [["precision"], ["speed", "coverage", "--trials", "3"], ["edge_cases"]])
def test_what_is_not_known_is_refused(wrong: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit):
        commands(wrong)
    assert "error" in capsys.readouterr().err


def test_a_simulated_trial_is_the_same_again_and_shows_what_its_patients_show() -> None:
    import numpy as np

    first, second = (simulate(np.random.default_rng([1, 7])) for _ in range(2))
    for one, other in zip(first.arms, second.arms, strict=True):
        assert one.patients.time.tolist() == other.patients.time.tolist()
        assert one.table.at_risk.tolist() == [(one.patients.time >= t).sum() for t in one.table.time]
        assert one.points["vector"].survival[-1] == pytest.approx(one.patients.survival_at([1e9])[0], abs=1e-5)
        assert set(one.points) == set(POINTS)


@pytest.mark.slow
def test_a_small_coverage_run_writes_its_section(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(results, "RESULTS", tmp_path / "RESULTS.md")
    rows = tmp_path / "rows.csv"
    coverage.main(["--trials", "1", "--draws", "20", "--points", "vector", "--rows", str(rows)])
    text = (tmp_path / "RESULTS.md").read_text()
    assert "## Coverage: vector" in text
    assert text.count("| vector |") == len(INFORMATION) * len(coverage.QUANTITIES)
    seen = pd.read_csv(rows)
    assert len(seen) == len(INFORMATION) * 5  # a contrast, and two quantities of each of two arms
    known = seen[(seen["quantity"] == "events") & seen["information"].isin(["events", "full", "all"])]
    assert known["fixed"].all()
    assert (known["error"] == 0).all()


def test_processes_answer_in_order() -> None:
    calls = [(n, 7) for n in (3, 50, 21)]
    assert side_by_side(divmod, calls, 2, "") == side_by_side(divmod, calls, 1, "") == [(0, 3), (7, 1), (3, 0)]


@pytest.mark.slow
def test_processes_give_the_same_in_the_same_order() -> None:
    calls = [(1, trial, "vector", "full", 20) for trial in range(3)]
    alone, together = (side_by_side(coverage.observe, calls, jobs, "") for jobs in (1, 2))
    places = [[(o.trial, o.quantity, o.arm, o.place) for trial in found for o in trial] for found in (alone, together)]
    assert places[0] == places[1]


def test_a_figure_is_scored_against_its_patients(tmp_path: Path) -> None:
    case = next(c for c in own_cases() if c.name == "gbsg2_hormone")
    found = score(case, "vector", "full", Method.SPREAD, 0, tmp_path)
    assert (found.failed, found.n, found.events_exact) == (0, 0, 1)
    assert (tmp_path / "gbsg2_hormone" / "vector" / "spread_full_arm1.csv").is_file()
