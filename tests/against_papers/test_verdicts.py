"""Every check of every record against its paper: the verdict is pinned, hazard ratios first.

A change of a verdict is a change of what survrecon says of a paper; ``pin_verdicts.py`` writes the file anew.
"""

from __future__ import annotations

import csv
from collections import Counter
from math import log
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from benchmarks.real_contrasts import listed, rows_of
from survrecon.checks.agreement import published_log_se
from survrecon.checks.results import Verdict
from survrecon.model.published import Quantity
from survrecon.records.folder import catalogue
from survrecon.report.brief import brief_table
from survrecon.running.record import run_record
from tests.against_papers.conftest import names_of
from tests.against_papers.pin_verdicts import VERDICTS
from tests.readme import README, with_contrasts, with_table

if TYPE_CHECKING:
    from survrecon.checks.results import RecordResult

with VERDICTS.open(newline="", encoding="utf-8") as stream:
    PINNED = [(row["record"], row["check"], row["verdict"]) for row in csv.DictReader(stream)]

FIGURES = names_of(figures=True)
OF_NUMBERS = [row for row in PINNED if row[0] not in FIGURES]
HAZARD_RATIOS_FIRST = sorted(OF_NUMBERS, key=lambda row: "hazard" not in row[1])

BEYOND_THE_BAR = {
    # what the paper prints beside these hazard ratios implies another one; the README says why
    "mm009-mm010_os_2007-01",
    "mm010_ttp_2008-03",
}


@pytest.mark.parametrize(("record", "check", "verdict"), HAZARD_RATIOS_FIRST)
def test_verdict(catalogue_results: dict[str, RecordResult], record: str, check: str, verdict: str) -> None:
    found = {c.label: str(c.verdict) for c in catalogue_results[record].checks}
    assert found[check] == verdict


def test_nothing_is_left_unpinned(catalogue_results: dict[str, RecordResult]) -> None:
    checks = Counter((name, c.label) for name, result in catalogue_results.items() for c in result.checks)
    assert checks == Counter((record, check) for record, check, _ in OF_NUMBERS)
    assert {*catalogue_results, *FIGURES} == {folder.name for folder in catalogue()}


@pytest.mark.slow
def test_records_of_figures_keep_their_verdicts(figure_results: dict[str, RecordResult]) -> None:
    found = [(name, c.label, str(c.verdict)) for name, result in figure_results.items() for c in result.checks]
    assert sorted(found) == sorted(row for row in PINNED if row[0] in FIGURES)
    assert not [check.label for result in figure_results.values() for check in result.unexplained]


@pytest.mark.slow
def test_every_listed_contrast_is_shown_as_the_readme_says(figure_results: dict[str, RecordResult]) -> None:
    """Each of the list, whatever came of it; what can be judged is within its bar."""
    found = rows_of(list(figure_results.values()))
    assert len(found) == len(listed())
    assert not [row.name for row in found if row.judged and not row.within_bar]
    text = README.read_text(encoding="utf-8")
    assert with_contrasts(text, list(figure_results.values())) == text, "run: python -m tests.readme"


@pytest.mark.slow
def test_the_whole_catalogue_is_read_in_a_minute(
    catalogue_results: dict[str, RecordResult], figure_results: dict[str, RecordResult]
) -> None:
    """What ``survrecon reproduce`` prints without details."""
    results = [*catalogue_results.values(), *figure_results.values()]
    lines = brief_table(results, details="--details").plain().splitlines()
    assert len(lines) <= 80
    assert max(map(len, lines)) <= 120


def test_curves_of_patients_who_enter_late_are_not_built_from() -> None:
    """Numbers at risk that rise at first are of no cohort seen from time 0: the printed ratio is shown, no more."""
    result = run_record("ntrk-os-a")
    assert not result.arms
    assert "enter late" in (result.not_buildable or "")
    assert {check.verdict for check in result.checks} == {Verdict.NOT_BUILDABLE}


def test_no_picture_of_a_figure_is_kept() -> None:
    """Published figures are their publishers': a record holds text alone, and its drawing no picture."""
    root = Path(__file__).parents[2] / "digitized_curves"
    for path in root.rglob("*"):
        assert path.is_dir() or path.suffix in (".csv", ".toml", ".md", ".svg"), path
        if path.suffix == ".svg":
            text = path.read_text(encoding="utf-8")
            assert "<image" not in text, path
            assert "data:" not in text, path


def test_the_readme_shows_these_hazard_ratios(catalogue_results: dict[str, RecordResult]) -> None:
    """Here, so that one worker rebuilds the catalogue and no other does."""
    text = README.read_text(encoding="utf-8")
    assert with_table(text, list(catalogue_results.values())) == text, "run: python -m tests.readme"


def test_every_printed_hazard_ratio_has_a_verdict(catalogue_results: dict[str, RecordResult]) -> None:
    for name, result in catalogue_results.items():
        printed = result.record.document.facts_of(Quantity.HAZARD_RATIO)
        checked = [c for c in result.checks if c.quantity == "hazard_ratio"]
        assert len(checked) == len(printed), name


def test_hazard_ratios_are_near_or_listed(catalogue_results: dict[str, RecordResult]) -> None:
    """Within 0.10 or half the published standard error of ln HR, whichever is larger; the rest is listed above."""
    beyond = set()
    for name, result in catalogue_results.items():
        for check in result.checks:
            if check.quantity != "hazard_ratio" or check.obtained is None or check.published is None:
                continue
            se = published_log_se(check.fact)
            allowed = max(0.10, 0.5 * se[0] if se else 0.0)
            if abs(log(check.obtained / check.published)) > allowed:
                beyond.add(name)
    assert beyond == BEYOND_THE_BAR


def test_no_difference_without_an_explanation(catalogue_results: dict[str, RecordResult]) -> None:
    assert not [check.label for result in catalogue_results.values() for check in result.unexplained]


def test_a_number_that_builds_is_no_check(catalogue_results: dict[str, RecordResult]) -> None:
    """Hazard ratios, their errors and p values never build; every other check was rebuilt without its number."""
    for result in catalogue_results.values():
        for check in result.checks:
            if check.verdict in (Verdict.NOT_BUILDABLE, Verdict.NOT_CHECKABLE):
                assert check.obtained is None
            elif check.quantity not in ("hazard_ratio", "hazard_ratio_se", "logrank_z"):
                assert "left out" in check.note, check.label


def test_draws_print_what_the_paper_prints(catalogue_results: dict[str, RecordResult]) -> None:
    for name, result in catalogue_results.items():
        for arm in result.arms:
            document = result.record.document
            for fact in document.facts_of(Quantity.SURVIVAL, arm.name):
                for draw in arm.draws:
                    off = abs(float(draw.survival_at(fact.at or 0)) - (fact.number or 0))
                    assert off <= fact.rounding + 1e-9, name
            for total in document.facts_of(Quantity.EVENTS, arm.name):
                assert {draw.events for draw in arm.draws} == {total.number}
            assert {draw.n for draw in arm.draws} == {next(a.n for a in document.arms if a.name == arm.name)}
