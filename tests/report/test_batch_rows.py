"""A printed ratio in a batch's summary stands the way round in which it was compared, as its check says."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest

from survrecon.checks.agreement import check_hazard_ratio
from survrecon.report.content.batch import BatchRow, finished_row
from survrecon.report.json import result_to_dict
from tests.by_hand.facts import ratio

if TYPE_CHECKING:
    from survrecon.checks.results import RecordResult

TURNED = {"of": "placebo", "over": "drug"}


def row_of(result: RecordResult, obtained: float, **keys: Any) -> BatchRow:
    checks = check_hazard_ratio(
        ratio(decimals=2, **keys), np.log([obtained]), np.array([0.2]), of="drug", over="placebo"
    )
    return finished_row(result_to_dict(replace(result, checks=checks)), id="one", figure="one.svg")


@pytest.mark.parametrize(
    ("keys", "value", "low", "high"),
    [
        ({"value": 50.0, "interval": [0.0, 60.0], **TURNED}, 1 / 50, 1 / 60, None),
        ({"value": 1.0, "interval": [0.5, 1.6], **TURNED}, 1.0, 1 / 1.6, 2.0),
        ({"value": 1.0, "interval": [0.5, 1.6]}, 1.0, 0.5, 1.6),
    ],
    ids=["limit of 0", "1 turned", "1 as printed"],
)
def test_the_printed_interval(
    result: RecordResult, keys: dict[str, Any], value: float, low: float, high: float | None
) -> None:
    """A limit of 0.00, turned round, was a division by zero; 1.00 was taken for the direction that it was not in."""
    printed = row_of(result, 0.8, **keys).printed
    assert printed is not None
    assert printed.value == pytest.approx(value)
    assert printed.interval is not None
    assert printed.interval.low == pytest.approx(low)
    assert printed.interval.high == (None if high is None else pytest.approx(high))


def test_the_level_goes_along(result: RecordResult) -> None:
    printed = row_of(result, 0.8, value=0.8, interval={"low": 0.5, "high": 1.2, "level": 0.9}).printed
    assert printed is not None
    assert printed.interval is not None
    assert printed.interval.level == 0.9


def test_a_ratio_that_was_not_compared_stands_in_the_same_direction(result: RecordResult) -> None:
    printed = row_of(result, np.nan, value=2.5, **TURNED).printed
    assert printed is not None
    assert printed.value == pytest.approx(0.4)
