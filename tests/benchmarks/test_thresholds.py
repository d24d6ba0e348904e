"""The command that changes thresholds of digitizing one by one, and the page that it writes."""

from __future__ import annotations

import re

import pytest

from benchmarks.thresholds import PAGE, Threshold, change, thresholds, varied
from tests.digitizing.made import a_figure, a_table, an_arm


def by_place() -> dict[str, Threshold]:
    return {f"{t.place}.{t.name}": t for t in thresholds()}


def test_every_threshold_is_found_with_what_it_is() -> None:
    found = by_place()
    assert len(found) > 400
    assert {"raster.TRACING.hidden_price", "panels.LABELS.stray", "words.NAMES.excess_tie"} <= set(found)
    assert [name for name, t in found.items() if not t.said] == []


def test_a_threshold_is_changed_while_a_block_runs_and_then_as_it_was() -> None:
    lines = by_place()["panels.REGIONS.lines"]
    with varied(lines, 0.5) as value:
        assert lines.value == value == 2
    assert lines.value == 3


def test_what_is_read_otherwise_is_told() -> None:
    arm = an_arm("Drug", [10.0, 30.0], [0.5, 0.5])
    usual = a_figure(arm, table=a_table([0, 10], Drug=[100, 50]))
    assert not change(usual, usual).noticed
    other = a_figure(an_arm("Control", [10.0, 30.0], [0.6, 0.6]), table=a_table([0, 10], Control=[100, 60]))
    found = change(usual, other)
    assert found.curves == pytest.approx(0.1 * 20 / 30, abs=0.001)
    assert (found.names, found.cells) == (1.0, 0.5)
    assert change(usual, None).refused


def test_the_page_names_thresholds_that_there_are_as_they_are() -> None:
    """Twenty rows: the place, the value, what it is; the page is written anew where one of them changes."""
    found = by_place()
    row = r"^\| `([\w.]+)` \| ([^|]+) \| ([^|]+) \| [^|]+ \| [^|]+ \|$"
    rows = re.findall(row, PAGE.read_text(encoding="utf-8"), re.MULTILINE)
    assert len(rows) == 20
    assert {place: (value, said) for place, value, said in rows} == {
        place: (f"{found[place].value:g}", found[place].said) for place, _, _ in rows
    }
