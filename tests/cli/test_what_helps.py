"""``run --what-helps``: on the terminal, in both reports, and not where it makes no sense."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from tests.cli.conftest import Call, Files


@pytest.mark.slow
def test_run_says_what_to_look_for(survrecon: Callable[..., Call], record: Path, files: Files) -> None:
    """Table and totals are given, so that the marks alone are left; they decide where patients left."""
    out = files.folder / "run"
    call = survrecon("run", record, "-o", out, "--what-helps", "--draws", 40)
    assert call.status == 0, call.err
    assert "Worth looking for: the censoring marks." in call.out
    (found,) = json.loads((out / "report.json").read_text())["what_would_help"]
    assert [gain["name"] for gain in found["gains"]] == ["censoring marks"]
    assert found["gains"][0]["width"] < found["width"]
    assert found["gains"][0]["events"] == {"control": 0, "drug": 0}
    page = (out / "report.html").read_text()
    assert "What would narrow it most" in page
    assert "with censoring marks" in page
    assert survrecon("report", out).status == 0
    assert (out / "report.html").read_text() == page


def test_it_is_left_out_unless_asked_for(survrecon: Callable[..., Call], record: Path, files: Files) -> None:
    out = files.folder / "run"
    survrecon("run", record, "-o", out, "--method", "spread")
    assert "what_would_help" not in json.loads((out / "report.json").read_text())
    assert "What would narrow it most" not in (out / "report.html").read_text()


def test_it_needs_a_curve_and_draws_of_the_figure_alone(
    survrecon: Callable[..., Call], record: Path, files: Files
) -> None:
    for given, options, wrong in (
        (record, ("--method", "guyot"), "by a method that draws"),
        (record, ("--use", "hr"), "printed statistics narrow (hr)"),
        ("quiredex_ttp_2012-10", (), "with points"),
    ):
        call = survrecon("run", given, "-o", files.folder / "run", "--what-helps", *options)
        assert call.status == 2
        assert wrong in call.err
        assert not (files.folder / "run").exists()
