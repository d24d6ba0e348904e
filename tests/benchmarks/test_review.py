"""Benchmarks of the review page, as small as they come: they run, and leave RESULTS.md as it is."""

from __future__ import annotations

import pytest

from benchmarks import review_speed, two_readers
from benchmarks.results import RESULTS


@pytest.mark.slow
def test_two_readers_of_a_trial_are_compared(capsys: pytest.CaptureFixture[str]) -> None:
    before = RESULTS.read_bytes()
    two_readers.main(["--trials", "10", "--rereads", "2", "--draws", "2", "--quick"])
    told = capsys.readouterr().out
    assert "2 simulated rereads of each reading, 2 data sets an arm." in told
    assert "| pairs of readers | 1 |" in told
    assert RESULTS.read_bytes() == before


@pytest.mark.slow
def test_edits_of_a_small_figure_are_timed(capsys: pytest.CaptureFixture[str]) -> None:
    before = RESULTS.read_bytes()
    review_speed.main(["--patients", "30", "--quick"])
    told = capsys.readouterr().out
    assert [line.split(" | ")[0] for line in told.splitlines()[2:]] == [
        "| drawing commands, 30 an arm",
        "| pixels, 30 an arm",
    ]
    assert RESULTS.read_bytes() == before
