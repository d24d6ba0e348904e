"""What is read in a minute: rows of hazard ratios, counts by class, groups of assumptions, all on 120 columns."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from survrecon.checks.results import Verdict
from survrecon.model.published import RatioClass
from survrecon.report.brief import assumption_groups, brief_table, ratio_counts

if TYPE_CHECKING:
    from survrecon.checks.results import RecordResult
    from tests.report.conftest import MakeResult

WIDEST = 120


def test_a_row_for_each_ratio_real_figures_first(make_result: MakeResult) -> None:
    results = [make_result("summary"), make_result("traced"), make_result("summary", built=False)]
    table = brief_table(results, details="--details")
    assert table.columns == ("record", "endpoint", "paper", "rebuilt", "allowed", "verdict")
    assert [row[-1] for row in table.rows] == ["inconclusive", "inconclusive", "not buildable"]
    text = table.plain()
    assert max(map(len, text.splitlines())) <= WIDEST
    assert text.rstrip().endswith("--details")


def test_long_names_leave_the_table_as_wide(make_result: MakeResult) -> None:
    result = make_result()
    long = replace(result, record=replace(result.record, name="a-trial-with-a-very-long-name_pfs_2020-01"))
    assert max(map(len, brief_table([long]).plain().splitlines())) <= WIDEST


def test_ratios_are_counted_by_class(make_result: MakeResult) -> None:
    counts = ratio_counts([make_result(), make_result(built=False)])
    one = make_result().checks[0].fact.model
    assert one is not None
    assert counts[one.ratio_class] == {Verdict.INCONCLUSIVE: 1, Verdict.NOT_BUILDABLE: 1}
    assert sum(sum(found.values()) for name, found in counts.items() if name is not one.ratio_class) == 0
    assert set(counts) == set(RatioClass)


def test_assumptions_that_begin_alike_have_one_line(make_result: MakeResult) -> None:
    def assuming(*texts: str) -> RecordResult:
        result = make_result()
        made = {name: replace(r, assumptions=texts) for name, r in result.reconstructions.items()}
        return replace(result, reconstructions=made)

    lines = assumption_groups(
        [
            assuming("loss from 0% to 5% a year", "hazard constant between points"),
            assuming("loss from 0% to 50% a year", "hazard constant between points"),
        ]
    )
    kept = [line for line in lines if "follow-up" not in line]
    assert kept == ["assumed: loss from 0% to 5% a year (and 1 like it)", "assumed: hazard constant between points"]
